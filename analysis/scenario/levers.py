"""Levers that networks pull, and the scenario that holds them: frozen, named, versioned."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from analysis.rivalry.rules import Rule


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be changed.

    Attributes
    ----------
    key : str
    unit : str
        Of the change; key of the catalogue's units.
    low, high, step : float
        Range and step of its slider.
    """

    key: str
    unit: str
    low: float
    high: float
    step: float


_KINDS = (
    Kind("subsidy", "cny_per_parcel", -0.15, 0.15, 0.01),
    Kind("guarantee", "cny_per_station_day", -120.0, 200.0, 10.0),
    Kind("fee_waiver", "cny_per_new_station", 0.0, 20_000.0, 500.0),
    Kind("allocation", "fraction", -0.3, 0.3, 0.01),
    Kind("stations", "stations", -5_000.0, 20_000.0, 100.0),
    Kind("cooperation", "fraction", 0.0, 0.5, 0.01),
    Kind("shared_delivery", "cny_per_parcel", 0.0, 0.15, 0.01),
    Kind("forwarding", "cny_per_parcel", 0.0, 2.0, 0.05),
    Kind("ancillary", "cny_per_parcel", 0.0, 0.2, 0.01),
)
KINDS: dict[str, Kind] = {kind.key: kind for kind in _KINDS}
"""subsidy: CNY added per parcel. guarantee: CNY added per station and day. fee_waiver: CNY waived per new station.
allocation: part of the owner's own orders routed to the network, added. stations: stations or lockers opened in the
lever's area (negative: closed). cooperation: part of a courier's parcels that its franchisees steer to the network.
shared_delivery: CNY saved per parcel where one operator serves many brands. forwarding: CNY paid per parcel for the way
to remote provinces. ancillary: CNY a station earns more per parcel from other services."""


@dataclass(frozen=True, slots=True)
class Lever:
    """One network changes one thing.

    Attributes
    ----------
    platform : str
        Key of the network.
    change : float
        Added to what is in force in each city of the area, in the unit of the kind.
    tier, region, province : str or None
        Where it applies; None for everywhere, and a city must meet all that are given.
    cities : tuple of str
        Adcodes it is limited to; empty for all.
    kind : str
        Key of `KINDS`.
    courier : str
        "cooperation" only: the courier whose franchisees cooperate, a name of the record.
    start_month : int
        Months after the observed month at which it begins, 1 or more.
    ramp_months : int
        Months over which it grows evenly to its full size; 0 for at once.
    end_month : int or None
        First month without it; None for never.
    """

    platform: str
    change: float
    tier: str | None = None
    _: KW_ONLY
    kind: str = "subsidy"
    region: str | None = None
    province: str | None = None
    cities: tuple[str, ...] = ()
    courier: str = ""
    start_month: int = 1
    ramp_months: int = 0
    end_month: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no lever: choose from {', '.join(KINDS)}")
        if not self.change - self.change == 0:
            raise ValueError(f"the change for {self.platform!r} is {self.change}: give a number")
        if self.start_month < 1 or self.ramp_months < 0:
            raise ValueError(f"a lever starts in month 1 or later and ramps up over 0 or more, not {self.start_month}")
        if self.end_month is not None and self.end_month <= self.start_month:
            raise ValueError(f"the lever ends in month {self.end_month}, before it starts: give a later one")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Named, versioned set of levers, rivals' rules and assumptions. Nothing in it is the observed market.

    Attributes
    ----------
    name : str
    levers : tuple of Lever
        Levers of one kind on the same network and city add up.
    version : int
    rules : tuple of (str, Rule)
        How networks answer; those not named hold still.
    months : int
        Months projected after the observed one, 1 to 120.
    growth_per_year : float
        Growth of all parcels as a fraction; 0.08 is 8 % a year.
    assumptions : tuple of (str, float)
        Those of `economics.assumptions.ASSUMPTIONS` that differ from their defaults.
    note : str
        What the reader wants to remember of it.
    preset : str
        Key of the preset it began as; empty for none.
    """

    name: str
    levers: tuple[Lever, ...] = ()
    version: int = 1
    _: KW_ONLY
    rules: tuple[tuple[str, Rule], ...] = ()
    months: int = 12
    growth_per_year: float = 0.0
    assumptions: tuple[tuple[str, float], ...] = ()
    note: str = ""
    preset: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.months <= 120:
            raise ValueError(f"{self.months} months are asked for: give 1 to 120")
        if not -0.5 <= self.growth_per_year <= 1:
            raise ValueError(f"growth is {self.growth_per_year} a year: give a fraction from -0.5 to 1")

    @property
    def rule_of(self) -> Mapping[str, Rule]:
        """Rule of each network that has one other than holding still."""
        return {name: rule for name, rule in self.rules if rule.kind != "static"}
