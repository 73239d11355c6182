"""Best sets of sites among candidates: cells where most demand has no own station in reach."""

import numpy as np
import pandas as pd
import streamlit as st

from analysis import economics
from analysis.space import coverage, siting, white_space
from analysis.space.catchment import Site
from analysis.space.siting import Choice
from analysis.views import catchment_sites
from analysis.views.look import Look, View
from data.grade import Grade, weakest
from pages.ui import inputs, layout, map_catchment_state, map_catchment_tools, state
from pages.ui.cached import kept
from pages.ui.inputs import Filters
from pages.ui.map_catchment_model import City

OBJECTIVES = ("parcels", "profit")
RADII_M = ("1000", "300", "3000")
"""Metres within which an own station serves a cell."""
OFF, ON = "0", "1"
RESOLUTION = 8
"""Of H3: candidates are cells of about 0.7 square kilometres."""
MOST, WANTED = 60, 10
"""Candidates and sites chosen at most."""


def best(
    look: Look, today: City, filters: Filters, types: dict[str, economics.Station], *, network: str, format: str
) -> pd.DataFrame:
    """Candidates, how many of them, and the set to place; opened on demand. Returns the candidates on show."""
    with st.container(border=True, gap="xsmall", key="card_cat_choice"):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="cat_choice"):
            if not _opened(look):
                return pd.DataFrame()
            objective = inputs.one(look, "cat_for", OBJECTIVES, label=lambda o: look.say(f"catch.for_{o}"), width=210)
            radius = inputs.one(look, "cat_white", RADII_M, label=lambda r: look.say("catch.metres", n=r), width=170)
        with st.grid(2, min_column_width=180, gap="medium"):
            count = int(inputs.amount(look, "cat_k", 1, WANTED, 3, 1, label=look.say("catch.how_many"), pattern="%d"))
            many = int(inputs.amount(look, "cat_n", 5, MOST, 20, 5, label=look.say("catch.candidates"), pattern="%d"))
        found = candidates(today, network, radius_m=float(radius), most=many)
        if found.empty:
            st.info(look.say("catch.no_candidates", n=radius, name=look.name(network)), icon=":material/done_all:")
            return found
        sites = [
            Site(float(row.lat), float(row.lon), network, format, name=str(i + 1))
            for i, row in enumerate(found.itertuples(index=False))
        ]
        choice = _chosen(today, sites, types, network=network, count=count, objective=objective, radius=radius)
        _shown(
            look, today, choice, found, network=network, format=format, radius=radius, month=look.month(filters.month)
        )
    return found


def _opened(look: Look) -> bool:
    """Whether the reader asked for candidates."""
    before = state.get("cat_best", OFF, state.one_of((OFF, ON))) == ON
    label, said = look.say("catch.choice"), look.say("catch.choice_help")
    wanted = st.toggle(label, value=before, key=f"cat_best.{look.lang}", help=said)
    state.put("cat_best", ON if wanted else OFF, OFF)
    return wanted


def candidates(today: City, network: str, *, radius_m: float, most: int) -> pd.DataFrame:
    """Cells of the city with most parcels without an own station within the radius, most first.

    Returns
    -------
    DataFrame
        Columns lat, lon (degrees, middle of that demand), white_parcels_per_day, white_share.
    """

    def make() -> pd.DataFrame:
        points = today.base.demand
        points = points if "people" in points else points.assign(people=np.nan)
        by_whom = coverage.served(points, today.base.stations, network, radius_m)
        return white_space.by_cell(points, by_whom, resolution=RESOLUTION, most=most)

    found = kept("catch.candidates", (*today.key, network, radius_m, most), make)
    return found[["lat", "lon", "white_parcels_per_day", "white_share"]]


def _chosen(
    today: City,
    sites: list[Site],
    types: dict[str, economics.Station],
    *,
    network: str,
    count: int,
    objective: str,
    radius: str,
) -> Choice:
    key = (*today.key, network, count, objective, sites[0].format, radius, len(sites))

    def make() -> Choice:
        return siting.choose(today.base, sites, network, count=count, objective=objective, types=types)

    return kept("catch.choice", key, make)


def _shown(
    look: Look, today: City, choice: Choice, found: pd.DataFrame, *, network: str, format: str, radius: str, month: str
) -> None:
    """Steps of the choice, the candidates as a table, and both ways to place them."""
    grade = weakest(today.demand, today.base.grade, Grade.ASSUMED)
    steps = choice.steps.rename(columns={"from_own": "own_loss"})
    steps = steps.assign(name=[look.say("catch.candidate_n", n=name) for name in steps["name"]])
    steps = steps.assign(gain=np.diff(steps["total"].to_numpy(float), prepend=0.0))
    if len(steps):
        caption = look.say("catch.steps_caption", name=look.name(network), month=month)
        view = catchment_sites.steps(
            steps,
            look,
            network=network,
            objective=choice.objective,
            exact=choice.exact,
            gap=choice.gap,
            caption=caption,
            grade=grade,
        )
        layout.chart(look, view, "cat_steps")
        if st.button(
            look.say("catch.place_chosen", n=len(steps)), icon=":material/add_location:", key="cat_place_best"
        ):
            _place(look, steps, format)
    else:
        st.info(look.say("catch.none_pays"), icon=":material/info:")
    table = pd.DataFrame(
        {
            look.say("catch.candidate"): range(1, len(found) + 1),
            look.say("catch.white_parcels"): found["white_parcels_per_day"].round(0).to_numpy(),
            look.say("catch.white_share"): (found["white_share"] * 100).round(1).to_numpy(),
            look.say("catch.latitude"): found["lat"].round(5).to_numpy(),
            look.say("catch.longitude"): found["lon"].round(5).to_numpy(),
        }
    )
    caption = look.say("catch.candidates_caption", n=radius, name=look.name(network))
    title = look.say("pinned.candidates", n=len(found), name=look.name(network))
    layout.caption_row(look, View({}, table, title, caption, caption, grade), "cat_candidates")
    picked = map_catchment_tools.marked(look, table, "cat_rows", caption)
    label = look.say("catch.place_marked")
    if st.button(label, icon=":material/add_location:", key="cat_place_rows", disabled=not picked):
        _place(look, found.iloc[picked], format)


def _place(look: Look, rows: pd.DataFrame, format: str) -> None:
    """Add rows with lat and lon to the plan."""
    wanted = (
        map_catchment_state.placed(float(row.lat), float(row.lon), format) for row in rows.itertuples(index=False)
    )
    map_catchment_tools.added(look, map_catchment_state.add(*(site for site in wanted if site is not None)))
