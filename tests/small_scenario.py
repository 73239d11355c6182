"""A small market and shorthands for the tests of the scenario engine."""

import numpy as np
import pandas as pd

from analysis import share
from analysis.scenario import Lever, MarketModel, Scenario, market_model, simulate
from tests.small_panel import draw

MONTH = "2025-06-01"
STILL = (("entry_response_per_1000_cny", 0.0),)
PANEL = draw().assign(
    stations=lambda p: np.exp(p["log_stations"]).round(),
    guarantee_cny_per_day=lambda p: np.where(p["platform"] == "duoduo", 60.0, 0.0),
    province=lambda p: np.where(p["city"].cat.codes % 4 == 0, "Tibet", "Zhejiang"),
)
FIT = share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
MODEL = market_model(PANEL, FIT, month=MONTH)
DUODUO, CAINIAO, JD = (MODEL.platforms.index(name) for name in ("duoduo", "cainiao", "jd"))


def plan(*levers: Lever, months: int = 6, still: bool = True, **options: object) -> Scenario:
    return Scenario("test", levers, months=months, assumptions=STILL if still else (), **options)


def point(scenario: Scenario, model: MarketModel = MODEL):
    return simulate(scenario, model, draws=0)


def total(projection, platform: str) -> np.ndarray:
    """Parcels of a network month by month."""
    return projection.point.volumes[:, :, projection.model.platforms.index(platform)].sum(axis=1)


def routed(panel: pd.DataFrame) -> pd.DataFrame:
    """Over a quarter of cainiao's and duoduo's parcels are fixed by routing, stations of 150 to 1,500 parcels a day.

    Guarantees lie in every third city alone; home delivery has no stations.
    """
    rng = np.random.default_rng(3)
    total = panel.groupby(["city", "month"], observed=True)["parcels"].transform("sum")
    part = panel["platform"].astype(str).map({"cainiao": 0.12, "duoduo": 0.08}).fillna(0.0)
    parcels = 0.8 * panel["parcels"] + part * total
    home, city = panel["platform"] == "home", panel["city"].cat.codes
    stations = (parcels / 30 / rng.uniform(150, 1500, len(panel))).clip(lower=2).round()
    ours = (panel["platform"] == "duoduo") & (city % 3 == 0)
    theirs = (panel["platform"] == "cainiao") & (city % 4 == 1)
    return panel.assign(
        parcels=parcels,
        open_parcels=0.3 * panel["parcels"],
        stations=stations.where(~home, 0.0),
        guarantee_cny_per_day=np.select([ours, theirs], [90.0, 50.0], 0.0),
    )


ROUTED_PANEL = routed(draw())
ROUTED_FIT = share.fit(ROUTED_PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier", volume="open_parcels")
HERE = [f"{n:06d}" for n in range(12)]
_totals = ROUTED_PANEL[ROUTED_PANEL["month"] == MONTH].groupby("city", observed=True)["parcels"].sum()
ORDERS = pd.DataFrame({"Alibaba": 0.33 * _totals, "Pinduoduo": 0.355 * _totals, "JD": 0.085 * _totals})
ROUTED = market_model(
    ROUTED_PANEL[ROUTED_PANEL["city"].isin(HERE)],
    ROUTED_FIT,
    month=MONTH,
    own_orders=ORDERS.set_axis(ORDERS.index.astype(str)),
)
"""Twelve cities of two tiers with captive parcels and own orders."""
