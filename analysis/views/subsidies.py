"""Who pays which subsidy where, through time."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.landscape import SUBSIDY
from analysis.market import year_on_year
from analysis.views import heat
from analysis.views.base import quiet
from analysis.views.look import Look, View, percent
from data.grade import Grade, weakest
from data.platforms import PLATFORMS

SHOW = ("average", "part")
"""What the heat map through time shows: subsidy on the average parcel, or part of cities where the network pays."""
BIN = 0.005
"""CNY per parcel."""


def _fixed_order(wide: pd.DataFrame) -> pd.DataFrame:
    return wide.reindex([platform for platform in PLATFORMS if platform in wide.index])


def _value(value: float, look: Look, show: str) -> str:
    return percent(value) if show == "part" else look.say("subsidy.fen_value", value=f"{value * 100:.1f}")


def _cny(value: float, look: Look) -> str:
    """Three figures of an amount, with the unit of the language: CNY 227 m or 2.27亿元."""
    return look.say("subsidy.cny_value", value=look.short(float(f"{value:.3g}")))


def over_time(payments: pd.DataFrame, look: Look, *, show: str, caption: str, grade: Grade) -> View:
    """Heat map network x month of `show` (a column of `landscape.by_month`)."""
    wide = _fixed_order(payments[show].unstack("month").dropna(how="all"))
    drawn = wide.rename(index=look.name)
    scale = drawn * 100
    pattern = "%{z:.0f}%" if show == "part" else look.say("subsidy.fen_value", value="%{z:.1f}")
    figure = heat.table(scale, look, hover="%{y} · %{x|%Y-%m} <b>" + pattern + "</b>", row=36)
    figure.update_traces(xgap=0.4, showscale=True, colorbar=_bar(look, show))
    years = {"type": "date", "dtick": "M12", "tickformat": "%Y", "side": "bottom"}
    figure.update_xaxes(**years, tickfont={"color": look.theme.muted}, ticklabelstandoff=0)
    table = scale.T.set_axis([look.month(m) for m in drawn.columns]).round(2)
    table = table.rename_axis(look.say("market.month")).rename_axis(None, axis=1)
    title = _time_finding(wide.T, look, show)
    items = look.join(f"{look.name(str(k))} {_value(v, look, show)}" for k, v in wide.iloc[:, -1].dropna().items())
    return View(figure, table, title, caption, look.say("alt.subsidy_time", title=title, items=items), grade)


def _bar(look: Look, show: str) -> dict[str, object]:
    ticks = {"tickfont": {"color": look.theme.muted, "size": 11}, "nticks": 5}
    suffix = {"ticksuffix": "%"} if show == "part" else {"tickformat": ".0f", "ticksuffix": look.say("effect.fen_unit")}
    return {"thickness": 8, "outlinewidth": 0, "len": 1.0, "x": 1.01, **ticks, **suffix}


def _time_finding(by_month: pd.DataFrame, look: Look, show: str) -> str:
    last = by_month.iloc[-1]
    if not (last > 0).any():
        return look.say("finding.subsidy_nobody", month=look.month(by_month.index[-1]))
    first = str(last.idxmax())
    before = year_on_year(by_month, points=True).iloc[-1][first]
    said = {"name": look.name(first), "value": _value(last[first], look, show)}
    if pd.isna(before):
        return look.say(f"finding.subsidy_{show}", **said, month=look.month(by_month.index[-1]))
    return look.say(f"finding.subsidy_{show}_moved", **said, before=_value(last[first] - before, look, show))


def month_table(now: pd.DataFrame, look: Look, *, caption: str, grade: Grade) -> View:
    """The month's median subsidy where paid and cities paying, network x tier; everything else in its table.

    `now` is `landscape.by_tier` of one month.
    """
    wide = {
        name: _fixed_order(now[name].unstack("tier")).rename(index=look.name, columns=lambda t: look.term("tier", t))
        for name in ("median", "paying", "present")
    }
    fen = wide["median"] * 100
    counts = wide["paying"].fillna(0).astype(int).astype(str) + "/" + wide["present"].fillna(0).astype(int).astype(str)
    shown = fen.map(lambda v: f"<b>{v:.1f}</b>", na_action="ignore").fillna("–") + "<br>" + counts
    shown = shown.where(wide["present"] > 0, "")
    pattern = "%{y} · %{x} <b>" + look.say("subsidy.fen_value", value="%{z:.1f}") + "</b>"
    figure = heat.table(fen, look, text=shown, hover=pattern, row=42, size=12)
    title = _month_finding(now, look)
    items = look.join(
        f"{look.name(str(k))} {int(v['paying'])}/{int(v['present'])}"
        for k, v in now.groupby(level="platform", observed=True)[["paying", "present"]].sum().iterrows()
    )
    alt = look.say("alt.subsidy_month", items=items)
    return View(figure, month_rows(now, look), title, caption, alt, grade)


def month_rows(now: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a network and tier: median subsidy, cities, guarantee, bill of the month."""
    flat = now.reset_index()
    return pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(p)) for p in flat["platform"]],
            look.say("tier.heading"): [look.term("tier", t) for t in flat["tier"]],
            look.say("subsidy.median"): (100 * flat["median"]).round(2),
            look.say("subsidy.paying"): flat["paying"],
            look.say("subsidy.present"): flat["present"],
            look.say("subsidy.guarantee"): flat["guarantee"].round(1),
            look.say("subsidy.bill"): flat["bill"].round(0),
        }
    )


def _month_finding(now: pd.DataFrame, look: Look) -> str:
    cities = now.groupby(level="platform", observed=True)[["paying", "present"]].sum()
    if not cities["paying"].any():
        return look.say("finding.subsidy_nobody_here")
    most = str(cities["paying"].idxmax())
    rows = now.loc[most]
    reached = rows["present"] > 0
    return look.say(
        "finding.subsidy_month" if reached.sum() > 1 else "finding.subsidy_month_one",
        name=look.name(most),
        n=int(cities.loc[most, "paying"]),
        total=int(cities.loc[most, "present"]),
        tier=look.term("tier", (rows["paying"] / rows["present"]).idxmax()),
    )


def bills(now: pd.DataFrame, look: Look, *, caption: str, grade: Grade) -> View:
    """Subsidy bill of each network in the month, estimated as parcels x subsidy; bars in the networks' colours.

    `grade` is that of the parcels and subsidies: nobody reported the bill itself.
    """
    bill = now["bill"].groupby(level="platform", observed=True).sum()
    bill = bill[bill > 0].sort_values()
    labels = [look.name(str(p)) for p in bill.index]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=bill,
            orientation="h",
            marker={"color": [look.theme.colour(str(p)) for p in bill.index]},
            text=[_cny(v, look) for v in bill],
            textposition="outside",
            textfont={"color": look.theme.text},
            cliponaxis=False,
            hovertemplate="%{y} <b>" + look.say("subsidy.cny_value", value="%{x:,.0f}") + "</b><extra></extra>",
        )
    )
    quiet(figure, look, height=44 * max(len(bill), 2) + 14, right=96)
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(showgrid=False, ticksuffix="  ", nticks=len(labels) + 1)
    table = pd.DataFrame(
        {look.say("market.network"): labels[::-1], look.say("subsidy.bill"): bill.round(0).to_numpy()[::-1]}
    )
    title = _bill_finding(bill, look)
    items = look.join(f"{label} {_cny(v, look)}" for label, v in zip(labels, bill, strict=True))
    alt = look.say("alt.subsidy_bill", items=items)
    return View(figure, table, title, caption, alt, weakest(grade, Grade.ESTIMATED))


def _bill_finding(bill: pd.Series, look: Look) -> str:
    if bill.empty:
        return look.say("finding.subsidy_nobody_here")
    first = str(bill.idxmax())
    part = percent(float(bill.max() / bill.sum()), 0)
    return look.say("finding.subsidy_bill", total=_cny(float(bill.sum()), look), name=look.name(first), part=part)


def spread(
    paid: pd.DataFrame, look: Look, *, published: tuple[float, float], source: str, caption: str, grade: Grade
) -> View:
    """Histogram in fen of the month's subsidies (`landscape.paid`); the published range comes in CNY per parcel."""
    values = paid[SUBSIDY].to_numpy(np.float64)
    low, high = published
    span = {"low": f"{100 * low:.3g}", "high": f"{100 * high:.3g}"}
    bins = round(max(float(values.max(initial=0.0)), high) / BIN) + 1
    centres = np.arange(bins) * BIN
    counts = np.bincount(np.rint(values / BIN).astype(np.int64), minlength=bins)
    figure = go.Figure(
        go.Bar(
            x=100 * centres,
            y=counts,
            width=100 * BIN * 0.86,
            marker={"color": look.theme.accent},
            hovertemplate=look.say("subsidy.fen_value", value="%{x:.1f}") + " <b>%{y}</b><extra></extra>",
        )
    )
    shade = {"fillcolor": look.theme.accent, "opacity": 0.1, "line_width": 0, "layer": "below"}
    figure.add_vrect(x0=100 * (low - BIN / 2), x1=100 * (high + BIN / 2), **shade)
    figure.add_annotation(
        x=50 * (low + high),
        y=1.02,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=look.say("subsidy.published", **span),
        font={"size": 12, "color": look.theme.muted},
    )
    quiet(figure, look, height=350)
    figure.update_layout(margin={"t": 26})
    figure.update_xaxes(ticksuffix=look.say("effect.fen_unit"), tickformat=".0f", dtick=2, rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    table = pd.DataFrame({look.say("subsidy.about"): (100 * centres).round(2), look.say("subsidy.spells"): counts})
    inside = float(((values >= low - 1e-9) & (values <= high + 1e-9)).mean()) if values.size else 0.0
    key = "finding.subsidy_spread" if values.size else "finding.subsidy_nobody_here"
    title = look.say(key, part=percent(inside, 0), **span)
    alt = look.say("alt.subsidy_spread", n=f"{values.size:,}", title=title, source=source)
    return View(figure, table, title, caption, alt, grade)
