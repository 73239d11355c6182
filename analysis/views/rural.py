"""Counties and village people reached: dots by province or tier, a map of county seats, tables of both."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.space.rural import COUNTY, VILLAGE_RADII_M
from analysis.views import decks, plain
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade, rgb
from data.cities import cities
from data.geo import PROVINCES_URL
from data.grade import Grade, weakest

if TYPE_CHECKING:
    import pydeck

ROW = 25
"""Pixels of a row."""
LEAST_HEIGHT = 150
RADIUS_M = 9000
SUFFIX = "(?:省|市|(?:壮族|回族|维吾尔)?自治区)$"
"""What is left out of a province's Chinese name."""
LEGEND: dict[str, Any] = {"showlegend": True, "legend": {"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0}}


def names(groups: pd.Index, by: str, look: Look) -> list[str]:
    """Groups in the reader's language; "all" is everything."""
    if by == "tier":
        return [look.say("rural.all") if g == "all" else look.term("tier", g) for g in groups]
    found = provinces(look)
    return [look.say("rural.all") if g == "all" else found[str(g)] for g in groups]


def provinces(look: Look) -> dict[str, str]:
    """Short names of provinces in the reader's language by their English name."""
    known = cities().drop_duplicates("province_en")
    return dict(
        zip(known["province_en"], known[f"province_{look.lang}"].str.replace(SUFFIX, "", regex=True), strict=True)
    )


def counties(
    table: pd.DataFrame, look: Look, *, by: str, who: str, km: float, colour: str, grade: Grade, beside: str = ""
) -> View:
    """Part of the counties with a station near their seat, with bounds for the seats that are not known.

    `table` is what `analysis.space.rural.groups` returns, `who` says whose stations count, `beside` is
    added to the caption.
    """
    rows = _sorted(table, "part", by)
    labels = names(rows.index, by, look)
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": plain.numbers(rows["part"] * 100),
        "y": labels,
        "marker": {"size": 10, "color": colour},
        "name": look.say("rural.of_placed"),
        "customdata": [
            f"{r:,} / {p:,} ({u:,})" for r, p, u in rows[["reached", "placed", "units"]].itertuples(index=False)
        ],
        "hovertemplate": "%{y} <b>%{x:.1f}%</b><br>%{customdata}<extra></extra>",
    }
    bounds = plain.interval(rows["low"] * 100, rows["high"] * 100, labels, fade(colour, 0.35), 5)
    view = _rows_figure([{**bounds, "name": look.say("rural.bounds")}, dots], look, len(rows))
    whole = table.loc["all"]
    values = {"who": who, "km": f"{km:g}", "reached": f"{whole['reached']:,.0f}", "placed": f"{whole['placed']:,.0f}"}
    title = look.say("rural.counties_finding", part=percent(whole["part"], 0), **values)
    caption = look.say(
        "rural.counties_caption",
        units=f"{whole['units']:,.0f}",
        placed=f"{whole['placed']:,.0f}",
        low=percent(whole["low"], 0),
        high=percent(whole["high"], 0),
    )
    alt = look.say("rural.rows_alt", title=title, items=_items(rows, labels, "part", look))
    return View(
        view, groups_table(table, look, by=by, km=km), title, caption + beside, alt, weakest(grade, Grade.ESTIMATED)
    )


def villages(
    table: pd.DataFrame, look: Look, *, by: str, who: str, colour: str, grade: Grade, beside: str = ""
) -> View:
    """Part of the people of villages within each radius of a point; `beside` is added to the caption."""
    near, far = (str(radius) for radius in VILLAGE_RADII_M)
    rows = _sorted(table[table["rural"] > 0], far, by)
    labels = names(rows.index, by, look)
    dots = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": plain.numbers(rows[radius] * 100),
            "y": labels,
            "marker": {"size": 10, "color": shade, "line": {"width": 1.6, "color": colour}},
            "name": look.say("rural.within", km=f"{int(radius) / 1000:g}"),
            "hovertemplate": "%{y} <b>%{x:.1f}%</b><extra></extra>",
        }
        for radius, shade in ((near, colour), (far, look.theme.surface))
    ]
    links = plain.interval(rows[near] * 100, rows[far] * 100, labels, fade(colour, 0.35), 3)
    view = _rows_figure([{**links, "showlegend": False}, *dots], look, len(rows))
    whole = table.loc["all"]
    kms = [f"{radius / 1000:g}" for radius in VILLAGE_RADII_M]
    values = {"near": percent(whole[near], 0), "far": percent(whole[far], 0), "near_km": kms[0], "far_km": kms[1]}
    title = look.say("rural.villages_finding", who=who, **values)
    caption = look.say("rural.villages_caption", people=look.count(whole["rural"]))
    alt = look.say("rural.rows_alt", title=title, items=_items(rows, labels, far, look))
    return View(view, groups_table(table, look, by=by), title, caption + beside, alt, weakest(grade, Grade.MODELLED))


def _sorted(table: pd.DataFrame, column: str, by: str) -> pd.DataFrame:
    """Tiers in their order, provinces with the most reached first, everything on top."""
    rest = table.drop(index="all")
    rest = rest if by == "tier" else rest.sort_values(column, ascending=False, kind="stable")
    return pd.concat([table.loc[["all"]], rest])


def _rows_figure(traces: list[plain.Trace], look: Look, rows: int) -> dict[str, Any]:
    axis = {"ticksuffix": "%", "rangemode": "tozero", "showgrid": True, "gridcolor": look.theme.grid}
    figure = plain.figure(traces, look, height=LEAST_HEIGHT + ROW * rows, right=12, x=axis, y=plain.rows_axis())
    figure["layout"] |= LEGEND | {"margin": {"l": 4, "r": 12, "t": 34, "b": 4}}
    return figure


def _items(rows: pd.DataFrame, labels: list[str], column: str, look: Look) -> str:
    pairs = list(zip(labels, rows[column], strict=True))
    return look.join(f"{label} {percent(part, 0)}" for label, part in pairs[:8] if np.isfinite(part))


def groups_table(table: pd.DataFrame, look: Look, *, by: str, km: float | None = None) -> pd.DataFrame:
    """Both charts as numbers; counts of counties where the distance is given."""
    found: dict[str, Any] = {look.say(f"rural.by_{by}"): names(table.index, by, look)}
    if km is not None:
        found |= {
            look.say("rural.units"): table["units"].to_numpy(),
            look.say("rural.placed"): table["placed"].to_numpy(),
            look.say("rural.reached_within", km=f"{km:g}"): table["reached"].to_numpy(),
            look.say("rural.of_placed_percent"): (table["part"] * 100).round(1).to_numpy(),
            look.say("rural.at_least_percent"): (table["low"] * 100).round(1).to_numpy(),
            look.say("rural.at_most_percent"): (table["high"] * 100).round(1).to_numpy(),
        }
    found |= {
        look.say("rural.points"): table["points"].to_numpy(),
        look.say("rural.points_per_unit"): table["points_per_unit"].round(2).to_numpy(),
        look.say("rural.village_people"): table["rural"].round(0).to_numpy(),
    }
    for radius in VILLAGE_RADII_M:
        found[look.say("rural.within_percent", km=f"{radius / 1000:g}")] = (
            (table[str(radius)] * 100).round(1).to_numpy()
        )
    return pd.DataFrame(found)


def county_names(rows: pd.DataFrame, look: Look) -> pd.Series:
    """Names of county-level units with their city or province."""
    known = cities()
    city = known[f"city_{look.lang}"].reindex(rows["city"])
    above = pd.Series(city.to_numpy(), rows.index).fillna(rows["province"].map(provinces(look)))
    return rows[f"name_{look.lang}"] + " · " + above


def county_table(rows: pd.DataFrame, look: Look, *, km: float) -> pd.DataFrame:
    """Every unit with the nearest point, the farthest first, those without a known seat last."""
    order = rows.sort_values("nearest_km", ascending=False, kind="stable", na_position="last")
    kinds = {COUNTY: look.say("rural.kind_county")}
    return pd.DataFrame(
        {
            look.say("rural.county"): county_names(order, look),
            look.say("record.kind"): [kinds.get(k, look.say("rural.kind_district")) for k in order["kind"]],
            look.say("rural.nearest"): order["nearest_km"].round(1).replace(np.inf, np.nan),
            look.say("rural.near", km=f"{km:g}"): order["near"].where(order["placed"]).astype("Int64"),
        }
    ).rename_axis(look.say("market.adcode"))


def county_deck(
    rows: pd.DataFrame, look: Look, *, colour: str, km: float, ground: str = PROVINCES_URL
) -> "pydeck.Deck":
    """Seats of counties: those reached in `colour`, those without a point in grey; `ground` is where outlines are."""
    import pydeck

    seats = rows[rows["placed"]].sort_values("reached", kind="stable")
    reached = seats["reached"].to_numpy()
    marks = pd.DataFrame(
        {
            "adcode": seats.index.astype("str"),
            "lon": seats["lon"].round(5),
            "lat": seats["lat"].round(5),
            "name": county_names(seats, look),
            "km": [f"{k:,.1f}" if np.isfinite(k) else "∞" for k in seats["nearest_km"]],
            "near": seats["near"],
            "c": np.where(reached, "own", "none"),
        }
    )
    shades = {"own": rgb(colour, 230), "none": rgb(look.theme.muted, 170)}
    layer = pydeck.Layer(
        "ScatterplotLayer",
        id="counties",
        data=marks.assign(c=[shades[c] for c in marks["c"]]),
        get_position="[lon, lat]",
        get_radius=RADIUS_M,
        get_fill_color="c",
        radius_min_pixels=2,
        radius_max_pixels=7,
        pickable=True,
    )
    nearest, near = look.say("rural.tip_nearest"), look.say("rural.near", km=f"{km:g}")
    tip = f"<b>{{name}}</b><br/>{nearest}: {{km}} km<br/>{near}: {{near}}"
    return decks.deck([decks.land(look, ground), layer], decks.around(seats["lon"], seats["lat"]), tip=tip, deepest=12)


def county_finding(rows: pd.DataFrame, look: Look, *, km: float) -> str:
    """The placed unit that is farthest from any point."""
    known = rows[rows["placed"] & np.isfinite(rows["nearest_km"])]
    if known.empty:
        return look.say("rural.no_points_near")
    worst = known.loc[[known["nearest_km"].idxmax()]]
    missing = int((rows["placed"] & ~rows["reached"]).sum())
    where, far = county_names(worst, look).iloc[0], f"{worst['nearest_km'].iloc[0]:,.0f}"
    return look.say("rural.county_finding", n=f"{missing:,}", where=where, far=far, km=f"{km:g}")
