"""Shares of a whole, continued: centred log-ratios go on by a damped trend or stay, whichever forecast better.

A part of a mix is free when it has a value now and a history; the others are held at their last share, and the free
ones share what is left. Log-ratios are taken against the mean of the parts that have been there longest, so that a
part that enters late does not bend the history of the others; at each origin of the back-test, of those that had been
there longest by then.
"""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import engine, intervals, trials
from analysis.growth.batch import Batch, Run
from analysis.growth.guards import GrowthError
from analysis.growth.shapes import FloatArray
from analysis.growth.testing import conformal, scores, trying

Key = TypeVar("Key", bound=Hashable)
METHODS = ("naive", "damped trend")
"""The first is kept unless a later one forecasts better."""
LEAST = 24
"""Months with a value that a free part has."""


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
        Mean absolute error of the shares in the back-test of each method, fractions; NaN where two years leave no room
        for one.
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
        moving = size / np.maximum(size.sum(axis=-1, keepdims=True), trying.TINY) * self.last[self.free].sum()
        return np.where(self.free, moving, self.last)


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """Log-ratios of the P free parts of a mix (C, P, n), each against the parts of reference of one of C cuts.

    `cuts` are the months known at each, the last of them all n; `tested` steps follow the others.
    """

    ratios: FloatArray
    cuts: NDArray[np.int64]
    tested: int


def mix(volumes: pd.DataFrame, horizon: int, *, tested: int = trials.HORIZON, origins: int = 12) -> Mix:
    """Continue the shares of the columns of one table, see `mixes`."""
    return mixes({"": volumes}, horizon, tested=tested, origins=origins)[""]


def mixes(
    volumes: Mapping[Key, pd.DataFrame], horizon: int, *, tested: int = trials.HORIZON, origins: int = 12
) -> dict[Key, Mix]:
    """Continue the shares of the columns of each table, all in one batch a method.

    Parameters
    ----------
    volumes : mapping
        Key of a mix to its volumes: every month (PeriodIndex) x P parts, 0 or missing where a part is not there.
    horizon : int
        Steps ahead.
    tested, origins : int
        Steps and origins of the back-test, at most.
    """
    found = {key: _still(table, horizon) for key, table in volumes.items()}
    moving = {key: table.loc[:, found[key].free] for key, table in volumes.items() if found[key].free.sum() > 1}
    if moving:
        pasts = {key: _past(table.where(table > 0), min(horizon, tested), origins) for key, table in moving.items()}
        runs = _runs(_batch(list(pasts.values()), horizon))
        ends = np.cumsum([0, *(past.ratios.shape[0] * past.ratios.shape[1] for past in pasts.values())]).tolist()
        for (key, past), (start, end) in zip(pasts.items(), pairwise(ends), strict=True):
            mine = {method: _tried(run, past, slice(start, end)) for method, run in runs.items()}
            found[key] = _moved(found[key], past, mine)
    return found


def _still(volumes: pd.DataFrame, horizon: int) -> Mix:
    """What is known of a mix before anything moves."""
    found = volumes.to_numpy(dtype=np.float64)
    there = found > 0
    now = np.where(there[-1], found[-1], 0.0)
    reasons = np.select([~there[-1], there.sum(axis=0) < LEAST], ["zero", "short"], "")
    free = reasons == ""
    return Mix(
        parts=tuple(volumes.columns),
        free=free,
        reasons=tuple(reasons.tolist()),
        last=now / max(float(now.sum()), np.finfo(float).tiny),
        method="",
        centre=np.zeros((len(free), horizon)),
        half=np.zeros((2, len(free), horizon)),
        residuals=np.full((len(free), len(found)), np.nan),
        errors={},
    )


def _past(volumes: pd.DataFrame, horizon: int, origins: int) -> _Past:
    """Cuts as those of the back-test of a series that is there from the first month with two parts."""
    logs = np.log(volumes)
    logs = logs.loc[(logs.notna().sum(axis=1) > 1).idxmax() :]
    tested, count = 1, 0
    with suppress(GrowthError):
        plan = trying.plan(pd.Series(1.0, index=logs.index), horizon, origins)
        tested, count = plan.horizon, plan.origins
    n = len(logs)
    cuts = np.append(n - tested - count + 1 + np.arange(count), n)
    return _Past(np.stack([_ratios(logs.to_numpy().T, known) for known in cuts.tolist()]), cuts, tested)


def _ratios(logs: FloatArray, known: int) -> FloatArray:
    """Log-ratios (P, n) against the mean of the parts with most of the `known` months; NaN where one of these is."""
    count = np.isfinite(logs[:, :known]).sum(axis=1)
    return logs - logs[count == count.max()].mean(axis=0)


def _batch(pasts: Sequence[_Past], horizon: int) -> Batch:
    """Every part of every mix as it was known at each cut, one row each, without seasons."""
    width = max(int(past.cuts[-1]) for past in pasts)
    rows = [
        np.pad(np.exp(ratios[:, :known]), ((0, 0), (width - known, 0)), constant_values=np.nan)
        for past in pasts
        for ratios, known in zip(past.ratios, past.cuts, strict=True)
    ]
    values = np.concatenate(rows)
    return Batch(
        values=values,
        times=np.arange(width + horizon, dtype=np.float64),
        horizon=horizon,
        period=1,
        design=np.zeros((width + horizon, 0)),
        floor=np.zeros(len(values)),
    )


def _runs(batch: Batch) -> dict[str, Run]:
    """Every method on every row; rows that it cannot fit stay where they are."""
    still = engine.run(METHODS[0], batch)
    runs = {METHODS[0]: still}
    for method in METHODS[1:]:
        run = engine.run(method, batch)
        bad = (run.failed != "")[:, None]
        names = ("fitted", "median", "spread")
        table = {name: np.where(bad, getattr(still, name), getattr(run, name)) for name in names}
        runs[method] = replace(run, **table, df=np.where(bad[:, 0], still.df, run.df))
    return runs


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """A method on one mix: the mean absolute error of the shares, and what it says of the log-ratios now.

    centre (P, h), half (2, P, h), residuals (P, n), as in `Mix`.
    """

    error: float
    centre: FloatArray
    half: FloatArray
    residuals: FloatArray


def _tried(run: Run, past: _Past, rows: slice) -> _Tried:
    shape = past.ratios.shape[:2]
    median, spread, fitted, df = (
        a[rows].reshape(*shape, *a.shape[1:]) for a in (np.log(run.median), run.spread, np.log(run.fitted), run.df)
    )
    steps = past.cuts[:-1, None] + np.arange(past.tested)
    actual = np.take_along_axis(past.ratios[:-1], steps[:, None], axis=2)
    said, tested = median[:-1, :, : past.tested], spread[..., : past.tested]
    both = np.isfinite(actual + said)
    wrong = np.where(both.sum(axis=1, keepdims=True) > 1, np.abs(_shares(actual, both) - _shares(said, both)), np.nan)
    errors = ((actual - said) / np.maximum(tested[:-1], trying.TINY)).transpose(1, 0, 2)
    half = [_half(errors, spread[-1], df[-1], level) for level in conformal.LEVELS]
    n = int(past.cuts[-1])
    residuals = past.ratios[-1] - fitted[-1, :, fitted.shape[2] - n :]
    return _Tried(float(scores.mean(wrong, axis=(0, 1, 2))), median[-1], np.stack(half), residuals)


def _shares(ratios: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Shares among the parts (second axis) that are known; NaN for the others."""
    size = np.where(known, np.exp(np.where(known, ratios, 0.0)), np.nan)
    return size / np.nansum(size, axis=1, keepdims=True)


def _half(errors: FloatArray, spread: FloatArray, df: FloatArray, level: float) -> FloatArray:
    """Half widths (P, h) widened by the errors (P, origins, tested) in nominal spreads."""
    factors = conformal.factors(errors, spread[:, : errors.shape[-1]], df, level)
    return intervals.quantiles(level, df)[:, None] * spread * conformal.carried(factors, spread.shape[1])


def _moved(still: Mix, past: _Past, tried: Mapping[str, _Tried]) -> Mix:
    """The mix continued by the method that missed least."""
    errors = {key: one.error for key, one in tried.items()}
    method = min((key for key in METHODS if np.isfinite(errors[key])), key=errors.__getitem__, default=METHODS[0])
    best = tried[method]
    centre, half, residuals = still.centre.copy(), still.half.copy(), still.residuals.copy()
    centre[still.free], half[:, still.free] = best.centre, best.half
    residuals[still.free, -int(past.cuts[-1]) :] = best.residuals
    return replace(still, method=method, centre=centre, half=half, residuals=residuals, errors=errors)
