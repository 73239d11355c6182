"""Demand and flows of the map: from files of this session alone, else the modelled surface."""

from typing import TYPE_CHECKING

from analysis import summary
from analysis.space import demand as surfaces
from analysis.space.demand_points import Points, points
from analysis.views.look import Look
from data import extras
from data.cities import cities as all_cities
from data.grade import Grade
from data.markets import Market
from pages.ui import cached, map_assumed, map_upload
from pages.ui.inputs import Filters

if TYPE_CHECKING:
    import pandas as pd


def upload(look: Look, kind: str) -> None:
    """Expander in which a file of `kind` (demand or flows) is brought, looked at and taken away again.

    That of demand also shows what the modelled surface assumes.
    """
    map_upload.upload(look, kind)
    if kind == "demand":
        map_assumed.show(look)


def assumed_key() -> tuple[tuple[str, float], ...]:
    """What the modelled surface hangs on beside the market and its month: a part of the key of what is made of it."""
    return tuple(sorted(map_assumed.changed().items()))


def demand(look: Look, market: Market, filters: Filters) -> "tuple[pd.DataFrame, Grade]":
    """Demand points of the cities that fit the filters, and how far they can be trusted. Shared: do not change them.

    Those of this session's file where it has one: reported, unless a part of them is filled in from the model.
    """
    found = given(market, filters)
    if found is None:
        return _modelled(market, filters, "all"), Grade.MODELLED
    here = found.demand[found.demand["city"].isin(_codes(filters))]
    return here.reset_index(drop=True), _grade(found)


def city_demand(look: Look, market: Market, filters: Filters, place: str) -> "tuple[pd.DataFrame, Grade]":
    """Demand points of one city, on a finer grid where they are modelled. Shared: do not change them."""
    found = given(market, filters)
    here = None if found is None else found.demand[found.demand["city"] == place]
    if found is None or here is None or here.empty:
        return _modelled(market, filters, place), Grade.MODELLED
    return here.reset_index(drop=True), _grade(found)


def flows(look: Look, market: Market | None = None) -> "pd.DataFrame | None":
    """Flows that this session has brought, or None.

    Columns: origin, lat, lon, station_id, station_lat, station_lon (degrees, WGS-84), platform and format ("" unknown),
    parcels. Stations that the file only names are looked up in the market's.
    """
    brought = map_upload.brought("flows")
    if brought is None:
        return None
    stations = market.stations if market is not None else None
    return cached.kept("map.flows", flows_key(market), lambda: extras.to_stations(brought.table, stations))


def demand_key() -> tuple[object, ...]:
    """What the demand of this session hangs on beside market and month: its file and the assumptions."""
    brought = map_upload.brought("demand")
    return (brought.key if brought is not None else None, assumed_key())


def flows_key(market: Market | None = None) -> tuple[object, ...]:
    """What the flows of this session hang on: a part of the key of what is made of them."""
    brought = map_upload.brought("flows")
    return (market.version if market is not None else "", brought.key if brought is not None else None)


def flows_total() -> float | None:
    """Parcels of the file of flows, those at stations without a place too; None without a file."""
    brought = map_upload.brought("flows")
    return None if brought is None else float(brought.table["parcels"].sum())


def given(market: Market, filters: Filters) -> Points | None:
    """Demand points of this session's file in the month, or None."""
    brought = map_upload.brought("demand")
    if brought is None:
        return None
    key = (market.version, f"{filters.month:%Y-%m}", *demand_key())
    everywhere = _modelled(market, filters.everywhere(), "all")
    found = cached.kept("map.points", key, lambda: points(brought.table, everywhere))
    return found if len(found.demand) else None


def _grade(found: Points) -> Grade:
    return Grade.MODELLED if found.filled else Grade.REPORTED


def _codes(filters: Filters) -> "pd.Series":
    return filters.rows(all_cities().rename_axis("city").reset_index())["city"]


def _modelled(market: Market, filters: Filters, place: str) -> "pd.DataFrame":
    month, panel, assumed = filters.month, market.panel, assumed_key()

    def make() -> "pd.DataFrame":
        people = cached.kept("map.people", (place, assumed), lambda: _people(place, dict(assumed)))
        if panel is None:
            return people.assign(parcels_per_day=0.0)
        return surfaces.surface(summary.at(panel, month), people, assumptions=dict(assumed))

    whole = cached.kept("map.demand", (market.version, f"{month:%Y-%m}", place, assumed), make)
    if place != "all" or not (filters.tiers or filters.regions or filters.area):
        return whole
    key = (market.version, filters.key, assumed)
    return cached.kept("map.demand_in", key, lambda: whole[whole["city"].isin(_codes(filters))].reset_index(drop=True))


def _people(place: str, assumed: dict[str, float]) -> "pd.DataFrame":
    if place == "all":
        return surfaces.people(assumptions=assumed)
    return surfaces.city_people(place, assumptions=assumed)
