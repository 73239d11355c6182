"""Least squares on demeaned columns, by statsmodels, with clustered errors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.share.absorb import Codes, Floats, group
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
    clusters: Codes | None,
    absorbed: int = 0,
    weights: Floats | None = None,
    scale: float | None = None,
) -> Regression:
    """Least squares of `outcome` (rows,) on `drivers` (k, rows), by statsmodels.

    With `clusters` the covariance is the sandwich summed by cluster times C/(C-1) (n-1)/(n-k-absorbed), which is
    what statsmodels gives for the regression with the absorbed effects as dummies. Without, it is the classical one
    with n-k-absorbed degrees of freedom, or with the variance `scale` when that is known.
    """
    import statsmodels.regression.linear_model as sm

    rows, width = outcome.size, len(drivers)
    if rows - width - absorbed < 1:
        raise ShareError(
            "few_rows", f"{rows} rows cannot carry {width} coefficients and {absorbed} effects: use fewer effects"
        )
    options = {} if weights is None else {"weights": weights}
    model = (sm.OLS if weights is None else sm.WLS)(outcome, drivers.T, hasconst=False, **options)
    spread = (rows - width) / (rows - width - absorbed)
    if clusters is not None:
        result = model.fit(cov_type="cluster", cov_kwds={"groups": clusters})
        covariance = result.cov_params() * spread
    else:
        result = model.fit()
        covariance = result.normalized_cov_params * (result.scale * spread if scale is None else scale)
    return Regression(result.params, covariance, result.resid, float(result.rsquared))


def clusters_held(panel: pd.DataFrame, by: str | None, clusters: Codes | None, drivers: int) -> Floats:
    """Clusters that hold the group of each coefficient, in the order of the coefficients."""
    if clusters is None:
        return np.full(drivers if by is None else drivers * group(panel, by).size, np.inf)
    groups = np.zeros(len(panel), dtype=np.int64) if by is None else group(panel, by).codes
    pairs = np.unique(np.stack([groups, clusters]), axis=1)
    held = np.bincount(pairs[0]).astype(np.float64)
    if (held < 2).any():
        raise ShareError(
            "few_clusters", "a group has one cluster only: clustered errors need two clusters or more in each"
        )
    return np.repeat(held, drivers)
