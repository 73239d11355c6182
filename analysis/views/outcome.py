"""What every chart of a projection says: where, when, by how much, how surely, and of what grade."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views import amounts
from analysis.views.look import SHORTEST, Look
from analysis.views.reading import minus
from data.grade import Grade, weakest

ALL = "all"
LEAST_POINTS = 0.005
"""Changes of share below this many points are none."""
JOINED = "\u2060"
"""Keeps a sign and its amount on one line."""
BLANK = "\u00a0"
"""Keeps an amount and its unit on one line."""


def graded(projection: Projection, grade: Grade | None) -> Grade:
    """Grade of the projection, or that of the data if it is weaker."""
    return projection.grade if grade is None else weakest(projection.grade, grade)


def where(look: Look, tier: str) -> str:
    """The tier, or all tiers in words."""
    return look.say("tier.all") if tier == ALL else look.term("tier", tier)


def row_name(look: Look, tier: str) -> str:
    """The same as the label of a row."""
    return look.say("market.total") if tier == ALL else look.term("tier", tier)


def in_points(row: "pd.Series | Mapping[str, float]") -> tuple[float, float, float]:
    """Change of share against no levers in points, and its 95 % ends (missing without draws)."""
    observed = float(row["observed"])
    change, low, high = (100 * (float(row[name]) - observed) for name in ("point", "low_95", "high_95"))
    return change, low, high


def row_of(frame: pd.DataFrame, key: object) -> dict[str, float]:
    """A row of a frame of numbers, as plain ones: pandas takes long to pick single cells."""
    cells = frame.to_numpy(np.float64)[frame.index.get_loc(key)]
    return dict(zip(map(str, frame.columns), cells.tolist(), strict=True))


def direction(change: float, low: float, high: float, least: float = LEAST_POINTS) -> str:
    """Same, unclear, up or down."""
    if abs(change) < least and not (low < -least or high > least):
        return "same"
    return "unclear" if low <= 0 <= high else "up" if change > 0 else "down"


def number(value: float, digits: int = 1) -> str:
    """Number with a real minus sign, none at zero; one more digit where it would be lost otherwise."""
    digits += 0 < abs(value) < 10**-digits
    return minus(round(value, digits) + 0.0, digits)


def signed(value: float, digits: int = 1) -> str:
    """The same with its sign; zero has none."""
    said = number(value, digits)
    return f"+{said}" if float(said.replace("−", "-")) > 0 else said


def cny(look: Look, value: float, *, with_sign: bool = False) -> str:
    """Sum of money in four figures at most, on one line, with a real minus sign in front: −¥4,934万."""
    size = float(f"{abs(value):.4g}")
    size = size if size >= SHORTEST else float(round(size))
    sign = "" if not size else "−" + JOINED if value < 0 else "+" + JOINED if with_sign else ""
    return f"{sign}¥{look.short(size)}".replace(" ", BLANK)


def cny_ticks(look: Look, low: float, high: float) -> dict[str, Any]:
    """Round sums of money on an axis, no two of them the same."""
    found = amounts.ticks(low, high, look)
    texts = [str(text) for text in found["ticktext"]]
    return {**found, "ticktext": [f"−¥{text[1:]}" if text[0] == "−" else f"¥{text}" for text in texts]}


def ends(look: Look, low: float, high: float, said: Callable[[float], str] = number) -> str:
    """Both ends of an interval, or about what it is where they read the same."""
    first, last = said(low), said(high)
    if first == last:
        return look.say("projection.about", value=first)
    return look.say("projection.to", low=first, high=last)


def between(look: Look, low: float, high: float, digits: int = 1) -> str:
    """The 95 % interval in brackets; nothing without draws."""
    if not np.isfinite(low + high):
        return ""
    return look.say("projection.between", ends=ends(look, low, high, partial(number, digits=digits)))


def digits(*values: float) -> int:
    """Decimals for a change and its interval together: two where there is a change and all are below 1."""
    return 1 + (0 < max((abs(value) for value in values if np.isfinite(value)), default=0.0) < 1)


def told(look: Look, change: float, low: float, high: float) -> dict[str, str]:
    """Change and interval for a sentence that says a fall as a fall."""
    falls, shown = direction(change, low, high) == "down", digits(change, low, high)
    outer = (-high, -low) if falls else (low, high)
    return {"points": number(-change if falls else change, shown), "between": between(look, *outer, shown)}


def said_month(projection: Projection, look: Look, key: str, **values: Any) -> str:
    """Caption of a chart about the last month."""
    return look.say(f"projection.caption_{key}", month=look.month(projection.months[-1]), **values)
