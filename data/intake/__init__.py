"""From a user's CSV file to a typed table, or to the list of cells to mend. Checking runs in DuckDB over text cells.

The contracts are `data.schema`'s own: pandera's lazy coercion reports wrong rows once a cell fails to convert, and is
about a hundred times slower.
"""

import csv
import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from data.contract import Dataset
from data.intake import own
from data.intake.checks import PROBLEM_COLUMNS, SEVERITY, literal, make_tables, quote, table_checks
from data.intake.decode import Text, decode
from data.intake.headers import match, unique
from data.intake.refusal import IntakeError
from data.intake.types import typed
from data.schema import DATASETS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Intake", "IntakeError", "Readable", "problems_csv", "read", "set_aside_csv", "values"]

PREVIEW_ROWS = 10
_SET_ASIDE = ("totals_row",)
"""Warnings whose rows are not data."""
_NAMES = ("unknown_city", "unknown_platform", "unknown_origin")
_FIXES = dict.fromkeys(_NAMES, "did_you_mean") | {"missing_column": "did_you_mean_header"}
"""Other words for the fix when there is a suggestion."""
_HEADINGS = ("data.row", "data.column", "record.value", "data.severity", "data.problem", "data.fix")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Readable(Protocol):
    """Anything with `read`, such as an open file or an upload."""

    def read(self) -> bytes | str:
        """Return the whole content."""


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What became of a file.

    Attributes
    ----------
    dataset : str
        Key of DATASETS.
    table : DataFrame
        Good rows, every column of the dataset in canonical types, in file order; then the columns of the user's own
        that were kept, float64 under their headers.
    problems : DataFrame
        row (1 = header), column and value (as written), code (words under `problem.<code>`), fix_code (under
        `fix.<code>`), severity (error, warning, info), low, high, suggest, other (text for the words); by row.
    set_aside : DataFrame
        Rows left out, as written, with their `row`.
    preview : DataFrame
        The first rows as written, with their `row`.
    mapping : dict of str to str
        File header to column, where one was found.
    encoding, delimiter : str
        As found.
    rows, kept : int
        Rows of the file that are not blank, and rows in `table`; the others are in `set_aside`.
    digest : str
        SHA-256 of the file, hexadecimal.
    """

    dataset: str
    table: pd.DataFrame
    problems: pd.DataFrame
    set_aside: pd.DataFrame
    preview: pd.DataFrame
    mapping: dict[str, str]
    encoding: str
    delimiter: str
    rows: int
    kept: int
    digest: str

    @property
    def ok(self) -> bool:
        """Whether there is no error (warnings and notes may remain)."""
        return not (self.problems["severity"] == "error").any()


def read(
    source: bytes | Path | Readable,
    dataset: str,
    *,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    crs: str = "WGS-84",
) -> Intake:
    """Read and check a CSV file.

    Parameters
    ----------
    source : bytes, Path or file-like
        The file: UTF-8, GB18030 or UTF-16; comma, semicolon or tab.
    dataset : str
        Key of DATASETS.
    mapping : mapping of str to str, optional
        File header to column name, over what the headers say; "" leaves a header out.
    encoding : str, optional
        One of `data.intake.decode.ENCODINGS`, when the detected one is wrong.
    crs : str
        Coordinates of the file; WGS-84 only.

    Raises
    ------
    IntakeError
        The file is no table: empty, header only, binary, in no known encoding.
    ValueError
        The arguments are wrong.
    """
    if dataset not in DATASETS:
        raise ValueError(f"unknown dataset {dataset!r}; use one of {', '.join(DATASETS)}")
    if crs != "WGS-84":
        raise ValueError(f"coordinates in {crs!r} are not read; convert them to WGS-84 first")
    raw = _bytes(source)
    text = decode(raw, encoding=encoding)
    headers = unique(text.header)
    found, notes = match(headers, DATASETS[dataset], dict(mapping or {}), text.header_row)
    with tempfile.TemporaryDirectory() as folder:
        path = source if isinstance(source, Path) and text.clean is None else Path(folder) / "upload.csv"
        if path is not source:
            path.write_bytes(raw if text.clean is None else text.clean)
        return _check(path, DATASETS[dataset], text, headers, found, notes, hashlib.sha256(raw).hexdigest())


def values(problem: Mapping[str, object]) -> dict[str, str]:
    """Return what the words of a problem (a row of `problems`) may need."""
    return {name: str(problem[name]) for name in ("row", "column", "value", "low", "high", "suggest", "other")}


def problems_csv(intake: Intake, say: Callable[..., str]) -> bytes:
    """Problems as a CSV file for Excel (UTF-8 with BOM); cells that would run as formulas get an apostrophe.

    Parameters
    ----------
    intake : Intake
    say : callable
        `say(key, **values)` gives the words in the user's language.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([say(key) for key in _HEADINGS])
    for problem in intake.problems.to_dict("records"):
        words = values(problem)
        texts = (
            words["column"],
            words["value"],
            say(f"severity.{problem['severity']}"),
            say(f"problem.{problem['code']}", **words),
            say(f"fix.{problem['fix_code']}", **words),
        )
        writer.writerow([problem["row"], *(_harmless(text) for text in texts)])
    return out.getvalue().encode("utf-8-sig")


def set_aside_csv(intake: Intake) -> bytes:
    """Rows set aside, as written, as a CSV file for Excel; cells that would run as formulas get an apostrophe."""
    rows = intake.set_aside
    harmless = rows.assign(**{name: rows[name].map(_harmless) for name in rows.columns if name != "row"})
    return harmless.to_csv(index=False).encode("utf-8-sig")


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _bytes(source: bytes | Path | Readable) -> bytes:
    if isinstance(source, bytes):
        return source
    content = source.read_bytes() if isinstance(source, Path) else source.read()
    return content.encode() if isinstance(content, str) else content


def _check(
    path: Path,
    dataset: Dataset,
    text: Text,
    headers: list[str],
    found: dict[str, str],
    notes: list[dict[str, object]],
    digest: str,
) -> Intake:
    import duckdb

    with duckdb.connect() as con:
        try:
            rows = _load(con, path, text)
        except duckdb.Error as error:
            raise IntakeError("unreadable") from error
        positions = {name: headers.index(header) for header, name in found.items()}
        fatal = any(note["code"] == "missing_column" for note in notes)
        kept: dict[str, int] = {}
        if not fatal:
            make_tables(con, dataset, positions)
            kept, notes = own.keep(con, dataset, headers, notes)
        problems = _problems(con, dataset, positions, headers, kept, fatal)
        problems = _finish(pd.DataFrame(notes, columns=PROBLEM_COLUMNS), problems)
        bad = problems["severity"].eq("error") | problems["code"].isin(_SET_ASIDE)
        con.register("bad", pd.DataFrame({"row": problems.loc[bad, "row"].unique()}))
        table = _table(con, dataset, positions, kept, fatal)
        where = "true" if fatal else "row IN (SELECT row FROM bad)"
        return Intake(
            dataset=dataset.name,
            table=table,
            problems=problems,
            set_aside=_written(con, headers, f"WHERE {where} ORDER BY row"),
            preview=_written(con, headers, f"ORDER BY row LIMIT {PREVIEW_ROWS}"),
            mapping=found,
            encoding=text.encoding,
            delimiter=text.delimiter,
            rows=rows,
            kept=len(table),
            digest=digest,
        )


def _load(con: "DuckDBPyConnection", path: Path, text: Text) -> int:
    """Create `raw`: row (of the file), c0, c1... as text, and one column more for cells beyond the header."""
    width = len(text.header)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width + 1))
    options = (
        f"auto_detect=false, header=false, delim={literal(text.delimiter)}, quote='\"', escape='\"', "
        f"strict_mode=false, null_padding=true, parallel=false, encoding='utf-8', columns={{{columns}}}"
    )
    filled = " OR ".join(f"trim(c{i}) <> ''" for i in range(width + 1))
    con.execute(
        f"CREATE TEMP TABLE raw AS SELECT * FROM (SELECT row_number() OVER () AS row, * "
        f"FROM read_csv({literal(str(path))}, {options})) WHERE row > {text.header_row} AND ({filled})"
    )
    return _count(con, "raw")


def _count(con: "DuckDBPyConnection", table: str) -> int:
    return con.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def _problems(
    con: "DuckDBPyConnection",
    dataset: Dataset,
    positions: dict[str, int],
    headers: list[str],
    kept: dict[str, int],
    fatal: bool,
) -> pd.DataFrame:
    if fatal:
        return pd.DataFrame(columns=PROBLEM_COLUMNS)
    written = {name: headers[position] for name, position in positions.items()}
    checks = [*table_checks(dataset, positions, written, len(headers)), *own.checks(kept)]
    return con.sql(" UNION ALL ".join(checks)).df()


def _finish(notes: pd.DataFrame, problems: pd.DataFrame) -> pd.DataFrame:
    """All problems with severity and fix, by row, then in the order of the checks."""
    frame = problems if notes.empty else pd.concat([notes, problems], ignore_index=True) if len(problems) else notes
    frame = frame.assign(severity=frame["code"].map(SEVERITY).fillna("error").astype("str"))
    frame["fix_code"] = frame["code"].map(_FIXES).where(frame["suggest"] != "").fillna(frame["code"])
    text = frame[list(PROBLEM_COLUMNS)].fillna("").astype({name: "str" for name in PROBLEM_COLUMNS if name != "row"})
    return text.astype({"row": "int64"}).sort_values("row", kind="stable").reset_index(drop=True)


def _written(con: "DuckDBPyConnection", headers: list[str], clause: str) -> pd.DataFrame:
    columns = ", ".join(f"c{i} AS {quote('_' + str(i))}" for i in range(len(headers)))
    frame = con.sql(f"SELECT row, {columns} FROM raw {clause}").df()
    frame.columns = pd.Index(["row", *headers])
    return frame.astype(dict.fromkeys(headers, "str")).fillna("")


def _table(
    con: "DuckDBPyConnection", dataset: Dataset, positions: dict[str, int], kept: dict[str, int], fatal: bool
) -> pd.DataFrame:
    if fatal:
        empty = pd.DataFrame({name: pd.Series(dtype="object") for name in dataset.columns})
        return typed(empty, dataset)
    names = ", ".join([*map(quote, positions), *own.names(kept)])
    rows = "typed JOIN own USING (row)" if kept else "typed"
    frame = con.sql(f"SELECT {names} FROM {rows} WHERE row NOT IN (SELECT row FROM bad) ORDER BY row").df()
    table = typed(frame.reindex(columns=list(dataset.columns)), dataset)
    return table.join(own.columns(frame, kept)) if kept else table
