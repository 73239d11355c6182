"""What a fitted share model left: its drivers net of the effects, and its residuals, row by row."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.share import fit as fit_share
from analysis.share.absorb import Codes, Floats, absorber, group
from analysis.share.design import Plan, layout
from analysis.share.errors import ShareError
from analysis.share.result import ShareFit

UNIT, TIME = "city", "month"


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """Rows of a fit after its effects. Made by `left`.

    Attributes
    ----------
    panel : pandas.DataFrame
        The rows used.
    drivers : (k, rows) float64
        Net of the effects, in the order of the coefficients.
    residuals, weights : (rows,) float64
        Weights are 1 except for "poisson", where they are the fitted volumes.
    """

    panel: pd.DataFrame
    drivers: Floats
    residuals: Floats
    weights: Floats


def plan(fit: ShareFit) -> Plan:
    """Columns and choices of a fit made without instruments."""
    return Plan(
        drivers=fit.drivers,
        market=fit.market,
        alternative=fit.alternative,
        volume=fit.volume,
        by=fit.by,
        effects=tuple(fit.effects) if fit.outside else (fit.market, *fit.effects),
        cluster=fit.cluster,
        estimator=fit.estimator,
        instruments={},
        outside=fit.outside,
    )


def refit(panel: pd.DataFrame, fit: ShareFit, *, estimator: str | None = None) -> ShareFit:
    """The same model on other rows, or by another estimator; without instruments."""
    return fit_share(
        panel,
        fit.drivers,
        market=fit.market,
        alternative=fit.alternative,
        volume=fit.volume,
        by=fit.by,
        effects=tuple(fit.effects),
        constants=False,
        cluster=fit.cluster or None,
        estimator=estimator or fit.estimator,
        outside=fit.outside,
    )


def used(panel: pd.DataFrame, fit: ShareFit) -> pd.DataFrame:
    """Rows of the panel that the fit used, in its order."""
    rows = fit.residuals.index
    if rows.equals(panel.index):
        return panel
    if not panel.index.is_unique or not rows.isin(panel.index).all():
        raise ValueError("the fit was made on other rows: give the panel it was made on, with the same index")
    return panel.loc[rows]


def left(panel: pd.DataFrame, fit: ShareFit) -> Left:
    """Take the effects of `fit` out of its drivers again, on the panel it was made on."""
    if fit.instrumented is not None:
        raise ShareError(
            "instrumented", "with instruments a row pulls through its first stage as well: give a fit without"
        )
    rows = used(panel, fit)
    volume = rows[fit.volume].to_numpy(np.float64)
    markets = group(rows, fit.market)
    weights = np.ones(len(rows))
    if fit.estimator == "poisson":
        weights = fit.predict(rows).to_numpy() * np.bincount(markets.codes, volume, markets.size)[markets.codes]
    laid = layout(rows, volume, plan(fit), markets)
    projector = absorber(laid.groupings, weights=None if fit.estimator != "poisson" else weights)
    return Left(rows, projector.demean(laid.drivers)[0], fit.residuals.to_numpy(np.float64), weights)


def steps(rows: pd.DataFrame, fit: ShareFit) -> tuple[Codes, Codes]:
    """Places of rows (earlier, later) of one network in one city in months that follow each other."""
    series, month = group(rows, (UNIT, fit.alternative)), group(rows, TIME)
    months = pd.DatetimeIndex(month.labels)
    number = (months.year * 12 + months.month).to_numpy(np.int64)[month.codes]
    order = np.lexsort((number, series.codes))
    same = (np.diff(series.codes[order]) == 0) & (np.diff(number[order]) == 1)
    return order[:-1][same], order[1:][same]
