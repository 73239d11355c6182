"""The forecasts that everything else has to beat: the last value, and the same season of last year."""

import numpy as np

from analysis.growth.batch import Batch, Run
from analysis.growth.shapes import FloatArray


def naive(batch: Batch, params: FloatArray | None = None) -> Run:
    """Every step ahead is the last value; its error is that of a random walk, sigma sqrt(h)."""
    return _walk(batch, 1)


def seasonal(batch: Batch, params: FloatArray | None = None) -> Run:
    """Every step ahead is the last value of its own season; k seasons ahead the error is sigma sqrt(k).

    Notes
    -----
    Where last year's value is missing the year before stands in, and where a season was never observed, the step
    before it. Sigma is the root mean square of the seasonal differences about zero: the growth that a seasonal naive
    leaves out is part of its error.
    """
    return _walk(batch, batch.period)


def _walk(batch: Batch, lag: int) -> Run:
    """Random walk at `lag`; on logs when every value is positive, so that errors multiply."""
    n = batch.values.shape[1]
    logs = not bool((batch.values <= 0).any())
    known, age = _carried(batch.values, batch.horizon, lag)
    expected = np.full((len(known), n), np.nan)
    expected[:, lag:] = known[:, : max(n - lag, 0)]
    change = np.log(batch.values) - np.log(expected) if logs else batch.values - expected
    errors = np.where(batch.observed, change, np.nan)
    waited = np.ones_like(errors)
    waited[:, lag:] += age[:, : max(n - lag, 0)]
    df = np.isfinite(errors).sum(axis=1).astype(np.float64)
    good = df > 0
    sigma = np.sqrt(np.nansum(errors**2 / waited, axis=1) / np.where(good, df, np.nan))
    return Run(
        params=np.empty((len(known), 0)),
        effects=np.zeros((len(known), batch.design.shape[-1])),
        fitted=np.where(good[:, None], expected, np.nan),
        median=np.where(good[:, None], known[:, n:], np.nan),
        spread=sigma[:, None] * np.sqrt(age[:, n:]),
        sigma=sigma,
        df=np.where(good, df, np.nan),
        logs=logs,
        failed=np.where(good, "", "too_few"),
    )


def _carried(values: FloatArray, horizon: int, lag: int) -> tuple[FloatArray, FloatArray]:
    """Last known value for every column and the steps ahead, and how many lags old it is, both (S, n + horizon)."""
    rows, n = values.shape
    known = np.hstack([values, np.full((rows, horizon), np.nan)])
    age = np.zeros_like(known)
    for t in range(lag, n + horizon):
        gap = np.isnan(known[:, t])
        known[gap, t] = known[gap, t - lag]
        age[gap, t] = age[gap, t - lag] + 1
    for t in range(n, n + horizon):
        gap = np.isnan(known[:, t])
        known[gap, t] = known[gap, t - 1]
        age[gap, t] = np.maximum(age[gap, t - 1], 1.0)
    return known, age
