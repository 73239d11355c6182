"""League of all series: where each stands, whether any curve beats repeating last year, and where it leads."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.views.growth_style import curve_name, rounded, tight
from analysis.views.look import Look
from analysis.views.reading import minus
from data.grade import Grade

COLUMNS: dict[str, dict[str, Any]] = {
    "series": {"kind": "text", "width": 380},
    "trend": {"kind": "line", "width": 76},
    "value": {"kind": "text", "width": 132},
    "year_on_year": {"kind": "text", "width": 92},
    "verdict": {"kind": "text", "width": 130},
    "chosen": {"kind": "text", "width": 140},
    "mase": {"kind": "text", "width": 66},
    "mase_naive": {"kind": "text", "width": 76},
    "held_95": {"kind": "text", "width": 110},
    "outlook": {"kind": "text", "width": 270},
    "growth": {"kind": "text", "width": 116},
    "span": {"kind": "text", "width": 160},
    "n": {"kind": "number", "width": 60, "format": "%.0f"},
    "grade": {"kind": "text", "width": 100},
}
"""Columns in order: what a cell holds, pixels, number format."""
HELPED = ("trend", "year_on_year", "verdict", "chosen", "mase", "mase_naive", "held_95", "outlook", "growth", "grade")
DAY = len("2026-08-01")
SHORT = ("too_short", "too_few")
"""Reasons of a series that more values would mend."""


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
        "value": [_amount(value, units[key], look) for key, value in zip(keys, league["value"], strict=True)],
        "verdict": [_verdict(row, look) for _, row in league.iterrows()],
        "chosen": [curve_name(key, look) if key else look.say("unit.none") for key in league["chosen"]],
        "mase": [_figure(value, look) for value in league["mase"]],
        "mase_naive": [_figure(value, look) for value in league["mase_naive"]],
        "held_95": [_figure(100 * value, look, 0) for value in league["held_95"]],
        "outlook": [_outlook(row, look) for _, row in league.iterrows()],
        "span": [
            _span(str(first), str(last), look) for first, last in zip(league["first"], league["last"], strict=True)
        ],
        "n": league["n"].tolist(),
        "grade": [look.term("grade", grades[key]) for key in keys],
        **percents,
    }
    return pd.DataFrame({look.say(f"league.{key}"): cells[key] for key in COLUMNS})


def _verdict(row: pd.Series, look: Look) -> str:
    """Verdict, with the reason where there is no back-test."""
    verdict = look.say(f"league.is_{row['verdict']}")
    if row["verdict"] != "untested":
        return verdict
    return look.say("league.because", verdict=verdict, why=look.say(f"growth_error.{row['reason']}", **row["why"]))


def _percent(value: float, look: Look) -> str:
    return f"{round(100 * value, 1) + 0.0:+.1f}".replace("-", "−") if np.isfinite(value) else look.say("unit.none")


def _figure(value: float, look: Look, digits: int = 2) -> str:
    return minus(value, digits) if np.isfinite(value) else look.say("unit.none")


def _amount(value: float, unit: str, look: Look) -> str:
    """A value with its unit."""
    if not np.isfinite(value):
        return look.say("unit.none")
    return tight(look.say("league.amount", value=rounded(value, look, 4), unit=unit))


def _outlook(row: pd.Series, look: Look) -> str:
    """When, and median with 95 % band in three figures."""
    ends = [float(row[key]) for key in ("median", "low_95", "high_95")]
    if not np.isfinite(ends).all():
        return look.say("unit.none")
    value, low, high = (rounded(end, look) for end in ends)
    return look.pair(_when(str(row["at"]), look), look.say("league.ahead", value=value, low=low, high=high))


def _when(label: str, look: Look) -> str:
    """A label as the reader writes it: Aug 2027."""
    if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", label):
        return look.month(pd.Timestamp(label))
    return look.say("trial.year", year=label) if re.fullmatch(r"\d{4}", label) else label


def _label(text: str) -> str:
    """A label as text: days are cut to their month."""
    return text[:7] if len(text) == DAY else text


def _span(first: str, last: str, look: Look) -> str:
    return f"{_label(first)} – {_label(last)}" if first else look.say("unit.none")


def finding(league: pd.DataFrame, look: Look) -> str:
    """Of how many series a curve beats the naive guess, how many are too short to say, and how many no series."""
    counts = league["verdict"].value_counts()
    beats, nothing = int(counts.get("beats", 0)), int(counts.get("nothing_beats", 0))
    short = int(league["reason"].isin(SHORT).sum())
    others = {"too_short": short, "not_tested": len(league) - beats - nothing - short}
    values = {"beats": beats, "tested": beats + nothing, "nothing": nothing}
    kind = "untested" if not beats + nothing else "all" if not nothing else "none" if not beats else "some"
    said = look.say(f"league.finding_{kind}", **values)
    for key, n in others.items():
        if n and kind != "untested":
            said = look.say("growth.but", first=said, second=look.say(f"league.{key}", n=n))
    return said
