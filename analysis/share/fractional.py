"""Fractional logit (Papke and Wooldridge 1996): the mean of a network's share is a logit, shares of 0 and 1 allowed.

A check on the share model that needs no logarithm. Errors are always the sandwich: the binomial variance that the
quasi-likelihood assumes is far from that of a share.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.share.absorb import Codes, Floats, group
from analysis.share.design import Design, Plan, absorbed, checked, layout
from analysis.share.errors import ShareError
from analysis.share.estimators import LOGIT, inference, newton


@dataclass(frozen=True, slots=True, eq=False)
class FractionFit:
    """Fractional logit of one network's share, or of all. Made by `fit_fraction`.

    Attributes
    ----------
    params, std_errors : pandas.Series
        Log-odds of the share per unit of the driver; index driver, or (group, driver) with `by`.
    covariance : pandas.DataFrame
    df : pandas.Series
        Degrees of freedom of each interval: C - 1 where fewer than 30 clusters hold the group, otherwise infinite.
    nobs, clusters : int
    dropped : int
        Rows left out because the shares of an effect of theirs are all 0 or all 1.
    platform : str or None
        None for the shares of all networks together.
    """

    params: pd.Series
    std_errors: pd.Series
    covariance: pd.DataFrame
    df: pd.Series
    nobs: int
    clusters: int
    dropped: int
    platform: str | None


def fit_fraction(
    panel: pd.DataFrame,
    platform: str | None,
    drivers: Sequence[str],
    *,
    market: Sequence[str] = ("city", "month"),
    alternative: str = "platform",
    volume: str = "parcels",
    by: str | None = None,
    effects: Sequence[str | Sequence[str]] = (),
    cluster: str | None = "city",
) -> FractionFit:
    """Fit the share of `platform` in each market where it is, or with None the shares of all rows.

    Parameters
    ----------
    panel : pandas.DataFrame
        All networks, as for `analysis.share.fit`: shares are of the market's volume. Not changed.
    platform : str or None
    drivers, market, alternative, volume, by
        As for `analysis.share.fit`.
    effects : sequence of str or sequence of str
        Groupings to absorb. Without one that holds the alternative, a constant (by `by`; with None for each
        alternative) is absorbed as well.
    cluster : str or None
        None treats every row as a cluster.

    Notes
    -----
    The covariance has the factor C/(C-1) (n-1)/(n-k) of `analysis.share.fit`, with k likewise.
    """
    one = platform is not None
    wanted = absorbed(effects, alternative=None if one else alternative, by=by, constants=True)
    plan = Plan(
        drivers=tuple(drivers),
        market=tuple(market),
        alternative=alternative,
        volume=volume,
        by=by,
        effects=tuple(wanted),
        cluster=() if cluster is None else (cluster,),
        estimator="fractional",
        instruments={},
        outside=None,
    )
    markets = checked(panel, plan)
    share = _shares(panel, volume, markets.codes)
    rows = (panel[alternative] == platform).to_numpy() if one else np.ones(len(panel), dtype=bool)
    if not rows.any():
        raise ValueError(f"the panel has no rows of {platform!r}: choose a network it has")
    keep = np.flatnonzero(rows)[_undecided(panel.loc[rows], share[rows], plan.effects)]
    laid = _by_row(layout(panel.iloc[keep], share[keep], plan, group(panel.iloc[keep], market)))
    found = newton(laid, LOGIT, _start(laid.outcome))
    covariance, _, df = inference(laid, found)
    return FractionFit(
        params=pd.Series(found.regression.params, laid.labels, name="estimate"),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), laid.labels, name="std_error"),
        covariance=covariance,
        df=df,
        nobs=keep.size,
        clusters=int(laid.clusters[0].max()) + 1,
        dropped=int(rows.sum()) - keep.size,
        platform=platform,
    )


def _by_row(laid: Design) -> Design:
    """Every row its own cluster, when there is no other."""
    if laid.clusters:
        return laid
    size = laid.outcome.size
    return replace(laid, clusters=(np.arange(size),), held=np.full(len(laid.labels), float(size)))


def _start(share: Floats) -> Floats:
    mean = 0.95 * share + 0.05 * share.mean()
    return np.log(mean / (1 - mean))


def _shares(panel: pd.DataFrame, volume: str, markets: Codes) -> Floats:
    values = panel[volume].to_numpy(np.float64)
    total = np.bincount(markets, values)[markets]
    empty = int((total == 0).sum())
    if empty:
        raise ValueError(f"{empty} rows lie in markets without any {volume}: leave these out of the panel")
    return values / total


def _undecided(rows: pd.DataFrame, share: Floats, effects: tuple[tuple[str, ...], ...]) -> Codes:
    """Positions of the rows whose effects hold shares between 0 and 1: others fit perfectly at infinity."""
    places = np.arange(len(rows))
    while places.size:
        keep = np.ones(places.size, dtype=bool)
        for columns in effects:
            groups = group(rows.iloc[places], columns)
            inside = [np.bincount(groups.codes, part[places], groups.size) > 0 for part in (share, 1 - share)]
            keep &= np.logical_and(*inside)[groups.codes]
        if keep.all():
            return places
        places = places[keep]
    raise ShareError("no_variation", "every share is 0 or 1 within some effect: absorb less")
