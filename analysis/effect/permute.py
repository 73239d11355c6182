"""Tests that lean on the design: cohorts dealt out at random, and dates moved to before anything happened."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import exp, lgamma

import numpy as np
import pandas as pd

from analysis.effect.design import Columns, Design, Flags, Floats, Ints, read
from analysis.effect.errors import EffectError
from analysis.effect.fit import WHOLE, overall
from analysis.share.absorb import group

LEAST_DRAWS = 19
"""Fewest random deals of which one can be rare: with the real one they make 1 in 20."""
LARGEST_LOG = 700.0
"""Beyond it the exponential overflows."""


@dataclass(frozen=True, slots=True, eq=False)
class Randomisation:
    """How rare the estimate is among those of cohorts dealt out at random.

    Attributes
    ----------
    p_value : float
        Part of all deals, the real one among them, whose |t| is at least the real one's.
    statistic : float
        Estimate over its standard error.
    draws : pandas.Series
        The statistic of each deal.
    estimate : float
    treated : int
    within : str or None
        Column inside whose values cohorts were dealt out.
    """

    p_value: float
    statistic: float
    draws: pd.Series
    estimate: float
    treated: int
    within: str | None


def randomise(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    control: str = "never",
    weight: str | None = None,
    anticipation: int = 0,
    window: tuple[float, float] = WHOLE,
    within: str | None = None,
    draws: int = 499,
    seed: int = 0,
) -> Randomisation:
    """Randomisation inference on the overall effect: right for any number of treated units.

    Cohorts are permuted over units (inside the values of `within`, such as tier) and the overall effect of `att` over
    its standard error is taken each time. The test is of no effect in any unit. "not-yet" controls take an estimate a
    draw; "never" all at once. Refused where so few deals differ that none could be rare.
    """
    if draws < LEAST_DRAWS:
        raise EffectError("few_draws", f"{draws} draws cannot reach 5 %: take {LEAST_DRAWS} or more")
    names = Columns(outcome=outcome, unit=unit, time=time, cohort=cohort)
    design = read(panel, **names, weight=weight, before=anticipation + 1)
    strata = np.zeros(len(design.units), dtype=np.int64)
    if within is not None:
        first = panel.drop_duplicates(unit).set_index(unit)[[within]].loc[design.units]
        strata = group(first.reset_index(drop=True), within).codes
    if _deals(design.start, strata) < LEAST_DRAWS + 1:
        raise EffectError("few_deals", "hardly any two deals of the cohorts differ: deal them over more units")
    dealt = _deal(design.start, strata, draws, np.random.default_rng(seed))
    found = (_at_once if control == "never" else _one_by_one)(design, dealt, control, anticipation, window)
    statistics = found[0] / found[1]
    real = float(statistics[0])
    rarer = np.abs(statistics[1:]) >= abs(real) * (1 - 1e-12)
    return Randomisation(
        float((1 + rarer.sum()) / (draws + 1)),
        real,
        pd.Series(statistics[1:], name="statistic"),
        float(found[0][0]),
        int((~design.never).sum()),
        within,
    )


def _deals(start: Ints, strata: Ints) -> float:
    """Different ways to deal the starts out inside the strata."""
    cells = np.unique(np.column_stack([strata, start]), axis=0, return_counts=True)[1]
    logs = sum(lgamma(n + 1) for n in np.bincount(strata)) - sum(lgamma(n + 1) for n in cells)
    return exp(min(logs, LARGEST_LOG))


def _deal(start: Ints, strata: Ints, draws: int, rng: np.random.Generator) -> Ints:
    """Starts (1 + draws, units): the real ones, then permutations inside the strata."""
    order = np.argsort(strata + rng.random((draws, len(start))), axis=1)
    dealt = np.empty_like(order)
    np.put_along_axis(dealt, order, np.broadcast_to(start[np.argsort(strata, kind="stable")], order.shape), axis=1)
    return np.vstack([start, dealt])


def _at_once(
    design: Design, dealt: Ints, control: str, anticipation: int, window: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Estimates and errors against never treated units: a contrast of each unit's periods for each cohort."""
    if not design.never.any():
        raise EffectError("no_controls", f"control={control!r} finds no unit: use control='not-yet'")
    starts = np.unique(design.start[~design.never])
    contrast = design.outcome @ _contrasts(starts, len(design.times), anticipation, window).T
    never = dealt >= len(design.times)
    member = np.where(never, 0, np.searchsorted(starts, dealt))
    own_weight, other_weight = (_part(design.weight, chosen) for chosen in (~never, never))
    own = np.take_along_axis(np.broadcast_to(contrast, (len(dealt), *contrast.shape)), member[..., None], 2)[..., 0]
    share = np.stack([np.where(member == g, own_weight, 0.0).sum(axis=1) for g in range(len(starts))], axis=1)
    control_mean = other_weight @ contrast
    effects = (own_weight * own).sum(axis=1) - (share * control_mean).sum(axis=1)
    own_left = own - np.take_along_axis(control_mean, member, 1) - effects[:, None]
    other = share @ contrast.T
    other_left = other - (other_weight * other).sum(axis=1, keepdims=True)
    variance = _inflate((own_weight * own_left) ** 2, ~never) + _inflate((other_weight * other_left) ** 2, never)
    return effects, np.sqrt(variance)


def _contrasts(starts: Ints, periods: int, anticipation: int, window: tuple[float, float]) -> Floats:
    relative = np.arange(periods) - starts[:, None]
    after = (relative >= max(0, window[0])) & (relative <= window[1])
    return after / after.sum(axis=1, keepdims=True) - (relative == -1 - anticipation)


def _part(weight: Floats, chosen: Flags) -> Floats:
    held = chosen * weight
    return held / held.sum(axis=1, keepdims=True)


def _inflate(squares: Floats, chosen: Flags) -> Floats:
    count = chosen.sum(axis=1)
    return squares.sum(axis=1) * count / np.maximum(count - 1, 1)


def _one_by_one(
    design: Design, dealt: Ints, control: str, anticipation: int, window: tuple[float, float]
) -> tuple[Floats, Floats]:
    fits = [
        overall(replace(design, start=start), control=control, anticipation=anticipation, window=window)
        for start in dealt
    ]
    return np.array([fit.estimate for fit in fits]), np.array([fit.std_error for fit in fits])


def placebo(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    control: str = "never",
    cluster: str | None = None,
    weight: str | None = None,
    anticipation: int = 0,
    shifts: Sequence[int] = (6, 12),
    level: float = 0.95,
) -> pd.DataFrame:
    """Overall effect of dates moved earlier, from periods before the real ones alone: it should be zero.

    Returns
    -------
    pandas.DataFrame
        Index shift (periods earlier); columns estimate, std_error, low, high, treated. Treated counts the units with a
        period before the moved date; 0, and no estimate, when there are none, or none to compare them with.
    """
    if any(shift <= anticipation for shift in shifts):
        raise ValueError(f"shifts {tuple(shifts)} must be longer than the anticipation, {anticipation}")
    names = Columns(outcome=outcome, unit=unit, time=time, cohort=cohort)
    design = read(panel, **names, cluster=cluster, weight=weight, before=anticipation + 1)
    rows = []
    for shift in shifts:
        start = np.where(design.never, design.start, design.start - shift)
        moved = replace(design, start=start).keep(start >= anticipation + 1, "already_treated")
        rows.append(_shifted(moved, control, anticipation, shift, level))
    return pd.DataFrame(rows, pd.Index(shifts, name="shift"))


def _shifted(design: Design, control: str, anticipation: int, shift: int, level: float) -> dict[str, float]:
    nothing = dict.fromkeys(("estimate", "std_error", "low", "high"), np.nan) | {"treated": 0}
    if design.never.all():
        return nothing
    window = (-np.inf, shift - 1 - anticipation)
    try:
        found = overall(design, control=control, anticipation=anticipation, window=window, level=level)
    except EffectError:
        return nothing
    return asdict(found) | {"treated": int((~design.never).sum())}
