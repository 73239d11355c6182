"""What the colours of a view mean, where the page says it in a strip of its own and the view does not."""

import colorsys
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.views.pinned import Pinned

Entry = tuple[str, str]
"""Name and CSS colour."""
DOT = "●"
"""Stands before a name that words on a chart give to a line."""
MOST = 16
"""Names of a legend; more are no legend."""
SAME_HUE, GREY = 0.07, 0.12
"""Shades of one colour lie so near to each other on the circle of hues; below, a shade has no hue."""


def legend(one: Pinned) -> list[Entry]:
    """Names and colours that the view uses without saying so; empty where it says so itself."""
    figure = one.view.figure
    assert isinstance(figure, dict)
    if one.kind not in ("chart", "map") or figure.get("layout", {}).get("showlegend"):
        return []
    return _leaders(figure["data"], one.view.table) if one.kind == "map" else _series(figure)


def _series(figure: Mapping[str, Any]) -> list[Entry]:
    """Named series of different colours; lines only where no words beside them name them."""
    said = any(DOT in str(note.get("text", "")) for note in figure.get("layout", {}).get("annotations", ()))
    filled = [trace for trace in figure["data"] if trace.get("type") == "bar" or trace.get("stackgroup")]
    found = {str(one["name"]): _colour(one) for one in filled or figure["data"] if one.get("name") and _colour(one)}
    apart = 1 < len(set(found.values())) == len(found) <= MOST
    return list(found.items()) if apart and not said else []


def _colour(trace: Mapping[str, Any]) -> str:
    """The one colour of a series, nothing where it has several."""
    places = trace.get("marker", {}).get("color"), trace.get("fillcolor"), trace.get("line", {}).get("color")
    return next((place for place in places if isinstance(place, str)), "")


def _leaders(traces: Sequence[Mapping[str, Any]], table: pd.DataFrame) -> list[Entry]:
    """Names down a column of the table, where each has a colour of its own on the map."""
    painted = _painted(traces)
    codes = next((name for name in table if table[name].astype(str).isin(painted).mean() > 1 / 2), None)
    if codes is None:
        return []
    colours = table[codes].astype(str).map(painted)
    for name in table:
        values = table[name]
        if pd.api.types.is_numeric_dtype(values.dtype) or not 1 < values.nunique() <= MOST:
            continue
        shades = {str(value): list(colours[values == value].dropna()) for value in values.dropna().unique()}
        shades = {value: found for value, found in shades.items() if found}
        if len(shades) > 1 and all(map(_one_hue, shades.values())):
            strongest = {value: max(found, key=lambda one: _hsv(one)[1]) for value, found in shades.items()}
            return sorted(strongest.items(), key=lambda entry: -len(shades[entry[0]]))
    return []


def _painted(traces: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Colour of each region whose colour is one of the scale's own."""
    found: dict[str, str] = {}
    for trace in traces:
        scale = trace.get("colorscale")
        low, high = trace.get("zmin"), trace.get("zmax")
        if trace.get("type") != "choropleth" or not isinstance(scale, list) or low is None or not high:
            continue
        steps = {round(at * (high - low)): colour for at, colour in scale}
        if len(steps) > MOST:  # a step for each region: its own colour
            pairs = zip(trace["locations"], trace["z"], strict=True)
            found |= {
                str(code): steps[round(z - low)] for code, z in pairs if z is not None and round(z - low) in steps
            }
    return found


def _hsv(colour: str) -> tuple[float, float, float]:
    digits = re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", colour, re.IGNORECASE)
    return colorsys.rgb_to_hsv(*(int(part, 16) / 255 for part in digits.groups())) if digits else (0.0, 0.0, 0.0)


def _one_hue(shades: Sequence[str]) -> bool:
    hues = [hue for hue, strength, _ in map(_hsv, shades) if strength > GREY]
    apart = [min(abs(hue - hues[0]), 1 - abs(hue - hues[0])) for hue in hues]
    return not apart or max(apart) < SAME_HUE
