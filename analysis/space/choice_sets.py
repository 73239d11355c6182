"""Flows laid out for a fit: which stations each origin could choose, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.space import huff
from analysis.space.huff import Floats, Ints
from analysis.space.sizes import SIZES, sizes

SAME = 1e-9
"""Standard deviation of a logarithm around its means below which a driver does not vary."""


class HuffError(ValueError):
    """Flows that cannot carry a fit.

    Attributes
    ----------
    code : str
        few_origins, few_pairs, not_identified, bad_value or no_top.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def choice_sets(
    flows: pd.DataFrame,
    *,
    by_format: Mapping[str, float] = SIZES,
    reach_m: float = huff.ASSUMED["reach_m"].value,
    least_m: float = huff.ASSUMED["least_m"].value,
) -> pd.DataFrame:
    """Every station of the file that is within reach of an origin, with the flow between them or 0.

    Parameters
    ----------
    flows : pandas.DataFrame
        origin, lat, lon, station_id, station_lat, station_lon (degrees), platform, format ("" unknown), parcels; cells
        of lockers where known. One row a pair.
    by_format : mapping
        Size by format.
    reach_m, least_m : float
        Farther stations are no choice (their flows are left out); nearer ones count as this far away.

    Returns
    -------
    pandas.DataFrame
        origin, station_id, platform, size, distance_m, parcels. Stations of unknown format are left out, unless all
        are unknown: then sizes are alike.
    """
    origins = flows.drop_duplicates("origin")[["origin", "lat", "lon"]].reset_index(drop=True)
    stations, some = _sized(flows, by_format)
    stations = stations.assign(cells=stations.get("cells", pd.NA))
    size = sizes(stations, by_format) if some else np.ones(len(stations))
    near = huff.neighbours(origins, stations, reach_m=reach_m, most=None)
    pairs = pd.DataFrame(
        {
            "origin": origins["origin"].to_numpy()[near.points],
            "station_id": stations["station_id"].to_numpy()[near.stations],
            "platform": stations["platform"].astype(str).to_numpy()[near.stations],
            "size": size[near.stations],
            "distance_m": np.maximum(near.distance_m, least_m),
        }
    )
    carried = flows.groupby(["origin", "station_id"], sort=False)["parcels"].sum()
    at = pd.MultiIndex.from_frame(pairs[["origin", "station_id"]])
    return pairs.assign(parcels=carried.reindex(at).fillna(0.0).to_numpy(float))


def _sized(flows: pd.DataFrame, by_format: Mapping[str, float]) -> tuple[pd.DataFrame, bool]:
    """Stations of the file whose format is known, all where none is; and whether some are known."""
    first = flows.drop_duplicates("station_id").drop(columns=["lat", "lon"])
    stations = first.rename(columns={"station_lat": "lat", "station_lon": "lon"}).reset_index(drop=True)
    known = stations["format"].isin(list(by_format))
    return (stations[known].reset_index(drop=True), True) if known.any() else (stations, False)


def left_out(
    flows: pd.DataFrame,
    pairs: pd.DataFrame,
    used: float,
    *,
    by_format: Mapping[str, float] = SIZES,
    total: float | None = None,
) -> dict[str, float]:
    """Parts of a file's parcels that a fit leaves aside, by reason.

    Parameters
    ----------
    flows, pairs : pandas.DataFrame
        What `choice_sets` took and gave.
    used : float
        Parcels that the fit rests on (`HuffFit.flow`).
    by_format : mapping
        As for `choice_sets`.
    total : float, optional
        Parcels of the whole file, where some went to stations without a place and are no part of `flows`.

    Returns
    -------
    dict
        nowhere (at stations without a place), unknown (at stations of unknown format, where others are known), far
        (beyond the reach), alone (at origins with one station in reach); each a fraction of the file's parcels.
    """
    placed, within = float(flows["parcels"].sum()), float(pairs["parcels"].sum())
    whole = placed if total is None else total
    known = flows["station_id"].isin(_sized(flows, by_format)[0]["station_id"])
    sized = float(flows.loc[known, "parcels"].sum())
    aside = {"nowhere": whole - placed, "unknown": placed - sized, "far": sized - within, "alone": within - used}
    return {reason: max(0.0, parcels) / whole if whole > 0 else 0.0 for reason, parcels in aside.items()}


@dataclass(frozen=True, slots=True)
class Laid:
    """Pairs of a fit, those of one origin after another.

    Attributes
    ----------
    codes : ndarray of int, shape (pairs,)
        Origin of each pair.
    flow : ndarray of float, shape (pairs,)
    drivers : ndarray of float, shape (2 + networks - 1, pairs)
        Logarithm of the size, that of the distance with a minus, and a 1 for each network but the first.
    networks : tuple of str
    names : pandas.DataFrame
        origin and station_id.
    origins : int
    """

    codes: Ints
    flow: Floats
    drivers: Floats
    networks: tuple[str, ...]
    names: pd.DataFrame
    origins: int

    def sums(self, values: Floats) -> Floats:
        """Sums of `values` (rows, pairs) by origin, spread over its pairs."""
        sums = np.stack([np.bincount(self.codes, row, self.origins) for row in np.atleast_2d(values)])
        return np.asarray(sums[:, self.codes])

    def centred(self, values: Floats) -> Floats:
        """Values less their mean at each origin: of logarithms, values over their geometric mean."""
        count = np.bincount(self.codes, minlength=self.origins)[self.codes]
        return np.asarray(values - (self.sums(values) / count).reshape(np.shape(values)))

    def shares(self, score: Floats) -> Floats:
        """Choice probabilities (pairs,) of stations that score so much."""
        top = np.full(self.origins, -np.inf)
        np.maximum.at(top, self.codes, score)
        weight = np.exp(score - top[self.codes])
        return np.asarray(weight / self.sums(weight)[0])

    def log_likelihood(self, score: Floats) -> float:
        """Sum of flows times the logarithm of their probability."""
        top = np.full(self.origins, -np.inf)
        np.maximum.at(top, self.codes, score)
        depth = np.log(np.bincount(self.codes, np.exp(score - top[self.codes]), self.origins)) + top
        return float(self.flow @ (score - depth[self.codes]))

    def identified(self) -> Ints:
        """Rows of the drivers that vary within origins, one or more of them size or distance.

        Where the network alone says how large a station is, the size is left out: its effect is part of the brands.

        Raises
        ------
        HuffError
            When none does, or when some vary only together.
        """
        around = self.centred(self.drivers)
        spread = np.sqrt((around**2).mean(axis=1))
        on = np.flatnonzero(spread > SAME)
        if not (on < 2).any():
            raise HuffError("not_identified", "sizes and distances are alike at every origin: they explain no choice")
        unit = around / np.where(spread > SAME, spread, 1.0)[:, None]
        if self.networks and _together(unit[on]) and 0 in on and 1 in on:
            on = on[on > 0]
        if _together(unit[on]):
            raise HuffError("not_identified", "size, distance and network vary together: leave one of them out")
        if len(self.flow) - self.origins <= len(on):
            raise HuffError("few_pairs", f"{len(self.flow)} pairs of {self.origins} origins cannot carry the exponents")
        return on

    def over_zero(self) -> "Laid":
        """Pairs with flow, of origins that keep two or more."""
        return _taken(self, self.flow > 0)


def _together(unit: Floats) -> bool:
    """Whether rows of standard deviation 1 vary only together."""
    return bool(np.linalg.eigvalsh(unit @ unit.T / unit.shape[1])[0] < SAME)


def lay(flows: pd.DataFrame, columns: tuple[str, str, str, str, str], network: str | None) -> Laid:
    """Lay flows out; `columns` are origin, station, flow, size and distance.

    Stations of networks that carry nothing are left out: such a brand is 0, and has no logarithm.

    Raises
    ------
    HuffError
        For values that are missing or out of range, or fewer than two origins that tell anything.
    """
    origin, station, flow, size, distance = columns
    if network:
        flows = flows[flows.groupby(flows[network].astype(str))[flow].transform("sum") != 0]
    numbers = flows[[flow, size, distance]].to_numpy(float)
    if not (np.isfinite(numbers).all() and (numbers[:, 0] >= 0).all() and (numbers[:, 1:] > 0).all()):
        raise HuffError("bad_value", "a flow is below 0, or a size or distance is not above 0, or one is missing")
    if flows.duplicated([origin, station]).any():
        raise HuffError("bad_value", "a pair of origin and station is there twice: add the flows up first")
    brand = pd.Categorical(flows[network].astype(str)) if network else None
    labels = [str(name) for name in brand.categories] if brand is not None else []
    drivers = [np.log(numbers[:, 1]), -np.log(numbers[:, 2])]
    drivers += [(brand.codes == code).astype(float) for code in range(1, len(labels))] if brand is not None else []
    codes = pd.factorize(flows[origin])[0].astype(np.intp)
    names = pd.DataFrame({"origin": flows[origin].to_numpy(), "station_id": flows[station].to_numpy()})
    whole = Laid(codes, numbers[:, 0], np.stack(drivers), tuple(labels), names, int(codes.max(initial=-1)) + 1)
    return _taken(whole, np.ones(len(codes), dtype=np.bool_))


def _taken(laid: Laid, kept: huff.Flags) -> Laid:
    """Pairs that are kept, of origins with two or more of them and some flow."""
    pairs = np.bincount(laid.codes, kept, laid.origins)
    total = np.bincount(laid.codes, laid.flow * kept, laid.origins)
    rows = np.flatnonzero(kept & ((pairs >= 2) & (total > 0))[laid.codes])
    rows = rows[np.argsort(laid.codes[rows], kind="stable")]
    _, codes = np.unique(laid.codes[rows], return_inverse=True)
    count = int(codes.max(initial=-1)) + 1
    if count < 2:
        raise HuffError("few_origins", "fewer than two origins have parcels and a choice of stations")
    return Laid(
        codes.astype(np.intp), laid.flow[rows], laid.drivers[:, rows], laid.networks, laid.names.iloc[rows], count
    )
