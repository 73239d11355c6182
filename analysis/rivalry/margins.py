"""Margins that would make what networks pay their best answers, and whether such margins can be believed."""

import numpy as np
import numpy.typing as npt

from analysis.rivalry.best_response import peak
from analysis.rivalry.game import Floats, Game, Mask, leans, needed

DELIVERY_FEE = 1.28
"""CNY per parcel: published fee for the whole delivery of a parcel; no network keeps more than that of one."""
HALVINGS = 60
"""Bisection steps of a margin."""
INSIDE = 1e-9
"""Part by which a largest margin stays below the one at which a second peak ties, so that rounding does not tip it."""
SAME = 1e-7
"""CNY per parcel by which a best answer to the implied margin may miss what is paid."""
DOUBTS = ("", "no_effect", "only_a_limit", "above_fee", "no_best_answer")
"""None; a subsidy moves nothing there, so nothing can be said; nothing above the floor is paid, so only the largest
margin is known; it implies keeping more than the delivery fee; at no margin does what is paid earn most, because paying
nothing and living off the captive parcels would earn more."""


def implied_margin(game: Game) -> Floats:
    """Margin m = s + (S + K/N) / (b S (1 - S)) at which each network's subsidy earns it most, (P, G) CNY per parcel.

    At the floor it is the largest margin at which paying no more earns most. NaN where a subsidy moves nothing. A
    network held back by a budget has a larger margin than this.
    """
    margin = needed(game, game.subsidy)
    limit = _at_floor(game) & np.isfinite(margin) & (game.captive > 0)
    if limit.any():
        margin[limit] = _largest(game, limit, margin[limit])
    return margin


def credible(margin: Floats, *, most: float = DELIVERY_FEE) -> Mask:
    """Whether margins lie between 0 and what a delivery pays in all, CNY per parcel."""
    return (margin >= 0) & (margin <= most)


def doubts(game: Game, *, most: float = DELIVERY_FEE) -> npt.NDArray[np.str_]:
    """Why the implied margin of each network and group cannot be taken as it stands: codes of `DOUBTS`, (P, G)."""
    margin = implied_margin(game)
    known, floor = np.isfinite(margin), _at_floor(game)
    missed = np.zeros(margin.shape, dtype=bool)
    paying = known & ~floor
    missed[paying] = np.abs(_best(game, paying, margin[paying]) - game.subsidy[paying]) > SAME
    why = [~known, missed, floor, margin > most]
    return np.select(why, ["no_effect", "no_best_answer", "only_a_limit", "above_fee"], default="")


def _at_floor(game: Game) -> Mask:
    return game.subsidy <= game.floor


def _best(game: Game, cells: Mask, margin: Floats) -> Floats:
    lean = leans(game, game.subsidy)[0][cells]
    slope, parcels = (np.broadcast_to(values, cells.shape)[cells] for values in (game.slope, game.parcels))
    return peak(margin, slope, lean, game.captive[cells] / parcels, game.floor)


def _largest(game: Game, cells: Mask, most: Floats) -> Floats:
    """Largest margins up to `most` at which the floor is the best answer (a second peak may beat it earlier)."""
    low, high = np.zeros_like(most), most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        stays = _best(game, cells, middle) <= game.floor
        low, high = np.where(stays, middle, low), np.where(stays, high, middle)
    return np.where(_best(game, cells, most) <= game.floor, most, low * (1 - INSIDE))
