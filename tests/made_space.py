"""A small town of demand points and stations, and the slow way to say who is near whom."""

import numpy as np
import pandas as pd

from analysis.space.coverage import RADII_M, rings, shares
from data.cities import cities
from data.geo import distance_km

CITIES = ("310000", "330100", "331100")
"""Of three tiers."""
KINDS = (
    ("cainiao", "station"),
    ("duoduo", "station"),
    ("duoduo", "locker"),
    ("jd", "partner_store"),
    ("hivebox", "locker"),
)


def demand(*, n=240, seed=0):
    rng = np.random.default_rng(seed)
    city = rng.integers(0, len(CITIES), n)
    seats = cities().loc[list(CITIES)]
    people = rng.uniform(0, 900, n)
    return pd.DataFrame(
        {
            "city": pd.Categorical.from_codes(city, list(CITIES)),
            "lat": seats["lat"].to_numpy()[city] + rng.normal(0, 0.02, n),
            "lon": seats["lon"].to_numpy()[city] + rng.normal(0, 0.02, n),
            "people": people,
            "rural": people * rng.uniform(0, 1, n),
            "parcels_per_day": rng.uniform(0, 700, n),
            "degrees": 0.0,
        }
    )


def stations(*, n=90, seed=1, kinds=KINDS):
    rng = np.random.default_rng(seed)
    city, kind = rng.integers(0, len(CITIES), n), rng.integers(0, len(kinds), n)
    seats = cities().loc[list(CITIES)]
    return pd.DataFrame(
        {
            "station_id": [f"S{i}" for i in range(n)],
            "platform": pd.Categorical([kinds[k][0] for k in kind]),
            "format": pd.Categorical([kinds[k][1] for k in kind]),
            "city": pd.Categorical.from_codes(city, list(CITIES)),
            "lat": seats["lat"].to_numpy()[city] + rng.normal(0, 0.02, n),
            "lon": seats["lon"].to_numpy()[city] + rng.normal(0, 0.02, n),
        }
    )


def coverage(points, found, *, radii_m=RADII_M, by=("tier",)):
    """Shares within the radii of some stations."""
    return shares(points, rings(points, found, radii_m=radii_m), by=by)


def near(points, found, radius_m):
    """Whether each point has one of the stations within the radius, pair by pair."""
    pairs = (points["lat"], points["lon"]), (found["lat"], found["lon"])
    (lat, lon), (to_lat, to_lon) = (tuple(column.to_numpy() for column in pair) for pair in pairs)
    metres = distance_km(lat[:, None], lon[:, None], to_lat[None], to_lon[None]) * 1000
    return (metres <= radius_m).any(axis=1)
