"""Untreated neighbours of treated units: a ring to leave out, and the effect that spills over to it."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.effect.design import Floats
from analysis.effect.errors import EffectError
from analysis.effect.fit import WHOLE, EffectFit, att
from data import geo


def distance_km(places: pd.DataFrame, others: pd.DataFrame) -> Floats:
    """Great-circle distance between all `places` (rows) and `others` (columns); both have lat, lon in degrees."""
    lat, lon = (places[c].to_numpy(np.float64)[:, None] for c in ("lat", "lon"))
    to_lat, to_lon = (others[c].to_numpy(np.float64) for c in ("lat", "lon"))
    return geo.distance_km(lat, lon, to_lat, to_lon)


def ring(cities: pd.DataFrame, *, treated: Collection[str], radius_km: float) -> list[str]:
    """Untreated cities within `radius_km` of a treated one, to be left out as controls.

    Parameters
    ----------
    cities : pandas.DataFrame
        Index city; lat, lon in degrees (`data.cities.cities()`).
    treated : collection of str
    radius_km : float
    """
    if not radius_km > 0:
        raise ValueError(f"radius_km is {radius_km}: give a positive number of kilometres")
    inside = cities.index.isin(list(treated))
    near = distance_km(cities[~inside], cities[inside]) <= radius_km
    return list(cities.index[~inside][near.any(axis=1)])


def spill_over(
    panel: pd.DataFrame,
    cities: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    radius_km: float,
    starts: pd.Series | None = None,
    window: tuple[float, float] = WHOLE,
    level: float = 0.95,
) -> EffectFit:
    """Effect on untreated cities inside the ring, from the first treatment within `radius_km`, against those outside.

    Parameters
    ----------
    panel : pandas.DataFrame
        As for `att`; its treated units are left out.
    cities : pandas.DataFrame
        As for `ring`.
    starts : pandas.Series, optional
        First treated period of every treated city, also of those that the panel does not hold; the panel's by default.
    """
    own = panel.drop_duplicates(unit).set_index(unit)[cohort]
    begun = (own if starts is None else starts).dropna()
    apart = [name for name in own.index[own.isna()] if name not in begun.index]
    near = distance_km(cities.loc[apart], cities.loc[begun.index]) <= radius_km
    first = pd.Series([begun[row].min() if row.any() else pd.NaT for row in near], apart)
    if first.isna().all():
        raise EffectError("no_neighbours", f"no untreated unit lies within {radius_km:g} km of a treated one: widen it")
    if first.notna().all():
        raise EffectError(
            "no_controls", f"every untreated unit lies within {radius_km:g} km of a treated one: narrow it"
        )
    rows = panel[panel[unit].isin(apart)]
    moved = rows.assign(**{cohort: rows[unit].map(first)})
    return att(moved, outcome=outcome, unit=unit, time=time, cohort=cohort, window=window, level=level)
