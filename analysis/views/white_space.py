"""White space ranked: cities with most demand near no own station, and cells where a new one would pay."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.space.expected import format_of
from analysis.space.white_space import WHITE, most_of
from analysis.views.base import count_axis, quiet
from analysis.views.coverage import Subject, radius
from analysis.views.look import Look, View, percent
from analysis.views.served import colours, label
from data.grade import Grade

FOUND = ("cover.finding_cells", "cover.cells_caption")
SHOWN = 15
"""Cities in the picture; its table has all of them."""


def cities(
    table: pd.DataFrame,
    look: Look,
    *,
    subject: Subject,
    names: Mapping[str, str],
    tiers: Mapping[str, str],
    caption: str,
    grade: Grade,
) -> View:
    """Cities by parcels a day without an own station in reach, and who serves them.

    `table` is that of `analysis.space.white_space.by_city`, most first; `names` and `tiers` by adcode.
    """
    shown, network = table.head(SHOWN), subject.network
    fills, labels = colours(look.theme, network), [names[str(city)] for city in shown.index]
    figure = go.Figure()
    for key in WHITE:
        said = label(look, key, network)
        figure.add_bar(
            y=labels,
            x=shown[key],
            orientation="h",
            marker={"color": fills[key], "line": {"color": look.theme.surface, "width": 1.2}},
            customdata=[look.count(value) for value in shown[key]],
            hovertemplate="%{y} · " + said + " <b>%{customdata}</b><extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.26)
    quiet(figure, look, height=24 * len(shown) + 44)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", dtick=1)
    top = max(float(shown["white_parcels_per_day"].max()) * 1.05, 1.0) if len(shown) else 1.0
    _across(figure, look, top)
    total, first = float(table["white_parcels_per_day"].sum()), table.iloc[0]
    values = {
        **subject.words(look),
        "share": percent(total / max(float(table["parcels_per_day"].sum()), 1e-9)),
        "where": labels[0],
        "most": look.count(float(first["white_parcels_per_day"])),
    }
    items = (
        look.pair(name, look.count(value)) for name, value in zip(labels, shown["white_parcels_per_day"], strict=True)
    )
    alt = look.say("cover.alt_cities", items=look.join(items))
    return View(
        figure,
        _city_table(table, look, network, names, tiers),
        look.say("cover.finding_cities", **values),
        caption,
        alt,
        grade,
    )


def _across(figure: go.Figure, look: Look, top: float) -> None:
    """A count axis along the bottom."""
    scale = go.Figure()
    count_axis(scale, look, top)
    axis = scale.layout.yaxis
    figure.update_xaxes(range=axis.range, tickvals=axis.tickvals, ticktext=axis.ticktext)
    figure.update_xaxes(showgrid=True, gridcolor=look.theme.grid)


def _city_table(
    table: pd.DataFrame, look: Look, network: str, names: Mapping[str, str], tiers: Mapping[str, str]
) -> pd.DataFrame:
    codes = table.index.astype(str)
    columns = {
        look.say("market.rank"): np.arange(1, len(table) + 1),
        look.say("market.city"): [names[code] for code in codes],
        look.say("tier.heading"): [look.term("tier", tiers.get(code, "")) for code in codes],
        look.say("cover.white_parcels"): table["white_parcels_per_day"].round(0).to_numpy(),
        look.say("cover.white_share"): (table["white_share"] * 100).round(1).to_numpy(),
        look.say("cover.white_people"): table["white_people"].round(0).to_numpy(),
    }
    columns |= {label(look, key, network): table[key].round(0).to_numpy() for key in WHITE}
    columns |= {look.say("cover.break_even"): table["break_even_parcels_per_day"].round(0).to_numpy()}
    columns |= {look.say("market.adcode"): codes}
    return pd.DataFrame(columns)


def cell_table(
    table: pd.DataFrame, look: Look, *, network: str, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Cells in their rank with what a new station there would win, need and earn, for a reader and for a file.

    `names` by adcode: the cells are of a country, and only screened; without, of one city and told apart by position.
    """
    places = {look.say("field.lat"): table["lat"].to_numpy(), look.say("field.lon"): table["lon"].to_numpy()}
    first = {look.say("market.city"): [_where(row, names) for row in table.to_dict("records")]} if names else places
    columns = {look.say("market.rank"): table["rank"].to_numpy()} | first
    won = look.say("cover.screened" if names else "cover.expected")
    columns |= {
        won: table["expected_parcels_per_day"].round(0).to_numpy(),
        look.say("cover.break_even"): table["break_even_parcels_per_day"].round(0).to_numpy(),
        look.say("cover.margin"): table["margin"].round(2).to_numpy(),
        look.say("cover.profit"): table["profit_cny_per_month"].round(0).to_numpy(),
        look.say("cover.white_parcels"): table["white_parcels_per_day"].round(0).to_numpy(),
        look.say("cover.from_own"): table["from_own"].round(0).to_numpy(),
    }
    columns |= {label(look, key, network): table[key].round(0).to_numpy() for key in WHITE}
    return pd.DataFrame(columns | places | {look.say("cover.cell"): table.index.to_numpy()})


def _where(row: Mapping[str, Any], names: Mapping[str, str] | None) -> str:
    """City of a cell, or its position."""
    return names.get(str(row["city"]), str(row["city"])) if names else f"{row['lat']:.3f}, {row['lon']:.3f}"


def cell_words(
    table: pd.DataFrame, look: Look, *, network: str, reach_m: float, names: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Finding of the cells and what their numbers assume; with `names` they are of a country, and only screened."""
    finding, said = ("cover.finding_screened", "cover.screened_caption") if names else FOUND
    values = {
        "name": look.name(network),
        "format": look.say(f"station.format_{format_of(network)}"),
        "most": f"{most_of(network):,.0f}",
        "reach": radius(look, reach_m),
        "n": len(table),
        "pays": int((table["profit_cny_per_month"] > 0).sum()),
    }
    if table.empty:
        return look.say("cover.no_cells", **values), look.say(said, **values)
    best = table.iloc[0]
    return look.say(
        finding,
        where=_where(best.to_dict(), names),
        expected=f"{best['expected_parcels_per_day']:,.0f}",
        needs=f"{best['break_even_parcels_per_day']:,.0f}",
        stations=f"{best['margin']:,.1f}",
        **values,
    ), look.say(said, **values)
