"""What a browser test does while an element is there twice: it waits, and fails where that does not end."""

import pytest
from playwright.sync_api import Error, Locator, expect

from tests.redrawn import TWICE, waiting

pytestmark = pytest.mark.browser
BUTTON = "<button onclick='document.title += 1'>Save</button>"
TWO = BUTTON * 2
LEAVES = f"{TWO}<script>setTimeout(() => document.querySelector('button').remove(), 700)</script>"


@pytest.fixture
def drawn(browser):
    opened = browser.new_page()
    yield opened
    opened.close()


def test_an_element_that_is_there_twice_for_a_moment_is_waited_for(drawn):
    drawn.set_content(LEAVES)
    assert drawn.get_by_role("button").count() == 2
    expect(drawn.get_by_role("button")).to_be_enabled()
    assert drawn.get_by_role("button").count() == 1


def test_it_is_pressed_once(drawn):
    drawn.set_content(LEAVES)
    drawn.get_by_role("button").click()
    assert drawn.title() == "1"


@pytest.mark.parametrize("name", ["click", "inner_text"])
def test_one_that_stays_twice_fails(drawn, name):
    drawn.set_content(TWO)
    at_once = getattr(Locator, name).__wrapped__
    with pytest.raises(Error, match=TWICE):
        waiting(at_once, timeout=300)(drawn.get_by_role("button"))
    assert not drawn.title()
