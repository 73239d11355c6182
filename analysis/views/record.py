"""A series of the record, drawn with what its source says of it: bound, plan, derived."""

import pandas as pd
import plotly.graph_objects as go

from analysis.views.base import count_axis, quiet
from analysis.views.look import Look, View
from data.grade import Grade
from data.platforms import PLATFORMS
from data.record import search

SYMBOLS = {"point": "circle", "lower": "triangle-up", "upper": "triangle-down", "range": "circle"}
"""How a bound is drawn; a range also has its ends."""
MANY = 40
"""Figures from which the marks are drawn small."""


def series(rows: pd.DataFrame, look: Look, *, name: str, unit: str) -> View:
    """Published values of one series over time.

    `rows` has columns at (date), period, value, low, high, bound, kind, grade, source_title.
    """
    figure = go.Figure()
    for (bound, stated), part in rows.groupby(["bound", rows["grade"] == Grade.REPORTED], sort=False):
        figure.add_scatter(
            x=part["at"],
            y=part["value"],
            mode="markers",
            name=look.term("bound", bound),
            marker={
                "symbol": SYMBOLS.get(str(bound), "circle") + ("" if stated else "-open"),
                "size": 9 if len(rows) <= MANY else 5,
                "color": look.theme.accent,
                "line": {"width": 1.5, "color": look.theme.accent},
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (part["high"] - part["value"]).fillna(0),
                "arrayminus": (part["value"] - part["low"]).fillna(0),
                "visible": bool((part["high"] > part["low"]).any()),
            },
            customdata=part["source_title"].str.slice(0, 70),
            hovertemplate="%{x|%Y-%m} <b>%{y:,}</b><br>%{customdata}<extra></extra>",
        )
    if len(rows) > 2:
        line = rows[rows["grade"] != Grade.ASSUMED].sort_values("at")
        figure.add_scatter(
            x=line["at"],
            y=line["value"],
            mode="lines",
            line={"color": look.theme.accent, "width": 1.2},
            hoverinfo="skip",
        )
    quiet(figure, look, height=300, right=12)
    top = float(rows[["value", "high"]].max(axis=None))
    if rows["value"].min() >= 0 and top > 0:
        count_axis(figure, look, top * 1.08)
    first, last = rows["at"].min(), rows["at"].max()
    title = look.say("finding.record", name=name, n=len(rows), first=first.year, last=last.year)
    latest = rows.sort_values("at").iloc[-1]
    alt = look.say(
        "alt.record", name=name, n=len(rows), value=f"{latest['value']:,}", unit=unit, when=look.month(latest["at"])
    )
    return View(figure, series_table(rows, look), title, look.say("record.chart_caption", unit=unit), alt, _grade(rows))


def series_table(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The values with the source beside each."""
    return pd.DataFrame(
        {
            look.say("market.period"): [look.period(p) for p in rows["period"]],
            look.say("record.value"): rows["value"].to_numpy(),
            look.say("record.bound"): [look.term("bound", b) for b in rows["bound"]],
            look.say("record.grade"): [look.term("grade", g) for g in rows["grade"]],
            look.say("record.source"): rows["source_title"].to_numpy(),
        }
    )


def _grade(rows: pd.DataFrame) -> Grade:
    return Grade(rows["grade"].mode().iloc[0])


def choose(
    rows: pd.DataFrame,
    look: Look,
    *,
    text: str,
    metrics: tuple[str, ...],
    subjects: tuple[str, ...],
    grades: tuple[str, ...],
    years: tuple[str, ...],
) -> pd.DataFrame:
    """Rows of the record that fit every filter; an empty filter lets all through."""
    keep = pd.Series(True, index=rows.index)
    for column, chosen in (("metric", metrics), ("subject", subjects), ("grade", grades)):
        if chosen:
            keep &= rows[column].isin(chosen)
    if years:
        keep &= rows["at"].dt.year.astype("Int64").astype(str).isin(years)
    found = rows[keep].sort_values("at", ascending=False, kind="stable", na_position="last")
    return found if not text else found[found.index.isin(search(found, text).index) | _shown(found, text, look)]


def _shown(rows: pd.DataFrame, text: str, look: Look) -> pd.Series:
    """Rows in which every word occurs in what the reader sees, or in a spelling of the network."""
    spelled = {p.key: " ".join((p.en, p.zh, *p.aliases)) for p in PLATFORMS.values()}
    seen = (
        rows["metric"].map(lambda m: look.term("metric", m))
        + " "
        + rows["subject"].map(lambda s: look.term("subject", s))
    )
    seen = seen + " " + rows["place"].map(look.place) + " " + rows["network"].map(spelled).fillna("")
    seen = seen.str.casefold()
    keep = pd.Series(True, index=rows.index)
    for word in text.casefold().split():
        keep &= seen.str.contains(word, regex=False)
    return keep


def rows_table(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """What the record page lists: the figure with its bound, grade and source."""
    return pd.DataFrame(
        {
            look.say("record.metric"): [look.term("metric", m) for m in rows["metric"]],
            look.say("record.subject"): [look.term("subject", s) for s in rows["subject"]],
            look.say("market.period"): [look.period(p) for p in rows["period"]],
            look.say("record.value"): rows["value"].to_numpy(),
            look.say("record.unit"): [look.term("unit", u) for u in rows["unit"]],
            look.say("record.source"): rows["source_title"].to_numpy(),
            look.say("record.source_date"): rows["source_date"].to_numpy(),
            look.say("record.grade"): [look.term("grade", g) for g in rows["grade"]],
            look.say("record.bound"): [look.term("bound", b) for b in rows["bound"]],
            look.say("record.low"): rows["value_low"].to_numpy(),
            look.say("record.high"): rows["value_high"].to_numpy(),
            look.say("record.kind"): [look.term("kind", k) for k in rows["kind"]],
            look.say("record.place"): [look.place(p) for p in rows["place"]],
            look.say("record.trap"): [
                look.join(look.say(f"trap.{code}_name") for code in codes.split("|") if code) for codes in rows["traps"]
            ],
            look.say("record.note"): rows["note"].to_numpy(),
            look.say("record.link"): rows["source_url"].to_numpy(),
        }
    )


def traps(rows: pd.DataFrame) -> list[str]:
    """Codes of the traps that apply to these rows, most frequent first."""
    codes = rows["traps"].str.split("|").explode()
    return codes[codes.astype(bool)].value_counts().index.to_list()
