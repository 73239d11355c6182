"""The Data page as an analyst uses it, in Chromium: drop, read what is wrong, mend, keep, export; two users apart."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data import intake
from data.text import say
from tests.browser import serving, settle

pytestmark = pytest.mark.browser
TITLE = "2025年各城市业务量统计表,,,"
HEAD = "统计月份,所属城市,驿站品牌,业务量(万件)"
GOOD = (
    *("2025-01,杭州,菜鸟驿站,120.5", "2025-01,杭州,多多驿站,80.2", "2025-01,宁波,菜鸟驿站,60"),
    *("2025-02,杭州,菜鸟驿站,125.1", "2025-02,杭州,多多驿站,85.4", "2025-02,宁波,菜鸟驿站,61"),
)
PLANTED = (
    ("2025-13,杭州,菜鸟驿站,130", "月份", "2025-03"),
    ("2025-03,杭州,多多驿站,九十", "业务量", "90"),
    ("2025-03,樟木头,菜鸟驿站,9", "城市", "宁波"),
    ("2025-03,上海,蜂站,7", "平台", "菜鸟驿站"),
    ("2025-03,苏州,多多驿站,-5", "业务量", "5"),
)
"""Row with a mistake, where it is, and what it should be."""
ORDER = ("月份", "城市", "平台", "业务量")
ROW, PINNED = 31, 320
"""Pixels of a row of a table, and of its columns that do not scroll: row number and problem."""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A server of its own, whose kept markets are in a folder of pytest's."""
    with serving(tmp_path_factory.mktemp("markets")) as address:
        yield address


@pytest.fixture
def odd(tmp_path):
    """GB18030, a title row, Chinese headers, ten-thousands, five mistakes and a row of totals."""
    file = tmp_path / "业务量.csv"
    rows = [TITLE, HEAD, *GOOD, *(row for row, _, _ in PLANTED), "合计,,,773.2"]
    file.write_bytes("\n".join(rows).encode("gb18030"))
    return file


def drop(page, *files):
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(files)


def heading(page, text):
    return page.get_by_role("heading", name=text)


def step(page, name):
    place = ("findings", "columns", "names", "mend").index(name)
    page.locator("[class*=st-key-step] button").nth(place).click()
    settle(page)


def taken(kept, rows, lang="zh", name="业务量.csv"):
    label = f"{say('dataset.volumes', lang)} · {name}"
    return say("data.taken", lang, name=label, kept=kept, n=rows, aside=rows - kept)


def into(page, row, across):
    """The cell that opens at a place of the rows to be mended: `across` takes the table's width to pixels."""
    table = page.locator("[class*=st-key-mend] .dvn-scroller")
    expect(table).to_be_visible()
    cell = page.locator(".gdg-input")
    for _ in range(20):  # a table that is still being laid out takes no double click
        box = table.bounding_box()
        if box is not None:
            table.dblclick(position={"x": across(box["width"]), "y": ROW * (row + 1.5)})
        page.wait_for_timeout(500)
        if cell.count():
            break
    return cell


def write(page, row, column, text):
    """Put a text into a cell of the rows to be mended; the table says that it holds it."""
    place = ORDER.index(column)
    cell = into(page, row, lambda width: PINNED + (place + 0.5) * (width - PINNED) / len(ORDER))
    cell.fill(text)
    expect(cell).to_have_value(text)
    cell.press("Enter")
    expect(cell).to_have_count(0)
    held = page.locator(f"[class*=st-key-mend] [id$='glide-cell-{place + 2}-{row}']")
    expect(held).to_have_text(text)
    settle(page)


@pytest.mark.parametrize("lang", ["zh"])
def test_a_file_out_of_chinese_excel_goes_from_drop_to_mended_version(page, odd, lang):
    opened = page(f"/data?lang={lang}")
    drop(opened, odd)
    expect(heading(opened, taken(6, 12))).to_be_visible()
    expect(opened.locator("[data-testid=stExpander]").first).to_contain_text("gb18030")
    with opened.expect_download() as problems:
        opened.locator("[class*=st-key-problems_csv] button").click()
    lines = Path(problems.value.path()).read_text("utf-8-sig").splitlines()
    for place, (row, _, _) in enumerate(PLANTED):
        number = 3 + len(GOOD) + place
        assert any(line.startswith(f"{number},") and any(c in line for c in row.split(",")) for line in lines), row
    step(opened, "mend")
    opened.locator("[class*=st-key-with_names] label").first.click()
    settle(opened)
    for place, (_, column, text) in enumerate(PLANTED):
        write(opened, place, column, text)
    opened.locator(".st-key-recheck button").click()
    expect(heading(opened, taken(11, 12))).to_be_visible()
    settle(opened)
    opened.locator(".st-key-save button").click()
    expect(opened.get_by_text(say("data.saved", lang, name="业务量", number=1))).to_be_visible()
    expect(opened).to_have_url(re.compile("market="))
    expect(heading(opened, say("keep.versions_of", lang, name="业务量", number=1, n=1))).to_be_visible()
    settle(opened)
    opened.locator(".st-key-export_box button").first.click()
    with opened.expect_download() as back:
        opened.get_by_role("button", name="CSV", exact=True).click()
    found = intake.read(Path(back.value.path()), "volumes", name="back.csv")
    assert found.ok
    assert sorted(found.table["parcels"])[-1] == 1_300_000
    assert len(found.table) == len(GOOD) + len(PLANTED)


def test_a_second_file_is_previewed_and_what_it_changes_is_explained(page, tmp_path):
    opened = page("/data")
    first, second = tmp_path / "one.csv", tmp_path / "two.csv"
    first.write_text("\n".join(("month,city,platform,parcels", "2025-01,杭州,菜鸟驿站,1200")), "utf-8")
    second.write_text("\n".join(("month,city,platform,parcels", "2025-02,杭州,菜鸟驿站,1300")), "utf-8")
    drop(opened, first)
    opened.locator(".st-key-save button").click()
    expect(heading(opened, say("keep.versions_of", "en", name="one", number=1, n=1))).to_be_visible()
    opened.get_by_role("radio", name=say("data.upload", "en")).click()
    drop(opened, second)
    expect(heading(opened, say("data.would_change", "en"))).to_be_visible()
    settle(opened)
    opened.locator(".st-key-save button").click()
    expect(heading(opened, say("keep.versions_of", "en", name="one", number=2, n=2))).to_be_visible()
    expect(heading(opened, say("keep.changed", "en"))).to_be_visible()
    assert opened.locator("[data-testid=stException]").count() == 0


def test_files_and_changes_outlast_a_reload_and_another_step(page, odd):
    opened = page("/data?lang=zh")
    drop(opened, odd)
    expect(heading(opened, taken(6, 12))).to_be_visible()
    step(opened, "mend")
    write(opened, 0, "月份", "2025-03")
    expect(opened.get_by_text(say("data.unchecked", "zh", n=1))).to_be_visible()
    expect(opened.locator(".st-key-save button")).to_be_disabled()
    opened.reload()
    expect(opened.get_by_text(say("data.back_again", "zh", names="业务量.csv"))).to_be_visible()
    expect(heading(opened, taken(6, 12))).to_be_visible()
    step(opened, "mend")
    held = opened.locator("[class*=st-key-mend] [id$='glide-cell-2-0']")
    expect(held).to_have_text("2025-03")
    opened.locator(".st-key-recheck button").click()
    expect(heading(opened, taken(7, 12))).to_be_visible()
    expect(opened.locator(".st-key-save button")).to_be_enabled()


def test_cells_can_be_mended_on_a_phone(page, odd):
    opened = page("/data?lang=zh", viewport=(390, 844))
    drop(opened, odd)
    expect(heading(opened, taken(6, 12))).to_be_visible()
    step(opened, "mend")
    table = opened.locator("[class*=st-key-mend] .dvn-scroller")
    table.scroll_into_view_if_needed()
    table.evaluate("box => { box.scrollLeft = 260; }")
    cell = into(opened, 0, lambda width: min(width - 20, 110))
    expect(cell).to_have_value("2025-13")
    cell.fill("2025-03")
    expect(cell).to_have_value("2025-03")
    cell.press("Enter")
    expect(cell).to_have_count(0)
    expect(opened.locator("[class*=st-key-mend] [id$='glide-cell-2-0']")).to_have_text("2025-03")
    expect(opened.get_by_text(say("data.unchecked", "zh", n=1))).to_be_visible()
    settle(opened)
    opened.locator(".st-key-recheck button").click()
    expect(heading(opened, taken(7, 12))).to_be_visible()


def test_two_users_at_once_are_kept_apart(page, tmp_path):
    users = [page("/data"), page("/data")]
    for name, user in zip(("mine", "theirs"), users, strict=True):
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(("month,city,platform,parcels", "2025-01,杭州,菜鸟驿站,1200")), "utf-8")
        drop(user, file)
    for user in users:
        user.locator(".st-key-save button").click()
    for name, other, user in zip(("mine", "theirs"), ("theirs", "mine"), users, strict=True):
        title = say("keep.versions_of", "en", name=name, number=1, n=1)
        expect(heading(user, title)).to_be_visible()
        settle(user)
        assert user.get_by_text(other).count() == 0
    stranger = page("/data?" + users[0].url.split("?")[1])
    expect(stranger.get_by_text("Illustrative market: simulated")).to_be_visible()
    assert stranger.get_by_text("mine").count() == 0


def test_a_long_file_shows_its_progress_and_can_be_stopped(page, tmp_path):
    file = tmp_path / "long.csv"
    row = "".join(f"20{y:02d}-{m:02d},杭州,菜鸟驿站,{y * m}\n" for y in range(10, 30) for m in range(1, 13))
    file.write_text("month,city,platform,parcels\n" + row * 6000, "utf-8")
    opened = page("/data")
    drop(opened, file)
    expect(opened.get_by_text(re.compile("^(Reading|Checking) "))).to_be_visible()
    opened.locator(".st-key-cancel button").click()
    expect(opened.get_by_text(say("data.stopped", "en"))).to_be_visible()
    assert opened.locator("[data-testid=stException]").count() == 0
