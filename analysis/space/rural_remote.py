"""Parcels for remote provinces: what the way costs each courier alone, and what it costs when they are gathered."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.economics.assumptions import ASSUMPTIONS, Assumption
from data import record
from data.cities import cities
from data.geo import Degrees, distance_km

PROVINCES = ("Xizang (Tibet)", "Xinjiang", "Qinghai", "Gansu", "Ningxia", "Inner Mongolia")
"""Where a parcel costs extra, in the order shown."""
HUBS = ("610100", "510100", "620100", "410100")
"""Where parcels can be gathered: Xi'an, Chengdu, Lanzhou, Zhengzhou."""
ORIGIN = "330700"
"""Where parcels start: Jinhua (Yiwu), first by parcels sent in 2020 to 2022 (reprints of the bureau's ranks); in 2025
Guangzhou."""
WAYS = ("alone", "together")
LEGS = ("origin", "gathering", "trunk", "branch", "last")
"""What a parcel costs: pick-up and way to the hub, sorting once more there, hub to prefecture, prefecture to county,
hand-over."""
_PAYER = "duoduo"
_SENT = "2021-H1"

# fmt: off
_LIST = (
    ASSUMPTIONS["price_cny_per_parcel"],
    Assumption("origin_cny_per_parcel", 1.0, 0.5, 3.0, "cny_per_parcel"),
    Assumption("gathering_cny_per_parcel", 0.4, 0.1, 1.5, "cny_per_parcel"),
    Assumption("last_cny_per_parcel", 1.2, 0.5, 3.0, "cny_per_parcel"),
    Assumption("truck_cny_per_km", 6.5, 4.0, 10.0, "cny_per_km"),
    Assumption("truck_parcels", 8000.0, 3000.0, 15000.0, "parcels"),
    Assumption("load_alone", 0.3, 0.1, 1.0, "fraction"),
    Assumption("load_together", 0.85, 0.1, 1.0, "fraction"),
    Assumption("empty_way_back", 0.7, 0.0, 1.0, "fraction"),
    Assumption("detour", 1.35, 1.0, 2.0, "ratio"),
    Assumption("van_cny_per_km", 2.0, 1.0, 4.0, "cny_per_km"),
    Assumption("van_parcels", 400.0, 100.0, 1500.0, "parcels"),
    Assumption("couriers_alone", 5.0, 1.0, 8.0, "couriers"),
)
# fmt: on
REMOTE: dict[str, Assumption] = {item.key: item for item in _LIST}
"""Nothing but the price is printed anywhere: loads, trips and costs are assumed and open to change."""
ABOVE_ZERO = frozenset({"truck_parcels", "load_alone", "load_together", "van_parcels", "couriers_alone"})
"""What others are divided by."""


def values(changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """Every number of `REMOTE`, the `changed` ones instead of their defaults.

    Raises
    ------
    ValueError
        For a key that is none of them, or a value that is no finite number of 0 or more (what others are divided by:
        above 0).
    """
    found = {key: item.value for key, item in REMOTE.items()}
    for key, value in (changed or {}).items():
        if key not in found:
            raise ValueError(f"{key!r} is no number of remote provinces: choose from {', '.join(found)}")
        if not np.isfinite(value) or value < 0 or (value == 0 and key in ABOVE_ZERO):
            raise ValueError(f"{key} is {value}: give a number of 0 or more, and above 0 what others are divided by")
        found[key] = float(value)
    return found


def prefectures(panel_month: pd.DataFrame, units: pd.DataFrame, *, hub: str, days: float) -> pd.DataFrame:
    """Remote prefectures with their parcels and ways.

    Parameters
    ----------
    panel_month : DataFrame
        Panel rows of one month: city, platform, parcels.
    units : DataFrame
        What `analysis.space.rural.units` returns.
    hub : str
        Adcode of the city where parcels are gathered.
    days : float
        Of that month, by the calendar.

    Returns
    -------
    DataFrame
        Index city; province, parcels_per_day (handed over in the city by all networks and at the door), origin_km
        (`ORIGIN` to hub), trunk_km (hub to seat), branch_km (seat to the seats of its counties, mean; where none is
        placed, the mean of its province), all great circle, and counties (1 or more).
    """
    table = cities()
    table = table[table["province_en"].isin(PROVINCES)]
    start, origin = (cities().loc[code] for code in (hub, ORIGIN))
    per_day = panel_month.groupby(panel_month["city"].astype("str"))["parcels"].sum() / days
    own = units[units["city"].isin(table.index)]
    seat = table.reindex(own["city"])
    away = pd.Series(distance_km(*(frame[c].to_numpy() for frame in (seat, own) for c in ("lat", "lon"))), own["city"])
    branch = away.groupby(level=0).mean().reindex(table.index)
    found = pd.DataFrame(
        {
            "province": table["province_en"],
            "parcels_per_day": per_day.reindex(table.index).fillna(0.0),
            "origin_km": _away(origin, start["lat"], start["lon"]),
            "trunk_km": _away(start, table["lat"], table["lon"]),
            "branch_km": branch.fillna(branch.groupby(table["province_en"]).transform("mean")).fillna(branch.mean()),
            "counties": own["city"].value_counts().reindex(table.index).fillna(1).clip(lower=1),
        }
    )
    return found[found["parcels_per_day"] > 0].rename_axis("city")


def _away(place: pd.Series, lat: Degrees | pd.Series, lon: Degrees | pd.Series) -> NDArray[np.float64]:
    """Kilometres from one city."""
    return distance_km(float(place["lat"]), float(place["lon"]), np.asarray(lat, float), np.asarray(lon, float))


def costs(table: pd.DataFrame, changed: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Cost of a parcel in each prefecture, each courier alone and gathered at the hub.

    Parameters
    ----------
    table : DataFrame
        What `prefectures` returns.
    changed : mapping, optional
        Numbers of `REMOTE` that differ from their defaults.

    Returns
    -------
    DataFrame
        Index city; columns (way, leg), CNY per parcel. To the hub trucks of the whole network run, as full both ways
        as gathered ones. Beyond it a truck's way is paid to its end and, for the part that it drives empty, back. Every
        courier that is alone sends a van of its own to every county every day, however little it carries; together one
        van goes, or as many as the parcels fill.
    """
    v, out = values(changed), {}
    per_county = (table["parcels_per_day"] / table["counties"]).to_numpy()
    full = v["detour"] * v["truck_cny_per_km"] / (v["truck_parcels"] * v["load_together"])
    for way in WAYS:
        senders = v["couriers_alone"] if way == "alone" else 1.0
        trips = senders * np.maximum(per_county / senders / v["van_parcels"], 1.0)
        run = 2 * table["branch_km"].to_numpy() * v["detour"] * v["van_cny_per_km"]
        trip = table["trunk_km"].to_numpy() * v["detour"] * v["truck_cny_per_km"] * (1 + v["empty_way_back"])
        out[way, "origin"] = v["origin_cny_per_parcel"] + table["origin_km"].to_numpy() * full
        out[way, "gathering"] = np.full(len(table), v["gathering_cny_per_parcel"] if way == "together" else 0.0)
        out[way, "trunk"] = trip / (v["truck_parcels"] * v[f"load_{way}"])
        out[way, "branch"] = run * trips / per_county
        out[way, "last"] = np.full(len(table), v["last_cny_per_parcel"])
    return pd.DataFrame(out, table.index)


def provinces(
    panel_month: pd.DataFrame,
    units: pd.DataFrame,
    network: str,
    *,
    hub: str,
    days: float,
    paid_cny_per_parcel: float = 0.0,
    changed: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Cost against price, and what gathering saves, by remote province of the market.

    Parameters
    ----------
    panel_month, units, hub, days, changed
        As in `prefectures` and `costs`.
    network : str
        Who pays for the way.
    paid_cny_per_parcel : float
        What it pays for each of its parcels to these provinces.

    Returns
    -------
    DataFrame
        Index province (those of `PROVINCES` with parcels); parcels (of the month, all networks and at the door), own
        (of `network`), for each way a column per leg ("alone.trunk") and its sum ("alone"), brings (price), saved (CNY
        per parcel), saved_per_month (CNY, of all parcels), short (what a gathered parcel costs beyond its price),
        paid_per_month (CNY of `network`), more (parcels a month that the payment adds, as scenarios count forwarding).
    """
    table = prefectures(panel_month, units, hub=hub, days=days)
    weight = table["parcels_per_day"]
    legs = costs(table, changed).mul(weight, axis=0).groupby(table["province"]).sum()
    per_day = weight.groupby(table["province"]).sum()
    legs = legs.div(per_day, axis=0)
    mine = panel_month[(panel_month["platform"] == network).to_numpy()]
    own = mine.groupby(mine["city"].astype("str"))["parcels"].sum().reindex(table.index).fillna(0.0)
    price, elasticity = values(changed)["price_cny_per_parcel"], ASSUMPTIONS["demand_elasticity"].value
    cheaper = paid_cny_per_parcel * own / (weight * days) / ASSUMPTIONS["price_cny_per_parcel"].value
    more = weight * days * np.expm1(elasticity * cheaper)
    own, more = (column.groupby(table["province"]).sum() for column in (own, more))
    sums = {way: legs[way].sum(axis=1) for way in WAYS}
    found = pd.DataFrame(
        {
            "parcels": per_day * days,
            "own": own,
            **{f"{way}.{leg}": legs[way, leg] for way in WAYS for leg in LEGS},
            **sums,
            "brings": price,
            "saved": sums["alone"] - sums["together"],
            "saved_per_month": (sums["alone"] - sums["together"]) * per_day * days,
            "short": (sums["together"] - price).clip(lower=0.0),
            "paid_per_month": paid_cny_per_parcel * own,
            "more": more,
        }
    )
    return found.reindex([name for name in PROVINCES if name in found.index]).rename_axis("province")


def sent() -> pd.Series:
    """Revenue per parcel that was sent from each remote province, first half of 2021, CNY, as printed.

    Counted where parcels are sent: not what one that arrives brings.
    """
    rows = record.load()
    rows = rows[(rows["period"] == _SENT) & rows["id"].str.startswith("by_province")]
    volume, revenue = (
        rows[rows["metric"] == metric].set_index("place")["value"] for metric in ("express_volume", "express_revenue")
    )
    each = (revenue / volume).dropna()
    plain = {name: name.split("(")[-1].rstrip(")").replace(" ", "") for name in PROVINCES}
    return pd.Series({name: float(each[each.index.str.endswith(f" {plain[name]}")].iloc[0]) for name in PROVINCES})


def highest_payment() -> float:
    """The largest payment per parcel on record, CNY: what scenarios take for forwarding."""
    rows = record.load()
    found = rows[(rows["metric"] == "subsidy_per_parcel_high") & (rows["network"] == _PAYER)]
    return float(found["value"].iloc[0])
