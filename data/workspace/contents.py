"""Rows and rows set aside, each kept once under the digest of what they hold, and swept when no version uses them.

Rows that an append added to many are kept as a piece of their own beside those: a version of them is a list of pieces.
"""

import base64
import hashlib
import io
import json
import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.workspace.base import Tables
from data.workspace.packed import Packed, alike, pack, unpack
from data.workspace.refusal import WorkspaceError
from data.workspace.versions import Holding

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

MOST_PIECES = 24
"""Of a version; the next one is kept whole again."""
LEAST_ROWS = 10_000
"""Of a version in pieces."""
SCHEMA = """
CREATE TABLE content (digest VARCHAR, rows BIGINT, spec VARCHAR);
CREATE TABLE aside (digest VARCHAR, data BLOB);
"""
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Contents that are made of others.

    Attributes
    ----------
    digests : tuple of str
        Of the pieces, one after the other.
    kept : ndarray of bool
        Which of their rows are rows of these contents.
    """

    digests: tuple[str, ...]
    kept: "NDArray[np.bool_]"

    @property
    def spec(self) -> str:
        """The same as JSON."""
        packed = base64.b64encode(zlib.compress(np.packbits(self.kept).tobytes())).decode()
        return json.dumps({"pieces": self.digests, "kept": packed, "rows": len(self.kept)})


def put(base: Tables, packed: Packed) -> None:
    """Keep rows, unless they are there."""
    if _spec(base, packed.digest) is not None:
        return
    base.put_rows(packed.digest, packed.plain)
    base.execute("INSERT INTO content VALUES (?, ?, ?)", (packed.digest, packed.plain.num_rows, packed.spec))


def put_onto(base: Tables, table: "pa.Table", earlier: str, stays: "NDArray[np.bool_]") -> Packed:
    """Keep rows that begin with those of `earlier` which stay: only the others, where they are few."""
    packed, here = pack(table), int(stays.sum())
    moved = len(table) - here + len(stays) - here
    if _spec(base, packed.digest) is not None or len(table) < LEAST_ROWS or 4 * moved > len(table):
        put(base, packed)
        return packed
    before = _pieces(base, earlier, len(stays))
    if len(before.digests) == MOST_PIECES:
        put(base, packed)
        return packed
    digests, kept = before.digests, before.kept.copy()
    kept[np.flatnonzero(kept)[~stays]] = False
    if len(table) > here:
        added = pack(table.slice(here))
        put(base, added)
        digests, kept = (*digests, added.digest), np.append(kept, np.ones(len(table) - here, bool))
    made = _Pieces(digests, kept)
    base.execute("INSERT INTO content VALUES (?, ?, ?)", (packed.digest, len(table), made.spec))
    return packed


def get(base: Tables, digest: str) -> "pa.Table":
    """Rows as they were first put."""
    import pyarrow as pa

    spec = _spec(base, digest) if _SHA.fullmatch(digest) else None
    if spec is None:
        raise WorkspaceError("rows_gone")
    made = _read(spec)
    if made is None:
        return unpack(spec, base.rows(digest))
    whole = alike([get(base, piece) for piece in made.digests])
    return whole if made.kept.all() else alike([whole.filter(pa.array(made.kept))])


def _spec(base: Tables, digest: str) -> str | None:
    """How contents are kept, None where they are not."""
    found = base.execute("SELECT spec FROM content WHERE digest = ?", (digest,)).fetchall()
    return str(found[0][0]) if found else None


def whole(base: Tables) -> tuple[str, ...]:
    """Digests of the contents that are kept whole, of which the others are made."""
    found = base.execute("SELECT digest, spec FROM content ORDER BY digest").fetchall()
    return tuple(digest for digest, spec in found if _read(spec) is None)


def _read(spec: str) -> _Pieces | None:
    """Pieces of contents; None of those that are kept whole."""
    read = json.loads(spec)
    if isinstance(read, list):
        return None
    bits = np.frombuffer(zlib.decompress(base64.b64decode(read["kept"])), np.uint8)
    return _Pieces(tuple(read["pieces"]), np.unpackbits(bits, count=read["rows"]).astype(bool))


def _pieces(base: Tables, digest: str, rows: int) -> _Pieces:
    """Contents as a list of pieces, which may be themselves."""
    return _read(_spec(base, digest) or "[]") or _Pieces((digest,), np.ones(rows, bool))


def put_aside(base: Tables, frame: pd.DataFrame) -> str:
    """Keep rows that were not taken; gives their digest, "" for none."""
    if frame.empty:
        return ""
    out = io.BytesIO()
    frame.to_parquet(out, index=False, compression="zstd")
    data = out.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    if not base.execute("SELECT 1 FROM aside WHERE digest = ?", (digest,)).fetchone():
        base.execute("INSERT INTO aside VALUES (?, ?)", (digest, data))
    return digest


def get_aside(base: Tables, part: Holding) -> pd.DataFrame:
    """Rows that were put aside from the files of a dataset, which the index names."""
    frames = []
    for whence in part.provenance:
        found = base.execute("SELECT data FROM aside WHERE digest = ?", (whence.set_aside,)).fetchall()
        frames += [pd.read_parquet(io.BytesIO(data)).pipe(_named, whence.file) for (data,) in found]
    return pd.concat(frames).rename_axis("file") if frames else pd.DataFrame()


def _named(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    return frame.set_axis([file] * len(frame))


def sweep(base: Tables, used: set[str], used_aside: set[str]) -> None:
    """Take away what no version uses."""
    kept = {digest for (digest,) in base.execute("SELECT digest FROM content").fetchall()}
    for digest in sorted(kept - _with_pieces(base, used)):
        base.drop_rows(digest)
        base.execute("DELETE FROM content WHERE digest = ?", (digest,))
    asides = {digest for (digest,) in base.execute("SELECT digest FROM aside").fetchall()}
    for digest in sorted(asides - used_aside):
        base.execute("DELETE FROM aside WHERE digest = ?", (digest,))


def _with_pieces(base: Tables, used: Collection[str]) -> set[str]:
    """Contents, and those that they are made of."""
    found, new = set(used), set(used)
    while new:
        specs = [_spec(base, digest) for digest in new]
        new = {piece for spec in specs if spec and (made := _read(spec)) for piece in made.digests} - found
        found |= new
    return found
