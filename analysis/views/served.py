"""Who serves the people and parcels near no own station: bars that add to 100, and a map of cells."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.market import round_to_total
from analysis.space.coverage import SERVED
from analysis.views.base import quiet
from analysis.views.coverage import Subject
from analysis.views.decks import around, deck, land, safe
from analysis.views.heat import FALL
from analysis.views.look import Look, View, percent
from analysis.views.theme import Theme, ink_on, rgb
from data.grade import Grade

if TYPE_CHECKING:
    import pydeck

NEAR_COLOURS = 130.0
"""Distance of two colours (0-255 in each channel) below which they are taken for one another."""
LOCKERS = {"light": "#e6c15c", "dark": "#7a6424"}
LEAST_WRITTEN = 3
"""Per cent from which a bar has room for its number."""
FAINTEST, STRONGEST = 60, 235
"""Opacity (0-255) of the cells with least and with most in them."""


def colours(theme: Theme, network: str) -> dict[str, str]:
    """Fill of each of `SERVED`: the network's, grey for rivals, straw for lockers, for nobody one far from all."""
    own, accent = theme.colour(network), theme.accent
    apart = np.linalg.norm(np.subtract(rgb(own), rgb(accent)))
    nobody = accent if apart > NEAR_COLOURS else FALL[theme.mode][0]
    return dict(zip(SERVED, (own, theme.muted, LOCKERS[theme.mode], nobody), strict=True))


def label(look: Look, by_whom: str, network: str) -> str:
    """What one of `SERVED` is called."""
    return look.say(f"cover.served_{by_whom}", name=look.name(network))


def bars(
    amounts: pd.DataFrame,
    look: Look,
    *,
    subject: Subject,
    heading: str,
    of: str,
    caption: str,
    grade: Grade,
) -> View:
    """100 % bars of `amounts` (columns `SERVED`, rows named in the reader's language).

    `heading` is what the rows are, `of` the one that the title speaks of.
    """
    rows = amounts[amounts.sum(axis=1) > 0]
    shares = rows.div(rows.sum(axis=1), axis=0)
    rounded = round_to_total(shares, total=100, decimals=0)
    figure, fills, network = go.Figure(), colours(look.theme, subject.network), subject.network
    for key in SERVED:
        said = label(look, key, network)
        figure.add_bar(
            y=list(shares.index),
            x=shares[key] * 100,
            orientation="h",
            name=said,
            marker={"color": fills[key], "line": {"color": look.theme.surface, "width": 1.2}},
            text=[f"{value:.0f}" if value >= LEAST_WRITTEN else "" for value in rounded[key]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            insidetextfont={"color": ink_on(fills[key]), "size": 13},
            hovertemplate="%{y} · " + said + " <b>%{x:.1f}%</b><extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.26)
    quiet(figure, look, height=max(110, 46 * len(shares) + 12))
    figure.update_xaxes(visible=False, range=[0, 100])
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", dtick=1)
    table = round_to_total(shares, total=100, decimals=1)
    table.columns = pd.Index([label(look, key, network) for key in SERVED])
    first = dict(zip(SERVED, (percent(value) for value in shares.loc[of]), strict=True))
    values = subject.words(look)
    title = look.say("cover.finding_served", **values, **first)
    items = (look.pair(str(row), percent(shares.loc[row, "nobody"])) for row in shares.index)
    alt = look.say("cover.alt_served", items=look.join(items), **values)
    return View(figure, table.rename_axis(heading), title, caption, alt, grade)


def served_map(
    cells: pd.DataFrame, look: Look, *, subject: Subject, ground: str, sites: pd.DataFrame | None = None
) -> "pydeck.Deck":
    """Hexagons in the colour of who serves most of each, stronger where there is more; `cells` as `served_cells`.

    `ground` is the address of outlines; `sites` (lat, lon) are ringed.
    """
    import pydeck

    fills = [rgb(fill) for fill in colours(look.theme, subject.network).values()]
    place = np.linspace(FAINTEST, STRONGEST, len(cells)).astype(int)
    hundred = (cells[list(SERVED)].to_numpy() * 100).round().astype(int)
    marks = pd.DataFrame(
        {
            "h": cells["cell"],
            "c": [[*fills[first][:3], int(a)] for first, a in zip(cells["first"].cat.codes, place, strict=True)],
            "city": cells["city"],
            "n": [look.short(value) for value in cells["amount"].to_numpy().round(-1)],
            **dict(zip("orlx", hundred.T, strict=True)),
        }
    )
    layer = pydeck.Layer(
        "H3HexagonLayer",
        id="served",
        data=marks,
        get_hexagon="h",
        get_fill_color="c",
        extruded=False,
        stroked=False,
        pickable=True,
    )
    ring = pydeck.Layer(
        "ScatterplotLayer",
        id="sites",
        data=cells[:0][["lon", "lat"]] if sites is None else sites[["lon", "lat"]],
        get_position="[lon, lat]",
        get_radius=700,
        filled=False,
        stroked=True,
        get_line_color=rgb(look.theme.text),
        line_width_min_pixels=2,
        radius_min_pixels=6,
    )
    parts = (
        f"{safe(label(look, key, subject.network))} <b>{{{short}}}%</b>"
        for key, short in zip(SERVED, "orlx", strict=True)
    )
    tip = f"{look.say(f'cover.amount_{subject.weight}')} {{n}}<br/>" + "<br/>".join(parts)
    return deck([land(look, ground), layer, ring], around(cells["lon"], cells["lat"]), tip=tip, deepest=13)


def map_table(cells: pd.DataFrame, look: Look, *, subject: Subject, cities: Sequence[str]) -> pd.DataFrame:
    """The map as numbers, most first; `cities` names the city of each cell."""
    table = pd.DataFrame({look.say("market.city"): list(cities), look.say("cover.cell"): cells["cell"]})
    table[look.say(f"cover.amount_{subject.weight}")] = cells["amount"].round(0).to_numpy()
    for key in SERVED:
        table[look.pair(label(look, key, subject.network), "%")] = (cells[key] * 100).round(1).to_numpy()
    places = {look.say(f"field.{name}"): cells[name].to_numpy() for name in ("lat", "lon")}
    return table.assign(**places)[::-1].reset_index(drop=True)


def map_finding(cells: pd.DataFrame, look: Look, *, subject: Subject) -> str:
    """In how many of the cells who serves most."""
    first = cells["first"].value_counts() / max(len(cells), 1)
    return look.say(
        "cover.finding_map",
        **subject.words(look),
        **{key: percent(float(first[key]), 0) for key in ("own", "rivals", "nobody")},
    )
