"""The back-test on screen: which curve forecast best, how far ahead, and what it said at each date."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.growth.testing import rule
from analysis.views import plain
from analysis.views.amounts import inside
from analysis.views.base import LABEL_GAP, spread
from analysis.views.growth_origins import origins
from analysis.views.growth_style import ahead_of, curve_name, dashed, short_name, steps_head, style, yearly
from analysis.views.look import Look, View, percent
from data.grade import Grade, weakest

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

__all__ = ["by_horizon", "origins", "scoreboard", "scoreboard_columns", "verdict"]
HEIGHT = 320
NAMED = 3
"""Curves drawn and named beside the chosen one and the yardstick; the others are thin and grey."""
SAME = 5e-4
"""Difference of two MASE below which neither is better."""
RIGHT, LETTER, WIDEST = 52, {"en": 6.4, "zh": 12.5}, 208
"""Pixels for the names at the end of the lines: without a letter, a letter, at most."""
ROOM = 2.0
"""The axis of errors ends at this many times the larger of the chosen curve's and seasonal naive's."""


def scoreboard(backtest: "Backtest", look: Look) -> pd.DataFrame:
    """One row a curve, the lowest MASE first; coverage of the stated bands before and after widening.

    Seasonal naive is the yardstick: "against naive" is the difference of the MASE to its own, in per cent.
    """
    scores = backtest.scores.sort_values("mase", kind="stable")
    ratio = scores["mase"] / float(scores["mase"].get(rule.benchmark(backtest.scores), np.nan)) - 1
    kept = rule.keeps(scores)
    said = {
        "curve": [curve_name(str(key), look) for key in scores.index],
        "mase": scores["mase"].round(3).to_numpy(),
        "against": (100 * ratio).round(1).to_numpy(),
        "smape": scores["smape"].round(1).to_numpy(),
        "rmsse": scores["rmsse"].round(3).to_numpy(),
        "bias": scores["bias"].round(2).to_numpy(),
        **{
            f"{kind}_{level}": (100 * scores[f"{kind}_{level}"]).round(0).to_numpy()
            for level in (80, 95)
            for kind in ("coverage", "held")
        },
        "msis": scores["msis"].round(2).to_numpy(),
        "wins": (100 * scores["wins"]).round(0).to_numpy(),
        "verdict": [_word(backtest, str(key), look, kept=bool(kept[key])) for key in scores.index],
    }
    return dashed(pd.DataFrame({look.say(f"trial.{key}"): column for key, column in said.items()}), look)


def scoreboard_columns(look: Look) -> dict[str, str]:
    """What each figure of the scoreboard means, by its header."""
    keys = (
        "curve",
        "mase",
        "against",
        "smape",
        "rmsse",
        "bias",
        "coverage_80",
        "held_80",
        "coverage_95",
        "held_95",
        "msis",
    )
    return {look.say(f"trial.{key}"): look.say(f"trial.{key}_help") for key in (*keys, "wins", "verdict")}


def _word(backtest: "Backtest", key: str, look: Look, *, kept: bool) -> str:
    """What the back-test says of one curve."""
    scores, bar = backtest.scores, rule.benchmark(backtest.scores)
    if key == backtest.chosen and backtest.reason != "too_short":
        return look.say("trial.is_chosen")
    if key == bar:
        return look.say("trial.is_yardstick")
    if backtest.reason == "too_short":
        return look.say("league.is_too_short")
    apart = scores.at[key, "mase"] - scores["mase"].get(bar, np.inf)
    if abs(apart) < SAME:
        return look.say("trial.is_level")
    if not apart < 0:
        return look.say("trial.is_worse")
    if kept:
        return look.say("trial.is_beaten")
    return look.say("trial.is_narrow" if scores.at[key, "held_95"] < rule.LEAST else "trial.is_blunt")


def verdict(backtest: "Backtest", look: Look) -> str:
    """One sentence: which curve is used, its MASE against seasonal naive's and what its bands held."""
    scores, chosen, bar = backtest.scores, backtest.chosen, rule.benchmark(backtest.scores)
    n = len(backtest.origins)
    if backtest.reason == "too_short" or chosen not in scores.index:
        return look.say("trial.verdict_too_short", n=n, bar=inside(curve_name(bar, look)))
    mase = scores["mase"]
    values = {
        "curve": curve_name(chosen, look),
        "bar": inside(curve_name(bar, look)),
        "mase": f"{mase[chosen]:.2f}",
        "held": percent(scores.at[chosen, "held_95"], 0),
        "n": n,
        "ahead": ahead_of(backtest, backtest.horizon, look),
    }
    if backtest.reason == "beats":
        less = percent(1 - mase[chosen] / mase[bar], 0)
        return look.say("trial.verdict_beats", naive=f"{mase[bar]:.2f}", less=less, **values)
    others = mase.drop(bar).dropna()
    if others.empty:
        return look.say("trial.verdict_alone", **values)
    best = str(others.idxmin())
    key = "nothing" if others[best] >= mase[bar] else "unkept"
    return look.say(f"trial.verdict_{key}", best=curve_name(best, look), least=f"{others[best]:.2f}", **values)


def by_horizon(backtest: "Backtest", look: Look, *, grade: Grade, chosen: str | None = None, caption: str = "") -> View:
    """MASE by steps ahead of every curve, and a line at 1: the error of seasonal naive within the past."""
    chosen = chosen or backtest.chosen
    table = backtest.by_step["mase"].unstack(level=0)
    table = table[[key for key in backtest.scores["mase"].sort_values().index if key in table]].dropna(axis=1)
    steps = [int(step) for step in table.index]
    bar = rule.benchmark(backtest.scores)
    top = _top(table, chosen, bar)
    named = _named_curves(table, chosen, bar)
    lines = [*(key for key in table if key not in named), *reversed(named)]
    traces = [_errors(table[key], steps, look, str(key), chosen, named=key in named) for key in lines]
    head = steps_head(backtest.period, look, years=yearly(backtest.origins))
    figure = plain.figure(
        traces,
        look,
        height=HEIGHT,
        right=_room(named, look),
        x={
            "range": _ends(steps),
            "dtick": max(1, len(steps) // 6),
            "title": _small(head, look),
        },
        y={"range": [0, top]},
        hovermode="x unified",
        shapes=[plain.rule(look, y=1.0, dash="dot")],
        annotations=_names(table[named], look, chosen, top),
        uirevision="by_horizon",
    )
    title = _horizon_finding(table, backtest, look, chosen)
    shown = table.round(3).rename(columns=lambda key: curve_name(str(key), look))
    shown.index = pd.Index(steps, name=head)
    shown.columns.name = None
    shown = dashed(shown, look)
    said = caption or look.say("trial.caption_by_horizon", n=len(backtest.origins))
    items = look.join(f"{curve_name(str(k), look)} {table[k].iloc[-1]:.2f}" for k in table)
    alt = look.say("trial.alt_by_horizon", title=title, items=items)
    return View(figure, shown, title, said, alt, weakest(grade, Grade.ESTIMATED))


def _ends(steps: Sequence[int]) -> list[float]:
    """Ends of the axis of steps; a single one stands in its middle."""
    return [1.0, float(steps[-1])] if len(steps) > 1 else [0.5, 1.5]


def _small(text: str, look: Look) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": look.theme.muted}}


def _top(table: pd.DataFrame, chosen: str, bar: str) -> float:
    """End of the axis: curves that miss by far more than the two that matter leave it."""
    kept = [key for key in (chosen, bar) if key in table]
    limit = ROOM * max(float(table[kept].max().max()) if kept else float(table.min().max()), 1.0)
    return min(limit, 1.08 * max(float(table.max().max()), 1.05))


def _named_curves(table: pd.DataFrame, chosen: str, bar: str) -> list[str]:
    """The chosen curve, the yardstick and the best others, the best first; `table` has the best first."""
    others = [str(key) for key in table if key not in (chosen, bar)]
    kept = {chosen, bar, *others[:NAMED]}
    return [str(key) for key in table if key in kept]


def _room(named: Sequence[str], look: Look) -> int:
    """Pixels for the longest name."""
    return min(WIDEST, round(RIGHT + LETTER[look.lang] * max(len(short_name(key, look)) for key in named)))


def _errors(errors: pd.Series, steps: Sequence[int], look: Look, key: str, chosen: str, *, named: bool) -> plain.Trace:
    name = curve_name(key, look)
    line = style(key, look, chosen=key == chosen)
    line = line if named else {"color": look.theme.muted, "width": 0.7}
    trace = plain.line([str(s) for s in steps], errors, line.pop("color"), hover=f"{name} <b>%{{y:.2f}}</b>", **line)
    return {**trace, "x": list(steps), "name": name, "mode": "lines" if len(steps) > 1 else "markers"}


def _names(table: pd.DataFrame, look: Look, chosen: str, top: float) -> list[dict[str, Any]]:
    """Names at the end of the lines; those off the axis at its top, with their error."""
    last = {str(key): float(table[key].iloc[-1]) for key in table}
    places = spread({key: min(value, top) for key, value in last.items()}, top * LABEL_GAP)
    over = max(places.values()) - top
    return [
        plain.note(
            look,
            _named(look, key, last[key], chosen),
            x=1,
            xref="paper",
            xanchor="left",
            xshift=6,
            y=y - max(over, 0.0) if last[key] >= top * (1 - LABEL_GAP) else y,
        )
        for key, y in places.items()
    ]


def _named(look: Look, key: str, value: float, chosen: str) -> str:
    dot = f'<span style="color:{style(key, look, chosen=key == chosen)["color"]}">●</span>'
    name = short_name(key, look)
    return f"{dot} {value:.2f} " + (f"<b>{name}</b>" if key == chosen else name)


def _horizon_finding(table: pd.DataFrame, backtest: "Backtest", look: Look, chosen: str) -> str:
    """How far ahead the chosen curve is better than seasonal naive."""
    name, bar = curve_name(chosen, look), rule.benchmark(backtest.scores)
    if chosen == bar or bar not in table or chosen not in table:
        own = table[chosen] if chosen in table else table.iloc[:, 0]
        return look.say("trial.horizon_alone", curve=name, first=f"{own.iloc[0]:.2f}", last=f"{own.iloc[-1]:.2f}")
    better = (table[chosen] < table[bar]).to_numpy()
    until = int(np.argmin(better)) if not better.all() else len(better)
    values = {"curve": name, "bar": inside(curve_name(bar, look))}
    if until == len(better) == 1:
        return look.say("trial.horizon_one", ahead=ahead_of(backtest, 1, look), **values)
    if until:
        ahead = ahead_of(backtest, int(table.index[until - 1]), look)
        return look.say(f"trial.horizon_{'all' if until == len(better) else 'until'}", ahead=ahead, **values)
    return look.say("trial.horizon_some", n=int(better.sum()), total=len(better), **values)
