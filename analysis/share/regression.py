"""Least squares on demeaned columns, with errors clustered one or two ways.

The normal equations are solved in NumPy with one step of refinement: the drivers are few and already demeaned, and
importing statsmodels for them takes longer than a hundred fits and half the memory. The tests hold the result to what
statsmodels gives for the regression with every effect as a dummy.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.share.absorb import Codes, Floats, compress, group
from analysis.share.blocks import combine, gram
from analysis.share.errors import ShareError


@dataclass(frozen=True, slots=True)
class Regression:
    """Least squares on demeaned columns.

    Attributes
    ----------
    params : (k,) float64
    covariance : (k, k) float64
    residuals : (rows,) float64
    r_squared : float
        Of the demeaned outcome.
    """

    params: Floats
    covariance: Floats
    residuals: Floats
    r_squared: float


def regress(
    outcome: Floats,
    drivers: Floats,
    *,
    clusters: Codes | tuple[Codes, ...] | None,
    absorbed: int = 0,
    weights: Floats | None = None,
    scale: float | None = None,
) -> Regression:
    """Least squares of `outcome` (rows,) on `drivers` (k, rows).

    With `clusters` the covariance is that of `clustered`. Without, it is the classical one with n-k-absorbed degrees
    of freedom, or with the variance `scale` when that is known.
    """
    rows, width = outcome.size, len(drivers)
    if rows - width - absorbed < 1:
        raise ShareError(
            "few_rows", f"{rows} rows cannot carry {width} coefficients and {absorbed} effects: use fewer effects"
        )
    bread = inverse(gram(drivers, drivers, weights))
    params = bread @ gram(drivers, outcome[None], weights)[:, 0]
    params += bread @ gram(drivers, (outcome - combine(params, drivers))[None], weights)[:, 0]
    residuals = outcome - combine(params, drivers)
    pull = residuals if weights is None else residuals * weights
    left, total = (float(gram(v[None], v[None], weights)[0, 0]) for v in (residuals, outcome))
    groups = (clusters,) if isinstance(clusters, np.ndarray) else clusters
    if groups:
        covariance = clustered(drivers, pull, bread, groups, counted=width + absorbed)
    else:
        covariance = bread * (left / (rows - width - absorbed) if scale is None else scale)
    return Regression(params, covariance, residuals, 1 - left / total if total else 0.0)


def inverse(size: Floats) -> Floats:
    """Inverse of a positive definite matrix, scaled to unit diagonal on the way."""
    scale = 1 / np.sqrt(np.diag(size))
    return np.linalg.inv(size * np.outer(scale, scale)) * np.outer(scale, scale)


def clustered(
    drivers: Floats, residuals: Floats, bread: Floats, clusters: tuple[Codes, ...], *, counted: int
) -> Floats:
    """Sandwich with scores (driver x residual) summed by cluster, times C/(C-1) (n-1)/(n-counted).

    With two clusterings it is V_a + V_b - V_ab, each with its own C, and negative eigenvalues set to 0 (Cameron,
    Gelbach and Miller 2011).
    """
    meat = sum(_meat(drivers, residuals, codes) for codes in clusters)
    if len(clusters) == 2:
        first, second = clusters
        size = int(second.max()) + 1
        meat = meat - _meat(drivers, residuals, compress(first * size + second, (int(first.max()) + 1) * size)[1])
    covariance = (residuals.size - 1) / (residuals.size - counted) * bread @ meat @ bread
    return covariance if len(clusters) == 1 else _positive(covariance)


def _meat(drivers: Floats, residuals: Floats, codes: Codes) -> Floats:
    sizes = np.bincount(codes)
    count = int(np.count_nonzero(sizes))
    sums = np.stack([np.bincount(codes, driver * residuals, sizes.size) for driver in drivers])
    return count / (count - 1) * sums @ sums.T


def _positive(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return covariance if values[0] >= 0 else (vectors * np.maximum(values, 0)) @ vectors.T


def clusters_held(panel: pd.DataFrame, by: str | None, clusters: tuple[Codes, ...], drivers: int) -> Floats:
    """Clusters that hold the group of each coefficient, in the order of the coefficients; the fewer of two ways."""
    groups = None if by is None else group(panel, by)
    size = 1 if groups is None else groups.size
    if not clusters:
        return np.full(drivers * size, np.inf)
    held = np.full(size, np.inf)
    for codes in clusters:
        count = int(codes.max()) + 1
        cells = codes if groups is None else groups.codes * count + codes
        filled = np.bincount(cells, minlength=size * count).reshape(size, count) > 0
        held = np.minimum(held, filled.sum(axis=1))
    if (held < 2).any():
        raise ShareError(
            "few_clusters", "a group has one cluster only: clustered errors need two clusters or more in each"
        )
    return np.repeat(held, drivers)
