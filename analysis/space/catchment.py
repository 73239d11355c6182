"""Open and close stations in a city: what each new one wins, from whom, and whether it lives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import economics
from analysis.space.carried import daily as daily
from analysis.space.carried import handed_over as handed_over
from analysis.space.catchment_base import Base as Base
from analysis.space.catchment_base import base as base
from analysis.space.catchment_base import drawn
from analysis.space.catchment_rules import Model as Model
from analysis.space.catchment_rules import Site as Site
from analysis.space.huff import Floats
from analysis.space.parts import safe
from analysis.space.redistribution import Reach, Redistribution, reach, redistribute
from analysis.space.sizes import SIZES as SIZES
from analysis.space.sizes import capacities, profit
from analysis.space.sizes import capacity as capacity
from data.grade import Grade, weakest

NOBODY = "nobody"
"""In place of a platform: parcels of points where nobody within reach hands any over, or nobody any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """What opening and closing does.

    Attributes
    ----------
    base : Base
    opened : tuple of Site
    closed : tuple of str
        Station ids.
    sites : pandas.DataFrame
        One row a new site: name, platform, format, lat, lon, parcels_per_day; of these from_own (stations of the same
        network that stay), from_rivals, from_closed (stations that close, of any network; from_own_closed of them the
        same network's) and newly_served, which add up to it; cannibalisation (from_own over parcels_per_day), capacity
        and over_capacity, break_even (parcels a day), margin (parcels over break-even), profit_cny_per_month (with the
        parcels that the site can take).
    won : pandas.DataFrame
        site (row of `sites`), platform ("nobody" where none within reach handed any over), closed (whether from
        stations that close), parcels_per_day; only rows above 0.
    lost : pandas.DataFrame
        Of each closed station: station_id, platform, to ("station", "site" or "nobody"), to_platform, parcels_per_day;
        only rows above 0.
    networks : pandas.DataFrame
        Index platform: before, after, change (parcels a day), share_before, share_after (of all handed over).
    unserved_before, unserved_after : float
        Parcels a day of points where nobody within reach hands any over.
    grade : Grade
    reaches : tuple of Reach
    weights : Redistribution
    """

    base: Base
    opened: tuple[Site, ...]
    closed: tuple[str, ...]
    sites: pd.DataFrame
    won: pd.DataFrame
    lost: pd.DataFrame
    networks: pd.DataFrame
    unserved_before: float
    unserved_after: float
    grade: Grade
    reaches: tuple[Reach, ...]
    weights: Redistribution

    @property
    def total(self) -> Floats:
        """Sum of all weights by demand point after the change, shape (points,)."""
        found = self.base.total.copy()
        found[self.weights.points] = self.weights.after
        return found

    def catchment(self, site: int) -> pd.DataFrame:
        """Points of a new site (row of `sites`): lat, lon, probability, parcels_per_day."""
        found = self.reaches[site]
        return drawn(self.base, found.points, found.weight / safe(self.total[found.points]))

    def stations(self) -> pd.DataFrame:
        """Stations around whose catchment the change touches, most lost first.

        Columns: station_id, platform, format, lat, lon, inside, before, after (parcels a day), change, capacity,
        over_capacity.
        """
        here = self.base
        touched = np.zeros(len(here.demand), dtype=np.bool_)
        touched[self.weights.points] = True
        pairs = np.flatnonzero(touched[here.points])
        points, rows = here.points[pairs], here.near.stations[pairs]
        stays = ~here.stations["station_id"].isin(self.closed).to_numpy()
        weight, parcels = here.weight[pairs], here.parcels[points]
        step = weight * parcels * (stays[rows] / safe(self.total)[points] - 1 / safe(here.total)[points])
        moved, found = np.bincount(rows, step, minlength=len(here.stations)), np.unique(rows)
        kept = ["station_id", "platform", "format", "lat", "lon", "inside", "cells", "parcels_per_day"]
        frame = here.stations.loc[found, kept].rename(columns={"parcels_per_day": "before"})
        frame["after"] = np.where(stays[found], frame["before"] + moved[found], 0.0)
        frame["change"] = frame["after"] - frame["before"]
        frame["capacity"] = capacities(frame)
        frame = frame.drop(columns="cells")
        frame["over_capacity"] = frame["after"] > frame["capacity"]
        return frame.sort_values("change", kind="stable").reset_index(drop=True)


def change(
    base: Base,
    *,
    opened: Sequence[Site] = (),
    closed: Sequence[str] = (),
    types: Mapping[str, economics.Station] | None = None,
) -> Change:
    """Open and close stations; only the points within reach of them are counted again.

    Every parcel of a point comes to a new site with the share that the site has there afterwards, whichever station
    had it before and whether that one closes or not: the model's parcels go over in proportion (independence of
    irrelevant alternatives). What points weigh up stays otherwise as it was: a new site pushes none of a point's `most`
    stations out, and a closed one lets no farther one in.

    Parameters
    ----------
    base : Base
    opened : sequence of Site
    closed : sequence of str
        Station ids, of any network.
    types : mapping, optional
        By format, the station whose fee, subsidy, guarantee and costs a new site has; by default those of
        `economics.STATIONS`, without subsidy and guarantee.

    Raises
    ------
    ValueError
        For a station that is not around or is named twice, a format without size, or a place off the map.
    """
    if len(set(closed)) < len(closed):
        raise ValueError("a station is closed twice: name each once")
    rows = np.array([base.row(station_id) for station_id in closed], dtype=np.intp)
    reaches = tuple(reach(base, site) for site in opened)
    weights = redistribute(base, reaches, rows)
    kinds = dict(economics.STATIONS) | dict(types or {})
    gap = float(weights.parcels[weights.after <= 0].sum() - weights.parcels[weights.before <= 0].sum())
    grade = weakest(base.grade, *(kinds[site.format].grade for site in opened))
    return Change(
        base,
        tuple(opened),
        tuple(closed),
        _sites(base, opened, weights, kinds),
        _won(base, weights),
        _lost(base, opened, closed, weights),
        _networks(base, opened, weights),
        base.nobodys,
        base.nobodys + gap,
        grade,
        reaches,
        weights,
    )


def _sites(
    base: Base, opened: Sequence[Site], weights: Redistribution, kinds: Mapping[str, economics.Station]
) -> pd.DataFrame:
    kept, shut, nobody = weights.won()
    own = np.array([[site.platform == network for network in base.networks] for site in opened], dtype=bool)
    own = own.reshape(kept.shape)
    won = kept.sum(axis=1) + shut.sum(axis=1) + nobody
    from_own = np.where(own, kept, 0.0).sum(axis=1)
    types = [kinds[site.format] for site in opened]
    limit = np.array([capacity(site.format, site.cells) for site in opened], dtype=float)
    needed = np.array([economics.break_even(kind) for kind in types], dtype=float)
    earned = [float(profit(*one)) for one in zip(types, won, limit, strict=True)]
    fields = ("name", "platform", "format", "lat", "lon")
    return pd.DataFrame(
        {
            **{field: [getattr(site, field) for site in opened] for field in fields},
            "parcels_per_day": won,
            "from_own": from_own,
            "from_rivals": np.where(own, 0.0, kept).sum(axis=1),
            "from_closed": shut.sum(axis=1),
            "from_own_closed": np.where(own, shut, 0.0).sum(axis=1),
            "newly_served": nobody,
            "cannibalisation": from_own / safe(won),
            "capacity": limit,
            "over_capacity": won > limit,
            "break_even": needed,
            "margin": won / np.where(needed > 0, needed, np.nan),
            "profit_cny_per_month": np.array(earned, dtype=float),
        }
    )


def _won(base: Base, weights: Redistribution) -> pd.DataFrame:
    kept, shut, nobody = weights.won()
    site, source = np.nonzero((cells := np.concatenate([kept, shut, nobody[:, None]], axis=1)) > 0)
    width = len(base.networks)
    names = np.array([*base.networks, *base.networks, NOBODY], dtype="str")
    return pd.DataFrame(
        {
            "site": site,
            "platform": pd.array(names[source], "str"),
            "parcels_per_day": cells[site, source],
            "closed": (source >= width) & (source < 2 * width),
        }
    )


def _lost(base: Base, opened: Sequence[Site], closed: Sequence[str], weights: Redistribution) -> pd.DataFrame:
    kept, to_sites, nobody = weights.lost()
    new = [site.platform for site in opened]
    owners = [*dict.fromkeys(new)]
    gathered = np.zeros((len(closed), len(owners)))
    for column, one in enumerate(new):
        gathered[:, owners.index(one)] += to_sites[:, column]
    station, target = np.nonzero((cells := np.concatenate([kept, gathered, nobody[:, None]], axis=1)) > 0)
    names = np.array([*base.networks, *owners, NOBODY], dtype="str")
    kinds = np.array([*["station"] * len(base.networks), *["site"] * len(owners), NOBODY], dtype="str")
    mine = np.array(base.networks, dtype="str")[base.owner[np.array([base.row(one) for one in closed], np.intp)]]
    return pd.DataFrame(
        {
            "station_id": pd.array(np.array(closed, dtype="str")[station], "str"),
            "platform": pd.array(mine[station], "str"),
            "to": pd.array(kinds[target], "str"),
            "to_platform": pd.array(names[target], "str"),
            "parcels_per_day": cells[station, target],
        }
    )


def _networks(base: Base, opened: Sequence[Site], weights: Redistribution) -> pd.DataFrame:
    new, width = [site.platform for site in opened], len(base.networks)
    names = [*base.networks, *dict.fromkeys(one for one in new if one not in base.networks)]
    before, step, rate = np.zeros(len(names)), np.zeros(len(names)), weights.parcels / safe(weights.after)
    before[:width] = base.volumes
    step[:width] = weights.kept.T @ rate
    step[:width] -= (weights.kept + weights.shut).T @ (weights.parcels / safe(weights.before))
    for platform, parcels in zip(new, weights.opened.T @ rate, strict=True):
        step[names.index(platform)] += parcels
    after = before + step
    return pd.DataFrame(
        {
            "before": before,
            "after": after,
            "change": step,
            "share_before": before / (before.sum() or 1.0),
            "share_after": after / (after.sum() or 1.0),
        },
        index=pd.Index(names, name="platform"),
    )
