"""The work of a meeting by keyboard alone, in Chromium: a file kept, a scenario saved, a chart pinned, slides made."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser import serving, settle
from tests.keyboard import press, reach

pytestmark = pytest.mark.browser
NETWORKS = ("菜鸟驿站", "多多驿站", "丰巢")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A server of its own, whose workspace is in a folder of pytest's."""
    with serving(tmp_path_factory.mktemp("walk")) as address:
        yield address


@pytest.fixture
def volumes(tmp_path):
    file = tmp_path / "volumes.csv"
    rows = [f"2025-0{m},杭州,{p},{m * 1000}" for m in (1, 2, 3) for p in NETWORKS]
    file.write_text("\n".join(["month,city,platform,parcels", *rows]), "utf-8")
    return file


def test_a_file_is_uploaded_and_kept(page, volumes):
    opened = page("/data", wait=False)
    opened.on("filechooser", lambda _: None)  # from now on it is caught; asked for with the key, the key may be first
    settle(opened)
    upload = opened.locator("[data-testid=stFileUploaderDropzone] button")
    reach(opened, upload)
    with opened.expect_file_chooser() as chooser:
        opened.keyboard.press("Enter")
    chooser.value.set_files(volumes)
    save = opened.locator(".st-key-save button")
    expect(save).to_be_enabled()
    settle(opened)
    press(opened, save)
    expect(opened.locator(".st-key-header")).to_contain_text("volumes")


def test_a_scenario_is_built_and_saved(page):
    opened = page("/scenario", wait=False)
    settle(opened)
    lever = opened.locator("[data-testid=stSlider] input[type=range]").first
    before = lever.get_attribute("aria-valuenow") or lever.input_value()
    reach(opened, lever)
    opened.keyboard.press("ArrowRight")
    expect(opened).to_have_url(re.compile("plan="))
    settle(opened)
    assert (lever.get_attribute("aria-valuenow") or lever.input_value()) != before
    name = opened.get_by_role("textbox", name=re.compile("Name of the plan")).first
    reach(opened, name, "Shift+Tab")
    opened.keyboard.press("ControlOrMeta+a")
    opened.keyboard.type("By keyboard")
    opened.keyboard.press("Enter")
    settle(opened)
    press(opened, opened.locator(".st-key-save_plan button, .st-key-save_box button").first)
    expect(opened).to_have_url(re.compile("saved="))
    expect(name).to_have_value("By keyboard")


def test_a_chart_is_pinned_and_exported_as_slides(page):
    opened = page("/", wait=False)
    settle(opened)
    press(opened, opened.locator(".st-key-pin_tiers button"))
    expect(opened.locator("[data-testid=stToast]").first).to_be_visible()
    settle(opened)
    link = opened.get_by_role("link", name="Present").first
    press(opened, link)
    expect(opened.get_by_role("heading", level=1, name="Present")).to_be_visible()
    settle(opened)
    sides = opened.locator("[class*=st-key-side]").first
    reach(opened, sides)
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Space")
    expect(opened).to_have_url(re.compile("side=export"))
    build = opened.locator(".st-key-export_build button")
    expect(build).to_be_enabled()
    settle(opened)
    press(opened, build)
    download = opened.locator(".st-key-export_download button")
    expect(download).to_be_visible()
    settle(opened)
    reach(opened, download)
    with opened.expect_download() as handed:
        opened.keyboard.press("Enter")
    with ZipFile(Path(handed.value.path())) as deck:
        assert [name for name in deck.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
