"""What travels with a view wherever it goes, in words: grade, source, filters, model, interval, address."""

import re

from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.slide import MARK

_PLAN = re.compile(r"[\w.\-]*~[\w.~\-]*", re.ASCII)
"""A plan as an address writes it."""
PARTS = "source", "scenario", "model", "interval"
"""Of where the numbers come from, those that are one line of text."""


def origin(one: Pinned, look: Look) -> list[tuple[str, str]]:
    """Everything known of where the numbers come from, each with its name; what is not known is left out."""
    whence, grade = one.whence, one.view.grade
    graded = look.text((look.say(f"grade.{grade}") + look.say("report.stop"), look.say(f"grade.{grade}_help")))
    found = [
        (look.say("grade.heading"), graded),
        (look.say("report.filters"), filters(one, look)),
        *((look.say(f"report.{part}"), getattr(whence, part)) for part in PARTS),
        *((look.say("report.assumption"), text) for text in whence.assumptions),
        (look.say("report.version"), whence.version),
        (look.say("report.made"), made(whence.made, look)),
        (look.say("report.address"), whence.address),
    ]
    return [(name, text) for name, text in found if text]


def filters(one: Pinned, look: Look) -> str:
    """What is chosen; "everything" where nothing is."""
    return look.say("report.comma").join(one.whence.filters) or look.say("report.no_filters")


def made(stamp: str, look: Look) -> str:
    """A time of the record, with its zone."""
    return look.say("report.utc", time=stamp) if stamp else ""


def caption(one: Pinned) -> str:
    """Measure, unit and period, then what is chosen."""
    return " · ".join([one.view.caption, *one.whence.filters])


def foot(one: Pinned, look: Look) -> str:
    """Source, grade, interval, scenario without the code of its plan, version and time in one line."""
    whence = one.whence
    parts = [
        look.pair(look.say("report.source"), whence.source) if whence.source else "",
        look.pair(look.say("grade.heading"), look.say(f"grade.{one.view.grade}")),
        look.pair(look.say("report.interval"), whence.interval) if whence.interval else "",
        look.pair(look.say("report.scenario"), _PLAN.sub("…", whence.scenario)) if whence.scenario else "",
        look.pair(look.say("report.version"), whence.version[:MARK]) if whence.version else "",
        made(whence.made, look),
    ]
    return " · ".join(part for part in parts if part)
