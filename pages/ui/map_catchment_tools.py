"""What a hand does without a mouse: place a site by its coordinates, shut stations from a list, edit and undo."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analysis import economics
from analysis.space.catchment import Base
from analysis.space.sizes import capacities, profit
from analysis.views.look import Look, View
from data.geo import distance_km
from data.platforms import FORMATS
from pages.ui import inputs, layout, map_catchment_model, map_catchment_state, tables
from pages.ui.map_catchment_state import DECIMALS, Placed, Plan

BOX = {
    "latitude": (map_catchment_state.SOUTH, map_catchment_state.NORTH),
    "longitude": (map_catchment_state.WEST, map_catchment_state.EAST),
}
DEGREES_WIDTH = 165
"""Pixels that a coordinate takes with its buttons."""
ROWS_HEIGHT = 260
"""Pixels of a table of which rows can be marked."""
LISTED = 500
"""Stations in the list of those to shut, those with least profit first."""


def everything(
    look: Look,
    today: Base,
    network: str,
    types_of: Callable[[str], dict[str, economics.Station]],
    plan: Plan,
    *,
    format: str,
) -> None:
    """The whole card beside the map; `format` is that of the next site."""
    st.header(look.say("catch.tools", n=plan.size), anchor=False)
    bar(look)
    table(look, today, plan)
    by_hand(look, today, format)
    stations(look, today, network, types_of, plan)


def bar(look: Look) -> None:
    """Undo and clear."""
    now = map_catchment_state.plan()
    with st.container(horizontal=True, gap="small", key="cat_bar"):
        off = not map_catchment_state.can_undo()
        st.button(
            look.say("catch.undo"),
            icon=":material/undo:",
            key="cat_undo",
            disabled=off,
            on_click=map_catchment_state.undo,
        )
        clear = partial(map_catchment_state.put, Plan())
        st.button(
            look.say("catch.clear"),
            icon=":material/delete_sweep:",
            key="cat_clear",
            disabled=not now.size,
            on_click=clear,
        )


def by_hand(look: Look, today: Base, format: str) -> None:
    """A site by its coordinates."""
    middle = today.demand.loc[today.demand["parcels_per_day"].idxmax()]
    with (
        st.form("cat_place", border=False),
        st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="cat_by_hand"),
    ):
        lat, lon = (
            st.number_input(
                look.say(f"catch.{label}"),
                *BOX[label],
                round(float(middle[column]), 4),
                0.001,
                format=f"%.{DECIMALS}f",
                key=f"cat_{column}.{look.lang}",
                width=DEGREES_WIDTH,
            )
            for label, column in (("latitude", "lat"), ("longitude", "lon"))
        )
        pressed = st.form_submit_button(look.say("catch.place"), icon=":material/add_location:")
    site = map_catchment_state.placed(lat, lon, format)
    if pressed and site is not None:
        place(look, today, site)


def place(look: Look, today: Base, *sites: Placed) -> None:
    """Add sites to the plan and show it; a sentence where one lies outside the city's surroundings or it is full."""
    if all(near(look, today, site) for site in sites):
        added(look, map_catchment_state.add(*sites))


def near(look: Look, today: Base, site: Placed) -> bool:
    """Whether a site lies where the city's people can be; says so where it does not."""
    inside = map_catchment_model.here(Plan((site,)), today)[0].size > 0
    if not inside:
        away = distance_km(site.lat, site.lon, today.demand["lat"].to_numpy(), today.demand["lon"].to_numpy()).min()
        st.warning(look.say("catch.outside", km=f"{away:,.0f}"), icon=":material/wrong_location:")
    return inside


def added(look: Look, all_of_them: bool) -> None:
    """Show the new plan; say so where it is full."""
    if all_of_them:
        st.rerun()
    st.warning(look.say("catch.full", n=map_catchment_state.CAP), icon=":material/block:")


def table(look: Look, today: Base, plan: Plan) -> None:
    """Sites placed as a table to edit, and stations shut as a list to reopen."""
    turn = map_catchment_state.turn()
    if plan.sites:
        names = {f: look.say(f"station.format_{f}") for f in FORMATS}
        rows = pd.DataFrame(
            {
                "site": [str(i + 1) for i in range(len(plan.sites))],
                "lat": [site.lat for site in plan.sites],
                "lon": [site.lon for site in plan.sites],
                "format": [names[site.format] for site in plan.sites],
                "gone": False,
            }
        )
        edited = st.data_editor(
            rows,
            hide_index=True,
            key=f"cat_table.{look.lang}.{turn}",
            height="content",
            alt=look.say("catch.table_alt"),
            column_config={
                "site": st.column_config.TextColumn(look.say("catch.site"), disabled=True, width=50),
                "lat": _degrees(look, "latitude"),
                "lon": _degrees(look, "longitude"),
                "format": st.column_config.SelectboxColumn(
                    look.say("station.format"), options=list(names.values()), required=True
                ),
                "gone": st.column_config.CheckboxColumn(look.say("catch.remove"), width=70),
            },
        )
        _take(look, today, plan, edited, {said: key for key, said in names.items()})
    if plan.shut:
        label, key = look.say("catch.shut_ones"), f"cat_shut_ones.{look.lang}.{turn}"
        left = st.multiselect(label, plan.shut, default=plan.shut, key=key)
        if len(left) < len(plan.shut):
            map_catchment_state.toggle(*(one for one in plan.shut if one not in left))
            st.rerun()


def _degrees(look: Look, label: str) -> ColumnConfig:
    """Column of degrees within China."""
    low, high = BOX[label]
    return st.column_config.NumberColumn(
        look.say(f"catch.{label}"), min_value=low, max_value=high, format=f"%.{DECIMALS}f", required=True
    )


def _take(look: Look, today: Base, plan: Plan, edited: pd.DataFrame, formats: dict[str, str]) -> None:
    """Make the edited rows the plan."""
    wanted: list[Placed] = []
    for row, old in zip(edited.itertuples(index=False), plan.sites, strict=True):
        site = map_catchment_state.placed(float(row.lat), float(row.lon), formats[str(row.format)])
        if not row.gone:
            wanted.append(site if site is not None and (site == old or near(look, today, site)) else old)
    if tuple(wanted) != plan.sites:
        whole = map_catchment_state.plan()
        elsewhere = tuple(site for site in whole.sites if site not in plan.sites)
        map_catchment_state.put(replace(whole, sites=(*wanted, *elsewhere)))
        st.rerun()


def station_rows(today: Base, network: str, types: dict[str, economics.Station]) -> pd.DataFrame:
    """Stations of a network in the city, least profit first.

    Returns
    -------
    DataFrame
        Columns station_id, format, lat, lon, parcels_per_day, profit_cny_per_month (with the parcels it can take).
    """
    stations = today.stations
    rows = stations[stations["inside"] & (stations["platform"] == network)]
    formats, parcels = rows["format"].astype(str).to_numpy(), rows["parcels_per_day"].to_numpy(float)
    earned, takes = np.zeros(len(rows)), capacities(rows)
    for format in np.unique(formats):
        here = formats == format
        earned[here] = profit(types[format], parcels[here], takes[here])
    rows = rows[["station_id", "format", "lat", "lon", "parcels_per_day"]].assign(profit_cny_per_month=earned)
    return rows.sort_values("profit_cny_per_month", kind="stable", ignore_index=True)


def stations(
    look: Look, today: Base, network: str, types_of: Callable[[str], dict[str, economics.Station]], plan: Plan
) -> None:
    """Stations that stand, to shut from a table; `types_of` a network are its stations by format as it pays them."""
    options = [network, *(p for p in today.networks if p != network)]
    of = inputs.one(look, "cat_of", options, label=look.name, of=network, width=220)
    rows = station_rows(today, of, types_of(of))
    rows = rows[~rows["station_id"].isin(plan.shut)].head(LISTED)
    if rows.empty:
        st.info(look.say("catch.none_here", name=look.name(of)), icon=":material/info:")
        return
    shown = pd.DataFrame(
        {
            look.say("catch.station"): rows["station_id"].astype(str),
            look.say("catch.parcels_per_day"): rows["parcels_per_day"].round(0),
            look.say("catch.profit"): rows["profit_cny_per_month"].round(0),
            look.say("station.format"): [look.say(f"station.format_{f}") for f in rows["format"]],
            look.say("catch.latitude"): rows["lat"].round(5),
            look.say("catch.longitude"): rows["lon"].round(5),
        }
    ).reset_index(drop=True)
    caption = look.say("catch.list_caption", n=LISTED, name=look.name(of))
    title = look.say("pinned.weakest", name=look.name(of), where=str(shown.iloc[0, 0]))
    layout.caption_row(look, View({}, shown, title, caption, caption, today.grade), "cat_list")
    picked = [str(rows["station_id"].iloc[i]) for i in marked(look, shown, f"cat_list.{of}", caption)]
    label, icon = look.say("catch.shut_these"), ":material/do_not_disturb_on:"
    if st.button(label, icon=icon, key="cat_shut_these", disabled=not picked):
        added(look, map_catchment_state.toggle(*picked))


def marked(look: Look, table: pd.DataFrame, name: str, caption: str) -> list[int]:
    """Places of the rows that the reader marks in a table; none once the plan has changed."""
    found = st.dataframe(
        table,
        hide_index=True,
        height=ROWS_HEIGHT,
        alt=caption,
        key=f"{name}.{look.lang}.{map_catchment_state.turn()}",
        selection_mode="multi-row",
        on_select="rerun",
        column_config=tables.figures(table),
    )
    return list(found.selection.rows)
