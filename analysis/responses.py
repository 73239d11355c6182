"""Who gains and who loses when one network does more: full matrices of the attraction model over many markets.

Within a market dS_k/dx_j = b S_k (1{j = k} - S_j). A tier is many markets, so responses are summed over them before
they are divided: the matrix of a tier need not have equal entries in a column, although every market has.
"""

import numpy as np
import pandas as pd

from analysis.evidence import Evidence
from analysis.evidence import assumed_slope as _assumed_slope
from analysis.share.absorb import group
from analysis.share.result import Floats, ShareFit
from data.platforms import PLATFORMS


def _volumes(rows: pd.DataFrame, fit: ShareFit, value: str) -> pd.DataFrame:
    markets = group(rows, fit.market)
    wide = pd.DataFrame({"market": markets.codes, "alternative": rows[fit.alternative].astype(str), "v": rows[value]})
    table = wide.pivot_table(index="market", columns="alternative", values="v", aggfunc="sum", fill_value=0.0)
    known = [name for name in PLATFORMS if name in table]
    return table[known + [name for name in table if name not in known]]


def _flows(volumes: Floats, weights: Floats) -> Floats:
    """Parcels that move from network k to network j per unit of utility of j, (k, j); gains on the diagonal.

    `weights` (markets, networks) is what one unit of change of j is worth in that market.
    """
    total = volumes.sum(axis=1, keepdims=True)
    shares = np.divide(volumes, total, out=np.zeros_like(volumes), where=total > 0)
    moved = -(volumes.T @ (shares * weights))
    gains = (volumes * (1 - shares) * weights).sum(axis=0)
    np.fill_diagonal(moved, gains)
    return moved


def matrix(rows: pd.DataFrame, fit: ShareFit, driver: str, *, tier: str, step: float | None = None) -> pd.DataFrame:
    """Relative change of each network's volume (rows) when another one (columns) does more, in the rows of one tier.

    Parameters
    ----------
    rows : pandas.DataFrame
        Panel rows of one tier in one month.
    fit : ShareFit
    driver : str
    tier : str
        Group of the coefficient; any name where the fit has one for all.
    step : float, optional
        Change of the driver (0.01 CNY is one fen; ln 1.1 is 10 % more of what a logged driver counts). Without it the
        result is an elasticity with respect to the driver itself.

    Returns
    -------
    pandas.DataFrame
        Networks x networks, fractions per `step` (or elasticities); the volume-weighted sum of a column is 0.
    """
    slopes = fit.slope(driver)[0]
    slope = float(slopes.iloc[0] if fit.by is None else slopes[tier])
    volumes = _volumes(rows, fit, fit.volume)
    held = volumes.to_numpy(np.float64)
    size = np.full_like(held, step) if step is not None else _volumes(rows, fit, driver)[volumes.columns].to_numpy()
    names = pd.Index(volumes.columns, name="changed")
    sums = held.sum(axis=0)[:, None]
    change = np.divide(slope * _flows(held, size), sums, out=np.full((len(names), len(names)), np.nan), where=sums > 0)
    return pd.DataFrame(change, names.rename("network"), names)


def assumed_slope(row: pd.Series, slope: float, elasticity: tuple[float, float], *, group: str) -> Evidence:
    """Slope that an own elasticity assumed for a whole tier stands for.

    In one market b = eta / (s (1 - S)). A tier's elasticity is the mean over its markets, so the 1 - S that belongs to
    it weighs each of them by its own subsidies: own / (b level). With that, eta = own gives b back.

    Parameters
    ----------
    row : pandas.Series
        `own` and `level` of the network in the tier, as `ShareFit.elasticities` gives them; level above 0.
    slope : float
        b that they were computed with, not 0.
    elasticity : (float, float)
        Lowest and highest.
    """
    left = float(row["own"] / (slope * row["level"]))
    return _assumed_slope(elasticity, subsidy=float(row["level"]), share=max(1 - left, 0.0), group=group)


def diversion(rows: pd.DataFrame, fit: ShareFit) -> pd.DataFrame:
    """Where the parcels go that leave a network (rows), over all markets of the rows given.

    Rows add to 1; the diagonal is 0. In a single market it is S_k / (1 - S_j).
    """
    volumes = _volumes(rows, fit, fit.volume)
    volumes = volumes.loc[:, volumes.sum() > 0]
    held = volumes.to_numpy(np.float64)
    moved = -_flows(held, np.ones_like(held)).T
    np.fill_diagonal(moved, 0.0)
    lost = moved.sum(axis=1, keepdims=True)
    names = pd.Index(volumes.columns)
    ratio = np.divide(moved, lost, out=np.zeros_like(moved), where=lost > 0)
    return pd.DataFrame(ratio, names.rename("from"), names.rename("to"))
