"""Effects by cohort and period, with what every unit contributes to each (Callaway and Sant'Anna 2021)."""

from dataclasses import dataclass

import numpy as np

from analysis.effect.design import Design, Flags, Floats, Ints
from analysis.effect.errors import EffectError

CONTROLS = ("never", "not-yet")
BASES = ("universal", "varying")


@dataclass(frozen=True, slots=True, eq=False)
class GroupTime:
    """ATT(g, t) = E[Y_t - Y_base | G = g] - E[Y_t - Y_base | controls].

    Attributes
    ----------
    cohorts : (cohorts,) int64
        First treated period, as a position.
    member : (units,) int64
        Cohort of each unit, as a position in `cohorts`; -1 for units never treated inside the panel.
    estimate : (cohorts, periods) float64
        Not a number where no control is left, and before the first difference.
    influence : (units, cohorts, periods) float64
        Influence function; the estimate's error is its mean over units.
    size : (cohorts,) int64
        Units in each cohort; `share` (cohorts,) float64 their part of all weight.
    relative : (cohorts, periods) int64
        Periods since first treatment.
    before : (cohorts, periods) bool
        Cells that a pre-trend test may use: before treatment and its anticipation, the base left out.
    reference : (cohorts, periods) bool
        Cells that are zero by construction.
    """

    cohorts: Ints
    member: Ints
    estimate: Floats
    influence: Floats
    size: Ints
    share: Floats
    relative: Ints
    before: Flags
    reference: Flags


def group_time(design: Design, *, control: str = "never", anticipation: int = 0, base: str = "universal") -> GroupTime:
    """Effects of every cohort in every period.

    Parameters
    ----------
    design : Design
        Every treated unit has a period before treatment and its anticipation.
    control : str
        "never" treated inside the panel, or "not-yet": those and all that start after the period compared.
    anticipation : int
        Periods before treatment in which units may already respond; the base lies before them.
    base : str
        Before treatment, "universal" compares with the same base as after it (the reading of an event study chart);
        "varying" compares with the period just before.
    """
    if control not in CONTROLS or base not in BASES:
        raise ValueError(f"control is {control!r} and base {base!r}: choose from {CONTROLS} and {BASES}")
    if control == "never" and not design.never.any():
        raise EffectError("no_controls", "every unit is treated in the end: use control='not-yet', or a shorter window")
    units, periods = design.outcome.shape
    cohorts = np.unique(design.start[~design.never])
    member = np.where(design.never, -1, np.searchsorted(cohorts, design.start))
    relative = np.arange(periods) - cohorts[:, None]
    effects = np.empty((len(cohorts), periods))
    influence = np.empty((units, len(cohorts), periods))
    for g, start in enumerate(cohorts):
        change, bases = _changes(design.outcome, int(start) - 1 - anticipation, base)
        weight = design.weight[:, None] * _controls(design, int(start), control, anticipation, bases)
        own, own_part = _average(change, np.where(member == g, design.weight, 0.0)[:, None])
        other, other_part = _average(change, weight)
        effects[g], influence[:, g] = own - other, own_part - other_part
    influence[:, ~np.isfinite(effects)] = 0.0
    return GroupTime(
        cohorts,
        member,
        effects,
        influence,
        size=np.bincount(member[member >= 0]),
        share=np.bincount(member[member >= 0], design.weight[member >= 0]) / design.weight.sum(),
        relative=relative,
        before=(relative < -anticipation) & np.isfinite(effects) & ~_fixed(relative, anticipation, base),
        reference=_fixed(relative, anticipation, base),
    )


def _fixed(relative: Ints, anticipation: int, base: str) -> Flags:
    return (relative == -1 - anticipation) & (base == "universal")


def _changes(outcome: Floats, base: int, kind: str) -> tuple[Floats, Ints]:
    """Outcome less that of the base period, and the base of each period."""
    periods = outcome.shape[1]
    bases = np.full(periods, base)
    if kind == "varying":
        bases[: base + 1] = np.arange(base + 1) - 1
    change = outcome - outcome[:, np.maximum(bases, 0)]
    change[:, bases < 0] = np.nan
    return change, bases


def _controls(design: Design, start: int, control: str, anticipation: int, bases: Ints) -> Flags:
    if control == "never":
        return design.never[:, None]
    reach = np.maximum(np.arange(len(design.times)), bases) + anticipation
    waiting = (design.start[:, None] > reach) & (design.start != start)[:, None]
    return waiting | design.never[:, None]


def _average(change: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted mean of each period and each unit's part of its error; not a number without weight."""
    total = np.broadcast_to(weight, change.shape).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = weight / total
    mean = (scaled * change).sum(axis=0)
    return mean, len(change) * scaled * (change - mean)
