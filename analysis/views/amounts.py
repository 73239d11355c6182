"""Measures of scenarios in words: amounts with their units, and an axis for them."""

import numpy as np

from analysis.views.look import Look

UNITS = {
    "share": "points",
    "below_break_even": "points",
    "parcels": "parcels",
    "total_profit": "total",
    "cost_per_point": "per_point",
}
"""Unit of each measure that is not CNY a month."""
TICKS = 5
"""Most steps on an axis."""


def unit_of(measure: str) -> str:
    """Points, parcels, total, per_point, or monthly for CNY a month."""
    return UNITS.get(measure, "monthly")


def scale(measure: str) -> float:
    """What fractions are multiplied by to be shown as points."""
    return 100.0 if unit_of(measure) == "points" else 1.0


def amount(measure: str, value: float, look: Look, *, signed: bool = True) -> str:
    """Change of a measure with its unit: +1.84 points, +¥3.20 m a month."""
    return look.say("unit.none") if np.isnan(value) else _with_unit(measure, bare(measure, value, look, signed), look)


def between(measure: str, low: float, high: float, look: Look) -> str:
    """Two ends with one unit: +1.20 to +2.41 points."""
    ends = look.say("explain.to", low=bare(measure, low, look), high=bare(measure, high, look))
    return _with_unit(measure, ends, look)


def bare(measure: str, value: float, look: Look, signed: bool = True) -> str:
    """Number of a measure without the words of its unit; nothing has no sign."""
    unit = unit_of(measure)
    if unit == "points":
        said = f"{value * 100:+.2f}" if signed else f"{value * 100:.2f}"
    elif unit == "parcels":
        said = ("+" if signed and value > 0 else "") + look.count(value)
    else:
        said = look.money(value, signed=signed and bool(value))
    return said.replace("-", "−")


def _with_unit(measure: str, text: str, look: Look) -> str:
    unit = unit_of(measure)
    return text if unit == "total" else look.say(f"explain.{unit}", value=text)


def inside(text: str) -> str:
    """A name as it stands inside a sentence."""
    return text[0].lower() + text[1:]


def name(measure: str, look: Look) -> str:
    """Name of a measure at the head of a sentence."""
    return look.say(f"explain.measure_{measure}")


def caption(measure: str, look: Look, text: str) -> str:
    """`text`, the measure, its unit and the month it is of."""
    key = "explain.measured_total" if unit_of(measure) == "total" else "explain.measured_in"
    unit = look.say(f"explain.unit_{unit_of(measure)}")
    return look.say(key, caption=text, measure=inside(name(measure, look)), unit=unit).strip()


def ticks(low: float, high: float, look: Look, *, suffix: str = "") -> dict[str, list[float] | list[str]]:
    """Round ticks between two ends, in the words of the language: 5 m or 500万."""
    width = max(high - low, 1e-12)
    step = 10 ** np.floor(np.log10(width / 4))
    step = next(step * m for m in (1, 2, 2.5, 5, 10) if width / (step * m) <= TICKS)
    values = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    texts = [(look.short(value) if value else "0").replace("-", "−") + suffix for value in np.round(values, 9)]
    return {"tickvals": values.tolist(), "ticktext": texts}
