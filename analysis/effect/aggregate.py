"""Averages of group-time effects: by relative period, by cohort, by period, and over all."""

from dataclasses import dataclass

import numpy as np

from analysis.effect.design import Flags, Floats
from analysis.effect.group_time import GroupTime


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Averages with their influence functions.

    Attributes
    ----------
    estimate : (m,) float64
    influence : (units, m) float64
    holds : (m, cohorts) bool
        Cohorts that each average is made of.
    """

    estimate: Floats
    influence: Floats
    holds: Flags

    def mean(self, weight: Floats) -> "Averages":
        """One average of the averages, with fixed weights (m,)."""
        part = weight / weight.sum()
        return Averages(
            np.array([part @ self.estimate]),
            (self.influence @ part)[:, None],
            np.any(self.holds[weight > 0], axis=0, keepdims=True),
        )


def sized(cells: GroupTime, chosen: Flags, unit_weight: Floats) -> Averages:
    """Averages over chosen cells (m, cohorts, periods), weighted by the size of their cohorts.

    Cohort sizes are estimates too: their part of the error is that of the deviations from the average.
    """
    weight = chosen * cells.share[:, None]
    total = weight.sum(axis=(1, 2))
    values = np.nan_to_num(cells.estimate)
    estimate = np.tensordot(weight, values, 2) / total
    flat = (weight / total[:, None, None]).reshape(len(chosen), -1)
    influence = cells.influence.reshape(len(cells.influence), -1) @ flat.T
    spread = (chosen * (values - estimate[:, None, None])).sum(axis=2) / total[:, None]
    influence += _sizes(cells, spread, unit_weight)
    return Averages(estimate, influence, np.any(chosen, axis=2))


def _sizes(cells: GroupTime, spread: Floats, unit_weight: Floats) -> Floats:
    inside = (cells.member >= 0)[:, None]
    return np.where(inside, unit_weight[:, None] * spread.T[cells.member], 0.0)


def by_cohort(cells: GroupTime, after: Flags) -> Averages:
    """Average of each cohort over its periods after treatment; cohorts without any are left out."""
    holds = np.eye(len(cells.cohorts), dtype=bool)[after.any(axis=1)]
    chosen = after[after.any(axis=1)]
    weight = chosen / chosen.sum(axis=1, keepdims=True)
    rows = np.flatnonzero(after.any(axis=1))
    estimate = (weight * np.nan_to_num(cells.estimate[rows])).sum(axis=1)
    return Averages(estimate, np.einsum("ugt,gt->ug", cells.influence[:, rows], weight), holds)


def over_cohorts(cells: GroupTime, cohorts: Averages, unit_weight: Floats) -> Averages:
    """Average of the cohorts' averages by their size: every treated unit counts the same."""
    held = np.any(cohorts.holds, axis=0)
    share = cells.share[held] / cells.share[held].sum()
    estimate = share @ cohorts.estimate
    spread = np.zeros((1, len(held)))
    spread[0, held] = (cohorts.estimate - estimate) / cells.share[held].sum()
    influence = (cohorts.influence @ share)[:, None] + _sizes(cells, spread, unit_weight)
    return Averages(np.array([estimate]), influence, held[None, :])
