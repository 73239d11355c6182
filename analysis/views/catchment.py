"""What sites placed and stations shut move: parcels by network, the network's share, and every site's own account."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.views import plain
from analysis.views.kpis import Kpi
from analysis.views.look import Look, View, percent
from data.grade import Grade

OWN, NOBODY = "own", "nobody"
"""Rows of `Moved.change` beside the rivals' keys."""
ROW_PIXELS = 30
MOST_ROWS = 12
"""Networks in the chart; the table has all."""
LEAST = 0.05
"""Parcels a day below which nothing moved."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a plan moves in one city.

    Attributes
    ----------
    network : str
        Whose plan it is.
    sites, shut : int
        Placed sites, and shut stations of the network itself.
    shut_rivals : int
        Shut stations of others.
    won : float
        Parcels a day of the new sites.
    change : pandas.Series
        Parcels a day that others gain (or lose, below 0): `OWN` (stations of the network that are no new sites), every
        rival by its key, and `NOBODY` (demand without a station with parcels in reach). With `won` they add up to 0.
    before, after : pandas.Series
        Parcels a day by network at stations.
    grade : Grade
    """

    network: str
    sites: int
    shut: int
    shut_rivals: int
    won: float
    change: pd.Series
    before: pd.Series
    after: pd.Series
    grade: Grade

    @property
    def net(self) -> float:
        """Parcels a day that the network gains by the plan."""
        return self.won + float(self.change.get(OWN, 0.0))

    @property
    def cannibalisation(self) -> float:
        """Part of the new sites' parcels that other stations of the network lose; not a number without any."""
        if self.shut or self.shut_rivals or self.won <= 0:
            return float("nan")
        return max(0.0, -float(self.change.get(OWN, 0.0)) / self.won)

    @property
    def served(self) -> float:
        """Parcels a day that nobody handed over before."""
        return -float(self.change.get(NOBODY, 0.0))

    def share(self, *, after: bool) -> float:
        """Share of the network in what the city's stations hand over."""
        parcels = self.after if after else self.before
        total = float(parcels.sum())
        return float(parcels.get(self.network, 0.0)) / total if total else 0.0


def figures(moved: Moved, profit_cny_per_month: float, look: Look) -> list[Kpi]:
    """Five headline figures of a plan; the profit is that of the new sites."""
    name = look.name(moved.network)
    own = moved.cannibalisation
    points = (moved.share(after=True) - moved.share(after=False)) * 100
    versus = look.say("catch.versus_before")
    said = percent(own, 0) if np.isfinite(own) else look.say("unit.none")
    earned = look.money(profit_cny_per_month, signed=True).replace("-", "−") if moved.sites else look.say("unit.none")
    rows = (
        ("won", _parcels(moved.won, look, signed=False), None, None, look.say("catch.per_day")),
        ("net", _parcels(moved.net, look), None, None, look.say("catch.per_day")),
        ("own", said, None, None, ""),
        ("share", percent(moved.share(after=True), 2), f"{points:+.2f}", True, versus),
        ("profit", earned, None, None, ""),
    )
    return [
        Kpi(look.say(f"catch.kpi_{key}", name=name), value, delta, good, [], moved.grade, unit)
        for key, value, delta, good, unit in rows
    ]


def _parcels(value: float, look: Look, *, signed: bool = True) -> str:
    sign = ("+" if value > 0 else "−" if value < 0 else "") if signed else ""
    return f"{sign}{look.count(abs(value))}"


def finding(moved: Moved, look: Look) -> str:
    """What the plan does, in one sentence."""
    name, change = look.name(moved.network), moved.change
    if abs(moved.won) < LEAST and (change.abs() < LEAST).all():
        return look.say("catch.nothing_moves")
    if moved.won >= LEAST and not (moved.shut or moved.shut_rivals):
        own, new = (max(0.0, -float(change.get(key, 0.0))) / moved.won for key in (OWN, NOBODY))
        values = {"own": percent(own, 0), "rivals": percent(max(0, 1 - own - new), 0), "nobody": percent(new, 0)}
        return look.say("catch.sites_win", n=moved.sites, parcels=look.count(moved.won), name=name, **values)
    if moved.shut and not moved.sites and not moved.shut_rivals and moved.net < -LEAST:
        new = max(0.0, float(change.get(NOBODY, 0.0))) / -moved.net
        values = {"rivals": percent(max(0, 1 - new), 0), "nobody": percent(new, 0)}
        return look.say("catch.shut_loses", n=moved.shut, parcels=look.count(-moved.net), name=name, **values)
    return look.say(
        "catch.both",
        new=moved.sites,
        shut=moved.shut + moved.shut_rivals,
        name=name,
        parcels=_parcels(moved.net, look),
    )


def who(key: str, network: str, look: Look) -> str:
    """Name of a row of `Moved.change`."""
    if key == OWN:
        return look.say("catch.own_others", name=look.name(network))
    return look.say("catch.nobody") if key == NOBODY else look.name(key)


def from_whom(moved: Moved, look: Look, *, caption: str) -> View:
    """Bars of who gains and loses parcels: own stations in front, then rivals by size, then demand nobody served."""
    rows = _ordered(moved.change)
    table = pd.DataFrame(
        {
            look.say("catch.who"): [who(str(key), moved.network, look) for key in rows.index],
            look.say("catch.change_per_day"): rows.round(1).to_numpy(),
            look.say("catch.part_of_won"): (-rows / moved.won * 100).round(1).to_numpy()
            if moved.won > 0
            else np.full(len(rows), np.nan),
        }
    )
    shown = rows.head(MOST_ROWS)
    labels = [who(str(key), moved.network, look) for key in shown.index]
    colours = [look.theme.colour(moved.network if key == OWN else str(key)) for key in shown.index]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": plain.numbers(shown),
        "marker": {"color": colours},
        "text": [_parcels(float(value), look) for value in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": look.theme.text},
        "hovertemplate": f"%{{y}} <b>%{{x:+,.1f}}</b> {look.say('catch.per_day')}<extra></extra>",
    }
    most = max(float(shown.abs().max()) if len(shown) else 0.0, LEAST) * 1.35
    ends = [-most if (shown < -LEAST).any() else 0.0, most if (shown > LEAST).any() else most * 0.02]
    figure = plain.figure(
        (trace,),
        look,
        height=ROW_PIXELS * max(len(shown), 3) + 20,
        x={"visible": False, "range": ends},
        y={"autorange": "reversed", "showgrid": False, "ticksuffix": "  ", "dtick": 1},
    )
    title = finding(moved, look)
    items = (f"{label} {_parcels(float(value), look)}" for label, value in zip(labels, shown, strict=True))
    return View(figure, table, title, caption, look.say("catch.alt_whom", items=look.join(items)), moved.grade)


def _ordered(change: pd.Series) -> pd.Series:
    """Own stations, rivals by size of the change, nobody; rivals that nothing happens to are left out."""
    rivals = change.drop([OWN, NOBODY], errors="ignore")
    rivals = rivals[rivals.abs() >= LEAST]
    ends = [change.reindex([OWN]).fillna(0.0), change.reindex([NOBODY]).fillna(0.0)]
    order = np.argsort(-rivals.abs().to_numpy(), kind="stable")
    return pd.concat([ends[0], rivals.iloc[order], ends[1]])


def shares(moved: Moved, look: Look, *, caption: str) -> View:
    """Share of every network in the city's stations before and after the plan."""
    frame = pd.DataFrame({"before": moved.before, "after": moved.after}).fillna(0.0)
    frame = frame[frame.sum(axis=1) > 0]
    frame = frame / frame.sum().replace(0.0, 1.0)
    frame = frame.sort_values("after", ascending=False, kind="stable")
    change = (frame["after"] - frame["before"]) * 100
    table = pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(key)) for key in frame.index],
            look.say("catch.share_before"): (frame["before"] * 100).round(3).to_numpy(),
            look.say("catch.share_after"): (frame["after"] * 100).round(3).to_numpy(),
            look.say("catch.change_points"): change.round(3).to_numpy(),
        }
    )
    labels = [look.name(str(key)) for key in frame.index]
    said = [
        f"{percent(row.after, 2)} ({points:+.2f})".replace("-", "−")
        for row, points in zip(frame.itertuples(), change, strict=True)
    ]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": plain.numbers(frame["after"] * 100),
        "marker": {"color": [look.theme.colour(str(key)) for key in frame.index]},
        "hovertemplate": "%{y} <b>%{x:.2f}%</b><extra></extra>",
    }
    words = {
        "type": "scatter",
        "mode": "text",
        "y": labels,
        "x": plain.numbers(frame.max(axis=1) * 100),
        "text": [f"  {text}" for text in said],
        "textposition": "middle right",
        "textfont": {"color": look.theme.text},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    tick = {
        "type": "scatter",
        "mode": "markers",
        "y": labels,
        "x": plain.numbers(frame["before"] * 100),
        "marker": {"symbol": "line-ns", "size": 15, "line": {"width": 2.5, "color": look.theme.text}},
        "hovertemplate": f"{look.say('catch.share_before')} %{{x:.2f}}%<extra></extra>",
    }
    most = float(frame["after"].max()) * 100 if len(frame) else 1.0
    figure = plain.figure(
        (bars, tick, words),
        look,
        height=26 * max(len(frame), 3) + 20,
        x={"visible": False, "range": [0, most * 1.8]},
        y={"autorange": "reversed", "showgrid": False, "ticksuffix": "  ", "dtick": 1},
    )
    values = {"name": look.name(moved.network), "before": percent(moved.share(after=False), 2)}
    title = look.say("catch.share_finding", **values, after=percent(moved.share(after=True), 2))
    alt = look.say("catch.alt_shares", items=look.join(f"{a} {b}" for a, b in zip(labels, said, strict=True)))
    return View(figure, table, title, caption, alt, moved.grade)
