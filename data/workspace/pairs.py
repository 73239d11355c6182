"""Rows of one dataset before and after, in one canonical form: what moved by key, and what an append brings again."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from data import duck
from data.schema import DATASETS
from data.workspace.packed import Columns, plain

if TYPE_CHECKING:
    import pyarrow as pa

_COUNTED = """
WITH counted AS (
    SELECT {all}, count(*) FILTER (early) AS e, count(*) FILTER (NOT early) AS l
    FROM (SELECT {all}, true AS early FROM {one} UNION ALL SELECT {all}, false FROM {other}) GROUP BY {all})
"""
_MOVED = """
, keys AS (SELECT sum(least(e, l)) AS same, sum(e) - same AS gone, sum(l) - same AS added FROM counted GROUP BY {key})
SELECT coalesce(sum(greatest(added - gone, 0)), 0)::BIGINT, coalesce(sum(least(added, gone)), 0)::BIGINT,
    coalesce(sum(greatest(gone - added, 0)), 0)::BIGINT, coalesce(sum(same), 0)::BIGINT FROM keys
"""
_CLASHES = """
, keys AS (SELECT {key} FROM counted GROUP BY {key} HAVING bool_or(e <> l))
SELECT *, count(*) OVER () FROM keys ORDER BY {key} LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Moves:
    """How many rows moved between two versions.

    Attributes
    ----------
    added, changed, gone, same : int
        Rows by key; `changed` have the key of an earlier row and other values.
    """

    added: int
    changed: int
    gone: int
    same: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Keys that an append brings again with other values.

    Attributes
    ----------
    keys : int
    example : tuple of str
        The first of them in words; empty for none.
    """

    keys: int = 0
    example: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two tables of one dataset whose equal values are written alike.

    Attributes
    ----------
    columns : Columns
    earlier, later : pyarrow.Table
        Columns c0, c1 ... and `place`, the number of the row.
    key : tuple of str
        Columns that tell rows apart.
    """

    columns: Columns
    earlier: "pa.Table"
    later: "pa.Table"
    key: tuple[str, ...]

    def ask(self, query: str, *, one: str = "earlier", other: str = "later") -> "pa.Table":
        """Answer to a query over `earlier` and `later`; {key}, {all}, {one} and {other} are filled in."""
        every = ", ".join(f"c{n}" for n in range(len(self.columns)))
        with duck.connect() as base:
            base.register("earlier", self.earlier)
            base.register("later", self.later)
            return base.sql(query.format(key=", ".join(self.key), all=every, one=one, other=other)).to_arrow_table()


def pair(earlier: "pa.Table", later: "pa.Table", dataset: str) -> Pair:
    """Bring two tables into one canonical form; a column that one of them has not is empty there."""
    import pyarrow as pa

    columns, arrays = plain(pa.concat_tables([earlier, later], promote_options="permissive"))
    names = [name for name, _, _ in columns]
    key = tuple(f"c{names.index(name)}" for name in DATASETS[dataset].key if name in names)
    both = pa.table(arrays, names=[f"c{n}" for n in range(len(names))])
    sides = both.slice(0, len(earlier)), both.slice(len(earlier))
    numbered = [side.append_column("place", pa.array(np.arange(len(side)))) for side in sides]
    return Pair(columns, numbered[0], numbered[1], key)


def moves(earlier: "pa.Table | None", later: "pa.Table | None", dataset: str) -> Moves:
    """Rows added, changed, gone and the same; several rows may share a key."""
    if earlier is None or later is None:
        return Moves(0 if later is None else len(later), 0, 0 if earlier is None else len(earlier), 0)
    if earlier is later:
        return Moves(0, 0, 0, len(later))
    left = _unequal(pair(earlier, later, dataset))
    found = left.ask(_COUNTED + _MOVED).to_pydict().values()
    added, changed, gone, same = (values[0] for values in found)
    return Moves(added, changed, gone, same + len(earlier) - len(left.earlier))


def clash(both: Pair) -> Clash:
    """Keys of the later rows that earlier ones hold with other values."""
    one, other = "(FROM earlier SEMI JOIN later USING ({key}))", "(FROM later SEMI JOIN earlier USING ({key}))"
    key = ", ".join(both.key)
    found = both.ask(_COUNTED + _CLASHES, one=one.format(key=key), other=other.format(key=key))
    if not len(found):
        return Clash()
    *codes, keys = (values[0] for values in found.to_pydict().values())
    columns = [both.columns[int(place[1:])] for place in both.key]
    words = [words[code] if words else str(code) for (_, _, words), code in zip(columns, codes, strict=True)]
    return Clash(keys, tuple(words))


def matched(both: Pair, *, of: str, by: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Places of the rows of one side whose key the other has too."""
    found = both.ask(f"SELECT place FROM {of} SEMI JOIN {by} USING ({{key}})").column("place")
    return np.asarray(found.to_numpy())


def _unequal(both: Pair) -> Pair:
    """Leave out rows that are equal at the same place, from the head or from the tail: counts by key stay."""
    n = min(len(both.earlier), len(both.later))
    sides = both.earlier.drop_columns("place"), both.later.drop_columns("place")
    starts = [(0, 0), (len(sides[0]) - n, len(sides[1]) - n)]
    equal = [_equal(sides[0].slice(a, n), sides[1].slice(b, n)) for a, b in starts]
    best = int(np.argmax([mask.sum() for mask in equal]))
    kept = [_without(side, start, equal[best]) for side, start in zip(sides, starts[best], strict=True)]
    return replace(both, earlier=kept[0], later=kept[1])


def _without(side: "pa.Table", start: int, equal: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "pa.Table":
    import pyarrow as pa

    left = np.ones(len(side), bool)
    left[start : start + len(equal)] = ~equal
    return side.filter(pa.array(left))


def _equal(one: "pa.Table", other: "pa.Table") -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Rows that are alike in every column; two empty cells are alike."""
    import pyarrow as pa
    import pyarrow.compute as pc

    same = np.ones(len(one), bool)
    for a, b in zip(one.columns, other.columns, strict=True):
        alike = pc.coalesce(pc.equal(a, b), pc.and_(pc.is_null(a), pc.is_null(b)), pa.scalar(False))
        same &= alike.to_numpy(zero_copy_only=False) if isinstance(alike, pa.Array) else alike.to_numpy()
    return same
