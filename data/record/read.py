"""From the files of the record to its long frame, with dates, ends of ranges, grades and traps."""

from pathlib import Path

import pandas as pd

from data.grade import Grade
from data.record.files import FILES
from data.record.layout import network_of, read
from data.record.periods import months, parse
from data.record.traps import traps

COLUMNS = (
    "id", "metric", "network", "subject", "place", "period", "start", "end", "months", "at", "value", "value_low",
    "value_high", "unit", "basis", "bound", "kind", "evidence", "grade", "source_title", "source_url", "source_date",
    "note", "file", "traps",
)  # fmt: skip
YEAR = pd.Timedelta(days=366)
"""A level said of a longer span stands at its middle: its end may not have come yet."""
GRADES = {
    "stated": Grade.REPORTED,
    "rank": Grade.REPORTED,
    "derived": Grade.ESTIMATED,
    "plan": Grade.ASSUMED,
    "forecast": Grade.ASSUMED,
}


def read_folder(folder: Path) -> pd.DataFrame:
    """Read and check every file of a folder; columns and units as `data.record.load`.

    Raises
    ------
    ValueError
        A cell breaks its file's layout, or ends of a range are the wrong way round.
    """
    frame = pd.concat([_file(name, folder) for name in FILES], ignore_index=True)
    frame["traps"] = traps(frame)
    frame["grade"] = frame["kind"].map(GRADES)
    return frame[list(COLUMNS)]


def _file(name: str, folder: Path) -> pd.DataFrame:
    """Figures of one file with typed columns, in file order."""
    layout = FILES[name]
    raw = read(name, layout, folder)
    frame = layout.figures(raw).reset_index(drop=True)
    rows = raw.loc[frame["row"]].reset_index(drop=True)
    frame["file"], frame["network"] = name, frame["subject"].map(network_of)
    frame["id"] = name + ":" + frame["row"].astype(str) + ":" + frame["metric"]
    frame["period"] = rows[layout.period or "period"]
    frame["note"] = rows["note"]
    frame["vintage"] = rows.get("vintage", "")
    frame["source_title"], frame["source_date"] = rows["source_title"], rows[_date_column(rows)]
    frame["source_url"] = rows["source_url"].where(rows["source_url"].str.startswith("http"), "")
    return _with_values(_with_dates(frame)).sort_values("row", kind="stable")


def _date_column(rows: pd.DataFrame) -> str:
    return "source_date" if "source_date" in rows else "source_published"


def _with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    spans = [parse(p, b) for p, b in zip(frame["period"], frame["basis"], strict=True)]
    start = pd.Series(pd.to_datetime([s for s, _ in spans]), index=frame.index).astype("datetime64[us]")
    end = pd.Series(pd.to_datetime([e for _, e in spans]), index=frame.index).astype("datetime64[us]")
    length = pd.array([months(*span) for span in spans], dtype="Int64")
    late = frame["basis"].isin(["ytd", "level"])
    vague = (frame["basis"] == "level") & (end - start > YEAR)
    at = end.where(late, start).mask(vague, start + (end - start) // 2).dt.floor("D")
    return frame.assign(start=start, end=end, months=length, at=at.fillna(end).fillna(start))


def _with_values(frame: pd.DataFrame) -> pd.DataFrame:
    number = {name: pd.to_numeric(frame[name]).astype("float64") for name in ("value", "low", "high")}
    value = number["value"]
    low = number["low"].fillna(value.where(frame["bound"] != "upper"))
    high = number["high"].fillna(value.where(frame["bound"] != "lower"))
    if (low > high).any():
        row = frame.loc[low > high].iloc[0]
        raise ValueError(
            f"{row['file']}.csv row {row['row']}: the low end {row['low']} is above the high end {row['high']}"
        )
    return frame.assign(value=value, value_low=low, value_high=high)
