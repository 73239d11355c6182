"""Where the stations of the illustrative market stand: around seats and sub-centres, inside the city's outline."""

import numpy as np
import numpy.typing as npt

from data.demo.grid import Flags, Floats, Ints, city_table, population, stream
from data.demo.parameters import CENTRE_SHARE, PEOPLE_PER_CENTRE, SCATTER_KM
from data.geo import Outline, inside, outlines

KM_PER_DEGREE = 111.32
MOST_CENTRES = 24
PULLS = 8
"""Times a point outside its city is moved half-way to its centre before it is put there."""


def scatter(city: Ints, rural: Flags) -> tuple[Floats, Floats]:
    """Latitude and longitude (degrees, WGS-84, five decimals) of one station per entry.

    Parameters
    ----------
    city : array of int
        Row of the city in `demo_grid.city_table`.
    rural : array of bool
        Stations that stand around county seats only, and further out.
    """
    table, draw = city_table(), stream("positions")
    size = (population() / 1e6) ** 0.4 * SCATTER_KM
    away = draw.random(len(city)) > np.where(rural, 0.0, CENTRE_SHARE)
    which = np.floor(draw.random(len(city)) ** 1.5 * _sub_centres()[city]).astype(np.int64) + 1
    spread = size[city] * np.where(rural, 2.0, np.where(away, 0.6, 1.0))
    dy, dx = np.clip(draw.normal(size=(2, len(city))), -2.6, 2.6) * spread / KM_PER_DEGREE
    lat, lon = np.empty(len(city)), np.empty(len(city))
    order = np.argsort(city, kind="stable")
    edges = np.searchsorted(city[order], np.arange(len(table) + 1))
    for row, (code, seat_lat, seat_lon) in enumerate(zip(table.index, table["lat"], table["lon"], strict=True)):
        mine = order[edges[row] : edges[row + 1]]
        centres = _centres(str(code), seat_lat, seat_lon, size[row])
        home = centres[np.where(away[mine], which[mine], 0)]
        offset = np.column_stack([dx[mine] / np.cos(np.radians(seat_lat)), dy[mine]])
        lon[mine], lat[mine] = _contained(home, offset, outlines().get(str(code), [])).T
    return lat.round(5), lon.round(5)


def _sub_centres() -> Ints:
    return np.clip(population() / PEOPLE_PER_CENTRE, 1, MOST_CENTRES).astype(np.int64)


def _centres(code: str, lat: float, lon: float, size: float) -> Floats:
    """Seat, then sub-centres: array (1 + `MOST_CENTRES`, 2) of longitude and latitude."""
    draw = stream("centres", code)
    angle, reach = draw.random(MOST_CENTRES) * 2 * np.pi, size * draw.uniform(1.5, 8.0, MOST_CENTRES) / KM_PER_DEGREE
    offset = np.column_stack([np.cos(angle) / np.cos(np.radians(lat)), np.sin(angle)]) * reach[:, None]
    seat = np.array([lon, lat])
    around = _contained(np.broadcast_to(seat, offset.shape), offset, outlines().get(code, []))
    return np.vstack([seat, around])


def _contained(home: Floats, offset: Floats, outline: Outline) -> npt.NDArray[np.float64]:
    points = home + offset
    if not outline or not len(points):
        return points
    left = np.flatnonzero(~inside(points[:, 0], points[:, 1], outline))
    for pull in range(1, PULLS + 1):
        points[left] = home[left] + offset[left] * (0.0 if pull == PULLS else 0.5**pull)
        left = left[~inside(points[left, 0], points[left, 1], outline)]
    return points
