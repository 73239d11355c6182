"""Speed of the scenario engine beside the usual layout: `python -m benchmarks.scenario`.

340 cities, 8 networks, 60 months. The usual layout keeps networks last in double precision and takes the softmax of a
block of draws at once; the engine keeps cities last, in place, in single precision, and only raises what a lever
changes. Both end with 5, 50 and 95 % bands of national shares by month, from the same draws.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.scenario import Lever, MarketModel, Rule, Scenario, simulate
from benchmarks.timing import over

CITIES, NETWORKS, MONTHS, DRAWS, GROUPS = 340, 8, 60, 1000, 6
NAMES = ("cainiao", "duoduo", "jd", "tuxi", "mama", "sto", "hivebox", "home")
CHUNK = 20
STAY = (("entry_response_per_1000_cny", 0.0),)


def model(seed: int = 0) -> MarketModel:
    """A market of the size asked for, with known effects."""
    rng = np.random.default_rng(seed)
    shape = NETWORKS, CITIES
    sigma = rng.dirichlet(np.ones(NETWORKS), CITIES).T
    group = np.sort(np.arange(CITIES) % GROUPS)
    tiers = ("Tier 1", "New Tier 1", "Tier 2", "Tier 3", "Tier 4", "Tier 5")
    return MarketModel(
        month=pd.Timestamp("2026-08-01"),
        platforms=NAMES,
        tiers=tiers,
        cities=tuple(f"{c:06d}" for c in range(CITIES)),
        bounds=(0, *np.cumsum(np.bincount(group)).tolist()),
        sigma=sigma,
        captive=np.zeros(shape),
        free=rng.uniform(1e6, 1e8, CITIES),
        subsidy=rng.uniform(0, 0.1, shape) * (np.arange(NETWORKS) < NETWORKS - 1)[:, None],
        guarantee=np.zeros(shape),
        stations=rng.integers(20, 2000, shape).astype(float),
        own_orders=np.full(shape, np.nan),
        offered=np.ones(shape, bool),
        region=("East",) * CITIES,
        province=("Zhejiang",) * CITIES,
        slopes=np.linspace(3, 12, GROUPS),
        density=np.linspace(0.3, 0.7, GROUPS),
        covariance=np.diag([0.25] * GROUPS + [0.0025] * GROUPS),
        df=np.full(GROUPS, np.inf),
        groups=tiers,
        group=group,
        observed_range=(0.01, 0.12),
        growth=(0.05, 0.02),
    )


def usual(market: MarketModel, change: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """National shares by draw and month (draws, months, networks): months, cities, then networks last."""
    sigma, free = market.sigma.T, market.free
    found = np.empty((len(slopes), MONTHS + 1, NETWORKS))
    for start in range(0, len(slopes), CHUNK):
        slope = slopes[start : start + CHUNK, market.group]
        weight = sigma * np.exp(slope[:, None, :, None] * change[:, None, :])
        share = weight / weight.sum(axis=-1, keepdims=True)
        volume = (share * free[:, None]).sum(axis=2)
        found[start : start + CHUNK] = volume / volume.sum(axis=-1, keepdims=True)
    return found


def median_ms(run: Callable[[], object], times: int = 7) -> float:
    """Median milliseconds of a call, after one to warm up."""
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


LEVERS = tuple(Lever("duoduo", 0.05, tier, ramp_months=MONTHS) for tier in ("Tier 3", "Tier 4"))
PLAIN = Scenario("lever", LEVERS, months=MONTHS, assumptions=STAY)


def both(market: MarketModel, part: int = 1) -> tuple[Callable[[], object], Callable[[], object]]:
    """The usual layout on one of `part` parts of the draws, and ours on all of them; both end with bands."""
    change = np.zeros((MONTHS + 1, NETWORKS))
    change[:, 1] = 0.05 * np.arange(MONTHS + 1) / MONTHS
    slopes = simulate(PLAIN, market, draws=DRAWS, vary=("parameters",)).drawn.slopes[: DRAWS // part]

    def usual_bands() -> np.ndarray:
        return np.quantile(usual(market, change, slopes), [0.05, 0.5, 0.95], axis=0)

    def bands() -> pd.DataFrame:
        return simulate(PLAIN, market, draws=DRAWS, vary=("parameters",)).path()

    return usual_bands, bands


def ratios(*, quick: bool) -> dict[str, float]:
    """The usual layout over ours with bands, and the point with all that follows over the point alone."""
    market, part = model(), 2 if quick else 1
    full = Scenario("lever", LEVERS, months=MONTHS)
    full_path, plain_path = (lambda one=one: simulate(one, market, draws=0).path() for one in (full, PLAIN))
    follows = over(full_path, plain_path, theirs_runs=15)
    return {"draws": part * over(*both(market, part), theirs_runs=2), "follows": follows}


def main() -> None:
    """Measure and print."""
    market, plain, levers = model(), PLAIN, LEVERS
    usual_bands, bands = both(market)
    print(f"point, stations stay    {median_ms(lambda: simulate(plain, market, draws=0).path(), 31):7.2f} ms")
    full = Scenario("lever", levers, months=MONTHS)
    print(f"point, stations follow  {median_ms(lambda: simulate(full, market, draws=0).path(), 31):7.2f} ms")
    rivals = Scenario("war", levers, months=MONTHS, rules=(("cainiao", Rule("best_response", lag_months=3)),))
    print(f"point, a best response  {median_ms(lambda: simulate(rivals, market, draws=0), 11):7.2f} ms")
    ours = median_ms(bands)
    everything = median_ms(lambda: simulate(full, market, draws=DRAWS).path())
    cells = CITIES * NETWORKS * MONTHS * DRAWS / 1e6
    print(f"{DRAWS} draws with bands   {ours:7.0f} ms ({cells:.0f} million cells); all that varies {everything:.0f} ms")
    other = median_ms(usual_bands, 3)
    print(f"the usual layout        {other:7.0f} ms, ratio {other / ours:.1f}")


if __name__ == "__main__":
    main()
