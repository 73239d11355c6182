"""Bills and profits of the point path and of every draw."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.economics.incomes import top_up
from analysis.scenario.contest import Floats
from analysis.scenario.draw_scale import guaranteed_means
from analysis.scenario.draws import Draws
from analysis.scenario.path import Path


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

    In a draw a tier's parcels change and the bill per parcel stays that of the point path, but for guarantees (what
    they top up falls as parcels rise), the saving of shared delivery that is kept, and what opening costs.
    """
    sides = [(path.cost.sum(axis=1), path.profit.sum(axis=1)) for path in (base, point)]
    (cost_before, profit_before), (cost_after, profit_after) = sides
    if drawn is None:
        none = np.zeros((0, *cost_before.shape))
        return Money(cost_before, cost_after, profit_before, profit_after, none, none)
    before, after = _drawn(base, drawn, base.volumes[None, :1]), _drawn(point, drawn, drawn.volumes)
    return Money(cost_before, cost_after, profit_before, profit_after, after[0] - before[0], after[1] - before[1])


def _drawn(path: Path, drawn: Draws, volumes: npt.NDArray[np.floating[Any]]) -> tuple[Floats, Floats]:
    """Cost and profit of every draw (draws, months, networks).

    `volumes` (draws or 1, months or 1, tiers, networks) are without growth, which is the same for all of a month and so
    multiplies sums: nothing as large as the volumes is made.
    """
    usual, growth = np.where(path.volumes > 0, path.volumes, 1.0), drawn.growth[:, :, None]

    def scaled(bill: Floats) -> Floats:
        return growth * np.einsum("dmtp,mtp->dmp", volumes, bill / usual)

    def scale(t: int, j: int) -> Floats:
        return drawn.growth * volumes[:, :, t, j] / usual[:, t, j]

    cost = scaled(path.bills["subsidy"] + path.bills["forwarding"]) + _fixed(path, drawn)
    cost += _top_ups(path, drawn, scale)
    if path.found.shared:
        cost -= (1 - drawn.values["shared_pass_on"])[:, None, None] * scaled(path.saved)
    parcels, margin = scaled(usual), drawn.values["margin_cny_per_parcel"][:, None, None]
    return cost, parcels * margin - cost


def _fixed(path: Path, drawn: Draws) -> Floats:
    """Openings and waivers of every draw (draws, months, networks)."""
    formats = path.model.formats
    keys = [f"opening_{name}_cny" for name in formats]
    each = [_ratio(drawn.values[key], path.values[key]) if key in drawn.values else 1.0 for key in keys]
    scale = np.stack([np.broadcast_to(part, len(drawn.slopes)) for part in each], axis=1)
    turnover = _ratio(drawn.values["openings_per_month"], path.values["openings_per_month"])
    opened, waived = path.bills["openings"].sum(axis=1), {k: v.sum(axis=1) for k, v in path.waived.items()}
    return opened * scale[:, None, :] + waived["more"] + waived["replaced"] * turnover[:, None, None]


def _ratio(drawn: Floats, usual: float) -> Floats:
    return drawn / usual if usual else np.ones_like(drawn)


def _top_ups(path: Path, drawn: Draws, scale: Callable[[int, int], Floats]) -> Floats:
    """Top-ups of every draw: those of the point path times how the formula of the guaranteed stations' mean moves.

    `scale` gives the parcels of a tier and network in every draw over those of the point path (draws, months).
    """
    out = np.zeros((*drawn.growth.shape, path.volumes.shape[-1]))
    spread = drawn.values["spread_of_stations"][:, None]
    for j in path.guaranteeing:
        staffed = path.model.formats[j] != "locker"
        fee = drawn.values["handling_fee_cny_per_parcel"][:, None] if staffed else path.upkeep.fee[j]
        for t, (guarantee, paid, mean) in enumerate(guaranteed_means(path, j)):
            usual = top_up(guarantee, path.upkeep.fee[j] + paid, mean, path.values["spread_of_stations"])
            moved = top_up(guarantee, fee + paid, mean * scale(t, j), spread)
            ratio = np.divide(moved, usual, out=np.ones_like(moved), where=usual > 1e-9)
            out[:, :, j] += path.top_ups[:, t, j] * ratio
    return out
