"""A projection made by hand, with the frames of a real one and numbers that are easy to follow."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from analysis.flows import source_of_volume
from analysis.rivalry.rules import Rule
from analysis.scenario import Caution
from analysis.scenario.levers import Lever, Scenario
from analysis.views import projection, scenario_map, scenario_path, scenario_tiers, station_effect
from data.cities import cities
from data.grade import Grade

SENT = 1e-4
"""Numbers go to the browser with four decimals."""
NETWORKS = ("cainiao", "duoduo", "jd", "tuxi", "home")
TIERS = ("Tier 1", "Tier 3")
MONTHS = pd.date_range("2026-08-01", periods=13, freq="MS")
PARCELS = np.array([3e8, 7e8])
SHARES = np.array([[0.4, 0.15, 0.15, 0.2, 0.1], [0.3, 0.25, 0.05, 0.2, 0.2]])
MOVED = np.array([[-0.004, 0.01, -0.001, -0.003, -0.002], [-0.012, 0.03, -0.002, -0.011, -0.005]])
HALF = 0.004
SCENARIO = Scenario("war", (Lever("duoduo", 0.04, "Tier 3"),), rules=(("cainiao", Rule("match", 0.5, 3)),))


@dataclass(frozen=True)
class Made:
    """A projection made by hand, with the frames of a real one."""

    moved: np.ndarray
    draws: int = 200
    scenario: Scenario = SCENARIO
    warnings: tuple[Caution, ...] = ()
    profit_by_month: tuple[float, ...] = (0, *[-5e6] * 4, *[4e6] * 8)
    growth: float = 1.0
    opened: float = 40.0
    middle: float = 1e7
    before_stations: float = 1000.0
    cut: float = 0.0
    paying: tuple[int, ...] = (0, 1)
    local: tuple[float, float] | None = None
    months = MONTHS
    grade = Grade.MODELLED

    def _banded(self, observed, point, half):
        frame = pd.DataFrame({"observed": observed, "point": point, "median": point})
        for part, width in ((80, 0.65), (95, 1.0)):
            reach = half * width * self.moved.any() if self.draws else np.nan
            frame[f"low_{part}"], frame[f"high_{part}"] = point - reach, point + reach
        return frame

    @property
    def volumes(self):
        before = self._all(SHARES * PARCELS[:, None])
        after = self._all((SHARES + self.moved) * PARCELS[:, None] * self.growth)
        index = pd.MultiIndex.from_product([(*TIERS, "all"), NETWORKS], names=["tier", "platform"])
        return self._banded(before.ravel(), after.ravel(), HALF * 1e8).set_axis(index)

    @staticmethod
    def _all(volumes):
        return np.vstack([volumes, volumes.sum(axis=0)])

    @property
    def shares(self):
        rows = self.volumes[["observed", "point"]]
        whole = rows / rows.groupby(level=0).transform("sum")
        return self._banded(whole["observed"], whole["point"], HALF)

    def path(self, tier="all"):
        last, grown = self.shares.xs(tier, level=0), np.linspace(0, 1, len(MONTHS))[:, None]
        now = last["observed"].to_numpy()
        point = now + grown * (last["point"].to_numpy() - now)
        index = pd.MultiIndex.from_product([MONTHS, NETWORKS], names=["month", "platform"])
        return self._banded(np.tile(now, len(MONTHS)), point.ravel(), np.repeat(grown * HALF, 5)).set_axis(index)

    def subsidies(self, tier="all"):
        index = pd.MultiIndex.from_product([MONTHS, NETWORKS], names=["month", "platform"])
        before = np.tile([0.02, 0.06, 0.0, 0.03, 0.0], (13, 1))
        after = before.copy()
        if self.moved.any():
            after[1:, 1] += 0.04
        if self.scenario.rules:
            after[4:, 0] += 0.02
            after[1:, 3] += 0.001  # its average moves because its parcels do
        return pd.DataFrame({"before": before.ravel(), "after": after.ravel()}, index)

    def money(self):
        index = pd.MultiIndex.from_product([MONTHS, NETWORKS[:-1]], names=["month", "platform"])
        columns = ["cost_before", "cost_after", "profit_before", "profit_after"]
        rows = pd.DataFrame(1e7, index, columns)
        rows.loc[(slice(None), "duoduo"), "profit_after"] += np.array(self.profit_by_month)
        rows.loc[(slice(None), "duoduo"), "cost_after"] += np.array([0, *[6e6] * 12])
        return rows

    @property
    def cost(self):
        row = {"before": 1e7, "after": 1.6e7, "change": 6e6, "median": 6e6}
        ends = {"low_80": 5.5e6, "high_80": 6.5e6, "low_95": 5e6, "high_95": 7e6}
        return pd.DataFrame([row | (ends if self.draws else dict.fromkeys(ends, np.nan))], ["duoduo"])

    @property
    def profit(self):
        total = float(sum(self.profit_by_month))
        row = {"before": 1e7, "after": 1.4e7, "change": 4e6, "total": total}
        drawn = {"median": 3e6, "total_median": self.middle, "chance": 0.78}
        drawn |= {"total_low_95": self.middle - 2e7, "total_high_95": self.middle + 3e7}
        return pd.DataFrame([row | (drawn if self.draws else dict.fromkeys(drawn, np.nan))], ["duoduo"])

    @property
    def station_income(self):
        index = pd.MultiIndex.from_product([(*TIERS, "all"), NETWORKS[:-1]], names=["tier", "platform"])
        values = {
            "stations": (self.before_stations, self.before_stations + self.opened),
            "parcels_per_day": (210.0, 214.0),
            "income": (2800.0 if self.before_stations else np.nan, 3040.0),
            "below": (0.18 if self.before_stations else np.nan, 0.15),
        }
        columns = {
            f"{key}_{end}": v for key, pair in values.items() for end, v in zip(("before", "after"), pair, strict=True)
        }
        return pd.DataFrame(columns, index)

    model = SimpleNamespace(
        tiers=TIERS,
        platforms=NETWORKS,
        subsidy=np.tile([[0.02], [0.06], [0.0], [0.03], [0.0]], 2),
        span=lambda tier: slice(TIERS.index(tier), TIERS.index(tier) + 1),
    )

    @property
    def base(self):
        return SimpleNamespace(tier_stations=np.full((13, 2, 5), self.before_stations))

    def station_income_of(self, platform, tier="all"):
        return self.station_income.loc[(tier, platform)].to_dict()

    @property
    def point(self):
        opened = np.linspace(0, self.opened, 13)[:, None, None] * (np.arange(5) == 1)
        return SimpleNamespace(
            tier_stations=1000.0 + np.repeat(opened, 2, axis=1), found=SimpleNamespace(subsidy=self._paid())
        )

    def _paid(self):
        """Changes of subsidies: the lever in Tier 3, the answer to it, and a cut where nothing is paid."""
        since = np.arange(len(MONTHS))[:, None] >= np.array([1, 4])
        here = np.array([0.0, 1.0])
        found = {1: 0.04 * since[:, :1] * here} if self.moved.any() and self.scenario.levers else {}
        if self.scenario.rules:
            found[0] = 0.02 * since[:, 1:] * here
        kept = {j: cells for j, cells in found.items() if j in self.paying}
        return kept | {2: self.cut * since[:, :1] * np.ones(2)}

    @property
    def area(self):
        return pd.DataFrame([self.local] if self.local else [], ["duoduo"] * bool(self.local), ["observed", "point"])

    @property
    def cities(self):
        codes = pd.Index(cities().index[:30], name="adcode")
        return pd.DataFrame(np.outer(np.linspace(0.2, 1.5, 30), self.moved[1]), codes, NETWORKS)

    @property
    def flows(self):
        frames = [
            pd.DataFrame(self.volumes[key].unstack().loc[list(TIERS), list(NETWORKS)]) for key in ("observed", "point")
        ]
        return source_of_volume(*frames)


WAR = Made(MOVED)
POINT = Made(MOVED, draws=0)
NOTHING = Made(MOVED * 0, scenario=Scenario("none"), profit_by_month=(0,) * 13, opened=0)
LOSS = Made(-MOVED)
VIEWS = {
    "path": scenario_path.path,
    "subsidies": scenario_path.subsidies,
    "money": scenario_path.money,
    "before_after": scenario_tiers.before_after,
    "by_tier": scenario_tiers.by_tier,
    "sources": projection.sources,
    "map": scenario_map.change,
    "incomes": station_effect.incomes,
    "counts": station_effect.counts,
    "opened": station_effect.opened,
}
