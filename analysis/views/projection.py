"""A projection in words and figures: headlines, whom volume comes from, cautions, and everything as one table."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.economics import DAYS
from analysis.market import round_to_total
from analysis.scenario import Projection
from analysis.views import plain
from analysis.views.kpis import Kpi
from analysis.views.look import Look, View, percent
from analysis.views.moves import brief, signed
from analysis.views.outcome import ALL, LEAST_POINTS, graded, in_points, number, row_name, said_month, where
from data.grade import Grade, weakest

__all__ = ["cautions", "kpis", "main_sources", "sources", "table", "where", "won_from"]
NEW_DEMAND = ""
"""Stands for parcels nobody carried before, among those a network wins from."""
NAMED = 2
"""Rivals named in a title."""
BANDS = ("low_80", "high_80", "low_95", "high_95")
PER_MONTH = ("cost_before", "cost_after", "profit_before", "profit_after")
PAID = ("before", "after")


def won_from(projection: Projection, platform: str) -> pd.Series:
    """Parcels a day that `platform` wins on balance from each other network (lost ones negative), largest first."""
    flows = projection.flows
    if platform not in flows.matrix:
        return pd.Series(dtype=np.float64)
    balance = (flows.matrix[platform] - flows.matrix.loc[platform]).drop(platform)
    balance = balance.astype(np.float64)
    balance[NEW_DEMAND] = float(flows.growth[platform])
    balance = balance[balance.abs() > 1e-6 * max(float(flows.before[platform]), 1.0)] / DAYS
    return balance.loc[balance.abs().sort_values(ascending=False, kind="stable").index]


def main_sources(projection: Projection, look: Look, platform: str) -> str:
    """What part comes from which two networks, as the end of a sentence; nothing when nothing moves."""
    balance = won_from(projection, platform)
    gains = float(balance.sum()) > 0
    same = balance[(balance > 0) == gains].drop(NEW_DEMAND, errors="ignore")
    if same.empty:
        return ""
    first = same.iloc[:NAMED]
    names = [look.name(str(key)) for key in first.index]
    said = look.say("projection.two", first=names[0], second=names[1]) if len(names) > 1 else names[0]
    key = "projection.gained_from" if gains else "projection.lost_to"
    every = balance[(balance > 0) == gains]
    return look.say(key, part=percent(float(first.sum() / every.sum()), 0), names=said)


def source_name(look: Look, key: object) -> str:
    """Name of a rival, or new demand."""
    return look.name(str(key)) if key != NEW_DEMAND else look.say("projection.new_demand")


def sources(
    projection: Projection, look: Look, *, platform: str, caption: str = "", grade: Grade | None = None
) -> View:
    """From whom the network's new parcels come (or to whom it loses), parcels a day on balance."""
    balance = won_from(projection, platform)
    total = float(balance.sum())
    same = balance[(balance > 0) == (total > 0)]
    part = (same / same.sum()).reindex(balance.index) if len(same) else balance
    labels = [source_name(look, key) for key in balance.index]
    bars: plain.Trace = {
        "type": "bar",
        "orientation": "h",
        "x": plain.numbers(balance),
        "y": labels,
        "marker": {"color": [look.theme.colour(str(key)) for key in balance.index]},
        "hovertemplate": f"%{{y}} <b>%{{x:,.0f}}</b> {look.say('unit.parcels_day')}<extra></extra>",
    }
    counted = [signed(look, v) for v in balance]
    said = [n if np.isnan(p) else f"{n} · {percent(p, 0)}" for n, p in zip(counted, part, strict=True)]
    figure = plain.figure(
        (bars,),
        look,
        height=28 * max(len(labels), 3) + 16,
        right=104,
        x={"visible": False},
        y=plain.rows_axis(),
        bargap=0.32,
        shapes=[plain.rule(look, x=0)],
        annotations=plain.at_right(look, dict(zip(labels, said, strict=True))),
        uirevision="sources",
    )
    table = pd.DataFrame(
        {
            look.say("projection.parcels_day"): balance.round(0).astype("int64").to_numpy(),
            look.say("projection.part"): _parts(part),
        },
        index=pd.Index(labels, name=look.say("market.network")),
    )
    key = "none" if balance.empty else "up" if total > 0 else "down"
    title = look.say(f"projection.sources_{key}", **_sourced(projection, look, platform, total))
    items = look.join(f"{label} {text}" for label, text in zip(labels, said, strict=True))
    alt = look.say("projection.alt_sources", title=title, items=items)
    return View(
        figure, table, title, caption or said_month(projection, look, "sources"), alt, graded(projection, grade)
    )


def _parts(part: pd.Series) -> Any:
    """Parts in per cent that add to 100 over those that went the same way."""
    known = part.dropna()
    whole = round_to_total(known) if len(known) and known.sum() > 0 else known
    return whole.reindex(part.index).to_numpy()


def _sourced(projection: Projection, look: Look, platform: str, total: float) -> dict[str, str]:
    name = look.name(platform)
    return {"name": name} | (
        {"parcels": brief(look, abs(total)), "sources": main_sources(projection, look, platform)} if total else {}
    )


def kpis(projection: Projection, look: Look, *, platform: str, tier: str = ALL) -> tuple[Kpi, ...]:
    """Share, cost, cost per point, network profit, income of the median station and stations below break-even."""
    return (
        _share(projection, look, platform, tier),
        *_money(projection, look, platform),
        *_stations(projection, look, platform, tier),
    )


def _versus(look: Look, row: pd.Series, said: Callable[[float], str]) -> str:
    """The 95 % interval of a change, its ends in words; without draws only what the change is against."""
    low, high = float(row["low_95"]), float(row["high_95"])
    if not np.isfinite(low + high):
        return look.say("projection.versus")
    return look.say("projection.versus_95", low=said(low), high=said(high))


def _good(change: float, *, rise: bool = True) -> bool | None:
    """Whether a rise is good; nothing to judge where nothing moves."""
    return rise if abs(change) >= LEAST_POINTS else None


def _share(projection: Projection, look: Look, platform: str, tier: str) -> Kpi:
    row = projection.shares.loc[(tier, platform)]
    change = (row - row["observed"]) * 100
    label = look.say("projection.kpi_share", name=look.name(platform), tier=where(look, tier))
    trend = (projection.path(tier)["point"].xs(platform, level=1) * 100).tolist()
    delta = look.say("unit.points_signed", value=f"{change['point']:+.1f}")
    versus, good = _versus(look, change, number), _good(change["point"])
    return Kpi(label, percent(float(row["point"])), delta, good, trend, projection.grade, versus)


def cost_of(projection: Projection, platform: str) -> pd.Series:
    """The network's row of the bill; a bill that does not move has no interval."""
    if platform in projection.cost.index:
        return projection.cost.loc[platform].astype(np.float64)
    bill = projection.money()["cost_after"].get((projection.months[-1], platform), 0.0)
    return pd.Series({"before": bill, "after": bill, "change": 0.0, **dict.fromkeys(BANDS, np.nan)})


def _money(projection: Projection, look: Look, platform: str) -> tuple[Kpi, ...]:
    """Cost, cost of a point of share in all tiers, and network profit."""
    cost, say, grade = cost_of(projection, platform), look.say, projection.grade
    signed_money = partial(look.money, signed=True)
    points = in_points(projection.shares.loc[(ALL, platform)])[0]
    each = look.money(cost["change"] / points) if points > LEAST_POINTS and cost["change"] > 0 else say("unit.none")
    change, versus = signed_money(cost["change"]), _versus(look, cost, look.money)
    found = [
        Kpi(say("projection.kpi_cost"), look.money(cost["after"]), change, None, [], grade, versus),
        Kpi(say("projection.kpi_point"), each, None, None, [], grade, ""),
    ]
    if platform not in projection.profit.index:
        return tuple(found)
    profit = projection.profit.loc[platform]
    total, chance = signed_money(profit["total"]), float(profit["chance"])
    versus = say("projection.chance", chance=percent(chance, 0)) if np.isfinite(chance) else say("projection.in_total")
    worth = signed_money(profit["change"])
    return (
        *found,
        Kpi(
            say("projection.kpi_profit"),
            worth,
            total,
            _good(profit["total"]),
            [],
            weakest(grade, Grade.ASSUMED),
            versus,
        ),
    )


def _stations(projection: Projection, look: Look, platform: str, tier: str) -> tuple[Kpi, ...]:
    if (tier, platform) not in projection.station_income.index:
        return ()
    row, grade = projection.station_income.loc[(tier, platform)], weakest(projection.grade, Grade.ASSUMED)
    if not np.isfinite(row["income_after"]):
        return ()
    earned, short = row["income_after"] - row["income_before"], (row["below_after"] - row["below_before"]) * 100
    income = look.money(earned, signed=True)
    points = look.say("unit.points_signed", value=f"{short:+.1f}")
    versus, say = look.say("projection.versus"), look.say
    return (
        Kpi(say("projection.kpi_income"), look.money(row["income_after"]), income, _good(earned), [], grade, versus),
        Kpi(
            say("projection.kpi_below"),
            percent(row["below_after"]),
            points,
            _good(short, rise=False),
            [],
            grade,
            versus,
        ),
    )


def cautions(projection: Projection, look: Look) -> list[str]:
    """What to know before trusting the projection, one sentence a caution; those that differ by place are one."""
    places: dict[tuple[str, tuple[tuple[str, Any], ...]], list[str]] = {}
    for caution in projection.warnings:
        values = {k: f"{v:.2f}" if isinstance(v, float) else v for k, v in caution.values.items()}
        place = [str(values.pop(key)) for key in ("group", "tier") if key in values]
        if "platform" in values:
            values["platform"] = look.name(str(values["platform"]))
        places.setdefault((caution.code, tuple(values.items())), []).extend(look.term("tier", p) for p in place)
    return [
        look.say(f"scenario.{code}", **dict(values), group=look.join(dict.fromkeys(found)))
        for (code, values), found in places.items()
    ]


def table(projection: Projection, look: Look) -> pd.DataFrame:
    """One row a tier, month and network: shares, parcels (last month), subsidies, cost and profit, grade."""
    tiers = list(dict.fromkeys(projection.shares.index.get_level_values(0)))
    rows = pd.concat({tier: _months(projection, tier) for tier in tiers}, names=["tier", "month", "platform"])
    last = projection.volumes[["observed", "point"]].assign(month=projection.months[-1]).set_index("month", append=True)
    last.index = last.index.set_names(["tier", "platform", "month"])
    parcels = last.reorder_levels(["tier", "month", "platform"]).reindex(rows.index)
    rows[["parcels_before", "parcels_after"]] = parcels.to_numpy()
    found = rows.reset_index()
    found["tier"] = [row_name(look, tier) for tier in found["tier"]]
    found["platform"] = found["platform"].map({key: look.name(key) for key in found["platform"].unique()})
    found["month"] = found["month"].dt.strftime("%Y-%m")
    found = found.rename(columns={key: look.say(f"projection.column_{key}") for key in found})
    return found.assign(**{look.say("grade.heading"): look.say(f"grade.{projection.grade}")})


def _months(projection: Projection, tier: str) -> pd.DataFrame:
    path = projection.path(tier)
    names = {"observed": "share_before", "point": "share_after", **{band: f"share_{band}" for band in BANDS}}
    shares = (path[list(names)] * 100).round(3).rename(columns=names)
    paid = projection.subsidies(tier)[list(PAID)].round(4).add_prefix("subsidy_")
    money = projection.money()[list(PER_MONTH)].round(0)
    return shares.join(paid).join(money if tier == ALL else money.iloc[:0])
