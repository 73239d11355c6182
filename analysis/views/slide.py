"""What exporters write: views in an order with the presenter's words, and how they are dressed."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.views.board import What
from analysis.views.pinned import Pinned

Told = Callable[[int, int], None]
"""Called with how many slides are done and how many there are; may raise `data.intake.watch.Cancelled`."""
MARK = 9
"""Letters of a data version that are printed; the notes hold it whole."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One view as it is handed over.

    Attributes
    ----------
    one : Pinned
        In the language of the export, light.
    title : str
        The presenter's own, or the finding.
    note : str
        The presenter's words.
    what : str
        "view", "words" or "answer".
    made : str
        When it was pinned, refreshed or recorded: ISO date and minute, UTC.
    """

    one: Pinned
    title: str
    note: str = ""
    what: What = "view"
    made: str = ""


@dataclass(frozen=True, slots=True)
class Ink:
    """Fonts and colours of a deck.

    Attributes
    ----------
    latin, east_asian : str or None
        Typefaces; None takes those of the template.
    text, muted, grid, accent : str
        Hex colours without "#".
    """

    latin: str | None = "Arial"
    east_asian: str | None = "Microsoft YaHei"
    text: str = "0B1220"
    muted: str = "5F6775"
    grid: str = "E8EBF0"
    accent: str = "1848D1"


def untold(done: int, total: int) -> None:
    """Nobody is told."""


def slide_of(one: Pinned, *, title: str = "", note: str = "", what: What = "view", made: str = "") -> Slide:
    """A slide of one view, titled with its finding unless a title is given."""
    return Slide(one, title or one.view.title, note, what, made or one.whence.made)
