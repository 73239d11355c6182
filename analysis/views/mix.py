"""Change of each network's share: within the groups, and from the mix of groups."""

import pandas as pd
import plotly.graph_objects as go

from analysis.summary import contested
from analysis.views.base import quiet
from analysis.views.look import Look, View
from analysis.views.moves import at_right, zero_line
from data.grade import Grade


def within_and_mix(
    parts: pd.DataFrame, look: Look, *, group: str, caption: str, grade: Grade, network: str = ""
) -> View:
    """Change of each network's share in points: gains within the groups, and the mix of groups.

    `parts` has index network and columns within, mix, total (fractions); each column adds to 0. The title is about
    `network`, or about the one whose share changed most.
    """
    rows = parts.sort_values("total", ascending=False, kind="stable") * 100
    labels = [look.name(str(key)) for key in rows.index]
    figure = go.Figure()
    for part, colours in (
        ("within", [look.theme.colour(str(key)) for key in rows.index]),
        ("mix", look.theme.colour("")),
    ):
        figure.add_bar(
            y=labels,
            x=rows[part],
            orientation="h",
            marker={"color": colours},
            hovertemplate=f"%{{y}} · {look.say(f'moves.{part}')} <b>%{{x:+.2f}}</b><extra></extra>",
        )
    quiet(figure, look, height=300, right=52)
    figure.update_layout(barmode="relative", bargap=0.35)
    zero_line(figure, look)
    at_right(
        figure,
        look,
        {label: f"{round(value, 1) + 0.0:+.1f}" for label, value in zip(labels, rows["total"], strict=True)},
    )
    table = _adding(rows, 2).set_axis(labels).rename_axis(look.say("market.network"))
    table.columns = [look.say(f"moves.{part}") for part in table]
    most = network or str(contested(parts.T).T["total"].abs().idxmax())
    said = {part: f"{value:+.1f}" for part, value in _adding(rows, 1).loc[most].items()}
    title = look.say(
        "finding.within_and_mix",
        name=look.name(most),
        groups=look.say(f"{group}.heading"),
        **said,
    )
    items = look.join(f"{label} {value:+.1f}" for label, value in zip(labels, rows["total"], strict=True))
    return View(figure, table, title, caption, look.say("alt.within_and_mix", items=items), grade)


def _adding(parts: pd.DataFrame, decimals: int) -> pd.DataFrame:
    """within, mix and total rounded so that the first two add to the third; the larger takes what rounding leaves."""
    shown = parts.round(decimals)
    larger = parts["within"].abs() >= parts["mix"].abs()
    within = shown["within"].where(~larger, shown["total"] - shown["mix"])
    mix = shown["mix"].where(larger, shown["total"] - shown["within"])
    return shown.assign(within=within, mix=mix).round(decimals) + 0.0
