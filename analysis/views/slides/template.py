"""The ground of a deck: our own look, or a template of the reader's, checked before it is opened."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.views.slide import Ink
from analysis.views.slides import cleared, master, themes
from analysis.views.slides.text import INCH, POINT, Box

LARGEST, UNPACKED, MOST_PARTS = 60_000_000, 400_000_000, 5_000
"""Bytes of a template, bytes of all that is packed in it, and how many parts it may have."""
LARGEST_TEXT = 60_000_000
"""Bytes of its XML, which takes some ten times as much memory once it is read."""
LEAST_BODY = 0.3
"""Part of a slide that must be left for a chart."""
CAPTION, GAP, SOURCE = 0.4, 0.1, 0.26
"""Inches: height of the line below the title, gaps, and height of the source line."""
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MEMBER = b"PK\x01\x02"
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TEMPLATE, _SHOW = b"presentationml.template.main+xml", b"presentationml.presentation.main+xml"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, SyntaxError)
_ODD = (KeyError, ValueError, AttributeError, TypeError, IndexError)


class TemplateError(ValueError):
    """A file that cannot be the template of a deck.

    Attributes
    ----------
    code : str
        Key of its sentence below `deck.template_` in the catalogue.
    values : dict
        What the sentence names.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Ground:
    """An empty presentation and where things go on its slides.

    Attributes
    ----------
    show : pptx.presentation.Presentation
    ink : Ink
    cover, page : pptx.slide.SlideLayout
    own : bool
        Our look, no template.
    title : tuple of int
        Width and height of a title, EMU.
    title_size : float
        Points of a title as the layout has it.
    caption, body, source : tuple of int
        Boxes (left, top, width, height), EMU.
    """

    show: Any
    ink: Ink
    cover: Any
    page: Any
    own: bool
    title: tuple[int, int]
    title_size: float
    caption: Box
    body: Box
    source: Box


def ground(template: bytes | None) -> Ground:
    """Open the template, or our own look, without any slide.

    Raises
    ------
    TemplateError
        The template is broken, protected, too large, holds macros or objects or reaches out, or no layout of it has
        room.
    """
    ink = Ink()
    if template is None:
        show = master.fresh(ink)
        cleared.clear(show)
        page = next(one for one in show.slide_layouts if one._element.get("type") == "titleOnly")
        return _measured(show, ink, page, show.slide_layouts[0], own=True)
    try:
        show = _opened(_checked(template))
        _emptied(show)
        page = _roomiest(show)
        cover = next((one for one in show.slide_layouts if one._element.get("type") == "title" and _title(one)), page)
        return _measured(show, themes.ink_of(show.slide_master), page, cover, own=False)
    except TemplateError:
        raise
    except (*_BROKEN, *_ODD) as error:
        raise TemplateError("damaged") from error


def _checked(template: bytes) -> bytes:
    """The template as a presentation, once it is known to be harmless."""
    if len(template) > LARGEST:
        raise TemplateError("too_large", size=f"{len(template) / 1e6:.0f}", most=f"{LARGEST / 1e6:.0f}")
    if template.startswith(_COMPOUND):
        raise TemplateError("protected")
    if not zipfile.is_zipfile(io.BytesIO(template)):
        raise TemplateError("no_presentation")
    if template.count(_MEMBER) > 10 * MOST_PARTS:
        raise TemplateError("bomb", most=f"{UNPACKED / 1e6:.0f}")
    with zipfile.ZipFile(io.BytesIO(template)) as packed:
        entries = packed.infolist()
        if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > UNPACKED:
            raise TemplateError("bomb", most=f"{UNPACKED / 1e6:.0f}")
        if sum(entry.file_size for entry in entries if _is_text(entry.filename)) > LARGEST_TEXT:
            raise TemplateError("bomb", most=f"{LARGEST_TEXT / 1e6:.0f}")
        names = {entry.filename for entry in entries}
        if any(entry.flag_bits & 1 for entry in entries):
            raise TemplateError("protected")
        if not {"[Content_Types].xml", "ppt/presentation.xml"} <= names:
            raise TemplateError("no_presentation")
        parts = {entry.filename: packed.read(entry) for entry in entries if _is_text(entry.filename)}
        types = parts["[Content_Types].xml"]
        if b"macroEnabled" in types or any("vbaproject" in one.lower() or "/activex/" in one.lower() for one in names):
            raise TemplateError("macros")
        if any(_ENTITY.search(content) or not cleared.readable(content) for content in parts.values()):
            raise TemplateError("damaged")
        return template if _TEMPLATE not in types else _repacked(packed, types.replace(_TEMPLATE, _SHOW))


def _is_text(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _repacked(packed: zipfile.ZipFile, types: bytes) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_STORED) as out:
        for entry in packed.infolist():
            out.writestr(entry.filename, types if entry.filename == "[Content_Types].xml" else packed.read(entry))
    return found.getvalue()


def _opened(content: bytes) -> Any:
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    try:
        return Presentation(io.BytesIO(content))
    except PythonPptxError as error:
        raise TemplateError("no_presentation") from error


def _emptied(show: Any) -> None:
    """Drop the slides of a template, what refers to them and whose it was; what is left must load nothing."""
    from pptx.oxml.ns import qn

    root = show.part._element
    slides = root.find(qn("p:sldIdLst"))
    for one in list(slides if slides is not None else ()):
        show.part.drop_rel(one.rId)
        slides.remove(one)
    for name in ("p:custShowLst", "p:extLst"):
        for old in root.findall(qn(name)):
            root.remove(old)
    cleared.clear(show)
    if cleared.reaches_out(show):
        raise TemplateError("reaches_out")
    if cleared.holds_objects(show):
        raise TemplateError("objects")


def _roomiest(show: Any) -> Any:
    """The layout with a title and, of those with the fewest other places, the most room below it."""
    whole = show.slide_width * show.slide_height
    fit = [one for one in show.slide_layouts if _title(one) is not None]
    free = {id(one): _free(one, show) for one in fit}
    fit = [one for one in fit if free[id(one)][2] * free[id(one)][3] >= LEAST_BODY * whole]
    if not fit:
        raise TemplateError("no_layout")
    return max(fit, key=lambda one: (one._element.get("type") == "titleOnly", -len(_others(one)), free[id(one)][3]))


def _title(layout: Any) -> Any:
    from pptx.enum.shapes import PP_PLACEHOLDER

    titles = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
    return next((one for one in layout.placeholders if one.placeholder_format.type in titles), None)


def _others(layout: Any) -> list[Any]:
    return [one for one in layout.placeholders if one.placeholder_format.type not in _foot_types()]


def _foot_types() -> tuple[Any, ...]:
    from pptx.enum.shapes import PP_PLACEHOLDER

    return PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER


def _feet(layout: Any, height: int) -> Iterator[int]:
    """Where date, footer and page number begin, at the foot of a slide."""
    for one in layout.placeholders:
        if one.placeholder_format.type in _foot_types() and one.top is not None and one.top > 0.75 * height:
            yield int(one.top)


def _free(layout: Any, show: Any) -> Box:
    """What is left of a slide below its title and above its foot."""
    title, width, height = _title(layout), int(show.slide_width), int(show.slide_height)
    margin = round(width * 0.045)
    left, wide = (int(title.left), int(title.width)) if title.width > width * 0.6 else (margin, width - 2 * margin)
    bottom = min((*_feet(layout, height), height - margin // 2))
    top = int(title.top + title.height)
    return left, top, wide, max(bottom - top, 0)


def _measured(show: Any, ink: Ink, page: Any, cover: Any, *, own: bool) -> Ground:
    left, top, wide, high = _free(page, show)
    caption, gap, source = (round(side * INCH) for side in (CAPTION, GAP, SOURCE))
    title = _title(page)
    last = round(master.FOOT * INCH) if own else top + high - source
    body = (left, top + caption + gap, wide, last - top - caption - 2 * gap)
    aside = round(1.0 * INCH) if own else 0
    return Ground(
        show,
        ink,
        cover,
        page,
        own,
        (int(title.width), int(title.height)),
        themes.title_size(page),
        (left, top + gap // 3, wide, caption),
        body,
        (left, last, wide - aside, source if not own else round(24 * POINT)),
    )
