"""Time of the roll-out effect: a full panel in seconds, and a slice against statsmodels with every dummy.

Run: python -m benchmarks.effect
"""

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.effect import att, placebo, randomise
from benchmarks.timing import best, over

COLUMNS = {"outcome": "y", "unit": "city", "time": "month", "cohort": "start"}


def panel(cities: int, months: int, cohorts: int) -> pd.DataFrame:
    """Random walks; two cities in three start to pay, spread over the cohorts."""
    rng = np.random.default_rng(0)
    dates = pd.date_range("2019-01-01", periods=months, freq="MS")
    first = 12 + np.arange(cities) % cohorts
    start = pd.Series(dates[np.minimum(first, months - 1)]).where(np.arange(cities) % 3 > 0)
    every = np.repeat(np.arange(cities), months)
    return pd.DataFrame(
        {
            "city": pd.Categorical.from_codes(every, [f"{n:06d}" for n in range(cities)]),
            "month": np.tile(dates, cities),
            "y": rng.normal(0, 0.1, (cities, months)).cumsum(axis=1).ravel(),
            "start": start.to_numpy()[every],
        }
    )


def saturated(rows: pd.DataFrame) -> object:
    """Estimate the same group-time effects by one regression with every constant as a column."""
    city, month = (pd.factorize(rows[c])[0] for c in ("city", "month"))
    start = pd.factorize(rows["month"], sort=True)[1].get_indexer(rows["start"])
    cells = [
        (start == g) & (month == t) for g in np.unique(start[start >= 0]) for t in range(month.max() + 1) if t != g - 1
    ]
    constants = np.hstack([np.eye(city.max() + 1)[city], np.eye(month.max() + 1)[month][:, 1:]])
    design = np.column_stack([np.stack(cells, axis=1), constants])
    return sm.OLS(rows["y"].to_numpy(), design).fit(cov_type="cluster", cov_kwds={"groups": city})


def ratios(*, quick: bool) -> dict[str, float]:
    """Saturated dummies over ours; 60 cities, 24 months, quick or not."""
    small = panel(60, 24, 8)
    return {"saturated": over(lambda: saturated(small), lambda: att(small, **COLUMNS), theirs_runs=3)}


def main() -> None:
    """Print one line per measurement."""
    small, full = panel(60, 24, 8), panel(336, 92, 42)
    ours, theirs = best(lambda: att(small, **COLUMNS)), best(lambda: saturated(small), runs=2)
    print(f"{len(small):,} rows: {ours:.3f} s, saturated dummies {theirs:.2f} s, ratio {theirs / ours:.0f}")
    for control in ("never", "not-yet"):
        seconds = best(lambda c=control: att(full, **COLUMNS, control=c))
        print(f"{len(full):,} rows, 42 cohorts, {control}: {seconds:.3f} s")
    print(f"placebo at two dates: {best(lambda: placebo(full, **COLUMNS), runs=3):.3f} s")
    print(f"randomisation, 499 draws: {best(lambda: randomise(full, **COLUMNS), runs=3):.3f} s")


if __name__ == "__main__":
    main()
