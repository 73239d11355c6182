"""The Theta method: simple exponential smoothing of the seasonally adjusted series, with half the slope of its trend.

The variant of Assimakopoulos and Nikolopoulos (2000) as Hyndman and Billah (2003) restate it: seasons are tested at
10 % (as in statsmodels), taken out as ratios to a centred moving average, and put back. Calendar effects come from
differences of logs (at lag one, and at the season where seasons can be told), are taken out beforehand and put back.
Missing values are interpolated on the seasonally adjusted logs and do not count as observations; after the last value
it stands still.
"""

import numpy as np

from analysis.growth.batch import Batch, Run
from analysis.growth.methods import ets, smoothing
from analysis.growth.shapes import FloatArray

LEAST = 5
"""First value, smoothing parameter and slope, and two degrees of freedom."""
CRITICAL = 1.645**2
"""Of the squared autocorrelation at the season over its variance, at 10 %."""
LOW, HIGH = 1e-4, 1 - 1e-4
ROUNDS, POINTS = 9, 31
"""The smoothing parameter is found on grids, each between the neighbours of the best point of the one before."""
LOWEST = 1e-3
"""A falling line ends at this share of the level."""


def theta(batch: Batch, params: FloatArray | None = None) -> Run:
    """Estimate alpha (smoothing) and slope (of the trend, units of the series a step) where not given, and continue.

    Notes
    -----
    Errors multiply: sigma is that of the logs of one-step errors, and h steps ahead it is sigma
    sqrt(1 + (h - 1) alpha^2), that of the smoothing; the method itself has no distribution.
    """
    (rows, n), m = batch.values.shape, batch.design.shape[-1]
    short = batch.nobs < LEAST + m
    failed = np.where((batch.values <= 0).any(axis=1), "non_positive", np.where(short, "too_few", ""))
    good = np.flatnonzero(failed == "")
    some = batch.take(good)
    effects, calendar = _calendar(some)
    adjusted, factors = _adjusted(some, calendar)
    known = np.column_stack([_alpha(adjusted), _slope(adjusted)]) if params is None else params[good]
    path = _line(adjusted, known, batch.horizon) * factors * np.exp(calendar)
    path[np.arange(len(good)), some.starts] = np.nan
    spare = 3 + np.where(np.ptp(factors, axis=1) > 0, batch.period - 1, 0) + (effects != 0).sum(axis=1)
    df = np.maximum(some.nobs - spare, 1).astype(np.float64)
    errors = np.log(some.values) - np.log(path[:, :n])
    sigma = np.sqrt(np.nansum(errors**2, axis=1) / df)
    spread = sigma[:, None] * np.sqrt(1 + np.arange(batch.horizon) * known[:, :1] ** 2)

    def placed(values: FloatArray) -> FloatArray:
        whole = np.full((rows, *values.shape[1:]), np.nan)
        whole[good] = values
        return whole

    return Run(
        params=placed(known),
        effects=placed(effects),
        fitted=placed(path[:, :n]),
        median=placed(path[:, n:]),
        spread=placed(spread),
        sigma=placed(sigma),
        df=placed(df),
        logs=True,
        failed=failed,
    )


def _calendar(batch: Batch) -> tuple[FloatArray, FloatArray]:
    """Effects (S, m) and what they add to logs (S, n + horizon)."""
    rows, m = len(batch.values), batch.design.shape[-1]
    effects, calendar = np.zeros((rows, m)), np.zeros((rows, batch.values.shape[1] + batch.horizon))
    season = ets.seasonal(batch)
    for chosen, period in ((season, batch.period), (~season, 1)):
        where = np.flatnonzero(chosen)
        if not m or not len(where):
            continue
        part = batch.take(where)
        design = smoothing.acting(part, period)
        effects[where] = _effects(np.log(part.values), design[:, : batch.values.shape[1]], period)
        calendar[where] = np.einsum("snm,sm->sn", design, effects[where])
    return effects, calendar


def _effects(logs: FloatArray, design: FloatArray, period: int) -> FloatArray:
    """Regression of differences on differences, with the mean growth where there is no season."""
    y, x = np.diff(logs, axis=1), np.diff(design, axis=1)
    if period > 1:
        y, x = y[:, period:] - y[:, :-period], x[:, period:] - x[:, :-period]
    else:
        x = np.concatenate([x, np.ones((*y.shape, 1))], axis=2)
    seen = np.isfinite(y)
    x = np.where(seen[:, :, None], x, 0.0)
    return smoothing.Normal(x)(np.where(seen, y, 0.0)[:, :, None])[:, : design.shape[-1], 0]


def _adjusted(batch: Batch, calendar: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Series without calendar effects, gaps and seasons (S, n), and seasonal factors (S, n + horizon)."""
    n, m = batch.values.shape[1], batch.period
    logs = np.log(batch.values) - calendar[:, :n]
    started = np.arange(n) >= batch.starts[:, None]
    for i in np.flatnonzero((np.isnan(logs) & started).any(axis=1)):
        logs[i, batch.starts[i] :] = _interpolated(logs[i, batch.starts[i] :], m)
    clean = np.exp(logs)
    places = np.arange(calendar.shape[1]) % m
    factors, season = np.ones((len(clean), len(places))), _has_seasons(clean, m)
    factors[season] = _factors(clean[season], m)[:, places]
    return clean / factors[:, :n], factors


def _interpolated(logs: FloatArray, period: int) -> FloatArray:
    """Fill gaps on a straight line between neighbours, apart from the season where each was seen."""
    t, seen = np.arange(len(logs)), np.isfinite(logs)
    dummies = (t[:, None] % period == np.arange(period)).astype(np.float64)
    season = np.zeros(len(logs))
    if seen.sum() > 2 * period and dummies[seen].any(axis=0).all():
        basis = np.column_stack([t, dummies])
        season = dummies @ np.linalg.lstsq(basis[seen], logs[seen], rcond=None)[0][1:]
    return np.where(seen, logs, np.interp(t, t[seen], (logs - season)[seen]) + season)


def _has_seasons(clean: FloatArray, period: int) -> FloatArray:
    """Test of the autocorrelation at the season, (S,) of bool; False before two years."""
    seen = np.isfinite(clean)
    nobs, n = seen.sum(axis=1), clean.shape[1]
    if period == 1 or n < 2 * period:
        return np.zeros(len(clean), dtype=bool)
    centred = np.where(seen, clean - np.nansum(clean, axis=1, keepdims=True) / nobs[:, None], 0.0)
    products = [(centred[:, k:] * centred[:, : n - k]).sum(axis=1) for k in range(period + 1)]
    squares = np.square(products)
    return (nobs >= 2 * period) & (nobs * squares[-1] > CRITICAL * squares[:-1].sum(axis=0))


def _factors(clean: FloatArray, period: int) -> FloatArray:
    """Mean ratio to the centred moving average by place of the column, (S, period), of mean 1; rows of two years."""
    rows, n = clean.shape
    weights = np.ones(period + 1 - period % 2)
    if period % 2 == 0:
        weights[[0, -1]] = 0.5
    if period == 1 or n < 2 * period:
        return np.ones((rows, period))
    side = len(weights) // 2
    trend = np.lib.stride_tricks.sliding_window_view(clean, len(weights), axis=1) @ (weights / period)
    ratios = np.pad(clean[:, side : n - side] / trend, [(0, 0), (side, -n % period + side)], constant_values=np.nan)
    by_year = ratios.reshape(rows, ratios.shape[1] // period, period)
    counts = np.maximum(np.isfinite(by_year).sum(axis=1), 1)
    means = np.nansum(by_year, axis=1) / counts
    return means / means.mean(axis=1, keepdims=True)


def _levels(adjusted: FloatArray, alpha: FloatArray) -> FloatArray:
    """Level known before each column and after the last, (S, n + 1, g), at smoothing parameters (S, g)."""
    rows, n = adjusted.shape
    out = np.full((rows, n + 1, alpha.shape[1]), np.nan)
    level = out[:, 0].copy()
    for t, now in enumerate(adjusted.T[:, :, None]):
        level = np.where(np.isnan(level), now, level)
        out[:, t] = level
        level = level + alpha * (now - level)
    out[:, n] = level
    return out


def _alpha(adjusted: FloatArray) -> FloatArray:
    """Smoothing parameter of the least one-step errors, (S,)."""
    low, high = np.full(len(adjusted), LOW), np.full(len(adjusted), HIGH)
    rows = np.arange(len(adjusted))
    for _ in range(ROUNDS):
        grid = np.linspace(low, high, POINTS, axis=1)
        errors = adjusted[:, :, None] - _levels(adjusted, grid)[:, :-1]
        best = np.nansum(errors**2, axis=1).argmin(axis=1)
        low, high = grid[rows, np.maximum(best - 1, 0)], grid[rows, np.minimum(best + 1, POINTS - 1)]
    return grid[rows, best]


def _weights(adjusted: FloatArray) -> FloatArray:
    """Weights of the least-squares slope by column, (S, n), 0 before the start."""
    seen = np.isfinite(adjusted)
    t = np.arange(adjusted.shape[1])
    centred = np.where(seen, t - (seen * t).sum(axis=1, keepdims=True) / seen.sum(axis=1, keepdims=True), 0.0)
    return centred / (centred**2).sum(axis=1, keepdims=True)


def _slope(adjusted: FloatArray) -> FloatArray:
    return np.nansum(_weights(adjusted) * adjusted, axis=1)


def _line(adjusted: FloatArray, params: FloatArray, horizon: int) -> FloatArray:
    """One-step predictions and continuation of the adjusted series, (S, n + horizon); NaN before the start."""
    n, alpha = adjusted.shape[1], params[:, :1]
    levels = _levels(adjusted, alpha)[:, :, 0]
    levels = np.hstack([levels[:, :n], np.repeat(levels[:, n:], horizon, axis=1)])
    t = np.arange(n + horizon)
    known = np.maximum(np.minimum(t, n) - np.isnan(adjusted).sum(axis=1, keepdims=True), 0)
    steps = np.maximum(t - n, 0) + (1 - (1 - alpha) ** known) / alpha
    return np.maximum(levels + params[:, 1:] / 2 * steps, LOWEST * levels)


def covariance(batch: Batch, run: Run) -> FloatArray:
    """Covariance of alpha and slope of one row, (2, 2), when simple exponential smoothing is the truth."""
    adjusted = _adjusted(batch, _calendar(batch)[1])[0][:, batch.starts[0] :]
    alpha = run.params[:, :1]
    errors = (adjusted - _levels(adjusted, alpha)[:, :-1, 0])[0]
    slopes, by = np.zeros(len(errors)), 0.0
    for t, error in enumerate(errors):
        slopes[t] = -by
        by = by * (1 - float(alpha[0, 0])) + error
    weights = _weights(adjusted)[0]
    later = np.append(np.cumsum(weights[::-1])[::-1][1:], 0.0)
    variance = float(errors @ errors) / max(len(errors) - 2, 1)
    curvature = max(float(slopes @ slopes), np.finfo(np.float64).tiny)
    return variance * np.diag([1 / curvature, float(((weights + alpha[0, 0] * later) ** 2).sum())])
