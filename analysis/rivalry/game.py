"""The game networks play: logit demand for contestable parcels, captive parcels beside it, subsidies as prices."""

from dataclasses import KW_ONLY, dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_BY_CELL = ("share", "captive", "subsidy", "margin", "offered")
_BY_GROUP = ("parcels", "slope")
_BY_PLATFORM = ("budget", "plays")


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """One month of subsidy competition. Arrays may be given as single numbers where one value holds for all.

    Attributes
    ----------
    platforms : tuple of str
        P networks, at least two, those that hold still and the outside option included.
    groups : tuple of str
        G markets, say city tiers.
    share : (P, G) float64
        Contestable shares at `subsidy`; each group adds to 1 (or is all 0).
    parcels : (G,) float64
        Contestable parcels a month.
    captive : (P, G) float64
        Parcels a month that routing fixes; the subsidy is paid on them too.
    subsidy : (P, G) float64
        CNY per parcel in force.
    slope : (G,) float64
        Log-odds per CNY.
    margin : (P, G) float64
        CNY per parcel before the subsidy.
    floor : float
        Least subsidy, CNY per parcel.
    budget : (P,) float64
        Most that is spent on subsidies, CNY a month; infinite for no limit.
    plays : (P,) bool
        Those that answer; the others hold still.
    offered : (P, G) bool
        Where the network is present; elsewhere it has no share and its subsidy never moves.
    """

    platforms: tuple[str, ...]
    groups: tuple[str, ...]
    share: Floats
    parcels: Floats
    captive: Floats
    subsidy: Floats
    slope: Floats
    margin: Floats
    _: KW_ONLY
    floor: float = 0.0
    budget: Floats = field(default_factory=lambda: np.array(np.inf))
    plays: Mask = field(default_factory=lambda: np.array(True))
    offered: Mask = field(default_factory=lambda: np.array(True))

    def __post_init__(self) -> None:
        if len(self.platforms) < 2:
            raise ValueError("one network alone plays no game: give two or more, or an outside option")
        networks, groups = len(self.platforms), len(self.groups)
        for names, shape in ((_BY_CELL, (networks, groups)), (_BY_GROUP, (groups,)), (_BY_PLATFORM, (networks,))):
            for name in names:
                self._shape(name, shape)
        if not np.isfinite(self.share.sum()) or (self.share < 0).any() or (self.share.sum(axis=0) > 1 + 1e-9).any():
            raise ValueError("shares lie between 0 and 1 and add to 1 in each group: give contestable shares")
        if (self.parcels < 0).any() or (self.captive < 0).any():
            raise ValueError("parcels are negative: give parcels a month, 0 or more")

    def _shape(self, name: str, shape: tuple[int, ...]) -> None:
        given = np.asarray(getattr(self, name))
        if given.shape == shape:
            return
        try:
            object.__setattr__(self, name, np.broadcast_to(given, shape))
        except ValueError:
            raise ValueError(f"{name} has shape {given.shape}: give {shape}") from None

    def place(self, player: int | str) -> int:
        """Row of a network given by name or row."""
        return self.platforms.index(player) if isinstance(player, str) else int(player)


def shares_at(game: Game, subsidy: Floats) -> Floats:
    """Contestable shares (P, G) at other subsidies (P, G) in CNY per parcel; exactly those of the game at its own."""
    if np.array_equal(subsidy, game.subsidy):
        return game.share.copy()
    gain = game.slope * (subsidy - game.subsidy)
    weight = game.share * np.exp(gain - gain.max(axis=0))
    total, size = weight.sum(axis=0), game.share.sum(axis=0)
    return weight * np.divide(size, total, out=np.zeros_like(total), where=total > 0)


def parcels_at(game: Game, subsidy: Floats) -> Floats:
    """Parcels a month (P, G), captive ones included."""
    return shares_at(game, subsidy) * game.parcels + game.captive


def profit_at(game: Game, subsidy: Floats) -> Floats:
    """Margin less subsidy over all parcels, (P,) CNY a month; a margin may be NaN where a network has no parcels."""
    parcels = parcels_at(game, subsidy)
    return np.where(parcels > 0, parcels * (game.margin - subsidy), 0.0).sum(axis=1)


def spend_at(game: Game, subsidy: Floats) -> Floats:
    """Subsidies paid, (P,) CNY a month."""
    return (parcels_at(game, subsidy) * subsidy).sum(axis=1)


def leans(game: Game, subsidy: Floats) -> tuple[Floats, Mask]:
    """Log-odds of each network at a subsidy of 0, rivals held, and where a subsidy moves parcels at all; both (P, G).

    Subsidies move nothing where the network is absent, where nothing is contestable, where it or all others have no
    share, or where the slope is not positive; the log-odds are 0 there.
    """
    gain = game.slope * (subsidy - game.subsidy)
    top = gain.max(axis=0)
    weight = game.share * np.exp(gain - top)
    others = (1 - np.eye(len(weight))) @ weight
    live = game.offered & (game.slope > 0) & (game.parcels > 0) & (game.share > 0) & (others > 0)
    odds = np.divide(game.share, others, out=np.ones_like(others), where=live)
    return np.where(live, np.log(odds) - game.slope * game.subsidy - top, 0.0), live


def needed(game: Game, subsidy: Floats) -> Floats:
    """Margin at which one more CNY of subsidy just pays back, (P, G) CNY per parcel; NaN where it moves nothing.

    s + (S + K/N) / (b S (1 - S)), S the contestable share and K/N the captive parcels per contestable one.
    """
    lean, live = leans(game, subsidy)
    odds = lean + game.slope * subsidy
    captive = np.divide(game.captive, game.parcels, out=np.zeros_like(game.captive), where=live)
    wanted = 1 + np.exp(odds) + captive * (2 + np.exp(odds) + np.exp(-odds))
    return subsidy + np.divide(wanted, game.slope, out=np.full_like(wanted, np.nan), where=live)


def first_order(game: Game, subsidy: Floats, multiplier: Floats | None = None) -> Floats:
    """Margin, over 1 + the budget's multiplier (P,), less the margin `needed`; (P, G) CNY per parcel.

    0 at a best answer; below 0 where the floor keeps a network from paying less.
    """
    margin = game.margin if multiplier is None else game.margin / (1 + multiplier[:, None])
    return margin - needed(game, subsidy)
