"""Moments in the reader's own time."""

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def moment(at: dt.datetime) -> str:
    """A moment as the clock of the reader's browser shows it: 2026-11-21 23:53; in UTC, and so named, without one."""
    try:
        zone = ZoneInfo(st.context.timezone or "")
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return f"{at:%Y-%m-%d %H:%M} UTC"
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
