"""Where boards are kept, and the one way to edit one: on its newest version, whoever else is at work on it."""

import hashlib
from collections.abc import Mapping

from analysis.views.board import Board, BoardError, Edit, from_json, to_json
from analysis.views.look import Look
from analysis.views.pinned import Pinned, PinnedError, pack
from data.workspace import Boards, KeptBoard, WorkspaceError, place
from pages.ui import people

TRIES = 5
"""Times that an edit is made anew on a board that has moved on meanwhile."""
Problem = WorkspaceError | BoardError | PinnedError


def shelf() -> Boards:
    """Where boards are kept."""
    return Boards(place())


def digest(data: bytes) -> str:
    """Name under which a part is kept."""
    return hashlib.sha256(data).hexdigest()


def packed(views: Mapping[str, Pinned]) -> tuple[dict[str, str], dict[str, bytes]]:
    """Digests of views by variant, and what to keep by digest."""
    data = {variant: pack(one) for variant, one in views.items()}
    return {variant: digest(part) for variant, part in data.items()}, {digest(part): part for part in data.values()}


def edited(id: str, edit: Edit, *, owner: str, parts: Mapping[str, bytes] | None = None) -> KeptBoard:
    """Edit the newest version of a board and keep the result as the next; an edit that changes nothing keeps nothing.

    Parameters
    ----------
    edit : callable
        Board -> Board; called again on what someone else kept meanwhile.
    parts : mapping of str to bytes, optional
        What the edit adds, by digest.

    Raises
    ------
    WorkspaceError, BoardError
    """
    for tries in range(TRIES):
        kept = shelf().open(id, asker=owner)
        before = from_json(kept.document)
        after = edit(before)
        if after == before:
            return kept
        try:
            return saved(after, owner=owner, id=kept.id, after=kept.version, parts=parts)
        except WorkspaceError as error:
            if error.code != "board_moved_on" or tries == TRIES - 1:
                raise
    raise AssertionError


def saved(
    board: Board,
    *,
    owner: str,
    name: str | None = None,
    id: str | None = None,
    after: int | None = None,
    parts: Mapping[str, bytes] | None = None,
) -> KeptBoard:
    """Keep a board as it is."""
    document = to_json(board)
    return shelf().save(document, owner=owner, name=name, id=id, after=after, parts=parts, digests=board.digests)


def why(look: Look, problem: Problem) -> str:
    """What went wrong with a board, and how to mend it."""
    if isinstance(problem, PinnedError):
        return look.say("board.error_part")
    room = "keep.workspace" if isinstance(problem, WorkspaceError) else "board.error"
    return look.say(f"{room}_{problem.code}", **{key: escaped(str(value)) for key, value in problem.values.items()})


def escaped(text: str) -> str:
    """Text of anyone's, made safe for Markdown."""
    from pages.ui.layout import plain

    return plain(text)


def opens(look: Look, kept: KeptBoard, *, old: bool) -> str:
    """Who can open the address of a board, of an `old` version or of what it is now."""
    if kept.shared and not old:
        return look.say("board.link_shared")
    if people.configured():
        return look.say("board.link_old_signed" if old else "board.link_private_signed")
    return look.say("board.link_old" if old else "board.link_private")
