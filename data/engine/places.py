"""Queries of place: hexagons, squares, and what lies within reach of a network's stations.

A place is a pair of whole numbers, reached by products, sums and `floor` alone. Distances are chords between unit
vectors, whose sines and cosines come from tables made once: both engines multiply the same numbers in the same order,
so a place that one finds within reach the other finds too.
"""

from typing import TYPE_CHECKING

import ibis
import numpy as np
from ibis import Table, _

from data.engine.queries import good, named
from data.engine.schema import BOX, COLLECTED
from data.geo import EARTH_KM

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SQUARES = 100
"""To the degree: a square is 1.1 km from south to north."""
KM_PER_DEGREE = EARTH_KM * np.pi / 180
MIDDLE = 35.0
"""Latitude at which hexagons are regular, degrees; to the south they are wider, to the north narrower."""
NORTHERN = 54.0
LATITUDES, LONGITUDES, STATIONS, NEAR, PEOPLE = "latitudes", "longitudes", "stations", "near", "people"
"""Small tables that `reach_tables` makes."""
_VECTOR = {"x": "float64", "y": "float64", "z": "float64"}
_PLACE = {"row": "int32", "col": "int32"}


def located(log: Table) -> Table:
    """Parcels collected at a place in China."""
    west, east, south, north = BOX
    rows = good(log).filter(_.kind == COLLECTED)
    return rows.filter(rows.lon.between(west, east), rows.lat.between(south, north))


def hexagons(log: Table, *, km: float) -> Table:
    """Parcels collected by network in hexagons that are `km` wide: `a`, `b` and parcels.

    Two lattices of rectangles, the second half a step off in both directions, have their centres where hexagons have
    theirs; a point belongs to the nearer centre. `centre` says where a hexagon lies.
    """
    wide, high = _steps(km)
    rows = located(log).select("network", u=_.lon / wide, v=_.lat / high)
    rows = rows.mutate(a0=(_.u + 0.5).floor(), b0=(_.v + 0.5).floor(), a1=_.u.floor(), b1=_.v.floor())
    rows = rows.mutate(du=_.u - _.a0, dv=_.v - _.b0, eu=_.u - _.a1 - 0.5, ev=_.v - _.b1 - 0.5)
    first = rows.du * rows.du + 3.0 * (rows.dv * rows.dv) <= rows.eu * rows.eu + 3.0 * (rows.ev * rows.ev)
    cells = rows.select(
        "network",
        a=ibis.ifelse(first, 2 * rows.a0, 2 * rows.a1 + 1).cast("int32"),
        b=ibis.ifelse(first, 2 * rows.b0, 2 * rows.b1 + 1).cast("int32"),
    )
    counts = cells.group_by("network", "a", "b").aggregate(parcels=_.count())
    return (
        named(counts.mutate(city=ibis.literal("")))
        .group_by("network", "a", "b")
        .aggregate(parcels=_.parcels.sum())
        .order_by("network", "a", "b")
    )


def _steps(km: float) -> tuple[float, float]:
    """Degrees from centre to centre of one lattice, eastwards and northwards."""
    return km / (KM_PER_DEGREE * float(np.cos(np.radians(MIDDLE)))), km * 3**0.5 / KM_PER_DEGREE


def centre(cells: "pd.DataFrame", *, km: float) -> "pd.DataFrame":
    """The cells with lon and lat of their centres, degrees."""
    wide, high = _steps(km)
    return cells.assign(lon=cells["a"] / 2 * wide, lat=cells["b"] / 2 * high)


def squares(log: Table) -> Table:
    """Parcels collected by city as written, in squares of a hundredth of a degree: `row` north, `col` east."""
    rows = located(log).select(
        "city", row=(_.lat * SQUARES).floor().cast("int32"), col=(_.lon * SQUARES).floor().cast("int32")
    )
    return rows.group_by("city", "row", "col").aggregate(amount=_.count())


def vectors(counts: Table) -> Table:
    """Squares with the unit vector of their middle and the bucket they lie in."""
    across = {"bucket": "int32", "sine": "float64", "cosine": "float64"}
    south = ibis.table({"at": "int32", **across}, name=LATITUDES).rename(sine_s="sine", cosine_s="cosine", up="bucket")
    west = ibis.table({"at": "int32", **across}, name=LONGITUDES).rename(on="bucket")
    joined = counts.join(south, counts.row == south.at).drop("at")
    joined = joined.join(west, joined.col == west.at).drop("at")
    return joined.select(
        "city", "row", "col", "amount", "up", "on", x=_.cosine_s * _.cosine, y=_.cosine_s * _.sine, z=_.sine_s
    )


def people() -> Table:
    """Settlements as `reach_tables` made them: the demand of people."""
    kinds = {"city": "string", **_PLACE, "amount": "int64", "up": "int32", "on": "int32", **_VECTOR}
    return ibis.table(kinds, name=PEOPLE)


def within(demand: Table, *, km: float) -> Table:
    """Of what lies in each city, what is within `km` of a station of each network.

    `demand` has the columns of `vectors` or `people`. Every station stands in nine buckets, its own and those around,
    and meets what lies in them; buckets are no narrower than the reach.
    """
    stations = ibis.table({"network": "string", "up": "int32", "on": "int32", **_VECTOR}, name=STATIONS)
    near = ibis.table({"dup": "int32", "don": "int32"}, name=NEAR)
    spread = stations.cross_join(near).select(
        "network", sup=(_.up + _.dup).cast("int32"), son=(_.on + _.don).cast("int32"), sx="x", sy="y", sz="z"
    )
    met = demand.join(spread, [demand.up == spread.sup, demand.on == spread.son])
    dx, dy, dz = met.x - met.sx, met.y - met.sy, met.z - met.sz
    met = met.filter((dx * dx + dy * dy) + dz * dz <= chord(km))
    reached = met.select("city", "network", "row", "col", "amount").distinct()
    here = named(reached).group_by("city", "network").aggregate(within=_.amount.sum())
    of_city = named(demand.select("city", "amount", network=ibis.literal("")))
    of_city = of_city.group_by(town="city").aggregate(all=_.amount.sum())
    joined = here.join(of_city, here.city == of_city.town)
    return joined.select("city", "network", "within", "all").order_by("city", "network")


def chord(km: float) -> float:
    """Square of the chord between two points of the unit sphere that lie `km` apart along a great circle."""
    return float((2 * np.sin(km / EARTH_KM / 2)) ** 2)


def reach_tables(stations: "pd.DataFrame", settlements: "pd.DataFrame", *, km: float) -> "dict[str, pa.Table]":
    """Tables that `vectors` and `within` speak of, by name.

    Parameters
    ----------
    stations : DataFrame
        platform, lat, lon (degrees).
    settlements : DataFrame
        geonameid, prefecture, lat, lon, people.
    km : float
        Reach, on which the size of buckets depends.
    """
    import pyarrow as pa

    deep, wide = _bucket(km)
    west, east, south, north = (round(edge * SQUARES) for edge in BOX)
    counted = settlements[settlements["people"].fillna(0) > 0]
    homes = {
        "city": counted["prefecture"].to_numpy(str),
        "row": counted["geonameid"].to_numpy("int32"),
        "col": np.zeros(len(counted), "int32"),
        "amount": counted["people"].to_numpy(float).round().astype("int64"),
        **_placed(counted, deep, wide),
    }
    posts = {"network": stations["platform"].to_numpy(str), **_placed(stations, deep, wide)}
    off = np.repeat(np.arange(-1, 2, dtype="int32"), 3), np.tile(np.arange(-1, 2, dtype="int32"), 3)
    return {
        LATITUDES: _lines(south, north, deep),
        LONGITUDES: _lines(west, east, wide),
        STATIONS: pa.table(posts),
        NEAR: pa.table(dict(zip(("dup", "don"), off, strict=True))),
        PEOPLE: pa.table(homes),
    }


def _bucket(km: float) -> tuple[int, int]:
    """Squares that a bucket is high and wide: no less than `km`, even in the far north."""
    high = km / KM_PER_DEGREE * SQUARES
    return max(1, int(np.ceil(high))), max(1, int(np.ceil(high / np.cos(np.radians(NORTHERN)))))


def _lines(first: int, last: int, step: int) -> "pa.Table":
    import pyarrow as pa

    at = np.arange(first, last + 1, dtype="int32")
    angle = np.radians((at + 0.5) / SQUARES)
    return pa.table({"at": at, "bucket": (at // step).astype("int32"), "sine": np.sin(angle), "cosine": np.cos(angle)})


def _placed(points: "pd.DataFrame", deep: int, wide: int) -> dict[str, np.ndarray]:
    lat, lon = (points[name].to_numpy(float) for name in ("lat", "lon"))
    a, b = np.radians(lat), np.radians(lon)
    return {
        "up": (np.floor(lat * SQUARES) // deep).astype("int32"),
        "on": (np.floor(lon * SQUARES) // wide).astype("int32"),
        "x": np.cos(a) * np.cos(b),
        "y": np.cos(a) * np.sin(b),
        "z": np.sin(a),
    }
