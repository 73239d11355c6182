"""A board as files: slides in the export's language, light, and the exporter for each kind of file."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

from analysis.views.board import BoardError, Pin, from_json, joined, variant
from analysis.views.look import Look
from analysis.views.slide import Slide, Told
from analysis.views.theme import Theme
from data.intake.watch import Watch
from data.workspace import KeptBoard, WorkspaceError
from pages.ui import board_slides, board_store, board_variants

PATIENCE, LOOK = 60.0, 0.25
"""Seconds that an export waits for the next slide that is still being drawn in its language, and between two looks."""
STAGE = "drawing"
_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    "pptx": (".pptx", f"{_OFFICE}.presentationml.presentation"),
    "html": (".html", "text/html"),
    "pdf": (".pdf", "application/pdf"),
    "png": ("-png.zip", "application/zip"),
    "svg": ("-svg.zip", "application/zip"),
    "xlsx": (".xlsx", f"{_OFFICE}.spreadsheetml.sheet"),
}
"""End of the file's name and its type."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be built.

    Attributes
    ----------
    format : str
        Key of `FORMATS`.
    lang : str
    board : KeptBoard
    pins : tuple of Pin
        Those chosen, in their order.
    asker : str
        Who builds it.
    template : bytes or None
        Of PowerPoint.
    mask, grey : bool
        Networks as letters; print-safe greys.
    """

    format: str
    lang: str
    board: KeptBoard
    pins: tuple[Pin, ...]
    asker: str
    template: bytes | None = None
    mask: bool = False
    grey: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """A file to take.

    Attributes
    ----------
    board : str
        Id of the board it is of.
    name, mime : str
    data : bytes
    slides : int
    lost : tuple of str
        Titles of pins that could not be read and are not in it.
    other : tuple of str
        Titles of slides that are in it in another language.
    """

    board: str
    name: str
    mime: str
    data: bytes
    slides: int
    lost: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no file: a sentence in the reader's language."""

    said: str


def build(wanted: Wanted, look: Look, watch: Watch) -> Built | Refused:
    """Build a file.

    Parameters
    ----------
    look : Look
        Of the reader, who is told in it what goes wrong; the file is in the language wanted.
    watch : Watch
        Told slide by slide.

    Raises
    ------
    Cancelled
        It was stopped.
    """
    from analysis.views.report.browser import NoBrowser
    from analysis.views.slides import TemplateError

    try:
        pins = _waited(wanted, watch)
    except (WorkspaceError, BoardError) as error:
        return Refused(board_store.why(look, error))
    every = board_slides.shown(pins, dressed(wanted), board_slides.from_shelf(wanted.board.id, wanted.asker))
    slides = [one.slide for one in every if one.slide is not None]
    name, slides = _altered(wanted, slides)
    if not slides:
        why = next((one.problem for one in every if isinstance(one.problem, WorkspaceError)), None)
        return Refused(board_store.why(look, why) if why is not None else look.say("board.nothing_to_export"))
    try:
        data = _BUILDERS[wanted.format](slides, wanted, name, lambda done, total: watch.report(STAGE, done, total))
    except TemplateError as error:
        return Refused(look.say(f"deck.template_{error.code}", **error.values))
    except NoBrowser as error:
        return Refused(error.said(look))
    end, mime = FORMATS[wanted.format]
    lost = tuple(one.name or one.pin.key for one in every if one.slide is None)
    other = tuple(one.name for one in every if one.slide is not None and one.lacks(wanted.lang))
    return Built(wanted.board.id, file_name(name) + end, mime, data, len(slides), lost, other)


def dressed(wanted: Wanted) -> Look:
    """The language of the file, light."""
    return Look(wanted.lang, Theme("light"))


def _waited(wanted: Wanted, watch: Watch) -> list[Pin]:
    """The pins as soon as what the file shows of each is kept, or nothing more is drawn, or it takes too long."""
    shows, most, until = variant(wanted.lang, dressed(wanted).theme.mode), -1, 0.0
    while True:
        drawing = board_variants.filling(wanted.board.id)
        pins = _newest(wanted)
        there = sum(not pin.parts or shows in pin.parts for pin in pins)
        if there > most:
            most, until = there, time.monotonic() + PATIENCE
        if there == len(pins) or not drawing or time.monotonic() > until:
            watch.report(STAGE)
            return pins
        watch.report(STAGE, there, len(pins))
        time.sleep(LOOK)


def _newest(wanted: Wanted) -> list[Pin]:
    """The pins with the languages that have been drawn meanwhile."""
    board = from_json(board_store.shelf().open(wanted.board.id, asker=wanted.asker).document)
    now = {pin.id: pin for pin in board.pins}
    return [joined(pin, now.get(pin.id)) for pin in wanted.pins]


def _altered(wanted: Wanted, slides: Sequence[Slide]) -> tuple[str, list[Slide]]:
    """Name of the board and slides, without names or colours where that is wanted."""
    from analysis.views.grey import grey
    from analysis.views.masked import mask_of, masked_slide

    name, found = wanted.board.name, list(slides)
    if wanted.mask:
        mask = mask_of(wanted.board.id, [slide.one for slide in slides])
        name, found = mask.text(name, wanted.lang), [masked_slide(slide, mask) for slide in found]
    if wanted.grey:
        found = [replace(slide, one=grey(slide.one)) for slide in found]
    return name, found


def file_name(text: str) -> str:
    """A name that every system takes, in any script."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:80] or "posthouse"


def _pptx(slides: Sequence[Slide], wanted: Wanted, name: str, told: Told) -> bytes:
    from analysis.views.slides import deck

    return deck(slides, dressed(wanted), name=name, template=wanted.template, told=told)


def _html(slides: Sequence[Slide], wanted: Wanted, name: str, told: Told) -> bytes:
    from analysis.views.report import html

    return html(slides, dressed(wanted), name=name, told=told)


def _pdf(slides: Sequence[Slide], wanted: Wanted, name: str, told: Told) -> bytes:
    from analysis.views.report import pdf

    return pdf(slides, dressed(wanted), name=name, told=told)


def _png(slides: Sequence[Slide], wanted: Wanted, name: str, told: Told) -> bytes:
    from analysis.views.report import images

    return _zipped(slides, "png", lambda slide: images.png(slide.one, dressed(wanted), title=slide.title), told)


def _svg(slides: Sequence[Slide], wanted: Wanted, name: str, told: Told) -> bytes:
    from analysis.views.report import images

    return _zipped(slides, "svg", lambda slide: images.svg(slide.one, dressed(wanted), title=slide.title), told)


def _xlsx(slides: Sequence[Slide], wanted: Wanted, name: str, told: Told) -> bytes:
    from analysis.views.report import sheets

    return sheets.workbook(slides, dressed(wanted), name=name, told=told)


_BUILDERS: dict[str, Callable[[Sequence[Slide], Wanted, str, Told], bytes]] = {
    "pptx": _pptx,
    "html": _html,
    "pdf": _pdf,
    "png": _png,
    "svg": _svg,
    "xlsx": _xlsx,
}


def _zipped(slides: Sequence[Slide], end: str, drawn: Callable[[Slide], bytes], told: Told) -> bytes:
    """One picture a slide, numbered in the order of the board."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as folder:
        for n, slide in enumerate(slides, 1):
            told(n - 1, len(slides))
            folder.writestr(f"{n:02d}-{file_name(slide.title)}.{end}", drawn(slide))
    told(len(slides), len(slides))
    return buffer.getvalue()
