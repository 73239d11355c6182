"""Populated places of mainland China with their prefecture: towns, townships, seats of counties.

From GeoNames (CC BY 4.0; source and changes in the file). Two in ten carry a population, of differing years.
"""

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.cities import FILES, cities
from data.geo import distance_km
from data.places import counties as county_units

NOT_ITS_OWN = frozenset(
    {
        *(1784285, 1785725, 1794903, 8067345, 8347664, 10794003, 11838258, 11995100),
        *(12324556, 12359313, 12446699, 13512505, 13512708),
        *(1790842, 1798425, 1809412, 1815463, 7602670, 9931406),
    }
)
"""Places listed with a population that is not theirs.

Seats and an area with that of the whole prefecture, counties and all: Zhongwei, Yunfu, Shiyan, Shannan, Ordos, Panjin,
Bayannur, Bazhong; Shizuishan, Qingyang, Daxinganling, Lvliang, Nyingchi. With that of all Ningxia (Wuzhong), of another
place of the name (Puyang, Guli, Changzhi, Jianshui) or of the whole county-level city beside its seat (Zhucheng).

Cities that are one with their prefecture, as they have districts alone (Nanjing, Haikou, Sanya, Shenzhen, Xiamen and
others), keep everybody: there the number is theirs.
"""
BUILT_UP_PER_KM2 = 10_000.0
"""People on a square kilometre of urban land: 100 square metres each, a round number (see `demand_assumptions`)."""
SEAT_WITHIN_KM = 3.0
_LEAST_LEFT = 0.1
"""Part of a listed population that stays with a place whose listed parts are taken out."""


@cache
def settlements() -> pd.DataFrame:
    """One row per place, in order of `geonameid`. Shared: do not change it.

    Columns: geonameid, name_zh ("" unknown), name_en, lat, lon (degrees, WGS-84), population (people, as listed; not a
    number where unknown or not its own), people (the same without the listed parts of the place: a weight, no count),
    prefecture (adcode, "" where the province rules directly), county (adcode where the place is its seat, else ""),
    seat (of its prefecture).

    A large city is often listed with everybody in it beside its districts and towns. So that these do not weigh double,
    a place gives up the people of every listed place inside the circle that its own would fill at `BUILT_UP_PER_KM2`.
    That is a rule of thumb: numbers are of unlike years, some places stand there twice under old and new names or as
    halves (Wanzhou and Wanxian; Puxi and Pudong beside the districts of Shanghai), 399 pairs lie within a kilometre of
    each other, and every place keeps a tenth. People of a prefecture add to at most 1.27 of its census (Shanghai; above
    1.05 in five), and to half of it in all: weigh places of one prefecture with them, and count heads by the census.
    """
    text = dict.fromkeys(("name_zh", "name_en", "prefecture", "county"), str)
    blank = {"population": [""]}
    table = pd.read_csv(FILES / "settlements.csv", comment="#", dtype=text, keep_default_na=False, na_values=blank)
    listed = table["population"].astype("float64").mask(table["geonameid"].isin(NOT_ITS_OWN))
    places = table.assign(population=listed, people=np.nan, seat=_seats(table))
    for rows in places.groupby("prefecture").indices.values():
        known = rows[listed.to_numpy()[rows] > 0]
        places.loc[known, "people"] = own_people(
            *(places.loc[known, c].to_numpy() for c in ("lat", "lon", "population"))
        )
    return places


def own_people(
    lat: NDArray[np.float64], lon: NDArray[np.float64], population: NDArray[np.float64]
) -> NDArray[np.float64]:
    """People of each place without those of the places inside it, each of which belongs to the smallest around it.

    Parameters
    ----------
    lat, lon : array (n,)
        Degrees.
    population : array (n,)
        People listed, above zero.
    """
    left, order = population.copy(), np.argsort(-population, kind="stable")
    reach_km = np.sqrt(population / (np.pi * BUILT_UP_PER_KM2))
    for rank, place in enumerate(order):
        above = order[:rank]
        within = distance_km(lat[place], lon[place], lat[above], lon[above]) <= reach_km[above]
        if within.any():
            left[above[within][-1]] -= population[place]
    return np.maximum(left, _LEAST_LEFT * population)


def _seats(table: pd.DataFrame) -> NDArray[np.bool_]:
    """The place nearest to each prefecture's seat, within `SEAT_WITHIN_KM`."""
    seat = cities().reindex(table["prefecture"])
    gap = pd.Series(distance_km(*(frame[c].to_numpy() for frame in (table, seat) for c in ("lat", "lon"))))
    near = gap[gap <= SEAT_WITHIN_KM]
    found = np.zeros(len(table), dtype=np.bool_)
    found[near.groupby(table["prefecture"][near.index]).idxmin()] = True
    return found


@cache
def counties() -> pd.DataFrame:
    """Counties whose seat is among the settlements, index `adcode` in order. Shared: do not change it.

    Columns: lat, lon (degrees, WGS-84), population (people of the seat as listed, not a number where unknown),
    prefecture (adcode, "" where the province rules directly). 1,730 of the 2,846 county-level units are placed:
    1,417 of 1,867 counties, banners and county-level cities, and 313 of 979 districts.
    """
    seats = settlements().query("county != ''").set_index("county").rename_axis("adcode").sort_index()
    return seats[["lat", "lon", "population"]].join(county_units()["prefecture"])
