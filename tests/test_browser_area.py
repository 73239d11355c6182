"""The area in a browser: clicked, drawn around and boxed on the map, in the address, and on the page behind it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import settle

NGARI = 542500
"""A prefecture whose seat stands alone in the far west, so that a click on it meets nothing else."""

OVER = """code => document.querySelector('[role=dialog] .js-plotly-plot')._hoverdata?.some(
    one => one.customdata?.[0] === code)"""
"""Whether the map knows that the mouse is over a city: a click before that meets nothing."""


def chooser(opened):
    """The window with its map, once that can be drawn on."""
    opened.locator(".st-key-area_open button:visible").first.click()
    drawn = opened.locator("[role=dialog] .choroplethlayer path")
    expect(drawn.nth(330)).to_be_attached()
    settle(opened)
    return opened.locator("[role=dialog] .js-plotly-plot")


def seat(opened, code):
    """Where the seat of a city is on the screen."""
    find = """code => {
      const plot = document.querySelector('[role=dialog] .js-plotly-plot');
      const at = plot._fullData[1].customdata.findIndex(row => row[0] === code);
      const box = plot.querySelectorAll('.scattergeo .point, .scattergeo path.point')[at].getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    }"""
    return opened.evaluate(find, str(code))


def tool(opened, name):
    opened.get_by_role("dialog").get_by_role("radio", name=name, exact=True).click()
    settle(opened)
    opened.wait_for_timeout(500)


def test_a_click_takes_a_city_in_and_out(page):
    opened = page("/?area=33")
    chooser(opened)
    for code, address in ((NGARI, f"area=33~{NGARI}"), (NGARI, "area=33$")):
        opened.mouse.move(*(v - 2 for v in seat(opened, code)))
        opened.mouse.move(*seat(opened, code))
        opened.wait_for_function(OVER, arg=str(code))
        opened.mouse.click(*seat(opened, code))
        expect(opened).to_have_url(re.compile(address))
        settle(opened)
        opened.wait_for_timeout(500)


@pytest.mark.parametrize("name", ["Lasso", "Box"])
def test_a_drag_takes_in_what_it_surrounds(page, name):
    opened = page("/")
    chooser(opened)
    tool(opened, name)
    x, y = seat(opened, NGARI)
    corners = [(x - 12, y - 12), (x + 12, y - 12), (x + 12, y + 12), (x - 12, y + 12)]
    opened.mouse.move(*corners[0])
    opened.mouse.down()
    for corner in (*corners[1:], corners[0]) if name == "Lasso" else corners[2:3]:
        opened.mouse.move(*corner, steps=5)
    opened.mouse.up()
    expect(opened).to_have_url(re.compile(f"area={NGARI}"))
    settle(opened)
    opened.locator(".st-key-area_done button:visible").first.click()
    expect(opened.locator(".st-key-area_open button:visible").first).to_contain_text("Ngari")
    opened.locator(".st-key-area_clear button:visible").first.click()
    expect(opened).not_to_have_url(re.compile("area="))


def test_the_list_needs_no_mouse(page):
    opened = page("/", viewport=(390, 800))
    opened.locator(".st-key-area_open button:visible").first.click()
    box = opened.get_by_role("dialog").get_by_role("combobox").first
    expect(box).to_be_visible()
    box.focus()
    opened.keyboard.type("Hangzhou")
    expect(opened.get_by_role("option").first).to_contain_text("Hangzhou")
    opened.keyboard.press("Enter")
    expect(opened).to_have_url(re.compile("area=330100$"))
