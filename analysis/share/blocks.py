"""Products of a few long columns, block by block.

A block stays in the processor's cache and below the size at which BLAS starts threads, whose meeting costs more than
the work when the machine is busy.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALONE = 1 << 18
"""Multiplications that OpenBLAS does in one thread."""
SHORTEST = 1024


def _blocks(rows: int, work: int) -> list[slice]:
    size = max(SHORTEST, ALONE // max(work, 1))
    return [slice(start, start + size) for start in range(0, rows, size)]


def gram(left: Floats, right: Floats, weights: Floats | None = None) -> Floats:
    """Sums over rows (k, m) of products of columns (k, rows) and (m, rows), by weight."""
    total = np.zeros((len(left), len(right)))
    for rows in _blocks(right.shape[1], total.size):
        part = left[:, rows] if weights is None else left[:, rows] * weights[rows]
        total += part @ right[:, rows].T
    return total


def spread(table: Any, values: Floats) -> Floats:
    """Table (rows, levels) times values (levels, k); a sparse table in one go."""
    if not isinstance(table, np.ndarray):
        return table @ values
    out = np.empty((len(table), values.shape[1]))
    for rows in _blocks(len(table), values.size):
        out[rows] = table[rows] @ values
    return out


def combine(slopes: Floats, columns: Floats) -> Floats:
    """Sum (rows,) of columns (k, rows), each times its slope."""
    total = np.zeros(columns.shape[1])
    for slope, column in zip(slopes, columns, strict=True):
        total += slope * column
    return total
