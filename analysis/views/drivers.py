"""What the share model says: drivers by tier, and shares before and after a change of subsidy."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from analysis.market import round_to_total
from analysis.scenario import Projection
from analysis.share.result import ShareFit
from analysis.views.base import quiet
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade
from data.grade import Grade, weakest


def coefficients(fit: ShareFit, look: Look, *, driver: str, caption: str, data: Grade) -> View:
    """Coefficient of `driver` by tier with its 95 % interval, from data of grade `data`."""
    found = fit.estimates(driver)
    estimate = found["estimate"]
    labels = [look.term("tier", tier) for tier in found.index]
    figure = go.Figure(
        go.Scatter(
            x=estimate,
            y=labels,
            mode="markers",
            marker={"size": 11, "color": look.theme.accent},
            error_x={
                "type": "data",
                "symmetric": False,
                "color": look.theme.accent,
                "thickness": 2,
                "width": 0,
                "array": (found["high"] - estimate).to_list(),
                "arrayminus": (estimate - found["low"]).to_list(),
            },
            customdata=found[["low", "high"]].to_numpy(),
            hovertemplate="%{y} <b>%{x:.2f}</b> (%{customdata[0]:.2f} – %{customdata[1]:.2f})<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": look.theme.muted, "width": 1})
    quiet(figure, look, height=40 * len(labels) + 40, right=12)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", nticks=len(labels))
    figure.update_xaxes(showgrid=True, gridcolor=look.theme.grid, nticks=6)
    table = pd.DataFrame(
        {
            look.say("model.estimate"): estimate.round(3).to_numpy(),
            look.say("model.std_error"): found["std_error"].round(3).to_numpy(),
            look.say("model.low_95"): found["low"].round(3).to_numpy(),
            look.say("model.high_95"): found["high"].round(3).to_numpy(),
        },
        index=pd.Index(labels, name=look.say("tier.heading")),
    )
    title, alt = _driver_finding(found, look, driver), _driver_alt(table, look)
    return View(figure, table, title, caption, alt, weakest(data, fit.grade))


def _driver_finding(found: pd.DataFrame, look: Look, driver: str) -> str:
    clear = found.loc[found["low"] > 0, "estimate"]
    name = look.say(f"driver.{driver}")
    if clear.empty:
        return look.say("finding.driver_unclear", driver=name)
    if len(found) == 1:
        return look.say("finding.driver_clear", driver=name)
    return look.say(
        "finding.driver_all" if len(clear) == len(found) else "finding.driver",
        driver=name,
        most=look.term("tier", clear.idxmax()),
        least=look.term("tier", clear.idxmin()),
        total=len(found),
        **({} if len(clear) == len(found) else {"n": len(clear)}),
    )


def _driver_alt(table: pd.DataFrame, look: Look) -> str:
    return look.say(
        "alt.coefficients", items=look.join(_ranged(str(name), row, look) for name, row in table.iterrows())
    )


def _ranged(name: str, row: pd.Series, look: Look) -> str:
    value, low, high = (f"{row.iloc[i]:.2f}" for i in (0, 2, 3))
    return look.pair(name, look.say("growth.rate_cell", rate=value, low=low, high=high))


def before_after(shares: pd.DataFrame, look: Look, *, changed: str, caption: str, grade: Grade) -> View:
    """Shares observed and under the scenario, one row a network.

    `shares` has index network and columns observed, point, low_95, high_95 (fractions); `observed` and `point` add to
    one.
    """
    order = shares.sort_values("point", ascending=True)
    labels = [look.name(str(p)) for p in order.index]
    colours = [look.theme.colour(str(key)) for key in order.index]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=order["point"] * 100,
            orientation="h",
            marker={"color": [c if k == changed else fade(c, 0.55) for k, c in zip(order.index, colours, strict=True)]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (order["high_95"] - order["point"]) * 100,
                "arrayminus": (order["point"] - order["low_95"]) * 100,
                "color": look.theme.text,
                "thickness": 1.2,
                "width": 3,
            },
            hovertemplate="%{y} <b>%{x:.2f}%</b><extra></extra>",
        )
    )
    figure.add_scatter(
        x=order["observed"] * 100,
        y=labels,
        mode="markers",
        hovertemplate="%{y} %{x:.2f}%<extra></extra>",
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 2.5, "color": look.theme.text}},
    )
    quiet(figure, look, height=24 * len(labels) + 34, right=12)
    figure.update_layout(
        bargap=0.35,
        uirevision="before_after",
        xaxis={"ticksuffix": "%", "showgrid": True, "gridcolor": look.theme.grid, "rangemode": "tozero"},
        yaxis={"showgrid": False, "ticksuffix": "  ", "dtick": 1},
    )
    table = before_after_table(shares, look)
    change = float(shares.loc[changed, "point"] - shares.loc[changed, "observed"])
    title = _scenario_finding(shares, look, changed, change)
    return View(figure, table, title, caption, look.say("alt.scenario", items=_changes(shares, look)), grade)


def before_after_table(shares: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The same shares as per cent; the columns "now" and "then" add to 100.0."""
    rows = shares.sort_values("point", ascending=False)
    table = pd.DataFrame(
        {
            look.say("scenario.now"): round_to_total(rows["observed"], total=100, decimals=1),
            look.say("scenario.then"): round_to_total(rows["point"], total=100, decimals=1),
            look.say("model.low_95"): (rows["low_95"] * 100).round(1),
            look.say("model.high_95"): (rows["high_95"] * 100).round(1),
        }
    )
    return table.rename(index=look.name).rename_axis(look.say("market.network"))


def _scenario_finding(shares: pd.DataFrame, look: Look, changed: str, change: float) -> str:
    if abs(change) < 5e-5:
        return look.say("finding.scenario_same")
    interval = shares.loc[changed, ["low_95", "high_95"]] - shares.loc[changed, "observed"]
    return look.say(
        "finding.scenario",
        name=look.name(changed),
        change=f"{change * 100:+.2f}",
        share=percent(float(shares.loc[changed, "point"])),
        low=f"{interval.iloc[0] * 100:+.2f}",
        high=f"{interval.iloc[1] * 100:+.2f}",
    )


def _changes(shares: pd.DataFrame, look: Look) -> str:
    rows: Sequence[tuple[object, pd.Series]] = list(shares.iterrows())
    return look.join(f"{look.name(str(k))} {percent(r['observed'])} → {percent(r['point'])}" for k, r in rows)


def cost_sentence(projection: Projection, look: Look, network: str) -> str:
    """Subsidy bill before and after, with the interval of the change; empty when nothing changed."""
    if network not in projection.cost.index:
        return ""
    row = projection.cost.loc[network]
    return look.say(
        "scenario.cost",
        name=look.name(network),
        before=look.money(row["before"]),
        after=look.money(row["after"]),
        change=look.money(row["change"], signed=True),
        low=look.money(row["low_95"], signed=True),
        high=look.money(row["high_95"], signed=True),
    )
