"""A small market and shorthands for the tests of the scenario engine."""

import numpy as np

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
