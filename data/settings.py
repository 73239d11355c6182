"""What whoever runs the program has set: read anew at every call, from the environment alone."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKSPACE, DATABASE, ENGINE, EVENTS, LOG, DRAWERS = (
    f"POSTHOUSE_{name}" for name in ("WORKSPACE", "DATABASE", "ENGINE", "EVENTS", "LOG", "DRAWERS")
)
MOST_DRAWERS = 4
"""Processes that draw, where their number is not set."""


def workspace() -> Path:
    """Folder of what is kept on the disk: `POSTHOUSE_WORKSPACE`, or `workspace` beside the program."""
    return Path(_given(WORKSPACE) or ROOT / "workspace")


def database() -> str:
    """Address of a PostgreSQL database that keeps a team's workspace, postgresql://...; "" for files on the disk."""
    return _given(DATABASE)


def engine() -> str:
    """Where queries on parcel events run: "" for DuckDB in this process, or a Spark Connect server, sc://host:port."""
    return _given(ENGINE)


def events() -> str:
    """Folder or glob of Parquet or CSV files of parcel events; "" for none."""
    return _given(EVENTS)


def log() -> str:
    """How the log is written: "json" for one JSON object a line, "" for lines to be read by people."""
    return _given(LOG)


def drawers() -> int:
    """Processes beside the server that draw intervals: one fewer than it has processors, at most four; 0 for none.

    What is no number counts as not set.
    """
    given = _given(DRAWERS)
    if given.isascii() and given.isdecimal() and len(given) < 3:
        return int(given)
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return min(ours - 1, MOST_DRAWERS)


def _given(name: str) -> str:
    return os.environ.get(name, "").strip()
