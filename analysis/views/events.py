"""Parcel events as an engine counted them: by month and network, by hour of the week, their faults, their waits."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.views import heat, plain
from analysis.views.base import LABEL_GAP, count_axis, end_labels, quiet
from analysis.views.look import Look, View, percent
from data.cities import cities
from data.engine.panel import KINDS, Counted
from data.grade import Grade
from data.platforms import PLATFORMS

LABELLED = 6
"""Networks with a line of their own."""
HEAD = 12
"""Rows of the panel that are shown."""
MINUTES = 60.0
ROW = 26


def source(counted: Counted, look: Look) -> str:
    """What was counted, by which engine, when and how long."""
    return look.say(
        "events.source",
        rows=f"{counted.rows:,}",
        engine=counted.engine,
        when=counted.at.strftime("%Y-%m-%d %H:%M"),
        seconds=f"{counted.seconds:,.1f}",
    )


def by_network(rows: pd.DataFrame) -> pd.DataFrame:
    """Parcels of volumes: months x networks, the largest network first."""
    wide = rows.pivot_table(index="month", columns="platform", values="parcels", aggfunc="sum", fill_value=0)
    wide.index = pd.PeriodIndex(wide.index, freq="M").to_timestamp()
    wide = wide.asfreq("MS", fill_value=0)
    return wide[sorted(wide, key=lambda name: (-wide[name].sum(), name))]


def months(counted: Counted, look: Look) -> View:
    """Parcels a month of the largest networks, lines of whole months; the table has all."""
    rows, whole = counted.volumes, counted.whole
    everything, wide = by_network(rows), by_network(whole)
    fewer = len(whole) < len(rows)
    if fewer:  # a whole month at an end in which nothing was collected is a month too
        wide = wide.reindex(everything.index.difference(pd.DatetimeIndex(counted.cut)), fill_value=0)
    shown = list(wide)[:LABELLED]
    figure = go.Figure()
    for name in shown:
        figure.add_scatter(
            x=wide.index,
            y=wide[name],
            mode="lines+markers",
            name=look.name(name),
            line={"color": look.theme.colour(name), "width": 2.4},
            marker={"size": 5},
            hovertemplate=f"%{{x|%Y-%m}} {look.name(name)} <b>%{{y:,.0f}}</b><extra></extra>",
        )
    quiet(figure, look, height=320, right=110)
    figure.update_xaxes(**plain.months_axis(len(wide)))
    top = float(wide[shown].to_numpy().max()) * 1.05
    count_axis(figure, look, top)
    ends = {name: float(wide[name].iloc[-1]) for name in shown}
    end_labels(figure, look, ends, {name: look.name(name) for name in shown}, LABEL_GAP * top)
    total, first = int(wide.to_numpy().sum()), shown[0]
    title = look.say(
        f"events.finding_{'whole' if fewer else 'months'}{'_1' if len(wide) == 1 else ''}",
        parcels=look.count(total),
        n=len(wide),
        name=look.name(first),
        share=percent(float(wide[first].sum()) / total),
    )
    items = (look.pair(look.name(name), look.count(float(wide[name].sum()))) for name in shown)
    alt = look.say("events.alt_months", title=title, items=look.join(items))
    table = everything.rename(columns=look.name).set_index(pd.Index(map(look.month, everything.index)))
    table.columns.name = None
    key = "whole" if fewer else "parts" if counted.partial else "months"
    caption = look.say(f"events.caption_{key}", cut=cut(counted, look), source=source(counted, look))
    return View(figure, table.rename_axis(look.say("market.month")), title, caption, alt, Grade.REPORTED)


def cut(counted: Counted, look: Look) -> str:
    """From when to when the log goes, and of which months it has a part; empty where it has none."""
    if not counted.cut:
        return ""
    first, last = (f"{day:%Y-%m-%d}" for day in counted.span)
    names = look.join(map(look.month, counted.cut))
    return look.say("events.cut", months=names, first=first, last=last)


def hours(counted: Counted, look: Look) -> View:
    """Parcels collected by day of the week and hour, in per cent of the week."""
    counts = counted.hours.pivot_table(index="day", columns="hour", values="parcels", aggfunc="sum")
    counts = counts.reindex(index=range(7), columns=range(24)).fillna(0.0)
    share = counts / counts.to_numpy().sum() * 100
    days = [look.say(f"events.day_{day}") for day in range(7)]
    wide = share.set_axis(days, axis=0).set_axis([str(hour) for hour in range(24)], axis=1)
    figure = heat.table(
        wide, look, hover=look.say("events.hover_hours", day="%{y}", hour="%{x}", share="%{z:.2f}"), row=ROW
    )
    day, hour = np.unravel_index(int(share.to_numpy().argmax()), share.shape)
    peak = share.to_numpy()[day, hour]
    title = look.say("events.finding_hours", day=days[day], hour=int(hour), share=f"{peak:.2f}%")
    alt = look.say("events.alt_hours", title=title)
    table = wide.round(2).rename_axis(look.say("events.day"))
    caption = look.say("events.caption_hours", source=source(counted, look))
    return View(figure, table, title, caption, alt, Grade.REPORTED)


def checks(counted: Counted, look: Look) -> tuple[pd.DataFrame, str]:
    """Table of faults, each with its number, an example and what comes of it; the finding."""
    found = counted.checks
    heads = [look.say(f"events.{name}") for name in ("fault", "events", "example", "so")]
    columns = (
        [look.say(f"events.fault_{fault}") for fault in found["fault"]],
        found["events"].to_numpy(),
        found["like"].to_numpy(),
        [look.say(f"events.so_{fault}") for fault in found["fault"]],
    )
    table = pd.DataFrame(dict(zip(heads, columns, strict=True)))
    rows = f"{counted.rows:,}"
    if found.empty:
        return table, look.say("events.no_faults", rows=rows)
    key = "events.some_faults_1" if len(found) == 1 else "events.some_faults"
    return table, look.say(key, n=len(found), events=f"{int(found['events'].sum()):,}", rows=rows)


def head(counted: Counted, look: Look) -> pd.DataFrame:
    """First rows of the panel."""
    rows = counted.panel.head(HEAD)
    names = cities()["city_zh" if look.lang == "zh" else "city_en"]
    columns = {
        "market.month": [look.month(month) for month in rows["month"]],
        "market.city": [str(names.get(str(city), city)) for city in rows["city"]],
        "market.network": [look.name(str(name)) for name in rows["network"]],
        "field.origin": [look.name(str(name)) if name else look.say("unit.none") for name in rows["origin"]],
        **{f"events.kind_{kind}": rows[kind].to_numpy() for kind in KINDS},
    }
    return pd.DataFrame({look.say(key): column for key, column in columns.items()})


def waits(counted: Counted, look: Look) -> tuple[pd.DataFrame, str]:
    """Hours from arrival to collection by network, in the order of charts; the finding."""
    order = [*PLATFORMS, *sorted(set(counted.waits["network"]) - set(PLATFORMS))]
    rows = counted.waits.set_index("network").reindex([name for name in order if name in set(counted.waits["network"])])
    table = pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(name)) for name in rows.index],
            look.say("events.parcels"): rows["parcels"].to_numpy(),
            **{
                look.say(f"events.{mark}"): (rows[mark] / MINUTES).round(1).to_numpy() for mark in ("p50", "p90", "p95")
            },
        }
    )
    if rows.empty:
        return table, look.say("events.no_waits")
    fast, slow = rows["p50"].idxmin(), rows["p50"].idxmax()
    values = {"fast": look.name(str(fast)), "slow": look.name(str(slow))}
    ends = {"least": f"{rows['p50'].min() / MINUTES:.1f}", "most": f"{rows['p50'].max() / MINUTES:.1f}"}
    return table, look.say("events.finding_waits", **values, **ends)
