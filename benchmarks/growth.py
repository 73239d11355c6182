"""Growth fits of thousands of series against one-by-one loops and statsforecast, and the full back-test.

Run from the top of the checkout; statsforecast needs pandas 2 and so an interpreter of its own:

    python -m venv /tmp/rival && /tmp/rival/bin/pip install -r benchmarks/requirements-statsforecast.txt
    OPENBLAS_NUM_THREADS=1 python -m benchmarks.growth --statsforecast /tmp/rival/bin/python

Series have 72 months and errors of 2 % of their largest value; each curve is fitted to series of its own kind (and all
of them to a mix of kinds). "curve_fit" is a loop as it is usually written: "scaled" has no bounds, values over their
largest and time over its span, "bounded" positive bounds in the units of the data; it is timed on a slice and
extrapolated. Seconds are the least of a few runs; memory is the largest resident size of a process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from analysis.growth import CURVES, engine, fit
from analysis.growth.axis import rows
from analysis.growth.curves import Curve
from analysis.growth.many import ManyFits, fit_many
from analysis.growth.trials import backtest_many
from benchmarks.timing import over
from data import demo

SIZES = (2_400, 28_000)
MONTHS, HORIZON = 72, 12
SLICE = {"scaled": 150, "bounded": 30, "ours, one by one": 40}
NOISE = 0.02
ROOM = {
    "logistic": ([50, 15, 0.08], [200, 45, 0.2]),
    "gompertz": ([50, 10, 0.06], [200, 30, 0.15]),
    "bass": ([50, 0.002, 0.08, -3], [200, 0.01, 0.15, 0]),
    "log-linear": ([1.0, 0.0], [4.0, 0.03]),
}
FORECASTS = {"damped trend": "AutoETS AAN damped", "theta": "AutoTheta"}
AGREE = 1e-6
Loop = Callable[[Curve, np.ndarray, np.ndarray], float]


def simulated(curve: str, size: int) -> pd.DataFrame:
    """Months x series of a curve with drawn parameters."""
    rng = np.random.default_rng(len(curve))
    t, (low, high) = np.arange(MONTHS, dtype=float), ROOM[curve]
    clean = CURVES[curve].value(t, rng.uniform(low, high, (size, len(low))))
    noise = rng.normal(0, NOISE, clean.shape)
    values = clean * np.exp(noise) if curve == "log-linear" else clean + noise * clean.max(axis=1, keepdims=True)
    index = pd.period_range("2019-01", periods=MONTHS, freq="M")
    return pd.DataFrame(np.maximum(values, 1e-3).T, index=index, columns=np.arange(size))


def mixed(size: int) -> pd.DataFrame:
    """As many series of each kind."""
    parts = [simulated(curve, size // len(ROOM)) for curve in ROOM]
    return pd.concat(parts, axis=1, ignore_index=True)


def least(run: Callable[[], object], times: int) -> float:
    """Seconds of the fastest of several runs."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        run()
        taken.append(perf_counter() - start)
    return min(taken)


def scaled_loop(curve: Curve, t: np.ndarray, y: np.ndarray) -> float:
    """Sum of squares of scipy's curve_fit without bounds on scaled data."""
    from scipy.optimize import curve_fit

    u, size = (t - t[0]) / np.ptp(t), y.max()
    first = {"logistic": [1, 0.5, 5], "gompertz": [1, 0.4, 4], "bass": [1, 0.3, 8, 0]}[curve.key]
    params, _ = curve_fit(lambda x, *p: curve.value(x, np.array(p)), u, y / size, p0=first, maxfev=5000)
    return float(((curve.value(u, params) - y / size) ** 2).sum() * size**2)


def bounded_loop(curve: Curve, t: np.ndarray, y: np.ndarray) -> float:
    """Sum of squares of scipy's curve_fit with positive bounds in the units of the data."""
    from scipy.optimize import curve_fit

    first = {"logistic": [1, 36, 0.1], "gompertz": [1, 30, 0.1], "bass": [1, 0.01, 0.1, -1]}[curve.key]
    low = [0.0 if p.positive else -np.inf for p in curve.parameters]
    start = [y.max(), *first[1:]]
    params, _ = curve_fit(lambda x, *p: curve.value(x, np.array(p)), t, y, p0=start, bounds=(low, np.inf))
    return float(((curve.value(t, params) - y) ** 2).sum())


def looped(loop: Loop, curve: str, wide: pd.DataFrame) -> tuple[float, np.ndarray]:
    """Seconds a series, and sums of squares (NaN where scipy gave up)."""
    t, found = np.arange(MONTHS, dtype=float), []
    start = perf_counter()
    for column in wide.to_numpy().T:
        try:
            found.append(loop(CURVES[curve], t, column))
        except RuntimeError:
            found.append(np.nan)
    return (perf_counter() - start) / wide.shape[1], np.array(found)


def table(title: str, head: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> None:
    """Print a markdown table as its lines come."""
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for line in lines:
        print(f"| {' | '.join(line)} |", flush=True)


def speeds(size: int, times: int) -> Iterator[tuple[str, ...]]:
    """Curve, seconds, series a second, of each curve on its own kind; then all together, on a mix too."""
    total = 0.0
    for curve in ROOM:
        wide = simulated(curve, size)
        taken = least(lambda wide=wide, curve=curve: fit_many(wide, curve), times)
        total += taken
        yield curve, f"{taken:.3f}", f"{size / taken:,.0f}"
    yield "all four", f"{total:.3f}", f"{size / total:,.0f}"
    wide = mixed(size)
    taken = sum(least(lambda curve=curve: fit_many(wide, curve), times) for curve in ROOM)
    yield "all four, each on a mix of kinds", f"{taken:.3f}", f"{size / taken:,.0f}"


def loops() -> Iterator[tuple[str, ...]]:
    """Curve, loop, milliseconds a series, ratio to ours at 2,400, share of its fits that are worse than ours."""
    for curve in ("logistic", "gompertz", "bass"):
        wide = simulated(curve, SIZES[0])
        start = perf_counter()
        found = fit_many(wide, curve)
        ours = (perf_counter() - start) / SIZES[0]
        for name, loop in (("scaled", scaled_loop), ("bounded", bounded_loop)):
            with warnings.catch_warnings(action="ignore"):
                each, squares = looped(loop, curve, wide.iloc[:, : SLICE[name]])
            worse = ~(squares <= found.sse.to_numpy()[: len(squares)] * (1 + AGREE))
            yield curve, name, f"{1e3 * each:.2f}", f"{each / ours:.0f}", f"{worse.mean():.1%}"


def agreement() -> Iterator[tuple[str, ...]]:
    """Curve, identified share, largest difference of a parameter from the one-by-one fit, share of worse fits."""
    for curve in ROOM:
        wide = simulated(curve, SIZES[0])
        found, apart, worse = fit_many(wide, curve), [], 0
        for name in wide.columns[: SLICE["ours, one by one"]]:
            one = fit(wide[name], curve)
            worse += found.sse[name] > one.sigma**2 * one.df * (1 + AGREE)
            if one.identified:
                size = np.maximum(one.params.abs(), one.std_errors)
                apart.append(float(((found.params.loc[name] - one.params).abs() / size).max()))
        share = f"{worse / SLICE['ours, one by one']:.1%}"
        yield curve, f"{found.identified.mean():.1%}", f"{max(apart):.1e}", share


def memory(size: int) -> int:
    """Peak MB of a process that fits the four curves to so many series."""
    command = [sys.executable, "-m", "benchmarks.growth", "--peak", str(size)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1])


def peak(size: int) -> None:
    """Fit the four curves and print the largest resident size in MB."""
    wide = mixed(size)
    found: list[ManyFits] = [fit_many(wide, curve) for curve in ROOM]
    assert len(found) == len(ROOM)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def rivals(python: str) -> Iterator[tuple[str, ...]]:
    """Method, our seconds, statsforecast's, ratio, median relative difference of the last step ahead.

    Damped trends without seasons on both sides; ours is fitted on logs, theirs on levels.
    """
    wide = mixed(SIZES[0])
    monthly, _ = rows(wide, horizon=HORIZON)
    batches = {"damped trend": replace(monthly, period=1), "theta": monthly}
    script = Path(__file__).with_name("growth_statsforecast.py")
    given = json.dumps(wide.T.to_numpy().tolist())
    done = subprocess.run([python, str(script)], input=given, check=True, capture_output=True, text=True)
    theirs = json.loads(done.stdout.strip().splitlines()[-1])
    for key, name in FORECASTS.items():
        taken = least(lambda key=key: engine.run(key, batches[key]), 2)
        apart = np.abs(engine.run(key, batches[key]).median[:, -1] / np.array(theirs[name]["last"]) - 1)
        seconds = theirs[name]["seconds"]
        yield key, f"{taken:.2f}", f"{name} {seconds:.2f}", f"{seconds / taken:.1f}", f"{np.nanmedian(apart):.1%}"


def market() -> pd.DataFrame:
    """Months x (network, tier) of the illustrative market."""
    panel = demo.load().panel
    volumes = panel.groupby(["month", "platform", "tier"], observed=True)["parcels"].sum().unstack(["platform", "tier"])
    return volumes.set_axis(pd.PeriodIndex(volumes.index, freq="M"))


def ratios(*, quick: bool) -> dict[str, float]:
    """curve_fit one by one, scaled and without bounds, over ours on 2,400 series, each a series; curve by curve."""
    found = {}
    for curve in ("logistic", "bass") if quick else ("logistic", "gompertz", "bass"):
        wide = simulated(curve, SIZES[0])
        part = wide.iloc[:, : SLICE["scaled"]]
        with warnings.catch_warnings(action="ignore"):
            ratio = over(partial(looped, scaled_loop, curve, part), partial(fit_many, wide, curve))
        found[curve] = ratio * wide.shape[1] / part.shape[1]
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statsforecast", metavar="PYTHON", help="interpreter that has statsforecast")
    parser.add_argument("--peak", type=int, help="fit so many series and print the peak memory in MB")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    if asked.peak:
        peak(asked.peak)
        return
    for size in asked.sizes:
        table(f"{size:,} series x {MONTHS} months", ("curve", "seconds", "series a second"), speeds(size, asked.times))
    table("Memory", ("series", "peak MB"), ((f"{size:,}", f"{memory(size):,}") for size in asked.sizes))
    head = ("curve", "curve_fit", "ms a series", "times ours", "worse than ours")
    table(f"Loops, {SLICE['scaled']} and {SLICE['bounded']} series, against ours on {SIZES[0]:,}", head, loops())
    head = ("curve", "identified", "largest parameter difference", "worse fits")
    table(f"Against our one-by-one fit, {SLICE['ours, one by one']} series", head, agreement())
    if asked.statsforecast:
        head = ("method", "ours s", "statsforecast s", "ratio", "median difference at 12 months")
        table(f"Forecasts of {SIZES[0]:,} series, one thread", head, rivals(asked.statsforecast))
    wide = market()
    seconds = least(lambda: backtest_many(wide), 1)
    line = (f"{wide.shape[1]} series x {len(CURVES)} curves and methods x 12 origins", f"{seconds:.1f}")
    table("Back-test of the illustrative market", ("what", "seconds"), iter([line]))


if __name__ == "__main__":
    main()
