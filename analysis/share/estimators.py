"""The estimators of the share model, and the Newton steps that its generalised linear models share."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.share.absorb import Absorber, Floats, absorber
from analysis.share.blocks import gram
from analysis.share.design import Design
from analysis.share.errors import ShareError
from analysis.share.regression import Regression, regress
from analysis.share.result import FEW_CLUSTERS

if TYPE_CHECKING:
    from analysis.share.iv import TwoStage

NO_VARIATION = 1e-9
"""Norm left of a driver after the effects, as a fraction of its own, below which nothing identifies it."""
COLLINEAR = 1e-10
"""Smallest eigenvalue of the drivers' correlations after the effects."""
STEPS = 60
STEP_TOLERANCE = 1e-6
"""Root mean square change of the linear predictor, by the weights of the observations, below which one more Newton
step (taken) leaves an error of its square."""

SEPARATED = 1e-9
"""Information on a driver, as a part of what equal weights would give, below which its coefficient is infinite."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an estimator gives back."""

    regression: Regression
    effects: dict[tuple[str, ...], pd.Series]
    r_squared: float | None
    instrumented: "TwoStage | None" = None


@dataclass(frozen=True, slots=True)
class Family:
    """A quasi-likelihood with its canonical link: mean and weight (its slope) at a linear predictor, deviance."""

    mean: Callable[[Floats], Floats]
    weight: Callable[[Floats], Floats]
    deviance: Callable[[Floats, Floats, Floats], float]


def _poisson_deviance(outcome: Floats, linear: Floats, mean: Floats) -> float:
    return float(2 * (mean.sum() - outcome @ linear))


def _logit_deviance(outcome: Floats, linear: Floats, mean: Floats) -> float:
    softplus = np.log(1 + np.exp(-np.abs(linear))).sum() + np.maximum(linear, 0).sum()
    return float(2 * (softplus - outcome @ linear))


POISSON = Family(np.exp, lambda mean: mean, _poisson_deviance)
LOGIT = Family(lambda linear: 0.5 * (1 + np.tanh(linear / 2)), lambda mean: mean * (1 - mean), _logit_deviance)


def check_identified(before: Floats, after: Floats, labels: pd.Index) -> None:
    """Refuse columns (k, rows) that the effects, or one another, explain."""
    size, left = (np.sqrt(np.einsum("kr,kr->k", c, c)) for c in (before, after))
    flat = [str(label) for label in labels[left <= NO_VARIATION * size]]
    if flat:
        raise ShareError(
            "no_variation",
            f"{', '.join(flat)}: no variation is left inside the markets after the effects: drop it, or absorb less",
        )
    eigen, vectors = np.linalg.eigh(gram(after, after) / np.outer(left, left))
    if eigen[0] < COLLINEAR:
        involved = [str(label) for label in labels[np.abs(vectors[:, 0]) > 0.1]]
        raise ShareError("collinear", f"collinear after the effects: {', '.join(involved)}: drop one of them")


def _linear(outcome: Floats, design: Design) -> Estimate:
    projector = absorber(design.groupings)
    width = len(design.drivers)
    left, values = projector.demean(np.vstack([outcome, design.drivers, design.instruments]))
    check_identified(design.drivers, left[1 : width + 1], design.labels)
    found = None
    if design.endogenous.size:
        regression, found = _instrumented(left, design, projector.count(design.clusters))
    else:
        regression = regress(left[0], left[1:], clusters=design.clusters, absorbed=projector.count(design.clusters))
    effects = projector.effects(values[:, 0] - values[:, 1 : width + 1] @ regression.params)
    return Estimate(regression, effects, None if found else regression.r_squared, found)


def _instrumented(left: Floats, design: Design, absorbed: int) -> "tuple[Regression, TwoStage]":
    """Two-stage least squares with the coefficients back in the order of the drivers."""
    from analysis.share.iv import two_stage

    width = len(design.drivers)
    excluded = left[width + 1 :]
    check_identified(design.instruments, excluded, pd.RangeIndex(1, len(excluded) + 1).map("instrument {}".format))
    exogenous = np.setdiff1d(np.arange(width), design.endogenous)
    drivers = left[1 : width + 1]
    found = two_stage(
        left[0],
        drivers[exogenous],
        drivers[design.endogenous],
        excluded,
        clusters=design.clusters[0] if design.clusters else None,
        absorbed=absorbed,
        held=design.held[design.endogenous],
        own=design.own,
    )
    back = np.argsort(np.concatenate([design.endogenous, exogenous]))
    return Regression(found.params[back], found.covariance[np.ix_(back, back)], found.residuals, 0.0), found


def log_centred(design: Design) -> Estimate:
    """Least squares on log volumes with the effects of the markets and of the other groupings taken out."""
    empty = int((design.outcome == 0).sum())
    if empty:
        raise ValueError(
            f"{empty} cells have zero volume and no logarithm: use estimator='poisson' (a constant added to zeros "
            "decides the coefficients)"
        )
    return _linear(np.log(design.outcome), design)


def berry(design: Design) -> Estimate:
    """Least squares on ln S_j - ln S_outside; the effects of every grouping are kept, as V of the outside is 0."""
    found = _linear(design.outcome, design)
    first = design.groupings[0]
    remainder = design.outcome - found.regression.params @ design.drivers
    for g in design.groupings[1:]:
        remainder -= found.effects[g.columns].to_numpy()[g.codes]
    constant = np.bincount(first.codes, remainder, first.size) / np.bincount(first.codes)
    effects = {first.columns: pd.Series(constant, index=first.labels), **found.effects}
    return Estimate(found.regression, effects, found.r_squared, found.instrumented)


def poisson(design: Design) -> Estimate:
    """Poisson quasi-likelihood on volumes: the multinomial logit when the markets are absorbed."""
    markets = design.groupings[0]
    average = np.bincount(markets.codes, design.outcome, markets.size) / np.bincount(markets.codes)
    return newton(design, POISSON, np.log(0.95 * design.outcome + 0.05 * average[markets.codes]))


def newton(design: Design, family: Family, start: Floats) -> Estimate:
    """Newton steps with the effects eliminated from the normal equations, and a last one with them absorbed exactly.

    Drivers lose their unweighted effects first, which leaves the coefficients as they are and the equations well
    conditioned. The start fits better than any point of the model can, so the first step is the regression of the
    working outcome itself and may raise the deviance.
    """
    drivers, taken = absorber(design.groupings).demean(design.drivers)
    check_identified(design.drivers, drivers, design.labels)
    linear, mean = start, family.mean(start)
    for done in range(STEPS):
        weight = family.weight(mean)
        if not weight.min() > 0:
            break
        projector = absorber(design.groupings, weights=weight)
        pull = design.outcome - mean
        step = projector.step(drivers, pull if done else pull + weight * linear)
        change = step if done else step - linear
        if np.sqrt((weight @ change**2) / weight.sum()) <= STEP_TOLERANCE:
            return _last(design, family, drivers, taken, projector, linear + pull / weight)
        linear, mean = _damped(design.outcome, family, linear, mean, step) if done else (step, family.mean(step))
    raise _separated("some driver or effect separates")


def _separated(what: str) -> ShareError:
    return ShareError(
        "not_converged",
        f"the fit did not converge: {what} zero from positive volumes; drop it or merge sparse groups",
    )


def _damped(outcome: Floats, family: Family, linear: Floats, mean: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Linear predictor and mean after the largest of 1, 1/2, 1/4, ... of the step that does not raise the deviance."""
    size, start = 1.0, family.deviance(outcome, linear, mean)
    while True:
        after = linear + size * step
        fitted = family.mean(after)
        if size <= 1e-4 or family.deviance(outcome, after, fitted) <= start + 1e-9 * abs(start):
            return after, fitted
        size /= 2


def _last(
    design: Design, family: Family, drivers: Floats, taken: Floats, projector: Absorber, outcome: Floats
) -> Estimate:
    left, values = projector.demean(np.vstack([outcome, drivers]))
    weights = np.ones(outcome.size) if projector.weights is None else projector.weights
    information = np.einsum("kr,kr,r->k", left[1:], left[1:], weights)
    lost = information < SEPARATED * weights.mean() * np.einsum("kr,kr->k", drivers, drivers)
    if lost.any():
        raise _separated(f"{', '.join(str(label) for label in design.labels[lost])} separates")
    found = regress(
        left[0],
        left[1:],
        clusters=design.clusters,
        absorbed=projector.count(design.clusters),
        weights=weights,
        scale=1.0,
    )
    mean = family.mean(outcome - found.residuals)
    regression = replace(found, residuals=(design.outcome - mean) / family.weight(mean))
    return Estimate(regression, projector.effects(values[:, 0] - (values[:, 1:] + taken) @ found.params), None)


def inference(laid: Design, found: Estimate) -> tuple[pd.DataFrame, int | None, pd.Series]:
    """Covariance with C/(C-1) of each coefficient's own clusters, clusters in all, degrees of freedom."""
    counts = [int(codes.max()) + 1 for codes in laid.clusters]
    clusters = min(counts) if counts else None
    own = np.ones(len(laid.labels)) if clusters is None else laid.held / (laid.held - 1) * (clusters - 1) / clusters
    covariance = found.regression.covariance * np.sqrt(np.outer(own, own))
    df = np.where(laid.held < FEW_CLUSTERS, laid.held - 1, np.inf)
    return (
        pd.DataFrame(covariance, laid.labels, laid.labels),
        clusters,
        pd.Series(df, laid.labels, name="df"),
    )


ESTIMATORS: dict[str, Callable[[Design], Estimate]] = {"log-centred": log_centred, "poisson": poisson, "berry": berry}
