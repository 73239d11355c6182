"""Networks by colour for a slide that does not name them beside its marks: on the page one strip serves all charts."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from analysis.views.look import Look
from analysis.views.pinned import MAPS, Pinned
from analysis.views.theme import Theme, rgb
from data.platforms import PLATFORMS

LEAST = 2
"""Networks from which on a slide has a legend."""
MIX, OFF = 0.12, 2.0
"""A colour of a map is a network's on the page's with at least so much of it, and at most so far off."""


def networks(one: Pinned) -> list[str]:
    """Networks that only their colour names, in the order of the list; empty where they are named, or are few."""
    figure, theme = one.view.figure, Theme(one.theme)
    assert isinstance(figure, dict)
    if figure.get("layout", {}).get("showlegend"):
        return []
    look = Look(one.lang, theme)
    marked = {key for trace in figure.get("data", []) for key in _marked(trace, look)}
    named = str([figure.get("layout", {}).get(part) for part in ("annotations", "yaxis", "xaxis")])
    found = [key for key in PLATFORMS if key in marked and theme.colour(key) not in named]
    return found if len(found) >= LEAST else []


def strip(look: Look, items: list[tuple[str, str]]) -> str:
    """Colours with the names they stand for, as HTML."""
    entries = "".join(
        f'<li><span aria-hidden="true" style="background:{colour}"></span>{escape(name)}</li>' for colour, name in items
    )
    return f'<ul class="stage-legend" aria-label="{escape(look.say("market.legend"))}">{entries}</ul>'


def _marked(trace: Mapping[str, Any], look: Look) -> Iterator[str]:
    """Networks whose bars or areas bear their name, or whose colour is on a map."""
    kind = trace.get("type")
    if kind in MAPS:
        yield from _mapped(trace, look.theme)
    elif kind in ("bar", "scatter"):
        fill = (trace.get("marker") or {}).get("color") if kind == "bar" else trace.get("fillcolor")
        yield from (key for key in PLATFORMS if trace.get("name") == look.name(key) and look.theme.colour(key) == fill)


def _mapped(trace: Mapping[str, Any], theme: Theme) -> Iterator[str]:
    scale, marker = trace.get("colorscale"), (trace.get("marker") or {}).get("color")
    numbered = isinstance(scale, list) and trace.get("zmax") == len(scale) - 1
    colours = {colour for _, colour in scale} if isinstance(scale, list) and numbered else set()
    colours |= set(marker) if isinstance(marker, list) else {marker}
    found = {colour for colour in colours if isinstance(colour, str) and colour.startswith("#")}
    ground = rgb(theme.surface)[:3]
    for key in PLATFORMS:
        along = [own - page for own, page in zip(rgb(theme.colour(key))[:3], ground, strict=True)]
        if any(_between(rgb(colour)[:3], ground, along) for colour in found):
            yield key


def _between(colour: list[int], ground: list[int], along: list[int]) -> bool:
    away = [own - page for own, page in zip(colour, ground, strict=True)]
    part = sum(a * b for a, b in zip(away, along, strict=True)) / sum(step * step for step in along)
    off = max(abs(a - part * step) for a, step in zip(away, along, strict=True))
    return MIX <= part <= 1 and off <= OFF
