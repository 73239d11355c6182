"""A browser that hangs holds nobody up and does not stay."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from analysis.views.report import browser, images
from analysis.views.report.browser import NoBrowser
from data.intake.watch import Cancelled
from tests.browser import REQUIRED
from tests.made_pins import LOOKS, words

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


@pytest.fixture(scope="module")
def drawing():
    """A browser to draw with, closed after the last test; without one the test is skipped, or fails where CI=true."""
    try:
        browser.find()
    except NoBrowser:
        if REQUIRED:
            raise
        pytest.skip("no browser to draw with")
    yield
    browser.shut()


def running(group: int) -> list[int]:
    """Processes of a group that are not over."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            state, _, of = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if entry.name.isdecimal() and int(of) == group and state not in "ZX":
            found.append(int(entry.name))
    return found


async def group_of(screen) -> int:
    return screen._browser.subprocess.pid


def test_a_hung_browser_is_ended_with_all_that_it_started(drawing):
    group = browser.draw(group_of)
    assert running(group)
    os.killpg(group, signal.SIGSTOP)
    with pytest.raises(NoBrowser) as late:
        browser.draw(lambda screen: screen.call("() => 1"), seconds=0.3)
    assert late.value.code == "late"
    assert running(group) == []
    assert images.png(words(), LOOKS["en"], scale=1)


def test_a_browser_that_was_killed_is_replaced(drawing):
    group = browser.draw(group_of)
    os.killpg(group, signal.SIGKILL)
    assert images.png(words(), LOOKS["en"], scale=1)
    assert browser.draw(group_of) != group


def test_closing_late_is_no_error_of_the_drawing(drawing, monkeypatch):
    from analysis.views.report.screen import Screen

    close = Screen.close

    async def never(screen):
        await close(screen)
        await browser.asyncio.sleep(60)

    group = browser.draw(group_of)
    monkeypatch.setattr(browser, "CLOSING", 0.2)
    monkeypatch.setattr(Screen, "close", never)
    with pytest.raises(NoBrowser) as late:
        browser.draw(lambda screen: screen.call("() => new Promise(() => null)"), seconds=0.2)
    assert late.value.code == "late"
    assert running(group) == []
    assert browser._DESK._loop is None
    monkeypatch.setattr(Screen, "close", close)
    assert images.png(words(), LOOKS["en"], scale=1)


def test_a_drawing_that_waits_its_turn_can_be_given_up(drawing):
    inside, over = threading.Event(), threading.Event()

    async def slow(screen):
        inside.set()
        await browser.asyncio.get_running_loop().run_in_executor(None, over.wait)

    def give_up():
        raise Cancelled

    holding = threading.Thread(target=browser.draw, args=(slow,))
    holding.start()
    inside.wait(60)
    with pytest.raises(Cancelled):
        browser.draw(group_of, waiting=give_up)
    over.set()
    holding.join(60)
    assert not holding.is_alive()
