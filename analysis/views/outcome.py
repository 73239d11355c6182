"""What every chart of a projection says: where, when, by how much, how surely, and of what grade."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views.look import Look
from analysis.views.reading import minus
from data.grade import Grade, weakest

ALL = "all"
LEAST_POINTS = 0.005
"""Changes of share below this many points are none."""


def graded(projection: Projection, grade: Grade | None) -> Grade:
    """Grade of the projection, or that of the data if it is weaker."""
    return projection.grade if grade is None else weakest(projection.grade, grade)


def where(look: Look, tier: str) -> str:
    """The tier, or all tiers in words."""
    return look.say("tier.all") if tier == ALL else look.term("tier", tier)


def row_name(look: Look, tier: str) -> str:
    """The same as the label of a row."""
    return look.say("market.total") if tier == ALL else look.term("tier", tier)


def in_points(row: pd.Series) -> tuple[float, float, float]:
    """Change of share against no levers in points, and its 95 % ends (missing without draws)."""
    change = (row[["point", "low_95", "high_95"]].to_numpy(np.float64) - float(row["observed"])) * 100
    return float(change[0]), float(change[1]), float(change[2])


def direction(change: float, low: float, high: float, least: float = LEAST_POINTS) -> str:
    """Same, unclear, up or down."""
    if abs(change) < least and not (low < -least or high > least):
        return "same"
    return "unclear" if low <= 0 <= high else "up" if change > 0 else "down"


def number(value: float, digits: int = 1) -> str:
    """Number with a real minus sign; one more digit where it would be lost otherwise."""
    digits += 0 < abs(value) < 10**-digits
    return minus(value, digits)


def between(look: Look, low: float, high: float, digits: int = 1) -> str:
    """The 95 % interval in brackets; nothing without draws."""
    if not np.isfinite(low + high):
        return ""
    return look.say("projection.between", low=number(low, digits), high=number(high, digits))


def told(look: Look, change: float, low: float, high: float) -> dict[str, str]:
    """Change and interval for a sentence that says a fall as a fall."""
    falls = direction(change, low, high) == "down"
    ends = (-high, -low) if falls else (low, high)
    return {"points": number(-change if falls else change), "between": between(look, *ends)}


def said_month(projection: Projection, look: Look, key: str, **values: Any) -> str:
    """Caption of a chart about the last month."""
    return look.say(f"projection.caption_{key}", month=look.month(projection.months[-1]), **values)
