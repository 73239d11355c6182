"""Lines and words on the chart of growth curves: the ceiling, and how far ahead the back-test went."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.growth import CURVES, GrowthFit
from analysis.views import plain
from analysis.views.growth_style import places, rounded, tested_until
from analysis.views.look import Look
from analysis.views.theme import fade

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

Marks = tuple[list[dict[str, Any]], list[dict[str, Any]]]
"""Shapes and words."""
NEAR_TOP = 0.9
"""From here on words stand below their line."""


def has_line(fit: GrowthFit, confirmed: bool) -> bool:
    """Whether the ceiling is a level of the series: not what a flow adds up to, and not made up by seasons."""
    declared = CURVES[fit.curve]
    flow = getattr(declared, "cumulative", None) is not None
    return confirmed and fit.ceiling is not None and not flow


def ceiling(fit: GrowthFit, look: Look, top: float, confirmed: bool) -> Marks:
    """Line and band of an identified ceiling that lies on the axis, and its words."""
    if not has_line(fit, confirmed) or fit.ceiling is None or fit.ceiling.value > top:
        return [], []
    value, low, high = fit.ceiling
    across = {"type": "rect", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "line": {"width": 0}}
    band = {**across, "y0": low, "y1": min(high, top), "fillcolor": fade(look.theme.muted, 0.12)}
    said = (rounded(v, look) for v in fit.ceiling)
    text = look.say("growth.ceiling_line", **dict(zip(("value", "low", "high"), said, strict=True)))
    at = {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 4,
        "y": value,
        "yanchor": "top" if value > NEAR_TOP * top else "bottom",
    }
    return [band, plain.rule(look, y=value, dash="dash")], [plain.note(look, text, **at)]


def tested(index: pd.Index, backtest: "Backtest | None", look: Look) -> Marks:
    """A thin line at the last label ahead that was back-tested, where the forecast goes further."""
    until = tested_until(index, backtest)
    if until is None:
        return [], []
    x = places(pd.Index([until]))[0]
    at = {"x": x, "xanchor": "right", "xshift": -4, "y": 0.01, "yref": "paper", "yanchor": "bottom"}
    words = {**plain.note(look, look.say("growth.tested_here"), **at), "font": {"size": 11, "color": look.theme.muted}}
    return [plain.rule(look, x=x, dash="dot")], [words]
