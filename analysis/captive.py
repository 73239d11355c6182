"""Captive and contestable parcels: what routing fixes and what follows choice.

An owner's orders go first, by its allocation, to its own network; only the rest is won or lost. Where the source of
each order is known the split is measured, otherwise it is an assumption.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.share.absorb import group
from data.grade import Grade
from data.platforms import ORDER_SOURCES, OUTSIDE, PLATFORMS

Floats = npt.NDArray[np.float64]
SOLID = 0.01
"""Open share from which a network's own ratio of parcels to open parcels is steady enough to rely on."""
MARKET = ("city", "month")
ASSUMED = "assumed_contestable"
"""Column of a panel whose split is an assumption (`assume`): contestable parcels, exactly as asked."""


def contestable(parcels: Floats, open_parcels: Floats, outside: int | None) -> Floats:
    """Parcels (platforms, markets) that follow choice, out of all parcels.

    Open parcels (orders of owners without a network) follow the contestable shares sigma. So do the orders of the
    other owners that no routing fixes: free parcels are sigma_j F with one F for the whole market. Home delivery is
    never fixed by routing, hence F = parcels_home / sigma_home, that is free_j = open_j x parcels_home / open_home.
    Where home delivery has no open parcels, the smallest ratio among the networks with at least 1 % of the open
    parcels takes its place (captive flow only raises a ratio). No network has more free parcels than parcels. With
    open parcels equal to parcels nothing is captive.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(open_parcels > 0, parcels / open_parcels, np.inf)
        solid = open_parcels >= SOLID * open_parcels.sum(axis=0)
    least = np.where(solid, ratio, np.inf).min(axis=0)
    if outside is not None:
        least = np.where(np.isfinite(ratio[outside]), ratio[outside], least)
    least = np.where(np.isfinite(least), least, 0.0)
    return np.minimum(parcels, open_parcels * least)


def known(panel: pd.DataFrame) -> bool:
    """Whether the source of any order is known: open parcels differ from parcels somewhere, not by assumption."""
    if ASSUMED in panel:
        return False
    return "open_parcels" in panel and bool((panel["open_parcels"].to_numpy() != panel["parcels"].to_numpy()).any())


def grade(panel: pd.DataFrame, kappa: Mapping[str, float] | None = None) -> Grade:
    """Grade of the split: estimated where the source of orders is known, else assumed, whatever `kappa` is."""
    _routed(kappa)
    return Grade.ESTIMATED if known(panel) else Grade.ASSUMED


def assume(panel: pd.DataFrame, kappa: Mapping[str, float]) -> pd.DataFrame:
    """The panel with these parts of its networks' parcels taken as routed, for the fit and all that reads it.

    Open parcels become the contestable ones. They are kept under `ASSUMED` as well, so that `split` gives back what
    was asked: it cannot be read off open parcels again where every network has captive ones. A measured split is not
    overruled: such a panel comes back as it is.
    """
    if known(panel):
        return panel
    free = split(panel, kappa=kappa)["contestable"]
    return panel.assign(open_parcels=free, **{ASSUMED: free})


def split(panel: pd.DataFrame, *, kappa: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Captive and contestable parcels of each row.

    Parameters
    ----------
    panel : pandas.DataFrame
        Columns city, month, platform, parcels, and open_parcels where the source of orders is known.
    kappa : mapping of network to float, optional
        Part of a network's own parcels that routing fixes, 0 to 1; networks not named have none. Used only where no
        source of orders is known, and nothing is assumed yet: such a split is not overruled.

    Returns
    -------
    pandas.DataFrame
        Index of the panel; `captive` and `contestable`, parcels a month, adding to `parcels`.
    """
    parcels = panel["parcels"].to_numpy(np.float64)
    part = _routed(kappa)
    if ASSUMED in panel:
        free = panel[ASSUMED].to_numpy(np.float64)
    elif known(panel):
        free = _measured(panel, parcels)
    else:
        names = panel["platform"].astype(str)
        free = parcels * (1 - names.map(part).fillna(0.0).to_numpy(np.float64))
    return pd.DataFrame({"captive": parcels - free, "contestable": free}, panel.index)


def by_group(panel: pd.DataFrame, by: str, kappa: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Split summed: index (`by`, platform); parcels, captive, contestable (a month's, summed), captive_share.

    A response of the contestable part is (1 - captive_share) times as large for all of the network's parcels.
    """
    rows = split(panel, kappa=kappa).assign(parcels=panel["parcels"])
    keys = [panel[by], panel["platform"]]
    sums = rows[["parcels", "captive", "contestable"]].groupby(keys, observed=True).sum()
    return sums.assign(captive_share=(sums["captive"] / sums["parcels"]).where(sums["parcels"] > 0, 0.0))


def allocation(volumes: pd.DataFrame) -> pd.DataFrame:
    """Part of an owner's own orders that is routed to its networks, measured month by month.

    Of its own orders, network j gets a_j = r_j + (1 - R) sigma_j: r_j by routing, and its share sigma_j among open
    orders of the (1 - R) that are not routed, R = sum r_j. With one network R = (a - sigma) / (1 - sigma).

    Parameters
    ----------
    volumes : pandas.DataFrame
        Columns month, city, platform, parcels, origin (keys of `ORDER_SOURCES`; all others are open).

    Returns
    -------
    pandas.DataFrame
        Index (month, platform): `orders` of the owner and `routed` (parcels), `allocation` (their ratio), `std` over
        cities weighted by orders, `cities`. Only cities where the network carries a parcel and open orders exist;
        sampling can make a small allocation slightly negative. Networks of owners without a single order are left out.
    """
    missing = [c for c in (*reversed(MARKET), "platform", "parcels", "origin") if c not in volumes]
    if missing:
        raise ValueError(f"the allocation needs {', '.join(missing)}: add the source of each order")
    sums = volumes.groupby(["origin", *MARKET, "platform"], observed=True)["parcels"].sum()
    wide = sums.unstack("platform", fill_value=0.0).astype(np.float64)
    owners = wide.index.get_level_values("origin").astype(str)
    opened = wide[~owners.isin(list(ORDER_SOURCES))].groupby(level=list(MARKET), observed=True).sum()
    opened = opened[opened.sum(axis=1) > 0]
    parts = [_owner(wide[owners == owner].droplevel("origin"), opened, owner) for owner in ORDER_SOURCES]
    cells = pd.concat([p for p in parts if len(p)]) if any(map(len, parts)) else _no_cells()
    return _rates(cells)


def _routed(kappa: Mapping[str, float] | None) -> dict[str, float]:
    part = dict(kappa or {})
    for name, value in part.items():
        if name not in PLATFORMS or not 0 <= value <= 1:
            raise ValueError(f"kappa of {name!r} is {value}: give a known network and a part from 0 to 1")
    return part


def _measured(panel: pd.DataFrame, parcels: Floats) -> Floats:
    markets, platform = group(panel, MARKET), group(panel, "platform")
    place = (platform.codes, markets.codes)
    cells = np.zeros((2, platform.size, markets.size))
    cells[0][place] = parcels
    cells[1][place] = panel["open_parcels"].to_numpy(np.float64)
    names = list(platform.labels.astype(str))
    free = contestable(cells[0], cells[1], names.index(OUTSIDE) if OUTSIDE in names else None)
    return free[place]


def _owner(own: pd.DataFrame, opened: pd.DataFrame, owner: str) -> pd.DataFrame:
    """Cells (month, city, platform) of one owner's networks: orders and routed parcels."""
    networks = [c for c in own if PLATFORMS[str(c)].owner == owner]
    both = own.index.intersection(opened.index)
    if not networks or both.empty:
        return _no_cells()
    own, opened = own.loc[both], opened.loc[both]
    orders = own.sum(axis=1)
    at, sigma = own.div(orders, axis=0)[networks], opened.div(opened.sum(axis=1), axis=0)[networks]
    routed = (at.sum(axis=1) - sigma.sum(axis=1)) / (1 - sigma.sum(axis=1)).where(lambda left: left > 0)
    rate = at - sigma.mul(1 - routed, axis=0)
    there = ((own[networks] + opened[networks]) > 0) & rate.notna()
    long = rate.where(there).rename_axis(columns="platform").stack().rename("rate").reset_index()
    long["platform"] = long["platform"].astype(str)
    long = long.join(orders.rename("orders"), on=list(MARKET))
    return long[long["orders"] > 0].dropna(subset="rate")


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame({"month": [], "platform": [], "rate": [], "orders": []})


def _rates(cells: pd.DataFrame) -> pd.DataFrame:
    cells = cells.assign(routed=cells["rate"] * cells["orders"], square=cells["rate"] ** 2 * cells["orders"])
    groups = cells.groupby(["month", "platform"])
    sums = groups[["orders", "routed", "square"]].sum()
    mean = sums["routed"] / sums["orders"]
    spread = np.sqrt((sums["square"] / sums["orders"] - mean**2).clip(lower=0.0))
    return sums[["orders", "routed"]].assign(allocation=mean, std=spread, cities=groups.size())
