"""A board as a PowerPoint file."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.views.look import Look
from analysis.views.report.legend import legend
from analysis.views.slide import MARK, Slide, Told, untold
from analysis.views.slides import cleared, keys, maps, speaker, tables
from analysis.views.slides.native import native
from analysis.views.slides.settled import settled
from analysis.views.slides.template import Ground, ground
from analysis.views.slides.text import INCH, POINT, SPOKEN, Box, Hand, clean, describe, fitting, put, unmarked, write
from analysis.views.slides.themes import inked

CAPTION, SOURCE, TAG = 12, 10, 12
"""Points of the line below the title, of the one at the foot, and of the mark of an answer."""
SMALLEST = 12
SHRUNK = (1, 0.92, 0.85, 0.77, 0.7, 0.62, 0.54, 0.46)
"""Parts of a title's size that are tried, largest first."""
TITLE_LINES = 2
WORDS = (32, 28, 24, 22, 20, 18, 16, 14, 12, 11, 10)
"""Points of a text that is a slide of its own: the largest that fits."""
FULL_LINE = 0.8
"""Part of the width that a long text takes, so that lines stay readable."""
PICTURE_PIXELS = 96
"""To an inch, before the picture is doubled."""

_SIZE = re.compile(r'width="[^"]*" height="[^"]*"')


@dataclass(slots=True)
class _Work:
    """A deck while it is written."""

    ground: Ground
    look: Look
    said: list[str] = field(default_factory=list)


def deck(
    slides: Sequence[Slide], look: Look, *, name: str, template: bytes | None = None, told: Told = untold
) -> bytes:
    """Write slides as PowerPoint: charts, tables and maps that can be edited, with source and notes below each.

    Parameters
    ----------
    slides : sequence of Slide
        In their order. A long table takes up to `tables.CONTINUED` slides.
    look : Look
        Language of the deck; a slide in another language stays in its own.
    name : str
        Of the board: the title of the cover and of the file.
    template : bytes, optional
        A .pptx or .potx file whose master, fonts and size are used; its slides are left out.
    told : callable
        Told of each slide before it is drawn, and at the end; may raise `Cancelled`.

    Returns
    -------
    bytes
        A .pptx file: the same for the same slides.

    Raises
    ------
    TemplateError
        The template cannot be used.
    """
    work = _Work(ground(template), look)
    made = max((slide.made for slide in slides), default="")
    _cover(work, slides, name, made)
    for at, slide in enumerate(slides):
        told(at, len(slides))
        _draw(work, slide)
    told(len(slides), len(slides))
    _properties(work, name, made)
    cleared.inscribe(work.ground.show)
    packed = io.BytesIO()
    work.ground.show.save(packed)
    return settled(packed.getvalue(), made)


def _properties(work: _Work, name: str, made: str) -> None:
    from datetime import datetime

    properties = work.ground.show.core_properties
    properties.title, properties.language = clean(name)[:255], SPOKEN[work.look.lang]
    properties.author = properties.last_modified_by = cleared.APPLICATION
    properties.subject = properties.keywords = properties.comments = properties.category = ""
    properties.revision = 1
    if made:
        properties.created = properties.modified = datetime.fromisoformat(made)


def _hand(work: _Work, size: float, colour: str, lang: str = "", **style: Any) -> Hand:
    return Hand(work.ground.ink, lang or work.look.lang, size, colour, **style)


def _cover(work: _Work, slides: Sequence[Slide], name: str, made: str) -> None:
    """Name of the board, its data and its day."""
    look, here = work.look, work.ground
    page = here.show.slides.add_slide(here.cover)
    sources = dict.fromkeys(slide.one.whence.source for slide in slides if slide.one.whence.source)
    versions = dict.fromkeys(slide.one.whence.version[:MARK] for slide in slides if slide.one.whence.version)
    counted = look.say("deck.cover_views_one") if len(slides) == 1 else look.say("deck.cover_views", n=len(slides))
    lines = [unmarked(source) for source in sources]
    lines += [look.say("deck.cover_version", version=version) for version in versions]
    if made:
        day = look.say("deck.cover_made", date=speaker.day(made, look))
        lines.append(look.say("deck.separator").join([day, counted]))
    title = page.shapes.title
    size = fitting(name, (title.width, title.height), (40, 36, 32, 28, 24, 20), bold=True) if here.own else 0
    align = "left" if here.own else None
    write(title.text_frame, name, _hand(work, size, "", align=align))
    rest = [one for one in page.placeholders if one.shape_id != title.shape_id]
    if rest:
        write(rest[0].text_frame, "\n".join(lines), _hand(work, 18 if here.own else 0, "", align=align))
    else:
        put(page.shapes, here.body, "\n".join(lines), _hand(work, 18, here.ink.muted))
    _drop(rest[1:])


def _drop(places: Sequence[Any]) -> None:
    for one in places:
        one._element.getparent().remove(one._element)


def _draw(work: _Work, slide: Slide) -> None:
    """One slide, or those that a long table takes."""
    look = replace(work.look, lang=slide.one.lang)
    work.said = []
    if slide.one.kind == "table":
        _tables(work, slide, look)
        return
    page = _page(work, slide, ())
    if slide.one.kind == "words":
        _words(work, page, slide)
    elif not _figure(work, page, slide, look):
        _without(work, page, slide, look)
    _speak(work, page, slide, look)


def _page(work: _Work, slide: Slide, more: Sequence[str]) -> Any:
    """A slide with title, caption, source and page number, its middle still empty."""
    here, lang = work.ground, slide.one.lang
    look = replace(work.look, lang=lang)
    page = here.show.slides.add_slide(here.page)
    title, words = page.shapes.title, unmarked(slide.title).replace("\n", " ")
    sizes = [max(round(here.title_size * part), SMALLEST) for part in SHRUNK]
    two = fitting(words, here.title, sizes, most=TITLE_LINES, bold=True)
    size = two if two > sizes[-1] else fitting(words, here.title, sizes, bold=True)
    write(title.text_frame, words, _hand(work, 0 if size >= here.title_size else size, "", lang))
    _drop([one for one in page.placeholders if one.shape_id != title.shape_id])
    _line(work, page, here.caption, speaker.measure(slide, look, more), CAPTION, lang, look.say("deck.note_measure"))
    _line(work, page, here.source, speaker.below(slide, look), SOURCE, lang, look.say("deck.source"))
    _number(work, page)
    if slide.what == "answer":
        _answered(work, page, slide, look)
    return page


def _line(work: _Work, page: Any, box: Box, text: str, size: float, lang: str, name: str) -> None:
    if text:
        sizes = [size - step for step in range(4)]
        fits = fitting(text, (box[2], box[3]), sizes)
        put(page.shapes, box, text, _hand(work, fits, work.ground.ink.muted, lang), name=name)


def _answered(work: _Work, page: Any, slide: Slide, look: Look) -> None:
    """The mark of an answer, above the title at the right."""
    left, _, width, _ = work.ground.caption
    high = round(TAG * 1.6 * POINT)
    title = page.shapes.title
    box = (left, max(int(title.top) - high, 0), width, high)
    text = look.say("deck.answer", date=speaker.stamp(slide.made, look))
    put(page.shapes, box, text, _hand(work, TAG, work.ground.ink.accent, look.lang, bold=True, align="right"))


def _number(work: _Work, page: Any) -> None:
    """The page number, in the place that the layout has for it."""
    from copy import deepcopy

    from pptx.enum.shapes import PP_PLACEHOLDER
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls, qn

    places = work.ground.page.placeholders
    place = next((one for one in places if one.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER), None)
    if place is None:
        return
    element = deepcopy(place._element)
    body, properties = element.find(qn("p:txBody")), element.find(qn("p:spPr"))
    for old in (*body.findall(qn("a:p")), *properties):
        old.getparent().remove(old)
    lang = SPOKEN[work.look.lang]
    field_ = '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
    number = len(work.ground.show.slides)
    run = f'<a:rPr lang="{lang}"/><a:t>{number}</a:t></a:fld>'
    align = '<a:pPr algn="r"/>' if work.ground.own else ""
    body.append(parse_xml(f"<a:p {nsdecls('a')}>{align}{field_}{run}</a:p>"))
    next(element.iter(qn("p:cNvPr"))).set("id", str(max(one.shape_id for one in page.shapes) + 1))
    page.shapes._spTree.append(element)


def _speak(work: _Work, page: Any, slide: Slide, look: Look) -> None:
    frame = page.notes_slide.notes_text_frame
    write(frame, speaker.said(slide, look, work.said), Hand(work.ground.ink, look.lang))


def _words(work: _Work, page: Any, slide: Slide) -> None:
    """A text as large as it can be; where the title repeats it, the rest alone."""
    text = slide.one.view.caption or slide.note
    left, top, width, height = work.ground.body
    wide = round(width * FULL_LINE)
    gaps = text.count("\n") / (2 * max(len(text.split("\n")), 1))
    size = fitting(unmarked(text), (wide, round(height / (1 + gaps))), WORDS)
    hand = _hand(work, size, work.ground.ink.text, slide.one.lang, apart=True)
    put(page.shapes, (left, top, wide, height), text, hand, name=work.look.say("deck.words"))


def _tables(work: _Work, slide: Slide, look: Look) -> None:
    parts = tables.pages(slide.one.view.table, look)
    for at, (cells, left_out) in enumerate(parts):
        of = look.say("deck.part", n=at + 1, total=len(parts)) if len(parts) > 1 else ""
        page = _page(work, slide, [one for one in (of, left_out) if one])
        alt = slide.one.view.alt or slide.title
        name = look.say("deck.table")
        tables.table(page.shapes, work.ground.body, cells, look, work.ground.ink, alt=alt, name=name)
        _speak(work, page, slide, look)


def _figure(work: _Work, page: Any, slide: Slide, look: Look) -> bool:
    """Draw a chart or map in the middle of its slide: of native parts, or else as a picture; whether it could be."""
    view, here = slide.one.view, work.ground
    assert isinstance(view.figure, dict)
    figure = view.figure if here.own else inked(view.figure, here.ink)
    if maps.is_map(figure):
        if maps.draw(figure, page.shapes, here.body, look, here.ink, alt=view.alt, table=view.table):
            return True
    else:
        box = _keyed(work, page, slide)
        drawn = native(figure, page.shapes, box, look, here.ink, alt=view.alt)
        if drawn is not None:
            work.said += drawn.notes
            return True
    return _picture(work, page, slide, look)


def _keyed(work: _Work, page: Any, slide: Slide) -> Box:
    """Name the colours of a chart above it where the page names them elsewhere; the box that is left."""
    entries = [(colour, name) for name, colour in legend(slide.one)]
    left, top, width, height = work.ground.body
    if not entries:
        return work.ground.body
    hand = _hand(work, CAPTION, work.ground.ink.text, slide.one.lang)
    figure = slide.one.view.figure
    assert isinstance(figure, dict)
    at = (left, top, width, height)
    high = keys.draw_strip(page.shapes, at, entries, hand, patterns=keys.hatches(figure))
    return left, top + high, width, height - high


def _picture(work: _Work, page: Any, slide: Slide, look: Look) -> bool:
    """The chart as a picture, where a browser can make one."""
    from analysis.views.report import browser, images

    left, top, width, height = work.ground.body
    across, high = (round(side / INCH * PICTURE_PIXELS) for side in (width, height))
    try:
        drawing = images.chart(slide.one, width=across, height=high)
        sized = _SIZE.sub(f'width="{across}" height="{high}" style="display:block"', drawing, count=1)
        content = browser.draw(lambda screen: screen.shot(sized, across, high, 2))
    except browser.NoBrowser:
        return False
    picture = page.shapes.add_picture(io.BytesIO(content), left, top, width, height)
    describe(picture, slide.one.view.alt, name=look.say("deck.picture"))
    work.said.append(look.say("deck.note_picture"))
    return True


def _without(work: _Work, page: Any, slide: Slide, look: Look) -> None:
    """A sentence in place of a chart that could not be drawn, and its numbers on slides of their own."""
    put(page.shapes, work.ground.body, look.say("deck.no_picture"), _hand(work, 18, work.ground.ink.muted, look.lang))
    if len(slide.one.view.table.columns):
        _tables(work, slide, look)
