"""What one network pays when it takes the others' subsidies as given."""

from dataclasses import dataclass

import numpy as np

from analysis.rivalry.game import Floats, Game, Mask, leans

STEPS = 60
"""Newton steps at most: even at a double root each halves the error."""
STILL = 1e-14
"""Log-odds by which the last step moves."""
SPENT = 1e-9
"""Part of a budget by which a root of the spending may miss it; more is a jump."""


def best_response(game: Game, player: int | str, subsidy: Floats) -> Floats:
    """Subsidies (G,) in CNY per parcel that earn `player` most against the others' `subsidy` (P, G).

    In each group m - s = (S + K/N) / (b S (1 - S)): by the Wright omega function (Lambert's W without overflow) where
    nothing is captive, by Newton's method from there where something is. With captive parcels profit may have two
    peaks, one of them at the floor: the higher is taken. The floor is also the answer where a subsidy moves nothing.
    """
    return answer(game, player, subsidy)[0]


def answer(game: Game, player: int | str, subsidy: Floats) -> tuple[Floats, float]:
    """The same with the budget's multiplier: CNY of profit that one more CNY of budget would bring; 0 if not binding.

    With a budget the answer is the one to the margin m / (1 + l). Captive parcels can make spending jump over the
    budget; then the best of three is taken: what is affordable below the jump (money is left over), the same with the
    rest spent in the group that jumps (the multiplier is that group's), or the upper peak at a higher multiplier. That
    is exact for one group; for several that jump together a still better split may exist. The multiplier is infinite
    when the floor alone costs more than the budget.
    """
    row = game.place(player)
    cells = _cells(game, row, subsidy)
    best, budget = cells.best(1.0), float(game.budget[row])
    multiplier = 0.0
    if budget < np.inf:
        rest = np.where(game.offered[row], game.floor, subsidy[row])[~cells.live]
        budget -= float((game.captive[row, ~cells.live] * rest).sum())
        if cells.spend(best) > budget:
            best, multiplier = _within(cells, budget)
    out = np.where(game.offered[row], game.floor, subsidy[row])
    out[cells.live] = best
    return out, multiplier


def best_responses(game: Game, subsidy: Floats) -> Floats:
    """Best answers of all that play at once, (P, G); the others keep what they pay."""
    if (game.budget[game.plays] < np.inf).any():
        rows = [best_response(game, row, subsidy) if on else subsidy[row] for row, on in enumerate(game.plays)]
        return np.stack(rows)
    lean, live = leans(game, subsidy)
    out = np.where(game.offered, game.floor, subsidy)
    slope, parcels = (np.broadcast_to(values, live.shape)[live] for values in (game.slope, game.parcels))
    out[live] = peak(game.margin[live], slope, lean[live], game.captive[live] / parcels, game.floor)
    return np.where(game.plays[:, None], out, subsidy)


def peak(
    margin: Floats, slope: Floats, lean: Floats, captive: Floats, floor: float, *, upper: Mask | None = None
) -> Floats:
    """Subsidy (n,) that maximises (S + captive)(margin - s) above the floor, S = 1 / (1 + exp(-lean - slope s)).

    Parameters
    ----------
    margin, slope, lean, captive : (n,) float64
        CNY per parcel; log-odds per CNY, positive; log-odds of the share at a subsidy of 0; captive parcels per
        contestable one.
    floor : float
        CNY per parcel.
    upper : (n,) bool, optional
        Where the upper peak is taken even if the floor earns more.
    """
    from scipy.special import expit, wrightomega

    reach = slope * margin + lean - 1 - 2 * captive
    if not captive.any():
        return np.maximum(margin - (1 + wrightomega(reach)) / slope, floor)
    odds, found = _upper_root(reach, captive, reach - wrightomega(reach + np.log1p(captive)))
    paid = np.where(found, np.maximum((odds - lean) / slope, floor), floor)
    ahead = (expit(lean + slope * paid) + captive) * (margin - paid)
    behind = (expit(lean + slope * floor) + captive) * (margin - floor)
    better = ahead > behind if upper is None else (ahead > behind) | upper
    return np.where(better, paid, floor)


def _upper_root(reach: Floats, captive: Floats, start: Floats) -> tuple[Floats, Mask]:
    """Larger root x of reach = x + (1 + k) e^x + k e^-x, and whether there is one.

    Reach less the right side is concave with its top at e^x = k / (1 + k): from the start, at or above the root,
    Newton's method falls to it without overshooting.
    """
    bottom = np.log(np.maximum(captive, 1e-300) / (1 + captive))
    found = reach - bottom - 2 * captive - 1 > 0
    odds = np.maximum(start, bottom)
    for _ in range(STEPS):
        up, down = (1 + captive) * np.exp(odds), captive * np.exp(-odds)
        fall = np.where(found, 1 + up - down, 1.0)
        step = np.where(found & (fall > 0), reach - odds - up - down, 0.0) / np.where(fall > 0, fall, 1.0)
        odds = np.maximum(odds + step, bottom)
        if np.abs(step).max() < STILL * (1 + np.abs(odds).max()):
            break
    return odds, found


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Groups in which a network's subsidy moves parcels, rivals held."""

    live: Mask
    margin: Floats
    slope: Floats
    lean: Floats
    parcels: Floats
    captive: Floats
    floor: float

    def best(self, scale: float, upper: Mask | None = None) -> Floats:
        return peak(scale * self.margin, self.slope, self.lean, self.captive, self.floor, upper=upper)

    def volume(self, subsidy: Floats) -> Floats:
        from scipy.special import expit

        return self.parcels * (expit(self.lean + self.slope * subsidy) + self.captive)

    def spend(self, subsidy: Floats) -> float:
        return float(self.volume(subsidy) @ subsidy)

    def profit(self, subsidy: Floats) -> float:
        return float(self.volume(subsidy) @ (self.margin - subsidy))

    def first_gain(self) -> float:
        """Most profit that the first CNY above the floor brings."""
        floor = np.full(len(self.slope), self.floor)
        return float(max((self.margin / self.needed(floor)).max() - 1, 0.0))

    def needed(self, subsidy: Floats) -> Floats:
        """Margin at which one more CNY of subsidy just pays back."""
        odds = np.exp(self.lean + self.slope * subsidy)
        return subsidy + (1 + odds + self.captive * (2 + odds + 1 / odds)) / self.slope


def _cells(game: Game, row: int, subsidy: Floats) -> _Cells:
    gain = game.slope * (subsidy - game.subsidy)
    gain[row] = -np.inf
    top = gain.max(axis=0)
    others = (game.share * np.exp(gain - top)).sum(axis=0)
    share = game.share[row]
    live = game.offered[row] & (game.slope > 0) & (game.parcels > 0) & (share > 0) & (others > 0)
    slope, parcels = game.slope[live], game.parcels[live]
    lean = np.log(share[live] / others[live]) - slope * game.subsidy[row, live] - top[live]
    return _Cells(live, game.margin[row, live], slope, lean, parcels, game.captive[row, live] / parcels, game.floor)


def _within(cells: _Cells, budget: float) -> tuple[Floats, float]:
    """Best answer that costs the budget, and its multiplier, by a bracketed root in t = 1 / (1 + l)."""
    floor = np.full(len(cells.slope), cells.floor)
    if cells.spend(floor) >= budget:
        return floor, np.inf if cells.spend(floor) > budget else cells.first_gain()
    scale = _root(cells, budget, None, 1.0)
    low, high = (cells.best(scale * (1 + side * SPENT)) for side in (-1, 1))
    jump = high - low > np.sqrt(SPENT)
    best = cells.best(scale)
    if not jump.any() or abs(cells.spend(best) - budget) <= SPENT * budget:
        return best, 1 / scale - 1
    kept = _root(cells, budget, jump, scale)
    filled = _filled(cells, budget, low, int(np.argmax(np.where(jump, high - low, 0.0))))
    choices = [(low, 1 / scale - 1), filled, (cells.best(kept, jump), 1 / kept - 1)]
    return max((c for c in choices if cells.spend(c[0]) <= budget * (1 + SPENT)), key=lambda c: cells.profit(c[0]))


def _filled(cells: _Cells, budget: float, below: Floats, group: int) -> tuple[Floats, float]:
    """What is affordable below a jump, with the money left over spent in one group, and that group's multiplier."""
    from scipy.optimize import brentq

    out = below.copy()

    def left(paid: float) -> float:
        out[group] = paid
        return cells.spend(out) - budget

    most = max(float(cells.margin[group]), float(below[group]))
    out[group] = brentq(left, below[group], most, xtol=1e-15, rtol=1e-14) if left(most) > 0 else most
    return out, max(float(cells.margin[group] / cells.needed(out)[group]) - 1, 0.0)


def _root(cells: _Cells, budget: float, upper: Mask | None, most: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda t: cells.spend(cells.best(t, upper)) - budget, 0.0, most, xtol=1e-15, rtol=1e-14))
