"""Two-way fixed effects, for contrast only, and what it compares (Goodman-Bacon 2021)."""

import numpy as np
import pandas as pd

from analysis.effect.design import Design, Floats, Ints, read
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
    level: float = 0.95,
) -> Estimate:
    """Coefficient of "treated by now" with unit and period constants; clustered errors.

    It averages comparisons with units already treated too: where effects grow or differ it may be far off, even in
    sign. `decompose` says how much of it they carry.
    """
    design = read(panel, outcome=outcome, unit=unit, time=time, cohort=cohort, cluster=cluster, weight=weight)
    treated = _demeaned(_treated(design), design.weight)
    weights = np.repeat(design.weight, len(design.times))
    clusters = np.repeat(design.clusters, len(design.times))
    count = int(design.clusters.max()) + 1
    found = regress(
        _demeaned(design.outcome, design.weight).ravel(),
        treated.reshape(1, -1),
        clusters=clusters,
        absorbed=len(design.times),
        weights=None if weight is None else weights,
    )
    error = float(np.sqrt(found.covariance[0, 0]))
    half = float(critical(level, np.array([count - 1.0 if count < FEW_CLUSTERS else np.inf]))[0]) * error
    value = float(found.params[0])
    return Estimate(value, error, value - half, value + half)


def _treated(design: Design) -> Floats:
    return (np.arange(len(design.times)) >= design.start[:, None]).astype(np.float64)


def _demeaned(values: Floats, weight: Floats) -> Floats:
    of_period = weight @ values / weight.sum()
    return values - values.mean(axis=1, keepdims=True) - of_period + of_period.mean()


def decompose(
    panel: pd.DataFrame, *, outcome: str, unit: str, time: str, cohort: str, weight: str | None = None
) -> pd.DataFrame:
    """What two-way fixed effects compare: weight and estimate of each kind of comparison.

    Returns
    -------
    pandas.DataFrame
        Index kind: treated against "never" treated, against "not_yet" treated, and against those "already" treated
        (which are no controls). `weight` adds to 1; sum of weight x estimate is `twfe`. An empty kind has weight 0 and
        estimate 0.
    """
    design = read(panel, outcome=outcome, unit=unit, time=time, cohort=cohort, weight=weight)
    starts, member = np.unique(np.minimum(design.start, len(design.times)), return_inverse=True)
    size = np.bincount(member, design.weight) / design.weight.sum()
    means = np.zeros((len(starts), len(design.times)))
    np.add.at(means, member, design.weight[:, None] * design.outcome)
    means /= np.bincount(member, design.weight)[:, None]
    pairs = _pairs(starts, size, means)
    part = pairs.groupby("kind")[["weight", "product"]].sum().reindex(list(KINDS), fill_value=0.0)
    part = part / part["weight"].sum()
    estimate = (part["product"] / part["weight"].where(part["weight"] > 0)).fillna(0.0)
    return pd.DataFrame({"weight": part["weight"], "estimate": estimate}).rename_axis("kind")


def _pairs(starts: Ints, size: Floats, means: Floats) -> pd.DataFrame:
    """Both comparisons of each pair of cohorts, the earlier (k) first; weights up to a factor."""
    periods = means.shape[1]
    k, m = np.triu_indices(len(starts), 1)
    late = starts[m] >= periods
    on = (periods - starts) / periods
    both = size[k] + size[m]
    balance = size[k] * size[m] / both**2
    since_k, since_m = on[k], on[m]
    first = (both * (1 - since_m)) ** 2 * balance * (since_k - since_m) * (1 - since_k) / (1 - since_m) ** 2
    second = (both * since_k) ** 2 * balance * since_m * (since_k - since_m) / since_k**2
    before, between, after = (
        (np.zeros_like(k), starts[k]),
        (starts[k], starts[m]),
        (starts[m], np.full_like(k, periods)),
    )
    gain = _mean(means, k, between) - _mean(means, k, before) - _mean(means, m, between) + _mean(means, m, before)
    known = ~late
    lag = np.zeros(len(k))
    span = tuple(edge[known] for edge in after), tuple(edge[known] for edge in between)
    lag[known] = sum(
        sign * (_mean(means, who[known], span[0]) - _mean(means, who[known], span[1]))
        for sign, who in ((1, m), (-1, k))
    )
    kind = np.concatenate([np.where(late, "never", "not_yet"), np.repeat("already", len(k))])
    weight = np.concatenate([first, second])
    return pd.DataFrame({"kind": kind, "weight": weight, "product": weight * np.concatenate([gain, lag])})


def _mean(means: Floats, rows: Ints, span: tuple[Ints, Ints]) -> Floats:
    """Mean of each row over its periods from the first of `span` to before the second."""
    sums = np.concatenate([np.zeros((len(means), 1)), means.cumsum(axis=1)], axis=1)
    return (sums[rows, span[1]] - sums[rows, span[0]]) / (span[1] - span[0])
