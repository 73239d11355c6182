"""Problems in the words of the file: its headers, its cells as written, and how grave each is."""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.intake.checks import PROBLEM_COLUMNS
from data.intake.headers import Note
from data.intake.severity import SEVERITY

BETWEEN = " + "
_NAMES = ("unknown_city", "unknown_platform", "unknown_origin")
_FIXES = dict.fromkeys(_NAMES, "did_you_mean") | {"missing_column": "did_you_mean_header"}
"""Other words for the fix when there is a suggestion."""


def rows_to_quote(found: pd.DataFrame, *, after: int) -> NDArray[np.int64]:
    """Rows whose cells `as_written` needs."""
    return found.loc[_unquoted(found, after), "row"].to_numpy(np.int64)


def _unquoted(found: pd.DataFrame, after: int) -> "pd.Series[bool]":
    return (found["value"] == "") & (found["row"] > after)


def as_written(found: pd.DataFrame, texts: pd.DataFrame, headers: Mapping[str, str], *, after: int) -> pd.DataFrame:
    """Findings across rows with the file's headers, and the cells as written where they give no value.

    Parameters
    ----------
    found : DataFrame
        Columns of a problem, `column` as canonical names joined by " + ".
    texts : DataFrame
        Rows as written: `row`, then the headers.
    headers : mapping of str to str
        Canonical name to header.
    after : int
        Row of the header: findings up to it concern the whole file.
    """
    if found.empty:
        return found
    blank, cells = _unquoted(found, after), texts.set_index("row")
    shown = found["value"].astype("object")
    for column, group in found[blank].groupby("column"):
        names = [headers[name] for name in str(column).split(BETWEEN) if name in headers]
        if names:
            rows = cells.reindex(group["row"])
            whole = reduce(lambda left, name: left + BETWEEN + rows[name], names[1:], rows[names[0]])
            shown[group.index] = whole.to_numpy()
    said = {text: _headers(str(text), headers) for text in found["column"].unique()}
    return found.assign(value=shown.astype("str"), column=found["column"].map(said))


def _headers(column: str, headers: Mapping[str, str]) -> str:
    return BETWEEN.join(headers[name] for name in column.split(BETWEEN) if name in headers)


def stated(notes: Sequence[Note], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All problems with severity and fix, by row, then in the order of the checks."""
    some = [pd.DataFrame(notes, columns=list(PROBLEM_COLUMNS)), *frames]
    filled = [frame.reindex(columns=list(PROBLEM_COLUMNS)).astype("object") for frame in some if len(frame)]
    frame = pd.concat(filled, ignore_index=True) if filled else some[0].astype("object")
    frame = frame.assign(severity=frame["code"].map(SEVERITY).fillna("error").astype("str"))
    frame["fix_code"] = frame["code"].map(_FIXES).where(frame["suggest"].fillna("") != "").fillna(frame["code"])
    text = frame.fillna("").astype({name: "str" for name in PROBLEM_COLUMNS if name != "row"})
    return text.astype({"row": "int64"}).sort_values("row", kind="stable").reset_index(drop=True)
