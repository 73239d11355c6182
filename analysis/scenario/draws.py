"""Draws of the path: fitted effects, growth and assumptions vary together; only sums by tier are kept.

Cities lie last in memory and a block of draws is worked on in place, so that every array stays in the cache. Rivals'
answers, the stations that come and go, and bills per parcel within a tier are those of the point path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.engine import MOST, Path, cheaper
from analysis.scenario.plan import worth

Singles = npt.NDArray[np.float32]
VARY = ("parameters", "growth", "assumptions")
ROWS = 256
"""Months of all draws in one block: about 340 kB of cities."""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What was drawn and what followed.

    Attributes
    ----------
    volumes : (draws, months + 1, tiers, networks) float32
        Parcels a month of the observed month's size: growth is not in them.
    growth : (draws, months + 1) float64
        All parcels over those of the observed month.
    values : dict of str to (draws,) float64
        Assumptions.
    slopes, density : (draws, groups) float64
    """

    volumes: Singles
    growth: Floats
    values: dict[str, Floats]
    slopes: Floats
    density: Floats


def draw(path: Path, growth_per_year: float, *, draws: int, seed: int, vary: Sequence[str] = VARY) -> Draws:
    """Draw `draws` times what `vary` names; the same seed gives every scenario the same numbers."""
    strange = [name for name in vary if name not in VARY]
    if strange:
        raise ValueError(f"{strange[0]!r} does not vary: choose from {', '.join(VARY)}")
    model, months = path.model, path.found.months
    effects = _effects(model, draws, seed, "parameters" in vary)
    rate = np.random.default_rng([seed, 1]).standard_normal(draws) * model.growth[1] * ("growth" in vary)
    growth = np.maximum(1 + growth_per_year + rate, 0.1)[:, None] ** (np.arange(months + 1) / 12)
    values = _values(path.values, draws, seed, "assumptions" in vary)
    size = model.slopes.size
    slopes, density = effects[:, :size], effects[:, size:]
    return Draws(_volumes(path, slopes, density, values), growth, values, slopes, density)


def _effects(model: MarketModel, draws: int, seed: int, vary: bool) -> Floats:
    """Slopes and densities (draws, 2 groups) from their joint covariance; Student's t where clusters are few."""
    generator = np.random.default_rng(seed)
    mean = np.concatenate([model.slopes, model.density])
    normal = generator.standard_normal((draws, mean.size))
    if not vary:
        return np.tile(mean, (draws, 1))
    values, vectors = np.linalg.eigh(model.covariance)
    error = normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    df = np.tile(model.df, 2)
    few = np.isfinite(df)
    if few.any():
        half = model.df[np.isfinite(model.df)]
        error[:, few] *= np.tile(np.sqrt(half / generator.chisquare(half, (draws, half.size))), (1, 2))
    return mean + error


def _values(chosen: Mapping[str, float], draws: int, seed: int, vary: bool) -> dict[str, Floats]:
    """Assumptions from triangles over their ranges, with the chosen value as the mode; each has a stream of its own."""
    found = {}
    for place, (key, item) in enumerate(ASSUMPTIONS.items()):
        low, high, mode = min(item.low, chosen[key]), max(item.high, chosen[key]), chosen[key]
        found[key] = np.full(draws, mode)
        if vary and low < high:
            found[key] = np.random.default_rng([seed, 2, place]).triangular(low, mode, high, draws)
    return found


def _volumes(path: Path, slopes: Floats, density: Floats, values: Mapping[str, Floats]) -> Singles:
    model, months, tiers = path.model, path.found.months + 1, len(path.model.tiers)
    if not path.found.touched:
        return np.broadcast_to(path.volumes[:1] / path.growth[0], (len(slopes), months, tiers, len(model.platforms)))
    fixed, free = _ground(path)
    out = np.empty((len(slopes), months, tiers, len(model.platforms)), np.float32)
    if not len(slopes):
        return out
    block = max(1, ROWS // months)
    work = _Work(path, free, block)
    for start in range(0, len(slopes), block):
        part = slice(start, min(start + block, len(slopes)))
        chosen = {key: value[part] for key, value in values.items()}
        work.fill(out[part], slopes[part], density[part], chosen)
    out += fixed
    if path.found.forwarding:
        _more_demand(path, out, values)
    return out


def _ground(path: Path) -> tuple[Singles, Singles]:
    """Captive parcels by month, tier and network, and contestable parcels by month and city."""
    model, months = path.model, path.found.months + 1
    captive = np.repeat(model.by_tier(model.captive)[:, None, :], months, axis=1)
    free = np.repeat(model.free[None], months, axis=0)
    for j, cells in path.found.routed.items():
        captive[j] += model.by_tier(cells)
        free = free - cells
    return np.moveaxis(captive, 0, 2).astype(np.float32), np.maximum(free, 0.0).astype(np.float32)


class _Work:
    """Buffers of one block of draws: (block, months, cities)."""

    def __init__(self, path: Path, free: Singles, block: int) -> None:
        model = path.model
        self.path, self.free, self.tiers = path, free, len(model.tiers)
        self.gain = worth(path.found, model, path.values)
        self.parts = {j: self._parts(j) for j in self.gain.networks}
        self.sigma = model.sigma.astype(np.float32)
        self.bounds = np.array(model.bounds[:-1])
        spread = np.zeros((len(model.cities), self.tiers, len(model.platforms)), np.float32)
        for t, tier in enumerate(model.tiers):
            spread[model.span(tier), t] = self.sigma[:, model.span(tier)].T
        self.block = spread.reshape(len(model.cities), -1)
        shape = (block, *free.shape)
        self.lower, self.change, self.more = (np.empty(shape, np.float32) for _ in range(3))
        self.lifts = np.empty((len(self.parts), *shape), np.float32)

    def _parts(self, j: int) -> dict[str, Singles]:
        """What is worth something for one network, and the assumption it is multiplied by."""
        gain = self.gain
        named = {"": gain.plain, "guarantee_effect": gain.guaranteed, "shared_pass_on": gain.shared, "d": gain.opened}
        return {key: cells[j].astype(np.float32) for key, cells in named.items() if j in cells}

    def fill(self, out: Singles, slopes: Floats, density: Floats, values: Mapping[str, Floats]) -> None:
        """Contestable parcels by month, tier and network for some draws."""
        model, n = self.path.model, len(out)
        slope = slopes[:, model.group].astype(np.float32)[:, None, :]
        thick = density[:, model.group].astype(np.float32)[:, None, :]
        lower = self.lower[:n]
        tilt = self._tilt(density, values)
        self._others(lower, tilt)
        for place, (j, parts) in enumerate(self.parts.items()):
            lift = self.lifts[place, :n]
            self._lift(lift, parts, slope, thick, values)
            if tilt is not None:
                lift *= np.repeat(tilt[..., j], np.diff(model.bounds), axis=2)
                np.multiply(lift, self.sigma[j], out=lift)
                lower += lift
            else:
                np.subtract(lift, 1, out=self.more[:n])
                self.more[:n] *= self.sigma[j]
                lower += self.more[:n]
                lift *= self.sigma[j]
        np.divide(self.free, lower, out=lower)
        np.matmul(lower.reshape(-1, lower.shape[-1]), self.block, out=out.reshape(-1, self.block.shape[1]))
        if tilt is not None:
            out *= tilt
        for place, j in enumerate(self.parts):
            np.multiply(self.lifts[place, :n], lower, out=self.more[:n])
            out[..., j] = np.add.reduceat(self.more[:n], self.bounds, axis=2)

    def _lift(
        self, lift: Singles, parts: Mapping[str, Singles], slope: Singles, thick: Singles, values: Mapping[str, Floats]
    ) -> None:
        change = self.change[: len(lift)]
        lift[:] = 0
        for key, cells in parts.items():
            np.multiply(cells, thick if key == "d" else slope, out=change)
            if key not in ("", "d"):
                change *= values[key].astype(np.float32)[:, None, None]
            lift += change
        np.minimum(lift, MOST, out=lift)
        np.exp(lift, out=lift)

    def _tilt(self, density: Floats, values: Mapping[str, Floats]) -> Singles | None:
        """Lift of every network by stations that came and went (draws, months, tiers, networks)."""
        path, key = self.path, "entry_response_per_1000_cny"
        if path.entry is None:
            return None
        scale = values[key] / path.values[key]
        thick = density[:, path.model.group[self.bounds]]
        change = path.entry * scale[:, None, None, None] * thick[:, None, :, None]
        return np.exp(change, dtype=np.float32, casting="same_kind")

    def _others(self, lower: Singles, tilt: Singles | None) -> None:
        """Denominator before the networks whose own attraction changes: 1, or what came and went."""
        if tilt is None:
            lower[:] = 1
            return
        model = self.path.model
        rest = [j for j in range(len(model.platforms)) if j not in self.parts]
        for t, tier in enumerate(model.tiers):
            span = model.span(tier)
            lower[..., span] = tilt[:, :, t, rest] @ self.sigma[rest, span]
        lower[..., model.free <= 0] = 1


def _more_demand(path: Path, out: Singles, values: Mapping[str, Floats]) -> None:
    """Cheaper parcels are more parcels: the factor of a tier is its average over parcels."""
    model = path.model
    less = cheaper(model, path.found, path.values)
    total = model.parcels.sum(axis=0)
    average = model.by_tier(less * total) / np.maximum(model.by_tier(total), 1e-300)
    factor = np.exp(values["demand_elasticity"][:, None, None] * average)
    out *= factor[..., None].astype(np.float32)
