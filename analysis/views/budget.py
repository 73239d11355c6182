"""Where a budget goes, what it wins, and what more of it would."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.budget import Allocation, BudgetError, Problem, allocate
from analysis.budget.problem import INSTRUMENTS, Floats
from analysis.scenario import Projection, measure
from analysis.views import amounts, plain
from analysis.views.budget_trust import APART, retraced_table, trust
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade
from data.grade import Grade, weakest

__all__ = [
    "allocation",
    "curve",
    "extrapolated",
    "refusal",
    "retraced_table",
    "shadow",
    "table",
    "then",
    "title",
    "trust",
]

HALF = 0.5
MILLION = 1e6
PALE = 0.45
"""Opacity of the stations' part of a bar."""


def allocation(found: Allocation, look: Look, *, grade: Grade | None = None) -> View:
    """Money by tier: full colour for subsidies, pale for new stations."""
    labels = [look.term("tier", tier) for tier in found.problem.groups]
    colours = (look.theme.accent, fade(look.theme.accent, PALE))
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "y": labels,
            "x": plain.numbers(found.spend[:, i]),
            "marker": {"color": colours[i]},
            "customdata": [look.money(cny) for cny in found.spend[:, i]],
            "hovertemplate": f"%{{y}} · {look.say(f'budget.{name}')} <b>%{{customdata}}</b><extra></extra>",
        }
        for i, name in enumerate(INSTRUMENTS)
        if name in found.problem.instruments or (abs(found.spend[:, i]) >= HALF).any()
    ]
    low, high = _reach(found.spend)
    figure = plain.figure(
        bars,
        look,
        height=34 * len(labels) + 34,
        right=200 if "stations" in found.problem.instruments else 110,
        x={"showgrid": True, "gridcolor": look.theme.grid, **_ticks(look, low, high)},
        y=plain.rows_axis(),
        barmode="relative",
        bargap=0.34,
        annotations=plain.at_right(look, dict(zip(labels, _rows(found, look), strict=True))),
    )
    items = look.join(f"{label} {look.money(cny)}" for label, cny in zip(labels, found.spend.sum(axis=1), strict=True))
    return View(
        figure,
        table(found, look),
        title(found, look),
        look.say(
            "budget.caption" if "subsidy" in found.problem.instruments else "budget.caption_stations",
            name=look.name(found.problem.platform),
            budget=look.money(found.budget_cny_per_month),
        ),
        look.say("budget.alt", items=items),
        found.grade if grade is None else weakest(found.grade, grade),
    )


def _reach(spend: Floats) -> tuple[float, float]:
    """Lowest and highest end of the bars."""
    return float(np.minimum(spend, 0).sum(axis=1).min()), max(float(np.maximum(spend, 0).sum(axis=1).max()), 1.0)


def _ticks(look: Look, low: float, high: float) -> dict[str, object]:
    """Round amounts of money from `low` to `high` in the words of the language."""
    least = (high - low) / 4
    size = 10 ** np.floor(np.log10(least))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= least)
    ticks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return {"tickvals": ticks.tolist(), "ticktext": [f"{'−' if t < 0 else ''}¥{look.short(abs(t))}" for t in ticks]}


def _rows(found: Allocation, look: Look) -> list[str]:
    """Part of the money and what is added, beside each bar."""
    spend = found.spend.sum(axis=1)
    whole = max(np.maximum(spend, 0).sum(), 1.0)
    said = []
    for cny, added, opened in zip(spend, found.added, found.opened, strict=True):
        parts = [f"<b>{cny / whole:.0%}</b>".replace("-", "−")]
        if abs(added) >= 0.0005:
            parts.append(f"{added:+.3f}".replace("-", "−"))
        if opened >= 1:
            parts.append(look.say("budget.opened_short", n=look.count(opened)))
        said.append(" · ".join(parts))
    return said


def title(found: Allocation, look: Look) -> str:
    """Where most of the money belongs."""
    spend = np.maximum(found.spend.sum(axis=1), 0.0)
    if found.idle:
        return look.say("budget.keep_all" if found.problem.objective == "profit" else "budget.nothing")
    g, part = int(spend.argmax()), float(spend.max() / spend.sum())
    key = "budget.all_in" if part > 1 - APART else "budget.most_in" if part > HALF else "budget.largest_in"
    return look.say(key, tier=look.term("tier", found.problem.groups[g]), part=percent(part, 0))


def table(found: Allocation, look: Look) -> pd.DataFrame:
    """Everything needed to work the allocation out again by hand, one row a tier."""
    rows, stations = found.table, "stations" in found.problem.instruments
    shown: dict[str, pd.Series] = {
        "contestable": rows["contestable"].round(0),
        "captive": rows["captive"].round(0),
        "whole_before": (rows["whole_before"] * 100).round(3),
        "whole_after": (rows["whole_after"] * 100).round(3),
        "share_before": (rows["share_before"] * 100).round(3),
        "share_after": (rows["share_after"] * 100).round(3),
        "slope": rows["slope"].round(4),
        "subsidy_before": rows["subsidy_before"].round(5),
        "added": rows["added"].round(5),
        "gained": rows["gained"].round(0),
        "spend_subsidy": rows["spend_subsidy"].round(0),
        "marginal_subsidy": rows["marginal_subsidy"].round(4),
        "bound_subsidy": _bounds(rows["bound_subsidy"], rows["held"], look),
    }
    if stations:
        shown |= {
            "density": rows["density"].round(4),
            "stations": rows["stations"].round(0),
            "opened": rows["opened"].round(1),
            "spend_stations": rows["spend_stations"].round(0),
            "marginal_stations": rows["marginal_stations"].round(4),
            "bound_stations": _bounds(rows["bound_stations"], rows["held"], look),
        }
    shown["spend"] = rows["spend"].round(0)
    shown["kkt"] = pd.Series(f"{found.kkt_residual:.0e}", rows.index)
    out = pd.DataFrame({look.say(f"budget.col_{name}"): column for name, column in shown.items()})
    return out.set_axis([look.term("tier", t) for t in rows.index]).rename_axis(look.say("tier.heading"))


def _bounds(bound: pd.Series, held: pd.Series, look: Look) -> pd.Series:
    code = bound.where((bound != "") | ~held, "held").replace("", "free")
    return code.map(lambda name: look.say(f"budget.bound_{name}"))


def curve(found: Allocation, points: pd.DataFrame, look: Look, *, grade: Grade | None = None) -> View:
    """Share against budget: the best use, the same subsidy everywhere, and the budget chosen.

    `points` is what `analysis.budget.frontier` returns, the chosen budget among its rows.
    """
    budgets, name = points.index.to_numpy(), look.name(found.problem.platform)
    here = points.loc[found.budget_cny_per_month]
    shares = {"best": points["share"] * 100, "even": points["even_share"] * 100}
    colours = {"best": look.theme.accent, "even": look.theme.muted}
    lines = [
        plain.line(
            budgets.tolist(),
            values.to_numpy(),
            colours[key],
            hover=f"{look.say(f'budget.line_{key}')} <b>%{{y:.2f}}%</b>",
            dash="solid" if key == "best" else "dot",
        )
        for key, values in shares.items()
    ]
    mark = {
        "type": "scatter",
        "mode": "markers",
        "x": [found.budget_cny_per_month],
        "y": plain.numbers([here["share"] * 100]),
        "marker": {"size": 11, "color": look.theme.accent},
        "hoverinfo": "skip",
    }
    figure = plain.figure(
        [*lines, mark],
        look,
        height=260,
        right=130,
        x={"range": [0, float(budgets.max())], **_ticks(look, 0.0, float(budgets.max()))},
        y={"ticksuffix": "%"},
        annotations=_ends(shares, look),
        hovermode="x unified",
    )
    said = _lifted(found, here, look)
    return View(
        figure,
        _points(points, look),
        said,
        look.say("budget.frontier_caption", name=name),
        said,
        found.grade if grade is None else weakest(found.grade, grade),
    )


def _lifted(found: Allocation, here: pd.Series, look: Look) -> str:
    """From which share to which, and how that compares with the same subsidy everywhere for the same money."""
    p = found.problem
    more = (here["share"] - here["even_share"]) * 100
    return look.say(
        "budget.frontier_none" if found.idle else f"budget.frontier_{'more' if more >= 0 else 'less'}",
        name=look.name(p.platform),
        budget=look.money(found.spent),
        before=percent(p.carried.sum() / p.whole.sum()),
        after=percent(here["share"]),
        points=f"{abs(more):.2f}",
    )


def _ends(shares: Mapping[str, pd.Series], look: Look) -> list[dict[str, object]]:
    from analysis.views.base import LABEL_GAP, spread

    ends = {key: float(values.iloc[-1]) for key, values in shares.items()}
    lows, highs = (f(values) for f, values in ((min, [v.min() for v in shares.values()]), (max, ends.values())))
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6}
    gap = LABEL_GAP * 1.6 * (highs - lows)
    return [plain.note(look, look.say(f"budget.line_{key}"), y=y, **at) for key, y in spread(ends, gap).items()]


def _points(points: pd.DataFrame, look: Look) -> pd.DataFrame:
    shown = {
        "budget": points.index.to_series().round(0),
        "spend": points["spent"].round(0),
        "whole_after": (points["share"] * 100).round(3),
        "even": (points["even_share"] * 100).round(3),
        "gained": points["gained"].round(0),
        "shadow": points["shadow_value"].round(5),
    }
    return pd.DataFrame({look.say(f"budget.col_{k}"): v.to_numpy() for k, v in shown.items()})


def shadow(found: Allocation, look: Look) -> str:
    """What one more million yuan a month would do, in words."""
    left = look.money(found.left)
    if found.shadow_value <= 0 and found.left:
        return look.say("budget.left_ceiling" if _full(found) else "budget.left_profit", left=left)
    more = _one_more(found)
    if found.problem.objective == "profit":
        return look.say("budget.shadow_profit", more=look.money(more))
    return look.say("budget.shadow_parcels", more=look.count(more, 2))


def then(planned: Projection, look: Look, *, platform: str) -> str:
    """What the plan makes of the levers of an allocation, and why it may be something else."""
    share = float(planned.shares.at[("all", platform), "point"])
    return look.say(
        "budget.then",
        name=look.name(platform),
        share=percent(share, 2),
        month=look.month(planned.months[-1]),
        cost=amounts.bare("cost", measure(planned, "cost", platform), look),
    )


def _full(found: Allocation) -> bool:
    """Whether nothing more may be spent anywhere; parcels alone are always worth more money."""
    bound = found.bound[found.bound != "none"]
    return found.problem.objective == "parcels" or bool((bound == "ceiling").all())


def _one_more(found: Allocation) -> float:
    """Value of one more million yuan a month: worked out, since a million is not small beside every budget."""
    return allocate(found.problem, found.budget_cny_per_month + MILLION).value - found.value


def extrapolated(found: Allocation, observed: tuple[float, float], look: Look) -> str:
    """A word of caution where subsidies leave what the data have seen; empty otherwise."""
    paid = float(np.where(abs(found.added) > 1e-9, found.subsidy, 0.0).max())
    if paid <= observed[1] + 1e-9:
        return ""
    return look.say("budget.extrapolated", paid=f"{paid:.3f}", seen=f"{observed[1]:.3f}")


def refusal(error: BudgetError, problem: Problem | None, look: Look) -> str:
    """Why there is no allocation, and what to do."""
    values = {k: look.money(v) if isinstance(v, float) else v for k, v in error.values.items()}
    if error.code == "out_of_reach":
        values |= {k: percent(float(error.values[k])) for k in ("wanted", "reached")}
    values["group"] = look.term("tier", error.values.get("group", ""))
    values["platform"] = look.name(problem.platform if problem else str(error.values.get("platform", "")))
    return look.say(f"budget.error_{error.code}", **values)
