"""Draws of the path: fitted effects, growth and assumptions vary together; only sums by tier are kept.

Cities lie last in memory and a block of draws is worked on in place, so that every array stays in the cache. Rivals'
answers and bills per parcel within a tier are those of the point path. Stations come and go, and guarantees are worth,
what each draw's own assumptions say, all cities of a tier alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.draw_entry import EntryDraws, span
from analysis.scenario.draw_scale import demand, guarantee_ratios
from analysis.scenario.path import Path
from analysis.scenario.pull import MOST

Singles = npt.NDArray[np.float32]
VARY = ("parameters", "growth", "assumptions")
ROWS = 256
"""Months of all draws in one block: about 340 kB of cities."""
ONE_THREAD = 200_000
"""Multiplications in one product of matrices."""
DENSITY = "density"
RESPONSE = "entry_response_per_1000_cny"


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


def draw(
    path: Path,
    growth_per_year: float,
    *,
    draws: int,
    seed: int,
    vary: Sequence[str] = VARY,
    pause: Callable[[], object] = tuple,
) -> Draws:
    """Draw `draws` times what `vary` names; the same seed gives every scenario the same numbers.

    `pause` is called between blocks of draws: what it raises ends the work.
    """
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
    return Draws(_volumes(path, slopes, density, values, growth, pause), growth, values, slopes, density)


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
    """Assumptions from triangles over their ranges, with the chosen value as the mode; each has a stream of its own.

    A response of 0 stays: stations are then not followed at all.
    """
    found = {}
    for place, key in enumerate(ASSUMPTIONS):
        low, high = span(key, chosen[key])
        found[key] = np.full(draws, chosen[key])
        if vary and low < high and not (key == RESPONSE and not chosen[key]):
            found[key] = np.random.default_rng([seed, 2, place]).triangular(low, chosen[key], high, draws)
    return found


def _volumes(
    path: Path,
    slopes: Floats,
    density: Floats,
    values: Mapping[str, Floats],
    growth: Floats,
    pause: Callable[[], object],
) -> Singles:
    model, months = path.model, path.found.months + 1
    shape = len(slopes), months, len(model.tiers), len(model.platforms)
    if not path.found.touched:
        return np.broadcast_to(path.volumes[:1] / path.growth[0], shape)
    out = np.empty(shape, np.float32)
    fixed, free = _ground(path)
    entry, guaranteed = EntryDraws(path, values), guarantee_ratios(path, values, growth, slopes)
    block = max(1, ROWS // months)
    work = _Work(path, free, block)
    for start in range(0, len(slopes), block):
        pause()
        part = slice(start, min(start + block, len(slopes)))
        chosen = {key: value[part] for key, value in values.items()}
        ratios = {j: ratio[part] for j, ratio in guaranteed.items()}
        work.fill(out[part], slopes[part], density[part], chosen, entry.of(part), ratios)
    out += fixed
    if path.entry is not None:
        _align(out, path, work, entry, fixed)
    if path.found.forwarding:
        out *= demand(path, values)
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
        self.parts = {j: self._parts(j) for j in path.gain.networks}
        self.sigma = model.sigma.astype(np.float32)
        self.bounds = np.array(model.bounds[:-1])
        self.by_city = np.ascontiguousarray(self.sigma.T)
        self.rest = [j for j in range(len(model.platforms)) if j not in self.parts]
        spans = [model.span(tier) for tier in model.tiers]
        self.rest_sigma = [(cities, np.ascontiguousarray(self.sigma[self.rest, cities])) for cities in spans]
        self.taken = np.flatnonzero(model.free <= 0)
        shape = (block, *free.shape)
        self.lower, self.change, self.more = (np.empty(shape, np.float32) for _ in range(3))
        self.lifts = np.empty((len(self.parts), *shape), np.float32)

    def _parts(self, j: int) -> dict[str, Singles]:
        """What is worth something for one network, and the assumption it is multiplied by."""
        gain = self.path.gain
        named = {"": gain.plain, "guarantee_effect": gain.guaranteed, "shared_pass_on": gain.shared}
        named[DENSITY] = gain.opened
        return {key: cells[j].astype(np.float32) for key, cells in named.items() if j in cells}

    def fill(
        self,
        out: Singles,
        slopes: Floats,
        density: Floats,
        values: Mapping[str, Floats],
        entry: Floats | None,
        guaranteed: Mapping[int, Floats],
    ) -> None:
        """Contestable parcels by month, tier and network for some draws.

        `guaranteed`: worth of a network's guarantee over that of the point (draws, months, tiers).
        """
        model, n = self.path.model, len(out)
        slope = slopes[:, model.group].astype(np.float32)[:, None, :]
        thick = density[:, model.group].astype(np.float32)[:, None, :]
        lower, tilt = self.lower[:n], self._tilt(density, entry)
        self._others(lower, tilt)
        for place, (j, parts) in enumerate(self.parts.items()):
            lift = self.lifts[place, :n]
            self._lift(lift, parts, slope, thick, values, guaranteed.get(j))
            if tilt is not None:
                lift *= np.repeat(tilt[..., j], np.diff(model.bounds), axis=2)
                lift *= self.sigma[j]
                lower += lift
            else:
                np.subtract(lift, 1, out=self.more[:n])
                self.more[:n] *= self.sigma[j]
                lower += self.more[:n]
                lift *= self.sigma[j]
        np.divide(self.free, lower, out=lower)
        self._add_up(lower.reshape(-1, lower.shape[-1]), out.reshape(-1, self.tiers, out.shape[-1]))
        if tilt is not None:
            out *= tilt
        for place, j in enumerate(self.parts):
            np.multiply(self.lifts[place, :n], lower, out=self.more[:n])
            out[..., j] = np.add.reduceat(self.more[:n], self.bounds, axis=2)

    def _add_up(self, scale: Singles, out: Singles) -> None:
        """Sums over the cities of each tier; products small enough for BLAS to keep to one thread.

        On a busy machine threads that wait for each other take many times as long as the sums themselves.
        """
        for t, tier in enumerate(self.path.model.tiers):
            cities = self.path.model.span(tier)
            rows = max(1, ONE_THREAD // (self.by_city[cities].size or 1))
            for start in range(0, len(scale), rows):
                part = slice(start, start + rows)
                out[part, t] = scale[part, cities] @ self.by_city[cities]

    def _lift(
        self,
        lift: Singles,
        parts: Mapping[str, Singles],
        slope: Singles,
        thick: Singles,
        values: Mapping[str, Floats],
        guaranteed: Floats | None,
    ) -> None:
        change = self.change[: len(lift)]
        lift[:] = 0
        for key, cells in parts.items():
            np.multiply(cells, thick if key == DENSITY else slope, out=change)
            if key in values:
                change *= values[key].astype(np.float32)[:, None, None]
            if key == "guarantee_effect" and guaranteed is not None:
                change *= np.repeat(guaranteed.astype(np.float32), np.diff(self.path.model.bounds), axis=2)
            lift += change
        np.minimum(lift, MOST, out=lift)
        np.exp(lift, out=lift)

    def _tilt(self, density: Floats, entry: Floats | None) -> Singles | None:
        """Lift of every network by stations that came and went (draws, months, tiers, networks)."""
        if entry is None:
            return None
        thick = density[:, self.path.model.group[self.bounds]]
        return np.exp(entry * thick[:, None, :, None], dtype=np.float32, casting="same_kind")

    def _others(self, lower: Singles, tilt: Singles | None) -> None:
        """Denominator before the networks whose own attraction changes: 1, or what came and went."""
        if tilt is None:
            lower[:] = 1
            return
        for tier, (cities, sigma) in enumerate(self.rest_sigma):
            np.matmul(tilt[:, :, tier, self.rest], sigma, out=lower[..., cities])
        if self.taken.size:
            lower[..., self.taken] = 1


def _align(out: Singles, path: Path, work: _Work, entry: EntryDraws, fixed: Singles) -> None:
    """Scale every draw by the point path over the same point with the entry of a tier's average city."""
    model = path.model
    point = np.empty((1, *out.shape[1:]), np.float32)
    chosen = {key: np.array([value]) for key, value in path.values.items()}
    assert entry.point is not None
    work.fill(point, model.slopes[None], model.density[None], chosen, entry.point[None], {})
    point += fixed
    exact = path.volumes / np.maximum(path.volumes.sum(axis=2, keepdims=True), 1e-300)
    exact = exact * point[0].sum(axis=2, keepdims=True)
    total = out.sum(axis=-1, keepdims=True)
    out *= np.divide(exact, point[0], out=np.ones_like(exact), where=point[0] > 0).astype(np.float32)
    lower = out.sum(axis=-1, keepdims=True)
    out *= np.divide(total, lower, out=np.ones_like(total), where=lower > 0)
