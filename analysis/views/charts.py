"""Shares by tier and over time, and the league of networks."""

import pandas as pd
import plotly.graph_objects as go

from analysis.market import round_to_total, year_on_year
from analysis.summary import NO_PLAYERS, contested, leader, row_shares
from analysis.views.base import LABEL_GAP, end_labels, quiet
from analysis.views.look import Look, View, percent
from data.grade import Grade

TREND = pd.DateOffset(months=12)
"""How far back "moved" looks."""
LEAST_LABELLED = 4.5
"""Share in per cent from which a segment is wide enough for its number."""


def shares_table(shares: pd.DataFrame, look: Look, index_name: str) -> pd.DataFrame:
    """Shares in per cent with one decimal; every row adds to 100."""
    table = round_to_total(shares.rename(columns=look.name), total=100, decimals=1)
    table.columns.name = None
    return table.rename_axis(index_name)


def share_by(
    volumes: pd.DataFrame,
    look: Look,
    *,
    group: str,
    caption: str,
    grade: Grade,
    everyone: pd.DataFrame | None = None,
) -> View:
    """100 % bars, one a row of `volumes` (rows: tiers, regions...; columns: networks or owners).

    `everyone` has the volumes of all networks where `volumes` has only some: who leads is read from it.
    """
    shares = row_shares(volumes)
    full = shares if everyone is None else row_shares(everyone)
    labels = [look.term(group, row) for row in shares.index]
    figure = go.Figure()
    rounded = round_to_total(shares, total=100, decimals=0)
    for key in shares:
        values = shares[key] * 100
        figure.add_bar(
            y=labels,
            x=values,
            orientation="h",
            name=look.name(key),
            marker={"color": look.theme.colour(key), "line": {"color": look.theme.surface, "width": 1.2}},
            text=[f"{v:.0f}" if v >= LEAST_LABELLED else "" for v in rounded[key]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            insidetextfont={"color": look.theme.ink_on(key), "size": 13},
            hovertemplate="%{y} · " + look.name(key) + " <b>%{x:.1f}%</b><extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.26)
    quiet(figure, look, height=max(110, 46 * len(labels) + 12))
    figure.update_xaxes(visible=False, range=[0, 100])
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", nticks=len(labels))
    table = shares_table(shares.set_axis(labels), look, look.say(f"{group}.heading"))
    alt = look.say("alt.leaders", items=leading(full, look, group))
    return View(figure, table, share_finding(shares, look, group, everyone=full), caption, alt, grade)


def share_finding(shares: pd.DataFrame, look: Look, group: str, *, everyone: pd.DataFrame | None = None) -> str:
    """Who leads the networks in how many rows; where one network is shown, its share or the range of it.

    `everyone` has the shares of all networks where `shares` has only some: who leads is read from it.
    """
    full = shares if everyone is None else everyone
    if contested(shares).shape[1] == 1:
        return _one_network(contested(shares).iloc[:, 0], look, group)
    best = leader(full)
    counts = best[~best.isin(NO_PLAYERS)].value_counts()
    if counts.empty:
        return look.say("finding.no_network")
    first = str(counts.index[0])
    if len(shares) == 1:
        where = look.term(group, shares.index[0])
        return look.say("finding.holds_in", name=look.name(first), where=where, share=percent(full[first].iloc[0]))
    if counts.iloc[0] == len(shares):
        return look.say("finding.leads_everywhere", name=look.name(first), groups=look.say(f"{group}.all"))
    if len(counts) == 1:
        values = {"n": int(counts.iloc[0]), "total": len(shares), "groups": look.say(f"{group}.plural")}
        return look.say("finding.leads_some", name=look.name(first), **values)
    return look.say(
        "finding.leads_in",
        name=look.name(first),
        n=int(counts.iloc[0]),
        total=len(shares),
        groups=look.say(f"{group}.plural"),
        second=look.name(str(counts.index[1])),
        where=look.few([look.term(group, row) for row in best.index[best == counts.index[1]]]),
    )


def _one_network(share: pd.Series, look: Look, group: str) -> str:
    if len(share) == 1:
        values = {"where": look.term(group, share.index[0]), "share": percent(share.iloc[0])}
        return look.say("finding.one_place", name=look.name(str(share.name)), **values)
    return look.say(
        "finding.one_network",
        name=look.name(str(share.name)),
        low=percent(share.min()),
        least=look.term(group, share.idxmin()),
        high=percent(share.max()),
        most=look.term(group, share.idxmax()),
    )


def leading(shares: pd.DataFrame, look: Look, group: str) -> str:
    """The leading network of each row with its share, as a list."""
    best = leader(shares)
    return look.join(
        look.pair(look.term(group, row), f"{look.name(str(key))} {percent(shares.loc[row].get(key, 1.0))}")
        for row, key in best.items()
    )


def share_lines(volumes: pd.DataFrame, look: Look, *, caption: str, grade: Grade, height: int = 320) -> View:
    """Share of each network over time; rows of `volumes` are months, columns all networks or some and the rest."""
    shares = row_shares(volumes)
    figure = go.Figure()
    for key in shares:
        figure.add_scatter(
            x=list(shares.index),
            y=shares[key] * 100,
            mode="lines",
            name=look.name(key),
            line={"color": look.theme.colour(key), "width": 2.4 if shares[key].iloc[-1] > 0.08 else 1.6},
            hovertemplate=look.name(key) + " <b>%{y:.1f}%</b><extra></extra>",
        )
    top = float(shares.max().max()) * 100
    figure.update_layout(hovermode="x unified")
    quiet(figure, look, height=height, right=168)
    last = dict(shares.iloc[-1] * 100)
    rounded = round_to_total(shares.iloc[-1], total=100, decimals=0)
    texts = {key: f"<b>{rounded[key]:.0f}%</b> {look.name(key)}" for key in shares}
    end_labels(figure, look, last, texts, gap=top * LABEL_GAP * 320 / height)
    figure.update_yaxes(ticksuffix="%", rangemode="tozero")
    figure.update_xaxes(dtick="M12", tickformat="%Y", hoverformat="%Y-%m")
    table = shares_table(shares.set_axis([look.month(m) for m in shares.index]), look, look.say("market.month"))
    title, alt = moved(shares, look)
    return View(figure, table, title, caption, alt, grade)


def moved(shares: pd.DataFrame, look: Look) -> tuple[str, str]:
    """Who won and who lost most in twelve months (or since the first): the finding, and all shares for a reader."""
    items = look.join(f"{look.name(str(key))} {percent(shares[key].iloc[-1])}" for key in shares)
    alt = look.say("alt.shares_now", items=items)
    players = contested(shares.loc[:, shares.max() > 0])
    earlier = shares.index[shares.index <= shares.index[-1] - TREND]
    since = earlier[-1] if len(earlier) else shares.index[0]
    change = (players.iloc[-1] - players.loc[since]) * 100
    if since != shares.index[-1] and len(change) == 1:
        held = percent(float(players.iloc[-1, 0]))
        values = {"share": held, "gain": f"{change.iloc[0]:+.1f}", "since": look.month(since)}
        return look.say("finding.moved_one", name=look.name(str(change.index[0])), **values), alt
    if since == shares.index[-1]:
        best = str(players.iloc[-1].idxmax())
        return look.say("finding.holds", name=look.name(best), share=percent(float(players[best].iloc[-1]))), alt
    title = look.say(
        "finding.moved",
        winner=look.name(str(change.idxmax())),
        gain=f"{change.max():+.1f}",
        loser=look.name(str(change.idxmin())),
        loss=f"{change.min():+.1f}",
        since=look.month(since),
    )
    return title, alt


def league(volumes: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a network, largest first: name, share now, change in points on the month a year before, trend."""
    shares = row_shares(volumes)
    change = year_on_year(shares, points=True).iloc[-1]
    now = round_to_total(shares.iloc[-1], total=100, decimals=1)
    table = pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(key)) for key in shares],
            look.say("market.share"): now.to_numpy() / 100,
            look.say("market.change_points"): (change * 100).round(1).to_numpy(),
            look.say("market.trend"): [(shares[key] * 100).round(2).tolist() for key in shares],
        }
    )
    return table.sort_values(look.say("market.share"), ascending=False, ignore_index=True)
