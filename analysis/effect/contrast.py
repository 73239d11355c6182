"""Two-way fixed effects, for contrast only, and what it compares (Goodman-Bacon 2021)."""

import numpy as np
import pandas as pd

from analysis.effect.design import Floats, Ints, read
from analysis.effect.fit import WHOLE
from analysis.effect.inference import Estimate
from analysis.share.regression import regress
from analysis.share.result import FEW_CLUSTERS, critical

KINDS = ("never", "not_yet", "already")


def twfe(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    cluster: str | None = None,
    weight: str | None = None,
    window: tuple[float, float] = WHOLE,
    level: float = 0.95,
) -> Estimate:
    """Coefficient of "treated by now" with unit and period constants; clustered errors.

    It averages comparisons with units already treated too: where effects grow or differ it may be far off, even in
    sign. `decompose` says how much of it they carry. Periods after the last of `window` have a coefficient of their
    own, so that it is of the same periods as `att` with that window.
    """
    design = read(panel, outcome=outcome, unit=unit, time=time, cohort=cohort, cluster=cluster, weight=weight)
    states = [_demeaned(state, design.weight).ravel() for state in _states(design.start, len(design.times), window)]
    weights = np.repeat(design.weight, len(design.times))
    clusters = np.repeat(design.clusters, len(design.times))
    count = int(design.clusters.max()) + 1
    found = regress(
        _demeaned(design.outcome, design.weight).ravel(),
        np.stack(states),
        clusters=clusters,
        absorbed=len(design.times),
        weights=None if weight is None else weights,
    )
    error = float(np.sqrt(found.covariance[0, 0]))
    half = float(critical(level, np.array([count - 1.0 if count < FEW_CLUSTERS else np.inf]))[0]) * error
    value = float(found.params[0])
    return Estimate(value, error, value - half, value + half)


def _states(start: Ints, periods: int, window: tuple[float, float]) -> list[Floats]:
    """Rows x periods: treated and inside the window; treated and after it, where there is such a period."""
    relative = np.arange(periods) - start[:, None]
    inside, later = (relative >= 0) & (relative <= window[1]), relative > window[1]
    return [state.astype(np.float64) for state in ((inside, later) if later.any() else (inside,))]


def _demeaned(values: Floats, weight: Floats) -> Floats:
    of_period = weight @ values / weight.sum()
    return values - values.mean(axis=1, keepdims=True) - of_period + of_period.mean()


def decompose(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    weight: str | None = None,
    window: tuple[float, float] = WHOLE,
) -> pd.DataFrame:
    """What two-way fixed effects compare: weight and estimate of each kind of comparison.

    Returns
    -------
    pandas.DataFrame
        Index kind: treated against "never" treated, against "not_yet" treated, and against those "already" treated
        (which are no controls). `weight` adds to 1; sum of weight x estimate is `twfe`. An empty kind has weight 0 and
        estimate 0.

    Notes
    -----
    The coefficient is an average over all pairs of cohorts and of periods of (change of one less change of the other),
    weighted by the square of what treatment changed. A pair of periods counts as "already" when neither cohort is
    untreated in both. Without a `window` these are the comparisons of Goodman-Bacon (2021).
    """
    design = read(panel, outcome=outcome, unit=unit, time=time, cohort=cohort, weight=weight)
    starts, member = np.unique(np.minimum(design.start, len(design.times)), return_inverse=True)
    size = np.bincount(member, design.weight).astype(np.float64)
    means = np.zeros((len(starts), len(design.times)))
    np.add.at(means, member, design.weight[:, None] * design.outcome)
    means /= size[:, None]
    part = _by_kind(starts, size, means, _dose(starts, size, means.shape[1], window))
    part = part / part["weight"].sum()
    estimate = (part["product"] / part["weight"].where(part["weight"] > 0)).fillna(0.0)
    return pd.DataFrame({"weight": part["weight"], "estimate": estimate}).rename_axis("kind")


def _dose(starts: Ints, size: Floats, periods: int, window: tuple[float, float]) -> Floats:
    """Treatment of each cohort by period, net of what periods after the window have in common with it."""
    inside, *later = _states(starts, periods, window)
    if not later:
        return inside
    own, other = _demeaned(inside, size), _demeaned(later[0], size)
    return inside - later[0] * float(size @ (own * other).sum(axis=1) / (size @ (other**2).sum(axis=1)))


def _by_kind(starts: Ints, size: Floats, means: Floats, dose: Floats) -> pd.DataFrame:
    """Weights and products with the outcome by kind: each pair of cohorts, the earlier first."""
    periods = means.shape[1]
    sums = dict.fromkeys(KINDS, np.zeros(2))
    for late in range(1, len(starts)):
        pair = size[:late] * size[late]
        apart, change = dose[:late] - dose[late], means[:late] - means[late]
        whole = pair @ _moments(apart, change)
        clean = whole if starts[late] >= periods else pair @ _moments(*(v[:, : starts[late]] for v in (apart, change)))
        kind = "never" if starts[late] >= periods else "not_yet"
        sums = sums | {kind: sums[kind] + clean, "already": sums["already"] + whole - clean}
    return pd.DataFrame.from_dict(sums, orient="index", columns=["weight", "product"])


def _moments(dose: Floats, change: Floats) -> Floats:
    """Sums over pairs of periods of differences of the dose, squared and times those of the change: rows x 2."""
    left = dose - dose.mean(axis=1, keepdims=True)
    return dose.shape[1] * np.column_stack([(left**2).sum(axis=1), (left * change).sum(axis=1)])
