"""The Chromium at hand: pictures and PDF are drawn by it, on this machine alone.

One is started when the first picture is wanted and stays, so that the next takes a fraction of a second. Whatever it
asks of the network goes to a port where nobody listens.
"""

import asyncio
import atexit
import os
import shutil
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analysis.views.look import Look

if TYPE_CHECKING:
    from analysis.views.report.screen import Screen

T = TypeVar("T")
SECONDS = 60.0
"""A drawing that takes longer is given up, and its browser with it."""
TIDYING = 5.0
"""Seconds more for what was given up to be put away."""
CLOSING = 5.0
"""Seconds that a browser has to end by itself; one that hangs is ended at once."""
ASKING = 0.2
"""Seconds between two looks whether a drawing that waits its turn is still wanted."""
NAMES = (
    *("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser"),
)
"""Programs by name, wherever the system looks for programs."""
MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
    "BraveSoftware/Brave-Browser/Application/brave.exe",
)
WINDOWS_FOLDERS = "PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"
LINUX = ("/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome")
OWN = "BROWSER_PATH"
"""Names a program to use instead of any that is found."""


class NoBrowser(Exception):
    """No picture can be drawn here.

    Attributes
    ----------
    code : str
        "none": there is no browser; "named": the one named by BROWSER_PATH is not there; "failed": it does not start
        or broke down; "late": it took too long; "drawing": it refused what it was given.
    values : dict
        What the sentence names.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def said(self, look: Look) -> str:
        """What is wrong and what helps, in a sentence."""
        return look.say(f"report.browser_{self.code}", **self.values)


def find() -> Path:
    """Chromium, Chrome, Edge or Brave of this machine; `BROWSER_PATH` goes first.

    Raises
    ------
    NoBrowser
        There is none.
    """
    named = os.environ.get(OWN)
    if named:
        if not Path(named).is_file():
            raise NoBrowser("named", path=named)
        return Path(named)
    on_path = (shutil.which(name) for name in NAMES)
    places = (path for path in _places() if path.is_file() and os.access(path, os.X_OK))
    found = next((Path(path) for path in on_path if path), None) or next(places, None)
    if found is None:
        raise NoBrowser("none")
    return found


def _places() -> list[Path]:
    """Where browsers usually lie."""
    if sys.platform == "darwin":
        folders = Path("/Applications"), Path.home() / "Applications"
        return [folder / program for folder in folders for program in MAC]
    if sys.platform == "win32":
        given = [Path(os.environ[name]) for name in WINDOWS_FOLDERS if os.environ.get(name)]
        return [folder / program for folder in given for program in WINDOWS]
    return [Path(folder) / name for folder in LINUX for name in NAMES]


class _Desk:
    """The one browser, in a thread with an event loop of its own; drawings follow one another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._screen: Screen | None = None

    def draw(
        self, work: Callable[["Screen"], Coroutine[None, None, T]], seconds: float, waiting: Callable[[], object]
    ) -> T:
        """Have something drawn, with a fresh browser where the one at hand has gone."""
        gone, program = _gone(), find()
        while not self._lock.acquire(timeout=ASKING):
            waiting()
        try:
            for last in (False, True):
                try:
                    screen = self._wait(self._ready(program), SECONDS)
                    return self._wait(work(screen), seconds)
                except TimeoutError as error:
                    self._shut(hung=True)
                    raise NoBrowser("late", seconds=f"{seconds:.0f}") from error
                except gone as error:
                    self._shut()
                    if last:
                        raise NoBrowser("failed", path=str(program)) from error
        finally:
            self._lock.release()
        raise NoBrowser("failed", path=str(program))

    async def _ready(self, program: Path) -> "Screen":
        from analysis.views.report.screen import Screen

        if self._screen is None or self._screen.program != program:
            if self._screen is not None:
                await self._screen.close()
            self._screen = None
            self._screen = await Screen.open(program)
        return self._screen

    def _wait(self, work: Coroutine[None, None, T], seconds: float) -> T:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="pictures", daemon=True)
            self._thread.start()
        waiting = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._loop)
        try:
            return waiting.result(seconds + TIDYING)
        finally:
            waiting.cancel()

    def shut(self) -> None:
        """Close the browser; the next drawing starts another."""
        with self._lock:
            self._shut()

    def _shut(self, *, hung: bool = False) -> None:
        """Put browser, loop and thread away, whatever the browser does; one that hangs is ended first."""
        screen, self._screen = self._screen, None
        broken: tuple[type[Exception], ...] = (*_gone(), TimeoutError, RuntimeError)
        try:
            if screen is not None:
                if hung:
                    screen.kill()
                self._wait(screen.close(), CLOSING)
        except broken:
            if screen is not None:
                screen.kill()
        finally:
            self._stop()

    def _stop(self) -> None:
        """End the loop and its thread, and what is still under way in it."""
        loop, self._loop = self._loop, None
        thread, self._thread = self._thread, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_rested(), loop).add_done_callback(
            lambda _: loop.call_soon_threadsafe(loop.stop)
        )
        thread.join(CLOSING)
        if not thread.is_alive():
            loop.close()


async def _rested() -> None:
    """Nothing else is under way in this loop."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=CLOSING / 2)


def _gone() -> tuple[type[Exception], ...]:
    """What is raised where a browser has gone."""
    from choreographer.errors import BrowserClosedError, BrowserFailedError, ChannelClosedError

    return BrowserClosedError, BrowserFailedError, ChannelClosedError, OSError, CancelledError


_DESK = _Desk()


def draw(
    work: Callable[["Screen"], Coroutine[None, None, T]],
    *,
    seconds: float = SECONDS,
    waiting: Callable[[], object] = lambda: None,
) -> T:
    """Have `work(screen)` done by the browser; from any thread, one drawing after another.

    `waiting` is called again and again until it is this drawing's turn; it may raise what gives the drawing up.

    Raises
    ------
    NoBrowser
        There is none, it broke down, or it took longer than `seconds`.
    """
    return _DESK.draw(work, seconds, waiting)


def shut() -> None:
    """Close the browser, if one is open."""
    _DESK.shut()


atexit.register(shut)
