"""Maps as native shapes: every region an outline of its own with its name and what the map says of it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.views.look import Look
from analysis.views.slide import Ink
from analysis.views.slides import flats, keys, layers, tiles, vectors
from analysis.views.slides.colours import read, scaled
from analysis.views.slides.conic import Conic, Points, called, cut, rings_of
from analysis.views.slides.text import INCH, Box, Hand, unmarked
from analysis.views.theme import luminance

KEY = 2.3
"""Inches left of a map for what its colours mean."""
MOST_MARKS = 20_000
"""Points and lines that a slide can carry; a map with more becomes a picture."""
WORDS = 12
"""Points of the words of a map."""
_FIELD = re.compile(r"%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}")
_GEO = ("choropleth", "scattergeo")


def is_map(figure: Mapping[str, Any]) -> bool:
    """Whether a figure is a map of regions, or one of equal tiles or points."""
    return any(trace.get("type") in _GEO for trace in figure["data"]) or tiles.are(figure) or flats.are(figure)


def draw(
    figure: Mapping[str, Any],
    shapes: Any,
    box: Box,
    look: Look,
    ink: Ink,
    *,
    alt: str,
    table: pd.DataFrame | None = None,
) -> bool:
    """Draw a map; False where it cannot be made of shapes (outlines of unknown origin, too many marks).

    Parameters
    ----------
    figure : mapping
        Plain Plotly figure: choropleths and points on the conic map, or tiles.
    shapes
        Of a slide.
    box : tuple of int
        EMU.
    table : pandas.DataFrame, optional
        The map as numbers, which names who leads where.
    """
    hand = Hand(ink, look.lang, WORDS, ink.text)
    if flats.are(figure):
        return flats.draw(figure, shapes, box, hand, name=look.say("deck.map"), alt=alt)
    if tiles.are(figure):
        return tiles.draw(figure, shapes, box, hand, alt=alt)
    traces = [trace for trace in figure["data"] if trace.get("visible", True) is True]
    if any(trace.get("type") not in _GEO for trace in traces) or _marks(traces) > MOST_MARKS:
        return False
    known = {id(trace): rings_of(trace.get("geojson")) for trace in traces if trace["type"] == "choropleth"}
    if any(rings is None for rings in known.values()):
        return False
    left, top, width, height = box
    aside = round(KEY * INCH)
    plan = figure["layout"].get("geo", {})
    conic = Conic(plan, box)
    if conic.frame[0] < left + aside:
        conic = Conic(plan, (left + aside, top, width - aside, height))
    names = called(look)
    for trace in traces:
        if trace["type"] == "choropleth":
            parts = _regions(trace, known[id(trace)] or {}, conic, names)
        else:
            placed = _placed(trace, conic)
            parts = layers.drawn(trace, placed, conic.frame, [_hover(trace, at) for at in range(len(placed))])
            layers.lettered(trace, placed, shapes, hand)
        if parts:
            vectors.group(shapes, parts, name=look.say("deck.map"), alt=alt)
    _key(figure, traces, shapes, (left, top, aside, height), hand, look, table)
    return True


def _marks(traces: Sequence[Mapping[str, Any]]) -> int:
    return sum(len(trace.get("lon") or ()) for trace in traces if trace["type"] == "scattergeo")


def _regions(trace: Mapping[str, Any], rings: Mapping[str, Any], conic: Conic, names: Mapping[str, str]) -> list[str]:
    codes, values = [str(code) for code in trace["locations"]], list(trace["z"])
    colours = scaled(values, trace["colorscale"], *keys.limits(trace))
    line = (trace.get("marker") or {}).get("line") or {}
    parts = []
    for at, (code, colour) in enumerate(zip(codes, colours, strict=True)):
        if colour is None or code not in rings:
            continue
        clear = read(colour)[1] == 0
        edge = vectors.Paint("" if clear else colour, str(line.get("color", "")), float(line.get("width", 0.4)) * 0.75)
        shown = [cut(conic(ring), conic.frame) for ring in rings[code]]
        alt = _hover(trace, at)
        parts.append(vectors.outline(shown, edge, name=names.get(code, code), alt=alt or names.get(code, code)))
    return [part for part in parts if part]


def _hover(trace: Mapping[str, Any], at: int) -> str:
    """What a hover says of one place, in words alone."""
    template = trace.get("hovertemplate")
    if not isinstance(template, str) or trace.get("hoverinfo") == "skip":
        return ""
    said = _FIELD.sub(lambda found: _field(trace, at, found), template.replace("<extra></extra>", ""))
    return unmarked(said).replace("\n", ": ", 1).replace("\n", " ")


def _field(trace: Mapping[str, Any], at: int, found: re.Match[str]) -> str:
    column = trace.get({"location": "locations"}.get(found[1], found[1]))
    value = column[at] if isinstance(column, list) and at < len(column) else column
    if found[2] is not None and isinstance(value, list):
        value = value[int(found[2])]
    if isinstance(value, int | float) and found[3]:
        return format(value, found[3]).replace("-", "−")
    return "" if value is None else str(value)


def _placed(trace: Mapping[str, Any], conic: Conic) -> Points:
    """Where the points of a trace lie, EMU; NaN for none."""
    lon, lat = (np.array(trace.get(axis) or (), dtype=np.float64) for axis in ("lon", "lat"))
    return conic(np.stack([lon, lat], axis=1))


def _key(
    figure: Mapping[str, Any],
    traces: Sequence[Mapping[str, Any]],
    shapes: Any,
    box: Box,
    hand: Hand,
    look: Look,
    table: pd.DataFrame | None,
) -> None:
    """What the colours mean, at the left."""
    left, top, width, height = box
    bar = keys.bar_of(traces)
    if bar:
        keys.draw_bar(shapes, (left, top + height // 2, width, height // 2 - height // 20), bar, hand)
        return
    entries = keys.listed(figure["layout"].get("annotations") or ()) or leaders(traces, table, look)
    keys.draw_list(shapes, (left, top, width, height), entries, hand)


def leaders(traces: Sequence[Mapping[str, Any]], table: pd.DataFrame | None, look: Look) -> list[tuple[str, str]]:
    """Colours and names of those who lead, most places first: each at the strongest of its colours on the map."""
    who, code = look.say("measure.leader"), look.say("market.adcode")
    if table is None or who not in table or code not in table:
        return []
    leads = dict(zip(table[code].astype(str), table[who].astype(str), strict=True))
    found: dict[str, list[str]] = {}
    for trace in traces:
        if trace["type"] == "choropleth" and trace.get("hoverinfo") != "skip":
            colours = scaled(list(trace["z"]), trace["colorscale"], *keys.limits(trace))
            for place, colour in zip(map(str, trace["locations"]), colours, strict=True):
                if colour and place in leads:
                    found.setdefault(leads[place], []).append(colour)
    order = sorted(found, key=lambda name: -len(found[name]))
    return [(min(found[name], key=luminance), name) for name in order]
