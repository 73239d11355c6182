"""Every number the illustrative market assumes, one record per network: edit here, rebuild, and the market follows.

Six-number tuples run over `data.cities.TIERS`, Tier 1 first. Months are `YYYY-MM`. Between knots, paths are linear;
outside them they stay at the nearest knot.
"""

from dataclasses import dataclass

Path = tuple[tuple[str, float], ...]
"""Knots of a path over time: (month, value)."""
Tiered = tuple[float, float, float, float, float, float]
"""One value a tier."""

SEED = 20190101
FIRST, LAST = "2019-01", "2026-08"
HISTORY = "2012-01"
"""Month from which roll-outs are drawn, so that the stock at `FIRST` has opening dates."""
BASE = "2025-06"
"""Month at which the constants by tier are set; trends are zero there."""

SUBSIDY_EFFECT: Tiered = (3.0, 4.5, 6.0, 8.0, 10.0, 12.0)
"""b: attraction gained per CNY per parcel."""
DENSITY_EFFECT: Tiered = (0.35, 0.40, 0.48, 0.55, 0.62, 0.70)
"""d: attraction gained per unit of ln(stations)."""
CITY_TASTE_SD = 0.20
SHOCK_SD = 0.10

PARCELS_PER_HEAD: Tiered = (1.90, 1.60, 1.30, 0.95, 0.75, 0.62)
"""Parcels received per person, national mean about 1."""
TIER_GROWTH: Tiered = (-0.015, -0.008, 0.0, 0.008, 0.015, 0.018)
"""Yearly log growth against the nation."""
CITY_DEMAND_SD = 0.15
MONTH_DEMAND_SD = 0.03
JANUARY_2026 = 0.64
"""Share of January in the two months published together."""

ORIGINS: dict[str, Path] = {
    "Alibaba": (("2017-01", 0.58), ("2019-01", 0.50), ("2020-10", 0.41), ("2023-06", 0.37), ("2026-08", 0.32)),
    "Pinduoduo": (("2017-01", 0.12), ("2019-01", 0.24), ("2020-10", 1 / 3), ("2023-06", 0.345), ("2026-08", 0.355)),
    "JD": (("2017-01", 0.08), ("2026-08", 0.085)),
}
"""Share of all orders by whose they are; the rest is "other"."""
OTHER = "other"

RURAL = "rural"
LOCKERS = "hivebox"
RURAL_COUNTIES = 665
"""Counties that Rural Taobao's centres are spread over by 2018-06."""
CELLS = (84, 168, 252)
CELL_CHANCES = (0.93, 0.06, 0.01)
SUBSIDY_STEPS = (10, 24)
"""Lowest and highest per-parcel subsidy, in steps of 0.005 CNY."""

SCATTER_KM = 4.0
"""Standard deviation of stations around the seat of a city of a million people; grows with population ** 0.4."""
CENTRE_SHARE = 0.55
"""Share of stations around the seat; the others lie around county seats and sub-centres."""
PEOPLE_PER_CENTRE = 450_000

SMALL_STATION_PARCELS = 60.0
"""Parcels per day of a station with low volume, for the income uplift."""
HANDLING_FEE = 0.35
"""CNY per parcel that a station earns without subsidy."""


def knots(text: str) -> Path:
    """Path written as `"2019-01 0.5, 2021-06 0.4"`."""
    pairs = (pair.split() for pair in text.split(","))
    return tuple((month, float(value)) for month, value in pairs)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A wave of subsidies by one network.

    Attributes
    ----------
    since, until : str
        Months in which spells start and by whose end they all end.
    chance : tuple of float
        Probability that a city of the tier takes part.
    months : tuple of int
        Shortest and longest spell.
    rounds : int
        Most spells in one city, each followed by a gap of 1 to 8 months.
    guarantee : tuple of int
        Lowest and highest guarantee, CNY per station per day; (0, 0) for none.
    waiver : tuple of float
        Fee waivers a spell may carry, CNY per new station, drawn with equal chance.
    answers : str
        Network whose first spell in the city triggers this one, 2 to 10 months later; empty for none.
    """

    since: str
    until: str
    chance: Tiered
    months: tuple[int, int] = (4, 14)
    rounds: int = 2
    guarantee: tuple[int, int] = (0, 0)
    waiver: tuple[float, ...] = (0.0,)
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """What is assumed of one network.

    Attributes
    ----------
    stations : Path
        Stations in the nation.
    per_head : tuple of float
        Stations per person by tier, up to a constant.
    share : tuple of float
        Share of parcels at `BASE` by tier.
    path : Path
        National share of parcels at other months.
    formats : tuple of (str, tuple of float)
        Format and its weight by tier.
    delay : tuple of float
        Months by which a tier follows the national roll-out.
    churn : float
        Stations replaced a year, as a fraction.
    provinces : tuple of (str, float)
        Provinces where the network is denser (or thinner), as factors on stations per person.
    allocation : Path
        Share of the owner's own orders routed to the network where it has stations.
    campaigns : tuple of Campaign
        Its subsidies.
    """

    stations: Path
    per_head: Tiered
    share: Tiered
    path: Path
    formats: tuple[tuple[str, Tiered], ...] = (("station", (1, 1, 1, 1, 1, 1)),)
    delay: Tiered = (0, 0, 0, 0, 0, 0)
    churn: float = 0.02
    provinces: tuple[tuple[str, float], ...] = ()
    allocation: Path = ()
    campaigns: tuple[Campaign, ...] = ()
