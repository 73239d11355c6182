"""Print-safe grey: every series keeps a tone, a dash and a pattern of its own on a black-and-white printer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from analysis.views.masked import NEUTRAL
from analysis.views.pinned import Pinned
from analysis.views.theme import ACCENT, GRID, MUTED, SEQUENTIAL, SURFACE, TEXT, Theme, contrast
from data.platforms import BUILT_IN

TONES = {"light": (10.0, 60.0), "dark": (46.5, 96.5)}
"""Darkest and palest grey of a series (CIE L*), by page: all of them 3:1 against it."""
LEAST_STEP = 24.0
"""Of L* between a series and the next one."""
BANDS, ABOVE, WITHIN = 3, 0.38, 0.06
"""Greys of networks: how many far apart follow one another, how far each is above the last, and how far those that
come to the same one again lie above it; parts of the range of `TONES`."""
AGAIN = 5
"""Times that the same band is used before tones repeat."""
MOST_CATEGORIES = 8
"""Colours of a map that are told apart by tone; of more, each keeps how light it is."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "\\", "x", "-", "|", "+", ".")
SOLIDITY = 0.14
"""Of a pattern: thin enough for the words on it."""
COLOUR = re.compile(
    r"#[0-9a-fA-F]{6}(?![0-9a-fA-F])|rgba?\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*(?:,\s*[\d.]+\s*)?\)", re.IGNORECASE
)
POLES = (0.0, 100.0)
INKS = ("#ffffff", "#000000")


@dataclass(frozen=True, slots=True)
class Tones:
    """Greys of one figure.

    Attributes
    ----------
    theme : str
    series : mapping
        Grey of every series by its colour, in the order in which they appear.
    places : mapping
        Place of every series by its colour: its pattern and its dash go by it.
    """

    theme: str
    series: Mapping[str, str]
    places: Mapping[str, int]

    def text(self, text: str) -> str:
        """A colour, or words with colours in them."""
        return COLOUR.sub(lambda found: self.tone(found[0]), text)

    def tone(self, colour: str) -> str:
        """That of the series, or as light as it was; as clear as it was."""
        base, alpha = parts(colour)
        grey = self.series.get(base) or grey_of(lightness(base))
        if alpha is None:
            return grey
        level = int(grey[1:3], 16)
        return f"rgba({level},{level},{level},{alpha})"

    def place(self, colour: object) -> int | None:
        """Which series a colour is of; None for no series."""
        if not isinstance(colour, str) or not COLOUR.fullmatch(colour):
            return None
        return self.places.get(parts(colour)[0])


def grey(one: Pinned) -> Pinned:
    """The view in greys, with dashes and patterns where there are several series."""
    figure = one.view.figure
    assert isinstance(figure, dict)
    traces = figure.get("data", [])
    found = list(dict.fromkeys(colour for trace in traces for colour in _own(trace, one.theme)))
    tones = _tones(found, one)
    dashed = any(_dash(trace) not in (None, "solid") for trace in traces)
    drawn = {key: _toned(value, tones) for key, value in figure.items() if key != "data"}
    if traces:
        drawn["data"] = [_trace(trace, tones, dashes=not dashed and len(found) > 1) for trace in traces]
    return replace(one, view=replace(one.view, figure=drawn))


def _tones(found: Sequence[str], one: Pinned) -> Tones:
    """Tones of the series of a figure: those of networks are the same in every figure, on every slide."""
    known = networks(one)
    own = {colour: known[colour] for colour in found if colour in known}
    if not own.keys() - {ACCENT[one.theme]}:
        series = dict(zip(found, spaced(len(found), one.theme), strict=True))
        return Tones(one.theme, series, {colour: at for at, colour in enumerate(found)})
    free = (place for place in count() if place not in own.values())
    places = {colour: own[colour] if colour in own else next(free) for colour in found}
    return Tones(one.theme, {colour: steady(place, one.theme) for colour, place in places.items()}, places)


def networks(one: Pinned) -> dict[str, int]:
    """Place of each network by the colour in which the view draws it, blacked out or not."""
    theme = Theme(one.theme)
    drawn = {"light": 3, "dark": 4}[one.theme]
    everyone = [theme.colour(key) for key in BUILT_IN]
    own = sorted({row[0]: row[drawn] for row in one.whence.networks}.items())
    neutral = [
        colour for pair in zip(NEUTRAL[one.theme, True], NEUTRAL[one.theme, False], strict=True) for colour in pair
    ]
    found = {colour.lower(): at for at, colour in enumerate(neutral)}
    return found | {colour.lower(): at for at, colour in enumerate([*everyone, *(colour for _, colour in own)])}


def steady(place: int, theme: str) -> str:
    """Grey of a network: neighbours are far apart, and none of fifteen is like another."""
    low, high = TONES[theme]
    again, band = divmod(place, BANDS)
    return grey_of(low + (high - low) * (band * ABOVE + again % AGAIN * WITHIN))


def spaced(series: int, theme: str) -> list[str]:
    """So many greys, each at least `LEAST_STEP` from the one before."""
    low, high = TONES[theme]
    levels = np.linspace(low, high, series) if series > 1 else np.array([low + (high - low) / 3])
    half = series // 2
    order = [place for pair in zip(range(half, series), range(half + 1), strict=False) for place in pair]
    return [grey_of(float(levels[place])) for place in order[:series]]


def lightness(colour: str) -> float:
    """CIE L* (0 black, 100 white) of a hex colour."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    light = float(linear @ (0.2126, 0.7152, 0.0722))
    return 116 * light ** (1 / 3) - 16 if light > 216 / 24389 else light * 24389 / 27


def grey_of(level: float) -> str:
    """Hex grey of a lightness L*."""
    light = ((level + 16) / 116) ** 3 if level > 8 else level * 27 / 24389
    channel = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return "#" + f"{round(min(max(channel, 0), 1) * 255):02x}" * 3


def parts(colour: str) -> tuple[str, str | None]:
    """Hex colour without its opacity, and the opacity as it is written."""
    if colour.startswith("#"):
        return colour.lower(), None
    red, green, blue, *alpha = re.findall(r"[\d.]+", colour)
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}", alpha[0] if alpha else None


def _own(trace: Mapping[str, Any], theme: str) -> Iterator[str]:
    """Colours of the series that a trace draws; the inks of the page and its scale are none."""
    neutral = {table[theme].lower() for table in (SURFACE, TEXT, MUTED, GRID)} | set(SEQUENTIAL[theme])
    marker, line = trace.get("marker") or {}, trace.get("line") or {}
    nodes = [(trace.get(part) or {}).get("color") for part in ("node", "link")]
    for value in (marker.get("color"), line.get("color"), trace.get("fillcolor"), *nodes, _categories(trace)):
        for colour in value if isinstance(value, list) else [value]:
            if isinstance(colour, str) and COLOUR.fullmatch(colour):
                base, alpha = parts(colour)
                if base not in neutral and (alpha is None or float(alpha) > 0):
                    yield base


def _categories(trace: Mapping[str, Any]) -> list[str]:
    """Colours of a scale that are categories and no steps: few, and numbered by the values."""
    scale = trace.get("colorscale")
    if not isinstance(scale, list) or (trace.get("zmin"), trace.get("zmax")) != (0, len(scale) - 1):
        return []
    colours = list(dict.fromkeys(colour for _, colour in scale))
    return colours if 2 < len(colours) <= MOST_CATEGORIES and not _monotone(colours) else []


def _trace(trace: Mapping[str, Any], tones: Tones, *, dashes: bool) -> dict[str, Any]:
    drawn = {key: _scale(trace, tones) if key == "colorscale" else _toned(v, tones) for key, v in trace.items()}
    if isinstance(trace.get("marker"), Mapping) and "colorscale" in trace["marker"]:
        drawn["marker"] = {**drawn["marker"], "colorscale": _scale(trace["marker"], tones)}
    return _inked(_patterned(_dashed(drawn, trace, tones) if dashes else drawn, trace, tones), trace, tones)


def _toned(value: Any, tones: Tones) -> Any:
    if isinstance(value, str):
        return tones.text(value)
    if isinstance(value, Mapping):
        return {key: _toned(inner, tones) for key, inner in value.items()}
    return [_toned(inner, tones) for inner in value] if isinstance(value, list | tuple) else value


def _scale(of: Mapping[str, Any], tones: Tones) -> Any:
    """Steps keep how light they are; a scale with two ends goes from pale to dark, unless there are words on it."""
    scale = of["colorscale"]
    if not isinstance(scale, list):
        return "Greys"
    colours = [colour for _, colour in scale]
    if of.get("type") == "heatmap" or _monotone(colours) or _categories(of) or len(colours) > MOST_CATEGORIES:
        return [[at, tones.text(colour)] for at, colour in scale]
    dark, pale = POLES[0] + 15, POLES[1] - 5
    return [[at, grey_of(pale + (dark - pale) * at)] if _opaque(colour) else [at, colour] for at, colour in scale]


def _opaque(colour: str) -> bool:
    return parts(colour)[1] in (None, "1")


def _monotone(colours: Sequence[str]) -> bool:
    steps = np.diff([lightness(parts(colour)[0]) for colour in colours if COLOUR.fullmatch(colour)])
    return bool((steps <= 0).all() or (steps >= 0).all())


def _dash(trace: Mapping[str, Any]) -> object:
    return (trace.get("line") or {}).get("dash")


def _dashed(drawn: dict[str, Any], trace: Mapping[str, Any], tones: Tones) -> dict[str, Any]:
    """A line in the dash of its series."""
    line = trace.get("line") or {}
    place = tones.place(line.get("color"))
    if trace.get("type") != "scatter" or place is None or trace.get("stackgroup") or not line.get("width", 1):
        return drawn
    return {**drawn, "line": {**drawn["line"], "dash": DASHES[(place + place // len(DASHES)) % len(DASHES)]}}


def _patterned(drawn: dict[str, Any], trace: Mapping[str, Any], tones: Tones) -> dict[str, Any]:
    """Bars and areas in the pattern of their series."""
    if len(tones.series) < 2:
        return drawn
    if trace.get("type") == "bar" and isinstance(drawn.get("marker"), Mapping):
        colour = trace["marker"].get("color")
        each = [tones.place(one) for one in colour] if isinstance(colour, list) else tones.place(colour)
        return {**drawn, "marker": {**drawn["marker"], "pattern": _pattern(each)}}
    if trace.get("stackgroup") and trace.get("fillcolor"):
        return {**drawn, "fillpattern": _pattern(tones.place(trace["fillcolor"]))}
    return drawn


def _pattern(place: "int | list[int | None] | None") -> dict[str, Any]:
    shape = [_shape(one) for one in place] if isinstance(place, list) else _shape(place)
    ink = {"fgcolor": "#ffffff", "fgopacity": 0.5}
    return {"shape": shape, "fillmode": "overlay", **ink, "size": 7, "solidity": SOLIDITY}


def _shape(place: int | None) -> str:
    return "" if place is None else PATTERNS[place % len(PATTERNS)]


def _inked(drawn: dict[str, Any], trace: Mapping[str, Any], tones: Tones) -> dict[str, Any]:
    """Words on a shape in the ink that reads on its grey."""
    if trace.get("type") != "bar":
        return drawn
    colour = (drawn.get("marker") or {}).get("color")
    for name in ("textfont", "insidetextfont"):
        font = trace.get(name) or {}
        if "color" in font and (name == "insidetextfont" or isinstance(font["color"], list)):
            drawn = {**drawn, name: {**drawn[name], "color": _ink(colour, drawn[name]["color"], tones.theme)}}
    return drawn


def _ink(colour: object, before: object, theme: str) -> Any:
    if isinstance(colour, list):
        return [_ink(one, before, theme) for one in colour]
    if not isinstance(colour, str) or not COLOUR.fullmatch(colour):
        return before
    base, alpha = parts(colour)
    clear = 1.0 if alpha is None else float(alpha)
    mixed = clear * lightness(base) + (1 - clear) * lightness(SURFACE[theme])
    return max(INKS, key=lambda ink: contrast(ink, grey_of(mixed)))
