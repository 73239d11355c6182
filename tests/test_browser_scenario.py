"""The Scenario page as a strategist uses it, in Chromium: build, read, keep, reopen elsewhere, compare, export."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.text import say
from tests.browser import serving, settle

pytestmark = pytest.mark.browser
PLAN = "n.War~l.duoduo.subsidy.0.05.t3.t4~r.cainiao.match.0.5.w3"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A server of its own, whose kept plans are in a folder of pytest's."""
    with serving(tmp_path_factory.mktemp("kept")) as address:
        yield address


def finding(page):
    return page.locator(".st-key-outcome h2")


def strip(page):
    return page.locator(".st-key-figures")


def press(page, slider, key, times=1):
    page.locator(f".st-key-lever-duoduo-subsidy-{slider} input[type=range]").focus()
    for _ in range(times):
        page.keyboard.press(key)


def test_a_war_is_built_with_the_keyboard_and_restored_from_its_link_elsewhere(page):
    opened = page("/scenario?plan=n.War")
    expect(finding(opened)).to_be_visible()
    for slider in ("t4", "t5"):
        press(opened, slider, "ArrowRight", 5)
        expect(opened).to_have_url(re.compile(r"subsidy\.0\.05"))
        settle(opened)
    opened.locator(".st-key-fold_rivals button").first.click()
    box = opened.locator(".st-key-rule-cainiao input")
    box.click()
    opened.get_by_role("option", name=say("plan.rule_match", "en")).click()
    later = opened.locator(".st-key-rule-cainiao-lag input")
    later.fill("3")
    later.press("Enter")
    expect(opened).to_have_url(re.compile(re.escape(PLAN)))
    settle(opened)
    expect(strip(opened)).to_contain_text("%")
    expect(finding(opened)).to_contain_text("95 %")
    again = page("/scenario?" + opened.url.split("?")[1])
    expect(finding(again)).to_contain_text("95 %")
    settle(again)
    assert finding(again).inner_text() == finding(opened).inner_text()
    assert strip(again).inner_text() == strip(opened).inner_text()


def test_a_plan_is_kept_and_opened_by_its_id_in_another_browser(page):
    opened = page(f"/scenario?plan={PLAN}")
    opened.locator(".st-key-save_plan button").click()
    expect(opened.get_by_text(say("plan.saved_as", "en", name="War", version=1))).to_be_visible()
    expect(opened).to_have_url(re.compile("saved="))
    id = re.search("saved=(\\w+)", opened.url)[1]
    again = page(f"/scenario?saved={id}&section=saved")
    expect(again).to_have_url(re.compile(re.escape(PLAN)))
    expect(again.get_by_role("heading", name=say("plan.versions_1", "en", name="War"))).to_be_visible()


def test_a_plan_is_compared_with_a_preset(page):
    opened = page(f"/scenario?plan={PLAN}&section=compare&beside=preset.duoduo")
    expect(opened.locator(".st-key-card_compare h2")).to_contain_text(say("preset.duoduo", "en"))
    expect(opened.locator(".st-key-card_inputs h2")).to_be_visible()


def test_exports_hold_the_name_the_grade_and_the_version_and_the_file_restores_the_plan(page, tmp_path):
    opened = page(f"/scenario?plan={PLAN}")
    opened.locator(".st-key-share_plan button").first.click()
    with opened.expect_download() as table:
        opened.locator(".st-key-plan_csv button").click()
    rows = Path(table.value.path()).read_text("utf-8-sig").splitlines()
    assert all(text in rows[0] for text in (say("plan.column_name", "en"), say("grade.heading", "en")))
    assert "War" in rows[1]
    assert say("grade.modelled", "en") in rows[1]
    with opened.expect_download() as document:
        opened.locator(".st-key-plan_file button").click()
    file = tmp_path / "plan.json"
    file.write_bytes(Path(document.value.path()).read_bytes())
    again = page("/scenario?plan=n.Other")
    again.locator(".st-key-share_plan button").first.click()
    again.locator(".st-key-plan_upload input[type=file]").set_input_files(file)
    expect(again).to_have_url(re.compile(re.escape(PLAN)))


def test_a_file_that_is_no_plan_is_refused_in_a_sentence(page, tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"posthouse": "scenario", "format": 1, "name": "x", "bribes": 3}), "utf-8")
    opened = page("/scenario?plan=n.Mine")
    opened.locator(".st-key-share_plan button").first.click()
    opened.locator(".st-key-plan_upload input[type=file]").set_input_files(file)
    expect(opened.get_by_text(say("plan.file_wrong", "en", why="").strip()).first).to_be_visible()
    expect(opened.get_by_text("bribes").first).to_be_visible()
    expect(opened).to_have_url(re.compile(r"plan=n\.Mine"))


def test_a_lever_that_keeps_moving_is_not_held_up_by_the_draws(page):
    opened = page(f"/scenario?plan={PLAN}")
    expect(finding(opened)).to_contain_text("95 %")
    press(opened, "t6", "ArrowRight", 10)
    expect(opened).to_have_url(re.compile(r"subsidy\.0\.1\.t5"))
    expect(finding(opened)).to_contain_text("95 %")
    assert opened.locator("[data-testid=stException]").count() == 0


def test_back_in_the_browser_takes_a_lever_back(page):
    opened = page(f"/scenario?plan={PLAN}")
    expect(finding(opened)).to_contain_text("95 %")
    before = finding(opened).inner_text()
    press(opened, "t4", "ArrowRight")
    expect(opened).to_have_url(re.compile(r"subsidy\.0\.06\.t3"))
    expect(finding(opened)).not_to_have_text(before)
    settle(opened)
    opened.go_back()
    expect(opened).to_have_url(re.compile(re.escape(PLAN)))
    expect(finding(opened)).to_have_text(before)
    expect(opened.locator(".st-key-lever-duoduo-subsidy-t4 input[type=range]")).to_have_value("0.05")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_screen_answers_at_1280_by_800(page, lang):
    opened = page(f"/scenario?lang={lang}")
    chart = opened.locator(".st-key-outcome .js-plotly-plot").bounding_box()
    assert chart["y"] + chart["height"] < 830
    assert opened.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_levers_of_a_budget_go_into_the_plan(page):
    opened = page("/scenario?plan=n.War~l.duoduo.subsidy.0.01.t1~l.duoduo.guarantee.50&section=budget")
    button = opened.locator(".st-key-budget_put button").first
    expect(button).to_be_visible()
    button.click()
    expect(opened).not_to_have_url(re.compile(r"subsidy\.0\.01\.t1"))
    expect(opened).to_have_url(re.compile(r"duoduo\.subsidy\."))
    expect(opened).to_have_url(re.compile(r"duoduo\.guarantee\.50"))
    assert opened.locator("[data-testid=stException]").count() == 0
