"""What the coverage room shows, measured once for a market, month and place."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import summary
from analysis.space import siting
from analysis.space.catchment import Model, Site
from analysis.space.coverage import WEIGHTS, Rings, parts, rings, servers, shares
from analysis.space.demand import NATION_DEGREES, people, surface
from analysis.space.expected import format_of
from analysis.space.grids import dense, finer, gathered
from analysis.space.served_cells import served_cells
from analysis.space.white_space import by_cell, by_city, judged, terms, white_space
from analysis.views.coverage import Subject, radius
from analysis.views.look import Look
from data.cities import cities
from data.grade import Grade
from data.markets import Market
from pages.ui import cached, map_files
from pages.ui.inputs import Filters
from pages.ui.map_catchment_model import city, key_of, stations_of

PIECES = 3
"""The country is drawn in cells of a third of the usual side: a small town lies in the middle of few of the usual."""
SPARSE_PER_KM2 = 500.0
"""Where fewer people live, the country's cells are of the usual side and a city's stay as they are."""
DENSE_PER_KM2 = 2000.0
FINE_DEGREES = 0.0042
"""The country's cells with more people than that, and a city's that are not sparse, are cut to this side."""
AROUND_DEGREES = 0.05
"""Stations this far outside a city's demand still serve it: more than the largest radius as far north as China goes."""
MOST = 8000
"""Cells on the map."""
KM2 = {5: "250", 7: "5", 8: "0.7"}
"""Size of the cells of a map by H3 resolution: of the nation, of a city, of a city whose demand is fine."""
FINE = 0.0041
"""Side of demand cells, degrees, that the smallest cells of a map have no gaps with."""
RANKED = {True: 7, False: 8}
"""H3 resolution of the cells that are ranked, in the country and in a city."""
JUDGED = 300
"""Cells that are ranked: those with most white space."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks what: whose reach, in a month and place ("all" for the nation), in rows by `group` ("tier", "city")."""

    look: Look
    market: Market
    filters: Filters
    place: str
    subject: Subject
    group: str

    @property
    def nation(self) -> bool:
        """Whether it is about all cities."""
        return self.place == "all"

    @property
    def words(self) -> dict[str, str]:
        """What captions fill in."""
        return {**self.subject.words(self.look), "month": self.look.month(self.filters.month)}


@dataclass(frozen=True, slots=True)
class Measured:
    """Demand points (with `degrees`, the side of each) and the rings around them, of the cities that fit the filters.

    `key` names them; `grade` is that of the demand, `own` whether it is that of a file of this session; `points` says
    how many it has, in a city before its cells were cut.
    """

    demand: pd.DataFrame
    rings: Rings
    stations: pd.DataFrame
    points: int
    own: bool
    grade: Grade
    key: tuple[object, ...]


def stations(asked: Asked) -> pd.DataFrame | None:
    """Stations of the month in all places: those beyond the border serve too. None without any."""
    found = cached.stations(asked.market, asked.filters.everywhere(), "all")
    return None if found is None or found.empty else found


def measured(asked: Asked) -> Measured | None:
    """Distances of the month's stations from the demand asked for; None without stations or demand."""
    whole, standing = asked.filters.everywhere(), stations(asked)
    if standing is None:
        return None
    own = _given(asked)
    given, grade = (None, Grade.MODELLED) if asked.nation and not own else _demand(asked)
    if given is not None and given.empty:
        return None
    drawn = _digest(given) if own and given is not None else map_files.assumed_key()
    key = asked.market.version, asked.filters.month, asked.place, drawn
    near = standing if asked.nation or given is None else _around(standing, given)

    def make() -> tuple[pd.DataFrame, Rings]:
        points = _country(asked) if given is None else _points(given, 0.0) if own else _city(given)
        return points, rings(points, near)

    points, found = (cached.kept_large if asked.nation else cached.kept)("cover", key, make)
    count = len(points) if given is None else len(given)
    if not asked.nation or asked.filters.key == whole.key:
        return Measured(points, found, near, count, own, grade, key)
    codes = asked.filters.rows(cities().rename_axis("city").reset_index())["city"]
    kept = points["city"].isin(codes).to_numpy()
    some = Rings(found.radii_m, found.networks, found.lockers, found.ring[:, kept])
    chosen = points[kept].reset_index(drop=True)
    return Measured(chosen, some, near, len(chosen), own, grade, (*key, asked.filters.key)) if len(chosen) else None


def _demand(asked: Asked) -> tuple[pd.DataFrame, Grade]:
    """Demand as it comes: that of the session's file, or of a city."""
    whole = asked.filters.everywhere()
    if asked.nation:
        return map_files.demand(asked.look, asked.market, whole)
    return map_files.city_demand(asked.look, asked.market, whole, asked.place)


def _given(asked: Asked) -> bool:
    """Whether this session's file has demand points here."""
    found = map_files.given(asked.market, asked.filters)
    return found is not None and (asked.nation or bool((found.demand["city"] == asked.place).any()))


def _digest(demand: pd.DataFrame) -> str:
    """What tells a reader's own points apart from another's."""
    return str(pd.util.hash_pandas_object(demand.assign(city=demand["city"].astype(str))).sum())


def _around(stations: pd.DataFrame, demand: pd.DataFrame) -> pd.DataFrame:
    """Stations of the city and of its neighbours' edges."""
    kept = np.ones(len(stations), np.bool_)
    for name, stretch in (("lat", 1.0), ("lon", 2.0)):
        low, high = demand[name].min() - stretch * AROUND_DEGREES, demand[name].max() + stretch * AROUND_DEGREES
        kept &= stations[name].between(low, high).to_numpy()
    return stations[kept]


def _points(demand: pd.DataFrame, side: "float | pd.Series") -> pd.DataFrame:
    amounts = {name: demand[name].fillna(0.0) for name in WEIGHTS}
    return demand[["city", "lat", "lon"]].assign(**amounts, degrees=side)


def _city(demand: pd.DataFrame) -> pd.DataFrame:
    """A city's cells as demand points."""
    return _sharp(_points(demand, _side(demand)), SPARSE_PER_KM2)


def _country(asked: Asked) -> pd.DataFrame:
    """The country's cells as demand points: small where people live, so that a city has the shares it has by itself."""
    assumed, panel, month = map_files.assumed_key(), asked.market.panel, asked.filters.month
    small = NATION_DEGREES / PIECES

    def everyone() -> pd.DataFrame:
        found = people(degrees=small, assumptions=dict(assumed)).assign(degrees=small)
        return gathered(found, NATION_DEGREES, per_km2=SPARSE_PER_KM2)

    found = cached.kept_large("cover_people", (assumed,), everyone).assign(parcels_per_day=0.0)
    spread = found if panel is None else surface(summary.at(panel, month), found, assumptions=dict(assumed))
    return _sharp(_points(spread, found["degrees"]), DENSE_PER_KM2)


def _sharp(points: pd.DataFrame, per_km2: float) -> pd.DataFrame:
    """Cells with more people a square kilometre cut into the smallest."""
    cut = dense(points, per_km2)
    return pd.concat([points[~cut], finer(points[cut], FINE_DEGREES)], ignore_index=True)


def _side(demand: pd.DataFrame) -> float:
    """Side of the cells of a grid, degrees."""
    rows = np.unique(demand["lat"].to_numpy())
    return float(np.diff(rows).min().round(5)) if len(rows) > 1 else 0.0


def tables(asked: Asked, found: Measured) -> dict[str, pd.DataFrame]:
    """Coverage of everything ("whole") and by the group asked for."""

    def make(by: tuple[str, ...]) -> pd.DataFrame:
        return cached.kept("cover_shares", (*found.key, by), lambda: shares(found.demand, found.rings, by=by))

    return {"whole": make(()), asked.group: make((asked.group,))}


def by_whom(asked: Asked, found: Measured, radius_m: float) -> pd.Series:
    """Who serves each demand point within a radius."""
    return servers(found.demand, found.rings, asked.subject.network, radius_m)


def amounts(asked: Asked, found: Measured) -> pd.DataFrame:
    """Weight by who serves it: all of it first, then each tier; of one city, radius by radius."""
    look, weight = asked.look, asked.subject.weight
    if not asked.nation:
        each = {r: parts(found.demand, by_whom(asked, found, r), weight=weight, by=()) for r in found.rings.radii_m}
        return pd.concat([part.set_axis([radius(look, r)]) for r, part in each.items()])
    tiers = parts(found.demand, by_whom(asked, found, asked.subject.radius_m), weight=weight)
    whole = tiers.sum().to_frame(look.say("cover.everywhere")).T
    return pd.concat([whole, tiers.set_axis([look.term("tier", tier) for tier in tiers.index])])


def hexagon(asked: Asked, found: Measured) -> int:
    """H3 resolution of the map."""
    return 5 if asked.nation else 8 if found.demand["degrees"].max() <= FINE else 7


def hexagons(asked: Asked, found: Measured) -> pd.DataFrame:
    """Cells of the map."""
    resolution = hexagon(asked, found)

    def make() -> pd.DataFrame:
        serving = by_whom(asked, found, asked.subject.radius_m)
        return served_cells(found.demand, serving, weight=asked.subject.weight, resolution=resolution, most=MOST)

    return cached.kept(
        "cover_map", (*found.key, asked.subject.network, asked.subject.radius_m, asked.subject.weight), make
    )


def ranked(asked: Asked, found: Measured) -> tuple[pd.DataFrame, pd.DataFrame]:
    """White space by city (with what the network pays there) and by cell."""

    def make() -> tuple[pd.DataFrame, pd.DataFrame]:
        assert asked.market.panel is not None
        serving = by_whom(asked, found, asked.subject.radius_m)
        paid = terms(summary.at(asked.market.panel, asked.filters.month), asked.subject.network)
        places = by_city(found.demand, serving).join(paid)
        options = {"resolution": RANKED[asked.nation], "most": JUDGED}
        if asked.nation:
            return places, white_space(found.demand, found.stations, serving, paid, asked.subject.network, **options)
        sites = by_cell(found.demand, serving, **options)
        return places, judged(sites, _won(asked, sites), paid, asked.subject.network)

    model = () if asked.nation else key_of(Model())
    return cached.kept("white", (*found.key, asked.subject.network, asked.subject.radius_m, model), make)


def _won(asked: Asked, sites: pd.DataFrame) -> pd.DataFrame:
    """What a new station at each of the sites would win in the city: what the room of catchments says of it."""
    market, filters, network = asked.market, asked.filters.everywhere(), asked.subject.network
    today = city(asked.look, market, filters, asked.place, Model())
    assert today is not None
    format = format_of(network)
    places = [Site(lat, lon, network, format) for lat, lon in zip(sites["lat"], sites["lon"], strict=True)]
    types = stations_of(market, filters, asked.place, network)
    found = siting.alone(today.base, places, network, types=types).set_axis(sites.index)
    names = {"parcels_per_day": "expected_parcels_per_day", "newly_served": "from_nobody"}
    return found.rename(columns=names)[["expected_parcels_per_day", "from_own", "from_rivals", "from_nobody"]]
