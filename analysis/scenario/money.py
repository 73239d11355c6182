"""Bills and profits of the point path and of every draw."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.economics.incomes import top_up
from analysis.scenario.contest import Floats
from analysis.scenario.draws import Draws
from analysis.scenario.engine import Path


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """CNY a month; (months + 1, networks), the changes (draws, months + 1, networks).

    Attributes
    ----------
    cost_before, cost_after, profit_before, profit_after : float64
        At the point, without levers and with them.
    cost_change, profit_change : float64
        Of every draw, against the same draw without levers.
    """

    cost_before: Floats
    cost_after: Floats
    profit_before: Floats
    profit_after: Floats
    cost_change: Floats
    profit_change: Floats


def account(base: Path, point: Path, drawn: Draws | None) -> Money:
    """Add up both paths and the draws.

    In a draw a tier's parcels change and the bill per parcel stays that of the point path, but for guarantees: what
    they top up falls as parcels rise.
    """
    sides = [(path.cost.sum(axis=1), path.profit.sum(axis=1)) for path in (base, point)]
    (cost_before, profit_before), (cost_after, profit_after) = sides
    if drawn is None:
        none = np.zeros((0, *cost_before.shape))
        return Money(cost_before, cost_after, profit_before, profit_after, none, none)
    before, after = _drawn(base, drawn, base.volumes[0]), _drawn(point, drawn, drawn.volumes)
    return Money(cost_before, cost_after, profit_before, profit_after, after[0] - before[0], after[1] - before[1])


def _drawn(path: Path, drawn: Draws, volumes: npt.NDArray[np.floating[Any]]) -> tuple[Floats, Floats]:
    """Cost and profit of every draw (draws, months, networks); `volumes` without growth."""
    grown = volumes * drawn.growth[:, :, None, None]
    scale = grown / np.where(path.volumes > 0, path.volumes, 1.0)
    fixed = path.bills["openings"] + path.bills["waivers"]
    per_parcel = path.cost - fixed - path.top_ups
    cost = np.einsum("dmtp,mtp->dmp", scale, per_parcel) + fixed.sum(axis=1) + _top_ups(path, drawn, scale)
    margin = drawn.values["margin_cny_per_parcel"][:, None, None]
    return cost, grown.sum(axis=2) * margin - cost


def _top_ups(path: Path, drawn: Draws, scale: Floats) -> Floats:
    """Top-ups of every draw: those of the point path times how the formula of the tier's mean station moves."""
    out = np.zeros((len(scale), scale.shape[1], scale.shape[3]))
    terms = path.terms
    for t, j in np.argwhere(path.top_ups.any(axis=0)):
        mean, guarantee = path.mean[:, t, j], terms["guarantee"][:, t, j]
        paid = terms["subsidy"][:, t, j]
        usual = top_up(guarantee, path.upkeep.fee[j] + paid, mean, path.values["spread_of_stations"])
        staffed = path.model.formats[j] != "locker"
        fee = drawn.values["handling_fee_cny_per_parcel"][:, None] if staffed else path.upkeep.fee[j]
        spread = drawn.values["spread_of_stations"][:, None]
        moved = top_up(guarantee, fee + paid, mean * scale[:, :, t, j], spread)
        ratio = np.divide(moved, usual, out=np.ones_like(moved), where=usual > 1e-9)
        out[:, :, j] += path.top_ups[:, t, j] * ratio
    return out
