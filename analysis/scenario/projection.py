"""What a scenario does: frames made from the point path and its draws when they are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics import DAYS
from analysis.flows import Flows, source_of_volume
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.draws import Draws
from analysis.scenario.levers import Scenario
from analysis.scenario.money import Money, account
from analysis.scenario.path import ITEMS, Path
from analysis.scenario.plan import ALL, Caution, area
from data.grade import Grade
from data.platforms import OUTSIDE

Numbers = npt.NDArray[np.floating[Any]]
"""Of single precision where they were drawn."""
BANDS = {"low_95": 0.025, "low_80": 0.1, "median": 0.5, "high_80": 0.9, "high_95": 0.975}
MEASURES = (
    "share",
    "parcels",
    "cost",
    "profit",
    "total_profit",
    "cost_per_point",
    "station_income",
    "below_break_even",
)


@dataclass(frozen=True, eq=False)
class Projection:
    """What a scenario does to a market, month by month. Made by `analysis.scenario.simulate`.

    "Observed" is the same month without levers: the shares of the observed month, and its volumes grown. All frames
    are of the last month but for those of paths. Bands are missing without draws. Frames are made on access.

    Attributes
    ----------
    scenario : Scenario
    model : MarketModel
    base, point : Path
        Without levers and with them, at the estimates.
    drawn : Draws or None
    warnings : tuple of Caution
    grade : Grade
    """

    scenario: Scenario
    model: MarketModel
    base: Path
    point: Path
    drawn: Draws | None
    warnings: tuple[Caution, ...]
    grade: Grade = Grade.MODELLED

    @property
    def months(self) -> pd.DatetimeIndex:
        """The observed month and those after it."""
        return months_of(self.month, self.scenario.months)

    @property
    def month(self) -> pd.Timestamp:
        """The observed month."""
        return self.model.month

    @property
    def draws(self) -> int:
        """How many draws the bands rest on."""
        return 0 if self.drawn is None else len(self.drawn.slopes)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Index (tier or "all", platform): observed, point and bands, fractions of all parcels."""
        old, new = (_portions(whole(path.volumes[-1])) for path in (self.base, self.point))
        found = None if self.drawn is None else _portions(whole(self.drawn.volumes[:, -1]))
        return self._frame(old, new, found)

    @cached_property
    def volumes(self) -> pd.DataFrame:
        """The same for parcels a month."""
        old, new = (whole(path.volumes[-1]) for path in (self.base, self.point))
        found = None
        if self.drawn is not None:
            found = whole(self.drawn.volumes[:, -1]) * self.drawn.growth[:, -1, None, None]
        return self._frame(old, new, found)

    def _frame(self, old: Numbers, new: Numbers, found: Numbers | None) -> pd.DataFrame:
        index = tiers_index(self.model.tiers, self.model.platforms)
        bands = {name: values.ravel() for name, values in banded(found, old.shape).items()}
        return pd.DataFrame({"observed": old.ravel(), "point": new.ravel(), **bands}, index)

    @cached_property
    def accounts(self) -> Money:
        """Bills and profits of both paths and of every draw."""
        return account(self.base, self.point, self.drawn)

    @cached_property
    def cost(self) -> pd.DataFrame:
        """Index platform (bills that change): before, after, change and bands of the change, CNY a month."""
        found = self.accounts
        table = self._change(found.cost_before[-1], found.cost_after[-1], found.cost_change[:, -1])
        touched = self.point.found.touched
        return table.iloc[sorted(touched)]

    @cached_property
    def profit(self) -> pd.DataFrame:
        """Index platform: before, after, change and bands of the change, CNY a month in the last month.

        `total` is the change summed over all months, CNY, with bands (`total_low_95` and so on); `chance`: part of the
        draws in which it is above 0.
        """
        found = self.accounts
        table = self._change(found.profit_before[-1], found.profit_after[-1], found.profit_change[:, -1])
        total = (found.profit_after - found.profit_before).sum(axis=0)
        sums = found.profit_change.sum(axis=1)
        bands = {f"total_{name}": values for name, values in banded(sums, total.shape).items()}
        chance = (sums > 0).mean(axis=0) if len(sums) else np.full(total.shape, np.nan)
        table = table.assign(total=total, **bands, chance=chance)
        return table.drop(index=OUTSIDE, errors="ignore")

    def _change(self, before: Floats, after: Floats, drawn: Floats) -> pd.DataFrame:
        columns = {"before": before, "after": after, "change": after - before, **banded(drawn, before.shape)}
        return pd.DataFrame(columns, pd.Index(self.model.platforms, name="platform"))

    @cached_property
    def bill(self) -> pd.DataFrame:
        """Index (platform, item): before and after, CNY a month; savings are negative."""
        sides = [path.bills for path in (self.base, self.point)]
        columns = [np.stack([bills[item][-1].sum(axis=0) for item in ITEMS], axis=1).ravel() for bills in sides]
        index = pd.MultiIndex.from_product([self.model.platforms, ITEMS], names=["platform", "item"])
        return pd.DataFrame(dict(zip(("before", "after"), columns, strict=True)), index)

    @cached_property
    def station_income(self) -> pd.DataFrame:
        """Stations, parcels a day, income of the median station (CNY a month) and the fraction below break-even.

        Index (tier or "all", platform), columns with _before and _after; income and fraction are those of
        `analysis.economics.mixed_incomes` over the cities.
        """
        columns: dict[str, Numbers] = {}
        for side, path in (("before", self.base), ("after", self.point)):
            rows = [_stations(path, j) for j in range(len(self.model.platforms))]
            columns |= {f"{name}_{side}": np.stack([row[name] for row in rows], axis=1).ravel() for name in rows[0]}
        return pd.DataFrame(columns, tiers_index(self.model.tiers, self.model.platforms)).sort_index(axis=1)

    def station_income_of(self, platform: str, tier: str = ALL) -> dict[str, float]:
        """One row of `station_income`, for a fraction of the work."""
        place, row = self.model.platforms.index(platform), [*self.model.tiers, ALL].index(tier)
        sides = (("before", self.base), ("after", self.point))
        return {f"{n}_{side}": float(v[row]) for side, path in sides for n, v in _stations(path, place).items()}

    def path(self, tier: str = ALL) -> pd.DataFrame:
        """Index (month, platform): shares observed, point and bands. Made once: nobody changes it."""
        found = self._paths.get(tier)
        if found is None:
            found = self._paths[tier] = self._path(tier)
        return found

    @cached_property
    def _paths(self) -> dict[str, pd.DataFrame]:
        return {}

    def _path(self, tier: str) -> pd.DataFrame:
        old, new = (_portions(self._in(path.volumes, tier)) for path in (self.base, self.point))
        found = None if self.drawn is None else _portions(self._in(self.drawn.volumes, tier))
        bands = {name: values.ravel() for name, values in banded(found, old.shape).items()}
        return pd.DataFrame({"observed": old.ravel(), "point": new.ravel(), **bands}, self._months_index())

    def _in(self, volumes: Numbers, tier: str) -> Numbers:
        if tier == ALL:
            return volumes.sum(axis=-2)
        return volumes[..., self.model.tiers.index(tier), :]

    def _months_index(self) -> pd.MultiIndex:
        return months_index(self.month, self.scenario.months, self.model.platforms)

    def money(self) -> pd.DataFrame:
        """Index (month, platform): cost_before, cost_after, profit_before, profit_after, CNY a month.

        Made once: nobody changes it.
        """
        return self._money

    @cached_property
    def _money(self) -> pd.DataFrame:
        found = self.accounts
        columns = ("cost_before", "cost_after", "profit_before", "profit_after")
        return pd.DataFrame({name: getattr(found, name).ravel() for name in columns}, self._months_index())

    def subsidies(self, tier: str = ALL) -> pd.DataFrame:
        """Index (month, platform): average subsidy over all parcels before and after, CNY per parcel."""
        columns = {}
        for side, path in (("before", self.base), ("after", self.point)):
            bill, parcels = self._in(path.bills["subsidy"], tier), self._in(path.volumes, tier)
            columns[side] = np.divide(bill, parcels, out=np.zeros_like(bill), where=parcels > 0).ravel()
        return pd.DataFrame(columns, self._months_index())

    @cached_property
    def cities(self) -> pd.DataFrame:
        """Index adcode, columns platform: change of the share of all parcels, a fraction."""
        old, new = (_portions(path.parcels[:, -1].T) for path in (self.base, self.point))
        return pd.DataFrame(new - old, pd.Index(self.model.cities, name="city"), list(self.model.platforms))

    @cached_property
    def area(self) -> pd.DataFrame:
        """Shares in the cities where the plan's levers apply, at the point: index platform, observed and point.

        Empty where that is everywhere or nowhere.
        """
        inside = np.zeros(len(self.model.cities), dtype=bool)
        for lever in self.scenario.levers:
            inside |= area(lever, self.model)
        index = pd.Index(self.model.platforms, name="platform")
        if inside.all() or not inside.any():
            return pd.DataFrame({"observed": [], "point": []}, index[:0], dtype=np.float64)
        old, new = (_portions(path.parcels[:, -1, inside].sum(axis=1)) for path in (self.base, self.point))
        return pd.DataFrame({"observed": old, "point": new}, index)

    @cached_property
    def flows(self) -> Flows:
        """Who lost what to whom between no levers and levers, city by city."""
        sides = (
            pd.DataFrame(path.parcels[:, -1].T, self.cities.index, self.cities.columns)
            for path in (self.base, self.point)
        )
        return source_of_volume(*sides)


def whole(volumes: Numbers) -> Numbers:
    """Tiers and, behind them, all of them together: (..., tiers + 1, networks)."""
    return np.concatenate([volumes, volumes.sum(axis=-2, keepdims=True)], axis=-2)


def _portions(volumes: Numbers) -> Numbers:
    total = volumes.sum(axis=-1, keepdims=True)
    return np.divide(volumes, total, out=np.zeros_like(volumes), where=total > 0)


def _stations(path: Path, j: int) -> dict[str, Numbers]:
    """What stations of one network have in the last month, by tier and in all: columns of `station_income`."""
    stations, parcels = (whole(path.model.by_tier(x[j, -1])[:, None])[:, 0] for x in (path.stations, path.parcels))
    per_day = np.where(stations > 0, parcels / np.where(stations > 0, stations, 1.0) / DAYS, np.nan)
    income, below = path.earned(j)
    return {"stations": stations, "parcels_per_day": per_day, "income": income, "below": below}


@lru_cache(maxsize=64)
def months_of(first: pd.Timestamp, months: int) -> pd.DatetimeIndex:
    """A month and so many after it."""
    start = first.to_datetime64().astype("datetime64[M]")
    return pd.DatetimeIndex((start + np.arange(months + 1)).astype("datetime64[us]"))


@lru_cache(maxsize=64)
def months_index(first: pd.Timestamp, months: int, platforms: tuple[str, ...]) -> pd.MultiIndex:
    """Every month and network, as most frames of a projection have them; shared, for pandas takes long to make one."""
    return pd.MultiIndex.from_product([months_of(first, months), platforms], names=["month", "platform"])


@lru_cache(maxsize=64)
def tiers_index(tiers: tuple[str, ...], platforms: tuple[str, ...]) -> pd.MultiIndex:
    """Every tier, all of them together, and every network."""
    return pd.MultiIndex.from_product([[*tiers, ALL], platforms], names=["tier", "platform"])


def banded(values: Numbers | None, shape: Sequence[int]) -> dict[str, Numbers]:
    """Quantiles over the first axis (draws); not a number without draws."""
    if values is None or not len(values):
        return {name: np.full(shape, np.nan) for name in BANDS}
    ordered = np.sort(np.ascontiguousarray(np.moveaxis(values, 0, -1)), axis=-1)
    place = np.array(list(BANDS.values())) * (ordered.shape[-1] - 1)
    low = np.floor(place).astype(int)
    high, part = np.minimum(low + 1, ordered.shape[-1] - 1), place - low
    found = ordered[..., low] * (1 - part) + ordered[..., high] * part
    return {name: found[..., at] for at, name in enumerate(BANDS)}
