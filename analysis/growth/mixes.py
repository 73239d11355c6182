"""Shares of a whole, continued: centred log-ratios go on by a damped trend or stay, whichever forecast better.

A part of a mix is free when it has a value now and a history; the others are held at their last share, and the free
ones share what is left. Log-ratios are taken against the mean of the parts that have been there all along, so that a
part that enters late does not bend the history of the others.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import conformal, engine, intervals, scores
from analysis.growth.batch import Batch, Run
from analysis.growth.shapes import FloatArray

METHODS = ("naive", "damped trend")
"""The first is kept unless a later one forecasts better."""
LEAST = 24
"""Months with a value that a free part has, and that every back-test learns from."""
ORIGINS = 5
"""Rather test fewer steps than with fewer origins."""
TINY = 1e-9
"""Spreads below this are rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """Shares of P parts over h steps.

    Attributes
    ----------
    parts : tuple
        Their names.
    free : ndarray (P,) of bool
    reasons : tuple of str
        Why a part is held: "zero" (nothing in the last month) or "short" (fewer than 24 months); "" for a free one.
    last : ndarray (P,)
        Shares in the last month.
    method : str
        Key of `CURVES`; "" when nothing is free to move.
    centre : ndarray (P, h)
        Log-ratios of the free parts; 0 for held ones.
    half : ndarray (2, P, h)
        Half widths of the 80 % and 95 % bands of the log-ratios, widened by the back-test; 0 for held ones.
    residuals : ndarray (P, n)
        One-step errors of the log-ratios; NaN where there is none.
    errors : dict of str to float
        Mean absolute error of the shares in the back-test of each method, fractions.
    """

    parts: tuple[Hashable, ...]
    free: NDArray[np.bool_]
    reasons: tuple[str, ...]
    last: FloatArray
    method: str
    centre: FloatArray
    half: FloatArray
    residuals: FloatArray
    errors: dict[str, float]

    def shares(self, errors: FloatArray | float = 0.0) -> FloatArray:
        """Shares (h, P), or (draws, h, P) under errors (draws, h, P) of the log-ratios; each row adds up to 1."""
        ratios = self.centre.T + errors
        size = np.where(self.free, np.exp(ratios - ratios.max(axis=-1, keepdims=True)), 0.0)
        moving = size / np.maximum(size.sum(axis=-1, keepdims=True), TINY) * self.last[self.free].sum()
        return np.where(self.free, moving, self.last)


def mix(volumes: pd.DataFrame, horizon: int, *, origins: int = 12) -> Mix:
    """Continue the shares of the columns of `volumes` (months x P, 0 or missing where a part is not there)."""
    found = volumes.to_numpy(dtype=np.float64)
    there = found > 0
    now = np.where(there[-1], found[-1], 0.0)
    reasons = np.select([~there[-1], there.sum(axis=0) < LEAST], ["zero", "short"], "")
    free = reasons == ""
    last = now / max(float(now.sum()), np.finfo(float).tiny)
    still = Mix(
        parts=tuple(volumes.columns),
        free=free,
        reasons=tuple(reasons.tolist()),
        last=last,
        method="",
        centre=np.zeros((len(free), horizon)),
        half=np.zeros((2, len(free), horizon)),
        residuals=np.full((len(free), len(found)), np.nan),
        errors={},
    )
    return still if free.sum() < 2 else _moving(still, volumes.loc[:, free].where(there[:, free]), horizon, origins)


def _moving(still: Mix, volumes: pd.DataFrame, horizon: int, origins: int) -> Mix:
    ratios = _ratios(volumes)
    trials = {key: _trial(key, ratios, horizon, origins) for key in METHODS}
    errors = {key: trial.error for key, trial in trials.items()}
    method = min((key for key in METHODS if np.isfinite(errors[key])), key=errors.__getitem__, default=METHODS[0])
    run = _run(method, _batch(ratios, horizon, [ratios.shape[1]]))
    centre, half, residuals = still.centre.copy(), still.half.copy(), still.residuals.copy()
    centre[still.free] = np.log(run.median)
    for i, level in enumerate(conformal.LEVELS):
        half[i, still.free] = _half(run, trials[method], level)
    residuals[still.free, -ratios.shape[1] :] = ratios - np.log(run.fitted)
    return replace(still, method=method, centre=centre, half=half, residuals=residuals, errors=errors)


def _ratios(volumes: pd.DataFrame) -> FloatArray:
    """Log-ratios (P, n) against the mean of the parts with most months, from the first month that these have."""
    logs = np.log(volumes)
    count = logs.notna().sum()
    ratios = logs.sub(logs.loc[:, count == count.max()].mean(axis=1, skipna=False), axis=0)
    return ratios.loc[ratios.first_valid_index() :].to_numpy().T


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """Errors of log-ratios in nominal spreads (P, O, h), and the mean absolute error of the shares."""

    errors: FloatArray
    error: float


def _trial(method: str, values: FloatArray, horizon: int, origins: int) -> _Trial:
    """Try a method at the last origins that leave two years to learn from, over fewer steps where data are short."""
    room = values.shape[1] - LEAST
    if room < 1:
        return _Trial(np.full((len(values), 1, 1), np.nan), np.nan)
    tested = int(np.clip(room + 1 - ORIGINS, 1, horizon))
    count = min(origins, room + 1 - tested)
    cuts = values.shape[1] - tested - count + 1 + np.arange(count)
    run = _run(method, _batch(values, tested, cuts.tolist()))
    median, spread = (np.reshape(a, (len(values), len(cuts), -1)) for a in (np.log(run.median), run.spread))
    actual = values[:, cuts[:, None] + np.arange(tested)]
    both = np.isfinite(actual + median)
    wrong = np.abs(_shares(actual, both) - _shares(median, both))
    error = float(scores.mean(np.where(both.sum(axis=0) > 1, wrong, np.nan), axis=(0, 1, 2)))
    return _Trial((actual - median) / np.maximum(spread, TINY), error)


def _shares(ratios: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Shares among the parts (first axis) that are known; NaN for the others."""
    size = np.where(known, np.exp(np.where(known, ratios, 0.0)), np.nan)
    return size / np.nansum(size, axis=0)


def _batch(ratios: FloatArray, horizon: int, cuts: Sequence[int]) -> Batch:
    """Every part (P, n) as it was known at each cut, one row each, without seasons."""
    width = max(cuts)
    values = np.full((len(ratios), len(cuts), width), np.nan)
    for i, known in enumerate(cuts):
        values[:, i, width - known :] = np.exp(ratios[:, :known])
    return Batch(
        values=values.reshape(-1, width),
        times=np.arange(width + horizon, dtype=np.float64),
        horizon=horizon,
        period=1,
        design=np.zeros((width + horizon, 0)),
        floor=np.zeros(len(ratios) * len(cuts)),
    )


def _run(method: str, batch: Batch) -> Run:
    """Continue the rows on logs; those that the method cannot fit stay where they are."""
    run = engine.run(method, batch)
    bad = (run.failed != "")[:, None]
    if method == METHODS[0] or not bad.any():
        return run
    still = engine.run(METHODS[0], batch)
    table = {name: np.where(bad, getattr(still, name), getattr(run, name)) for name in ("fitted", "median", "spread")}
    return replace(run, **table, df=np.where(bad[:, 0], still.df, run.df))


def _half(run: Run, trial: _Trial, level: float) -> FloatArray:
    tested = trial.errors.shape[-1]
    factors = conformal.factors(trial.errors, run.spread[:, :tested], run.df, level)
    return intervals.quantiles(level, run.df)[:, None] * run.spread * conformal.carried(factors, run.spread.shape[1])
