"""Small tables that the views draw, from the panel of a market."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data.platforms import OUTSIDE, PLATFORMS

REMAINDER = "other"
"""Column of all networks that a filter leaves out: no player, but shares still add to 100 %."""
NO_PLAYERS = (OUTSIDE, PLATFORMS[OUTSIDE].owner, REMAINDER)
"""Columns that compete with nobody: home delivery, by network and by owner, and the remainder."""


def within(
    panel: pd.DataFrame, *, tiers: Sequence[str] = (), regions: Sequence[str] = (), cities: Sequence[str] = ()
) -> pd.DataFrame:
    """Rows of the panel in these tiers, regions and cities (codes); an empty list means all."""
    keep = np.ones(len(panel), dtype=bool)
    if tiers:
        keep &= panel["tier"].isin(tiers).to_numpy()
    if regions:
        keep &= panel["region"].isin(regions).to_numpy()
    if cities:
        keep &= panel["city"].isin(cities).to_numpy()
    return panel if keep.all() else panel[keep]


def at(panel: pd.DataFrame, month: pd.Timestamp) -> pd.DataFrame:
    """Rows of one month."""
    return panel[panel["month"] == month]


def wide(panel: pd.DataFrame, by: str | Sequence[str], *, value: str = "parcels") -> pd.DataFrame:
    """`value` summed, one row per `by`, one column per network (in the order of `PLATFORMS`), zeros where absent."""
    keys = [by] if isinstance(by, str) else list(by)
    table = panel.groupby([*keys, "platform"], observed=True)[value].sum().unstack(fill_value=0)
    table.columns = table.columns.astype(str)
    return table[[p for p in PLATFORMS if p in table] + [p for p in table if p not in PLATFORMS]]


def row_shares(volumes: pd.DataFrame) -> pd.DataFrame:
    """Each row divided by its sum; fractions that add to one."""
    return volumes.div(volumes.sum(axis=1), axis=0)


def by_owner(volumes: pd.DataFrame) -> pd.DataFrame:
    """Columns of networks summed by who controls them, largest owner first."""
    owners = [PLATFORMS[p].owner if p in PLATFORMS else p for p in volumes]
    table = volumes.T.groupby(owners, sort=False).sum().T
    return table[table.sum().sort_values(ascending=False).index]


def keep_networks(volumes: pd.DataFrame, networks: Sequence[str]) -> pd.DataFrame:
    """Only these networks (zero where absent) and home delivery; all others summed into `REMAINDER`: totals stay."""
    chosen = [p for p in PLATFORMS if p in networks and p != OUTSIDE]
    others = volumes.drop(columns=[p for p in (*chosen, OUTSIDE) if p in volumes])
    if not chosen or others.empty:
        return volumes
    kept = volumes.reindex(columns=chosen, fill_value=0).assign(**{REMAINDER: others.sum(axis=1)})
    return kept.assign(**{OUTSIDE: volumes[OUTSIDE]}) if OUTSIDE in volumes else kept


def by_size(volumes: pd.DataFrame) -> pd.DataFrame:
    """Columns from the largest to the smallest; home delivery and the remainder stay last."""
    players = list(contested(volumes))
    total = volumes.sum()
    return volumes[
        [*total[players].sort_values(ascending=False, kind="stable").index, *volumes.columns.difference(players)]
    ]


def in_order(volumes: pd.DataFrame, by: str) -> pd.DataFrame:
    """Rows as they are for tiers and regions, which have an order; provinces and cities with most parcels first."""
    if by in ("tier", "region"):
        return volumes
    return volumes.loc[volumes.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def contested(volumes: pd.DataFrame) -> pd.DataFrame:
    """Networks alone: without the outside option (home delivery) and the remainder, unless nothing else is there."""
    rest = volumes.drop(columns=[c for c in NO_PLAYERS if c in volumes])
    return rest if rest.shape[1] else volumes


def leader(volumes: pd.DataFrame) -> pd.Series:
    """Network with most parcels in each row; home delivery where no network has a parcel."""
    players = contested(volumes)
    return players.idxmax(axis=1).where(players.max(axis=1) > 0, OUTSIDE)


def network_shares(volumes: pd.DataFrame) -> pd.DataFrame:
    """Shares among the networks alone; rows without a parcel of theirs are left out, unless no row has one."""
    rows = contested(volumes)
    rows = rows[rows.sum(axis=1) > 0]
    return row_shares(rows if len(rows) else volumes)


def leaders(volumes: pd.DataFrame) -> pd.DataFrame:
    """Who leads the networks in each row.

    Columns `leader` (home delivery where no network has a parcel), `share` and `lead` over the second (fractions of
    all parcels), `parcels`.
    """
    shares = contested(row_shares(volumes))
    ordered = np.sort(shares.to_numpy(), axis=1)
    second = ordered[:, -2] if ordered.shape[1] > 1 else np.zeros(len(shares))
    return pd.DataFrame(
        {
            "leader": leader(shares),
            "share": ordered[:, -1],
            "lead": ordered[:, -1] - second,
            "parcels": volumes.sum(axis=1),
        }
    )


def varying(panel: pd.DataFrame, drivers: Sequence[str], *, market: Sequence[str] = ("city", "month")) -> list[str]:
    """Drivers that differ between the networks of some market; the others cannot explain a share."""
    groups = panel.groupby(list(market), observed=True)[list(drivers)]
    spread = (groups.max() - groups.min()).max()
    return [name for name in drivers if spread[name] > 0]
