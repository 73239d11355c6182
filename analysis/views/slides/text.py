"""Words on a slide: runs with their language and fonts, and how large they can be."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analysis.views.slide import Ink

Box = tuple[int, int, int, int]
"""Left, top, width and height, EMU."""
Align = Literal["left", "right", "centre"]
POINT = 12_700
"""EMU."""
INCH = 914_400
LINE = 1.2
"""Height of a line, in its size."""
APART = 50_000
"""Thousandths of a per cent of a line, between paragraphs."""
SPOKEN = {"en": "en-GB", "zh": "zh-CN"}
WIDE, BROAD, CAPITAL, NARROW, MIDDLE = 1.0, 0.86, 0.7, 0.3, 0.53
"""Widths of letters, in their size: Chinese, the broad ones, capitals, thin ones, all others."""
_ALIGN = {"left": "l", "right": "r", "centre": "ctr"}
_ANCHOR = {"top": "t", "middle": "ctr", "bottom": "b"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ICON = re.compile(r":material/\w+:\s*")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?(?:a|b|em|extra|i|small|span|strong|sub|sup)\b[^>]*>")
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


@dataclass(frozen=True, slots=True)
class Hand:
    """How words are written: in which language, fonts and colours.

    Attributes
    ----------
    ink : Ink
    lang : str
        "en" or "zh".
    size : float
        Points.
    colour : str
        Hex without "#"; empty for that of the placeholder.
    apart : bool
        Half a line between paragraphs.
    """

    ink: Ink
    lang: str
    size: float = 0
    colour: str = ""
    bold: bool | None = None
    align: Align | None = None
    apart: bool = False


def clean(text: str) -> str:
    """Text that a file can hold: no control characters, half surrogates or marks of a page."""
    return _CONTROL.sub("", text)


def unmarked(text: str) -> str:
    """Text without tags, icons, links and stars of the page."""
    broken = re.sub(r"<br\s*/?>", "\n", text)
    return clean(_TAG.sub("", _LINK.sub(r"\1", _ICON.sub("", broken)))).replace("**", "")


def width(text: str, size: float) -> float:
    """About how wide a line of text is, in points."""
    return size * sum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    if ord(letter) >= 0x2E80:
        return WIDE
    if letter in "iljtfr.,:;'|!()[] ":
        return NARROW
    if letter in "mwMW%—":
        return BROAD
    return CAPITAL if letter.isupper() else MIDDLE


def lines(text: str, size: float, room: float) -> int:
    """About how many lines a text takes in so many points."""
    return sum(max(math.ceil(width(part, size) / room), 1) for part in text.split("\n"))


def fitting(text: str, box: tuple[int, int], sizes: Sequence[float], *, most: int = 99, bold: bool = False) -> float:
    """The first of `sizes` at which the text fits into a box (width, height; EMU) on at most so many lines."""
    room, height = box[0] / POINT * (0.88 if bold else 0.95), box[1] / POINT
    fits = (s for s in sizes if (n := lines(text, s, room)) <= most and n * s * LINE <= height * 1.02)
    return next(fits, sizes[-1])


def write(frame: Any, text: str, hand: Hand, *, anchor: str = "") -> None:
    """Fill a text frame: a paragraph a line, what stands between double stars in bold."""
    fill(frame._txBody, text, hand, anchor=anchor)


def fill(body: Any, text: str, hand: Hand, *, anchor: str = "") -> None:
    """The same for the body itself (`p:txBody`)."""
    from pptx.oxml.ns import qn

    for old in body.findall(qn("a:p")):
        body.remove(old)
    for line in clean(text).split("\n"):
        body.append(_paragraph(line, hand))
    if anchor:
        body.find(qn("a:bodyPr")).set("anchor", _ANCHOR[anchor])


def _paragraph(line: str, hand: Hand) -> Any:
    from pptx.oxml import parse_xml

    paragraph = parse_xml(f'<a:p xmlns:a="{_DRAWING}"/>')
    if hand.align or hand.apart:
        properties = _child(paragraph, "pPr")
        if hand.align:
            properties.set("algn", _ALIGN[hand.align])
        if hand.apart:
            _child(_child(properties, "spcAft"), "spcPct").set("val", str(APART))
    for at, part in enumerate(_ICON.sub("", _LINK.sub(r"\1", line)).split("**")):
        if part:
            run = _child(paragraph, "r")
            dress(_child(run, "rPr"), hand, bold=True if at % 2 else hand.bold)
            _child(run, "t").text = _TAG.sub("", part)
    return paragraph


def dress(properties: Any, hand: Hand, *, bold: bool | None = None) -> None:
    """Language, size, colour and fonts of a run (`a:rPr`)."""
    properties.set("lang", SPOKEN[hand.lang])
    if hand.lang == "zh":
        properties.set("altLang", SPOKEN["en"])
    if hand.size:
        properties.set("sz", str(round(hand.size * 100)))
    if bold is not None:
        properties.set("b", str(int(bold)))
    if hand.colour:
        _child(_child(properties, "solidFill"), "srgbClr").set("val", hand.colour)
    for tag, face in (("latin", hand.ink.latin), ("ea", hand.ink.east_asian)):
        if face:
            _child(properties, tag).set("typeface", face)


def _child(parent: Any, tag: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, f"{{{_DRAWING}}}{tag}")


def put(shapes: Any, box: Box, text: str, hand: Hand, *, anchor: str = "top", name: str = "") -> Any:
    """A text box without margins; its shape."""
    shape = shapes.add_textbox(*box)
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    write(frame, text, hand, anchor=anchor)
    if name:
        shape.name = clean(name)
    return shape


def describe(shape: Any, alt: str, *, name: str = "") -> None:
    """Give a shape, picture, table or chart the words that stand for it, and its name in the list of objects."""
    from pptx.oxml.ns import qn

    properties = next(iter(shape._element.iter(qn("p:cNvPr"))))
    properties.set("descr", unmarked(alt))
    if name:
        properties.set("name", unmarked(name))
