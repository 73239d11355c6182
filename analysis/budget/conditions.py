"""The conditions of an optimum, held against an allocation: what the next yuan gains in each tier and instrument."""

import numpy as np
import numpy.typing as npt

from analysis.budget.cost import Costs, Floats, Point

NEAR = 1e-10
"""Relative distance from a bound at which it holds."""


def margins(curves: Costs, point: Point, odds: Floats) -> tuple[Floats, npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """Value per further CNY in each instrument (groups, 2), which bounds hold, and where the least share does."""
    p, share, subsidy = curves.problem, point.share, point.subsidy
    won = p.parcels * share * (1 - share)
    by_station = won * curves.density / (curves.stations + point.opened)
    gains = p.value_cny_per_parcel[:, None] * np.stack([won * curves.slope, by_station], 1)
    moves = (curves.ceiling > curves.floor) | ((p.slope > 0) & ("subsidy" in p.instruments))
    prices = np.stack(
        [
            p.parcels * share + p.captive + subsidy * won * curves.slope,
            p.opening_cost_cny_per_month + subsidy * by_station,
        ],
        1,
    )
    exists = np.stack([moves, curves.builds], 1)
    marginal = np.divide(gains, prices, out=np.full(gains.shape, np.nan), where=exists & (prices > 0))
    lows, highs = np.stack([curves.floor, curves.fewest], 1), np.stack([curves.ceiling, curves.most], 1)
    placed, reach = np.stack([subsidy, point.opened], 1), np.maximum(highs - lows, 0.0)
    bound = np.where(placed >= highs - NEAR * reach, "ceiling", np.where(placed <= lows + NEAR * reach, "floor", ""))
    least = np.zeros(len(share)) if p.least_share is None else p.least_share
    held = (odds <= curves.low) & (least > p.share0)
    return marginal, np.where(exists, bound, "none"), held


def residual(marginal: Floats, bound: npt.NDArray[np.str_], held: npt.NDArray[np.bool_], price: float) -> float:
    """Largest relative violation of the conditions of an optimum."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = marginal / price - 1 if price > 0 else np.zeros_like(marginal)
    over, under = np.maximum(off, 0.0), np.maximum(-off, 0.0)
    violated = np.where(bound == "floor", over, np.where(bound == "ceiling", under, np.abs(off)))
    violated = np.where(held[:, None], over, violated)
    return float(violated[bound != "none"].max(initial=0.0))
