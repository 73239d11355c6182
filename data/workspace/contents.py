"""Rows and rows set aside, each kept once under the digest of what they hold, and swept when no version uses them."""

import hashlib
import io
from typing import TYPE_CHECKING

import pandas as pd

from data.workspace.packed import Packed, unpack
from data.workspace.refusal import WorkspaceError
from data.workspace.versions import Holding

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

SCHEMA = """
CREATE TABLE content (digest VARCHAR, rows BIGINT, spec VARCHAR);
CREATE TABLE aside (digest VARCHAR, data BLOB);
"""


def put(base: "DuckDBPyConnection", packed: Packed) -> None:
    """Keep rows, unless they are there."""
    if base.execute("SELECT 1 FROM content WHERE digest = ?", (packed.digest,)).fetchone():
        return
    base.register("plain", packed.plain)
    base.execute(f"CREATE TABLE rows_{packed.digest} AS SELECT * FROM plain")
    base.unregister("plain")
    base.execute("INSERT INTO content VALUES (?, ?, ?)", (packed.digest, packed.plain.num_rows, packed.spec))


def get(base: "DuckDBPyConnection", digest: str) -> "pa.Table":
    """Rows as they were put."""
    found = base.execute("SELECT spec FROM content WHERE digest = ?", (digest,)).fetchall()
    if not found:
        raise WorkspaceError("rows_gone")
    return unpack(found[0][0], base.sql(f"SELECT * FROM rows_{digest}").to_arrow_table())


def put_aside(base: "DuckDBPyConnection", frame: pd.DataFrame) -> str:
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


def get_aside(base: "DuckDBPyConnection", part: Holding) -> pd.DataFrame:
    """Rows that were put aside from the files of a dataset, which the index names."""
    frames = []
    for whence in part.provenance:
        found = base.execute("SELECT data FROM aside WHERE digest = ?", (whence.set_aside,)).fetchall()
        frames += [pd.read_parquet(io.BytesIO(data)).pipe(_named, whence.file) for (data,) in found]
    return pd.concat(frames).rename_axis("file") if frames else pd.DataFrame()


def _named(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    return frame.set_axis([file] * len(frame))


def sweep(base: "DuckDBPyConnection", used: set[str], used_aside: set[str]) -> None:
    """Take away what no version uses."""
    kept = {digest for (digest,) in base.execute("SELECT digest FROM content").fetchall()}
    for digest in sorted(kept - used):
        base.execute(f"DROP TABLE rows_{digest}")
        base.execute("DELETE FROM content WHERE digest = ?", (digest,))
    asides = {digest for (digest,) in base.execute("SELECT digest FROM aside").fetchall()}
    for digest in sorted(asides - used_aside):
        base.execute("DELETE FROM aside WHERE digest = ?", (digest,))
