"""Who serves whom, gathered into H3 cells for a map."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.coverage import SERVED


def cells(lat: npt.ArrayLike, lon: npt.ArrayLike, resolution: int) -> npt.NDArray[np.uint64]:
    """H3 cells of positions in degrees."""
    from h3ronpy.vector import coordinates_to_cells

    return np.asarray(coordinates_to_cells(np.asarray(lat, np.float64), np.asarray(lon, np.float64), resolution))


def text(found: npt.NDArray[np.uint64]) -> list[str]:
    """H3 cells as a map and other software write them."""
    return [f"{cell:x}" for cell in found.tolist()]


def served_cells(demand: pd.DataFrame, by_whom: pd.Series, *, weight: str, resolution: int, most: int) -> pd.DataFrame:
    """The `most` H3 cells with most `weight`, by who serves it.

    Parameters
    ----------
    demand : DataFrame
        Columns city, lat, lon and `weight`.
    by_whom : Series
        Who serves each demand point, as `analysis.space.coverage.served` says.
    weight : str
        "people" or "parcels_per_day".
    resolution : int
        H3: 5 has cells of 250 km2, 8 of 0.7 km2.
    most : int

    Returns
    -------
    DataFrame
        Columns cell (text), lat, lon (middle of the weight, degrees), city (of its heaviest demand point), amount,
        one column of fractions for each of `SERVED`, first (who serves most of it); least amount first. Attribute
        `held`: fraction of all weight in these cells.
    """
    weights = demand[weight].to_numpy(np.float64)
    codes, names = pd.factorize(cells(demand["lat"], demand["lon"], resolution))
    size = len(names) * len(SERVED)
    sums = np.bincount(codes * len(SERVED) + by_whom.cat.codes.to_numpy(np.intp), weights, minlength=size)
    parts = sums.reshape(-1, len(SERVED))
    amount = parts.sum(axis=1)
    order = np.argsort(-amount, kind="stable")[:most][::-1]
    order = order[amount[order] > 0]
    whole = amount[order]
    table = pd.DataFrame({"cell": text(names[order])})
    for name in ("lat", "lon"):
        middle = np.bincount(codes, weights * demand[name].to_numpy(np.float64), minlength=len(names))[order]
        table[name] = (middle / whole).round(5)
    heaviest = np.argsort(weights, kind="stable")
    at = np.zeros(len(names), np.intp)
    at[codes[heaviest]] = heaviest
    table["city"] = demand["city"].astype(str).to_numpy(object)[at[order]]
    table["amount"] = whole
    table[list(SERVED)] = parts[order] / whole[:, None]
    table["first"] = pd.Categorical.from_codes(parts[order].argmax(axis=1), SERVED)
    table.attrs["held"] = float(whole.sum() / amount.sum()) if len(order) else 0.0
    return table
