"""Checks of stations across rows: many at one point, far from their city, rounded coordinates."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.cities import cities
from data.geo import distance_km, outlines
from data.intake.cross import findings
from data.intake.grid import capped
from data.intake.keys import codes, row_numbers

if TYPE_CHECKING:
    import pyarrow as pa

MOST_AT_A_POINT = 5
FARTHEST_KM = 250.0
_BEYOND_KM = 50.0
"""How far beyond the outline of a wide prefecture a point may lie, as outlines are simplified."""
_BY_CHANCE = 0.03
"""Share of points that end in 0 without having been rounded."""


def check(table: "pa.Table") -> pd.DataFrame:
    """Findings of a table of stations with at least one row, with the columns of `cross.FINDING`."""
    rows = row_numbers(table)
    lat, lon = (table.column(name).to_numpy() for name in ("lat", "lon"))
    checks = (_same_place(rows, lat, lon), _far(table, rows, lat, lon), _rounded(rows, lat, lon))
    return pd.concat([capped(found) for found in checks], ignore_index=True)


def _same_place(rows: NDArray[np.int64], lat: NDArray[np.float64], lon: NDArray[np.float64]) -> pd.DataFrame:
    """Points with more than MOST_AT_A_POINT stations, at the first of them."""
    points = pd.DataFrame({"lat": lat, "lon": lon, "row": rows})
    counts = points.groupby(["lat", "lon"], sort=False)["row"].agg(["min", "size"])
    many = counts[counts["size"] > MOST_AT_A_POINT].sort_values("min")
    count = many["size"].map("{:,}".format).to_numpy("object")
    return findings(many["min"].to_numpy(), "same_place", column="lat + lon", other=count)


def _far(
    table: "pa.Table", rows: NDArray[np.int64], lat: NDArray[np.float64], lon: NDArray[np.float64]
) -> pd.DataFrame:
    """Stations farther from the seat of their city than it reaches."""
    city, names = codes(table, "city")
    seats = cities().reindex(names)
    seat_lat, seat_lon = seats["lat"].to_numpy()[city], seats["lon"].to_numpy()[city]
    away = distance_km(lat, lon, seat_lat, seat_lon)
    limit = np.array([_reach().get(str(name), FARTHEST_KM) for name in names])[city]
    far = away > limit
    shown = np.array([f"{km:,.0f}" for km in away[far]], "object")
    return findings(rows[far], "far_from_city", column="lat + lon", other=shown)


@cache
def _reach() -> dict[str, float]:
    """Kilometres from the seat of each city within which its stations lie: its outline's farthest point, or more."""
    seats = cities()
    found = {}
    for code in seats.index.intersection(list(outlines())):
        points, seat = np.concatenate(outlines()[code]), seats.loc[code]
        away = distance_km(points[:, 1], points[:, 0], seat["lat"], seat["lon"]).max()
        found[code] = max(FARTHEST_KM, float(away) + _BEYOND_KM)
    return found


def _rounded(rows: NDArray[np.int64], lat: NDArray[np.float64], lon: NDArray[np.float64]) -> pd.DataFrame:
    """Points with fewer than three decimals, unless no more than by chance."""
    whole = [np.abs(one * 100 - np.round(one * 100)) < 1e-7 for one in (lat, lon)]
    both = whole[0] & whole[1]
    if np.count_nonzero(both) <= _BY_CHANCE * len(rows):
        both[:] = False
    return findings(rows[both], "rounded_coordinates", column="lat + lon")
