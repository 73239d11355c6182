"""One city beside the map: its headline figures, and its stations by network with what opened and closed."""

from dataclasses import replace

import pandas as pd

from analysis import summary
from analysis.views import kpis
from analysis.views.kpis import Kpi
from analysis.views.look import Look, percent
from data.grade import Grade
from data.platforms import OUTSIDE, PLATFORMS

NEEDED = ("platform", "opened", "closed")
"""Columns of the stations that `moves` reads."""
NO_PRICE = pd.Series(index=pd.DatetimeIndex([]), dtype=float)
MONTHS = 12
"""Of openings and closings."""


def figures(rows: pd.DataFrame, month: pd.Timestamp, look: Look, grade: Grade) -> list[Kpi]:
    """Parcels, stations, the first of the networks and concentration with their change on the year.

    Parameters
    ----------
    rows : pandas.DataFrame
        Panel of one city: columns month, platform, parcels (a month), stations.
    month : pandas.Timestamp
    grade : Grade

    Returns
    -------
    list of Kpi
        Empty when the city has no parcel in the month.
    """
    known = rows[rows["month"] <= month]
    volumes = summary.wide(known, "month")
    if month not in volumes.index or not volumes.loc[month].sum() > 0:
        return []
    stations = known.groupby("month", observed=True)["stations"].sum()
    first, shown = str(summary.leader(volumes).iloc[-1]), str(summary.contested(volumes).iloc[-1].idxmax())
    long = look.say("kpi.leader", name=look.name(shown))
    label = look.say("nation.no_network") if first == OUTSIDE else look.say("city_panel.leader", name=look.name(first))
    found = kpis.headline(volumes, stations, NO_PRICE, look, grade)
    return [replace(figure, label=label) if figure.label == long else figure for figure in found]


def home_apart(rows: pd.DataFrame, month: pd.Timestamp, look: Look) -> str:
    """What part of the parcels comes to the door, which leads nowhere; empty where none does. `rows` of one city."""
    parcels = rows[rows["month"] == month].groupby("platform", observed=True)["parcels"].sum()
    home = float(parcels.get(OUTSIDE, 0.0))
    return look.say("city_panel.home_apart", share=percent(home / float(parcels.sum()))) if home > 0 else ""


def share_finding(peers: pd.DataFrame, city: str, look: Look, *, network: str, name: str, tier: str) -> str:
    """Share of the network in focus in the city, against the tier and by rank, beside the first of the networks.

    Parameters
    ----------
    peers : pandas.DataFrame
        Parcels of every city of the tier (rows) by network; `city` is one of them.
    name, tier : str
        What the city and the tier are called.
    """
    rows = peers[peers.sum(axis=1) > 0]
    shares = summary.row_shares(rows)
    players = summary.contested(shares).loc[city]
    if not players.max() > 0 or set(players.index) <= {OUTSIDE}:
        return look.pair(name, look.say("nation.no_network"))
    first = str(players.idxmax())
    share = float(shares.at[city, network]) if network in shares else 0.0
    leading = {"first": look.name(first), "most": percent(float(players[first]))}
    said = {"where": name, "name": look.name(network), "tier": tier}
    if share <= 0:
        return look.say("city_panel.share_none", **said, **leading)
    whole = float(rows[network].sum() / rows.to_numpy().sum())
    rank = int(shares[network].rank(ascending=False, method="min").loc[city])
    gap = f"{(share - whole) * 100:+.1f}".replace("-", "−")
    values = said | {"share": percent(share), "gap": gap, "rank": rank, "n": len(shares)}
    return look.say("city_panel.share_first" if first == network else "city_panel.share", **values, **leading)


def moves(stations: pd.DataFrame, month: pd.Timestamp) -> pd.DataFrame:
    """Stations of each network at the end of a month, and those that opened and closed in the twelve months to it.

    A station is there from its first day to the day before it closed; one that opened and closed within the twelve
    months counts in both, so that the stations of a year before plus `opened` less `closed` are those of today.

    Parameters
    ----------
    stations : pandas.DataFrame
        Columns platform, opened, closed (dates, the last missing while open).
    month : pandas.Timestamp

    Returns
    -------
    pandas.DataFrame
        One row a network in its fixed order: stations, opened, closed.
    """
    until = month + pd.offsets.MonthEnd(0)
    since = month - pd.DateOffset(months=MONTHS) + pd.offsets.MonthEnd(0)
    opened, closed, platform = stations["opened"], stations["closed"], stations["platform"].astype(str)
    found = pd.DataFrame(
        {
            "stations": (opened <= until) & ~(closed <= until),
            "opened": (opened > since) & (opened <= until),
            "closed": (closed > since) & (closed <= until),
        }
    )
    table = found.groupby(platform.to_numpy()).sum()
    order = [p for p in PLATFORMS if p in table.index] + [p for p in table.index if p not in PLATFORMS]
    return table.loc[order]


def stations_finding(table: pd.DataFrame, look: Look, *, name: str) -> str:
    """How many stations and lockers there are and what came and went; `table` as `moves` gives it."""
    total = table.sum()
    values = {"n": f"{total['stations']:,}", "opened": f"{total['opened']:,}", "closed": f"{total['closed']:,}"}
    net = table["opened"] - table["closed"]
    if not net.any():
        return look.say("city_panel.finding_same", where=name, **values)
    key = net.abs().idxmax()
    most = f"{net[key]:+,}".replace("-", "−")
    return look.say("city_panel.finding", where=name, name=look.name(str(key)), most=most, **values)


def stations_table(table: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The same with headers in the reader's language, largest network first."""
    rows = table[table.any(axis=1)].sort_values("stations", ascending=False, kind="stable")
    heads = {column: look.say(f"city_panel.{column}") for column in table}
    return rows.rename(columns=heads, index=look.name).rename_axis(look.say("market.network"))
