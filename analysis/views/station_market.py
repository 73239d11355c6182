"""Stations side by side: formats, networks by tier, and lockers in the evening rush."""

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.economics import DAYS, STANDARD, STATIONS, Locker, Station, break_even, capacity, evening_overflow, profit
from analysis.economics.locker import TOLERATED
from analysis.views import heat
from analysis.views.base import annotate, quiet
from analysis.views.look import Look, View, percent
from data.cities import TIERS
from data.grade import Grade
from data.platforms import PLATFORMS

SHOW = ("below", "median")
BACK_IN_MONTHS = 24
FARTHEST = 3.0
"""The curve of lockers goes to this multiple of their capacity, or to the busiest tier."""
STEPS = 61
CELLS_PER_SET = 29.9e6 / 330e3
"""Of Hive Box on 31 May 2024, as published: 29.9 million cells in 330,000 sets."""
MARK = "†"
"""After a network of lockers that has more parcels than its sets can take."""


def types(look: Look) -> pd.DataFrame:
    """Every format at its defaults, one row each."""
    stations = list(STATIONS.values())
    columns = {
        "station.format": [look.say(f"station.format_{s.format}") for s in stations],
        "station.field_parcels_per_day": [s.parcels_per_day for s in stations],
        "station.margin": [round(s.margin_cny_per_parcel, 3) for s in stations],
        "station.fixed": [round(s.fixed_cny_per_day * DAYS) for s in stations],
        "station.profit_column": [round(float(profit(s)) * DAYS) for s in stations],
        "station.kpi_break_even": [round(break_even(s)) for s in stations],
        "station.back_from": [round(_pays_back(s)) for s in stations],
    }
    return pd.DataFrame({look.say(key, months=BACK_IN_MONTHS): column for key, column in columns.items()})


def _pays_back(station: Station) -> float:
    """Parcels a day that return the take-over price in `BACK_IN_MONTHS`."""
    due = station.takeover_cny / BACK_IN_MONTHS / DAYS
    return (station.fixed_cny_per_day + due) / station.margin_cny_per_parcel


def types_finding(look: Look) -> str:
    """How many formats lose at their defaults, and who lives from the fewest and the most parcels."""
    lose = sum(float(profit(s)) < 0 for s in STATIONS.values())
    lives = pd.Series({f: break_even(s) for f, s in STATIONS.items()}).sort_values()
    return look.say(
        "station.types_finding",
        n=lose,
        total=len(lives),
        least=look.say(f"station.a_{lives.index[0]}"),
        low=f"{lives.iloc[0]:,.0f}",
        most=look.say(f"station.a_{lives.index[-1]}"),
        high=f"{lives.iloc[-1]:,.0f}",
    )


def types_caption(look: Look) -> str:
    """What the table of formats shows, and that a set of lockers cannot take what it needs to live."""
    lives, takes = break_even(STATIONS["locker"]), _takes()
    short = {"takes": f"{takes:,.0f}", "lives": f"{lives:,.0f}"}
    return look.say("station.types_caption") + (look.say("station.types_short", **short) if lives > takes else "")


def networks(cells: pd.DataFrame, look: Look, *, show: str, caption: str, grade: Grade) -> View:
    """Share of stations below break-even, or income of the middle station, by network and tier.

    `cells` is `analysis.economics.incomes_by_tier` of one month. Networks of lockers with more parcels than a
    standard set can take are marked.
    """
    wide = cells[show].unstack("tier")
    order = [p for p in PLATFORMS if p in wide.index]
    tiers = [*(t for t in TIERS if t in wide.columns), "all"]
    wide = wide.loc[order, tiers]
    text = wide.map((lambda v: percent(v, 0)) if show == "below" else look.money, na_action="ignore").fillna("")
    over = above_capacity(cells).drop("all", level="tier").groupby("platform").sum()
    marked = [p for p in order if over.get(p, 0) > 0]
    for p in marked:
        caption += look.say("station.marked", mark=MARK, n=over[p], total=len(tiers) - 1, takes=f"{_takes():,.0f}")
    names = {p: look.name(p) + (MARK if p in marked else "") for p in order}
    named = wide.rename(index=names, columns=lambda t: _tier(look, t))
    if show == "below":
        figure = heat.table(named, look, text=text, hover="%{y} · %{x} <b>%{text}</b>", limit=1.0)
    else:
        far = float(np.nanquantile(np.abs(wide.to_numpy()), 0.9))
        figure = heat.table(named, look, text=text, hover="%{y} · %{x} <b>%{text}</b>", limit=far, both_ways=True)
    alt = look.say(
        f"station.networks_alt_{show}", items=look.join(f"{look.name(p)} {text.loc[p, 'all']}" for p in order)
    )
    return View(figure, network_rows(cells, look), _networks_finding(cells, look, show), caption, alt, grade)


def _takes() -> float:
    return capacity(STANDARD)


def above_capacity(cells: pd.DataFrame) -> pd.Series:
    """Where a set of lockers has more parcels than a standard set can take."""
    lockers = [PLATFORMS[str(p)].format == "locker" for p in cells.index.get_level_values("platform")]
    return (cells["parcels_per_day"] > _takes()) & np.array(lockers, bool)


def beyond(locker: Locker, look: Look, parcels_per_day: float) -> str:
    """Why more parcels than the set can take are counted, and what would make them fit."""
    scale, takes = CELLS_PER_SET / sum(locker.cells), capacity(locker)
    larger = replace(locker, cells=tuple(round(n * scale) for n in locker.cells))
    return look.say(
        "station.beyond_why",
        parcels=f"{parcels_per_day:,.0f}",
        takes=f"{takes:,.0f}",
        cells=sum(locker.cells),
        per_set=f"{CELLS_PER_SET:.1f}",
        larger=f"{capacity(larger):,.0f}",
        hours=f"{locker.hours_in_cell:.0f}",
        fits=f"{locker.hours_in_cell * takes / parcels_per_day:.1f}",
    )


def _tier(look: Look, tier: object) -> str:
    return look.say("station.all_tiers") if tier == "all" else look.term("tier", tier)


def network_rows(cells: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Everything known of the stations of a network in a tier, one row each."""
    flat = cells.reset_index()
    return pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(p)) for p in flat["platform"]],
            look.say("tier.heading"): [_tier(look, t) for t in flat["tier"]],
            look.say("station.stations"): flat["stations"].astype(int),
            look.say("station.field_parcels_per_day"): flat["parcels_per_day"].round(0),
            look.say("station.field_subsidy_cny_per_parcel"): flat["subsidy_cny_per_parcel"].round(4),
            look.say("station.field_guarantee_cny_per_day"): flat["guarantee_cny_per_day"].round(1),
            look.say("station.show_median"): flat["median"].round(0),
            look.say("station.show_below"): flat["below"].round(4),
            look.say("station.above_capacity"): np.where(above_capacity(cells), MARK, ""),
        }
    )


def _networks_finding(cells: pd.DataFrame, look: Look, show: str) -> str:
    whole = cells.xs("all", level="tier")
    staffed = whole[[PLATFORMS[str(p)].format != "locker" for p in whole.index]]
    if staffed.empty:
        return look.say("station.networks_lockers", part=percent(float(whole["below"].iloc[0]), 0))
    best, worst = staffed[show].idxmin(), staffed[show].idxmax()
    if show == "median":
        best, worst = worst, best
        return look.say(
            "station.networks_median",
            n=int((staffed["median"] < 0).sum()),
            total=len(staffed),
            best=look.name(str(best)),
            amount=look.money(float(staffed.loc[best, "median"])),
        )
    part = float(np.average(staffed["below"], weights=staffed["stations"]))
    return look.say(
        "station.networks_below",
        part=percent(part, 0),
        best=look.name(str(best)),
        low=percent(float(staffed.loc[best, "below"]), 0),
        worst=look.name(str(worst)),
        high=percent(float(staffed.loc[worst, "below"]), 0),
    )


def rush(locker: Locker, look: Look, *, observed: pd.Series, caption: str, grade: Grade) -> View:
    """Part of the evening's parcels that find no free cell, against parcels a day.

    `observed` has the mean parcels a locker takes in a day by tier; it may be empty.
    """
    busiest = float(observed.max()) if len(observed) else 0.0
    usable = capacity(locker)
    parcels = np.linspace(0.0, max(FARTHEST * usable, 1.1 * busiest), STEPS)
    lost = evening_overflow(locker, parcels) * 100
    figure = go.Figure(
        go.Scatter(
            x=parcels,
            y=lost,
            mode="lines",
            line={"color": look.theme.accent, "width": 2.4},
            hovertemplate="%{x:,.0f} <b>%{y:.1f}%</b><extra></extra>",
        )
    )
    at = {str(tier): float(evening_overflow(locker, q)) * 100 for tier, q in observed.items()}
    figure.add_scatter(
        x=observed.to_list(),
        y=list(at.values()),
        mode="markers",
        marker={"size": 9, "color": look.theme.surface, "line": {"width": 2.2, "color": look.theme.text}},
        text=[look.term("tier", tier) for tier in at],
        hovertemplate="%{text} · %{x:,.0f} <b>%{y:.1f}%</b><extra></extra>",
    )
    figure.add_vline(x=usable, line={"color": look.theme.muted, "width": 1, "dash": "dash"})
    quiet(figure, look, height=280, right=12)
    figure.update_layout(uirevision="rush")
    figure.update_xaxes(range=[0, parcels[-1]], nticks=7)
    figure.update_yaxes(ticksuffix="%", rangemode="tozero")
    note = {"x": usable, "y": 1, "yref": "paper", "xanchor": "left", "xshift": 5}
    notes = [{**note, "text": look.say("station.capacity", n=f"{usable:,.0f}")}]
    annotate(figure, look, [*notes, *_tier_names(at, observed, look)])
    said = {"cells": sum(locker.cells), "n": f"{usable:,.0f}", "part": percent(TOLERATED, 0)}
    title = look.say("station.rush", **said)
    if at:
        most = str(observed.idxmax())
        turned = {"tier": look.term("tier", most), "parcels": f"{busiest:,.0f}", "lost": f"{at[most]:.0f}%"}
        title = look.say("station.rush_market", **said, **turned)
    table = pd.DataFrame({look.say("unit.parcels_day"): parcels.round(0), look.say("station.overflow"): lost.round(2)})
    alt = look.say(
        "station.rush_alt", items=look.join(f"{look.term('tier', t)} {v:.0f}%" for t, v in at.items()), **said
    )
    return View(figure, table, title, caption, alt, grade)


def _tier_names(at: dict[str, float], observed: pd.Series, look: Look) -> list[dict[str, object]]:
    """Names of the emptiest and the busiest tier beside their dots."""
    if not at:
        return []
    ends = {str(observed.idxmin()), str(observed.idxmax())}
    return [
        {
            "x": float(observed[t]),
            "y": at[t],
            "text": look.term("tier", t),
            "xanchor": "left",
            "xshift": 9,
            "yshift": -9,
        }
        for t in ends
    ]
