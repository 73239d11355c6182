"""How far an allocation is checked: conditions of an optimum, the bound on it, and the same plan as a scenario."""

import pandas as pd

from analysis.budget import Allocation
from analysis.budget.retrace import OPENING, PAID
from analysis.views.look import Look, percent

LOOSE = 1e-3
"""Gap to the best imaginable, as a part of the value, from which it is said."""
EXACT = 5e-5
"""Relative deviation below which no digit shown differs."""
APART = 5e-4
"""Difference of share from which the two ways of working it out are not the same."""


def trust(found: Allocation, retraced: pd.DataFrame, look: Look) -> list[str]:
    """How far the allocation is checked: conditions, gap, the engine's own answer city by city, and stops it met."""
    p, row = found.problem, retraced.loc["all"]
    value = max(abs(found.value), 1e-12)
    gap = look.count(found.gap) if p.objective == "parcels" else look.money(found.gap)
    exact = abs(row["difference"]) < APART
    said = [
        look.say("budget.kkt", residual=_exactness(found.kkt_residual, look)),
        look.say("budget.gap" if found.gap > LOOSE * value else "budget.gap_none", gap=gap),
        look.say(
            "budget.retraced_same" if exact else "budget.retraced",
            allocated=percent(row["allocated"], 2),
            simulated=percent(row["simulated"], 2),
        ),
    ]
    top = [look.term("tier", t) for t, b in zip(p.groups, found.bound[:, 0], strict=True) if b == "ceiling"]
    return [*said, *_paid(row, look), *([look.say("budget.at_ceiling", tiers=look.join(top))] if top else [])]


def _exactness(residual: float, look: Look) -> str:
    """How far the conditions hold, in words where no digit shown would differ."""
    return look.say("budget.exact") if residual < EXACT else look.say("budget.within", part=percent(residual, 2))


def _paid(row: pd.Series, look: Look) -> list[str]:
    """What the scenario bills for the allocation, and when it bills new stations."""
    allocated, simulated = (look.money(float(row[name])) for name in PAID)
    same = allocated == simulated
    said = [look.say(f"budget.retraced_paid{'_same' if same else ''}", allocated=allocated, simulated=simulated)]
    if (spread := float(row.get(OPENING[0], 0.0))) > 0:
        billed = float(row[OPENING[1]])
        money = {"spread": look.money(spread), "billed": look.money(billed), "months": f"{billed / spread:.0f}"}
        said.append(look.say("budget.retraced_opening", **money))
    return said


def retraced_table(retraced: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Shares (per cent) and money of the allocation and of the scenario engine."""
    money = [name for name in (*PAID, *OPENING) if name in retraced]
    labels = [look.say("market.total") if tier == "all" else look.term("tier", tier) for tier in retraced.index]
    shown = (
        (retraced.drop(columns=money) * 100)
        .round(3)
        .join(retraced[money].map(look.money))
        .set_axis(labels)
        .rename_axis(look.say("tier.heading"))
    )
    return shown.set_axis([look.say(f"budget.retrace_{name}") for name in retraced], axis=1)
