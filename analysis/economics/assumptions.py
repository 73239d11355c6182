"""What scenarios and station economics assume: one line each, with its range, unit, grade and the record behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from data.grade import Grade


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number nobody measured for this market; the reader can change it.

    Attributes
    ----------
    key : str
        Name in code, links and files; the unit is part of it where it can be mistaken.
    value, low, high : float
        Default, and the range that tornado charts and draws use.
    unit : str
        Key of the catalogue's units.
    grade : Grade
        Reported where the record prints the number, for one station or one city; assumed otherwise.
    metric : str
        Metric of the record it rests on; empty for none.
    """

    key: str
    value: float
    low: float
    high: float
    unit: str
    grade: Grade = Grade.ASSUMED
    metric: str = ""


# fmt: off
_LIST = (
    Assumption("handling_fee_cny_per_parcel", 0.35, 0.30, 0.45, "cny_per_parcel", Grade.REPORTED, "station_fee_per_parcel"),
    Assumption("variable_cost_cny_per_parcel", 0.23, 0.18, 0.28, "cny_per_parcel"),
    Assumption("ancillary_cny_per_parcel", 0.05, 0.02, 0.10, "cny_per_parcel", Grade.ASSUMED, "station_profit_per_outbound_parcel"),
    Assumption("rent_cny_per_month", 2000.0, 1000.0, 4000.0, "cny_per_month", Grade.REPORTED, "rent"),
    Assumption("wages_cny_per_month", 5000.0, 4000.0, 6000.0, "cny_per_month", Grade.ASSUMED, "owner_income"),
    Assumption("fines_cny_per_month", 300.0, 0.0, 2000.0, "cny_per_month", Grade.ASSUMED, "fines_first_month"),
    Assumption("spread_of_stations", 0.8, 0.5, 1.1, "ratio"),
    Assumption("guarantee_effect", 0.8, 0.6, 1.0, "fraction"),
    Assumption("shared_pass_on", 0.5, 0.0, 1.0, "fraction"),
    Assumption("entry_response_per_1000_cny", 0.04, 0.0, 0.10, "fraction"),
    Assumption("openings_per_month", 0.036, 0.01, 0.06, "fraction", Grade.ASSUMED, "average_station_survival"),
    Assumption("margin_cny_per_parcel", 0.30, 0.15, 0.60, "cny_per_parcel"),
    Assumption("opening_station_cny", 5000.0, 0.0, 20000.0, "cny"),
    Assumption("opening_locker_cny", 20000.0, 12000.0, 30000.0, "cny"),
    Assumption("opening_partner_store_cny", 2000.0, 0.0, 5000.0, "cny"),
    Assumption("opening_agent_cny", 2000.0, 0.0, 5000.0, "cny"),
    Assumption("opening_service_centre_cny", 100000.0, 30000.0, 120000.0, "cny", Grade.ASSUMED, "investment_planned"),
    Assumption("demand_elasticity", 0.3, 0.0, 0.8, "ratio"),
    Assumption("price_cny_per_parcel", 7.5, 7.0, 8.0, "cny_per_parcel", Grade.REPORTED, "average_price_per_parcel"),
)
# fmt: on

ASSUMPTIONS: dict[str, Assumption] = {a.key: a for a in _LIST}
ABOVE_ZERO = frozenset({"price_cny_per_parcel"})
"""What others are divided by."""


def values(changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """Every assumption's value, the `changed` ones instead of their defaults.

    Raises
    ------
    ValueError
        For a key that is no assumption, or a value that is no finite number of 0 or more (a price: above 0).
    """
    found = {key: assumption.value for key, assumption in ASSUMPTIONS.items()}
    for key, value in (changed or {}).items():
        if key not in found:
            raise ValueError(f"{key!r} is no assumption: choose from {', '.join(found)}")
        if not value - value == 0:
            raise ValueError(f"{key} is {value}: give a number")
        if value < 0 or (value == 0 and key in ABOVE_ZERO):
            raise ValueError(f"{key} is {value}: give more")
        found[key] = float(value)
    return found
