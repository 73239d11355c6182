"""What became of a file: the good rows, everything that is wrong, and what is left aside."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Guess:
    """What one header of a file means.

    Attributes
    ----------
    header : str
        As written, made unique: a blank one is "#3", a repeated one "city #5" (by position).
    column : str
        Column of the dataset, "" when it is left out.
    confidence : float
        0 to 1; 1 for a name, an alias, what was remembered or given.
    why : str
        Key of the explanation, words under `why.<key>`: "given", "remembered", "name", "alias", "unit" (alias once the
        unit is taken off), "similar" (offered, not used), "own" (kept as a column of the user's own), "none".
    suggest : str
        Column offered when `column` is empty.
    unit : str
        Unit written in the header, such as 万件; "" for none.
    factor : float
        What a cell is multiplied by to be in the unit of its column.
    """

    header: str
    column: str
    confidence: float
    why: str
    suggest: str = ""
    unit: str = ""
    factor: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What became of a file.

    Attributes
    ----------
    dataset : str
        Name of the dataset it was read as.
    rows_of : pyarrow.Table
        Good rows: `row` (int64, of the file), then every column of the dataset (platform, city, format, origin:
        dictionary of keys; month, date: date32; number, fraction, integer: float64 with nulls; text: string), then the
        columns of the user's own (float64). In file order.
    problems : DataFrame
        row, column and value (as written), code (words under `problem.<code>`), fix_code (under `fix.<code>`), severity
        (error, warning, info), low, high, suggest, other (text for the words); by row.
    set_aside : DataFrame
        Rows left out, as written, with their `row`.
    preview : DataFrame
        The first rows as written, with their `row`.
    guesses : tuple of Guess
        One a header, in file order.
    names : DataFrame
        Spellings that no column could resolve, one row each: column (of the dataset), written, rows (how many), row
        (the first), code, suggest (tuple of keys, likeliest first).
    encoding, delimiter : str
        As found.
    encodings : tuple of str
        Every encoding in which the file makes sense.
    header_row, rows, kept : int
        Record number of the header; rows under it that are not blank; rows that are kept: of a log of events they are
        counted into fewer rows of `rows_of`. The others are in `set_aside`.
    sheet : str
        Table of the file that was read; "" when the file is the table.
    crs : str
        Coordinates the file was read in.
    crs_guess : str
        Another system in which its points would fall onto those known; "" for none.
    adapter : str
        Key of the kind of file it was brought from; "" for a dataset as it is.
    name, digest : str
        File name and SHA-256.
    """

    dataset: str
    rows_of: "pa.Table"
    problems: pd.DataFrame
    set_aside: pd.DataFrame
    preview: pd.DataFrame
    guesses: tuple[Guess, ...]
    names: pd.DataFrame
    encoding: str
    delimiter: str
    encodings: tuple[str, ...]
    header_row: int
    rows: int
    kept: int
    sheet: str
    crs: str
    crs_guess: str
    adapter: str
    name: str
    digest: str

    @property
    def ok(self) -> bool:
        """Whether there is no error (warnings and notes may remain)."""
        return not (self.problems["severity"] == "error").any()

    @property
    def mapping(self) -> dict[str, str]:
        """File header to column, where one was found."""
        return {guess.header: guess.column for guess in self.guesses if guess.column}

    @property
    def table(self) -> pd.DataFrame:
        """Good rows of one of DATASETS as a frame of canonical types, without `row`; made anew at every call."""
        from data.intake.canonical import frame

        return frame(self.rows_of, self.dataset)
