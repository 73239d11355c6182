"""The city's catchments today and after the plan, kept between runs, and what the views need of them."""

from dataclasses import dataclass, fields, replace
import numpy as np
import pandas as pd

from analysis import economics
from analysis.space import active, catchment, white_space
from analysis.space.catchment import Base, Change, Model, Site
from analysis.space.sizes import capacities, profit
from analysis.views.catchment import NOBODY, OWN, Moved
from analysis.views.catchment_sites import ACCOUNT
from analysis.views.look import Look
from data.grade import Grade, weakest
from data.markets import Market
from pages.ui import map_files
from pages.ui.cached import kept, kept_large
from pages.ui.inputs import Filters
from pages.ui.map_catchment_state import Placed, Plan


POINTS = 30_000
"""Demand points of a city at most, when its large cells are cut."""
FINE_DEGREES = 0.003
"""Longest side of a small cell, about 300 m."""
LEAST_STEP = 1e-4


def month_rows(market: Market, filters: Filters) -> pd.DataFrame:
    """Panel of the month, of every city and network."""
    panel, month = market.panel, filters.month
    assert panel is not None
    key = (market.version, f"{month:%Y-%m}")
    return kept("catch.month", key, lambda: panel[panel["month"] == month])


def standing(market: Market, filters: Filters) -> pd.DataFrame:
    """Stations of the whole country open at the end of the month: neighbours compete too."""
    stations, month = market.stations, filters.month
    assert stations is not None
    return kept_large("catch.standing", (market.version, f"{month:%Y-%m}"), lambda: active(stations, month))


@dataclass(frozen=True, slots=True)
class City:
    """One city today.

    Attributes
    ----------
    base : Base
    demand : Grade
        How far its demand can be trusted.
    own : bool
        Whether its demand points are those of the session's file.
    market_per_day : float
        Parcels a day of the month in the city, brought home or handed over.
    ground : DataFrame
        Demand as it came, before its large cells were cut.
    key : tuple
        Cache key of it.
    """

    base: Base
    demand: Grade
    own: bool
    market_per_day: float
    ground: pd.DataFrame
    key: tuple[object, ...]


def city(look: Look, market: Market, filters: Filters, place: str, model: Model) -> City | None:
    """The city today; None without a demand point."""
    points, grade = map_files.city_demand(look, market, filters, place)
    given = map_files.given(market, filters)
    own = given is not None and bool((given.demand["city"] == place).any())
    if points.empty:
        return None

    def make() -> Base:
        rows = month_rows(market, filters)
        rows = rows[rows["city"] == place]
        part = float(catchment.handed_over(rows).get(place, 1.0))
        finer, carried = points if own else sharpened(points), catchment.daily(rows)
        return catchment.base(
            finer, standing(market, filters), carried, model=model, city=place, handed_over=part, counted=own
        )

    key = (market.version, f"{filters.month:%Y-%m}", place, key_of(model), str(grade), map_files.demand_key())
    rows = month_rows(market, filters)
    everything = float(rows.loc[rows["city"] == place, "parcels"].sum()) / filters.month.days_in_month
    return City(kept_large("catch.base", key, make), grade, own, everything, points, key)


def sharpened(points: pd.DataFrame) -> pd.DataFrame:
    """Cells of most parcels cut into small ones, so that a catchment is more than a few large cells."""
    steps = np.diff(np.unique(points["lat"].to_numpy(float).round(5)))
    steps = steps[steps > LEAST_STEP]
    side = float(np.median(steps)) if len(steps) else 0.0
    pieces = int(np.ceil(side / FINE_DEGREES - 1e-6))
    cut = max(0, POINTS - len(points)) // (pieces**2 - 1) if pieces > 1 else 0
    first = np.zeros(len(points), dtype=bool)
    first[np.argsort(-points["parcels_per_day"].to_numpy(float), kind="stable")[:cut]] = True
    found = white_space.finer(points.assign(degrees=np.where(first, side, 0.0)), FINE_DEGREES)
    return found.assign(degrees=found["degrees"].where(found["degrees"] > 0, side))


def key_of(model: Model) -> tuple[object, ...]:
    """Numbers of a model, hashable."""
    return tuple(str(getattr(model, field.name)) for field in fields(model))


def stations_of(market: Market, filters: Filters, place: str, network: str) -> dict[str, economics.Station]:
    """Station by format with the subsidy and guarantee that the network pays in the city."""
    terms = kept(
        "catch.terms",
        (market.version, f"{filters.month:%Y-%m}", network),
        lambda: white_space.terms(month_rows(market, filters), network),
    )
    paid = terms.reindex([place]).fillna(0.0).iloc[0]
    subsidy, guarantee = float(paid["subsidy_cny_per_parcel"]), float(paid["guarantee_cny_per_day"])
    return {
        format: replace(station, subsidy_cny_per_parcel=subsidy, guarantee_cny_per_day=guarantee)
        for format, station in economics.STATIONS.items()
    }


def here(plan: Plan, today: Base) -> tuple[Plan, int]:
    """The part of a plan that concerns the city, and how many of its sites and stations lie elsewhere."""
    lat, lon = today.demand["lat"], today.demand["lon"]
    margin = today.model.reach_m / 90_000.0
    sites = tuple(
        site
        for site in plan.sites
        if lat.min() - margin <= site.lat <= lat.max() + margin and lon.min() - margin <= site.lon <= lon.max() + margin
    )
    known = set(today.stations["station_id"].astype(str)) if plan.shut else set()
    shut = tuple(one for one in plan.shut if one in known)
    return Plan(sites, shut), plan.size - len(sites) - len(shut)


def name(place: int) -> str:
    """Short name of the placed site of that number, from 0."""
    return str(place + 1)


def sites(placed: tuple[Placed, ...], network: str) -> list[Site]:
    """Placed sites as those of the network."""
    return [Site(site.lat, site.lon, network, site.format, name=name(i)) for i, site in enumerate(placed)]


def after(today: City, plan: Plan, network: str, types: dict[str, economics.Station]) -> Change:
    """What the plan changes."""

    def make() -> Change:
        return catchment.change(today.base, opened=sites(plan.sites, network), closed=plan.shut, types=types)

    return kept_large("catch.change", (*today.key, network, plan.key), make)


def moved(change: Change, network: str, grade: Grade) -> Moved:
    """What the plan moves, for the views."""
    table = change.networks
    won = float(change.sites["parcels_per_day"].sum())
    difference = table["change"].astype(float).drop(network, errors="ignore")
    own = float(table["change"].get(network, 0.0)) - won
    nobody = change.unserved_after - change.unserved_before
    owners = change.base.stations.set_index("station_id")["platform"].astype(str)
    mine = sum(owners[one] == network for one in change.closed)
    return Moved(
        network,
        sites=len(change.opened),
        shut=int(mine),
        shut_rivals=len(change.closed) - int(mine),
        won=won,
        change=pd.concat([pd.Series({OWN: own}), difference, pd.Series({NOBODY: nobody})]),
        before=table["before"],
        after=table["after"],
        grade=weakest(grade, change.grade),
    )


def account(change: Change, types: dict[str, economics.Station], network: str) -> pd.DataFrame:
    """Account of every site placed and station shut, in the shape of `analysis.views.catchment_sites.ACCOUNT`.

    The profit is that of the parcels that a site can take; of a shut station the one it had, for `network` alone.
    Parcels of a station that closes are the loss of the network that it belongs to.
    """
    new = change.sites.assign(state="new", nobody=change.sites["newly_served"])
    new["own_loss"] = new["from_own"] + new["from_own_closed"]
    new["rivals_loss"] = new["from_rivals"] + new["from_closed"] - new["from_own_closed"]
    new = new.rename(columns={"capacity": "takes_per_day", "break_even": "break_even_per_day"})
    return pd.concat([new[list(ACCOUNT)], _shut(change, types, network)], ignore_index=True)


def _shut(change: Change, types: dict[str, economics.Station], network: str) -> pd.DataFrame:
    """What each shut station had, and to whom it goes."""
    stations = change.base.stations.set_index("station_id").loc[list(change.closed)]
    lost = change.lost.assign(own=change.lost["to_platform"] == change.lost["platform"])
    kind = lost["to"].where(lost["to"] == "nobody", lost["own"].map({True: "own", False: "rivals"}))
    parts = lost.groupby(["station_id", kind])["parcels_per_day"].sum().unstack(fill_value=0.0)
    parts = parts.reindex(index=stations.index, columns=["own", "rivals", "nobody"], fill_value=0.0)
    formats, parcels = stations["format"].astype(str), stations["parcels_per_day"].to_numpy(float)
    takes = capacities(stations)
    known = list(zip(formats, stations["platform"] == network, strict=True))
    had = [
        float(profit(types[f], n, most)) if mine else np.nan
        for (f, mine), n, most in zip(known, parcels, takes, strict=True)
    ]
    return pd.DataFrame(
        {
            "name": stations.index.astype(str),
            "lat": stations["lat"].to_numpy(),
            "lon": stations["lon"].to_numpy(),
            "format": stations["format"].astype(str).to_numpy(),
            "state": "shut",
            "parcels_per_day": parcels,
            "own_loss": parts["own"].to_numpy(float),
            "rivals_loss": parts["rivals"].to_numpy(float),
            "nobody": parts["nobody"].to_numpy(float),
            "takes_per_day": takes,
            "break_even_per_day": [economics.break_even(types[f]) if mine else np.nan for f, mine in known],
            "profit_cny_per_month": np.array(had, dtype=float),
        }
    )
