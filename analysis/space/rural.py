"""Who the countryside is reached by: counties with a station near their seat, people of villages near a rural point."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.space.nearest import count_within, nearest_m
from data import places, settlements
from data.cities import TIERS, cities

WHO = ("centres", "rural", "chinapost", "focus", "staffed")
"""Whose stations count: service centres of all networks, one network's, any with people in it."""
VILLAGE_RADII_M = (3000, 5000)
LOCKER, CENTRE = "locker", "service_centre"
DISTRICT, COUNTY = "district", "county"
_NO_DISTRICTS = ("神农架林区", "六枝特区")
"""County-level units of their own, whose names end like those of districts."""


def units() -> pd.DataFrame:
    """County-level units, one row each.

    Returns
    -------
    DataFrame
        Index adcode in order; name_zh, name_en (pinyin, or the Chinese name with that of its seat where the reading is
        not certain), kind ("district" of a city, else "county"), city (adcode, "" where the province rules it
        directly), province (English), tier (missing without a city), lat and lon of the seat (degrees, WGS-84; NaN
        where not known).
    """
    listed, seats, known = places.counties(), settlements.counties(), cities()
    towns = settlements.settlements()
    seat = towns[towns["county"] != ""].set_index("county")["name_en"].reindex(listed.index)
    seated = (listed["name_zh"] + " (" + seat + ")").fillna(listed["name_zh"])
    province = known["province_en"].groupby(known.index.str[:2]).first()
    district = listed["name_zh"].str.endswith("区") & ~listed["name_zh"].isin(_NO_DISTRICTS)
    tier = known["tier"].astype("str").reindex(listed["prefecture"]).to_numpy()
    return pd.DataFrame(
        {
            "name_zh": listed["name_zh"],
            "name_en": listed["pinyin"].where(listed["pinyin"] != "", seated),
            "kind": np.where(district, DISTRICT, COUNTY),
            "city": listed["prefecture"],
            "province": province.reindex(listed.index.str[:2]).to_numpy(),
            "tier": pd.Categorical(tier, TIERS, ordered=True),
            **{name: seats[name].reindex(listed.index) for name in ("lat", "lon")},
        }
    )


def points(stations: pd.DataFrame, who: str, network: str) -> pd.DataFrame:
    """Rows of `stations` that count under `who` (one of `WHO`); `network` is the one in focus.

    Raises
    ------
    ValueError
        For another `who`.
    """
    if who == "centres":
        return stations[(stations["format"] == CENTRE).to_numpy()]
    if who == "staffed":
        return stations[(stations["format"] != LOCKER).to_numpy()]
    if who not in WHO:
        raise ValueError(f"{who!r} is none of {', '.join(WHO)}")
    return stations[(stations["platform"] == (network if who == "focus" else who)).to_numpy()]


def reach(table: pd.DataFrame, points: pd.DataFrame, *, within_km: float) -> pd.DataFrame:
    """`table` of `units` with what stands near each seat.

    Parameters
    ----------
    table : DataFrame
        What `units` returns, or rows of it.
    points : DataFrame
        Columns lat and lon, degrees.
    within_km : float
        Great-circle distance from the seat that counts as near.

    Returns
    -------
    DataFrame
        `table` with placed (whether the seat is known), nearest_km (infinite without any point, NaN where not placed),
        near (points within the distance, 0 where not placed) and reached (near > 0).
    """
    placed = table["lat"].notna().to_numpy()
    at = [table[name].to_numpy()[placed] for name in ("lat", "lon")]
    to = [points[name].to_numpy() for name in ("lat", "lon")]
    nearest, near = np.full(len(table), np.nan), np.zeros(len(table), np.int64)
    nearest[placed] = nearest_m(*at, *to) / 1000
    near[placed] = count_within(*at, *to, within_m=within_km * 1000)
    return table.assign(placed=placed, nearest_km=nearest, near=near, reached=near > 0)


def village_people(
    people: pd.DataFrame, points: pd.DataFrame, *, radii_m: Collection[int] = VILLAGE_RADII_M
) -> pd.DataFrame:
    """People of villages within each radius of a point, by city.

    Parameters
    ----------
    people : DataFrame
        Columns city, lat, lon and rural (people of villages).
    points : DataFrame
        Columns lat and lon.
    radii_m : collection of int
        Great-circle metres.

    Returns
    -------
    DataFrame
        Index city; rural (people) and one column of people for each radius.
    """
    rows = people[people["rural"].to_numpy() > 0]
    rural, widest = rows["rural"].to_numpy(), float(max(radii_m))
    at, to = ([frame[name].to_numpy() for name in ("lat", "lon")] for frame in (rows, points))
    metres = nearest_m(*at, *to, within_m=widest)
    sums = {"rural": rural} | {radius: np.where(metres <= radius, rural, 0.0) for radius in radii_m}
    return pd.DataFrame(sums).groupby(rows["city"].astype("str").to_numpy()).sum().rename_axis("city")


def groups(
    reached: pd.DataFrame, villages: pd.DataFrame, points: pd.DataFrame, *, by: str, within: Collection[str] = ()
) -> pd.DataFrame:
    """Counties and village people reached, by province or tier, with a row "all" for their sum.

    Parameters
    ----------
    reached : DataFrame
        What `reach` returns; units without a city count in their province and in no tier.
    villages : DataFrame
        What `village_people` returns.
    points : DataFrame
        Column city.
    by : str
        "province" or "tier".
    within : collection of str
        Adcodes of the cities that are shown; empty for all, units without a city among them.

    Returns
    -------
    DataFrame
        Index group; units, placed, reached (counts), part (reached over placed), low and high (bounds of the part of
        all units: seats that are not placed all out, all in), points, points_per_unit, rural (people) and the columns
        of the radii (fractions of rural). NaN where there is nothing to divide by.
    """
    known = cities()
    chosen = known.loc[known.index.isin(list(within))] if within else known
    rows = reached[reached["city"].isin(chosen.index) | ((reached["city"] == "") & (not within))]
    group = chosen["province_en"] if by == "province" else chosen["tier"].astype("str")
    counted = (
        pd.DataFrame({"units": 1, "placed": rows["placed"].astype(int), "reached": rows["reached"].astype(int)})
        .groupby(rows[by].astype("str").to_numpy())
        .sum()
    )
    living = villages.reindex(chosen.index).fillna(0.0).groupby(group.to_numpy()).sum()
    stand = (
        points["city"].astype("str").value_counts().reindex(chosen.index, fill_value=0).groupby(group.to_numpy()).sum()
    )
    table = living.join(counted, how="left").join(stand.rename("points")).fillna(0.0)
    named = [name for name in (*TIERS, *dict.fromkeys(known["province_en"])) if name in table.index]
    table = pd.concat([table.loc[named], table.sum().to_frame("all").T])
    if by == "tier":
        loose = rows[rows["city"] == ""]
        table.loc["all", ["units", "placed", "reached"]] += [len(loose), loose["placed"].sum(), loose["reached"].sum()]
    return _divided(table.rename_axis(by), list(villages.columns[1:]))


def _divided(table: pd.DataFrame, radii: list[int]) -> pd.DataFrame:
    """Counts with their parts."""
    units, placed = (table[name].where(table[name] > 0) for name in ("units", "placed"))
    unknown = table["units"] - table["placed"]
    shares = {radius: table[radius] / table["rural"].where(table["rural"] > 0) for radius in radii}
    whole = ["units", "placed", "reached", "points"]
    return (
        table.astype(dict.fromkeys(whole, "int64"))
        .assign(
            part=table["reached"] / placed,
            low=table["reached"] / units,
            high=(table["reached"] + unknown) / units,
            points_per_unit=table["points"] / units,
            **{str(radius): share for radius, share in shares.items()},
        )
        .drop(columns=radii)
    )
