"""What a result hangs on: each input at both ends of its range, and parameters apart from assumptions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics.assumptions import ASSUMPTIONS, values
from analysis.scenario import MarketModel, Scenario, simulate
from analysis.scenario import measure as measured
from analysis.scenario.compare import interval
from analysis.scenario.draws import VARY
from analysis.share.result import critical
from data.grade import Grade

Floats = npt.NDArray[np.float64]
GROWTH = "growth_per_year"
SUBSIDY_EFFECT, STATION_EFFECT = "subsidy_effect", "station_effect"
EFFECTS = {SUBSIDY_EFFECT: "slopes", STATION_EFFECT: "density"}
"""Fitted effects, and where the market model keeps them."""
ROUNDING = {"share": 1e-12, "below_break_even": 1e-12}
A_FEN = 0.01
"""Results that differ by less are the same: `ROUNDING` for fractions, a fen (or a hundredth of a parcel) for sums."""
NORMAL_95 = 1.96
REACH = 3.0
"""How far an input is searched: from its low end over this to its high end times this, or so many half-widths."""


@dataclass(frozen=True, slots=True)
class Input:
    """Something uncertain that a result may hang on.

    Attributes
    ----------
    key : str
        An assumption's key, "growth_per_year", or a fitted effect with its group: "subsidy_effect:Tier 3".
    kind : str
        "parameter", "assumption" or "growth".
    at, low, high : float
        Value in force, and its range: stated for an assumption, 95 % for the others.
    least, most : float
        Limits of what is possible or looked at.
    unit : str
        Key of the catalogue's units.
    grade : Grade
    """

    key: str
    kind: str
    at: float
    low: float
    high: float
    least: float
    most: float
    unit: str
    grade: Grade

    def put(self, value: float, scenario: Scenario, model: MarketModel) -> tuple[Scenario, MarketModel]:
        """Scenario and market with this input at `value`."""
        if self.kind == "assumption":
            return replace(scenario, assumptions=(*(dict(scenario.assumptions) | {self.key: value}).items(),)), model
        if self.kind == "growth":
            return replace(scenario, growth_per_year=value), model
        effect, _, group = self.key.partition(":")
        field = EFFECTS[effect]
        changed = np.where(np.array(model.groups) == group, value, getattr(model, field))
        return scenario, replace(model, slopes=changed) if field == "slopes" else replace(model, density=changed)


def inputs(scenario: Scenario, model: MarketModel) -> tuple[Input, ...]:
    """Everything that a scenario's result may hang on: fitted effects, growth, assumptions."""
    return (*_effects(model), _growth(scenario, model), *_assumptions(scenario))


def _effects(model: MarketModel) -> list[Input]:
    half = np.tile(critical(0.95, model.df), 2) * np.sqrt(np.diag(model.covariance))
    found = []
    for place, (effect, field) in enumerate(EFFECTS.items()):
        for row, group in enumerate(model.groups):
            at, width = float(getattr(model, field)[row]), float(half[place * len(model.groups) + row])
            ends = (at - width, at + width, at - REACH * width, at + REACH * width)
            found.append(Input(f"{effect}:{group}", "parameter", at, *ends, effect, Grade.ESTIMATED))
    return found


def _growth(scenario: Scenario, model: MarketModel) -> Input:
    at, half = scenario.growth_per_year, NORMAL_95 * model.growth[1]
    low, high, least, most = np.clip([at - half, at + half, at - REACH * half, at + REACH * half], -0.5, 1.0).tolist()
    return Input(GROWTH, "growth", at, low, high, least, most, "share_year", Grade.ESTIMATED)


def _assumptions(scenario: Scenario) -> list[Input]:
    changed = dict(scenario.assumptions)
    found = []
    for key, at in values(changed).items():
        known = ASSUMPTIONS[key]
        low, high = min(known.low, at), max(known.high, at)
        most = max(high, min(REACH * high, 1.0)) if known.unit == "fraction" else REACH * high
        grade = Grade.ASSUMED if key in changed else known.grade
        found.append(Input(key, "assumption", at, low, high, low / REACH, most, known.unit, grade))
    return found


def evaluate(
    scenario: Scenario, model: MarketModel, *, platform: str, measure: str, tier: str = "all"
) -> Callable[[Input, float], float]:
    """Measure of the scenario with one input at another value, others as they are; no run is made twice."""

    @cache
    def run(item: Input | None, value: float) -> float:
        put = (scenario, model) if item is None else item.put(value, scenario, model)
        return measured(simulate(*put, draws=0), measure, platform, tier)

    return lambda item, value: run(None, 0.0) if value == item.at else run(item, value)


def tornado(scenario: Scenario, model: MarketModel, *, platform: str, measure: str, tier: str = "all") -> pd.DataFrame:
    """The measure with each input at both ends of its range, one at a time.

    Returns
    -------
    pandas.DataFrame
        Index key; columns low, high (measure at the low and at the high end), point (measure as it is), at_low,
        at_high, at (values of the input), kind, unit, grade, span; widest first. Inputs without effect have span 0.
    """
    at = evaluate(scenario, model, platform=platform, measure=measure, tier=tier)
    rows = [
        {
            "key": item.key,
            "low": at(item, item.low),
            "high": at(item, item.high),
            "point": at(item, item.at),
            "at_low": item.low,
            "at_high": item.high,
            "at": item.at,
            "kind": item.kind,
            "unit": item.unit,
            "grade": item.grade,
        }
        for item in inputs(scenario, model)
    ]
    frame = pd.DataFrame(rows).set_index("key")
    ends = frame[["low", "high", "point"]]
    span = ends.max(axis=1) - ends.min(axis=1)
    frame["span"] = span.where(span > ROUNDING.get(measure, A_FEN), 0.0)
    return frame.sort_values("span", ascending=False, kind="stable")


def uncertainty(
    scenario: Scenario,
    model: MarketModel,
    *,
    platform: str,
    measure: str,
    tier: str = "all",
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """How wide the answer is when only the fitted effects, only growth, only the assumptions, or all of them vary.

    Growth alone is one number on which measures depend evenly: its interval runs from the result at the one end of its
    95 % range to that at the other, as in `tornado`. In the draws stations follow the growth of the point path.

    Returns
    -------
    pandas.DataFrame
        Index parameters, growth, assumptions, all; columns point, low_95, high_95 and width of the interval.

    Raises
    ------
    ValueError
        For a measure that is not drawn.
    """
    point = measured(simulate(scenario, model, draws=0), measure, platform, tier)
    rows = {}
    for name, vary in (*((part, (part,)) for part in VARY), ("all", VARY)):
        drawn = simulate(scenario, model, draws=draws, seed=seed, vary=vary)
        low, high = interval(drawn, measure, platform, tier)
        if name == "growth" and not np.isnan(low):
            low, high = _by_growth(scenario, model, measure, platform, tier)
        rows[name] = {"point": point, "low_95": low, "high_95": high, "width": high - low}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    if frame["low_95"].isna().any():
        raise ValueError(f"{measure!r} is not drawn for {platform!r}: choose share, parcels, cost or profit")
    return frame


def _by_growth(scenario: Scenario, model: MarketModel, measure: str, platform: str, tier: str) -> tuple[float, float]:
    """The measure at both ends of the range of growth, the lower one first."""
    item, at = _growth(scenario, model), evaluate(scenario, model, platform=platform, measure=measure, tier=tier)
    low, high = sorted((at(item, item.low), at(item, item.high)))
    return low, high
