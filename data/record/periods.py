"""Periods as sources print them ("2021-H1", "2024-01..11", "to 2020-05", "about 2025-26") as first and last days."""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import cache

_TOKEN = re.compile(
    r"(?P<year>(?:19|20)\d{2})"
    r"(?:-(?P<month>\d{2})(?!\d))?(?:-(?P<day>\d{2})(?!\d))?"
    r"(?:\.\.(?P<last>\d{2})(?!\d))?"
    r"(?:[- ]?(?P<part>[HQ])(?P<first>[1-4])(?:-[HQ](?P<until>[1-4]))?)?"
)
_MONTHS_IN = {"H": 6, "Q": 3}

Span = tuple[date | None, date | None]
"""First and last day; None where the source leaves that side open or names no date."""


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _token_span(found: re.Match[str]) -> tuple[date, date]:
    year, month = int(found["year"]), int(found["month"] or 0)
    if found["day"]:
        day = date(year, month, int(found["day"]))
        return day, day
    if found["part"]:
        size = _MONTHS_IN[found["part"]]
        first, until = int(found["first"]), int(found["until"] or found["first"])
        return date(year, (first - 1) * size + 1, 1), _month_end(year, until * size)
    if month > 12:
        return date(year, 1, 1), date(year // 100 * 100 + month, 12, 31)
    if month:
        return date(year, month, 1), _month_end(year, int(found["last"] or month))
    return date(year, 1, 1), date(year, 12, 31)


@cache
def parse(text: str, basis: str = "") -> Span:
    """First and last day of a printed period.

    Parameters
    ----------
    text : str
        The period as printed. "A / B" is read as A (B is when it was said); "to", "by" and "before" leave the
        start open, "from" leaves the end open; "2025-26" is two years.
    basis : str
        "ytd" makes a single month mean January to that month.

    Returns
    -------
    tuple of date or None
    """
    words = text.split("/")[0].strip()
    spans = [_token_span(found) for found in _TOKEN.finditer(words)]
    if not spans:
        return None, None
    start, end = spans[0][0], spans[-1][1]
    if words.startswith("before "):
        return None, start - timedelta(days=1)
    if words.startswith(("to ", "by ")):
        return None, end
    if words.startswith("from "):
        return start, None
    return (date(end.year, 1, 1), end) if basis == "ytd" else (start, end)


def months(start: date | None, end: date | None) -> int | None:
    """Length in calendar months, or None when the period is open or does not consist of whole months."""
    if start is None or end is None or start.day != 1 or (end + timedelta(days=1)).day != 1:
        return None
    return (end.year - start.year) * 12 + end.month - start.month + 1


def basis_of(start: date | None, end: date | None) -> str:
    """Name the kind of period: year, ytd, half, quarter, month, day or period."""
    length = months(start, end)
    if start is None or end is None:
        return "period"
    if start == end:
        return "day"
    if length and length > 1 and length < 12 and start.month == 1:
        return "ytd"
    return {12: "year", 6: "half", 3: "quarter", 1: "month"}.get(length or 0, "period")
