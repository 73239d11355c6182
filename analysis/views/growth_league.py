"""League of all series: where each stands, whether any curve beats repeating last year, and where it leads."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.views.growth_style import curve_name
from analysis.views.look import Look
from data.grade import Grade

COLUMNS: dict[str, dict[str, Any]] = {
    "series": {"kind": "text", "width": 330},
    "trend": {"kind": "line", "width": 96},
    "value": {"kind": "text", "width": 96},
    "unit": {"kind": "text", "width": 90},
    "year_on_year": {"kind": "text", "width": 90},
    "verdict": {"kind": "text", "width": 130},
    "chosen": {"kind": "text", "width": 140},
    "mase": {"kind": "number", "width": 66, "format": "%.2f"},
    "mase_naive": {"kind": "number", "width": 76, "format": "%.2f"},
    "held_95": {"kind": "number", "width": 80, "format": "%.0f"},
    "outlook": {"kind": "text", "width": 215},
    "at": {"kind": "text", "width": 84},
    "growth": {"kind": "text", "width": 116},
    "span": {"kind": "text", "width": 160},
    "n": {"kind": "number", "width": 60, "format": "%.0f"},
    "grade": {"kind": "text", "width": 100},
}
"""Columns in order: what a cell holds, pixels, number format."""
HELPED = ("trend", "year_on_year", "verdict", "chosen", "mase", "mase_naive", "held_95", "outlook", "growth", "grade")
DAY = len("2026-08-01")


def columns(look: Look) -> dict[str, dict[str, Any]]:
    """Header to what its cells hold: kind ("text", "number", "line"), width in pixels, format and help if any."""
    helps = {key: {"help": look.say(f"league.{key}_help")} for key in HELPED}
    return {look.say(f"league.{key}"): {**facts, **helps.get(key, {})} for key, facts in COLUMNS.items()}


def table(
    league: pd.DataFrame,
    look: Look,
    *,
    labels: Mapping[str, str],
    units: Mapping[str, str],
    grades: Mapping[str, Grade],
) -> pd.DataFrame:
    """One row a series in the order of `league`, words and numbers in the reader's language."""
    keys = [str(key) for key in league.index]
    percents = {key: [_percent(value, look) for value in league[key]] for key in ("year_on_year", "growth")}
    cells: dict[str, list[Any]] = {
        "series": [labels[key] for key in keys],
        "trend": league["spark"].tolist(),
        "value": [_amount(value, look) for value in league["value"]],
        "unit": [units[key] for key in keys],
        "verdict": [look.say(f"league.is_{verdict}") for verdict in league["verdict"]],
        "chosen": [curve_name(key, look) if key else look.say("unit.none") for key in league["chosen"]],
        "mase": league["mase"].round(2).tolist(),
        "mase_naive": league["mase_naive"].round(2).tolist(),
        "held_95": (100 * league["held_95"]).round(0).tolist(),
        "outlook": [_outlook(row, look) for _, row in league.iterrows()],
        "at": [_label(at) for at in league["at"]],
        "span": [
            _span(str(first), str(last), look) for first, last in zip(league["first"], league["last"], strict=True)
        ],
        "n": league["n"].tolist(),
        "grade": [look.term("grade", grades[key]) for key in keys],
        **percents,
    }
    return pd.DataFrame({look.say(f"league.{key}"): cells[key] for key in COLUMNS})


def _percent(value: float, look: Look) -> str:
    return f"{100 * value:+.1f}" if np.isfinite(value) else look.say("unit.none")


def _amount(value: float, look: Look) -> str:
    return look.short(float(f"{value:.4g}")) if np.isfinite(value) else look.say("unit.none")


def _outlook(row: pd.Series, look: Look) -> str:
    """Median and 95 % band, in three figures."""
    ends = [float(f"{row[key]:.3g}") for key in ("median", "low_95", "high_95")]
    if not np.isfinite(ends).all():
        return look.say("unit.none")
    value, low, high = map(look.short, ends)
    return f"{value} ({low} – {high})"


def _label(text: str) -> str:
    """A label as text: days are cut to their month."""
    return text[:7] if len(text) == DAY else text


def _span(first: str, last: str, look: Look) -> str:
    return f"{_label(first)} – {_label(last)}" if first else look.say("unit.none")


def finding(league: pd.DataFrame, look: Look) -> str:
    """Of how many series a curve beats the naive guess, and how many are too short to say."""
    counts = league["verdict"].value_counts()
    beats, nothing = int(counts.get("beats", 0)), int(counts.get("nothing_beats", 0))
    short = len(league) - beats - nothing
    values = {"beats": beats, "tested": beats + nothing, "nothing": nothing}
    kind = "untested" if not beats + nothing else "all" if not nothing else "none" if not beats else "some"
    said = look.say(f"league.finding_{kind}", **values)
    if not short or kind == "untested":
        return said
    return look.say("growth.but", first=said, second=look.say("league.too_short", n=short))
