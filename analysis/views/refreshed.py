"""What a refresh changed: the same view before and after, row by row and in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.views.look import Look
from analysis.views.pinned import Pinned

MOST_MOVES = 10
ALIKE = 1e-9
"""Relative difference below which two numbers are one: they were computed in another order."""
YEARS = (1900, 2100)
LONGEST_TEXT = 60
_TURN = "\x1fturn"


@dataclass(frozen=True, slots=True)
class Change:
    """What is different after a refresh.

    Attributes
    ----------
    same : bool
        Finding, caption and numbers are what they were.
    before, after : str
        Findings.
    version_before, version_after : str
        Versions of the data.
    changed : int
        Cells of rows and columns that are in both tables.
    added, gone : int
        Rows.
    columns_added, columns_gone : tuple of str
        Headers.
    moves : pd.DataFrame
        The largest changes of numbers by the size of their column, at most ten, then texts that changed; headers and
        figures in the reader's language, all of it text. Empty where nothing moved.
    said : str
        The same in one or two sentences.
    """

    same: bool
    before: str
    after: str
    version_before: str
    version_after: str
    changed: int
    added: int
    gone: int
    columns_added: tuple[str, ...]
    columns_gone: tuple[str, ...]
    moves: pd.DataFrame
    said: str


@dataclass(frozen=True, slots=True)
class _Move:
    """One cell before and after; how far it went, in sizes of its column, or 0 for a text."""

    row: str
    column: str
    before: Any
    after: Any
    size: float


def compare(before: Pinned, after: Pinned, look: Look) -> Change:
    """What the second of two drawings of one view, in one language, shows otherwise.

    Rows belong together by their texts, dates and years; rows that these do not tell apart, by their order.
    """
    old, new = before.view.table, after.view.table
    keys = _keys(old, new)
    first, second = _keyed(old, keys), _keyed(new, keys)
    both = first.index.intersection(second.index)
    columns = [name for name in old.columns.drop_duplicates() if name in new and name not in keys]
    moves = [
        move
        for name in columns
        for move in _moves(name, first.loc[both, name], second.loc[both, name], _size(first[name]))
    ]
    moves.sort(key=lambda move: -move.size)
    rows = (len(second.index.difference(both)), len(first.index.difference(both)))
    headers = (_beyond(new, old), _beyond(old, new))
    same = not (moves or any(rows) or any(headers)) and _same_words(before, after)
    said = look.text(_said(before, after, moves, rows, headers, look, same=same))
    titles, versions = (before.view.title, after.view.title), (before.whence.version, after.whence.version)
    return Change(same, *titles, *versions, len(moves), *rows, *headers, _table(moves, look), said)


def _same_words(before: Pinned, after: Pinned) -> bool:
    """Whether finding and caption are the same, and the drawing too where there is no table behind it."""
    old, new = before.view, after.view
    drawn = len(old.table) or len(new.table) or old.figure == new.figure
    return bool((old.title, old.caption) == (new.title, new.caption) and before.kind == after.kind and drawn)


def _beyond(table: pd.DataFrame, other: pd.DataFrame) -> tuple[str, ...]:
    return tuple(str(name) for name in table if name not in other)


def _keys(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Columns of dates and years, and the first of texts that tell the rows of both tables apart with them."""
    shared = [name for name in old.columns.drop_duplicates() if name in new]
    candidates = [name for name in shared if _tells(old, name) and _tells(new, name)]
    candidates.sort(key=lambda name: _is_code(_column(new, name)))
    chosen = [name for name in candidates if any(_is_time(_column(table, name)) for table in (old, new))]
    for name in candidates:
        chosen += [name] if name not in chosen else []
        if not any(table.duplicated(chosen).any() for table in (old, new)):
            break
    return [name for name in candidates if name in chosen]


def _tells(table: pd.DataFrame, name: str) -> bool:
    """Whether a column names rows rather than measures them."""
    found = _column(table, name)
    return _is_time(found) or not pd.api.types.is_numeric_dtype(found.dtype)


def _is_code(column: pd.Series) -> bool:
    """Whether it holds figures for names: a name beside them says more."""
    return bool(len(column)) and all(isinstance(value, str) and value.isdecimal() for value in column.tolist())


def _is_time(column: pd.Series) -> bool:
    """Whether it holds dates, or whole numbers that are years."""
    if pd.api.types.is_integer_dtype(column.dtype):
        return bool(column.between(*YEARS).all())
    return pd.api.types.is_datetime64_any_dtype(column.dtype)


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    """The first column of that header."""
    found = table[name]
    return found.iloc[:, 0] if isinstance(found, pd.DataFrame) else found


def _keyed(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The table by its keys as texts, each with the number of its turn among rows of the same keys."""
    found = table.loc[:, ~table.columns.duplicated()]
    named = pd.DataFrame(
        {name: [_name(value) for value in found[name].tolist()] for name in keys}, index=found.index, columns=list(keys)
    )
    turn = named.groupby(list(keys), sort=False).cumcount() if keys else pd.Series(range(len(found)), dtype=int)
    named[_TURN] = turn.to_numpy()
    return found.set_axis(pd.MultiIndex.from_frame(named), axis=0)


def _size(column: pd.Series) -> float:
    """Largest number of a column, by which its changes are measured; 1 where that is nothing."""
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return 0.0
    largest = column.abs().max()
    return float(largest) if np.isfinite(largest) and largest > 0 else 1.0


def _moves(name: str, before: pd.Series, after: pd.Series, size: float) -> list[_Move]:
    """Cells of a column that are different, in rows that both tables have."""
    found = []
    for row, old, new in zip(before.index, before.tolist(), after.tolist(), strict=True):
        if not _alike(old, new):
            far = abs(float(new) - float(old)) / size if size and _is_number(old) and _is_number(new) else 0.0
            found.append(_Move(" · ".join(row[:-1]), name, old, new, far))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _alike(old: Any, new: Any) -> bool:
    if _is_number(old) and _is_number(new):
        return bool(abs(old - new) <= ALIKE * max(abs(old), abs(new)))
    return _shown(old) == _shown(new)


def _shown(value: Any) -> str:
    """A cell in words: figures to what a reader takes in, dates as ISO, nothing for what is missing."""
    if value is None or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if _is_number(value):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    return str(value)


def _name(value: Any) -> str:
    """A cell that names its row: a year has no thousands."""
    return str(value) if isinstance(value, int) else _shown(value)


def _table(moves: Sequence[_Move], look: Look) -> pd.DataFrame:
    shown = moves[:MOST_MOVES]
    return pd.DataFrame(
        {
            look.say("refreshed.row"): [move.row for move in shown],
            look.say("refreshed.column"): [move.column for move in shown],
            look.say("refreshed.before"): [_shown(move.before) for move in shown],
            look.say("refreshed.after"): [_shown(move.after) for move in shown],
            look.say("refreshed.change"): [_far(move) for move in shown],
        },
        dtype="object",
    )


def _far(move: _Move) -> str:
    if not (_is_number(move.before) and _is_number(move.after)):
        return ""
    by = move.after - move.before
    return ("+" if by > 0 else "") + _shown(float(by))


def _said(
    before: Pinned,
    after: Pinned,
    moves: Sequence[_Move],
    rows: tuple[int, int],
    headers: tuple[tuple[str, ...], tuple[str, ...]],
    look: Look,
    *,
    same: bool,
) -> list[str]:
    said = [look.say("refreshed.same")] if same else []
    if before.view.title != after.view.title:
        said.append(look.say("refreshed.finding", title=after.view.title))
    if moves:
        first = moves[0]
        where = " · ".join(part for part in (first.row, first.column) if part)
        old, new = (_short(value) for value in (first.before, first.after))
        said.append(look.say("refreshed.moved", n=f"{len(moves):,}", where=where, before=old, after=new))
    counts = zip(("added", "gone"), rows, strict=True)
    said += [look.say(f"refreshed.{name}", n=f"{count:,}") for name, count in counts if count]
    named = zip(("columns_added", "columns_gone"), headers, strict=True)
    said += [look.say(f"refreshed.{name}", names=look.few(names)) for name, names in named if names]
    if not (same or said):
        said.append(look.say("refreshed.words"))
    if before.whence.version != after.whence.version:
        said.append(look.say("refreshed.version", before=before.whence.version, after=after.whence.version))
    return said


def _short(value: Any) -> str:
    """A cell in a sentence."""
    text = _shown(value) or "–"
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
