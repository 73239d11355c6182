"""Share model against pyfixest, linearmodels and statsmodels: time cold and warm, memory, and the same numbers.

Run from the top of the checkout, with what benchmarks/requirements.txt names installed:

    python -m benchmarks.share

The panel is 340 cities x 8 networks x 72 months, one row in fourteen missing (never of the first network), with six
drivers. Every tool and model has a process of its own. Cold is its import (NumPy and pandas are there) and the first
fit; warm is the median of further fits. Memory is the largest resident size with the panel, after the import, and at
the end.

Models: "log-centred" and "poisson" absorb city-months and networks; "berry" (log ratio to the first network) absorbs
networks, cities and months; "fractional" (all shares) absorbs networks and cities. Errors are clustered by city with
the factor C/(C-1) (n-1)/(n-k) of pyfixest's ssc(k_fixef="nonnested"): k counts drivers and the effects that do not lie
inside cities, and one constant for those that do. statsmodels counts every dummy, so its errors are rescaled by that
one factor before they are compared.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.timing import over

NETWORKS = tuple("abcdefgh")
DRIVERS = tuple(f"x{k}" for k in range(6))
FULL, SLICE = (340, 72), (24, 10)
AGREE = 1e-6  # relative
FITS = {"ours": 9, "pyfixest": 7, "linearmodels": 3, "statsmodels": 0}
RUNS = (
    ("log-centred", FULL, ("ours", "pyfixest", "linearmodels")),
    ("poisson", FULL, ("ours", "pyfixest")),
    ("berry", FULL, ("ours", "statsmodels")),
    ("fractional", FULL, ("ours",)),
    ("log-centred", SLICE, ("ours", "statsmodels")),
    ("poisson", SLICE, ("ours", "statsmodels")),
    ("fractional", SLICE, ("ours", "statsmodels")),
)

Answer = tuple[np.ndarray, np.ndarray]


def panel(cities: int, months: int) -> pd.DataFrame:
    """Random panel with known slopes 0.1 to 0.6; cities and networks of different sizes."""
    rng = np.random.default_rng(0)
    shape = (cities, months, len(NETWORKS))
    kept = rng.random(shape) < 13 / 14
    kept[..., 0] = True
    c, t, j = (part[kept] for part in np.indices(shape))
    drivers = {name: rng.normal(size=c.size) + 0.3 * j for name in DRIVERS}
    utility = sum(0.1 * (k + 1) * drivers[name] for k, name in enumerate(DRIVERS))
    utility = utility + rng.normal(0, 0.3, (cities, len(NETWORKS)))[c, j] + rng.normal(0, 0.3, c.size)
    return pd.DataFrame(
        {
            **drivers,
            "city": pd.Categorical.from_codes(c, [f"{n:06d}" for n in range(cities)]),
            "month": pd.date_range("2019-01", periods=months, freq="MS")[t],
            "platform": pd.Categorical.from_codes(j, list(NETWORKS)),
            "parcels": np.exp(utility + 8),
        }
    )


def shares(rows: pd.DataFrame) -> np.ndarray:
    """Share of each row in its city and month."""
    return (rows["parcels"] / rows.groupby(["city", "month"], observed=True)["parcels"].transform("sum")).to_numpy()


def over_first(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of the other networks and the log of their parcels over the first network's."""
    first = rows["platform"] == NETWORKS[0]
    base = rows[first].set_index(["city", "month"])["parcels"]
    others = rows[~first].reset_index(drop=True)
    return others, np.log(others["parcels"] / base.loc[pd.MultiIndex.from_frame(others[["city", "month"]])].to_numpy())


def ours(rows: pd.DataFrame, model: str) -> Callable[[], Answer]:
    """Fits of this project."""
    from analysis import share
    from analysis.share.fractional import fit_fraction

    def run() -> Answer:
        if model == "fractional":
            found = fit_fraction(rows, None, DRIVERS, effects=("platform", "city"))
        elif model == "berry":
            effects = ("platform", "city", "month")
            found = share.fit(rows, DRIVERS, estimator="berry", outside=NETWORKS[0], effects=effects)
        else:
            found = share.fit(rows, DRIVERS, estimator=model)
        return found.params.to_numpy(), found.std_errors.to_numpy()

    return run


def pyfixest(rows: pd.DataFrame, model: str) -> Callable[[], Answer]:
    """The same by feols and fepois, errors by city."""
    import pyfixest as pf

    coded = rows.assign(place=rows["city"].cat.codes, network=rows["platform"].cat.codes)
    coded = coded.assign(market=coded.groupby(["place", "month"]).ngroup(), y=np.log(rows["parcels"]))
    coded = coded[[*DRIVERS, "y", "parcels", "place", "market", "network"]]
    formula = f"{'parcels' if model == 'poisson' else 'y'} ~ {' + '.join(DRIVERS)} | market + network"
    estimate = pf.fepois if model == "poisson" else pf.feols

    def run() -> Answer:
        found = estimate(formula, coded, vcov={"CRV1": "place"}, ssc=pf.ssc(k_fixef="nonnested"))
        return found.coef().to_numpy(), found.se().to_numpy()

    return run


def linearmodels(rows: pd.DataFrame, model: str) -> Callable[[], Answer]:
    """The log-centred model by AbsorbingLS; its errors take another small-sample factor and are not compared."""
    from linearmodels.iv.absorbing import AbsorbingLS

    markets = rows.groupby(["city", "month"], observed=True).ngroup()
    absorb = pd.DataFrame({"market": pd.Categorical(markets), "network": rows["platform"]})
    outcome, places = np.log(rows["parcels"]), rows["city"].cat.codes

    def run() -> Answer:
        found = AbsorbingLS(outcome, rows[list(DRIVERS)], absorb=absorb).fit(cov_type="clustered", clusters=places)
        return found.params.to_numpy(), np.full(len(DRIVERS), np.nan)

    return run


def statsmodels(rows: pd.DataFrame, model: str) -> Callable[[], Answer]:
    """The same with every effect as a column, errors rescaled from all columns to those that are counted."""
    import statsmodels.api as sm

    outcome, family = np.log(rows["parcels"].to_numpy()), None
    used, columns, inside = rows, ["platform"], rows.groupby(["city", "month"], observed=True).ngroup()
    if model == "poisson":
        outcome, family = rows["parcels"].to_numpy(), sm.families.Poisson()
    elif model == "fractional":
        outcome, family, inside = shares(rows), sm.families.Binomial(), rows["city"].cat.codes
    elif model == "berry":
        used, outcome = over_first(rows)
        columns, inside = ["platform", "month"], used["city"].cat.codes

    def run() -> Answer:
        parts = [pd.get_dummies(used[c].astype(str), dtype=float).iloc[:, 1:] for c in columns]
        design = np.column_stack([used[list(DRIVERS)], *parts, pd.get_dummies(inside, dtype=float)])
        settings = {"cov_type": "cluster", "cov_kwds": {"groups": used["city"].cat.codes.to_numpy()}}
        if family is None:
            found = sm.OLS(outcome, design).fit(**settings)
        else:
            found = sm.GLM(outcome, design, family=family).fit(tol=1e-12, maxiter=100, **settings)
        spare = len(used) - design.shape[1]
        errors = found.bse[: len(DRIVERS)] * np.sqrt(spare / (spare + inside.nunique() - 1))
        return found.params[: len(DRIVERS)], errors

    return run


TOOLS = {"ours": ours, "pyfixest": pyfixest, "linearmodels": linearmodels, "statsmodels": statsmodels}


def resident() -> float:
    """Largest resident size so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def child(tool: str, model: str, cities: int, months: int) -> None:
    """Measure one tool on one model and print what was found as JSON."""
    rows = panel(cities, months)
    memory = [resident()]
    start = perf_counter()
    run = TOOLS[tool](rows, model)
    memory.append(resident())
    params, errors = run()
    times = [perf_counter() - start]
    memory.append(resident())
    for _ in range(FITS[tool]):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    found = {"rows": len(rows), "memory": memory, "times": times}
    print(json.dumps({**found, "params": params.tolist(), "errors": errors.tolist()}))


def measure(tool: str, model: str, size: tuple[int, int]) -> dict[str, list[float]]:
    """Run `child` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.share", "--child", tool, model, *map(str, size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(base: dict[str, list[float]], other: dict[str, list[float]], tool: str) -> str:
    """Largest relative difference of coefficients and errors; stops the run above `AGREE`."""
    words = []
    for part in ("params", "errors"):
        mine, theirs = np.array(base[part]), np.array(other[part])
        if np.isnan(theirs).all():
            continue
        gap = float(np.abs(theirs / mine - 1).max())
        assert gap < AGREE, f"{tool}: {part} differ by {gap:.1e}"
        words.append(f"{part} {gap:.0e}")
    return ", ".join(words)


def line(tool: str, found: dict[str, list[float]], base: dict[str, list[float]]) -> str:
    """One row of the table."""
    cold, warm = found["times"][0], found["times"][1:]
    before, imported, peak = found["memory"]
    fast = f"{np.median(warm):8.3f} (best {min(warm):.3f})" if warm else " " * 23
    reference = min(base["times"][0], *base["times"][1:])
    ratio = "" if found is base else f"  {min(found['times']) / reference:6.1f}x  {compare(base, found, tool)}"
    return f"  {tool:13}{cold:8.3f} {fast}  {before:5.0f} {imported:5.0f} {peak:5.0f}{ratio}"


def ratios(*, quick: bool) -> dict[str, float]:
    """Every effect as a column in statsmodels over ours on the slice, warm; pyfixest on all rows where it is there."""
    rows = panel(*SLICE)
    found = {model: over(statsmodels(rows, model), ours(rows, model)) for model in ("log-centred", "poisson")}
    if not quick and find_spec("pyfixest") is not None:
        full = panel(*FULL)
        found["pyfixest"] = over(pyfixest(full, "log-centred"), ours(full, "log-centred"), theirs_runs=FITS["pyfixest"])
    return found


def main() -> None:
    """Print one table per model."""
    print("seconds cold, warm; resident MB with the panel, after the import, at the end; time over ours; differences")
    for model, size, tools in RUNS:
        base = measure("ours", model, size)
        print(f"{model}, {size[0]} cities x {len(NETWORKS)} networks x {size[1]} months, {base['rows']:,} rows")
        for tool in tools:
            if tool != "ours" and find_spec(tool) is None:
                print(f"  {tool:13}is not installed: pip install -r benchmarks/requirements.txt")
            else:
                print(line(tool, base if tool == "ours" else measure(tool, model, size), base), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=4, metavar=("TOOL", "MODEL", "CITIES", "MONTHS"))
    asked = parser.parse_args().child
    if asked:
        child(asked[0], asked[1], int(asked[2]), int(asked[3]))
    else:
        main()
