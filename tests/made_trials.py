"""Series of months for the tests of back-tests."""

import numpy as np
import pandas as pd


def months(values: np.ndarray, start: str = "2015-01") -> pd.Series:
    return pd.Series(values, index=pd.period_range(start, periods=len(values), freq="M"))


def grown(n: int, seed: int = 0, noise: float = 0.03) -> pd.Series:
    """Steady growth with a season."""
    t, rng = np.arange(n), np.random.default_rng(seed)
    return months(100 * np.exp(0.02 * t + 0.2 * np.cos(np.pi * t / 6) + noise * rng.normal(size=n)))
