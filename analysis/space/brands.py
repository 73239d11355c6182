"""What a name is worth in a city: the attraction under which catchments reproduce what the networks carry."""

from dataclasses import dataclass

import numpy as np

from analysis.space.huff import Floats

TOLERANCE = 1e-9
"""Largest gap between the share that a network carries and the one that its catchments add to."""
STEPS = 60
WIDEST = 12.0
"""Logarithm between two brands from which on the larger takes nearly all: shares that ask for more are out of reach."""
MOST_OF_REACH = 0.9
"""Part of the parcels within reach of a network's stations that it is given at most, whatever it is said to carry."""
TIED = 0.01
"""How strongly brands are tied to their mean where no brands reproduce the shares."""


@dataclass(frozen=True, slots=True)
class Brands:
    """Brands by network.

    Attributes
    ----------
    worth : ndarray of float, shape (networks,)
        What the attraction of a network's stations is multiplied by; 0 for networks that carry nothing. The mean of
        the logarithms, weighted by what the networks carry, is 0: 1 is the average network.
    gap : float
        Largest difference between a network's share of what all carry and that of its catchments.
    """

    worth: Floats
    gap: float

    @property
    def reached(self) -> bool:
        """Whether catchments reproduce the shares; they may not where much is carried beyond stations' reach."""
        return self.gap <= TOLERANCE


def calibrate(pull: Floats, demand: Floats, carried: Floats) -> Brands:
    """Brands under which the catchments of every network add to its share of what all networks carry.

    Solved by Newton's method on a convex function whose slope is the gap; the brands are unique but for their scale.
    Where no brands do it, a network gets at most `MOST_OF_REACH` of what is in its reach, and if that does not do
    either, brands are tied to their mean, so that the gap is small rather than a brand without bounds.

    Parameters
    ----------
    pull : ndarray, shape (points, networks)
        Sum of the pulls of a network's stations at each point before brands.
    demand : ndarray, shape (points,)
        Parcels a day.
    carried : ndarray, shape (networks,)
        Parcels a day of each network, in any scale; networks without a station within reach are left out.

    References
    ----------
    Berry, S. T. (1994), Estimating discrete-choice models of product differentiation, RAND Journal of Economics 25(2):
    one set of mean utilities for one set of positive shares, where every point weighs up every network; where some do
    not, networks that compete nowhere, not even through others, may have any scale to each other.
    """
    worth = np.zeros(len(carried))
    on = (carried > 0) & (pull.T @ demand > 0)
    if not on.any():
        return Brands(worth, 0.0)
    mine = pull[:, on]
    seen = (mine.sum(axis=1) > 0) & (demand > 0)
    mine, weight = mine[seen] / mine[seen].max(axis=1, keepdims=True), demand[seen] / demand[seen].sum()
    said = carried[on] / carried[on].sum()
    target = _possible(said, weight @ (mine > 0))
    logs = _solve(mine, weight, target, 0.0)
    if np.abs(weight @ _shares(mine, logs) - target).max() > TOLERANCE:
        logs = _solve(mine, weight, target, TIED)
    worth[on] = np.exp(logs - logs @ said)
    return Brands(worth, float(np.abs(weight @ _shares(mine, logs) - said).max()))


def _possible(said: Floats, within: Floats) -> Floats:
    """Shares that leave no network more than `MOST_OF_REACH` of what is within its reach, the rest in proportion."""
    limit, bound = np.where(within < 1, MOST_OF_REACH * within, 1.0), np.zeros(len(said), dtype=np.bool_)
    target = said
    while (over := ~bound & (target > limit)).any():
        if (bound | over).all() or limit[bound | over].sum() >= 1:
            return said
        bound |= over
        target = np.where(bound, limit, said * (1 - limit[bound].sum()) / said[~bound].sum())
    return target


def _solve(pull: Floats, weight: Floats, target: Floats, tied: float) -> Floats:
    logs = np.zeros(len(target))
    for _ in range(STEPS):
        share = _shares(pull, logs)
        slope = weight @ share - target + tied * logs
        if np.abs(slope).max() <= TOLERANCE / 1000 or np.ptp(logs) > WIDEST:
            break
        curve = np.diag(weight @ share + tied) - (share * weight[:, None]).T @ share
        step = np.linalg.lstsq(curve + 1 / len(target), slope, rcond=None)[0]
        step *= min(1.0, 5.0 / max(float(np.ptp(step)), 1e-300))
        here, length = _height(pull, logs, weight, target, tied), 1.0
        while length > 1e-6 and _height(pull, logs - length * step, weight, target, tied) > here + 1e-15:
            length /= 2
        logs = logs - length * step
        logs -= logs.mean()
    return logs


def _shares(pull: Floats, logs: Floats) -> Floats:
    found = pull * np.exp(logs - logs.max())
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _height(pull: Floats, logs: Floats, weight: Floats, target: Floats, tied: float) -> float:
    return float(
        weight @ np.log(pull @ np.exp(logs - logs.max())) + logs.max() - logs @ target + tied * logs @ logs / 2
    )
