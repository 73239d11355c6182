"""Where the stations of the illustrative market stand: around seats and towns, inside the city's outline.

Seats and towns are real places; where around them a station stands is drawn.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from data.demo.grid import Flags, Floats, Ints, city_table, population, stream
from data.demo.parameters import CENTRE_SHARE, PEOPLE_PER_CENTRE, SCATTER_KM
from data.geo import Outline, distance_km, inside, outlines
from data.settlements import BUILT_UP_PER_KM2, settlements

KM_PER_DEGREE = 111.32
MOST_CENTRES = 24
SEAT_PEOPLE = 80_000.0
"""People of a county seat without a listed population."""
NARROWEST_KM = 1.0
WIDEST_TOWN = 0.6
"""Spread of stations around a town: least, and most in parts of that around the seat."""
OFF_OUTLINE_KM = 6.0
"""Stations of a seat that the simplified outline leaves outside may stand so far from it."""
PULLS = 8
"""Times a point outside its city is moved half-way to its centre before it is put there."""


def scatter(city: Ints, rural: Flags) -> tuple[Floats, Floats]:
    """Latitude and longitude (degrees, WGS-84, five decimals) of one station per entry.

    Parameters
    ----------
    city : array of int
        Row of the city in `demo_grid.city_table`.
    rural : array of bool
        Stations that stand around seats of counties and towns only, and further out.
    """
    table, draw = city_table(), stream("positions")
    size = (population() / 1e6) ** 0.4 * SCATTER_KM
    away = draw.random(len(city)) > np.where(rural, 0.0, CENTRE_SHARE)
    which = np.floor(draw.random(len(city)) ** 1.5 * _sub_centres()[city]).astype(np.int64) + 1
    dy, dx = np.clip(draw.normal(size=(2, len(city))), -2.6, 2.6) / KM_PER_DEGREE
    lat, lon = np.empty(len(city)), np.empty(len(city))
    order = np.argsort(city, kind="stable")
    edges = np.searchsorted(city[order], np.arange(len(table) + 1))
    for row, (code, seat_lat, seat_lon) in enumerate(zip(table.index, table["lat"], table["lon"], strict=True)):
        mine = order[edges[row] : edges[row + 1]]
        around = [_centres(str(code), seat_lat, seat_lon, size[row], of_counties=only) for only in (False, True)]
        home = np.stack(around)[rural[mine].astype(np.int64), np.where(away[mine], which[mine], 0)]
        spread = np.where(rural[mine], 2.0 * size[row], home[:, 2])
        offset = np.column_stack([dx[mine] / np.cos(np.radians(seat_lat)), dy[mine]]) * spread[:, None]
        lon[mine], lat[mine] = _contained(home[:, :2], offset, outlines().get(str(code), [])).T
    return lat.round(5), lon.round(5)


def _sub_centres() -> Ints:
    return np.clip(population() / PEOPLE_PER_CENTRE, 1, MOST_CENTRES).astype(np.int64)


def _centres(code: str, lat: float, lon: float, size: float, *, of_counties: bool) -> Floats:
    """Seat, then sub-centres: array (1 + `MOST_CENTRES`, 3) of longitude, latitude and spread (km).

    Sub-centres are settlements, the largest first, then the nearest to the seat; of counties alone, their seats come
    first. Where a city has too few, the rest is drawn. Stations spread as far as the people of a town do.
    """
    draw = stream("centres", code)
    angle, reach = draw.random(MOST_CENTRES) * 2 * np.pi, size * draw.uniform(1.5, 8.0, MOST_CENTRES) / KM_PER_DEGREE
    offset = np.column_stack([np.cos(angle) / np.cos(np.radians(lat)), np.sin(angle)]) * reach[:, None]
    seat = np.array([lon, lat])
    around = _contained(np.broadcast_to(seat, offset.shape), offset, outlines().get(code, []))
    drawn = np.column_stack([around, np.full(MOST_CENTRES, WIDEST_TOWN * size)])
    towns = _towns(code, lat, lon, of_counties=of_counties)
    towns[:, 2] = np.minimum(towns[:, 2], WIDEST_TOWN * size)
    return np.vstack([[lon, lat, size], towns, drawn])[: MOST_CENTRES + 1]


def _towns(code: str, lat: float, lon: float, *, of_counties: bool) -> Floats:
    """Real towns but the seat: array (n, 3) of longitude, latitude and spread (km)."""
    towns = settlements().iloc[_places().get(code, np.empty(0, dtype=np.int64))]
    towns = towns[~towns["seat"]]
    outline = outlines().get(code, [])
    if outline:
        towns = towns[inside(towns["lon"].to_numpy(), towns["lat"].to_numpy(), outline)]
    far = distance_km(lat, lon, towns["lat"].to_numpy(), towns["lon"].to_numpy())
    is_seat = (towns["county"] != "").to_numpy()
    people = towns["people"].fillna(0.0).to_numpy()
    people = np.where(is_seat, np.maximum(people, SEAT_PEOPLE), people)
    order = np.lexsort((far, -people, ~(is_seat & of_counties)))[:MOST_CENTRES]
    spread = np.maximum(NARROWEST_KM, np.sqrt(people / (4.0 * np.pi * BUILT_UP_PER_KM2)))
    return np.column_stack([towns["lon"], towns["lat"], spread])[order]


@cache
def _places() -> dict[str, Ints]:
    return {str(code): rows for code, rows in settlements().groupby("prefecture").indices.items()}


def _contained(home: Floats, offset: Floats, outline: Outline) -> npt.NDArray[np.float64]:
    points = home + offset
    if not outline or not len(points):
        return points
    far = np.hypot(offset[:, 0] * np.cos(np.radians(home[:, 1])), offset[:, 1]) * KM_PER_DEGREE
    beyond = ~inside(home[:, 0], home[:, 1], outline)
    left = np.flatnonzero(~inside(points[:, 0], points[:, 1], outline))
    for pull in range(1, PULLS + 1):
        left = left[~beyond[left] | (far[left] * 0.5 ** (pull - 1) > OFF_OUTLINE_KM)]
        points[left] = home[left] + offset[left] * (0.0 if pull == PULLS else 0.5**pull)
        left = left[~inside(points[left, 0], points[left, 1], outline)]
    return points
