"""Time of the share model: full panel in seconds, and a small panel against statsmodels with dense dummies.

Run: python -m benchmarks.share
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.scenario import Lever, Scenario, market_model, simulate
from analysis.share import fit
from analysis.share.absorb import group

NAMES = ("cainiao", "duoduo", "jd", "tuxi", "mama", "sto", "yunda", "jt", "chinapost", "hivebox", "rural", "home")
TIERS = ("Tier 1", "New Tier 1", "Tier 2", "Tier 3", "Tier 4", "Tier 5")
DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
EFFECTS = (("platform", "tier"), ("platform", "month"))


def panel(cities: int, months: int) -> pd.DataFrame:
    """Random panel of the illustrative market's shape; one row in twelve is missing."""
    rng = np.random.default_rng(0)
    shape = (cities, months, len(NAMES))
    rows = rng.random(shape) < 11 / 12
    c, t, j = (part[rows] for part in np.indices(shape))
    subsidy = np.where(rng.random(c.size) < 0.5, rng.uniform(0.05, 0.12, c.size), 0.0)
    stations = rng.uniform(0, 6, c.size)
    return pd.DataFrame(
        {
            "month": pd.date_range("2019-01-01", periods=months, freq="MS")[t],
            "city": pd.Categorical.from_codes(c, [f"{n:06d}" for n in range(cities)]),
            "platform": pd.Categorical.from_codes(j, list(NAMES)),
            "tier": pd.Categorical.from_codes(c % len(TIERS), list(TIERS), ordered=True),
            "subsidy_cny_per_parcel": subsidy,
            "log_stations": stations,
            "parcels": 1e5 * np.exp(8 * subsidy + 0.5 * stations + rng.normal(0, 0.3, c.size)),
        }
    )


def best(job: Callable[[], object], runs: int = 5) -> float:
    """Shortest of some runs, seconds."""
    times = []
    for _ in range(runs):
        start = perf_counter()
        job()
        times.append(perf_counter() - start)
    return min(times)


def dense(rows: pd.DataFrame) -> object:
    """Fit the same coefficients with every effect as a column."""
    groups = [group(rows, g) for g in (("city", "month"), *EFFECTS)]
    # The markets already span the first network's effects, and the tiers those of the first month.
    first = {"platform": NAMES[0], "month": rows["month"].min()}
    dummies = [np.eye(groups[0].size)[groups[0].codes]]
    for g in groups[1:]:
        keep = np.logical_and.reduce([g.labels.get_level_values(c) != v for c, v in first.items() if c in g.columns])
        dummies.append(np.eye(g.size)[g.codes][:, keep])
    interacted = [rows[d].to_numpy() * (rows["tier"] == tier).to_numpy() for tier in TIERS for d in DRIVERS]
    design = np.column_stack([*interacted, *dummies])
    model = sm.OLS(np.log(rows["parcels"].to_numpy()), design)
    return model.fit(cov_type="cluster", cov_kwds={"groups": group(rows, "city").codes})


def main() -> None:
    """Print one line per measurement."""
    small, full = panel(24, 12), panel(337, 92)
    ours = best(lambda: fit(small, DRIVERS, by="tier", effects=EFFECTS))
    theirs = best(lambda: dense(small), runs=2)
    print(f"{len(small):,} rows: {ours:.3f} s, dense dummies {theirs:.2f} s, ratio {theirs / ours:.0f}")
    for estimator in ("log-centred", "poisson"):
        seconds = best(lambda e=estimator: fit(full, DRIVERS, by="tier", effects=EFFECTS, estimator=e), runs=3)
        print(f"{len(full):,} rows, {estimator}: {seconds:.3f} s")
    found = fit(full, DRIVERS, by="tier", effects=EFFECTS)
    model = market_model(full, found, month=full["month"].max())
    scenario = Scenario("all pay more", tuple(Lever(name, 0.01) for name in NAMES))
    for draws in (0, 1000):
        seconds = best(lambda d=draws: simulate(scenario, model, draws=d))
        print(f"scenario, 12 levers, {draws} draws: {1000 * seconds:.1f} ms")


if __name__ == "__main__":
    main()
