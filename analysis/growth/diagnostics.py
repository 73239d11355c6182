"""What the residuals of a fit say about it: left-over rhythm, changing variance, heavy tails, odd values."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.growth.axis import axis
from analysis.growth.batched import robust
from analysis.growth.batched.robust import SIGNIFICANCE
from analysis.growth.curves import CURVES, Curve
from analysis.growth.fits import GrowthFit
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Label

__all__ = ["SIGNIFICANCE", "Diagnosis", "diagnose"]

LEAST = 8
"""Residuals below which variance and normality are not tested: their p-values hold in large samples."""
TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Tests of the residuals of a fit, on logs where its errors multiply; NaN where there are too few to tell.

    Attributes
    ----------
    durbin_watson : float
        About 2 without autocorrelation, towards 0 with. NaN on uneven dates, as the next.
    ljung_box : float
        p-value: no autocorrelation up to `lags`, two seasons where there are some.
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
        As the fit has it: Ljung-Box rejects at 5 %, of at least 24 residuals by date (or number that says its year).
    """

    durbin_watson: float
    ljung_box: float
    lags: int
    breusch_pagan: float
    jarque_bera: float
    outlier: float
    outlier_at: Label | None
    autocorrelated: bool


def diagnose(fit: GrowthFit) -> Diagnosis:
    """Test the residuals of a fit."""
    residuals, levels = _scaled(fit)
    grid = axis(residuals.index, per_year=fit.per_year if residuals.index.dtype.kind in "iuf" else None)
    in_time = residuals.reindex(grid.index).to_numpy() if grid.even else np.empty(0)
    standard = residuals / fit.sigma if fit.sigma > 0 else residuals * np.nan
    size = max(float(residuals.abs().max()), TINY)
    one, in_time = residuals.to_numpy() / size, in_time / size
    where = standard.abs().idxmax() if standard.notna().any() else None
    return Diagnosis(
        durbin_watson=_durbin_watson(in_time),
        ljung_box=float(robust.ljung_box(in_time[None], grid.period)[0]),
        lags=int(robust.lags(np.isfinite(in_time).sum(), grid.period)),
        breusch_pagan=_breusch_pagan(one, levels.to_numpy()),
        jarque_bera=_jarque_bera(one),
        outlier=float("nan") if where is None else float(standard.iloc[int(standard.abs().argmax())]),
        outlier_at=where,
        autocorrelated=fit.autocorrelated,
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
