"""A page that is being redrawn holds an element twice for a moment, the old one and the new: whoever looks waits."""

import time
from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Error, Locator, LocatorAssertions

from tests.browser import LOOK

TWICE = "strict mode violation"
REDRAW = 30_000
"""Milliseconds within which a page has been redrawn, on a machine with much to do."""
T = TypeVar("T")


def wait_for_one(patch: pytest.MonkeyPatch) -> None:
    """Make whatever is done to a `Locator`, or expected of it, wait until its element is there once."""
    for kind in (Locator, LocatorAssertions):
        for name, method in tuple(vars(kind).items()):
            if isfunction(method) and not name.startswith("_"):
                patch.setattr(kind, name, waiting(method))


def waiting(method: Callable[..., T], *, timeout: float = REDRAW) -> Callable[..., T]:
    """Call `method` until its element is there once; one that stays twice for `timeout` milliseconds fails."""

    @wraps(method)
    def call(*args: Any, **options: Any) -> T:
        __tracebackhide__ = True
        end = time.monotonic() + timeout / 1000
        while True:
            try:
                return method(*args, **options)
            except (Error, AssertionError) as error:
                if TWICE not in str(error) or time.monotonic() > end:
                    raise
            time.sleep(LOOK / 1000)

    return call
