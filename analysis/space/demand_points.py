"""A reader's own demand points as demand: in cities, with what they leave out taken from the modelled surface."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.space.demand import DEMAND
from data.geo import distance_km, prefecture_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

FARTHEST_KM = 30.0
"""From the nearest modelled cell to a point that still belongs to its city."""
FILLED = ("people", "rural", "parcels_per_day")


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Demand of a file.

    Attributes
    ----------
    demand : DataFrame
        Columns of `demand.DEMAND`, then `name`.
    filled : tuple of str
        Those of FILLED that the file leaves blank in some rows: there they are modelled.
    beyond : int
        Points left out, as they lie in no city.
    """

    demand: pd.DataFrame
    filled: tuple[str, ...]
    beyond: int


def points(given: pd.DataFrame, modelled: pd.DataFrame) -> Points:
    """Bring a reader's points into the columns of demand.

    People that are blank follow from the parcels, parcels from the people, at the parcels a head of the modelled cell
    nearest to the point; people in villages are that cell's share of them.

    Parameters
    ----------
    given : DataFrame
        Canonical columns of `data.extras.DEMAND`; rows without people and parcels are left out.
    modelled : DataFrame
        Demand cells of the whole country.
    """
    said = given[given[["people", "parcels_per_day"]].notna().any(axis=1)]
    cell = modelled.iloc[_nearest(said, modelled)]
    lat, lon = said["lat"].to_numpy(float), said["lon"].to_numpy(float)
    near = distance_km(lat, lon, cell["lat"].to_numpy(), cell["lon"].to_numpy()) <= FARTHEST_KM
    inside = prefecture_at(lon, lat)
    known = np.isin(inside, modelled["city"].cat.categories.astype(str))
    city = np.where(known, inside, np.where(near, cell["city"].astype(str), ""))
    a_head = _ratio(cell["parcels_per_day"], cell["people"])
    people, parcels, rural = (said[name].to_numpy(float) for name in ("people", "parcels_per_day", "village_people"))
    lived = np.where(np.isnan(people), _ratio(parcels, a_head), people)
    sent = np.where(np.isnan(parcels), people * a_head, parcels)
    in_villages = np.where(np.isnan(rural), lived * _ratio(cell["rural"], cell["people"]), np.minimum(rural, lived))
    table = pd.DataFrame(
        {"city": city, "lat": lat.round(5), "lon": lon.round(5), "people": lived, "rural": in_villages}
        | {"parcels_per_day": sent, "name": said["name"].astype(str).to_numpy()}
    )
    blank = [bool(np.isnan(column).any()) for column in (people, rural, parcels)]
    kept = table[table["city"] != ""].reset_index(drop=True)
    filled = tuple(name for name, some in zip(FILLED, blank, strict=True) if some)
    return Points(kept.astype({"city": "category"})[[*DEMAND, "name"]], filled, int((table["city"] == "").sum()))


def _nearest(said: pd.DataFrame, modelled: pd.DataFrame) -> "NDArray[np.int64]":
    """Place of the cell nearest to each point."""
    from scipy.spatial import cKDTree

    cells, wanted = (_directions(frame) for frame in (modelled, said))
    return np.asarray(cKDTree(cells).query(wanted)[1], dtype=np.int64)


def _directions(frame: pd.DataFrame) -> "NDArray[np.float64]":
    """Unit vectors of points: array (n, 3)."""
    lat, lon = (np.radians(frame[name].to_numpy(float)) for name in ("lat", "lon"))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _ratio(above: object, below: object) -> "NDArray[np.float64]":
    """Quotient, 0 where the divisor is."""
    top, bottom = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.divide(top, bottom, out=np.zeros_like(bottom), where=bottom > 0)
