"""Headline figures of a projection: share, bill, cost of a point, profit and stations of one network."""

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite

import numpy as np

from analysis.scenario import Projection
from analysis.views import plain
from analysis.views.kpis import Kpi
from analysis.views.look import Look, percent
from analysis.views.outcome import ALL, LEAST_POINTS, cny, digits, ends, in_points, number, row_of, signed, where
from data.grade import Grade, weakest
from data.platforms import OUTSIDE

LEAST_CNY = 0.5
"""Sums below this are none."""
SAME = 1e-6
"""Points or CNY by which the ends of an interval differ at least."""
BANDS = ("low_80", "high_80", "low_95", "high_95")


def kpis(projection: Projection, look: Look, *, platform: str, tier: str = ALL) -> tuple[Kpi, ...]:
    """Share, cost, cost per point, network profit, income of the median station and stations below break-even."""
    return (
        _share(projection, look, platform, tier),
        _bill(projection, look, platform),
        _point(projection, look, platform),
        *_profit(projection, look, platform),
        *_stations(projection, look, platform, tier),
    )


def _versus(look: Look, row: Mapping[str, float], said: Callable[[float], str]) -> str:
    """The 95 % interval of a change, its ends in words; without draws or width only what the change is against."""
    low, high = row["low_95"], row["high_95"]
    if not isfinite(low + high) or abs(low - high) <= SAME:
        return look.say("projection.versus")
    return look.say("projection.versus_95", ends=ends(look, low, high, said))


def _good(change: float, least: float, *, rise: bool = True) -> bool | None:
    """Whether a rise is good; nothing to judge where nothing moves."""
    return rise if abs(change) >= least else None


def _share(projection: Projection, look: Look, platform: str, tier: str) -> Kpi:
    row = row_of(projection.shares, (tier, platform))
    change = {name: (value - row["observed"]) * 100 for name, value in row.items()}
    label = look.say("projection.kpi_share", name=look.name(platform), tier=where(look, tier))
    trend = (plain.grid(projection.path(tier)).of("point", platform) * 100).tolist()
    shown = digits(*in_points(row))
    delta = look.say("unit.points_signed", value=signed(change["point"], shown))
    versus = _versus(look, change, partial(number, digits=shown)) + _area(projection, look, platform, row)
    return Kpi(
        label,
        percent(row["point"]),
        delta,
        _good(change["point"], LEAST_POINTS),
        trend,
        projection.grade,
        versus,
    )


def _area(projection: Projection, look: Look, platform: str, shown: Mapping[str, float]) -> str:
    """Share before and after where the plan applies, unless that is what the figure shows."""
    if platform not in projection.area.index:
        return ""
    row = row_of(projection.area, platform)
    if np.allclose([row["observed"], row["point"]], [shown["observed"], shown["point"]]):
        return ""
    return look.say("projection.area", change=f"{percent(row['observed'])} → {percent(row['point'])}")


def _bill(projection: Projection, look: Look, platform: str) -> Kpi:
    """Bill of the last month, its change, and the change summed over all months, one-off openings among them."""
    cost, say = cost_of(projection, platform), look.say
    found = plain.grid(projection.money())
    total = 0.0
    if platform in found.names:
        total = float((found.of("cost_after", platform) - found.of("cost_before", platform)).sum())
    versus = _versus(look, cost, partial(cny, look))
    versus += say("projection.bill_total", total=cny(look, total, with_sign=True))
    change = cny(look, cost["change"], with_sign=True)
    return Kpi(say("projection.kpi_cost"), cny(look, cost["after"]), change, None, [], projection.grade, versus)


def cost_of(projection: Projection, platform: str) -> dict[str, float]:
    """The network's row of the bill; a bill that does not move has no interval."""
    if platform in projection.cost.index:
        return row_of(projection.cost, platform)
    bill = float(projection.money()["cost_after"].get((projection.months[-1], platform), 0.0))
    return {"before": bill, "after": bill, "change": 0.0, **dict.fromkeys(BANDS, np.nan)}


def _point(projection: Projection, look: Look, platform: str) -> Kpi:
    """Cost of a point of share in all tiers."""
    change = cost_of(projection, platform)["change"]
    points = in_points(row_of(projection.shares, (ALL, platform)))[0]
    each = cny(look, change / points) if points > LEAST_POINTS and change > 0 else look.say("unit.none")
    return Kpi(look.say("projection.kpi_point"), each, None, None, [], projection.grade, "")


def _profit(projection: Projection, look: Look, platform: str) -> tuple[Kpi, ...]:
    """Profit of the last month and of all months: the middle of the draws, or the point without any."""
    if platform not in projection.profit.index:
        return ()
    profit, money = row_of(projection.profit, platform), partial(cny, look, with_sign=True)
    month, total, versus = profit["change"], profit["total"], look.say("projection.in_total")
    if np.isfinite(profit["chance"]):
        month, total, low, high = (profit[n] for n in ("median", "total_median", "total_low_95", "total_high_95"))
        if max(abs(low), abs(high)) >= LEAST_CNY:
            said = {"ends": ends(look, low, high, partial(cny, look)), "chance": percent(profit["chance"], 0)}
            versus = look.say("projection.chance", **said)
    label, grade = look.say("projection.kpi_profit"), weakest(projection.grade, Grade.ASSUMED)
    return (Kpi(label, money(month), money(total), _good(total, LEAST_CNY), [], grade, versus),)


def _stations(projection: Projection, look: Look, platform: str, tier: str) -> tuple[Kpi, ...]:
    """Income of the median station and stations below break-even; a dash where the market has no stations."""
    model = projection.model
    if platform == OUTSIDE or platform not in model.platforms or tier not in (*model.tiers, ALL):
        return ()
    if not projection.base.tier_stations[-1].sum() > 0:
        return _unknown(projection, look)
    row, grade = projection.station_income_of(platform, tier), weakest(projection.grade, Grade.ASSUMED)
    if not np.isfinite(row["income_after"]):
        return ()
    earned, short = row["income_after"] - row["income_before"], (row["below_after"] - row["below_before"]) * 100
    said = (cny(look, row["income_after"]), percent(row["below_after"]))
    labels = (look.say("projection.kpi_income"), look.say("projection.kpi_below"))
    if not np.isfinite(earned + short):
        reason = look.say("projection.no_stations_without")
        return tuple(Kpi(label, v, None, None, [], grade, reason) for label, v in zip(labels, said, strict=True))
    points = look.say("unit.points_signed", value=signed(float(short)))
    versus = look.say("projection.versus")
    return (
        Kpi(labels[0], said[0], cny(look, earned, with_sign=True), _good(earned, LEAST_CNY), [], grade, versus),
        Kpi(labels[1], said[1], points, _good(short, LEAST_POINTS, rise=False), [], grade, versus),
    )


def _unknown(projection: Projection, look: Look) -> tuple[Kpi, ...]:
    """Two dashes and why."""
    reason, none = look.say("projection.no_station_data"), look.say("unit.none")
    grade = weakest(projection.grade, Grade.ASSUMED)
    return tuple(
        Kpi(look.say(f"projection.kpi_{key}"), none, None, None, [], grade, reason) for key in ("income", "below")
    )
