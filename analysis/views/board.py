"""A board: pinned views in an order, with the presenter's own words. Every edit gives another board."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

FORMAT = 1
MOST_PINS = 200
LONGEST_TITLE, LONGEST_NOTE = 300, 4_000
Edit = Callable[["Board"], "Board"]
What = Literal["view", "words", "answer"]


class BoardError(ValueError):
    """A board that cannot be read or be changed so.

    Attributes
    ----------
    code : str
        Key below `board.error_` in the catalogue.
    values : dict
        What its sentence names.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Pin:
    """One place on a board.

    Attributes
    ----------
    id : str
        Its own for good, whatever it is moved to.
    what : str
        "view" is drawn by a page and can be refreshed; "words" are the presenter's; an "answer" was recorded in a
        meeting, with the view it was read from.
    page, key : str
        Page and name of the view on it; empty for words.
    query : mapping
        The page's address, language aside.
    folds : tuple of str
        Folds that were open: what is in them is drawn only then.
    title : str
        The presenter's own; empty for the finding.
    note : str
        The presenter's words, on the slide or below it.
    parts : mapping
        Digest of the packed `Pinned` by variant, "en.light".
    seen : str
        The variant that was on screen.
    made : str
        When it was pinned or refreshed last: ISO date and minute, UTC.
    """

    id: str
    what: What
    page: str = ""
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    folds: tuple[str, ...] = ()
    title: str = ""
    note: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """Pins in the order in which they are shown."""

    pins: tuple[Pin, ...] = ()

    def place(self, id: str) -> int:
        """Where a pin is; BoardError("gone") when it is not."""
        found = next((i for i, pin in enumerate(self.pins) if pin.id == id), None)
        if found is None:
            raise BoardError("gone")
        return found

    @property
    def digests(self) -> frozenset[str]:
        """Digests of all that its pins keep."""
        return frozenset(digest for pin in self.pins for digest in pin.parts.values())


def variant(lang: str, theme: str) -> str:
    """Name of a language and theme among the parts of a pin."""
    return f"{lang}.{theme}"


def new_id() -> str:
    """Name of a pin."""
    return secrets.token_hex(4)


def add(board: Board, pin: Pin, *, after: str = "") -> Board:
    """The board with one more pin, behind the one named or at the end."""
    if len(board.pins) >= MOST_PINS:
        raise BoardError("full", most=MOST_PINS)
    at = board.place(after) + 1 if after else len(board.pins)
    return Board((*board.pins[:at], pin, *board.pins[at:]))


def remove(board: Board, id: str) -> Board:
    """The board without a pin."""
    at = board.place(id)
    return Board((*board.pins[:at], *board.pins[at + 1 :]))


def move(board: Board, id: str, to: int) -> Board:
    """The board with a pin at another place, counted from 0 without it."""
    at = board.place(id)
    rest = [*board.pins[:at], *board.pins[at + 1 :]]
    rest.insert(min(max(to, 0), len(rest)), board.pins[at])
    return Board(tuple(rest))


def change(board: Board, id: str, **parts: Any) -> Board:
    """The board with some attributes of a pin replaced: `title`, `note`, `parts`, `made`..."""
    at = board.place(id)
    pin = replace(board.pins[at], **parts)
    pin = replace(pin, title=pin.title.strip()[:LONGEST_TITLE], note=pin.note.strip()[:LONGEST_NOTE])
    return Board((*board.pins[:at], pin, *board.pins[at + 1 :]))


def joined(pin: Pin, other: Pin | None) -> Pin:
    """The pin with the variants that another state of it has besides, where both show the same.

    Parameters
    ----------
    other : Pin or None
        The same pin at another time; None when it was not there.
    """
    if other is None or other.parts.get(pin.seen) != pin.parts.get(pin.seen):
        return pin
    return replace(pin, parts={**other.parts, **pin.parts})


def to_json(board: Board) -> str:
    """Document to keep."""
    return json.dumps({"format": FORMAT, "pins": [asdict(pin) for pin in board.pins]}, ensure_ascii=False)


def from_json(text: str) -> Board:
    """What `to_json` wrote.

    Raises
    ------
    BoardError
        "unreadable": it is damaged, or of a later program.
    """
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise BoardError("unreadable")
        pins = tuple(Pin(**{**one, "folds": tuple(one["folds"])}) for one in found["pins"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BoardError("unreadable") from error
    if not all(map(_sound, pins)):
        raise BoardError("unreadable")
    return Board(pins)


def _sound(pin: Pin) -> bool:
    """Whether every attribute of a pin that was read is of its kind."""
    if not isinstance(pin.query, dict) or not isinstance(pin.parts, dict):
        return False
    texts: list[object] = [pin.id, pin.page, pin.key, pin.title, pin.note, pin.seen, pin.made, *pin.folds]
    texts += [text for pairs in (pin.query, pin.parts) for item in pairs.items() for text in item]
    return pin.what in get_args(What) and all(isinstance(text, str) for text in texts)
