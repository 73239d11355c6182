"""Problems in the words of the file: its headers, its cells as written, and how grave each is."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data.intake.checks import PROBLEM_COLUMNS
from data.intake.headers import Note
from data.intake.severity import SEVERITY
from data.intake.written import Written

BETWEEN = " + "
_NAMES = ("unknown_city", "unknown_platform", "unknown_origin")
_FIXES = dict.fromkeys(_NAMES, "did_you_mean") | {"missing_column": "did_you_mean_header"}
"""Other words for the fix when there is a suggestion."""


def as_written(found: pd.DataFrame, written: Written, headers: Mapping[str, str], *, after: int) -> pd.DataFrame:
    """Findings across rows with the file's headers, and the cells as written where they give no value.

    Parameters
    ----------
    found : DataFrame
        Columns of a problem, `column` as canonical names joined by " + ".
    headers : mapping of str to str
        Canonical name to header.
    after : int
        Row of the header: findings up to it concern the whole file.
    """
    if found.empty:
        return found
    blank = (found["value"] == "") & (found["row"] > after)
    cells = written.cells(found.loc[blank, "row"].to_numpy(np.int64)).set_index("row")
    shown = found["value"].astype("object")
    for column, group in found[blank].groupby("column"):
        names = [headers[name] for name in str(column).split(BETWEEN) if name in headers]
        if names:
            shown[group.index] = cells.loc[group["row"], names].agg(BETWEEN.join, axis=1).to_numpy()
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
