"""When a growth curve gets somewhere, and how fast a forecast grows, with intervals."""

from typing import NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import guards, intervals, timeline
from analysis.growth.axis import axis
from analysis.growth.curves import CURVES, Curve
from analysis.growth.fits import HORIZON, GrowthFit
from analysis.growth.shapes import EXPONENT, FloatArray
from analysis.growth.timeline import Label

DRAWS = 2000
"""Parameters drawn for an interval of a time: its ends move by about a twentieth of a standard error with the seed."""
VAGUE = 1.0
"""Standard error of the log of a parameter from which draws of it say more about its scale than about the curve."""
CENTURY = 1200.0
"""Months beyond which a date counts as never; numbers have 100 times their span."""
STEP = 1e-7
"""Of that span, for the slope of a curve in time."""
HALVINGS = 60
"""Of the span in which a time is sought."""
SAME = 0.02
"""Dates are a year apart when they miss it by no more than that share of a year."""


class Reach(NamedTuple):
    """When a share of the ceiling is reached: a period, a date, or a number as the index has.

    `label` is None where the ceiling is not identified; `low` or `high` is None where that end of the interval is open.
    """

    label: Label | None
    low: Label | None
    high: Label | None


def time_to(fit: GrowthFit, fraction: float, *, level: float = intervals.LEVEL, seed: int = 0) -> Reach:
    """When the curve reaches `fraction` of its ceiling, with the interval of that time.

    Parameters are drawn from their covariance with Student's t (positive ones on logs), each draw reaches its own
    ceiling; the interval holds the central `level` of the times. A draw that never gets there counts as infinitely
    late. Where the log of a parameter has a standard error above 1, as the asymmetry of a Richards curve that is all
    but a Gompertz one, the interval is that of the delta method: symmetric, from the slope of the time by the
    parameters (implicit function theorem), in which directions that do not move the curve cancel.

    Parameters
    ----------
    fit : GrowthFit
    fraction : float
        Share of the ceiling, between 0 and 1.
    level : float
        Confidence.
    seed : int
        Of the draws.
    """
    label = fit.time_to(fraction)
    if label is None:
        return Reach(None, None, None)
    curve = cast("Curve", CURVES[fit.curve])
    if _vague(fit, curve):
        ends = _by_slope(fit, curve, fraction, level)
    else:
        late = _times(fit, curve, fraction, _draws(fit, curve, np.random.default_rng(seed)))
        ends = np.quantile(late, [(1 - level) / 2, (1 + level) / 2], method="nearest")
    low, high = (fit.label(float(t)) if np.isfinite(t) else None for t in ends)
    return Reach(label, low, high)


def _vague(fit: GrowthFit, curve: Curve) -> bool:
    positive = [p.name for p in curve.parameters if p.positive]
    return bool((fit.std_errors[positive] > VAGUE * fit.params[positive]).any())


def _by_slope(fit: GrowthFit, curve: Curve, fraction: float, level: float) -> FloatArray:
    """Both ends of the interval by the delta method; infinite where beyond reach."""
    params, (first, last) = fit.params.to_numpy(), _bounds(fit)
    time = fit.crossing(fraction, params)
    assert time is not None
    rising = next(c for c in CURVES.values() if isinstance(c, Curve) and c.value is (curve.cumulative or curve.value))
    step = STEP * (last - first)
    before, after = rising.value(np.array([time - step, time + step]), params)
    gradient = rising.jacobian(np.array([time]), params)[0]
    gradient[curve.names.index(str(curve.ceiling))] -= fraction
    half = intervals.quantile(level, fit.df) * fit.error(gradient) / (abs(after - before) / (2 * step))
    ends = np.array([time - half, time + half])
    return np.where(ends < first, -np.inf, np.where(ends > last, np.inf, ends))


def _bounds(fit: GrowthFit) -> tuple[float, float]:
    """Times between which a level counts as reached."""
    observed = fit.residuals.dropna().sort_index().index
    clock = timeline.read(observed, per_year=None)
    seen = clock.times(observed)
    reach = min(HORIZON * float(np.ptp(seen)), np.inf if clock.per_year is None else CENTURY)
    return float(seen[0]) - reach, float(seen[-1]) + reach


def _times(fit: GrowthFit, curve: Curve, fraction: float, params: FloatArray) -> FloatArray:
    """When curves of parameters (S, k) reach the fraction of their ceilings, (S,); infinite where beyond reach."""
    approach = curve.cumulative or curve.value
    target = fraction * params[:, curve.names.index(str(curve.ceiling))]

    def below(times: FloatArray) -> NDArray[np.bool_]:
        return approach(times[:, None], params)[:, 0] < target

    low, high = (np.full(len(params), end) for end in _bounds(fit))
    first, last = below(low), below(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        before = below(middle) == first
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.where(first == last, np.where(last, np.inf, -np.inf), (low + high) / 2)


def _draws(fit: GrowthFit, curve: Curve, rng: np.random.Generator) -> FloatArray:
    """Parameters (DRAWS, k), in pairs on both sides of the estimate."""
    params = fit.params.to_numpy()
    weight, axes = np.linalg.eigh(fit.covariance.to_numpy())
    normal = rng.standard_normal((DRAWS // 2, len(params)))
    tails = np.sqrt(fit.df / rng.chisquare(fit.df, (DRAWS // 2, 1)))
    moves = (normal * tails) @ (axes * np.sqrt(np.maximum(weight, 0.0))).T
    moves = np.vstack([moves, -moves])
    positive = np.array([p.positive for p in curve.parameters])
    logs = np.clip(moves / np.where(positive, params, 1.0), -EXPONENT, EXPONENT)
    return np.where(positive, params * np.exp(logs), params + moves)


def growth_rate(forecast: pd.DataFrame, series: pd.Series, *, per_year: float | None = None) -> pd.DataFrame:
    """Growth of a forecast against what was observed, as fractions.

    Parameters
    ----------
    forecast : pd.DataFrame
        Of a fit or a choice: columns median, low_80, high_80... by label.
    series : pd.Series
        What it continues.
    per_year : float, optional
        Units of a numeric index in a year.

    Returns
    -------
    pd.DataFrame
        On the labels of the forecast, two levels of columns. "yoy": against a year before; with an interval as long
        as that is observed, of the medians alone (NaN intervals) after. "cagr": growth a year since the last
        observation in the same season (without even seasons: since the last one, if a year or more ago): always
        observed, so that every interval carries over.
    """
    known = guards.values(series)[0].dropna().sort_index(kind="stable")
    where = axis(known.index, per_year=per_year)
    if where.clock.per_year is None:
        raise ValueError("a numeric index does not say its years: give per_year")
    clock, year = timeline.read(known.index, per_year=per_year), where.clock.per_year
    seen = pd.Series(known.to_numpy(), index=clock.times(known.index) / year)
    ahead = clock.times(forecast.index) / year
    expected = pd.Series(forecast["median"].to_numpy(), index=ahead)
    before = np.array([_at(seen, t - 1) for t in ahead])
    yoy = forecast.div(before, axis=0) - 1
    later = np.array([_at(expected, t - 1) for t in ahead])
    yoy["median"] = yoy["median"].fillna(pd.Series(forecast["median"] / later - 1, index=forecast.index))
    bases, years = np.array([_base(seen, t, seasonal=where.period > 1) for t in ahead]).T
    cagr = forecast.clip(lower=0.0).div(bases, axis=0).pow(1 / years, axis=0) - 1
    return pd.concat({"yoy": yoy, "cagr": cagr}, axis=1)


def _at(values: pd.Series, time: float) -> float:
    """Value at a time in years; NaN where there is none or it is not positive."""
    gaps = np.abs(values.index.to_numpy(dtype=np.float64) - time)
    nearest = int(gaps.argmin())
    value = float(values.iloc[nearest])
    return value if gaps[nearest] <= SAME and value > 0 else np.nan


def _base(seen: pd.Series, time: float, *, seasonal: bool) -> tuple[float, float]:
    """Value that growth a year is counted from, and how many years ago it was."""
    gone, last = time - float(seen.index[-1]), float(seen.iloc[-1])
    if not seasonal and gone >= 1 - SAME and last > 0:
        return last, gone
    for years in range(1, int(time - float(seen.index[0]) + SAME) + 1):
        value = _at(seen, time - years)
        if np.isfinite(value):
            return value, float(years)
    return np.nan, 1.0
