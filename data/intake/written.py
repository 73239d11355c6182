"""Cells of a file as written, by row: from the rows that were read as text, else from the lines of the file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.intake.canonical import ROW
from data.intake.cells import quote
from data.intake.numbered import Lines

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

_AHEAD = 10
"""Times as many rows as are shown that are looked through for filled ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """Text of a file while it is being read.

    Attributes
    ----------
    con : duckdb connection
        Its table `raw` holds the rows read as text.
    headers : sequence of str
        Unique headers, in file order.
    delimiter : str
    lines : Lines or None
        Of the file, when `raw` holds a part of it.
    """

    con: "DuckDBPyConnection"
    headers: Sequence[str]
    delimiter: str
    lines: Lines | None

    def cells(self, rows: "NDArray[np.int64]") -> pd.DataFrame:
        """Rows as written: `row`, then the headers; ascending, without repeats."""
        wanted = np.unique(rows)
        held = self._held(wanted)
        missing = np.setdiff1d(wanted, held[ROW].to_numpy())
        if self.lines is None or not len(missing):
            return held
        texts = [line.decode("utf-8", "replace") for line in self.lines.fetch(missing)]
        return pd.concat([held, self._split(missing, texts)], ignore_index=True).sort_values(ROW, ignore_index=True)

    def first(self, count: int, *, after: int) -> pd.DataFrame:
        """The first rows below `after` that are not blank."""
        if self.lines is None:
            return self._framed(f"FROM raw ORDER BY row LIMIT {count}")
        last = min(after + _AHEAD * count, self.lines.lines)
        found = self.cells(np.arange(after + 1, last + 1, dtype=np.int64))
        filled = (found[list(self.headers)] != "").any(axis=1)
        return found[filled].head(count).reset_index(drop=True)

    def _held(self, rows: "NDArray[np.int64]") -> pd.DataFrame:
        self.con.register("wanted", pd.DataFrame({ROW: rows}))
        found = self._framed("FROM raw JOIN wanted USING (row) ORDER BY row")
        self.con.unregister("wanted")
        return found

    def _framed(self, clause: str) -> pd.DataFrame:
        columns = ", ".join(f"c{place} AS {quote('_' + str(place))}" for place in range(len(self.headers)))
        frame = self.con.sql(f"SELECT row, {columns} {clause}").df()
        frame.columns = pd.Index([ROW, *self.headers])
        return frame.astype(dict.fromkeys(self.headers, "str")).fillna("")

    def _split(self, rows: "NDArray[np.int64]", texts: list[str]) -> pd.DataFrame:
        width = len(self.headers)
        cut = [[*record, *[""] * width][:width] for record in csv.reader(texts, delimiter=self.delimiter)]
        frame = pd.DataFrame(cut, columns=list(self.headers), dtype="str")
        frame.insert(0, ROW, rows)
        return frame
