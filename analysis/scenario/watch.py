"""What to know before trusting a projection."""

import numpy as np

from analysis.scenario.coming import FARTHEST
from analysis.scenario.contest import MarketModel
from analysis.scenario.levers import Scenario
from analysis.scenario.path import Path
from analysis.scenario.plan import ALL, Caution, area, changes
from data.platforms import ORDER_SOURCES, PLATFORMS

TINY = 1e-12


def cautions(scenario: Scenario, model: MarketModel, path: Path) -> list[Caution]:
    """Everything noteworthy about the levers on this market."""
    return [
        *(
            Caution("not_offered", {"platform": lever.platform, "tier": lever.tier or ALL})
            for lever in scenario.levers
            if not area(lever, model).any()
        ),
        *(
            Caution("after_horizon", {"platform": lever.platform, "start_month": lever.start_month})
            for lever in scenario.levers
            if lever.start_month > scenario.months
        ),
        *_worth(scenario, model, path),
        *_guarantees(model, path),
        *_routing(scenario, model, path),
        *_closed(model, path),
        *_bound(model, path),
        *_weak(model, path),
    ]


def _worth(scenario: Scenario, model: MarketModel, path: Path) -> list[Caution]:
    """What parcels are worth to whoever chooses, beyond what was ever paid; cuts that stop at 0."""
    found, (low, high) = [], model.observed_range
    planned = {lever.platform for lever in scenario.levers if lever.kind == "subsidy"}
    for j in path.gain.networks:
        name, cny = model.platforms[j], path.gain.cny(j, path.values)
        if cny is None or not (cny != 0).any():
            continue
        paid = np.where(cny != 0, model.subsidy[j] + cny, 0.0)
        if paid.max() > high + TINY:
            ends = {"low": low, "high": high, "new_high": float(paid.max())}
            found.append(Caution("outside_observed_range", {"platform": name, **ends}))
        if name not in planned or j not in path.found.subsidy:
            continue
        if clipped := int((model.subsidy[j] + path.found.subsidy[j] < -TINY).any(axis=0).sum()):
            found.append(Caution("clipped_at_zero", {"platform": name, "cities": clipped}))
    return found


def _guarantees(model: MarketModel, path: Path) -> list[Caution]:
    """Guarantees cut by more than there is."""
    found = []
    for j, cells in path.found.guarantee.items():
        if clipped := int((model.guarantee[j] + cells < -TINY).any(axis=0).sum()):
            found.append(Caution("guarantee_at_zero", {"platform": model.platforms[j], "cities": clipped}))
    return found


def _routing(scenario: Scenario, model: MarketModel, path: Path) -> list[Caution]:
    found = []
    routed = [lever for lever in scenario.levers if lever.kind == "allocation" and lever.change]
    for name in dict.fromkeys(lever.platform for lever in routed):
        owner = PLATFORMS[name].owner if name in PLATFORMS else ""
        if owner not in ORDER_SOURCES:
            found.append(Caution("no_owner", {"platform": name}))
        elif np.isnan(model.own_orders).any():
            found.append(Caution("assumed_orders", {"platform": name}))
    if any(lever.kind in ("allocation", "cooperation") for lever in scenario.levers):
        found += _limits(scenario, model, path)
    return found


def _limits(scenario: Scenario, model: MarketModel, path: Path) -> list[Caution]:
    """Routing that was cut because parcels ran out."""
    wanted = changes(scenario, model, limited=False).routed
    found = []
    for j, cells in path.found.routed.items():
        cut = wanted[j] - cells
        if np.abs(cut).max() > 1e-6 * max(1.0, np.abs(cells).max()):
            code = "captive_limit" if cut.max() > -cut.min() else "captive_none"
            found.append(Caution(code, {"platform": model.platforms[j]}))
    return found


def _closed(model: MarketModel, path: Path) -> list[Caution]:
    found = []
    for j, cells in path.found.stations.items():
        gone = (model.stations[j] + cells < np.minimum(model.stations[j], 1.0) - 1e-9).any(axis=0)
        if gone.any():
            found.append(Caution("closed_all", {"platform": model.platforms[j], "cities": int(gone.sum())}))
    return found


def _bound(model: MarketModel, path: Path) -> list[Caution]:
    if path.entry is None:
        return []
    far = (np.abs(path.entry) >= FARTHEST - 1e-9).any(axis=(1, 2))
    return [Caution("stations_bound", {"platform": model.platforms[j]}) for j in np.flatnonzero(far)]


def _weak(model: MarketModel, path: Path) -> list[Caution]:
    moved = [(cells != 0).any(axis=0) for cells in path.found.subsidy.values()]
    if not moved:
        return []
    half = model.critical_95 * np.sqrt(np.diag(model.covariance)[: model.slopes.size])
    return [
        Caution("interval_includes_zero", {"group": model.groups[g]})
        for g in np.unique(model.group[np.any(moved, axis=0)])
        if abs(model.slopes[g]) <= half[g]
    ]
