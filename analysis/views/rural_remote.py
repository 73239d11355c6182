"""Remote provinces: what a parcel costs each courier alone, gathered and sent on, and what it brings."""

from typing import Any

import pandas as pd

from analysis.space.rural_remote import LEGS, REMOTE, WAYS
from analysis.views import plain
from analysis.views.heat import FALL
from analysis.views.look import Look, View
from analysis.views.rural import names
from data.grade import Grade, weakest

HEIGHT = 460
BAR = 0.38


def shades(look: Look) -> tuple[str, ...]:
    """Fill of each leg: the ways in blues, trunk and branch far apart; what is done by hand in greys and orange."""
    ways, fall = look.theme.sequential, FALL[look.theme.mode]
    return look.theme.colour(""), fall[1], ways[5], ways[2], look.theme.muted


def bars(table: pd.DataFrame, look: Look, *, hub: str, month: str, grade: Grade) -> View:
    """Cost of a parcel by leg, alone and together, against its price.

    `table` is what `analysis.space.rural_remote.provinces` returns.
    """
    labels = names(table.index, "province", look)
    ways = [look.say(f"rural.way_{way}") for way in WAYS]
    rows = [[label for label in labels for _ in WAYS], ways * len(table)]
    traces: list[plain.Trace] = []
    for leg, shade in zip(LEGS, shades(look), strict=True):
        values = table[[f"{way}.{leg}" for way in WAYS]].to_numpy().ravel()
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": look.say(f"rural.leg_{leg}"),
                "x": plain.numbers(values),
                "y": rows,
                "marker": {"color": shade, "line": {"width": 0.5, "color": look.theme.surface}},
                "hovertemplate": f"%{{y}}<br>{look.say(f'rural.leg_{leg}')} <b>¥%{{x:.2f}}</b><extra></extra>",
            }
        )
    price = float(table["brings"].iloc[0])
    at = {"x": price, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": "left"}
    layout: dict[str, Any] = {
        "barmode": "stack",
        "bargap": BAR,
        "shapes": [plain.rule(look, x=price, dash="dash") | {"layer": "above"}],
        "annotations": [plain.note(look, look.say("rural.price", price=f"{price:g}"), **at)],
        "showlegend": True,
        "legend": {"orientation": "h", "y": -0.08, "yanchor": "top", "x": 0, "traceorder": "normal"},
    }
    y = {"autorange": "reversed", "showgrid": False, "type": "multicategory", "dtick": 1, "nticks": 0}
    x = {"tickprefix": "¥", "showgrid": True, "gridcolor": look.theme.grid, "rangemode": "tozero"}
    figure = plain.figure(traces, look, height=HEIGHT, right=12, x=x, y=y)
    figure["layout"] |= layout | {"margin": {"l": 4, "r": 12, "t": 26, "b": 4}}
    title = finding(table, look)
    items = look.join(
        f"{label} ¥{a:.2f} → ¥{b:.2f}" for label, a, b in zip(labels, table["alone"], table["together"], strict=True)
    )
    caption = look.say("rural.remote_caption", hub=hub, month=month)
    alt = look.say("rural.rows_alt", title=title, items=items)
    return View(figure, costs_table(table, look), title, caption, alt, weakest(grade, Grade.ASSUMED))


def finding(table: pd.DataFrame, look: Look) -> str:
    """What gathering saves in all, and where a parcel still costs more than it brings."""
    saved = look.money(float(table["saved_per_month"].sum()))
    least, most = (f"{v:.2f}" for v in (table["saved"].min(), table["saved"].max()))
    values = {"saved": saved, "least": least, "most": most}
    short = table[table["short"] > 0]
    if short.empty:
        return look.say("rural.remote_pays", **values)
    where = look.join(
        f"{name} ¥{v:.2f}" for name, v in zip(names(short.index, "province", look), short["short"], strict=True)
    )
    return look.say("rural.remote_short", where=where, **values)


def costs_table(table: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Every leg of both ways."""
    found: dict[str, Any] = {look.say("rural.by_province"): names(table.index, "province", look)}
    for way in WAYS:
        for leg in LEGS:
            found[f"{look.say(f'rural.way_{way}')} · {look.say(f'rural.leg_{leg}')}"] = table[f"{way}.{leg}"].round(2)
        found[f"{look.say(f'rural.way_{way}')} · {look.say('rural.sum')}"] = table[way].round(2)
    return pd.DataFrame(found).reset_index(drop=True)


def provinces_table(
    table: pd.DataFrame, reached: pd.DataFrame, sent: pd.Series, look: Look, *, network: str, km: float
) -> pd.DataFrame:
    """Parcels, stations, coverage and money of each remote province.

    `reached` has index province and columns staffed, lockers (stations), part (counties reached) and "5000" (village
    people within 5 km); `sent` is the published revenue of a parcel sent from there.
    """
    near = reached.reindex(table.index)
    columns: dict[str, Any] = {
        "rural.by_province": names(table.index, "province", look),
        "rural.parcels_month": table["parcels"].round(0),
        "rural.staffed": near["staffed"],
        "rural.lockers": near["lockers"],
        "rural.reached_percent": (near["part"] * 100).round(1),
        "rural.villages_percent": (near["5000"] * 100).round(1),
        "rural.cost_alone": table["alone"].round(2),
        "rural.cost_together": table["together"].round(2),
        "rural.brings": table["brings"].round(2),
        "rural.saved_month": table["saved_per_month"].round(0),
        "rural.short": table["short"].round(2),
        "rural.paid_month": table["paid_per_month"].round(0),
        "rural.more": table["more"].round(0),
        "rural.sent": sent.reindex(table.index).round(2),
    }
    said = {"name": look.name(network), "km": f"{km:g}"}
    return pd.DataFrame({look.say(key, **said): column for key, column in columns.items()}).reset_index(drop=True)


def assumed_table(values: dict[str, float], look: Look) -> pd.DataFrame:
    """Every number behind the costs with its range and grade."""
    rows = list(REMOTE.values())
    return pd.DataFrame(
        {
            look.say("station.number"): [look.say(f"rural.n_{r.key}") for r in rows],
            look.say("record.value"): [values[r.key] for r in rows],
            look.say("data.from"): [r.low for r in rows],
            look.say("data.to"): [r.high for r in rows],
            look.say("grade.heading"): [look.say(f"grade.{r.grade}") for r in rows],
        }
    )
