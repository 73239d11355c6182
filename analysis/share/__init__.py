"""Share model: log-centred attraction (MNL on shares) and, where cells are empty, Poisson on counts.

V = a + b x + d z + ..., shares = exp V / sum exp V within a market (Nakanishi and Cooper 1974). Market effects and the
groupings in `effects` are absorbed; centring within the market makes the base network irrelevant. Poisson regression
with market effects has the likelihood of the multinomial logit on counts (Baker 1994; Guimaraes et al. 2003).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.share.absorb import Absorber, Grouping, absorber, group
from analysis.share.errors import ShareError
from analysis.share.regression import Regression, clusters_held, regress
from analysis.share.result import FEW_CLUSTERS, ShareFit, diversion

__all__ = ["ESTIMATORS", "ShareError", "ShareFit", "diversion", "fit"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
NO_VARIATION = 1e-9
"""Norm left of a driver after the effects, as a fraction of its own, below which nothing identifies it."""
COLLINEAR = 1e-10
"""Smallest eigenvalue of the drivers' correlations after the effects."""
STEPS = 60
STEP_TOLERANCE = 1e-6
"""Root mean square change of the log mean, weighted by the mean, below which one more Newton step (taken)
leaves an error of its square."""


@dataclass(frozen=True, slots=True)
class _Design:
    """What an estimator gets: volumes (rows,), drivers (k, rows) with labels, groupings (markets first), clusters.

    `held` (k,) counts the clusters that hold the group of each coefficient; infinite without clusters.
    """

    volume: Floats
    drivers: Floats
    labels: pd.Index
    groupings: tuple[Grouping, ...]
    clusters: Codes | None
    held: Floats


@dataclass(frozen=True, slots=True)
class _Estimate:
    regression: Regression
    effects: dict[tuple[str, ...], pd.Series]
    r_squared: float | None


def fit(
    panel: pd.DataFrame,
    drivers: Sequence[str],
    *,
    market: Sequence[str] = ("city", "month"),
    alternative: str = "platform",
    volume: str = "parcels",
    by: str | None = None,
    effects: Sequence[str | Sequence[str]] = (),
    constants: bool = True,
    cluster: str | None = "city",
    estimator: str = "log-centred",
) -> ShareFit:
    """Fit the attraction model to a panel with one row per market and alternative.

    Parameters
    ----------
    panel : pandas.DataFrame
        Columns named by the other parameters; not changed.
    drivers : sequence of str
        Columns with a coefficient, any unit: 1 CNY against 1 fen divides the coefficient by 100.
    market : sequence of str
        Columns that name a market; its constant is always absorbed.
    alternative, volume : str
        Columns of the competing network and of its parcels.
    by : str, optional
        Column (such as tier) whose values have coefficients of their own, in one regression with common effects.
    effects : sequence of str or sequence of str
        Groupings to absorb: `("platform", "tier")` is one constant for each platform in each tier.
    constants : bool
        Absorb a constant for each alternative (by `by`) when no grouping in `effects` holds the alternative.
    cluster : str or None
        Column within which errors may be correlated. None gives the classical covariance: homoskedastic for
        "log-centred", the inverse information of the multinomial logit for "poisson".
    estimator : str
        "log-centred" (least squares on log volumes, every volume positive) or "poisson" (zeros allowed).

    Notes
    -----
    The clustered covariance has the small-sample factor C/(C-1) (n-1)/(n-k). k counts drivers and absorbed effects,
    except effects that lie inside the clusters (the markets of a city). With `by`, C counts the clusters that hold
    the group of the coefficient. The regression with all effects as dummies has
    the same covariance but for k.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator {estimator!r} is unknown: choose from {', '.join(ESTIMATORS)}")
    wanted = _groupings(tuple(market), alternative, by, effects, constants)
    _check(panel, tuple(drivers), volume, [*dict.fromkeys(c for g in wanted for c in g), alternative])
    _check_unique(panel, [*market, alternative])
    used = _with_parcels(panel, volume, wanted) if estimator == "poisson" else panel
    design = _design(used, tuple(drivers), volume, by, wanted, cluster)
    found = ESTIMATORS[estimator](design)
    clusters = None if design.clusters is None else int(design.clusters.max()) + 1
    small = np.sqrt(design.held / (design.held - 1)) if clusters else np.ones(len(design.labels))
    ratio = small / np.sqrt(clusters / (clusters - 1)) if clusters else small
    covariance = pd.DataFrame(found.regression.covariance * np.outer(ratio, ratio), design.labels, design.labels)
    return ShareFit(
        params=pd.Series(found.regression.params, design.labels, name="estimate"),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), design.labels, name="std_error"),
        covariance=covariance,
        nobs=len(used),
        markets=design.groupings[0].size,
        dropped=len(panel) - len(used),
        clusters=clusters,
        df=pd.Series(np.where(design.held < FEW_CLUSTERS, design.held - 1, np.inf), design.labels, name="df"),
        estimator=estimator,
        drivers=tuple(drivers),
        by=by,
        market=tuple(market),
        alternative=alternative,
        volume=volume,
        r_squared_within=found.r_squared,
        effects=found.effects,
    )


def _groupings(
    market: tuple[str, ...], alternative: str, by: str | None, effects: Sequence[str | Sequence[str]], constants: bool
) -> list[tuple[str, ...]]:
    if isinstance(effects, str):
        raise TypeError(f"effects is the text {effects!r}: give a tuple of groupings, such as ({effects!r},)")
    wanted = [(e,) if isinstance(e, str) else tuple(e) for e in effects]
    if constants and not any(alternative in e for e in wanted):
        wanted.insert(0, (alternative,) if by is None else (alternative, by))
    return [market, *wanted]


def _check(panel: pd.DataFrame, drivers: tuple[str, ...], volume: str, groups: list[str]) -> None:
    missing = [c for c in (*drivers, volume, *groups) if c not in panel]
    if missing:
        raise ValueError(f"the panel has no column {', '.join(missing)}: it has {', '.join(map(str, panel.columns))}")
    if not drivers or len(set(drivers)) < len(drivers):
        raise ValueError("name one or more different drivers")
    if panel.empty:
        raise ValueError("the panel has no rows: widen the filter")
    for column in (*drivers, volume):
        bad = int((~np.isfinite(panel[column].to_numpy(np.float64))).sum())
        if bad:
            raise ValueError(f"column {column!r} has {bad} cells that are not finite numbers: fill or drop those rows")
    if (panel[volume] < 0).any():
        raise ValueError(f"column {volume!r} has negative volumes: correct or drop those rows")


def _check_unique(panel: pd.DataFrame, columns: list[str]) -> None:
    double = len(panel) - group(panel, list(dict.fromkeys(columns))).size
    if double:
        raise ValueError(f"{double} rows repeat a market and alternative: add their volumes up first")


def _with_parcels(panel: pd.DataFrame, volume: str, wanted: list[tuple[str, ...]]) -> pd.DataFrame:
    """Rows whose market and effects all have parcels: the others fit perfectly at minus infinity."""
    used = panel
    while len(used):
        keep = np.ones(len(used), dtype=bool)
        for columns in wanted:
            groups = group(used, columns)
            keep &= (np.bincount(groups.codes, used[volume], groups.size) > 0)[groups.codes]
        if keep.all():
            return used
        used = used.loc[keep]
    raise ShareError("no_volume", f"no market has any {volume}: check the volume column")


def _design(
    panel: pd.DataFrame,
    drivers: tuple[str, ...],
    volume: str,
    by: str | None,
    wanted: list[tuple[str, ...]],
    cluster: str | None,
) -> _Design:
    columns, labels = _columns(panel, drivers, by)
    clusters = None if cluster is None else group(panel, cluster)
    if clusters is not None and clusters.size < 2:
        raise ShareError("few_clusters", f"{cluster!r} has one value only: clustered errors need two clusters or more")
    return _Design(
        volume=panel[volume].to_numpy(np.float64),
        drivers=columns,
        labels=labels,
        groupings=tuple(group(panel, g) for g in wanted),
        clusters=None if clusters is None else clusters.codes,
        held=clusters_held(panel, by, None if clusters is None else clusters.codes, len(drivers)),
    )


def _columns(panel: pd.DataFrame, drivers: tuple[str, ...], by: str | None) -> tuple[Floats, pd.Index]:
    values = np.stack([panel[d].to_numpy(np.float64) for d in drivers])
    if by is None:
        return values, pd.Index(drivers, name="driver")
    groups = group(panel, by)
    columns = np.zeros((groups.size, len(drivers), len(panel)))
    for k in range(groups.size):
        np.multiply(values, groups.codes == k, out=columns[k])
    labels = pd.MultiIndex.from_product([groups.labels, list(drivers)], names=[by, "driver"])
    return columns.reshape(-1, len(panel)), labels


def _check_identified(before: Floats, after: Floats, weights: Floats | None, labels: pd.Index) -> None:
    weight = 1.0 if weights is None else weights
    size, left = (np.sqrt((c**2 * weight).sum(axis=1)) for c in (before, after))
    flat = [str(label) for label in labels[left <= NO_VARIATION * size]]
    if flat:
        raise ShareError(
            "no_variation",
            f"{', '.join(flat)}: no variation is left inside the markets after the effects: drop it, or absorb less",
        )
    scaled = after / left[:, None]
    eigen, vectors = np.linalg.eigh((scaled * weight) @ scaled.T)
    if eigen[0] < COLLINEAR:
        involved = [str(label) for label in labels[np.abs(vectors[:, 0]) > 0.1]]
        raise ShareError("collinear", f"collinear after the effects: {', '.join(involved)}: drop one of them")


def _estimate(
    outcome: Floats, design: _Design, projector: Absorber, *, weights: Floats | None, scale: float | None
) -> _Estimate:
    left, values = projector.demean(np.vstack([outcome, design.drivers]))
    _check_identified(design.drivers, left[1:], weights, design.labels)
    absorbed = projector.count(design.clusters)
    result = regress(left[0], left[1:], clusters=design.clusters, absorbed=absorbed, weights=weights, scale=scale)
    effects = projector.effects(values[:, 0] - values[:, 1:] @ result.params)
    return _Estimate(result, effects, result.r_squared if weights is None else None)


def _log_centred(design: _Design) -> _Estimate:
    empty = int((design.volume == 0).sum())
    if empty:
        raise ValueError(
            f"{empty} cells have zero volume and no logarithm: use estimator='poisson' (a constant added to zeros "
            "decides the coefficients)"
        )
    return _estimate(np.log(design.volume), design, absorber(design.groupings), weights=None, scale=None)


def _deviance(volume: Floats, log_mean: Floats) -> float:
    return float(2 * (np.exp(log_mean) - volume * log_mean).sum())


def _poisson(design: _Design) -> _Estimate:
    """Newton on the Poisson likelihood: weighted least squares on the working outcome, effects absorbed each step."""
    markets, volume = design.groupings[0], design.volume
    average = np.bincount(markets.codes, volume, markets.size) / np.bincount(markets.codes, minlength=markets.size)
    log_mean = np.log(0.95 * volume + 0.05 * average[markets.codes])
    for done in range(STEPS):
        mean = np.exp(log_mean)
        projector = absorber(design.groupings, weights=mean)
        outcome = log_mean + volume / mean - 1
        left, _values = projector.demean(np.vstack([outcome, design.drivers]))
        if done == 0:
            _check_identified(design.drivers, left[1:], mean, design.labels)
        weighted = left[1:] * mean
        slopes = np.linalg.solve(weighted @ left[1:].T, weighted @ left[0])
        step = outcome - (left[0] - slopes @ left[1:]) - log_mean
        if np.sqrt((mean * step**2).sum() / mean.sum()) <= STEP_TOLERANCE:
            return _estimate(outcome, design, projector, weights=mean, scale=1.0)
        # The start fits too well to be a point of the model, so the first step may raise the deviance.
        log_mean = log_mean + (_damped(volume, log_mean, step) if done else 1.0) * step
    raise ShareError(
        "not_converged",
        f"Poisson did not converge in {STEPS} steps: some driver or effect separates zero from positive volumes; "
        "drop it or merge sparse groups",
    )


def _damped(volume: Floats, log_mean: Floats, step: Floats) -> float:
    """Largest of 1, 1/2, 1/4, ... that does not raise the deviance."""
    size, start = 1.0, _deviance(volume, log_mean)
    while size > 1e-4 and _deviance(volume, log_mean + size * step) > start + 1e-9 * abs(start):
        size /= 2
    return size


ESTIMATORS: dict[str, Callable[[_Design], _Estimate]] = {"log-centred": _log_centred, "poisson": _poisson}
