"""A projection in words and figures: headlines, whom volume comes from, cautions, and everything as one table."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.economics import DAYS
from analysis.market import round_to_total
from analysis.scenario import Projection
from analysis.views import plain
from analysis.views.look import Look, View, percent
from analysis.views.moves import brief
from analysis.views.outcome import ALL, graded, row_name, said_month, where
from analysis.views.scenario_figures import BANDS, kpis
from data.grade import Grade

__all__ = ["cautions", "kpis", "main_sources", "sources", "table", "where", "won_from"]
NEW_DEMAND = ""
"""Stands for parcels nobody carried before, among those a network wins from."""
NAMED = 2
"""Rivals named in a title."""
PER_MONTH = ("cost_before", "cost_after", "profit_before", "profit_after")
PAID = ("before", "after")


def won_from(projection: Projection, platform: str) -> pd.Series:
    """Parcels a day that `platform` wins on balance from each other network (lost ones negative), largest first."""
    flows = projection.flows
    names = list(map(str, flows.matrix.columns))
    if platform not in names:
        return pd.Series(dtype=np.float64)
    place, matrix = names.index(platform), flows.matrix.to_numpy(np.float64)
    balance = np.append(np.delete(matrix[:, place] - matrix[place], place), float(flows.growth[platform]))
    keys = [*(name for name in names if name != platform), NEW_DEMAND]
    least = 1e-6 * max(float(flows.before[platform]), 1.0)
    order = [i for i in np.argsort(-np.abs(balance), kind="stable") if abs(balance[i]) > least]
    return pd.Series(balance[order] / DAYS, [keys[i] for i in order], dtype=np.float64)


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
    counted = [_counted(look, v) for v in balance]
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
    alt = look.say("projection.alt_sources", title=title, items=items) if items else title
    return View(
        figure, table, title, caption or said_month(projection, look, "sources"), alt, graded(projection, grade)
    )


def _counted(look: Look, parcels: float) -> str:
    """Parcels with their sign; less than half of one is none."""
    return f"{'−' if parcels < 0 else '+'}{brief(look, abs(parcels))}" if abs(parcels) >= 0.5 else "0"


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
