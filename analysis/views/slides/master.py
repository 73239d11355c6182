"""The deck's own look: 16:9, quiet, with fonts for both languages in its theme."""

from typing import Any

from analysis.views.slide import Ink
from analysis.views.slides.text import INCH
from data.platforms import BUILT_IN

WIDTH, HEIGHT = round(13.333 * INCH), round(7.5 * INCH)
SIDE, TITLE_TOP, TITLE_HIGH, FOOT = 0.6, 0.36, 0.92, 6.98
"""Inches: margins left and right, where titles begin and how high they are, where the foot begins."""
TITLE, COVER = 26, 40
"""Points."""
ACCENTS = 6
_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def fresh(ink: Ink) -> Any:
    """An empty presentation of 16:9 in our look."""
    from pptx import Presentation

    show: Any = Presentation()
    wider = WIDTH / show.slide_width
    show.slide_width, show.slide_height = WIDTH, HEIGHT
    master = show.slide_master
    for place in (master, *show.slide_layouts):
        for shape in place.placeholders:
            if shape._element.spPr.xfrm is not None:
                shape.left, shape.width = round(shape.left * wider), round(shape.width * wider)
    for place in (master, *(one for one in show.slide_layouts if one._element.get("type") == "titleOnly")):
        _place(place)
    _cover(show.slide_layouts[0])
    _title_style(master)
    _accent(master, ink)
    _theme(master, ink)
    return show


def _inches(*sides: float) -> tuple[int, ...]:
    return tuple(round(side * INCH) for side in sides)


def _place(place: Any) -> None:
    """Title above, page number at the lower right."""
    from pptx.enum.shapes import PP_PLACEHOLDER

    for shape in place.placeholders:
        match shape.placeholder_format.type:
            case PP_PLACEHOLDER.TITLE:
                box = _inches(SIDE, TITLE_TOP, WIDTH / INCH - 2 * SIDE, TITLE_HIGH)
            case PP_PLACEHOLDER.SLIDE_NUMBER:
                box = _inches(WIDTH / INCH - SIDE - 0.8, FOOT, 0.8, 0.3)
            case _:
                continue
        shape.left, shape.top, shape.width, shape.height = box
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0


def _cover(layout: Any) -> None:
    from pptx.enum.shapes import PP_PLACEHOLDER

    for shape in layout.placeholders:
        if shape.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE:
            box = _inches(SIDE, 1.7, WIDTH / INCH - 2 * SIDE, 2.0)
        elif shape.placeholder_format.type == PP_PLACEHOLDER.SUBTITLE:
            box = _inches(SIDE, 3.9, WIDTH / INCH - 2 * SIDE, 1.8)
        else:
            continue
        shape.left, shape.top, shape.width, shape.height = box
        shape.text_frame.margin_left = 0


def _title_style(master: Any) -> None:
    """Titles: left, bold, at the foot of their box, in their own size."""
    from pptx.oxml.ns import qn

    level = master._element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    level.set("algn", "l")
    level.find(qn("a:defRPr")).set("sz", str(TITLE * 100))
    level.find(qn("a:defRPr")).set("b", "1")
    body = master.placeholders[0].text_frame._txBody.find(qn("a:bodyPr"))
    body.set("anchor", "b")
    for fitted in list(body):
        body.remove(fitted)


def _accent(master: Any, ink: Ink) -> None:
    """A short bar above the titles, behind all else."""
    from pptx.oxml import parse_xml

    from analysis.views.slides.vectors import Paint, square

    left, top, wide, high = _inches(SIDE, 0.22, 0.7, 0.05)
    bar = square((left, top, wide, high), Paint("#" + ink.accent), name="-").replace("@ID@", "90")
    spaces = " ".join(f'xmlns:{one}="{master._element.nsmap[one]}"' for one in ("a", "p"))
    master.shapes._spTree.insert(2, parse_xml(bar.replace("<p:sp>", f"<p:sp {spaces}>", 1)))


def _theme(master: Any, ink: Ink) -> None:
    """Our fonts and colours in the theme, so that what is added by hand takes them."""
    from lxml import etree
    from pptx.opc.constants import RELATIONSHIP_TYPE

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(part.blob)
    for fonts in (root.find(f".//{_MAIN}majorFont"), root.find(f".//{_MAIN}minorFont")):
        fonts.find(f"{_MAIN}latin").set("typeface", ink.latin or "Arial")
        for face in (fonts.find(f"{_MAIN}ea"), fonts.find(f"{_MAIN}font[@script='Hans']")):
            face.set("typeface", ink.east_asian or "Microsoft YaHei")
    colours = {"dk1": ink.text, "dk2": ink.text, "hlink": ink.accent, "folHlink": ink.muted}
    first = [one.light.lstrip("#").upper() for one in BUILT_IN.values()][:ACCENTS]
    colours |= {f"accent{at + 1}": colour for at, colour in enumerate(first)}
    for name, colour in colours.items():
        slot = root.find(f".//{_MAIN}clrScheme/{_MAIN}{name}")
        for old in list(slot):
            slot.remove(old)
        etree.SubElement(slot, f"{_MAIN}srgbClr").set("val", colour)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
