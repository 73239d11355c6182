"""Quotients of weights that may be 0: a point that no station reaches has none."""

import numpy as np

from analysis.space.neighbours import Floats


def safe(total: Floats) -> Floats:
    """The total, 1 where there is none, to divide by."""
    return np.where(total > 0, total, 1.0)


def part(top: Floats, total: Floats) -> Floats:
    """Part of the total; 0 where there is none."""
    return np.asarray(np.where(total > 0, top, 0.0) / safe(total))


def inverse(total: Floats) -> Floats:
    """One over the total; 0 where there is none."""
    return part(np.ones_like(total), total)
