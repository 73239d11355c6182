"""Grids of demand made finer where people live close together, and coarser where they do not."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.sphere import DEGREE_M

AMOUNTS = ("people", "rural", "parcels_per_day")


def finer(demand: pd.DataFrame, side: float) -> pd.DataFrame:
    """Demand cells cut into equal squares of at most `side` degrees, each with its part of the amounts.

    Column `degrees` holds the side of a cell (0 for a point, which stays whole). Rows come in a new order.
    """
    pieces = np.ceil(demand["degrees"].to_numpy() / side - 1e-6).astype(np.intp)
    tables = [_cut(demand[pieces == many], int(many)) for many in np.unique(pieces)]
    return pd.concat(tables, ignore_index=True) if tables else demand


def _cut(demand: pd.DataFrame, pieces: int) -> pd.DataFrame:
    if pieces <= 1:
        return demand
    steps = (np.arange(pieces) + 0.5) / pieces - 0.5
    north, east = (step.ravel() for step in np.meshgrid(steps, steps, indexing="ij"))
    found = demand.iloc[np.repeat(np.arange(len(demand)), pieces**2)]
    side = found["degrees"].to_numpy()
    return found.assign(
        **{name: found[name] / pieces**2 for name in AMOUNTS if name in found},
        lat=found["lat"].to_numpy() + side * np.tile(north, len(demand)),
        lon=found["lon"].to_numpy() + side * np.tile(east, len(demand)),
        degrees=side / pieces,
    )


def dense(cells: pd.DataFrame, per_km2: float) -> npt.NDArray[np.bool_]:
    """Which cells (columns lat, people, degrees) hold more people a square kilometre; never a point."""
    km2 = (cells["degrees"] * DEGREE_M / 1000) ** 2 * np.cos(np.radians(cells["lat"]))
    return ((cells["people"] > per_km2 * km2) & (km2 > 0)).to_numpy()


def gathered(cells: pd.DataFrame, degrees: float, *, per_km2: float) -> pd.DataFrame:
    """Cells put together into squares of `degrees` wherever those hold at most `per_km2` people a square kilometre.

    Parameters
    ----------
    cells : DataFrame
        Columns city, lat, lon (middle of a cell), people, degrees, others of `AMOUNTS`.
    degrees : float
        Side of the large cells, on the grid of whole multiples of it.
    per_km2 : float

    Returns
    -------
    DataFrame
        The same columns. A large cell is of one city and lies where its people do on average; sums stay as they were.
    """
    codes, names = pd.factorize(cells["city"])
    row, column = (np.floor(cells[axis].to_numpy() / degrees).astype(np.int64) for axis in ("lat", "lon"))
    wide = int(np.ceil(720 / degrees))
    _, place = np.unique((codes * wide + row + wide // 2) * wide + column, return_inverse=True)
    people = cells["people"].to_numpy()
    size = int(place.max(initial=-1)) + 1
    km2 = (degrees * DEGREE_M / 1000) ** 2 * np.cos(np.radians(cells["lat"].to_numpy()))
    kept = np.bincount(place, people, minlength=size)[place] > per_km2 * km2
    some, at = cells[~kept], place[~kept]
    amounts = {name: np.bincount(at, some[name], minlength=size) for name in AMOUNTS if name in cells}
    full = np.flatnonzero(amounts["people"] > 0)
    city = np.zeros(size, np.intp)
    city[at] = codes[~kept]
    large = pd.DataFrame({name: values[full] for name, values in amounts.items()})
    for axis in ("lat", "lon"):
        middle = np.bincount(at, some["people"] * some[axis], minlength=size)[full]
        large[axis] = middle / amounts["people"][full]
    large["city"] = pd.Categorical.from_codes(city[full], names.astype(str))
    large["degrees"] = degrees
    whole = cells[kept].assign(city=pd.Categorical.from_codes(codes[kept], names.astype(str)))
    return pd.concat([whole, large[list(cells.columns)]], ignore_index=True)
