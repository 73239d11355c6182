"""Hold-out: whether the drivers foretell the shares of months that the model has not seen."""

import numpy as np
import pandas as pd

from analysis.share.absorb import Floats, group
from analysis.share.card import Check
from analysis.share.errors import ShareError
from analysis.share.left import TIME, UNIT, refit
from analysis.share.result import ShareFit, softmax

HELD_MONTHS, LEAST_MONTHS = 6, 12
"""Months held out, and fewest that must be left to fit on."""


def hold_out(panel: pd.DataFrame, fit: ShareFit, *, months: int = HELD_MONTHS) -> Check:
    """Fit without the last months, predict their shares, and compare with "nothing changes".

    Every effect and residual stays at its last known value, so that the prediction is the share of the last month
    seen times exp(b x change of the drivers), scaled to add to 1. The value is the mean absolute error over that of
    "no change", errors in shares of a market and weighted by its volume: below 1 the drivers help. Networks that are
    missing (or empty) in either month are left out of both.
    """
    if fit.instrumented is not None:
        raise ShareError("instrumented", "the hold-out refits without instruments: give a fit without")
    if fit.estimator == "berry":
        raise ShareError("berry", "the hold-out compares shares of whole markets: give a fit without an outside option")
    dates = np.sort(panel[TIME].unique())
    if len(dates) < months + LEAST_MONTHS:
        raise ShareError("few_months", f"{len(dates)} months: {months + LEAST_MONTHS} are needed to hold {months} out")
    seen = panel[panel[TIME] < dates[-months]]
    trained = refit(seen, fit)
    rows = _with_last(panel[panel[TIME] >= dates[-months]], seen[seen[TIME] == dates[-months - 1]], fit)
    if rows.empty:
        raise ShareError("few_months", "no network of the last months was there before them: hold fewer months out")
    errors = _errors(rows, trained)
    value = errors[0] / errors[1] if errors[1] else np.inf
    values: dict[str, str | float] = {
        "error": errors[0],
        "no_change": errors[1],
        "months": months,
        "since": f"{pd.Timestamp(dates[-months]):%Y-%m}",
        "rows": len(rows),
    }
    return Check("hold_out", bool(value < 1), float(value), 1.0, values)


def _with_last(rows: pd.DataFrame, last: pd.DataFrame, fit: ShareFit) -> pd.DataFrame:
    keys = [UNIT, fit.alternative]
    base = last.loc[last[fit.volume] > 0, [*keys, fit.volume, *fit.drivers]]
    return rows[rows[fit.volume] > 0].merge(base, on=keys, suffixes=("", "_last"))


def _errors(rows: pd.DataFrame, trained: ShareFit) -> tuple[float, float]:
    markets = group(rows, trained.market)
    volume = rows[trained.volume].to_numpy(np.float64)
    before = np.log(rows[f"{trained.volume}_last"].to_numpy(np.float64))
    moved = np.zeros(len(rows))
    for driver in trained.drivers:
        slopes = trained.slope(driver)[0]
        slope = slopes.iloc[0] if trained.by is None else rows[trained.by].map(slopes).to_numpy(np.float64)
        moved += slope * (rows[driver] - rows[f"{driver}_last"]).to_numpy(np.float64)
    size = np.bincount(markets.codes, volume, markets.size)[markets.codes]

    def error(utility: Floats) -> float:
        gap = np.abs(softmax(utility, markets.codes, markets.size) - volume / size)
        return float((gap * size).sum() / size.sum())

    return error(before + moved), error(before)
