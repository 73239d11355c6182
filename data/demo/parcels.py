"""Rows of the illustrative market's volumes: city totals by origin of the order and by network, in whole parcels."""

import numpy as np
import pandas as pd

from data.demo.grid import Ints, city_table, networks, published, to_total
from data.demo.model import Choice, choice, origin_shares, shocks
from data.demo.volumes import city_totals
from data.platforms import PLATFORMS


def volumes() -> pd.DataFrame:
    """One row per month, city, network and origin with parcels, sorted in that order."""
    months, keys = published(), networks()
    origins, shares = origin_shares(months)
    totals = city_totals()
    by_origin = to_total(np.broadcast_to(shares[:, None, :], (*totals.shape, len(origins))), totals)
    drawn = choice(months, shock=shocks())
    parcels = np.stack([_handed_over(drawn, by_origin[..., n], name) for n, name in enumerate(origins)], axis=3)
    month, city, network, origin = np.nonzero(parcels)
    first = months.to_timestamp().as_unit("us").to_numpy()
    return pd.DataFrame(
        {
            "month": first[month],
            "city": pd.Categorical.from_codes(city, list(city_table().index)),
            "platform": pd.Categorical.from_codes(network, keys),
            "parcels": parcels[month, city, network, origin],
            "origin": pd.Categorical.from_codes(origin, list(origins)),
        }
    )


def _handed_over(drawn: Choice, totals: Ints, origin: str) -> Ints:
    """Parcels of one origin's orders: array (months, cities, networks); its own networks get theirs first."""
    own = np.array([PLATFORMS[key].owner == origin for key in networks()])
    captive = drawn.captive * own
    weights = captive + (1 - captive.sum(axis=2, keepdims=True)) * drawn.free
    return to_total(weights, totals)
