"""Text cells of a sheet in DuckDB: table `raw` with the row of the file and c0, c1... as text."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data import duck
from data.intake.cells import literal
from data.intake.decode import bad_line
from data.intake.limits import LONGEST_RECORD
from data.intake.refusal import IntakeError

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray


ALONE = "hive_partitioning=false, union_by_name=false, filename=false"
"""Arguments by which a file is read for what it holds: the names of its folders say nothing."""


def options(delimiter: str, types: Sequence[str], *, strict: bool = False, parallel: bool = False) -> str:
    """Arguments of `read_csv` for a file without header whose columns c0, c1... have these types."""
    columns = ", ".join(f"'c{place}': {literal(kind)}" for place, kind in enumerate(types))
    padding = "" if strict else "null_padding=true, "
    return (
        f"auto_detect=false, header=false, compression='none', {ALONE}, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', "
        f"strict_mode={str(strict).lower()}, {padding}parallel={str(parallel).lower()}, encoding='utf-8', "
        f"max_line_size={LONGEST_RECORD}, columns={{{columns}}}"
    )


def load(
    con: "DuckDBPyConnection",
    path: Path,
    *,
    delimiter: str,
    width: int,
    after: int = 0,
    rows: "NDArray[np.int64] | None" = None,
) -> int:
    """Create `raw` of the records below `after` that are not blank, and tell how many there are.

    Parameters
    ----------
    width : int
        Columns of the header; one more holds the first cell beyond it.
    rows : array of int64, optional
        Row numbers of the records, where they are not their places in the file.

    Raises
    ------
    IntakeError
        The quotes of the file do not close, or a line is not in UTF-8.
    """
    import duckdb
    import pyarrow as pa

    filled = " OR ".join(f"trim(c{place}) <> ''" for place in range(width + 1))
    scan = (
        f"SELECT row_number() OVER () AS row, * FROM read_csv({literal(str(path))}, "
        f"{options(delimiter, ['VARCHAR'] * (width + 1))})"
    )
    if rows is not None:
        con.register("numbers", pa.table({"place": range(1, len(rows) + 1), "number": rows}))
        scan = f"SELECT number AS row, * EXCLUDE (row, place, number) FROM ({scan}) JOIN numbers ON row = place"
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM ({scan}) WHERE row > {after} AND ({filled})")
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        if duck.lacks(error):
            raise
        odd = bad_line(path)
        if odd:
            row = str(odd if rows is None else rows[odd - 1])
            raise IntakeError("mixed_encoding", encoding="utf-8", row=row) from error
        raise IntakeError("unreadable") from error
    return int(con.sql("SELECT count(*) FROM raw").fetchall()[0][0])
