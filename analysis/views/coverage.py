"""How far the networks reach: shares of people and of parcels near a station."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.space.coverage import ALL
from analysis.views import heat
from analysis.views.base import annotate, quiet
from analysis.views.look import Look, View, percent
from data.grade import Grade

SHARE = {"people": "people_share", "parcels_per_day": "parcels_share"}
"""Column of shares by what is counted."""
ROW = 34


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose reach is shown.

    Attributes
    ----------
    network : str
    weight : str
        What is counted: "people" or "parcels_per_day".
    radius_m : float
        Metres within which a station serves.
    """

    network: str
    weight: str
    radius_m: float

    def words(self, look: Look) -> dict[str, str]:
        """What sentences fill in."""
        return {
            "name": look.name(self.network),
            "radius": radius(look, self.radius_m),
            "what": look.say(f"cover.{self.weight}"),
        }


def radius(look: Look, metres: float) -> str:
    """300 m, 1 km."""
    return look.say("cover.m", n=f"{metres:g}") if metres < 1000 else look.say("cover.km", n=f"{metres / 1000:g}")


def by_group(
    table: pd.DataFrame,
    whole: pd.DataFrame,
    look: Look,
    *,
    subject: Subject,
    group: str,
    names: Mapping[str, str],
    shown: int,
    caption: str,
    grade: Grade,
) -> View:
    """Dots by group, one panel a radius: the network, its best rival, and a tick for any station.

    Parameters
    ----------
    table, whole : DataFrame
        Coverage (`analysis.space.coverage`) by `group` and of everything.
    subject : Subject
        The title speaks of its radius.
    group : str
        Column of `table`: "tier" or "city".
    names : mapping
        What groups are called; nothing for those that are called by their term.
    shown : int
        Groups in the picture, the first of `table`; its table has all of them.
    """
    network, share = subject.network, SHARE[subject.weight]
    rows = _compared(table, network, share, [group, "radius_m"])
    radii = sorted(table["radius_m"].unique())
    labels = {key: names.get(str(key), look.term(group, key)) for key in table[group].unique()}
    firsts = list(labels)[:shown]
    figure = make_subplots(1, len(radii), shared_yaxes=True, horizontal_spacing=0.08)
    for column, metres in enumerate(radii, 1):
        drawn = rows[(rows["radius_m"] == metres) & rows[group].isin(firsts)]
        _dots(figure, drawn, look, network, group, labels, column)
    quiet(figure, look, height=ROW * len(firsts) + 70)
    ink = {"color": look.theme.muted}
    figure.update_xaxes(range=[-4, 104], tickvals=[0, 50, 100], fixedrange=True, zeroline=False, tickfont=ink)
    figure.update_xaxes(showgrid=True, gridcolor=look.theme.grid, ticksuffix="%")
    figure.update_yaxes(fixedrange=True, showgrid=False, zeroline=False, ticksuffix="  ", automargin=True)
    figure.update_yaxes(
        categoryorder="array", categoryarray=[labels[key] for key in firsts[::-1]], dtick=1, tickfont=ink
    )
    figure.update_layout(margin={"t": 30})
    at = {"yref": "paper", "y": 1, "yanchor": "bottom", "x": 50}
    panels = [{**at, "xref": f"x{i}" if i > 1 else "x", "text": radius(look, r)} for i, r in enumerate(radii, 1)]
    annotate(figure, look, panels)
    first = _compared(whole, network, share, ["radius_m"]).set_index("radius_m").loc[subject.radius_m]
    title = look.say(
        "cover.finding_reach",
        **subject.words(look),
        own=percent(first["own"]),
        rival=look.name(str(first["best"])),
        best=percent(first["rival"]),
        all=percent(first["all"]),
    )
    items = look.join(
        look.pair(labels[key], percent(share))
        for key, share in _at(rows, subject.radius_m).set_index(group)["own"].items()
    )
    alt = look.say("cover.alt_reach", **subject.words(look), items=items)
    return View(figure, _table(rows, look, network, group, labels), title, caption, alt, grade)


def _at(rows: pd.DataFrame, radius_m: float) -> pd.DataFrame:
    return rows[rows["radius_m"] == radius_m]


def _compared(table: pd.DataFrame, network: str, share: str, keys: Sequence[str]) -> pd.DataFrame:
    """Shares (fractions) of the network, of its best rival (and which) and of all stations, by `keys`."""
    wide = table[table["kind"] == "any"].pivot(index=list(keys), columns="network", values=share)
    rivals = wide.drop(columns=[ALL, network], errors="ignore").fillna(0.0)
    if rivals.empty:
        rivals = rivals.assign(**{"": 0.0})
    own = wide[network] if network in wide else wide[ALL] * 0.0
    found = pd.DataFrame({"own": own, "rival": rivals.max(axis=1), "best": rivals.idxmax(axis=1), "all": wide[ALL]})
    return found.dropna(subset=["all"]).reset_index()


def _dots(
    figure: go.Figure,
    rows: pd.DataFrame,
    look: Look,
    network: str,
    group: str,
    labels: Mapping[str, str],
    column: int,
) -> None:
    y = [labels[key] for key in rows[group]]
    rivals = [look.name(str(key)) for key in rows["best"]]
    ends = np.column_stack([rows["own"] * 100, rows["all"] * 100, np.full(len(rows), np.nan)]).ravel()
    thrice = [label for label in y for _ in range(3)]
    line = {"color": look.theme.grid, "width": 3}
    figure.add_scatter(x=ends, y=thrice, mode="lines", line=line, hoverinfo="skip", row=1, col=column)
    bar = {"symbol": "line-ns", "size": 14, "line": {"width": 2.5, "color": look.theme.text}}
    small = {"size": 9, "color": [look.theme.colour(str(key)) for key in rows["best"]]}
    large = {"size": 13, "color": look.theme.colour(network), "line": {"width": 1.5, "color": look.theme.surface}}
    marks = (
        ("all", bar, [look.say("cover.any_station")] * len(rows)),
        ("rival", small, rivals),
        ("own", large, [look.name(network)] * len(rows)),
    )
    for name, marker, said in marks:
        figure.add_scatter(
            x=rows[name] * 100,
            y=y,
            mode="markers",
            marker=marker,
            customdata=said,
            hovertemplate="%{y} · %{customdata} <b>%{x:.1f}%</b><extra></extra>",
            row=1,
            col=column,
        )


def _table(rows: pd.DataFrame, look: Look, network: str, group: str, labels: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            look.say("tier.heading" if group == "tier" else "market.city"): [labels[key] for key in rows[group]],
            look.say("cover.radius"): [radius(look, metres) for metres in rows["radius_m"]],
            look.pair(look.name(network), "%"): (rows["own"] * 100).round(1),
            look.say("cover.best_rival"): [look.name(str(key)) for key in rows["best"]],
            look.say("cover.best_rival_share"): (rows["rival"] * 100).round(1),
            look.say("cover.any_station_share"): (rows["all"] * 100).round(1),
        }
    )


def networks(
    table: pd.DataFrame,
    whole: pd.DataFrame,
    look: Look,
    *,
    subject: Subject,
    group: str,
    names: Mapping[str, str],
    shown: int,
    caption: str,
    grade: Grade,
) -> View:
    """Heat table at one radius: networks, staffed stations and lockers of all, by group; arguments as `by_group`.

    With the group "radius_m" the columns are the radii of `whole`.
    """
    share, by_radius = SHARE[subject.weight], group == "radius_m"
    rows = whole if by_radius else _at(table, subject.radius_m)
    keys = list(rows[group].unique())
    wide = _rows_of(rows, look, share).pivot(index="row", columns=group, values=share)[keys]
    wide.columns = pd.Index([names.get(str(key), look.term(group, key)) for key in keys])
    alone = _at(whole, subject.radius_m)
    if not by_radius:
        wide.insert(0, look.say("cover.everywhere"), _rows_of(alone, look, share).set_index("row")[share])
    alone = alone[(alone["kind"] == "any") & (alone["network"] != ALL)].set_index("network")[share].sort_values()[::-1]
    firsts = [look.say("cover.any_station"), look.say("cover.staffed"), look.say("cover.lockers")]
    order = [row for row in (*firsts, *(look.name(str(key)) for key in alone.index)) if row in wide.index]
    wide = wide.loc[order] * 100
    drawn = wide.iloc[:, : shown + 1]
    said = drawn.map(lambda value: "" if pd.isna(value) else f"{value:.0f}")
    figure = heat.table(drawn, look, text=said, hover="%{y} · %{x} <b>%{z:.1f}%</b>", limit=100, row=28, size=12)
    title, alt = _networks_words(alone, look, subject)
    heading = look.say("market.city" if group == "city" else "cover.radius" if by_radius else "tier.heading")
    return View(figure, wide.T.round(1).rename_axis(heading), title, caption, alt, grade)


def _networks_words(alone: pd.Series, look: Look, subject: Subject) -> tuple[str, str]:
    """Who reaches most, and the rank of the network; all of them for a reader."""
    place = list(alone.index).index(subject.network) + 1 if subject.network in alone.index else 0
    title = look.say(
        "cover.finding_networks" if place else "cover.finding_absent",
        first=look.name(str(alone.index[0])) if len(alone) else look.say("unit.none"),
        share=percent(float(alone.iloc[0])) if len(alone) else percent(0.0),
        **subject.words(look),
        place=place,
        n=len(alone),
    )
    items = look.join(look.pair(look.name(str(key)), percent(value)) for key, value in alone.items())
    return title, look.say("cover.alt_networks", **subject.words(look), items=items)


def _rows_of(table: pd.DataFrame, look: Look, share: str) -> pd.DataFrame:
    """Rows of the heat table, named: networks as a whole, and staffed stations and lockers of all."""
    everyone = table["network"] == ALL
    kept = table[everyone | (table["kind"] == "any")]
    kinds = {"any": "cover.any_station", "staffed": "cover.staffed", "locker": "cover.lockers"}
    named = [
        look.say(kinds[kind]) if who == ALL else look.name(str(who))
        for who, kind in zip(kept["network"], kept["kind"], strict=True)
    ]
    return kept.assign(row=named)
