"""Once a day the workspace is looked through in the background, and a good copy of each sound store is kept."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from data.workspace.keep.good import check
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError

FIRST, EVERY = 120.0, 24 * 3600.0
"""Seconds after the start, and between two looks."""
NICE = 15
_LOG = logging.getLogger(__name__)


def begin(place: Callable[[], Place]) -> threading.Event:
    """Look after a workspace in a thread of low priority until the event that this gives is set."""
    over = threading.Event()
    threading.Thread(target=_look, args=(place, over), daemon=True, name="daily check").start()
    return over


def _look(place: Callable[[], Place], over: threading.Event) -> None:
    with suppress(OSError, AttributeError):  # a system that knows no priorities of threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    wait = FIRST
    while not over.wait(wait):
        wait = EVERY
        _once(place)


def _once(place: Callable[[], Place]) -> None:
    """Look the workspace through; what stands in the way today may be gone tomorrow."""
    import duckdb

    try:
        where = place()
        for finding in check(where) if isinstance(where, Path) else ():
            told = {"event": "damaged", "code": finding.code, "on": finding.file}
            _LOG.error("%s: %s", finding.message, finding.remedy, extra={"told": told})
    except WorkspaceError as error:
        _LOG.warning("the workspace could not be looked through: %s", error)
    except (OSError, sqlite3.Error, duckdb.Error):
        _LOG.exception("the workspace could not be looked through")
