"""What a browser test does while an element is there twice: it waits, and fails where that does not end."""

import pytest
from playwright.sync_api import Error, Locator, LocatorAssertions, expect

from tests.redrawn import TWICE, waiting

TWO = "<button onclick='document.title += 1'>Save</button>" * 2
REMOVE = "document.querySelector('button').remove()"


@pytest.fixture
def drawn(browser):
    opened = browser.new_page()
    opened.set_content(TWO)
    yield opened
    opened.close()


def redrawn(page, method):
    """`method`, before whose third call the page takes the first of its two buttons away; its calls."""
    calls = []

    def act(*args, **options):
        calls.append(args)
        if len(calls) == 3:
            page.evaluate(REMOVE)
        return method(*args, **options)

    return waiting(act), calls


def at_once(kind, name):
    """A method of Playwright's as it is without waiting."""
    return getattr(kind, name).__wrapped__


@pytest.mark.browser
def test_an_element_that_is_there_twice_for_a_moment_is_waited_for_and_pressed_once(drawn):
    click, calls = redrawn(drawn, at_once(Locator, "click"))
    click(drawn.get_by_role("button"))
    assert len(calls) == 3
    assert drawn.title() == "1"


@pytest.mark.browser
def test_what_is_expected_of_it_waits_too(drawn):
    shown, calls = redrawn(drawn, at_once(LocatorAssertions, "to_be_enabled"))
    shown(expect(drawn.get_by_role("button")))
    assert len(calls) == 3


@pytest.mark.browser
@pytest.mark.parametrize("name", ["click", "inner_text"])
def test_one_that_stays_twice_fails(drawn, name):
    with pytest.raises(Error, match=TWICE):
        waiting(at_once(Locator, name), timeout=300)(drawn.get_by_role("button"))
    assert not drawn.title()


def test_every_other_failure_is_told_at_once():
    calls = []

    @waiting
    def fails():
        calls.append(1)
        raise AssertionError("no such element")

    with pytest.raises(AssertionError, match="no such element"):
        fails()
    assert len(calls) == 1
