"""Whether one station lives: its profit by item, its profit against parcels, its key figures and their sources."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.economics import (
    DAYS,
    Station,
    break_even,
    declared,
    equivalent_subsidy,
    guarantee_paid,
    indifference,
    payback_months,
    profit,
)
from analysis.economics.assumptions import Assumption
from analysis.economics.incomes import Array
from analysis.views import plain
from analysis.views.base import spread
from analysis.views.heat import FALL
from analysis.views.kpis import Kpi
from analysis.views.look import Look, View
from data.grade import Grade

NEVER = "–"
COMPARED = (100.0, 0.07)
"""Guarantee (CNY a day) and subsidy (CNY per parcel) compared where the station gets none: the published 3,000 CNY a
month, and the middle of the published 0.05 to 0.12."""
LEAST_CNY = 0.5
"""Items that round to nothing have no bar."""
STEPS = 121
BARS_HEIGHT = 345
"""Pixels: the bars stand beside a card of eleven inputs."""
LONGEST_MONTHS = 120.0
TABLE_STEP = 10
LABEL_GAP = 0.085


def items(station: Station) -> dict[str, float]:
    """Profit of a month by item, CNY; costs below zero. They add up to `profit` x `DAYS`."""
    parcels = station.parcels_per_day * DAYS
    return {
        "fees": station.fee_cny_per_parcel * parcels,
        "subsidy": station.subsidy_cny_per_parcel * parcels,
        "guarantee": float(guarantee_paid(station)) * DAYS,
        "ancillary": station.ancillary_cny_per_parcel * parcels,
        "variable": -station.variable_cny_per_parcel * parcels,
        "rent": -station.rent_cny_per_month,
        "wages": -station.wages_cny_per_month,
        "fines": -station.fines_cny_per_month,
    }


def item_name(item: str, station: Station, look: Look) -> str:
    """Name of an item: a locker has upkeep and write-off where others have wages."""
    return look.say(
        f"station.item_{item}_locker" if (item, station.format) == ("wages", "locker") else f"station.item_{item}"
    )


def field_name(field: str, format: str, look: Look) -> str:
    """Name of a number, with its unit."""
    upkeep = (field, format) == ("wages_cny_per_month", "locker")
    return look.say(f"station.field_{field}_locker" if upkeep else f"station.field_{field}")


def profit_bars(station: Station, look: Look, *, who: str, caption: str, grade: Grade, takes: float = np.inf) -> View:
    """Profit of a month, item by item; `takes` is the most parcels a day that the station can take."""
    found = {item: value for item, value in items(station).items() if abs(value) >= LEAST_CNY}
    total = float(profit(station)) * DAYS
    names = [item_name(item, station, look) for item in found] + [look.say("station.profit")]
    values = [*found.values(), total]
    loss = FALL[look.theme.mode][1]
    bars: plain.Trace = {
        "type": "waterfall",
        "x": names,
        "y": plain.numbers(values),
        "measure": ["relative"] * len(found) + ["total"],
        "text": [look.money(v, signed=True) for v in values],
        "textposition": "outside",
        "cliponaxis": False,
        "connector": {"line": {"color": look.theme.grid, "width": 1}},
        "increasing": {"marker": {"color": look.theme.accent}},
        "decreasing": {"marker": {"color": loss}},
        "totals": {"marker": {"color": look.theme.accent if total >= 0 else FALL[look.theme.mode][0]}},
        "hovertemplate": "%{x} <b>%{text}</b><extra></extra>",
    }
    reached = np.cumsum([0.0, *found.values()])
    top, bottom = float(reached.max()), float(min(reached.min(), 0.0))
    pad = 0.12 * (top - bottom or 1.0)
    shown = {"showticklabels": False, "showgrid": False, "zeroline": True, "zerolinecolor": look.theme.muted}
    figure = plain.figure(
        [bars],
        look,
        height=BARS_HEIGHT,
        x={"type": "category", "automargin": True, "tickfont": {"color": look.theme.muted, "size": 12}},
        y={"range": [bottom - pad, top + pad], **shown},
        bargap=0.3,
        uirevision="profit_bars",
    )
    table = pd.DataFrame({look.say("station.item"): names, look.say("unit.cny_month"): np.round(values, 0)})
    alt = look.say(
        "station.bars_alt",
        items=look.join(f"{n} {look.money(v, signed=True)}" for n, v in zip(names, values, strict=True)),
    )
    return View(figure, table, _finding(station, look, who, total, takes), caption, alt, grade)


def _finding(station: Station, look: Look, who: str, total: float, takes: float) -> str:
    lives = break_even(station)
    if station.parcels_per_day > takes:
        return look.say(
            "station.beyond",
            who=who,
            amount=look.money(total, signed=True),
            parcels=f"{station.parcels_per_day:,.0f}",
            takes=f"{takes:,.0f}",
            kept=look.money(float(profit(station, takes)) * DAYS, signed=True),
        )
    code = "earns" if total >= 0 else "loses"
    said = {"who": who, "amount": look.money(abs(total)), "parcels": f"{station.parcels_per_day:,.0f}"}
    if lives == float("inf"):
        return look.say(f"station.{code}_each", **said)
    return look.say(f"station.{code}", **said, lives=f"{lives:,.0f}")


def offers(station: Station) -> dict[str, Station]:
    """The station on fees alone, with its guarantee and no subsidy, and with its subsidy and no guarantee."""
    bare = replace(station, subsidy_cny_per_parcel=0.0, guarantee_cny_per_day=0.0)
    return {
        "fees_alone": bare,
        "guarantee": replace(bare, guarantee_cny_per_day=station.guarantee_cny_per_day or COMPARED[0]),
        "subsidy": replace(bare, subsidy_cny_per_parcel=station.subsidy_cny_per_parcel or COMPARED[1]),
    }


def by_parcels(station: Station, look: Look, *, caption: str, grade: Grade) -> View:
    """Profit of a month against parcels a day: on fees alone, with the guarantee, with the subsidy instead."""
    offered = offers(station)
    guarantee, subsidy = offered["guarantee"].guarantee_cny_per_day, offered["subsidy"].subsidy_cny_per_parcel
    topped, added = (_crossing(station, guarantee, subsidy, add_on=add_on) for add_on in (False, True))
    crossing = added if station.add_on else topped
    far = max(x for x in (break_even(offered["fees_alone"]), crossing, station.parcels_per_day) if np.isfinite(x))
    parcels = np.linspace(0.0, 1.15 * far, STEPS)
    lines = {key: profit(offer, parcels) * DAYS for key, offer in offered.items()}
    said = {"amount": look.money(guarantee), "subsidy": f"{subsidy:.3g}", "n": f"{crossing:,.0f}"}
    names = {key: look.say(f"station.line_{key}", **said) for key in lines}
    meet = float(profit(offered["subsidy"], crossing)) * DAYS
    figure = _drawn(parcels, lines, names, look, crossing=(crossing, meet), now=station.parcels_per_day)
    shown = slice(None, None, TABLE_STEP)
    table = pd.DataFrame(
        {look.say("unit.parcels_day"): parcels[shown].round(0)}
        | {names[key]: line[shown].round(0) for key, line in lines.items()}
    )
    title = look.say(f"station.crossing_{'added' if station.add_on else 'topped'}", added=f"{added:,.0f}", **said)
    alt = look.say("station.crossing_alt", items=look.join(names.values()), **said)
    return View(figure, table, title, caption, alt, grade)


def _crossing(station: Station, guarantee: float, subsidy: float, *, add_on: bool) -> float:
    """Parcels a day at which both offers are worth the same to the station."""
    variation = station.sd_per_day / station.parcels_per_day if station.parcels_per_day > 0 else 0.0
    return indifference(guarantee, subsidy, rate=station.fee_cny_per_parcel, spread=variation, add_on=add_on)


def _drawn(
    parcels: Array,
    lines: dict[str, Array],
    names: dict[str, str],
    look: Look,
    *,
    crossing: tuple[float, float],
    now: float,
) -> dict[str, Any]:
    """The lines, a ring where two are worth the same, and a rule at the parcels the station has."""
    colours = {"fees_alone": look.theme.muted, "guarantee": look.theme.accent, "subsidy": FALL[look.theme.mode][0]}
    x, traces = plain.numbers(parcels), []
    for key, line in lines.items():
        hover = "%{x:,.0f} <b>¥%{y:,.0f}</b><extra>" + names[key] + "</extra>"
        dash = "dot" if key == "fees_alone" else "solid"
        style = {"color": colours[key], "width": 2.2, "dash": dash}
        traces.append({"type": "scatter", "mode": "lines", "x": x, "y": plain.numbers(line), "line": style})
        traces[-1] |= {"name": names[key], "hovertemplate": hover}
    ring = {"size": 10, "color": look.theme.surface, "line": {"width": 2.5, "color": look.theme.text}}
    mark = {"type": "scatter", "mode": "markers", "marker": ring, "hovertemplate": "%{x:,.0f}<extra></extra>"}
    at, side = dict(zip("xy", crossing, strict=True)), "left" if now < parcels[-1] / 2 else "right"
    said = look.say("station.now", parcels=f"{now:,.0f}")
    notes = [
        *_line_names(look, lines, names, colours),
        plain.note(look, f"<b>{crossing[0]:,.0f}</b>", yshift=-16, xshift=16, **at),
        plain.note(look, said, x=now, y=1, yref="paper", xanchor=side, xshift=4 if side == "left" else -4),
    ]
    return plain.figure(
        [*traces, mark | {name: [value] for name, value in at.items()}],
        look,
        right=150,
        x={"range": [0, x[-1]], "nticks": 7},
        y={"tickprefix": "¥", "tickformat": ",.0f"},
        shapes=[plain.rule(look, y=0), plain.rule(look, x=now, dash="dash")],
        annotations=notes,
        uirevision="by_parcels",
    )


def _line_names(
    look: Look, lines: dict[str, Array], names: dict[str, str], colours: dict[str, str]
) -> list[dict[str, Any]]:
    """Names at the right ends of the lines, pushed apart where they end close together."""
    gap = LABEL_GAP * float(np.ptp(np.concatenate(list(lines.values()))) or 1.0)
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6}
    return [
        plain.note(look, f'<span style="color:{colours[key]}">●</span> {names[key]}', y=y, **at)
        for key, y in spread({key: float(line[-1]) for key, line in lines.items()}, gap).items()
    ]


def figures(station: Station, look: Look) -> tuple[Kpi, ...]:
    """Profit, break-even, the owner's income, the guarantee as a subsidy, and the pay-back of the take-over price."""
    month = float(profit(station)) * DAYS
    lives, back = break_even(station), payback_months(station.takeover_cny, month)
    worth = float(equivalent_subsidy(guarantee_paid(station), station.parcels_per_day))
    owner = "upkeep" if station.format == "locker" else "owner"
    shown = {
        "profit_month": look.money(month),
        "lives": look.say("station.a_day", n=f"{lives:,.0f}") if np.isfinite(lives) else look.say("station.never"),
        owner: look.money(month + station.wages_cny_per_month),
        "guarantee_worth": f"¥{worth:.3f}" if np.isfinite(worth) else NEVER,
        "payback": _months(back, look),
    }
    return tuple(
        Kpi(look.say(f"station.kpi_{key}"), value, None, None, [], station.grade, "") for key, value in shown.items()
    )


def _months(back: float, look: Look) -> str:
    if not np.isfinite(back):
        return look.say("station.never")
    return look.say("station.months", n=f"{back:,.0f}") if back <= LONGEST_MONTHS else look.say("station.ten_years")


def origin(item: Assumption, record: pd.DataFrame) -> pd.Series | None:
    """Row of the record that a default rests on: of its metric, the one that prints the default, else the first."""
    rows = record[record["metric"] == item.metric] if item.metric else record.iloc[:0]
    if rows.empty:
        return None
    same = rows[rows["value"] == item.value]
    return (same if len(same) else rows).iloc[0]


def sources(format: str, record: pd.DataFrame, look: Look, fields: Sequence[str] = ()) -> pd.DataFrame:
    """Every default of a format with its range, unit, grade, and what the record prints."""
    numbers = declared(format)
    rows = [(field, numbers[field], origin(numbers[field], record)) for field in fields or numbers]
    columns = {
        "station.number": [field_name(field, format, look) for field, _, _ in rows],
        "station.default": [item.value for _, item, _ in rows],
        "data.from": [item.low for _, item, _ in rows],
        "data.to": [item.high for _, item, _ in rows],
        "record.unit": [look.term("unit", item.unit) for _, item, _ in rows],
        "grade.heading": [look.say(f"grade.{item.grade}") for _, item, _ in rows],
        "station.printed": [printed(row, look) for _, _, row in rows],
        "record.source": ["" if row is None else str(row["source_title"]) for _, _, row in rows],
        "record.link": ["" if row is None else str(row["source_url"] or "") for _, _, row in rows],
    }
    return pd.DataFrame({look.say(key): column for key, column in columns.items()})


def printed(row: pd.Series | None, look: Look) -> str:
    """What the record prints, whose and where."""
    if row is None:
        return ""
    low, high = row["value_low"], row["value_high"]
    number = f"{low:,.6g}–{high:,.6g}" if low < high else f"{row['value']:,.6g}"
    unit, place = look.term("unit", row["unit"]), look.place(str(row["place"]))
    return look.pair(look.term("metric", row["metric"]), f"{number} {unit} · {place}")
