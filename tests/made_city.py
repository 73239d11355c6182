"""A small city with stations of four networks, for tests of catchments."""

import numpy as np
import pandas as pd

CITY, NEIGHBOUR = "330100", "330400"
CARRIED = {"cainiao": 3000.0, "duoduo": 2000.0, "hivebox": 1500.0, "jd": 500.0, "home": 2000.0}
"""Parcels a day; home delivery has no stations."""


def people(count: int = 80, *, seed: int = 1, spread: float = 0.015) -> pd.DataFrame:
    """Demand points that every station of `standing` may reach; 9,000 parcels a day in all."""
    rng = np.random.default_rng(seed)
    parcels = rng.gamma(2.0, 1.0, count)
    return pd.DataFrame(
        {
            "city": CITY,
            "lat": 30.25 + rng.uniform(-spread, spread, count),
            "lon": 120.15 + rng.uniform(-spread, spread, count),
            "parcels_per_day": 9000 * parcels / parcels.sum(),
        }
    )


def standing(count: int = 30, *, seed: int = 2, spread: float = 0.015) -> pd.DataFrame:
    """Stations: canonical columns, some of a neighbouring city."""
    rng = np.random.default_rng(seed)
    platform = np.array(["cainiao", "duoduo", "hivebox", "jd"])[np.arange(count) % 4]
    format = pd.Series(platform).map(
        {
            "cainiao": "station",
            "duoduo": "station",
            "hivebox": "locker",
            "jd": "partner_store",
        }
    )
    return pd.DataFrame(
        {
            "station_id": [f"s{i:03d}" for i in range(count)],
            "platform": pd.Categorical(platform),
            "format": format.astype("category"),
            "city": pd.Categorical(np.where(np.arange(count) % 7 == 6, NEIGHBOUR, CITY)),
            "lat": 30.25 + rng.uniform(-spread, spread, count),
            "lon": 120.15 + rng.uniform(-spread, spread, count),
            "opened": pd.Timestamp("2020-01-01"),
            "closed": pd.NaT,
            "cells": pd.array(np.where(platform == "hivebox", 84 + 84 * (np.arange(count) % 3), 0), "Int64"),
        }
    ).assign(cells=lambda frame: frame["cells"].where(frame["platform"] == "hivebox"))
