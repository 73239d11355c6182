"""One way to continue any batch by any declared curve or method, and the bands of what comes of it."""

import numpy as np

from analysis.growth import guards, intervals, many
from analysis.growth.batch import Batch, Run
from analysis.growth.curves import Method
from analysis.growth.shapes import FloatArray


def run(key: str, batch: Batch) -> Run:
    """Fit the rows of a batch by the entry `key` of `CURVES` and continue them."""
    declared = guards.declared(key)
    return declared.run(batch, None) if isinstance(declared, Method) else many.run_curve(declared, batch)


def bands(found: Run, level: float, floor: FloatArray, *, factor: FloatArray | float = 1.0) -> tuple[FloatArray, ...]:
    """Low and high ends of the prediction bands, each (S, horizon).

    Parameters
    ----------
    floor : ndarray (S,)
        Of the batch: bands of a series that is never negative end at 0.
    factor : ndarray (horizon,) or float
        By which half widths are multiplied.
    """
    half = intervals.quantiles(level, found.df)[:, None] * found.spread * factor
    if found.logs:
        return intervals.multiplied(found.median, half)
    return np.maximum(found.median - half, floor[:, None]), found.median + half
