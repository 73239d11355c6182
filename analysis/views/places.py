"""One city: its networks against those of its tier, and who subsidises there."""

import pandas as pd
import plotly.graph_objects as go

from analysis.market import round_to_total
from analysis.summary import by_size, contested, row_shares
from analysis.views.base import annotate, quiet
from analysis.views.look import Look, View, percent
from data.grade import Grade


def against_tier(
    peers: pd.DataFrame, city: str, look: Look, *, name: str, tier: str, caption: str, grade: Grade
) -> View:
    """Share of each network in `city` as a bar, in the whole tier as a tick, with the city's rank in the tier.

    `peers` are the volumes of every city of the tier (rows), `city` one of them.
    """
    rows = by_size(peers[peers.sum(axis=1) > 0])
    shares = row_shares(rows)
    own = shares.loc[city]
    shown = [key for key in shares if own[key] > 0]
    table = pd.DataFrame(
        {
            "city": own[shown],
            "tier": (rows.sum() / rows.to_numpy().sum())[shown],
            "rank": shares[shown].rank(ascending=False, method="min").loc[city].astype(int),
        }
    ).sort_values("city", ascending=False, kind="stable")
    labels = [look.name(str(key)) for key in table.index]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=table["city"] * 100,
            orientation="h",
            marker={"color": [look.theme.colour(str(key)) for key in table.index]},
            customdata=table["rank"],
            hovertemplate=f"%{{y}} <b>%{{x:.1f}}%</b> · {look.say('market.rank')} %{{customdata}}<extra></extra>",
        )
    )
    figure.add_scatter(
        y=labels,
        x=table["tier"] * 100,
        mode="markers",
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 2.5, "color": look.theme.text}},
        hovertemplate=f"{tier} · %{{y}} %{{x:.1f}}%<extra></extra>",
    )
    quiet(figure, look, height=24 * len(labels) + 34, right=92)
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4}
    said = (
        look.say("market.rank_of", share=percent(r["city"]), rank=r["rank"], n=len(shares))
        for r in table.to_dict("records")
    )
    annotate(figure, look, ({**at, "y": label, "text": text} for label, text in zip(labels, said, strict=True)))
    figure.update_xaxes(visible=False, rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", dtick=1)
    return View(
        figure,
        _tier_table(table, look, name, tier),
        _finding(table, len(shares), look, name, tier),
        caption,
        _alt(table, look),
        grade,
    )


def _tier_table(rows: pd.DataFrame, look: Look, name: str, tier: str) -> pd.DataFrame:
    return (
        pd.DataFrame(
            {
                name: round_to_total(rows["city"], total=100, decimals=1),
                tier: (rows["tier"] * 100).round(1),
                look.say("market.rank"): rows["rank"],
            }
        )
        .rename(index=look.name)
        .rename_axis(look.say("market.network"))
    )


def _finding(rows: pd.DataFrame, cities: int, look: Look, name: str, tier: str) -> str:
    """The network that stands furthest above its tier."""
    players = contested(rows.T).T
    gap = (players["city"] - players["tier"]) * 100
    key = gap.idxmax()
    return look.say(
        "finding.city",
        where=name,
        name=look.name(str(key)),
        share=percent(float(players.loc[key, "city"])),
        gap=f"{gap[key]:+.1f}",
        tier=tier,
        rank=int(players.loc[key, "rank"]),
        n=cities,
    )


def _alt(rows: pd.DataFrame, look: Look) -> str:
    items = (f"{look.name(str(key))} {percent(row['city'])} ({percent(row['tier'])})" for key, row in rows.iterrows())
    return look.say("alt.city", items=look.join(items))


def subsidies(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Who pays in one city and month: CNY per parcel, guarantee in CNY per station and day, stations; payers alone.

    `rows` are those of the panel, one a network.
    """
    measures = ["subsidy_cny_per_parcel", "guarantee_cny_per_day", "stations"]
    table = rows.set_index("platform")[measures]
    table = table[(table[measures[:2]] > 0).any(axis=1)].sort_values(measures[0], ascending=False)
    return pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(key)) for key in table.index],
            look.say("market.subsidy"): table[measures[0]].round(3).to_numpy(),
            look.say("market.guarantee"): table[measures[1]].round(1).to_numpy(),
            look.say("market.active_stations"): table[measures[2]].to_numpy(),
        }
    )


def subsidy_finding(table: pd.DataFrame, look: Look, *, name: str, month: str) -> str:
    """How many networks pay in the city and who pays most per parcel; `table` as `subsidies` gives it."""
    if table.empty:
        return look.say("finding.city_no_subsidy", where=name, month=month)
    top = table.iloc[0]
    return look.say(
        "finding.city_subsidy" if len(table) > 1 else "finding.city_subsidy_1",
        where=name,
        n=len(table),
        name=top.iloc[0],
        subsidy=f"{top.iloc[1]:.3f}".rstrip("0").rstrip("."),
    )
