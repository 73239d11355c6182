"""What a template's theme says: the colours of its words, and how large its titles are."""

from collections.abc import Mapping
from typing import Any

from analysis.views.slide import Ink
from analysis.views.theme import GRID as GRID_INK
from analysis.views.theme import MUTED as MUTED_INK
from analysis.views.theme import TEXT, rgb

_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
LARGEST_TITLE = 44
"""Points where nothing is said."""
MUTED, GRID = 0.65, 0.15
"""How much of the ink is in quiet words and in thin lines; the rest is the page."""


def ink_of(master: Any) -> Ink:
    """Ink in the colours of the theme; fonts are left to it."""
    from lxml import etree
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.oxml.ns import qn

    root = etree.fromstring(master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob)
    clothes = master._element.find(qn("p:clrMap"))
    text, page, accent = (_colour(root, clothes.get(name)) for name in ("tx1", "bg1", "accent1"))
    return Ink(None, None, text, _mixed(text, page, MUTED), _mixed(text, page, GRID), accent)


def _colour(root: Any, name: str) -> str:
    slot = root.find(f".//{_MAIN}clrScheme/{_MAIN}{name}")
    found = slot[0]
    return str(found.get("lastClr") or found.get("val")).upper()


def _mixed(first: str, second: str, part: float) -> str:
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (0, 2, 4))
    return "".join(f"{round(a * part + b * (1 - part)):02X}" for a, b in pairs)


def title_size(layout: Any) -> float:
    """Points of the titles of a layout: its own, or those of its master."""
    from pptx.enum.shapes import PP_PLACEHOLDER
    from pptx.oxml.ns import qn

    titles = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
    places = [
        shape._element
        for place in (layout, layout.slide_master)
        for shape in place.placeholders
        if shape.placeholder_format.type in titles
    ]
    places.append(layout.slide_master._element.find(f".//{qn('p:titleStyle')}"))
    for place in places:
        for level in place.iter(qn("a:lvl1pPr")):
            properties = level.find(qn("a:defRPr"))
            if properties is not None and properties.get("sz"):
                return int(properties.get("sz")) / 100
    return LARGEST_TITLE


def inked(figure: Mapping[str, Any], ink: Ink) -> dict[str, Any]:
    """A figure whose words, quiet words and thin lines have the colours of a template in place of a light page's."""
    pairs = ((TEXT, ink.text), (MUTED_INK, ink.muted), (GRID_INK, ink.grid))
    swaps = {colours["light"]: f"#{new.lower()}" for colours, new in pairs}
    swaps |= {_channels(old): _channels(new) for old, new in swaps.items()}
    found = _swapped(figure, swaps)
    assert isinstance(found, dict)
    return found


def _channels(colour: str) -> str:
    return "rgba({},{},{},".format(*rgb(colour)[:3])


def _swapped(value: Any, swaps: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _swapped(one, swaps) for key, one in value.items()}
    if isinstance(value, list):
        return [_swapped(one, swaps) for one in value] if any(map(_can_hold_colour, value)) else value
    if isinstance(value, str):
        for old, new in swaps.items():
            value = value.replace(old, new)
    return value


def _can_hold_colour(value: Any) -> bool:
    return isinstance(value, str | list | Mapping)
