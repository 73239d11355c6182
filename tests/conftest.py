"""Fixtures: the running app, a browser, and pages that may not talk to anything but the app."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, expect, sync_playwright
from streamlit.components.v2 import manifest_scanner

from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import LANGUAGES
from pages.ui import guide, layers
from pages.ui.setup import find_chromium
from tests.browser import CHROMIUM_FLAGS, NOTING, REQUIRED, SETTLE, clear, free_port, leaves, running, settle, wait_for
from tests.redrawn import wait_for_one

pytest_plugins = ("tests.postgres",)
settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of a law
settings.load_profile("untimed")
expect.set_options(timeout=SETTLE)  # nor is it one of what a page is expected to show
VIEWPORT = (1280, 800)
EARLY = 0.85
"""Of the run: the part in which the files that need a browser begin."""
POLICY = "Content Security Policy"
NO_CHROMIUM = (
    "No Chromium. Debian: apt-get install -y chromium fonts-noto-cjk. Elsewhere: python -m playwright install chromium."
)


class Opener(Protocol):
    """Opens a page of the app, at rest unless told otherwise."""

    def __call__(
        self,
        path: str = "/",
        *,
        locale: str = "en-US",
        color_scheme: str = "light",
        viewport: tuple[int, int] = VIEWPORT,
        wait: bool = True,
    ) -> Page: ...


def pytest_configure(config: pytest.Config) -> None:
    """Starlette's client of tests would rather have another library: that is not a fault of ours."""
    config.addinivalue_line("filterwarnings", "ignore:Using `httpx` with `starlette.testclient`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for a browser are spread between those that calculate, and the longest begin: cores idle less.

    What asks for the fixture `browser`, by itself or through another, is marked as such.
    """
    first: dict[Path, pytest.Item] = {}
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    for item in items:
        first.setdefault(item.path, item)
    groups: dict[bool, list[Path]] = {False: [], True: []}
    for path, item in first.items():
        groups[item.get_closest_marker("browser") is not None].append(path)
    place = {path: (n + 1) / (len(group) + 1) for group in groups.values() for n, path in enumerate(group)}
    place |= {path: place[path] * EARLY for path in groups[True]}
    place |= {path: 0.0 for path, item in first.items() if item.get_closest_marker("long")}
    items.sort(key=lambda item: place[item.path])


def pytest_collection_finish() -> None:
    """Thousands of tests that were collected are left out of every garbage collection from here on."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end they are freed like everything else."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def scanned() -> Iterator[None]:
    """Installed packages are looked through for components once, not for every app that a test opens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def own_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's event loop stays "running" between the calls to it: tests without a browser do not see it."""
    if "browser" in request.fixturenames:
        yield
        return
    theirs = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(theirs)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: what they hold may differ between two workers (gzip writes the second)."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def no_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes a server of routes in a test opens the shelf of layers and the guide for that test alone."""
    monkeypatch.setattr(layers.SHELF, "open", False)
    monkeypatch.setattr(guide, "_OPEN", [])


@pytest.fixture(params=LANGUAGES)
def look(request: pytest.FixtureRequest) -> Look:
    """Each language in turn, in the light theme."""
    return Look(request.param, Theme("light"))


@pytest.fixture(scope="session", autouse=True)
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Plans kept in tests go to pytest's temporary folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        patch.delenv("POSTHOUSE_DATABASE", raising=False)
        yield


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the real app, served as `python app.py` serves it; its log is in pytest's temporary folder."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running("-m", "pages.ui.server", "--port", str(port), log=tmp_path_factory.mktemp("server") / "log"):
        wait_for(address)
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the test is skipped, or fails where CI=true."""
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        wait_for_one(patch)
        try:
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        except Error as error:
            if REQUIRED:
                pytest.fail(f"{NO_CHROMIUM} {error}")
            pytest.skip(NO_CHROMIUM)
        chromium.on("context", waiting)
        yield chromium
        chromium.close()


def waiting(context: BrowserContext) -> None:
    """Pages of whatever context wait as long as a busy machine takes, and know which runs they have asked for."""
    context.set_default_timeout(SETTLE)
    context.add_init_script(NOTING)


@pytest.fixture(scope="session")
def context(browser: Browser) -> Callable[[str], BrowserContext]:
    """The context in which every test opens its first page: what was fetched and compiled before serves again."""
    return cache(lambda locale: browser.new_context(locale=locale, accept_downloads=True))


@pytest.fixture
def page(browser: Browser, url: str, context: Callable[[str], BrowserContext]) -> Iterator[Opener]:
    """Factory of pages, each as of a new browser; fails the test when a request has left this machine."""
    opened: list[Page] = []
    outside: list[str] = []

    def open_page(path="/", *, locale="en-US", color_scheme="light", viewport=VIEWPORT, wait=True):
        width, height = viewport
        one = context(locale) if not opened else browser.new_context(locale=locale, accept_downloads=True)
        fresh = one.new_page()
        opened.append(fresh)
        fresh.set_viewport_size({"width": width, "height": height})
        fresh.emulate_media(color_scheme=color_scheme)
        one.on("request", hear)
        fresh.goto(url + path)
        if wait:
            settle(fresh)
        return fresh

    def hear(request: Request) -> None:
        if leaves(request, url):
            outside.append(request.url)

    yield open_page
    for place, one in enumerate(opened):
        if place:
            one.context.close()
        else:
            clear(one, hear)
    assert not outside, f"requests left this machine: {outside}"


@pytest.fixture
def strict_floats() -> Iterator[None]:
    """NumPy raises on division by zero, overflow and invalid operations, instead of returning inf and nan."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield
