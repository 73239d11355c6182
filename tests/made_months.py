"""Rows for the tests of time-series methods."""

import numpy as np
from numpy.typing import NDArray

from analysis.growth.batch import Batch, Run
from analysis.growth.curves import CURVES, Method

Array = NDArray[np.float64]


def batch(values: Array, *, horizon: int = 12, period: int = 12, design: Array | None = None) -> Batch:
    rows = np.atleast_2d(values)
    n = rows.shape[1] + horizon
    columns = np.zeros((n, 0)) if design is None else design
    return Batch(rows, np.arange(n, dtype=np.float64), horizon, period, columns, np.zeros(len(rows)))


def run(key: str, given: Batch, params: Array | None = None) -> Run:
    declared = CURVES[key]
    assert isinstance(declared, Method)
    return declared.run(given, params)


def months(rows: int, n: int, *, season: float = 0.2, seed: int = 0) -> Array:
    """Random walks, trends with noise, S-curves and slowly turning trends with a season, (rows, n)."""
    rng, t = np.random.default_rng(seed), np.arange(n)
    kinds = [
        lambda: np.cumsum(rng.normal(0.01, 0.05, n)),
        lambda: 0.01 * t + rng.normal(0, 0.1, n),
        lambda: 2 / (1 + np.exp(-(t - n / 2) / 8)) + rng.normal(0, 0.02, n),
        lambda: np.cumsum(np.cumsum(rng.normal(0, 0.01, n))) + rng.normal(0, 0.05, n),
    ]
    waves = season * np.sin(np.add.outer(np.arange(rows), t * np.pi / 6))
    return np.exp(3 + waves + np.array([kinds[i % 4]() for i in range(rows)]))
