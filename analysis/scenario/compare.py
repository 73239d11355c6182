"""Scenarios side by side: their measures with intervals, and the inputs in which they differ."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.economics.assumptions import values
from analysis.rivalry.rules import Rule
from analysis.scenario import MEASURES, Projection, Scenario, measure, simulate
from analysis.scenario.levers import Lever
from analysis.scenario.projection import banded, whole

MOST = 4
"""Scenarios that a reader can hold side by side."""
Ends = tuple[float, float]
NONE: Ends = (np.nan, np.nan)


def labels(names: Sequence[str]) -> list[str]:
    """Names, the second of two alike with a number."""
    return [name if name not in names[:n] else f"{name} ({names[:n].count(name) + 1})" for n, name in enumerate(names)]


def common(projections: Sequence[Projection]) -> tuple[Projection, ...]:
    """The same scenarios over the months of the shortest: a longer one is projected again and stops there."""
    least = min((one.scenario.months for one in projections), default=0)
    return tuple(
        one
        if one.scenario.months == least
        else simulate(replace(one.scenario, months=least), one.model, draws=one.draws)
        for one in projections
    )


def compare(projections: Sequence[Projection], *, platform: str, tier: str = "all") -> pd.DataFrame:
    """Measures of up to four scenarios, each a change against no levers, over the months that all of them have.

    Returns
    -------
    pandas.DataFrame
        Index: `analysis.scenario.MEASURES`, in their units. Columns: (scenario, value | low_95 | high_95); the interval
        is missing without draws and for measures that are not drawn. `attrs["months"]`: the observed month and those
        compared.
    """
    if not 1 <= len(projections) <= MOST:
        raise ValueError(f"{len(projections)} scenarios are to be compared: choose 1 to {MOST}")
    names = labels([projection.scenario.name for projection in projections])
    cells = {}
    every = common(projections)
    for name, projection in zip(names, every, strict=True):
        ends = [interval(projection, key, platform, tier) for key in MEASURES]
        cells[name, "value"] = [measure(projection, key, platform, tier) for key in MEASURES]
        cells[name, "low_95"], cells[name, "high_95"] = ([end[side] for end in ends] for side in (0, 1))
    frame = pd.DataFrame(cells, index=pd.Index(MEASURES, name="measure"))
    frame.attrs["months"] = every[0].months
    return frame


def interval(projection: Projection, name: str, platform: str, tier: str = "all") -> Ends:
    """95 % interval of a measure as `analysis.scenario.measure` counts it; missing where nothing is drawn."""
    if name == "share":
        row = projection.shares.loc[(tier, platform)]
        return float(row["low_95"] - row["observed"]), float(row["high_95"] - row["observed"])
    if name == "parcels":
        return _parcels(projection, platform, tier)
    if name == "cost":
        return _cost(projection, platform)
    prefix, frame = {"profit": "", "total_profit": "total_"}.get(name), projection.profit
    if prefix is None or platform not in frame.index:
        return NONE
    return float(frame.at[platform, f"{prefix}low_95"]), float(frame.at[platform, f"{prefix}high_95"])


def _cost(projection: Projection, platform: str) -> Ends:
    """Of every network: one without levers pays its subsidies on more or fewer parcels."""
    row = projection.accounts.cost_change[:, -1, projection.model.platforms.index(platform)]
    bands = banded(row, ())
    return float(bands["low_95"]), float(bands["high_95"])


def _parcels(projection: Projection, platform: str, tier: str) -> Ends:
    """Each draw against no levers at that draw's growth: how much the market grows is no effect of the plan."""
    if projection.drawn is None:
        return NONE
    base, drawn = projection.base, projection.drawn
    change = whole(drawn.volumes[:, -1] - base.volumes[-1] / base.growth[-1])
    place = (*projection.model.tiers, "all").index(tier), projection.model.platforms.index(platform)
    bands = banded(change[:, *place] * drawn.growth[:, -1], ())
    return float(bands["low_95"]), float(bands["high_95"])


def differences(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    """Inputs in which scenarios differ, one row each.

    Returns
    -------
    pandas.DataFrame
        Index: (input, key). Columns: scenarios. "lever": tuples of levers on one network, kind and place, empty for
        none. "rule": the rule of a network. "assumption", "months", "growth": numbers. Nothing when all agree.
    """
    found = [_inputs(scenario) for scenario in scenarios]
    keys = list(dict.fromkeys(key for inputs in found for key in inputs))
    rows = {key: [inputs.get(key, _default(key)) for inputs in found] for key in keys}
    differing = {key: row for key, row in rows.items() if any(value != row[0] for value in row)}
    index = pd.MultiIndex.from_tuples(list(differing) or [("", "")], names=["input", "key"])[: len(differing)]
    names = labels([scenario.name for scenario in scenarios])
    cells = {name: [row[n] for row in differing.values()] for n, name in enumerate(names)}
    return pd.DataFrame(cells, index=index, dtype=object)


def _place(lever: Lever) -> str:
    """What levers must share to be versions of each other: network, kind, place and courier."""
    limits = (lever.tier, lever.region, lever.province, lever.courier, *lever.cities)
    return ".".join([lever.platform, lever.kind, *(limit for limit in limits if limit)])


def _inputs(scenario: Scenario) -> dict[tuple[str, str], object]:
    levers: dict[str, list[Lever]] = {}
    for lever in scenario.levers:
        if lever.change:
            levers.setdefault(_place(lever), []).append(lever)
    found: dict[tuple[str, str], object] = {("lever", key): (*sorted(kept, key=repr),) for key, kept in levers.items()}
    found |= {("rule", name): rule for name, rule in scenario.rule_of.items()}
    found |= {("months", "months"): scenario.months, ("growth", "growth_per_year"): scenario.growth_per_year}
    return found | {("assumption", key): value for key, value in values(dict(scenario.assumptions)).items()}


def _default(key: tuple[str, str]) -> object:
    """An input that a scenario does not have: no levers, a rival that holds still."""
    return () if key[0] == "lever" else Rule()
