"""How concentrated each market is: HHI by network and by owner, CR4 and the effective number of networks."""

import pandas as pd
import plotly.graph_objects as go

from analysis.market import concentration_ratio, effective_number, hhi
from analysis.summary import network_shares
from analysis.views.base import annotate, quiet
from analysis.views.look import Look, View, percent
from analysis.views.standing import SHOWN_ROWS, row_height
from analysis.views.theme import fade
from data.grade import Grade

BANDS = (1000, 1800)
"""Points of the HHI between the bands of the US merger guidelines of 2023."""


def concentration_table(networks: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """HHI by network and by owner (points), CR4 (fraction) and effective number, a row as in both frames of volumes."""
    shares, held = network_shares(networks), network_shares(owners)
    return pd.DataFrame(
        {
            "hhi": hhi(shares),
            "hhi_owner": hhi(held),
            "cr4": concentration_ratio(shares, 4),
            "effective": effective_number(shares),
        },
        index=shares.index,
    )


def bars(
    networks: pd.DataFrame,
    owners: pd.DataFrame,
    look: Look,
    *,
    group: str,
    caption: str,
    grade: Grade,
    shown: int = SHOWN_ROWS,
) -> View:
    """HHI of the networks by row as a bar, of their owners as a tick, over the bands; CR4 and number beside it."""
    every = concentration_table(networks, owners)
    rows = every.iloc[:shown]
    labels = [look.term(group, row) for row in rows.index]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=rows["hhi"],
            orientation="h",
            marker={"color": look.theme.accent},
            text=[f" {v:,.0f}" for v in rows["hhi"]],
            textposition="inside",
            insidetextanchor="start",
            constraintext="none",
            insidetextfont={"color": look.theme.surface},
            hovertemplate="%{y} <b>%{x:,.0f}</b><extra></extra>",
        )
    )
    figure.add_scatter(
        y=labels,
        x=rows["hhi_owner"],
        name=look.say("market.by_owner"),
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": look.theme.text}},
        hovertemplate=f"%{{y}} {look.say('market.by_owner')} <b>%{{x:,.0f}}</b><extra></extra>",
    )
    quiet(figure, look, height=row_height(len(labels)))
    end = max(2200.0, float(rows[["hhi", "hhi_owner"]].max().max()) * 1.05)
    bands(figure, look, end)
    _beside(figure, rows.set_axis(labels), look)
    figure.update_layout(margin={"t": 48, "r": 128}, bargap=0.4)
    figure.update_xaxes(visible=False, range=[0, end])
    figure.update_yaxes(range=[len(labels) - 0.5, -0.5], showgrid=False, ticksuffix="  ", dtick=1)
    items = look.join(f"{label} {value:,.0f}" for label, value in zip(labels, rows["hhi"], strict=True))
    alt = look.say("alt.hhi", items=items)
    return View(figure, _table(every, look, group), _finding(every, look, group), caption, alt, grade)


def bands(figure: go.Figure, look: Look, end: float, *, start: float = 0.0) -> None:
    """The three bands, shaded and named above the rows."""
    edges = (start, *BANDS, end)
    names = ("low", "moderate", "high")
    figure.update_layout(
        shapes=[
            {
                "type": "rect",
                "layer": "below",
                "line": {"width": 0},
                "fillcolor": fade(look.theme.muted, 0.05 + 0.07 * i),
                "x0": edges[i],
                "x1": edges[i + 1],
                "yref": "paper",
                "y0": 0,
                "y1": 1,
            }
            for i in range(len(names))
        ]
    )
    at = {"y": 1, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "align": "left"}
    font = {"size": 11, "color": look.theme.muted}
    edge = ("", *(f"{points:,}" for points in BANDS))
    annotate(
        figure,
        look,
        (
            {**at, "font": font, "x": edges[i], "text": f"{edge[i]}<br>{look.say(f'band.{name}_short')}"}
            for i, name in enumerate(names)
        ),
    )


def _beside(figure: go.Figure, rows: pd.DataFrame, look: Look) -> None:
    """CR4 and the effective number as two columns right of the bars."""
    columns = {
        "cr4": (8, [percent(value, 0) for value in rows["cr4"]]),
        "effective": (62, [f"{value:.1f}" for value in rows["effective"]]),
    }
    for key, (shift, texts) in columns.items():
        at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": shift, "align": "left"}
        head = {"y": 1, "yref": "paper", "yanchor": "bottom", "font": {"size": 11, "color": look.theme.muted}}
        annotate(figure, look, [{**at, **head, "text": look.say(f"market.{key}_head")}])
        annotate(figure, look, ({**at, "y": y, "text": text} for y, text in zip(rows.index, texts, strict=True)))


def band(points: float, look: Look) -> str:
    """Band of the 2023 merger guidelines that an HHI of `points` falls in."""
    low, high = BANDS
    return look.say(f"band.{'high' if points > high else 'moderate' if points >= low else 'low'}")


def _finding(rows: pd.DataFrame, look: Look, group: str) -> str:
    where = rows["hhi"].idxmax()
    points = float(rows.loc[where, "hhi"])
    key = "finding.hhi" if len(rows) > 1 else "finding.hhi_one"
    return look.say(key, where=look.term(group, where), value=f"{points:,.0f}", band=band(points, look))


def _table(rows: pd.DataFrame, look: Look, group: str) -> pd.DataFrame:
    """The same in rounded numbers, with the band in words."""
    return pd.DataFrame(
        {
            look.say("market.hhi"): rows["hhi"].round(0).to_numpy(),
            look.say("market.hhi_owner"): rows["hhi_owner"].round(0).to_numpy(),
            look.say("market.band"): [band(points, look) for points in rows["hhi"]],
            look.say("market.cr4"): (rows["cr4"] * 100).round(1).to_numpy(),
            look.say("market.effective_number"): rows["effective"].round(1).to_numpy(),
        },
        index=pd.Index([look.term(group, row) for row in rows.index], name=look.say(f"{group}.heading")),
    )
