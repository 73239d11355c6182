"""What the residuals of a fit say about it: left-over rhythm, changing variance, heavy tails, odd values."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.growth.axis import axis
from analysis.growth.curves import CURVES, Curve
from analysis.growth.fits import GrowthFit
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Label

SIGNIFICANCE = 0.05
"""A test rejects below this p-value."""
LAGS = 10
"""Autocorrelations tested, at most a fifth of the observations (Hyndman and Athanasopoulos, 2021, section 5.4)."""
LEAST = 8
"""Residuals below which variance and normality are not tested: their p-values hold in large samples."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Tests of the residuals of a fit, on logs where its errors multiply; NaN where there are too few to tell.

    Attributes
    ----------
    durbin_watson : float
        About 2 without autocorrelation, towards 0 with. NaN on uneven dates, as the next.
    ljung_box : float
        p-value: no autocorrelation up to `lags`.
    lags : int
    breusch_pagan : float
        p-value: a variance that does not change with the fitted level (Breusch and Pagan, 1979; Koenker, 1981).
    jarque_bera : float
        p-value: normal errors.
    outlier : float
        Residual that is largest in size, in residual standard deviations.
    outlier_at : label or None
        Where it is.
    autocorrelated : bool
        Ljung-Box rejects at 5 %.
    """

    durbin_watson: float
    ljung_box: float
    lags: int
    breusch_pagan: float
    jarque_bera: float
    outlier: float
    outlier_at: Label | None
    autocorrelated: bool


def lags(nobs: int) -> int:
    """Autocorrelations that `nobs` residuals can tell."""
    return min(LAGS, nobs // 5)


def ljung_box(residuals: FloatArray) -> float:
    """p-value of the Ljung-Box test at `lags` autocorrelations; NaN with fewer than five residuals or no variance.

    Parameters
    ----------
    residuals : ndarray (n,)
        On an even grid, in order of time. Missing ones are NaN: a lag counts the pairs it has, and without gaps the
        statistic is that of Ljung and Box (1978); with them, that of Stoffer and Toloi (1992).
    """
    from scipy.special import chdtrc

    seen = np.isfinite(residuals)
    nobs = int(seen.sum())
    used = lags(nobs)
    centred = np.where(seen, residuals - (residuals[seen].mean() if used else 0.0), 0.0)
    total = float(centred @ centred)
    if not used or total <= 0:
        return float("nan")
    terms = [
        float(centred[lag:] @ centred[:-lag]) ** 2 / max(int((seen[lag:] & seen[:-lag]).sum()), 1)
        for lag in range(1, used + 1)
    ]
    return float(chdtrc(used, nobs * (nobs + 2) * sum(terms) / total**2))


def autocorrelated(residuals: FloatArray, even: bool) -> bool:
    """Whether `ljung_box` rejects at 5 %; never on an uneven grid, where lags mean nothing, or where it is NaN."""
    return even and ljung_box(residuals) < SIGNIFICANCE


def diagnose(fit: GrowthFit) -> Diagnosis:
    """Test the residuals of a fit."""
    residuals, levels = _scaled(fit)
    grid = axis(residuals.index)
    in_time = residuals.reindex(grid.index).to_numpy() if grid.even else np.empty(0)
    p = ljung_box(in_time)
    standard = residuals / fit.sigma if fit.sigma > 0 else residuals * np.nan
    where = standard.abs().idxmax() if standard.notna().any() else None
    return Diagnosis(
        durbin_watson=_durbin_watson(in_time),
        ljung_box=p,
        lags=lags(int(np.isfinite(in_time).sum())),
        breusch_pagan=_breusch_pagan(residuals.to_numpy(), levels.to_numpy()),
        jarque_bera=_jarque_bera(residuals.to_numpy()),
        outlier=float("nan") if where is None else float(standard.iloc[int(standard.abs().argmax())]),
        outlier_at=where,
        autocorrelated=p < SIGNIFICANCE,
    )


def _scaled(fit: GrowthFit) -> tuple[pd.Series, pd.Series]:
    """Residuals and fitted levels in order of time, on logs where errors multiply; missing ones dropped."""
    known = fit.residuals.notna()
    residuals, levels = (x[known].sort_index(kind="stable") for x in (fit.residuals, fit.fitted))
    observed, declared = residuals + levels, CURVES[fit.curve]
    multiply = declared.logs if isinstance(declared, Curve) else bool((observed > 0).all())
    return (np.log(observed / levels), np.log(levels)) if multiply else (residuals, levels)


def _durbin_watson(residuals: FloatArray) -> float:
    """Mean squared step over mean square; a step needs both of its ends."""
    steps, squares = np.diff(residuals) ** 2, residuals[np.isfinite(residuals)] ** 2
    steps = steps[np.isfinite(steps)]
    if not len(steps) or squares.sum() <= 0:
        return float("nan")
    return float(steps.mean() * (len(squares) - 1) / squares.sum())


def _breusch_pagan(residuals: FloatArray, levels: FloatArray) -> float:
    from statsmodels.stats.diagnostic import het_breuschpagan

    if len(residuals) < LEAST or np.ptp(levels) <= 0 or np.ptp(residuals) <= 0:
        return float("nan")
    scaled = (levels - levels.mean()) / np.ptp(levels)
    return float(het_breuschpagan(residuals, np.column_stack([np.ones_like(levels), scaled]))[1])


def _jarque_bera(residuals: FloatArray) -> float:
    from statsmodels.stats.stattools import jarque_bera

    if len(residuals) < LEAST or np.ptp(residuals) <= 0:
        return float("nan")
    return float(jarque_bera(residuals)[1])
