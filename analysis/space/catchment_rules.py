"""What a city's catchments are counted with: the numbers of the model, and the places where stations may open."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.space import huff
from analysis.space.sizes import SIZES
from data.grade import Grade


@dataclass(frozen=True, slots=True)
class Model:
    """Numbers of the model.

    Attributes
    ----------
    attraction_exponent, distance_exponent : float
    reach_m : float
        How far people go at most.
    least_m : float, optional
        Distance that no station is nearer than; when not given, the mean distance of people from the point that stands
        for them, were they spread over its cell (`spread_m`).
    most, most_lockers : int
        Staffed stations and sets of lockers that one demand point weighs up, the nearest ones of either: however many
        lockers stand around, they crowd no staffed station out.
    sizes : mapping
        Size by format.
    grade : Grade
        Of the exponents: estimated where a fit gave them.
    """

    attraction_exponent: float = huff.ASSUMED["attraction_exponent"].value
    distance_exponent: float = huff.ASSUMED["distance_exponent"].value
    reach_m: float = huff.ASSUMED["reach_m"].value
    least_m: float | None = None
    most: int = huff.MOST
    most_lockers: int = huff.MOST_LOCKERS
    sizes: Mapping[str, float] = field(default_factory=lambda: dict(SIZES))
    grade: Grade = Grade.ASSUMED


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a station may open.

    Attributes
    ----------
    lat, lon : float
        Degrees, WGS-84.
    platform, format : str
        Network, and one of `data.platforms.FORMATS`.
    cells : int
        Of lockers; the standard set where 0.
    name : str
    """

    lat: float
    lon: float
    platform: str
    format: str
    cells: int = 0
    name: str = ""
