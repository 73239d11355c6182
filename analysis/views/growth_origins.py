"""What a curve said at each date of the back-test, against what came."""

from typing import TYPE_CHECKING

import pandas as pd

from analysis.views import plain
from analysis.views.growth_style import ahead_of, curve_name, dashed, half_width, places, time_axis, value_axis, when
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade
from data.grade import Grade, weakest

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

HEIGHT = 320
BEFORE = 2
"""Horizons of history shown before the first date."""
FAINT, STRONG = 0.3, 1.0
"""Opacity of the first and of the last date's line."""


def origins(
    backtest: "Backtest",
    series: pd.Series,
    look: Look,
    *,
    unit: str,
    grade: Grade,
    chosen: str | None = None,
    caption: str = "",
) -> View:
    """Forecasts of one curve from each date (thin lines, the later the stronger) and the values that came."""
    key = backtest.chosen if chosen is None or chosen not in backtest.scores.index else chosen
    rows = _of(backtest, key)
    said = dict(list(rows.groupby(level="origin", sort=False)))
    seen = series.dropna().sort_index()
    first = max(0, int(seen.index.searchsorted(next(iter(said)))) - BEFORE * backtest.horizon)
    shown = seen.iloc[first:]
    opacity = dict(zip(said, _steps(len(said)), strict=True))
    traces = [_path(path, seen, origin, look, opacity[origin]) for origin, path in said.items()]
    hover = f"{look.say('growth.observed')} <b>%{{y:,.4s}}</b>"
    observed = plain.line(places(shown.index), shown, look.theme.text, hover=hover, width=2)
    figure = plain.figure(
        [*traces, {**observed, "name": look.say("growth.observed")}],
        look,
        height=HEIGHT,
        right=12,
        x=time_axis(shown.index),
        y=value_axis(look, (shown, rows["median"])),
        uirevision="origins",
    )
    ahead = ahead_of(backtest, backtest.horizon, look)
    title = _finding(rows, look, key, ahead)
    text = caption or look.say("trial.caption_origins", n=len(said), ahead=ahead, unit=unit)
    ends = {"first": when(next(iter(said)), look, seen.index), "last": when(list(said)[-1], look, seen.index)}
    alt = look.say("trial.alt_origins", title=title, n=len(said), **ends)
    return View(figure, _table(rows, look, seen.index), title, text, alt, weakest(grade, Grade.ESTIMATED))


def _of(backtest: "Backtest", key: str) -> pd.DataFrame:
    """Trials of one curve, index (origin, target)."""
    rows = backtest.trials.xs(key, level="curve").dropna(subset=["median"])
    return rows.droplevel("step").set_index("target", append=True)


def _steps(count: int) -> list[float]:
    return [FAINT + (STRONG - FAINT) * i / max(count - 1, 1) for i in range(count)]


def _path(path: pd.DataFrame, seen: pd.Series, origin: object, look: Look, opacity: float) -> plain.Trace:
    """Line of one date, from the value known then."""
    targets = path.index.get_level_values("target")
    known = seen[seen.index <= origin].iloc[-1:]
    name = look.say("trial.said_in", when=when(origin, look, seen.index))
    line = plain.line(
        [*places(known.index), *places(targets)],
        [*known, *path["median"]],
        fade(look.theme.accent, opacity),
        hover=f"{name} <b>%{{y:,.4s}}</b>",
        width=1.4,
    )
    return {**line, "name": name}


def _finding(rows: pd.DataFrame, look: Look, key: str, ahead: str) -> str:
    came = rows[rows["actual"].notna()]
    miss = float((came["median"] / came["actual"] - 1).abs().mean())
    inside = float(came["actual"].between(came["wide_low_95"], came["wide_high_95"]).mean())
    values = {"curve": curve_name(key, look), "ahead": ahead, "miss": percent(miss), "held": percent(inside, 0)}
    values["width"] = percent(half_width(came, "wide_"), 0)
    return look.say("trial.origins_finding", **values)


def _table(rows: pd.DataFrame, look: Look, among: pd.Index) -> pd.DataFrame:
    """One row a date and target: what was said, its widened bands, what came, and the miss in per cent."""
    table = rows[["median", "actual", "wide_low_80", "wide_high_80", "wide_low_95", "wide_high_95"]]
    table = table.map(lambda value: float(f"{value:.5g}"))
    table.columns = pd.Index(
        [
            look.say("trial.said"),
            look.say("growth.observed"),
            *(look.say(f"model.{end}_{level}") for level in (80, 95) for end in ("low", "high")),
        ]
    )
    table[look.say("trial.miss")] = (100 * (rows["actual"] / rows["median"] - 1)).round(1)
    for place, level in enumerate(("origin", "target")):
        labels = [when(label, look, among) for label in rows.index.get_level_values(level)]
        table.insert(place, look.say(f"trial.{level}"), labels)
    return dashed(table.reset_index(drop=True), look)
