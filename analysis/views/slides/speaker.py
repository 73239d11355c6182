"""What is said below a slide: the presenter's words, then how its numbers came about."""

import re
from collections.abc import Iterable, Sequence

from analysis.views.look import Look
from analysis.views.slide import MARK, Slide
from analysis.views.slides.text import unmarked

_STAMP = 16
"""Letters of a date with its minute."""


def said(slide: Slide, look: Look, more: Iterable[str] = ()) -> str:
    """Speaker notes: the presenter's note, then scenario, model, assumptions, filters, source and version in whole.

    Parameters
    ----------
    more : iterable of str
        Sentences on how the slide was drawn.
    """
    view, whence = slide.one.view, slide.one.whence
    lines = [slide.note, ""] if slide.note and slide.one.view.caption != slide.note else []
    if slide.title != view.title:
        lines.append(look.pair(look.say("deck.note_finding"), unmarked(view.title)))
    if slide.one.kind != "words":
        lines.append(look.pair(look.say("deck.note_measure"), unmarked(view.caption)))
    lines += _told(look, scenario=whence.scenario, model=whence.model)
    if whence.assumptions:
        lines.append(look.pair(look.say("deck.note_assumptions"), ""))
        lines += [f"– {unmarked(one)}" for one in whence.assumptions]
    lines += _told(look, interval=whence.interval)
    if whence.page:
        filters = look.join(whence.filters) or look.say("deck.note_no_filters")
        lines.append(look.pair(look.say("deck.note_filters"), unmarked(filters)))
        grade, means = look.say(f"grade.{view.grade}"), look.say(f"grade.{view.grade}_help")
        grade = look.say("view.sentences", first=grade, second=means.rstrip(".。"))
        lines.append(look.pair(look.say("deck.grade"), grade))
    lines += _pairs(look, source=whence.source, version_whole=whence.version, note_address=whence.address)
    lines += _pairs(look, note_made=stamp(whence.made, look))
    if slide.made and slide.made != whence.made:
        key = "note_recorded" if slide.what == "answer" else "note_pinned"
        lines.append(look.pair(look.say(f"deck.{key}"), stamp(slide.made, look)))
    return "\n".join([*lines, *more])


def _told(look: Look, **said: str) -> list[str]:
    return _pairs(look, **{f"note_{key}": text for key, text in said.items()})


def _pairs(look: Look, **said: str) -> list[str]:
    return [look.pair(look.say(f"deck.{key}"), unmarked(text)) for key, text in said.items() if text]


def below(slide: Slide, look: Look) -> str:
    """The line at the foot of a slide: source, grade, interval and version of the data."""
    whence = slide.one.whence
    parts = _pairs(look, source=whence.source)
    if whence.page:
        parts.append(look.pair(look.say("deck.grade"), look.say(f"grade.{slide.one.view.grade}")))
    parts += _pairs(look, note_interval=whence.interval, version=whence.version[:MARK])
    return look.say("deck.separator").join(parts)


def measure(slide: Slide, look: Look, more: Sequence[str] = ()) -> str:
    """The line below the title: measure, unit and period, what is chosen, and on which part of it the slide is."""
    view = slide.one.view
    parts = [view.caption] if slide.one.kind != "words" else []
    chosen = [one for one in slide.one.whence.filters if _value(one) not in view.caption]
    return look.say("deck.separator").join(unmarked(one) for one in (*parts, *chosen, *more) if one)


def _value(chosen: str) -> str:
    """What is chosen, without the name of the choice."""
    return re.split("[:：]", chosen, maxsplit=1)[-1].strip()


def day(stamped: str, look: Look) -> str:
    """A day (ISO) in words."""
    year, month, number = stamped[:10].split("-")
    if look.lang == "en":
        import pandas as pd

        month = pd.Timestamp(stamped[:10]).strftime("%b")
    return look.say("deck.day", year=year, month=month.lstrip("0"), day=number.lstrip("0"))


def stamp(stamped: str, look: Look) -> str:
    """A minute (ISO, UTC) in words; "" for none."""
    if not stamped:
        return ""
    return look.say("deck.minute", day=day(stamped, look), time=stamped[11:_STAMP])
