"""What if networks paid and built otherwise? Shares, volumes, bills, profits and station incomes, with intervals."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from analysis.economics.assumptions import values as assumed
from analysis.rivalry.rules import Rule
from analysis.scenario.answers import answered
from analysis.scenario.contest import MarketModel, market_model, own_orders
from analysis.scenario.draws import VARY, Draws, draw
from analysis.scenario.engine import baseline, follow, growth_path
from analysis.scenario.levers import KINDS, Lever, Scenario
from analysis.scenario.plan import Caution, changes, fitting
from analysis.scenario.projection import MEASURES, Projection
from analysis.scenario.watch import cautions

__all__ = [
    "KINDS",
    "MEASURES",
    "Caution",
    "Lever",
    "MarketModel",
    "Projection",
    "Rule",
    "Scenario",
    "fitting",
    "market_model",
    "measure",
    "own_orders",
    "simulate",
    "with_draws",
]


def simulate(
    scenario: Scenario,
    market_model: MarketModel,
    *,
    draws: int = 1000,
    seed: int = 0,
    vary: Sequence[str] = VARY,
) -> Projection:
    """Project `scenario` month by month from the market of `market_model`.

    Parameters
    ----------
    draws : int
        Draws behind the bands; 0 gives the point alone, fast enough for every move of a slider.
    seed : int
        The same seed gives every scenario the same draws, so that differences between scenarios are not noise.
    vary : sequence of str
        What is drawn: "parameters" (the fitted effects, from their clustered covariance), "growth", "assumptions"
        (triangles over their ranges).

    Raises
    ------
    ValueError
        For a network, tier or assumption that is not there.
    """
    if draws < 0:
        raise ValueError(f"draws is {draws}: give 0 (point only) or more")
    model, values = market_model, assumed(dict(scenario.assumptions))
    growth = growth_path(scenario.growth_per_year, scenario.months)
    base = baseline(model, scenario.months, scenario.growth_per_year, tuple(values.items()))
    found, said = answered(scenario, model, changes(scenario, model), growth, values)
    point = follow(model, found, growth, values)
    alone = Projection(scenario, model, base, point, None, (*cautions(scenario, model, point), *said))
    return with_draws(alone, draws=draws, seed=seed, vary=vary) if draws else alone


def with_draws(
    projection: Projection,
    *,
    draws: int = 1000,
    seed: int = 0,
    vary: Sequence[str] = VARY,
    pause: Callable[[], object] = tuple,
    by: Callable[..., Draws] = draw,
) -> Projection:
    """A point projection with the draws that `simulate` would have given it; both share their paths.

    Parameters
    ----------
    pause : callable
        Called every few milliseconds; what it raises ends the work.
    by : callable
        What draws: `analysis.scenario.draws.draw` here, or `analysis.scenario.drawers.Drawers.draw` elsewhere.
    """
    rate = projection.scenario.growth_per_year
    drawn = by(projection.point, rate, draws=draws, seed=seed, vary=vary, pause=pause)
    return replace(projection, drawn=drawn)


def measure(projection: Projection, name: str, platform: str, tier: str = "all") -> float:
    """Change of one number against no levers, in the last month; see `MEASURES`.

    Share is a fraction; parcels a month; cost, profit and station income CNY a month (the median station);
    total_profit CNY over all months; cost_per_point CNY a month for one point of share, not a number where the share
    does not rise; below_break_even a fraction of stations. Costs and profits are of all tiers.
    """
    if name not in MEASURES:
        raise ValueError(f"{name!r} is no measure: choose from {', '.join(MEASURES)}")
    at = (tier, platform)
    if name in ("share", "parcels"):
        table = projection.shares if name == "share" else projection.volumes
        return float(table.at[at, "point"] - table.at[at, "observed"])
    if name in ("station_income", "below_break_even"):
        column = "income" if name == "station_income" else "below"
        row = projection.station_income_of(platform, tier)
        return row[f"{column}_after"] - row[f"{column}_before"]
    place = projection.model.platforms.index(platform)
    money = projection.accounts
    if name == "total_profit":
        return float((money.profit_after - money.profit_before)[:, place].sum())
    cost = float(money.cost_after[-1, place] - money.cost_before[-1, place])
    if name == "cost":
        return cost
    if name == "profit":
        return float(money.profit_after[-1, place] - money.profit_before[-1, place])
    points = 100 * measure(projection, "share", platform, tier)
    return cost / points if points > 0 else np.nan
