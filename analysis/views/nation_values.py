"""Measures of every prefecture or province in every month, as arrays: what the national maps are painted from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics import DAYS, mixed_incomes, station_type, values
from analysis.summary import NO_PLAYERS
from data.cities import cities
from data.grade import Grade, weakest
from data.platforms import FORMATS, OUTSIDE, PLATFORMS

MEASURES = (
    *("leader", "network_share", "hhi", "growth", "subsidy"),
    *("stations_per_10k", "network_stations_per_10k", "income_per_station"),
)
"""What the national maps can show."""
BY = ("city", "province")
Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """One measure by place and month.

    Attributes
    ----------
    measure, network : str
        One of `MEASURES`; the network it is about (not used by leader, hhi and stations_per_10k).
    cities : tuple of str
        Adcodes, (n,): of prefectures, or of provinces.
    months : DatetimeIndex
        (m,), oldest first.
    values : ndarray of float32
        (m, n), nan where there is none. For leader the place in `networks`, that of home delivery where no network
        hands over a parcel; shares and growth are fractions; hhi is
        in points, subsidy in CNY per parcel, income in CNY a month, stations per 10,000 people (census 2020).
    networks : tuple of str
        Keys that `values` of leader count.
    lead, share : ndarray of float32, optional
        Of leader alone: lead over the second and share of all parcels, fractions, (m, n).
    by : {"city", "province"}
        What the codes are of: Beijing, Tianjin, Shanghai and Chongqing have one code for both.
    """

    measure: str
    network: str
    cities: tuple[str, ...]
    months: pd.DatetimeIndex
    values: Small
    networks: tuple[str, ...] = ()
    lead: Small | None = None
    share: Small | None = None
    by: str = "city"


@dataclass(frozen=True, slots=True, eq=False)
class _Cube:
    """Columns of a panel as arrays (months, cities, networks); `places` (cities,) says what a city is part of."""

    months: pd.DatetimeIndex
    cities: npt.NDArray[np.str_]
    networks: tuple[str, ...]
    codes: tuple[str, ...]
    places: npt.NDArray[np.intp] | None
    columns: dict[str, Floats]
    by: str

    def of(self, column: str, network: str) -> Floats:
        """Column of one network (months, cities), zero where it has no row."""
        found = self.columns[column]
        return found[..., self.networks.index(network)] if network in self.networks else np.zeros(found.shape[:2])

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Months and cities with parcels of anybody."""
        return self.columns["parcels"].sum(axis=2) > 0

    def pooled(self, numbers: npt.NDArray[np.generic]) -> Floats:
        """Sums over the cities (second axis) of each place."""
        if self.places is None:
            return np.asarray(numbers, dtype=np.float64)
        part = np.eye(len(self.codes))[self.places]
        return np.moveaxis(np.tensordot(np.asarray(numbers, dtype=np.float64), part, (1, 0)), -1, 1)


def _cube(panel: pd.DataFrame, columns: tuple[str, ...], by: str) -> _Cube:
    city, network = pd.Categorical(panel["city"]), pd.Categorical(panel["platform"])
    at_month, months = pd.factorize(panel["month"], sort=True)
    at_city, known = _used(city)
    at_network, keys = _used(network)
    shape = len(months), len(known), len(keys)
    at = (at_month * shape[1] + at_city) * shape[2] + at_network
    found = {c: _sums(at, panel[c].to_numpy(np.float64), shape) for c in columns}
    codes, places = known, None
    if by == "province":
        codes, places = np.unique(np.array([f"{code[:2]}0000" for code in known], dtype="U6"), return_inverse=True)
    index = pd.DatetimeIndex(months)
    return _Cube(index, known, tuple(keys.tolist()), tuple(codes.tolist()), places, found, by)


def _sums(at: npt.NDArray[np.intp], weights: Floats, shape: tuple[int, int, int]) -> Floats:
    return np.asarray(np.bincount(at, weights, int(np.prod(shape))), dtype=np.float64).reshape(shape)


def _used(labels: pd.Categorical) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.str_]]:
    """Codes among the labels that occur, and those labels in order."""
    names = labels.categories.astype(str).to_numpy(dtype="U16")
    occur = np.bincount(labels.codes, minlength=len(names)) > 0
    rank = {key: place for place, key in enumerate(PLATFORMS)}
    order = sorted(np.flatnonzero(occur), key=lambda i: (rank.get(str(names[i]), len(rank)), str(names[i])))
    where = np.zeros(len(names), dtype=np.intp)
    where[order] = np.arange(len(order))
    return where[labels.codes], names[order]


def frames(
    panel: pd.DataFrame, network: str, measure: str, *, by: str = "city", month: pd.Timestamp | None = None
) -> Frames:
    """`measure` of each place in every month of the panel, or in one.

    Parameters
    ----------
    panel : pandas.DataFrame
        Panel of a market, or some of its cities; all months.
    network : str
        Whose share, growth, subsidy, stations or incomes.
    measure : str
        One of `MEASURES`. Growth is that of the network's parcels on the same month of the year before, in the cities
        whose volumes are known in both; none where that month is missing or without a parcel. Subsidies of a province
        are those of its average parcel. Income is that of the station with the median number of parcels, with the
        default numbers of the network's format and a day's parcels a thirtieth of the month's (`DAYS`), as in
        `analysis.economics.incomes_by_tier`.
    by : {"city", "province"}
    month : Timestamp, optional
        The one month wanted.
    """
    if measure not in MEASURES:
        raise ValueError(f"{measure!r} is no measure of the map: choose from {', '.join(MEASURES)}")
    cube = _cube(panel, _NEEDED.get(measure, ("parcels",)), by)
    keep = slice(None) if month is None else np.flatnonzero(cube.months == month)
    if measure == "leader":
        return _leaders(cube, network, keep)
    found = _MADE[measure](cube, network, keep)
    known = cube.pooled(cube.covered)[keep] > 0
    shown = np.where(known, found, np.nan).astype(np.float32)
    return Frames(measure, network, cube.codes, cube.months[keep], shown, by=by)


def graded(measure: str, grade: Grade) -> Grade:
    """Grade of a measure of a market of that grade: incomes rest on assumed fees and costs too."""
    return weakest(grade, Grade.ASSUMED) if measure == "income_per_station" else grade


def month_table(panel: pd.DataFrame, network: str, month: pd.Timestamp, *, by: str = "city") -> pd.DataFrame:
    """Every measure of each place of a month, one row a prefecture or province.

    Columns: `MEASURES` (leader as its key), share and lead of the leader (fractions of all parcels), parcels (a month),
    stations (of all). `panel` holds the year before as well, for the growth.
    """
    rows = panel[(panel["month"] == month) | (panel["month"] == month - pd.DateOffset(years=1))]
    now = rows[rows["month"] == month]
    if now.empty:
        return pd.DataFrame(columns=[*MEASURES, "share", "lead", "parcels", "stations"])
    found = {measure: frames(rows, network, measure, by=by, month=month) for measure in MEASURES}
    first, cube = found["leader"], _cube(now, ("parcels", "stations"), by)
    assert first.lead is not None
    assert first.share is not None
    table = pd.DataFrame(
        {measure: made.values[0].astype(np.float64) for measure, made in found.items()}
        | {"share": first.share[0].astype(np.float64), "lead": first.lead[0].astype(np.float64)},
        index=pd.Index(first.cities, name="city"),
    ).dropna(subset="leader")
    table["leader"] = [first.networks[int(place)] for place in table["leader"]]
    sums = {column: cube.pooled(numbers.sum(axis=2))[0] for column, numbers in cube.columns.items()}
    return table.join(pd.DataFrame(sums, list(cube.codes)).round().astype("int64"))


def _players(cube: _Cube) -> list[int]:
    """Networks that compete; all where nobody does."""
    players = [place for place, key in enumerate(cube.networks) if key not in NO_PLAYERS]
    return players or list(range(len(cube.networks)))


def _leaders(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Frames:
    volumes = cube.pooled(cube.columns["parcels"])[keep]
    total = volumes.sum(axis=2, keepdims=True)
    players = _players(cube)
    shares = np.divide(volumes, total, out=np.zeros_like(volumes), where=total > 0)[..., players]
    networks = cube.networks if OUTSIDE in cube.networks else (*cube.networks, OUTSIDE)
    padded = np.pad(shares, ((0, 0), (0, 0), (2, 0)))
    ordered, place = np.sort(padded, axis=2), np.maximum(padded.argmax(axis=2) - 2, 0)
    first, second = ordered[..., -1], ordered[..., -2]
    who = np.where(first > 0, np.array(players or [0])[place], networks.index(OUTSIDE))
    known = total[..., 0] > 0
    value, lead, share = (np.where(known, v, np.nan).astype(np.float32) for v in (who, first - second, first))
    return Frames("leader", network, cube.codes, cube.months[keep], value, networks, lead, share, cube.by)


def _share(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    total = cube.pooled(cube.columns["parcels"].sum(axis=2))[keep]
    return _over(cube.pooled(cube.of("parcels", network))[keep], total)


def _hhi(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    players = cube.pooled(cube.columns["parcels"][..., _players(cube)])[keep]
    return 1e4 * _over((players**2).sum(axis=2), players.sum(axis=2) ** 2)


def _growth(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    earlier = cube.months.get_indexer(cube.months - pd.DateOffset(years=1))
    covered = cube.covered
    both = covered & covered[earlier] & (earlier >= 0)[:, None]
    own = cube.of("parcels", network)
    return _over(cube.pooled(own * both), cube.pooled(own[earlier] * both))[keep] - 1


def _subsidy(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    paid, parcels = cube.of("subsidy_cny_per_parcel", network), cube.of("parcels", network)
    if cube.places is None:
        return paid[keep]
    return np.nan_to_num(_over(cube.pooled(paid * parcels), cube.pooled(parcels))[keep])


def _density(cube: _Cube, stations: Floats, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    people = cities()["population_2020"].reindex(cube.cities.tolist()).to_numpy(np.float64)
    return 1e4 * _over(cube.pooled(stations), cube.pooled(cube.covered * people))[keep]


def _all_stations(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    return _density(cube, cube.columns["stations"].sum(axis=2), keep)


def _own_stations(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    return _density(cube, cube.of("stations", network), keep)


def _income(cube: _Cube, network: str, keep: "slice | npt.NDArray[np.intp]") -> Floats:
    whole = {column: cube.of(column, network)[keep] for column in cube.columns}
    out, standing = np.full((len(whole["parcels"]), len(cube.codes)), np.nan), whole["stations"] > 0
    format = PLATFORMS[network].format if network in PLATFORMS else ""
    if format not in FORMATS or not standing.any():
        return out
    kind, (at_month, at_city) = station_type(format), np.nonzero(standing)
    place = at_month * len(cube.codes) + (at_city if cube.places is None else cube.places[at_city])
    order = place.argsort(kind="stable")
    cells = {column: numbers[standing][order] for column, numbers in whole.items()}
    found, starts = np.unique(place[order], return_index=True)
    fields = {
        "fee": kind.fee_cny_per_parcel,
        "ancillary": kind.ancillary_cny_per_parcel,
        "variable": kind.variable_cny_per_parcel,
        "fixed": kind.fixed_cny_per_day,
    }
    median, _ = mixed_incomes(
        mean=cells["parcels"] / cells["stations"] / DAYS,
        stations=cells["stations"],
        subsidy=cells["subsidy_cny_per_parcel"],
        guarantee=cells["guarantee_cny_per_day"],
        spread=values()["spread_of_stations"],
        starts=starts.tolist(),
        **{name: np.full(len(order), value) for name, value in fields.items()},
    )
    out.flat[found] = median * DAYS
    return out


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


_NEEDED = {
    "subsidy": ("parcels", "subsidy_cny_per_parcel"),
    "stations_per_10k": ("parcels", "stations"),
    "network_stations_per_10k": ("parcels", "stations"),
    "income_per_station": ("parcels", "stations", "subsidy_cny_per_parcel", "guarantee_cny_per_day"),
}
_MADE = {
    "network_share": _share,
    "hhi": _hhi,
    "growth": _growth,
    "subsidy": _subsidy,
    "stations_per_10k": _all_stations,
    "network_stations_per_10k": _own_stations,
    "income_per_station": _income,
}
