"""The estimate itself: `att` and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.effect.aggregate import Averages, by_cohort, over_cohorts, sized
from analysis.effect.design import Columns, Design, Flags, Ints, read
from analysis.effect.errors import EffectError
from analysis.effect.group_time import GroupTime, group_time
from analysis.effect.inference import UNITS_PER_EFFECT, Estimate, Pretest, Sampling, joint_level, wald
from data.grade import Grade

FEW_TREATED = 10
"""Below this many treated units an interval from their own spread is too narrow: use `randomise`."""
WHOLE = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class EffectFit:
    """Effects of a roll-out on the treated, in the unit of the outcome. Made by `analysis.effect.att`.

    Frames have columns estimate, std_error, low, high (pointwise interval) and treated (units behind the figure).

    Attributes
    ----------
    att_gt : pandas.DataFrame
        Index cohort, time; every effect that could be compared, before treatment too.
    event : pandas.DataFrame
        Index relative period (0 is the first treated), averaged by cohort size; columns `band_low` and `band_high`
        hold for all rows at once. A reference period is 0 without error.
    by_cohort, by_time : pandas.DataFrame
        Averages after treatment of each cohort and in each period.
    overall : Estimate
        Average over treated units of their own average after treatment ("group" below): each counts the same.
    averages : mapping of str to Estimate
        "group", "simple" (over unit-periods after treatment), "dynamic" (mean of `event` from 0 on) and "calendar"
        (mean of `by_time`).
    pretest : Pretest
    units, treated, controls : int
        Units used; those treated inside the panel; those that serve as control somewhere.
    clusters : int
    control : str
        "never" or "not-yet".
    dropped : mapping of str to int
        Units left out: "incomplete", "already_treated".
    unmatched : int
        Cells after treatment, inside the window, without a control left, which no average holds.
    level : float
    grade : Grade
    """

    att_gt: pd.DataFrame
    event: pd.DataFrame
    by_cohort: pd.DataFrame
    by_time: pd.DataFrame
    overall: Estimate
    averages: Mapping[str, Estimate]
    pretest: Pretest
    units: int
    treated: int
    controls: int
    clusters: int
    control: str
    dropped: Mapping[str, int]
    unmatched: int
    level: float
    grade: Grade = Grade.ESTIMATED

    @property
    def few_treated(self) -> bool:
        """Fewer treated units than an interval can rest on."""
        return self.treated < FEW_TREATED


def att(
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
    level: float = 0.95,
    base: str = "universal",
    window: tuple[float, float] = WHOLE,
    small_sample: bool = True,
    seed: int = 0,
) -> EffectFit:
    """Effect on the treated of a treatment that starts at different times and is not taken back.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per unit and period; not changed. Units that miss a period or are treated from the start are left out
        and counted.
    outcome, unit, time, cohort : str
        Columns. `cohort` is the first treated period of the unit, in the values of `time`; empty for never.
    control : str
        "never" treated inside the panel, or "not-yet" treated by the period compared.
    cluster : str, optional
        Column within which units may be correlated; each unit on its own by default.
    weight : str, optional
        Column of unit weights (the value in the unit's first row counts); every unit the same by default.
    anticipation : int
        Periods before treatment in which units may already respond.
    level : float
        Of intervals and bands.
    base : str
        Effects before treatment against the "universal" base period, or "varying": against the period before.
    window : (float, float)
        First and last relative period that averages, test and bands take in; relative periods are counted in periods
        of the panel.
    small_sample : bool
        Factors n/(n-1) and Student's t for few units; False gives the plain influence-function errors.
    seed : int
        Of the simultaneous bands.

    Notes
    -----
    Parallel trends is assumed without covariates: had they not been treated, treated units would have changed as the
    controls did.
    """
    names = Columns(outcome=outcome, unit=unit, time=time, cohort=cohort)
    design = read(panel, **names, cluster=cluster, weight=weight, before=anticipation + 1)
    return estimate(
        design,
        control=control,
        anticipation=anticipation,
        level=level,
        base=base,
        window=window,
        small_sample=small_sample,
        seed=seed,
    )


def estimate(
    design: Design,
    *,
    control: str = "never",
    anticipation: int = 0,
    level: float = 0.95,
    base: str = "universal",
    window: tuple[float, float] = WHOLE,
    small_sample: bool = True,
    seed: int = 0,
) -> EffectFit:
    """`att` of a panel that is already in matrices."""
    cells = group_time(design, control=control, anticipation=anticipation, base=base)
    sampling = _sampling(design, cells, control, small=small_sample, level=level)
    valid = np.isfinite(cells.estimate)
    near = valid & (cells.relative >= window[0]) & (cells.relative <= window[1])
    after = _after(cells, window)
    events, event = _event(cells, near, design, sampling)
    cohorts, times = by_cohort(cells, after), sized(cells, _by_time(after), design.weight)
    averages = {
        "group": over_cohorts(cells, cohorts, design.weight),
        "simple": sized(cells, after[None], design.weight),
        "dynamic": event.mean((events >= 0).astype(np.float64)),
        "calendar": times.mean(np.ones(len(times.estimate))),
    }
    estimates = {kind: _estimate(found, sampling) for kind, found in averages.items()}
    return EffectFit(
        att_gt=_cells(cells, valid, design, sampling),
        event=_with_band(event, events, sampling, seed),
        by_cohort=_table(cohorts, design.times[cells.cohorts][after.any(axis=1)].rename("cohort"), sampling),
        by_time=_table(times, design.times[after.any(axis=0)].rename("time"), sampling),
        overall=estimates["group"],
        averages=estimates,
        pretest=_pretest(
            cells, near, event, events < -anticipation, sampling, scale=float(np.abs(design.outcome).max())
        ),
        units=len(design.units),
        treated=int((cells.member >= 0).sum()),
        controls=sampling.controls,
        clusters=sampling.count,
        control=control,
        dropped=design.dropped,
        unmatched=int((~valid & (cells.relative >= 0) & (cells.relative <= window[1])).sum()),
        level=level,
    )


def overall(
    design: Design,
    *,
    control: str = "never",
    anticipation: int = 0,
    level: float = 0.95,
    window: tuple[float, float] = WHOLE,
) -> Estimate:
    """`EffectFit.overall` alone."""
    cells = group_time(design, control=control, anticipation=anticipation)
    cohorts = by_cohort(cells, _after(cells, window))
    sampling = _sampling(design, cells, control, small=True, level=level)
    return _estimate(over_cohorts(cells, cohorts, design.weight), sampling)


def _after(cells: GroupTime, window: tuple[float, float]) -> Flags:
    """Cells after treatment, inside the window, that have a control."""
    after = np.isfinite(cells.estimate) & (cells.relative >= max(0, window[0])) & (cells.relative <= window[1])
    if not after.any():
        raise EffectError("no_controls", "no period after treatment has a control left: use a shorter or other window")
    return after


def _sampling(design: Design, cells: GroupTime, control: str, *, small: bool, level: float) -> Sampling:
    waits = design.start > design.start.min() if control == "not-yet" else design.never
    return Sampling(cells.member, cells.size, int(waits.sum()), design.clusters, small, level)


def _event(cells: GroupTime, near: Flags, design: Design, sampling: Sampling) -> tuple[Ints, Averages]:
    events = np.unique(cells.relative[near])
    return events, sized(cells, near & (cells.relative == events[:, None, None]), design.weight)


def _by_time(after: Flags) -> Flags:
    used = np.flatnonzero(after.any(axis=0))
    return after & (np.arange(after.shape[1]) == used[:, None])[:, None, :]


def _table(found: Averages, index: pd.Index, sampling: Sampling) -> pd.DataFrame:
    return sampling.table(found.estimate, found.influence, found.holds, index)


def _estimate(found: Averages, sampling: Sampling) -> Estimate:
    row = _table(found, pd.RangeIndex(1), sampling).iloc[0]
    return Estimate(*(float(row[name]) for name in ("estimate", "std_error", "low", "high")))


def _cells(cells: GroupTime, valid: Flags, design: Design, sampling: Sampling) -> pd.DataFrame:
    g, t = np.nonzero(valid)
    index = pd.MultiIndex.from_arrays([design.times[cells.cohorts[g]], design.times[t]], names=["cohort", "time"])
    holds = np.eye(len(cells.cohorts), dtype=bool)[g]
    return sampling.table(cells.estimate[g, t], cells.influence[:, g, t], holds, index)


def _with_band(event: Averages, events: Ints, sampling: Sampling, seed: int) -> pd.DataFrame:
    index = pd.Index(events, name="event")
    level = joint_level(sampling.scores(event.influence, event.holds), sampling.level, seed)
    wide = _table(event, index, replace(sampling, level=level))
    return _table(event, index, sampling).assign(band_low=wide["low"], band_high=wide["high"])


def _pretest(
    cells: GroupTime, near: Flags, event: Averages, early: Flags, sampling: Sampling, *, scale: float
) -> Pretest:
    most = sampling.count // UNITS_PER_EFFECT
    g, t = np.nonzero(near & cells.before)
    leads = np.flatnonzero(early & (event.influence != 0).any(axis=0))
    if not g.size:
        return Pretest(None, 0, None, "group_time", "no_before")
    if g.size <= most:
        holds = np.eye(len(cells.cohorts), dtype=bool)[g]
        return wald(cells.estimate[g, t], sampling.scores(cells.influence[:, g, t], holds), "group_time", scale=scale)
    if not most or not leads.size:
        return Pretest(None, 0, None, "event", "few_units")
    last = leads[-most:]
    scores = sampling.scores(event.influence, event.holds)[:, last]
    found = wald(event.estimate[last], scores, "event", scale=scale)
    return replace(found, reason="nearest") if last.size < leads.size and not found.reason else found
