"""Fixtures: the running app, a browser, and pages that may not talk to anything but the app."""

import gc
from collections.abc import Iterator
from functools import cache
from typing import Protocol

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Error, Page, sync_playwright
from streamlit.components.v2 import manifest_scanner

from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import LANGUAGES
from pages.ui.setup import find_chromium
from tests.browser import CHROMIUM_FLAGS, REQUIRED, free_port, leaves, running, settle, wait_for

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of a law
settings.load_profile("untimed")
VIEWPORT = (1280, 800)
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


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: what they hold may differ between two workers (gzip writes the second)."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(params=LANGUAGES)
def look(request: pytest.FixtureRequest) -> Look:
    """Each language in turn, in the light theme."""
    return Look(request.param, Theme("light"))


@pytest.fixture(scope="session", autouse=True)
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Plans kept in tests go to pytest's temporary folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
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
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        except Error as error:
            if REQUIRED:
                pytest.fail(f"{NO_CHROMIUM} {error}")
            pytest.skip(NO_CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Opener]:
    """Factory of pages, each in a context of its own; fails the test when a request has left this machine."""
    contexts = []
    outside: list[str] = []

    def open_page(path="/", *, locale="en-US", color_scheme="light", viewport=VIEWPORT, wait=True):
        width, height = viewport
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme=color_scheme,
            accept_downloads=True,
        )
        contexts.append(context)
        context.on("request", lambda request: outside.append(request.url) if leaves(request, url) else None)
        opened = context.new_page()
        opened.goto(url + path)
        if wait:
            settle(opened)
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert not outside, f"requests left this machine: {outside}"


@pytest.fixture
def strict_floats() -> Iterator[None]:
    """NumPy raises on division by zero, overflow and invalid operations, instead of returning inf and nan."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield
