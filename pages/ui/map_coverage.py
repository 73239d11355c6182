"""Coverage and white space: who is near whose stations, who serves the rest, and where a new station would pay."""

import pandas as pd
import streamlit as st

from analysis.space.coverage import RADII_M, WEIGHTS
from analysis.space.huff import ASSUMED
from analysis.views import coverage, served, white_space
from analysis.views.look import Look, View, percent
from analysis.views.theme import Theme
from data.cities import cities
from data.grade import Grade, weakest
from data.markets import Market
from pages.ui import (
    cached,
    inputs,
    layout,
    map_assumed,
    map_coverage_model,
    map_deck,
    map_explore,
    map_files,
    outlines,
    tables,
    told,
)
from pages.ui.inputs import Filters
from pages.ui.map_coverage_model import KM2, Asked, Measured

GROUPS = ("tier", "city")
TIERS, CITIES, COLUMNS = 6, 15, 6
"""Tiers and cities (those with most) in a chart of dots, and columns of a heat table beside that of all."""
REACH_KM = ASSUMED["reach_m"].value / 1000
SHOWN = 10
"""Ranked cells in sight; the table behind has all of them."""


def section(look: Look, market: Market, filters: Filters, *, network: str, place: str) -> None:
    """Radius and what is counted; who serves whom; how far each network reaches; where a new station would pay."""
    asked = _controls(look, market, filters, network, place)
    found = map_coverage_model.measured(asked)
    if found is None:
        absent = map_coverage_model.stations(asked) is None
        st.info(look.say("map.no_stations" if absent else "cover.no_demand"), icon=":material/info:")
        map_files.upload(look, "demand")
        return
    _source(look, found, asked.subject)
    light, dark = (served.colours(Theme(mode), network) for mode in ("light", "dark"))
    named = {key: served.label(look, key, network) for key in light}
    layout.swatches(look, [(f"light-dark({light[key]},{dark[key]})", said) for key, said in named.items()])
    grade = weakest(market.grade, found.grade)
    left, right = st.columns([3, 2], gap="small")
    with left:
        _map(asked, found, grade)
    with right:
        _served(asked, found, grade)
    draw = _nation if asked.nation else _one_city
    draw(asked, found, grade)
    map_files.upload(look, "demand")


def _controls(look: Look, market: Market, filters: Filters, network: str, place: str) -> Asked:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="cov_controls"):
        radii = [str(radius) for radius in RADII_M]
        said = {radius: coverage.radius(look, float(radius)) for radius in radii}
        radius = inputs.one(look, "cov_radius", radii, label=said.__getitem__, default="1000", width=130)
        weight = inputs.switch(look, "cov_weight", WEIGHTS, label=lambda w: look.say(f"cover.amount_{w}"))
        group = GROUPS[0]
        if place == "all":
            group = inputs.switch(look, "cov_by", GROUPS, label=lambda g: look.say(f"cover.by_{g}"))
    return Asked(look, market, filters, place, coverage.Subject(network, weight, int(radius)), group)


def _source(look: Look, found: Measured, subject: coverage.Subject) -> None:
    if found.own:
        filled = found.grade is not Grade.REPORTED
        said = look.say("cover.source_filled" if filled else "cover.source_reported", n=f"{found.points:,}")
    else:
        said = look.say("cover.source_modelled")
    reach = look.say("pinned.coverage", radius=coverage.radius(look, subject.radius_m), reach=f"{REACH_KM:g}")
    changed = [] if found.own else map_assumed.told(look)
    told.table(look, reach, [said, *changed])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key="cov_source"):
        layout.badge(look, found.grade)
        st.caption(look.text([said, look.say("cover.fold")]), width="stretch")


def _map(asked: Asked, found: Measured, grade: Grade) -> None:
    look, cells = asked.look, map_coverage_model.hexagons(asked, found)
    names = cached.place_names("city", look)
    of_cells = [names.get(city, city) for city in cells["city"]]
    title = served.map_finding(cells, look, subject=asked.subject)
    km2 = KM2[map_coverage_model.hexagon(asked, found)]
    held = percent(cells.attrs["held"], 0)
    caption = look.say("cover.map_caption", **asked.words, km2=km2, n=f"{len(cells):,}", held=held)
    if not asked.nation:
        caption = look.text([caption, look.say("cover.rings", n=SHOWN)])
    with st.container(border=True, height="stretch", gap="xsmall", key="card_served_map"):
        table = served.map_table(cells, look, subject=asked.subject, cities=of_cells)
        sites = None if asked.nation else map_coverage_model.ranked(asked, found)[1].head(SHOWN)
        ground = outlines.addresses()[asked.nation]
        picture = served.served_map(cells, look, subject=asked.subject, ground=ground, sites=sites)
        alt, network = look.say("cover.alt_map", title=title), asked.subject.network
        fills = served.colours(look.theme, network)
        legend = [(fill, served.label(look, key, network)) for key, fill in fills.items()]
        figure = map_deck.still(look, picture, legend=legend)
        layout.heading(look, View(figure, table, title, caption, alt, grade), "served_map")
        click = map_deck.show(look, picture, key="cov_map", alt=alt, height=460)
    if asked.nation and click is not None and str(click.row.get("city", "")) in names:
        map_explore.choose(str(click.row["city"]))


def _served(asked: Asked, found: Measured, grade: Grade) -> None:
    look = asked.look
    where = cached.city_label(asked.place, look)
    key = "cover.served_caption" if asked.nation else "cover.served_caption_city"
    view = served.bars(
        map_coverage_model.amounts(asked, found),
        look,
        subject=asked.subject,
        heading=look.say("tier.heading" if asked.nation else "cover.radius"),
        of=look.say("cover.everywhere") if asked.nation else coverage.radius(look, asked.subject.radius_m),
        caption=look.say(key, where=where, **asked.words),
        grade=grade,
    )
    layout.card(look, view, "served")


def _reach(asked: Asked, found: Measured, grade: Grade) -> None:
    """Dots of the network against its best rival, and all networks in a heat table."""
    look, tables = asked.look, map_coverage_model.tables(asked, found)
    group, names = asked.group, cached.place_names(asked.group, look)
    rows = tables[group]
    if group == "city":
        largest = found.demand.groupby("city", observed=True)[asked.subject.weight].sum().sort_values()[::-1].index
        rows = rows.assign(city=pd.Categorical(rows["city"], largest.astype(str), ordered=True))
        rows = rows.sort_values("city", kind="stable")
    shown = min(CITIES if group == "city" else TIERS, rows[group].nunique())
    caption = look.say(
        "cover.reach_caption_cities" if group == "city" else "cover.reach_caption", **asked.words, n=shown
    )
    left, right = st.columns(2, gap="small")
    with left:
        view = coverage.by_group(
            rows,
            tables["whole"],
            look,
            subject=asked.subject,
            group=group,
            names=names,
            shown=shown,
            caption=caption,
            grade=grade,
        )
        layout.card(look, view, "reach")
    with right:
        _networks(asked, rows, tables["whole"], group, names, grade)


def _networks(
    asked: Asked, rows: pd.DataFrame, whole: pd.DataFrame, group: str, names: dict[str, str], grade: Grade
) -> None:
    look = asked.look
    view = coverage.networks(
        rows,
        whole,
        look,
        subject=asked.subject,
        group=group,
        names=names,
        shown=COLUMNS,
        caption=look.say("cover.networks_caption" if asked.nation else "cover.networks_caption_city", **asked.words),
        grade=grade,
    )
    layout.card(look, view, "networks_reach")


def _white_cities(asked: Asked, places: pd.DataFrame, names: dict[str, str], grade: Grade) -> None:
    look = asked.look
    caption = look.say("cover.cities_caption", **asked.words, n=min(white_space.SHOWN, len(places)))
    tiers = cities()["tier"].astype(str).to_dict()
    view = white_space.cities(
        places, look, subject=asked.subject, names=names, tiers=tiers, caption=caption, grade=grade
    )
    layout.card(look, view, "white_cities")


def _one_city(asked: Asked, found: Measured, grade: Grade) -> None:
    """All networks by radius beside the city's ranked cells."""
    whole = map_coverage_model.tables(asked, found)["whole"]
    names = {str(metres): coverage.radius(asked.look, metres) for metres in whole["radius_m"].unique()}
    left, right = st.columns([2, 3], gap="small")
    with left:
        _networks(asked, whole, whole, "radius_m", names, grade)
    with right:
        _cells(asked, found)


def _nation(asked: Asked, found: Measured, grade: Grade) -> None:
    """How far each network reaches, then cities and cells in their rank."""
    _reach(asked, found, grade)
    left, right = st.columns([2, 3], gap="small")
    with left:
        places, _ = map_coverage_model.ranked(asked, found)
        _white_cities(asked, places, cached.place_names("city", asked.look), grade)
    with right:
        _cells(asked, found)


def _cells(asked: Asked, found: Measured) -> None:
    """Cells in their rank, with what a new station would win, need and earn."""
    look, network = asked.look, asked.subject.network
    names = cached.place_names("city", look) if asked.nation else None
    _, cells = map_coverage_model.ranked(asked, found)
    grade = weakest(asked.market.grade, found.grade, Grade.ASSUMED)
    reach_m = REACH_KM * 1000
    title, caption = white_space.cell_words(cells, look, network=network, reach_m=reach_m, names=names)
    table = white_space.cell_table(cells, look, network=network, names=names)
    with st.container(border=True, height="stretch", gap="xsmall", key="card_white_cells"):
        layout.heading(look, View({}, table, title, caption, title, grade), "white_cells")
        if len(table):
            rows = table.head(SHOWN)
            st.dataframe(
                rows,
                alt=title,
                key="white_cells",
                hide_index=True,
                height="content",
                column_config=tables.figures(rows),
            )
