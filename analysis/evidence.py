"""Evidence ladder: what a subsidy effect rests on, and intervals that widen as the footing gets weaker.

Rungs, weakest first: *assumed* (an elasticity somebody believes), *association* (networks sell more where and when
they pay more, other things held constant), *instrumented* (only the part of the subsidy that moves for reasons from
elsewhere), *quasi_experimental* (cities before and after a roll-out against cities without it).

Convention of the widening: a half-width is multiplied by `WIDENING`, and is never less than that of any stronger rung
at hand. An association is often the most precise number of all, and precise about the wrong question: without the
second rule its interval would be the narrowest. The factors are a judgement, not an estimate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.grade import Grade

RUNGS = ("assumed", "association", "instrumented", "quasi_experimental")
"""Weakest first."""
WIDENING: dict[str, float] = {"assumed": 2.0, "association": 1.5, "instrumented": 1.25, "quasi_experimental": 1.0}
"""Factor on the half-widths of each rung."""
COLUMNS = ("estimate", "low", "high")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One estimate of the subsidy effect and what it rests on.

    Attributes
    ----------
    rung : str
        Of `RUNGS`.
    estimate, low, high : float
        Log-odds per CNY per parcel.
    grade : Grade
    group : str
        Tier, or "all".
    """

    rung: str
    estimate: float
    low: float
    high: float
    grade: Grade
    group: str = "all"


def grade(rung: str) -> Grade:
    """Assumed for the lowest rung, estimated for the others."""
    if rung not in RUNGS:
        raise ValueError(f"rung {rung!r} is unknown: choose from {', '.join(RUNGS)}")
    return Grade.ASSUMED if rung == RUNGS[0] else Grade.ESTIMATED


def assumed_slope(elasticity: tuple[float, float], *, subsidy: float, share: float, group: str = "all") -> Evidence:
    """Slope b = eta / (s (1 - S)) from a range of own elasticities, for want of data to estimate it.

    Parameters
    ----------
    elasticity : (float, float)
        Lowest and highest per cent of volume for one per cent more subsidy.
    subsidy : float
        s at which they hold, CNY per parcel.
    share : float
        S of the network there, a fraction of contestable parcels.
    """
    low, high = elasticity
    if not (np.isfinite([low, high]).all() and low <= high):
        raise ValueError(f"the elasticities are {low} and {high}: give the lower one first")
    if not subsidy > 0 or not 0 <= share < 1:
        raise ValueError(f"subsidy is {subsidy} and share {share}: give a positive subsidy and a share in [0, 1)")
    unit = 1 / (subsidy * (1 - share))
    return Evidence(RUNGS[0], (low + high) / 2 * unit, low * unit, high * unit, grade(RUNGS[0]), group)


def frame(*found: Evidence) -> pd.DataFrame:
    """Pieces of evidence on one rung as `ladder` takes them: index group; estimate, low, high."""
    return pd.DataFrame([[e.estimate, e.low, e.high] for e in found], [e.group for e in found], list(COLUMNS))


def ladder(rungs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every estimate at hand by group, from the weakest rung to the strongest, with widened intervals.

    Parameters
    ----------
    rungs : mapping of rung to pandas.DataFrame
        Index group; estimate, low, high at 95 %, log-odds per CNY (as `ShareFit.estimates` gives them). Rows without
        a finite interval are no evidence.

    Returns
    -------
    pandas.DataFrame
        Index (group, rung): estimate, low and high (widened), raw_low and raw_high (as given), factor (widened over
        given width, the larger side), best (the strongest rung of its group), grade. Within a group low falls short
        of the estimate, and high exceeds it, by no less than on any stronger rung.
    """
    for rung, table in rungs.items():
        grade(rung)
        if not set(COLUMNS) <= set(table):
            raise ValueError(f"the estimates of {rung!r} need columns {', '.join(COLUMNS)}")
        if ((table["low"] > table["estimate"]) | (table["high"] < table["estimate"])).any():
            raise ValueError(f"an interval of {rung!r} does not hold its estimate: check low and high")
    parts = {rung: rungs[rung][list(COLUMNS)].dropna() for rung in reversed(RUNGS) if rung in rungs}
    parts = {rung: t[np.isfinite(t.to_numpy(np.float64)).all(axis=1)] for rung, t in parts.items()}
    groups = list(dict.fromkeys(str(g) for rung in rungs for g in rungs[rung].index))
    rows = [row for group in groups for row in _group(group, parts)]
    if not rows:
        raise ValueError("no rung has a finite interval: estimate the effect, or assume a range")
    return pd.DataFrame(rows).set_index(["group", "rung"])


def _group(group: str, parts: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """Rows of one group, weakest rung first; `parts` come strongest first."""
    down = up = 0.0
    rows: list[dict[str, object]] = []
    for rung, table in parts.items():
        named = table.set_axis(table.index.astype(str))
        if group not in named.index:
            continue
        estimate, low, high = (float(named.at[group, c]) for c in COLUMNS)
        down = max(down, WIDENING[rung] * (estimate - low))
        up = max(up, WIDENING[rung] * (high - estimate))
        sides = [(down, estimate - low), (up, high - estimate)]
        rows.append(
            {
                "group": group,
                "rung": rung,
                "estimate": estimate,
                "low": estimate - down,
                "high": estimate + up,
                "raw_low": low,
                "raw_high": high,
                "factor": max((wide / own if own else 1.0 if not wide else np.inf) for wide, own in sides),
                "best": not rows,
                "grade": grade(rung),
            }
        )
    return rows[::-1]


def best(table: pd.DataFrame) -> dict[str, Evidence]:
    """Strongest evidence of each group of a `ladder`, with its widened interval."""
    return {
        str(group): Evidence(str(rung), row["estimate"], row["low"], row["high"], Grade(row["grade"]), str(group))
        for (group, rung), row in table[table["best"]].iterrows()
    }
