"""From influence functions to standard errors, intervals, simultaneous bands and the joint test of effects before."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
import pandas as pd

from analysis.effect.design import Flags, Floats, Ints
from analysis.share.result import FEW_CLUSTERS, critical

UNITS_PER_EFFECT = 10
"""Fewest clusters for each effect tested jointly; with fewer the Wald statistic is far from chi-squared."""
SINGULAR = 1e-10
"""Smallest eigenvalue of the correlations, against the largest, that counts as information."""
ROUNDING = 1e-14
BAND_DRAWS = 1999


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval, in the unit of the outcome."""

    estimate: float
    std_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pretest:
    """Joint test that no effect shows before treatment.

    Attributes
    ----------
    statistic : float or None
        Wald statistic, chi-squared with `df` degrees of freedom; None when the test cannot be done.
    df : int
        Independent effects tested.
    p_value : float or None
    of : str
        "group_time" (every cohort and period before treatment) or "event" (averages by relative period, when there
        are too many of the former for the number of clusters).
    reason : str
        Empty, or why there is no test: "no_before" (no period before the base), "few_units" (fewer than ten clusters)
        or "no_spread" (no effect before has an error). With a test: "nearest" when only the last periods before
        treatment were tested, as many as the clusters carry, or "dependent" when some effects were combinations of
        others, so that `df` is lower than their number.
    """

    statistic: float | None
    df: int
    p_value: float | None
    of: str
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sampling:
    """How influence functions add up to a covariance.

    Attributes
    ----------
    member : (units,) int64
        Cohort of each unit, -1 for never treated.
    size : (cohorts,) int64
        Units in each cohort.
    controls : int
        Units that serve as control somewhere.
    clusters : (units,) int64
    small : bool
        Apply the small-sample factors.
    level : float
    """

    member: Ints
    size: Ints
    controls: int
    clusters: Ints
    small: bool
    level: float

    @property
    def count(self) -> int:
        """Clusters."""
        return int(self.clusters.max()) + 1

    @property
    def clustered(self) -> bool:
        """Some cluster holds more than one unit."""
        return self.count < len(self.clusters)

    def treated(self, holds: Flags) -> Ints:
        """Treated units behind each figure, given the cohorts (figures, cohorts) that it is made of."""
        return holds @ self.size

    def scores(self, influence: Floats, holds: Flags) -> Floats:
        """Contribution of each cluster to the error of each figure (clusters, figures): squares add to variances.

        With small-sample factors a figure of n treated units has n/(n-1) on their part of the variance and the like on
        the controls'; a single treated unit has no error of its own, hence not a number. Clusters of several units
        have C/(C-1).
        """
        scores = influence / len(influence)
        if self.clustered:
            sums = np.zeros((self.count, scores.shape[1]))
            np.add.at(sums, self.clusters, scores)
            return sums * np.sqrt(self.count / (self.count - 1)) if self.small else sums
        if not self.small:
            return scores
        own, other = (_inflation(n) for n in (self.treated(holds), np.array([self.controls])))
        inside = (holds.T[self.member] & (self.member >= 0)[:, None]).astype(bool)
        return scores * np.where(inside, own, other)

    def table(self, estimate: Floats, influence: Floats, holds: Flags, index: pd.Index) -> pd.DataFrame:
        """Figures with intervals: estimate, std_error, low, high, treated."""
        error = np.sqrt((self.scores(influence, holds) ** 2).sum(axis=0))
        return self.labelled(estimate, error, self.treated(holds), index)

    def labelled(self, estimate: Floats, error: Floats, treated: Ints, index: pd.Index) -> pd.DataFrame:
        """Intervals from standard errors, with Student's t where treated units, controls or clusters are few."""
        fewest = np.minimum(self.count if self.clustered else self.controls, treated)
        few = self.small & (fewest < FEW_CLUSTERS)
        half = critical(self.level, np.where(few, np.maximum(fewest - 1, 1), np.inf)) * error
        columns = {"estimate": estimate, "std_error": error, "low": estimate - half, "high": estimate + half}
        return pd.DataFrame(columns | {"treated": treated}, index=index)


def _inflation(n: Ints) -> Floats:
    return np.sqrt(np.divide(n, n - 1, out=np.full(len(n), np.nan), where=n > 1))


def joint_level(scores: Floats, level: float, seed: int) -> float:
    """Pointwise level at which the intervals of all figures hold at once with probability `level`.

    The largest |t| is drawn by multiplying scores by standard normal numbers (multiplier bootstrap, `seed`).
    """
    error = np.sqrt((scores**2).sum(axis=0))
    used = scores[:, np.nan_to_num(error) > 0]
    if not used.shape[1]:
        return level
    draws = np.random.default_rng(seed).standard_normal((BAND_DRAWS, len(used)))
    largest = np.abs(draws @ (used / np.sqrt((used**2).sum(axis=0)))).max(axis=1)
    return max(erf(float(np.quantile(largest, level)) / sqrt(2)), level)


def wald(estimate: Floats, scores: Floats, of: str, *, scale: float) -> Pretest:
    """Wald test that all `estimate` (k,) are zero, by a pseudo-inverse where they depend on each other.

    Errors within rounding of `scale`, the largest outcome, count as none.
    """
    from scipy.special import chdtrc

    error = np.sqrt((scores**2).sum(axis=0))
    known = np.nan_to_num(error) > ROUNDING * scale
    if not known.any():
        return Pretest(None, 0, None, of, "no_spread")
    values, vectors = np.linalg.eigh(
        np.atleast_2d((scores[:, known] / error[known]).T @ (scores[:, known] / error[known]))
    )
    solid = values > SINGULAR * values.max()
    turned = vectors[:, solid].T @ (estimate[known] / error[known])
    statistic, df = float((turned**2 / values[solid]).sum()), int(solid.sum())
    reason = "" if df == len(estimate) else "dependent"
    return Pretest(statistic, df, float(chdtrc(df, statistic)), of, reason)
