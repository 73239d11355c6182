"""A map of pydeck layers on a page: what was clicked comes back, and what the browser has is not sent again."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from analysis.views.decks import TIP, safe
from analysis.views.flat import Later, flat
from analysis.views.look import Look
from data import boundaries
from pages.ui import layers, outlines
from pages.ui.owner import owner

if TYPE_CHECKING:
    from pydeck import Deck

INLINE = 16_384
"""Bytes of a layer's rows that travel with the page; more are fetched, once."""
BLIND = "map.blind"
HERE = Path(__file__).parent
_HTML = """
<div class="posthouse-map">
  <div class="map"></div>
  <div class="scale" aria-hidden="true"></div>
  <div class="zoom"><button class="in">+</button><button class="out">−</button><button class="home">⌂</button></div>
  <div class="time" hidden><button class="play">▶</button><input class="month" type="range" min="0" value="0"/>
    <span class="now"></span></div>
  <div class="foot"><span class="said" role="status"></span><button class="all" hidden></button></div>
</div>"""
_CSS = """
.posthouse-map { position: relative; display: flex; flex-direction: column; font: 13px var(--st-font);
  .map { position: relative; flex: 1; min-height: 0; overflow: hidden; border-radius: var(--st-base-radius); }
  canvas:focus-visible, button:focus-visible, input:focus-visible {
    outline: 2px solid var(--st-primary-color) !important; outline-offset: -2px; }
  button { font: inherit; color: var(--st-text-color); background: var(--st-background-color); cursor: pointer;
    border: 1px solid var(--st-border-color); border-radius: 6px; min-width: 28px; height: 28px; padding: 0 8px; }
  button[aria-pressed=true] { border-color: var(--st-primary-color); }
  .zoom { position: absolute; top: 8px; right: 8px; display: flex; flex-direction: column; gap: 4px; z-index: 2; }
  .scale { position: absolute; left: 8px; top: 8px; z-index: 2; border: solid var(--st-text-color);
    border-width: 0 1px 1px; font-size: 11px; text-align: center; pointer-events: none; opacity: .8; }
  .scale:empty { display: none; }
  .time, .foot { display: flex; align-items: center; gap: 8px; padding-top: 6px; }
  .time[hidden], .all[hidden] { display: none; }
  .month { flex: 1; min-width: 0; accent-color: var(--st-primary-color); }
  .now { min-width: 5.5em; text-align: right; font-variant-numeric: tabular-nums; }
  .said { flex: 1; color: var(--st-text-color); opacity: .8; }
}
"""
_map = st.components.v2.component(
    "posthouse_map",
    html=_HTML,
    css=_CSS,
    js="".join((HERE / f"{name}.js").read_text("utf-8") for name in ("map_layers", "map_view", "map_deck")),
    isolate_styles=False,  # events inside a shadow root do not reach the clicks of deck.gl
)
WORDS = ("in", "out", "home", "all", "play", "pause", "month", "loading", "shown", "failed", "everyone", "no_webgl")
STAGES = ("regions", "4", "5", "6", "stations")


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a map.

    Attributes
    ----------
    layer : str
        Id of the layer; empty for the bare ground.
    row : mapping
        Texts and numbers of the mark.
    lat, lon : float
        Degrees, WGS-84.
    """

    layer: str
    row: Mapping[str, str | float]
    lat: float
    lon: float


def show(
    look: Look,
    deck: "Deck",
    *,
    key: str,
    alt: str,
    height: int = 430,
    zooming: Mapping[str, object] | None = None,
    stages: Mapping[str, str] | None = None,
    on_month: Callable[[], None] = lambda: None,
) -> Click | None:
    """Draw the map; the click that led to this run, once.

    Parameters
    ----------
    look : Look
    deck : pydeck.Deck
        Layers with ids of their own.
    key, alt : str
    height : int
        Pixels.
    zooming : mapping, optional
        What the layers "regions", "hexes" and "stations" follow (`pages.ui.map_explore`).
    stages : mapping, optional
        What is said below the map of each of its `STAGES`.
    on_month : callable
        Called before the run in which `asked_month` has an answer.
    """
    if not drawable():
        st.pydeck_chart(escaped(deck), height=height, key=key, alt=alt)
        return None
    name, lost, clicked = f"map.{key}", f"map.{key}.lost", f"map.{key}.clicked"
    data = {
        "spec": _spec(deck),
        "alt": alt,
        "height": height,
        "lang": look.lang,
        "tip": {"html": "", **(deck._tooltip if isinstance(deck._tooltip, dict) else {}), "style": TIP},
        "words": {word: look.say(f"deck.{word}", n="{n}") for word in WORDS} | {"stages": dict(stages or {})},
        "zooming": zooming,
        "turn": st.session_state.get(lost, 0),
        "bundle": layers.bundle(),
    }
    _map(
        key=name,
        data=data,
        height=height,
        on_click_change=lambda: st.session_state.update({clicked: st.session_state[name]["click"]}),
        on_month_change=on_month,
        on_blind_change=lambda: st.session_state.update({BLIND: True}),
        on_lost_change=lambda: st.session_state.update({lost: st.session_state.get(lost, 0) + 1}),
    )
    return _click(st.session_state.pop(clicked, None))  # kept by the callback: an interrupted run forgets a trigger


def escaped(deck: "Deck") -> "Deck":
    """The map as Streamlit itself draws it: texts of a mark go into a hover as HTML, and are made safe here."""
    made = copy(deck)
    made.layers = [copy(layer) for layer in deck.layers]
    for layer in made.layers:
        if isinstance(layer.data, list):
            layer.data = [_escaped(row) for row in layer.data]
    return made


def _escaped(row: Any) -> Any:
    """A mark with its texts escaped."""
    if not isinstance(row, Mapping):
        return row
    return {key: safe(value) if isinstance(value, str) else value for key, value in row.items()}


def still(look: Look, deck: "Deck", *, legend: Sequence[tuple[str, str]] = ()) -> Later:
    """The map as a figure that can be pinned: the same marks, on the reader's own outlines where there are some."""
    addressed = [layer.data for layer in deck.layers if isinstance(layer.data, str)]
    level = "prefectures" if any("prefectures" in one for one in addressed) else "provinces"
    digest = outlines.own().get(level, "")

    def make() -> dict[str, Any]:
        mine = boundaries.content(digest) if digest else None
        return flat(deck, look, ground=json.loads(mine) if mine else None, legend=legend)

    return Later(make)


def drawable() -> bool:
    """Whether this reader's server has the routes, and the browser can draw: it says so where it has no WebGL."""
    return layers.served() and not st.session_state.get(BLIND, False)


def asked_month(key: str) -> str:
    """Month that the slider of a map was left at, in the words of its months; empty when it was not moved."""
    return str(getattr(st.session_state.get(f"map.{key}"), "month", None) or "")


def _click(value: Any) -> Click | None:
    """The click as the browser tells it; None when there is none, or nothing of the kind."""
    try:
        return Click(str(value["layer"]), dict(value["row"]), float(value["lat"]), float(value["lon"]))
    except (TypeError, KeyError, ValueError):
        return None


def _spec(deck: "Deck") -> str:
    """The deck as JSON, in which the rows of large layers are addresses."""
    found = json.loads(deck.to_json())
    for layer in found.get("layers", []):
        rows = json.dumps(layer.get("data"), ensure_ascii=False, separators=(",", ":")).encode()
        if isinstance(layer.get("data"), list) and len(rows) > INLINE:
            layer["data"] = _offered(rows)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _offered(rows: bytes) -> str:
    digest = hashlib.sha256(rows).hexdigest()
    found = layers.offer(owner(), ("rows", digest), lambda name: rows if name == "rows.json" else None, size=len(rows))
    return f"{found}/rows.json"
