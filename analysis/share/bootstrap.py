"""Wild cluster bootstrap-t with the null imposed, for coefficients that few clusters hold.

Cameron, Gelbach and Miller (2008); the draws enter through sums by cluster alone (Roodman, MacKinnon, Nielsen and Webb
2019), and the statistic of each draw is a ratio of two quadratics in the value tested, so that turning the test into an
interval costs no more draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.share.absorb import Codes, Floats
from analysis.share.errors import ShareError

WEBB = np.sqrt([0.5, 1.0, 1.5])
"""Sizes of Webb's (2014) weights, each with either sign; mean square 1."""
TIE = 1e-9
"""Statistics closer than this, relatively, are equal."""
DOUBLINGS = 40
STEPS = 60


@dataclass(frozen=True, slots=True)
class WildTest:
    """Test and interval of one coefficient.

    Attributes
    ----------
    p_value : float
        Two-sided, of the null.
    low, high : float
        Values that the test does not reject; infinite when it can reject none on that side, as when no p-value of so
        few clusters can be low enough: with 4 clusters and signs alone none is below 1/8.
    statistic : float
        t of the null.
    draws : int
    enumerated : bool
        Every vector of signs was used once.
    """

    p_value: float
    low: float
    high: float
    statistic: float
    draws: int
    enumerated: bool


@dataclass(frozen=True, slots=True)
class _Draws:
    """Of each draw: numerator top[0] - b top[1], and variance bottom[0] - 2 b bottom[1] + b^2 bottom[2].

    The first draw is the data themselves (every weight 1).
    """

    top: Floats
    bottom: Floats
    counted: slice

    def squared(self, value: float) -> Floats:
        numerator = (self.top[0] - value * self.top[1]) ** 2
        variance = self.bottom[0] - 2 * value * self.bottom[1] + value**2 * self.bottom[2]
        return numerator / np.maximum(variance, np.finfo(float).tiny)

    def p_value(self, value: float) -> float:
        squared = self.squared(value)
        return float((squared[self.counted] >= squared[0] * (1 - TIE)).mean())


def wild(
    outcome: Floats,
    drivers: Floats,
    clusters: Codes,
    position: int,
    *,
    null: float = 0.0,
    draws: int = 999,
    seed: int = 0,
    weights: str = "webb",
    level: float = 0.95,
    held: Sequence[int] | npt.NDArray[np.int64] | None = None,
    demean: Callable[[Floats], Floats] | None = None,
) -> WildTest:
    """Test that coefficient `position` of the least squares of `outcome` on `drivers` is `null`.

    Parameters
    ----------
    outcome : (rows,) float64
    drivers : (k, rows) float64
        Both demeaned.
    clusters : (rows,) int64
        0 to C - 1.
    position : int
    null : float
    draws, seed : int
    weights : str
        "webb" (six values, better with few clusters) or "rademacher" (signs; all 2^C are used when `draws` allow).
    level : float
    held : sequence of int, optional
        Clusters that hold the coefficient (the four cities of Tier 1): each has a weight of its own, and all others,
        whose scores are next to nothing, go with the first. All of them by default.
    demean : callable, optional
        Removes the effects from columns (k, rows). Give it when effects span clusters: without it they count as known.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}: give a probability between 0 and 1, such as 0.95")
    count = int(clusters.max()) + 1
    drawn = np.arange(count) if held is None else np.asarray(held, dtype=np.int64)
    if drawn.size < 2:
        raise ShareError("few_clusters", "the wild bootstrap needs two clusters or more")
    vectors, enumerated = _weights(weights, drawn.size, draws, np.random.default_rng(seed))
    sums, scores, estimate, scale = _sums(outcome, drivers, clusters, position, drawn, demean)
    top = sums @ vectors.T
    y, x = scores @ vectors.T
    found = _Draws(
        top, np.stack([(y * y).sum(axis=0), (y * x).sum(axis=0), (x * x).sum(axis=0)]), slice(int(enumerated), None)
    )
    support = (6.0 if weights == "webb" else 2.0) ** (1 - drawn.size)
    least = max(support, 0.0 if enumerated else 1 / len(vectors))
    ends = [_end(found, estimate, side * scale, 1 - level) if least < 1 - level else side * np.inf for side in (-1, 1)]
    sign = np.sign(top[0, 0] - null * top[1, 0])
    return WildTest(
        p_value=found.p_value(null),
        low=float(ends[0]),
        high=float(ends[1]),
        statistic=float(sign * np.sqrt(found.squared(null)[0])),
        draws=len(vectors) - 1,
        enumerated=enumerated,
    )


def _weights(kind: str, clusters: int, draws: int, rng: np.random.Generator) -> tuple[Floats, bool]:
    """Weights (draws, clusters), the first row all 1, and whether the other rows are all vectors of signs."""
    first = np.ones((1, clusters))
    if kind == "rademacher" and clusters < 60 and 2**clusters <= draws:
        signs = 1 - 2 * (np.arange(2**clusters)[:, None] >> np.arange(clusters) & 1)
        return np.vstack([first, signs.astype(np.float64)]), True
    if kind == "rademacher":
        return np.vstack([first, rng.choice([-1.0, 1.0], (draws, clusters))]), False
    if kind == "webb":
        return np.vstack([first, rng.choice([*-WEBB, *WEBB], (draws, clusters))]), False
    raise ValueError(f"weights {kind!r} are unknown: choose webb or rademacher")


def _sums(
    outcome: Floats,
    drivers: Floats,
    clusters: Codes,
    position: int,
    drawn: npt.NDArray[np.int64],
    demean: Callable[[Floats], Floats] | None,
) -> tuple[Floats, Floats, float, float]:
    """What the draws need of the outcome and of the driver, both net of the other drivers.

    Sums (2, parts) of the driver times the residual of each part; scores (2, clusters, parts) of each cluster when
    the residual of one part alone is drawn; the estimate and its standard error. Parts are the clusters drawn, all
    others with the first.
    """
    others = np.delete(drivers, position, axis=0)
    both = np.stack([outcome, drivers[position]])
    if len(others):
        both = both - np.linalg.solve(others @ others.T, others @ both.T).T @ others
    driver, count = both[1], int(clusters.max()) + 1
    part_of = np.zeros(count, dtype=np.int64)
    part_of[drawn] = np.arange(drawn.size)
    parts, size = part_of[clusters], drawn.size
    leverage = np.stack([np.bincount(clusters, driver * d, count) for d in drivers])
    bread = np.linalg.inv(drivers @ drivers.T)
    sums, scores = np.empty((2, size)), np.empty((2, count, size))
    for k, residual in enumerate(both):
        own = np.bincount(clusters, driver * residual, count).astype(np.float64)
        sums[k] = np.bincount(part_of, own, size)
        pulled = np.stack([np.bincount(parts, d * residual, size) for d in drivers])
        scores[k] = _direct(driver, residual, clusters, parts, size, own, demean) - leverage.T @ bread @ pulled
    length = float(driver @ driver)
    estimate = sums[0].sum() / length
    error = np.sqrt(((scores[0] - estimate * scores[1]).sum(axis=1) ** 2).sum()) / length
    return sums, scores, float(estimate), float(error)


def _direct(
    driver: Floats,
    residual: Floats,
    clusters: Codes,
    parts: Codes,
    size: int,
    own: Floats,
    demean: Callable[[Floats], Floats] | None,
) -> Floats:
    """Sums by cluster (clusters, parts) of the driver times the residual of each part, its effects taken out."""
    out = np.zeros((own.size, size))
    if demean is None:
        out[clusters, parts] = own[clusters]
        return out
    for part in range(size):
        left = demean(np.where(parts == part, residual, 0.0)[None])[0]
        out[:, part] = np.bincount(clusters, driver * left, own.size)
    return out


def _end(found: _Draws, start: float, step: float, alpha: float) -> float:
    """Value farthest from `start` towards `step` that is not rejected, by doubling and halving."""
    inside, outside = start, start + step
    for _ in range(DOUBLINGS):
        if found.p_value(outside) <= alpha:
            break
        inside, outside = outside, start + 2 * (outside - start)
    else:
        return float(np.copysign(np.inf, step))
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if found.p_value(middle) > alpha else (inside, middle)
    return inside
