"""An allocation as levers of a scenario, and the two held against each other."""

import pandas as pd

from analysis.budget.allocate import Allocation
from analysis.scenario import Lever, MarketModel, Scenario, simulate

SMALL = 1e-12
"""Relative change that is none."""
PAID = ("paid_allocated", "paid_simulated")
OPENING = ("opening_allocated", "opening_simulated")
"""Columns of money of a retrace."""
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
    """Shares and money of the allocation, and those that the scenario engine finds for its levers, city by city.

    They are the same with one city a tier. With many, the allocation treats a tier as one market, and the difference is
    what the spread of shares over its cities does to it. Guarantees in force are topped up in the scenario alone.

    Returns
    -------
    pandas.DataFrame
        Index tier and "all" (the allocation's tiers). `before`, `allocated`, `simulated`: shares of all parcels
        (fractions); `difference` = simulated - allocated. `paid_allocated`, `paid_simulated`: extra CNY a month but for
        openings; with stations among the instruments also `opening_allocated` (CNY a month, spread over their life) and
        `opening_simulated` (CNY, once: in the month of opening).
    """
    p, (before, after) = allocation.problem, allocation.shares
    run = simulate(Scenario("budget", levers(allocation), months=1, assumptions=STILL), model, draws=0)
    places, j = [model.tiers.index(tier) for tier in p.groups], model.platforms.index(p.platform)
    volumes = run.point.volumes[-1, places]
    more = (run.point.cost - run.base.cost)[-1, places, j]
    opened = run.point.bills["openings"][-1, places, j]
    sums = pd.DataFrame(
        {
            "before": before * p.whole,
            "allocated": after * p.whole,
            "simulated": volumes[:, j],
            "whole": p.whole,
            "carried": volumes.sum(axis=1),
            "paid_allocated": allocation.spend[:, 0],
            "paid_simulated": more - opened,
            "opening_allocated": allocation.spend[:, 1],
            "opening_simulated": opened,
        },
        pd.Index(p.groups, name="tier"),
    )
    sums.loc["all"] = sums.sum()
    shares = sums[["before", "allocated"]].div(sums["whole"], axis=0)
    shares["simulated"] = sums["simulated"] / sums["carried"]
    shares["difference"] = shares["simulated"] - shares["allocated"]
    return shares.join(sums[[*PAID, *(OPENING if "stations" in p.instruments else ())]])
