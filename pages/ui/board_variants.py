"""Views of other languages and themes, and views anew: drawn by quiet runs of the page that shows them."""

import logging
import re
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from analysis.views import board as boards
from analysis.views.board import Board, BoardError, Pin, variant
from analysis.views.pinned import Pinned
from data.platforms import carry
from data.text import LANGUAGES
from data.workspace import WorkspaceError
from pages.ui import board_store, fits, quiet, scenario_state

THEMES = ("light", "dark")
VARIANTS = tuple(variant(lang, theme) for theme in THEMES for lang in LANGUAGES)
DIGITS = 9
"""Decimals to which the numbers of two variants agree."""
SCENARIO = "scenario"
"""Page whose views are of a plan."""
_ILLUSTRATIVE = "illustrative"
_LOG = logging.getLogger(__name__)
_ONE_AT_A_TIME, _LIST = threading.Lock(), threading.Lock()
_under_way: dict[str, list[threading.Thread]] = {}


@dataclass(frozen=True, slots=True)
class Room:
    """One page in one state: what it draws can be had in one run.

    Attributes
    ----------
    page : str
    query : tuple of (str, str)
        Entries of its address, language aside.
    folds : tuple of str
        Folds that are open.
    """

    page: str
    query: tuple[tuple[str, str], ...]
    folds: tuple[str, ...]


def room(pin: Pin) -> Room:
    """Where a pin's view is drawn."""
    return Room(pin.page, tuple(pin.query.items()), pin.folds)


def drawn(scene: quiet.Scene, where: Room, keys: Collection[str], *, lang: str, theme: str) -> dict[str, Pinned]:
    """Views of a page by key, as they are now; those that it does not draw, or fails to, are left out."""
    return tried(scene, where, keys, lang=lang, theme=theme)[0]


def tried(
    scene: quiet.Scene, where: Room, keys: Collection[str], *, lang: str, theme: str
) -> tuple[dict[str, Pinned], bool]:
    """Views of a page by key, and whether it came to its end; what stopped it is in the log."""
    found: dict[str, Pinned] = {}

    def catch(key: str, take: Callable[[], Pinned]) -> None:
        if key in keys:
            found[key] = take()

    query = {**dict(where.query), "lang": lang}
    error = quiet.tried(scene, where.page, query, theme=theme, catch=catch, folds=where.folds)
    if error is not None:
        _LOG.error("%s", where.page, exc_info=error)
    return found, error is None


def addressed(pin: Pin) -> bool:
    """Whether the pin's address holds all that its page needs: a plan of very many levers has no address."""
    entries = (scenario_state.ENTRY, scenario_state.SAVED)
    return pin.page != SCENARIO or any(entry in pin.query for entry in entries)


def same_holder(one: Pinned, other: Pinned) -> bool:
    """Whether two views are of one market, in whatever version; a view of no market is of any."""
    holders = {_holder(view.whence.version) for view in (one, other) if view.whence.version}
    return len(holders) < 2


def _holder(version: str) -> str:
    """Id of a kept market, or of the session that holds it: see `markets.mark` and `intake.use`."""
    own = version.partition("-")[0].partition(".")[0]
    assumed = version.endswith(fits.ASSUMED) and re.fullmatch("[0-9a-f]{12}", own)
    return _ILLUSTRATIVE if own == version or assumed else own


def agreeing(seen: Pinned, others: Mapping[str, Pinned]) -> dict[str, Pinned]:
    """Those variants that are of the same numbers."""
    return {name: other for name, other in others.items() if agree(seen, other)}


def agree(seen: Pinned, other: Pinned) -> bool:
    """Whether two variants are of the same numbers: of one version of the data, and alike in all columns of numbers."""
    return seen.whence.version == other.whence.version and _numbers(seen) == _numbers(other)


def _numbers(one: Pinned) -> tuple[int, list[list[float]]]:
    table = one.view.table
    columns = (table.iloc[:, i] for i in range(table.shape[1]))
    numbers = [column for column in columns if column.dtype.kind in "iuf"]
    return len(table), [sorted(column.dropna().round(DIGITS).tolist()) for column in numbers]


def fill(id: str, owner: str, pin: Pin, seen: Pinned, scene: quiet.Scene) -> None:
    """Begin to draw a pin's other variants beside the page; they are kept with it once they are there."""
    work = carry(lambda: _fill(id, owner, pin, seen, scene))
    thread = threading.Thread(target=work, daemon=True, name="board")
    with _LIST:
        for other in [*_under_way]:
            if not (waiting := [one for one in _under_way[other] if one.is_alive()]):
                del _under_way[other]
            else:
                _under_way[other] = waiting
        thread.start()
        _under_way[id] = [*_under_way.get(id, []), thread]


def filling(id: str) -> bool:
    """Whether variants of a board's pins are still being drawn."""
    return any(thread.is_alive() for thread in _under_way.get(id, []))


def wait(id: str, seconds: float) -> bool:
    """Wait at most so long for each pin's variants; whether all are there."""
    for thread in _under_way.get(id, []):
        thread.join(seconds)
    return not filling(id)


def _fill(id: str, owner: str, pin: Pin, seen: Pinned, scene: quiet.Scene) -> None:
    with _ONE_AT_A_TIME:
        found = {}
        for name in VARIANTS:
            if name == pin.seen:
                continue
            lang, theme = name.split(".")
            one = drawn(scene, room(pin), (pin.key,), lang=lang, theme=theme).get(pin.key)
            if one is not None:
                found[name] = one
        parts, data = board_store.packed(agreeing(seen, found))
        try:
            board_store.edited(id, lambda board: _joined(board, pin, parts), owner=owner, parts=data)
        except (WorkspaceError, BoardError):
            return


def _joined(board: Board, pin: Pin, parts: Mapping[str, str]) -> Board:
    """The board with more variants of a pin that still shows what it showed; as it is when the pin is gone."""
    now = next((one for one in board.pins if one.id == pin.id), None)
    if now is None or now.parts.get(pin.seen) != pin.parts[pin.seen]:
        return board
    return boards.change(board, pin.id, parts={**parts, **now.parts})
