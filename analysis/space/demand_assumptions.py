"""What the spread of demand over a city assumes: one line each, with range, unit, grade and the record behind it."""

from collections.abc import Mapping

from analysis.economics.assumptions import Assumption
from data.cities import TIERS

RURAL_SHARE_2020 = 0.3611
"""People in villages, 2020 census (National Bureau of Statistics, bulletin 7 of 11 May 2021: 63.89 % urban)."""

# fmt: off
_LIST = (
    Assumption("people_per_km2", 10_000.0, 5_000.0, 20_000.0, "people_per_km2"),
    Assumption("most_people_per_km2", 40_000.0, 20_000.0, 60_000.0, "people_per_km2"),
    Assumption("least_spread_km", 0.5, 0.3, 1.0, "km"),
    Assumption("village_spread_km", 6.0, 3.0, 10.0, "km"),
    Assumption("village_people_per_km2", 400.0, 200.0, 800.0, "people_per_km2"),
    Assumption("people_of_town", 5_000.0, 2_000.0, 15_000.0, "people"),
    Assumption("people_of_county_seat", 80_000.0, 40_000.0, 150_000.0, "people"),
    Assumption("people_of_city_seat", 400_000.0, 150_000.0, 800_000.0, "people"),
    Assumption("rural_share_1", 0.10, 0.05, 0.15, "fraction"),
    Assumption("rural_share_2", 0.20, 0.14, 0.26, "fraction"),
    Assumption("rural_share_3", 0.28, 0.20, 0.36, "fraction"),
    Assumption("rural_share_4", 0.37, 0.28, 0.46, "fraction"),
    Assumption("rural_share_5", 0.46, 0.36, 0.56, "fraction"),
    Assumption("rural_share_6", 0.545, 0.44, 0.65, "fraction"),
    Assumption("village_parcels_per_head", 0.5, 0.3, 0.9, "ratio", metric="share_rural_of_parcels"),
)
# fmt: on

ASSUMPTIONS: dict[str, Assumption] = {one.key: one for one in _LIST}
"""All are assumed.

people_per_km2 : density that a resident of a town lives at on average, 100 m2 of built-up land a head: a round number
    of our own (GB 50137-2011 limits *planned* construction land to some 65 to 115 m2 a head, by climate zone, which is
    of this order and no density lived at); a town's people lie around its centre in a bell curve of that width.
most_people_per_km2 : where bell curves of several centres overlap, the most that any cell is left with; the rest live
    in the other cells of the city.
least_spread_km, village_spread_km : least standard deviation of the bell curve of a town, of villages around every
    place.
village_people_per_km2 : density that a villager lives at on average where few places of a prefecture are listed: the
    villages around each are spread wider then.
people_of_town, people_of_county_seat, people_of_city_seat : weight of a place without a listed population.
rural_share_1 .. rural_share_6 : share of people in villages by tier, in order of TIERS; together they give the census
    (`RURAL_SHARE_2020`).
village_parcels_per_head : parcels a head in villages, in those of towns. The record says "at least a quarter" (2024,
    a news agency) and "a third" (first half of 2021) of all parcels for rural areas. Were these the villages of the
    census, the ratio would be (s / 0.361) / ((1 - s) / 0.639): 0.59 and more for a quarter, 0.88 for a third. We take
    it that rural areas there hold county towns too, so that villages alone have less.
"""
_ABOVE_ZERO = frozenset(
    {"people_per_km2", "most_people_per_km2", "village_people_per_km2", "least_spread_km", "village_spread_km"}
)


def values(changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """Every assumption's value, the `changed` ones instead of their defaults.

    Raises
    ------
    ValueError
        For a key that is no assumption, or a value that is no finite number of 0 or more (a density or width: above 0;
        a share: at most 1).
    """
    found = {key: one.value for key, one in ASSUMPTIONS.items()}
    for key, value in (changed or {}).items():
        if key not in found:
            raise ValueError(f"{key!r} is no assumption: choose from {', '.join(found)}")
        if value - value != 0 or value < 0 or (value == 0 and key in _ABOVE_ZERO):
            raise ValueError(f"{key} is {value}: give a number above zero")
        if ASSUMPTIONS[key].unit == "fraction" and value > 1:
            raise ValueError(f"{key} is {value}: give a share of 0 to 1")
        found[key] = float(value)
    return found


def rural_shares(assumed: Mapping[str, float]) -> dict[str, float]:
    """Share of people in villages by tier."""
    return {tier: assumed[f"rural_share_{place}"] for place, tier in enumerate(TIERS, 1)}
