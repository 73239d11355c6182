"""Which stations may matter for some demand points, and how widely people lie around each point."""

import numpy as np
import pandas as pd

from analysis.space.huff import ASSUMED, Floats
from analysis.space.sphere import DEGREE_M


def around_demand(demand: pd.DataFrame, stations: pd.DataFrame, reach_m: float) -> pd.DataFrame:
    """Stations that may be within reach of a demand point: those in its box of degrees, widened by the reach."""
    lat, lon = stations["lat"].to_numpy(), stations["lon"].to_numpy()
    north = 1.01 * reach_m / DEGREE_M
    widest = np.abs(demand["lat"]).max() + north
    east = north / max(np.cos(np.radians(min(widest, 89.0))), 0.01)
    inside = (lat >= demand["lat"].min() - north) & (lat <= demand["lat"].max() + north)
    return stations[inside & (lon >= demand["lon"].min() - east) & (lon <= demand["lon"].max() + east)]


def spread_m(demand: pd.DataFrame, reach_m: float) -> Floats:
    """Mean distance to each demand point of the people that it stands for, spread evenly over its cell, (points,).

    A cell is as wide and high as `degrees` says, in metres less wide than high: sqrt(a^2 + b^2) / 3 + a^2 / 6b
    asinh(b / a) + b^2 / 6a asinh(a / b) for half its sides a and b. Points without a cell (no `degrees`, or 0) have the
    usual guard. At least that, and at most a quarter of the reach.
    """
    least = ASSUMED["least_m"].value
    sides = demand["degrees"].to_numpy(float) if "degrees" in demand else np.zeros(len(demand))
    found, cell = np.full(len(demand), least), sides > 0
    high = DEGREE_M * sides[cell] / 2
    wide = high * np.maximum(np.cos(np.radians(demand["lat"].to_numpy(float)[cell])), 0.01)
    narrow = wide**2 / (6 * high) * np.arcsinh(high / wide) + high**2 / (6 * wide) * np.arcsinh(wide / high)
    found[cell] = np.hypot(wide, high) / 3 + narrow
    return np.clip(found, least, max(reach_m / 4, least))
