"""Panels with a treatment that starts at different times, and known effects."""

import numpy as np
import pandas as pd

COLUMNS = {"outcome": "y", "unit": "unit", "time": "time", "cohort": "cohort"}


def long(outcome: np.ndarray, cohort: np.ndarray, **constant: np.ndarray) -> pd.DataFrame:
    """One row per unit and period of a matrix (units, periods); cohort (units,), NaN for never."""
    units, periods = outcome.shape
    every = np.repeat(np.arange(units), periods)
    wide = {"cohort": cohort} | constant
    return pd.DataFrame(
        {"unit": every, "time": np.tile(np.arange(periods), units), "y": outcome.ravel()}
        | {name: values[every] for name, values in wide.items()}
    )


def draw(
    rng: np.random.Generator,
    *,
    cohorts: tuple[int, ...] = (4, 6, 8, 9),
    size: int = 5,
    never: int = 20,
    periods: int = 12,
    effect: float = 0.1,
    growth: float = 0.1,
    noise: float = 0.3,
    persistence: float = 0.5,
    sampled: bool = False,
) -> pd.DataFrame:
    """Units with their own level and persistent shocks; the effect in relative period e is effect + growth x e.

    `sampled`: cohorts are drawn from a population with these shares, instead of having these sizes.
    """
    cohort = np.concatenate([np.repeat(np.array(cohorts, dtype=float), size), np.full(never, np.nan)])
    if sampled:
        cohort = rng.choice(cohort, len(cohort))
    shape = len(cohort), periods
    shock = rng.normal(0, noise, shape)
    for t in range(1, periods):
        shock[:, t] += persistence * shock[:, t - 1]
    relative = np.arange(periods) - cohort[:, None]
    treated = np.where(relative >= 0, effect + growth * relative, 0.0)
    level = rng.normal(0, 1, (shape[0], 1)) + np.sin(np.arange(periods))
    return long(level + shock + treated, cohort)
