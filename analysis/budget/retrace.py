"""An allocation as levers of a scenario, and the two held against each other."""

import pandas as pd

from analysis.budget.allocate import Allocation
from analysis.scenario import Lever, MarketModel, Scenario, simulate

SMALL = 1e-12
"""Relative change that is none."""
STILL = (("entry_response_per_1000_cny", 0.0),)
"""Stations neither open nor close by themselves while the allocation is retraced."""


def levers(allocation: Allocation) -> tuple[Lever, ...]:
    """Levers that do what the allocation says, tier by tier; pulled at once in the first month."""
    p = allocation.problem
    found = []
    for tier, added, opened in zip(p.groups, allocation.added, allocation.opened, strict=True):
        if abs(added) > SMALL:
            found.append(Lever(p.platform, _short(added), tier))
        if opened > SMALL:
            found.append(Lever(p.platform, _short(opened), tier, kind="stations"))
    return tuple(found)


def _short(change: float) -> float:
    """Twelve digits: what a link need not carry is left out."""
    return float(f"{change:.12g}")


def retrace(allocation: Allocation, model: MarketModel) -> pd.DataFrame:
    """The shares of the allocation and those that the scenario engine finds for its levers, city by city.

    They are the same with one city a tier. With many, the allocation treats a tier as one market, and the difference is
    what the spread of shares over its cities does to it.

    Returns
    -------
    pandas.DataFrame
        Index tier and "all". `before`, `allocated`, `simulated`: shares of all parcels of the tier (fractions; "all":
        of the allocation's tiers); `difference` = simulated - allocated.
    """
    p, (before, after) = allocation.problem, allocation.shares
    plan = Scenario("budget", levers(allocation), months=1, assumptions=STILL)
    volumes = simulate(plan, model, draws=0).volumes["point"]
    tiers = list(p.groups)
    own = volumes.xs(p.platform, level="platform").loc[tiers].to_numpy()
    size = volumes.groupby(level="tier").sum().drop("all", errors="ignore").loc[tiers].to_numpy()
    table = pd.DataFrame({"before": before, "allocated": after, "simulated": own / size}, pd.Index(tiers, name="tier"))
    whole = pd.DataFrame(
        {
            "before": [(before * p.whole).sum() / p.whole.sum()],
            "allocated": [(after * p.whole).sum() / p.whole.sum()],
            "simulated": [own.sum() / size.sum()],
        },
        pd.Index(["all"], name="tier"),
    )
    found = pd.concat([table, whole])
    return found.assign(difference=found["simulated"] - found["allocated"])
