"""What a station of each format earns, from how many parcels a day it lives, and when a take-over pays back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.economics.assumptions import ASSUMPTIONS, Assumption, values
from analysis.economics.incomes import DAYS, Array, Numbers, top_up
from data.grade import Grade, weakest
from data.platforms import FORMATS


@dataclass(frozen=True, slots=True)
class Station:
    """One station.

    Attributes
    ----------
    format : str
        One of `data.platforms.FORMATS`.
    fee_cny_per_parcel, ancillary_cny_per_parcel, variable_cny_per_parcel : float
        What couriers pay for a parcel, other income on it, and what handling it costs.
    rent_cny_per_month, wages_cny_per_month, fines_cny_per_month : float
        Wages hold the owner's own; a locker has upkeep and write-off in their place.
    parcels_per_day, sd_per_day : float
        Mean over days and standard deviation of one day.
    subsidy_cny_per_parcel, guarantee_cny_per_day : float
        What its network pays on top.
    add_on : bool
        The guarantee is paid in full on top of fees; otherwise it tops fees and subsidy up to its amount.
    takeover_cny : float
        What a buyer pays for it.
    grade : Grade
    """

    format: str
    fee_cny_per_parcel: float
    ancillary_cny_per_parcel: float
    variable_cny_per_parcel: float
    rent_cny_per_month: float
    wages_cny_per_month: float
    fines_cny_per_month: float
    parcels_per_day: float
    sd_per_day: float
    subsidy_cny_per_parcel: float = 0.0
    guarantee_cny_per_day: float = 0.0
    add_on: bool = False
    takeover_cny: float = 0.0
    grade: Grade = Grade.ASSUMED

    @property
    def fixed_cny_per_day(self) -> float:
        """Rent, wages and fines of a day."""
        return (self.rent_cny_per_month + self.wages_cny_per_month + self.fines_cny_per_month) / DAYS

    @property
    def rate_cny_per_parcel(self) -> float:
        """Fee and subsidy: what a guarantee tops up."""
        return self.fee_cny_per_parcel + self.subsidy_cny_per_parcel

    @property
    def margin_cny_per_parcel(self) -> float:
        """What a parcel leaves towards rent, wages and fines."""
        return self.rate_cny_per_parcel + self.ancillary_cny_per_parcel - self.variable_cny_per_parcel


_SHARED = {
    "fee_cny_per_parcel": "handling_fee_cny_per_parcel",
    "ancillary_cny_per_parcel": "ancillary_cny_per_parcel",
    "variable_cny_per_parcel": "variable_cost_cny_per_parcel",
}
"""Fields of every staffed format, and the assumption of all networks that each one is."""
_OWN = {key: key for key in ("rent_cny_per_month", "wages_cny_per_month", "fines_cny_per_month")}
"""The same for a station alone."""

# fmt: off
_DAY_SPREAD = Assumption("day_spread", 0.3, 0.0, 1.0, "ratio")
_DECLARED: dict[str, tuple[Assumption, ...]] = {
    "station": (
        Assumption("parcels_per_day", 600.0, 200.0, 2667.0, "parcels_day", Grade.REPORTED, "inbound_parcels_per_day"),
        Assumption("takeover_cny", 50000.0, 20000.0, 60000.0, "cny", Grade.REPORTED, "takeover_price"),
    ),
    "partner_store": (
        Assumption("rent_cny_per_month", 600.0, 0.0, 1500.0, "cny_per_month"),
        Assumption("wages_cny_per_month", 2500.0, 0.0, 5000.0, "cny_per_month"),
        Assumption("fines_cny_per_month", 150.0, 0.0, 1000.0, "cny_per_month"),
        Assumption("parcels_per_day", 200.0, 50.0, 600.0, "parcels_day", Grade.REPORTED, "parcels_per_day"),
        Assumption("takeover_cny", 0.0, 0.0, 20000.0, "cny"),
    ),
    "agent": (
        Assumption("rent_cny_per_month", 300.0, 0.0, 800.0, "cny_per_month"),
        Assumption("wages_cny_per_month", 2000.0, 0.0, 4000.0, "cny_per_month"),
        Assumption("fines_cny_per_month", 100.0, 0.0, 1000.0, "cny_per_month"),
        Assumption("parcels_per_day", 300.0, 50.0, 800.0, "parcels_day"),
        Assumption("takeover_cny", 10000.0, 0.0, 30000.0, "cny"),
    ),
    "service_centre": (
        Assumption("rent_cny_per_month", 1000.0, 0.0, 4000.0, "cny_per_month"),
        Assumption("wages_cny_per_month", 3000.0, 2000.0, 6000.0, "cny_per_month"),
        Assumption("fines_cny_per_month", 200.0, 0.0, 2000.0, "cny_per_month"),
        Assumption("parcels_per_day", 400.0, 50.0, 1500.0, "parcels_day"),
        Assumption("takeover_cny", 30000.0, 0.0, 100000.0, "cny"),
    ),
    "locker": (
        Assumption(
            "fee_cny_per_parcel", 0.5, 0.3, 0.6, "cny_per_parcel", Grade.REPORTED, "courier_fee_per_parcel_locker"
        ),
        Assumption("ancillary_cny_per_parcel", 0.0, 0.0, 0.2, "cny_per_parcel"),
        Assumption("variable_cny_per_parcel", 0.05, 0.0, 0.15, "cny_per_parcel"),
        Assumption("rent_cny_per_month", 500.0, 200.0, 1000.0, "cny_per_month"),
        Assumption(
            "wages_cny_per_month", 643.33, 300.0, 1000.0, "cny_per_month", Grade.ASSUMED, "loss_per_locker_year"
        ),
        Assumption("fines_cny_per_month", 0.0, 0.0, 500.0, "cny_per_month"),
        Assumption("parcels_per_day", 60.0, 20.0, 160.0, "parcels_day"),
        Assumption("takeover_cny", 20000.0, 12000.0, 30000.0, "cny"),
    ),
}
"""Numbers of a format that the assumptions of all networks do not hold. Upkeep and write-off of a locker are what makes
it lose the published 4,000 CNY a year at 60 parcels a day."""
# fmt: on


def declared(format: str) -> dict[str, Assumption]:
    """Every number of `station_type(format)` by field ("day_spread" for `sd_per_day` over the mean).

    Raises
    ------
    ValueError
        For a format that has no premises.
    """
    if format not in FORMATS:
        raise ValueError(f"{format!r} is no format: choose from {', '.join(FORMATS)}")
    own = {item.key: item for item in _DECLARED[format]}
    return {field: ASSUMPTIONS[key] for field, key in _taken(format).items()} | own | {"day_spread": _DAY_SPREAD}


def _taken(format: str) -> dict[str, str]:
    """Fields that are an assumption of all networks, and which."""
    return {} if format == "locker" else _SHARED | _OWN if format == "station" else _SHARED


def station_type(format: str, assumptions: Mapping[str, float] | None = None) -> Station:
    """A station of `format` with default numbers.

    Parameters
    ----------
    format : str
        One of `data.platforms.FORMATS`.
    assumptions : mapping, optional
        Values of `ASSUMPTIONS` that differ from their defaults. Fee, ancillary income and variable cost apply to every
        staffed format; rent, wages and fines to "station".

    Returns
    -------
    Station
        Graded as the weakest of its numbers.
    """
    numbers = declared(format)
    chosen = values(assumptions)
    found = {field: item.value for field, item in numbers.items()}
    found |= {field: chosen[key] for field, key in _taken(format).items()}
    return made(format, found, grade=weakest(*(item.grade for item in numbers.values())))


def made(format: str, numbers: Mapping[str, float], *, add_on: bool = False, grade: Grade = Grade.ASSUMED) -> Station:
    """A station of numbers by field, as `declared` names them; subsidy and guarantee are 0 where not given."""
    return Station(
        format,
        fee_cny_per_parcel=numbers["fee_cny_per_parcel"],
        ancillary_cny_per_parcel=numbers["ancillary_cny_per_parcel"],
        variable_cny_per_parcel=numbers["variable_cny_per_parcel"],
        rent_cny_per_month=numbers["rent_cny_per_month"],
        wages_cny_per_month=numbers["wages_cny_per_month"],
        fines_cny_per_month=numbers["fines_cny_per_month"],
        parcels_per_day=numbers["parcels_per_day"],
        sd_per_day=numbers["day_spread"] * numbers["parcels_per_day"],
        subsidy_cny_per_parcel=numbers.get("subsidy_cny_per_parcel", 0.0),
        guarantee_cny_per_day=numbers.get("guarantee_cny_per_day", 0.0),
        add_on=add_on,
        takeover_cny=numbers["takeover_cny"],
        grade=grade,
    )


def profit(station: Station, parcels_per_day: Numbers | None = None) -> Array:
    """Profit of a mean day, guarantee and subsidy included.

    Parameters
    ----------
    station : Station
    parcels_per_day : array_like, optional
        Mean parcels a day in place of the station's own; days spread around it as around the station's.

    Returns
    -------
    ndarray
        CNY per day, in the shape of `parcels_per_day`.
    """
    mean = np.asarray(station.parcels_per_day if parcels_per_day is None else parcels_per_day, float)
    return mean * station.margin_cny_per_parcel + guarantee_paid(station, mean) - station.fixed_cny_per_day


def guarantee_paid(station: Station, parcels_per_day: Numbers | None = None) -> Array:
    """What the guarantee adds to a mean day, CNY: all of it when it is an add-on, else the expected top-up of a day."""
    mean = np.asarray(station.parcels_per_day if parcels_per_day is None else parcels_per_day, float)
    if station.add_on:
        return np.full(mean.shape, station.guarantee_cny_per_day)
    spread = station.sd_per_day / station.parcels_per_day if station.parcels_per_day > 0 else 0.0
    return top_up(station.guarantee_cny_per_day, station.rate_cny_per_parcel, mean, spread)


def break_even(station: Station) -> float:
    """Parcels a day from which fees, subsidy and ancillary income carry the station without a guarantee.

    Infinite when a parcel leaves nothing: more parcels then lose more.
    """
    margin, fixed = station.margin_cny_per_parcel, station.fixed_cny_per_day
    return fixed / margin if margin > 0 else float("inf")


def payback_months(price: float, profit_cny_per_month: float) -> float:
    """Months of profit that a take-over price costs; infinite without profit."""
    if price < 0:
        raise ValueError(f"the price is {price}: give 0 CNY or more")
    return price / profit_cny_per_month if profit_cny_per_month > 0 else float("inf")


STATIONS: dict[str, Station] = {format: station_type(format) for format in FORMATS}
"""Default station of every format."""
