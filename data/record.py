"""The record: published figures in one long frame, every row with its source, date and how far to trust it.

Read-only. The files in `files/record/` are checked cell by cell when they are first read; every caller gets a copy.
Grades: a stated figure is *reported*; one computed from stated ones (cumulative minus month, implied by a growth
rate, company over nation) is *estimated*; a plan, forecast or guidance is *assumed*, because nobody has measured it.
"""

import re
from functools import cache
from pathlib import Path

import pandas as pd

from data.grade import Grade
from data.record_files import FILES, FOLDER
from data.record_layout import network_of, read
from data.record_periods import months, parse
from data.record_traps import traps

COLUMNS = (
    "id", "metric", "network", "subject", "place", "period", "start", "end", "months", "at", "value", "value_low",
    "value_high", "unit", "basis", "bound", "kind", "evidence", "grade", "source_title", "source_url", "source_date",
    "note", "file", "traps",
)  # fmt: skip
GRADES = {
    "stated": Grade.REPORTED,
    "rank": Grade.REPORTED,
    "derived": Grade.ESTIMATED,
    "plan": Grade.ASSUMED,
    "forecast": Grade.ASSUMED,
}
HUNDRED_MILLION = 1e8
_DOUBTFUL = "superseded|conflict|not_credible"


def read_folder(folder: Path) -> pd.DataFrame:
    """Read and check every file of a folder; columns and units as `load`.

    Raises
    ------
    ValueError
        A cell breaks its file's layout, or ends of a range are the wrong way round.
    """
    frame = pd.concat([_file(name, folder) for name in FILES], ignore_index=True)
    frame["traps"] = traps(frame)
    frame["grade"] = frame["kind"].map(GRADES)
    return frame[list(COLUMNS)]


@cache
def _loaded() -> pd.DataFrame:
    return read_folder(FOLDER)


def load() -> pd.DataFrame:
    """Every published figure, one a row, in file order.

    Returns
    -------
    DataFrame
        id (file, row and what it is), metric, network (key of PLATFORMS or ""), subject and place and period as
        printed, start and end (first and last day, NaT when open or unknown), months (whole months, NA otherwise), at
        (where it belongs on a time axis: the start of a flow, the end of a level or a running total), value with
        value_low and value_high (NaN where a side is open), unit, basis (year, half, quarter, month, month_filled,
        months_together, ytd, day, level...), bound (point, lower, upper, range), kind (stated, derived, plan,
        forecast, rank), evidence (A official, B company, C press or derived, D weak), grade, source_title,
        source_url, source_date, note, file, traps (codes joined by "|").
    """
    return _loaded().copy()


def search(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    """Rows in which every word of `text` occurs, without case, in metric, subject, place, period, note or source."""
    fields = ["metric", "subject", "network", "place", "period", "note", "source_title", "traps"]
    haystack = frame[fields[0]].str.replace("_", " ")
    for name in fields:
        haystack = haystack + " " + frame[name]
    haystack = haystack.str.casefold()
    keep = pd.Series(True, index=frame.index)
    for word in text.casefold().split():
        keep &= haystack.str.contains(word, regex=False)
    return frame[keep]


def series_list() -> pd.DataFrame:
    """Every chartable series: metric, subject, place, basis and unit with at least two dates.

    Returns
    -------
    DataFrame
        key, metric, network, subject, place, basis, unit, n (dates), first, last; longest first.
    """
    groups = _series_rows().groupby("key", sort=False)
    table = groups[["metric", "network", "subject", "place", "basis", "unit"]].first()
    table[["n", "first", "last"]] = groups["at"].agg(["nunique", "min", "max"])
    table = table[table["n"] >= 2].sort_values("n", ascending=False, kind="stable")
    return table.reset_index()


def series(key: str, *, every: bool = False) -> pd.DataFrame:
    """One series in order of time.

    Parameters
    ----------
    key : str
        From `series_list`.
    every : bool
        Keep rival figures for one date; otherwise the best: not doubted, then by evidence, then stated first.

    Returns
    -------
    DataFrame
        start, end, at, period, value (middle of a range), low, high, unit, grade, bound, kind, evidence, basis,
        traps, source_title, source_url, source_date, note, id.
    """
    rows = _series_rows()
    rows = rows[rows["key"] == key]
    if rows.empty:
        raise ValueError(f"no series {key!r} in the record; series_list() names them")
    rows = rows.assign(
        doubt=rows["traps"].str.contains(_DOUBTFUL),
        second_hand=rows["kind"] != "stated",
        value=rows["value"].fillna((rows["value_low"] + rows["value_high"]) / 2),
    )
    rows = rows.sort_values(["at", "doubt", "evidence", "second_hand"], kind="stable")
    if not every:
        rows = rows.drop_duplicates("at")
    shown = [
        "start",
        "end",
        "at",
        "period",
        "value",
        "value_low",
        "value_high",
        "unit",
        "grade",
        "bound",
        "kind",
        "evidence",
    ]
    more = ["basis", "traps", "source_title", "source_url", "source_date", "note", "id"]
    return rows[shown + more].rename(columns={"value_low": "low", "value_high": "high"}).reset_index(drop=True)


def national_monthly(*, basis: str = "2024", extend: bool = False, combined: str = "missing") -> pd.Series:
    """Parcels of the nation by month, gaps filled by the record.

    Parameters
    ----------
    basis : str
        "2024": on the definition in force since January 2024 (2023 restated by published growth). "printed": as
        printed, from 2019-01, with the level break of January 2024 in it.
    extend : bool
        With basis "2024", go back to 2019-01 by the ratio of 2023 (1.091). An assumption: the wider definition added
        the same share in every earlier month.
    combined : str
        January and February 2026 were published only together. "missing" leaves both NaN, which is what a model
        should see; "split" divides the sum by days, so that totals are kept, an assumption to be labelled.

    Returns
    -------
    Series
        Parcels (not 100 millions), float64, PeriodIndex "M" without gaps.
    """
    if basis not in ("2024", "printed") or combined not in ("missing", "split"):
        raise ValueError(f"basis {basis!r} must be '2024' or 'printed', combined {combined!r} 'missing' or 'split'")
    printed = _national("express_volume").loc["2019-01":]
    restated = _national("express_volume_2024_basis")
    if basis == "2024":
        ratio = restated.sum() / printed[restated.index].sum()
        earlier = printed[:"2022-12"] * ratio
        parts = [earlier] if extend else []
        printed = pd.concat([*parts, restated, printed["2024-01":]])
    monthly = printed.reindex(pd.period_range(printed.index[0], printed.index[-1], freq="M", name="month"))
    if combined == "split":
        for row in combined_months().itertuples():
            span = pd.period_range(row.start, row.end, freq="M")
            days = span.days_in_month.to_numpy()
            monthly[span] = row.parcels * days / days.sum()
    return monthly.rename("parcels")


def combined_months() -> pd.DataFrame:
    """Months published only as one sum: start, end (days), parcels (of the whole span)."""
    rows = _rows("express_volume", basis="months_together")
    return rows[["start", "end"]].assign(parcels=rows["value"] * HUNDRED_MILLION).reset_index(drop=True)


def locker_sets() -> pd.Series:
    """Smart locker sets in the country by date, without forecasts and figures in conflict.

    Returns
    -------
    Series
        Sets, float64, DatetimeIndex (last day of the printed period). Mid-2017 is a lower bound.
    """
    frame = _loaded()
    counted = frame["metric"].isin(["lockers_installed", "locker_sets"])
    whole = frame["subject"].isin(["Smart lockers", "Industry (all operators)"])
    rows = frame[counted & whole & (frame["kind"] == "stated") & ~frame["traps"].str.contains("conflict")]
    return rows.set_index("end")["value"].sort_index().rename("locker_sets").rename_axis("date")


def company_shares() -> pd.DataFrame:
    """Courier companies' shares of national parcels, published and derived.

    Returns
    -------
    DataFrame
        company, network, period, start, end, basis, share (0 to 1), published (bool: the company's own figure), grade,
        evidence, traps, source_title, source_url, note. Shares before and after 2024 do not compare.
    """
    frame = _loaded()
    rows = frame[frame["metric"].isin(["market_share_volume", "market_share_volume_derived"])]
    rows = rows.assign(
        share=rows["value"] / 100, published=(rows["metric"] == "market_share_volume") & (rows["kind"] == "stated")
    )
    shown = [
        "subject",
        "network",
        "period",
        "start",
        "end",
        "basis",
        "share",
        "published",
        "grade",
        "evidence",
        "traps",
    ]
    table = rows[[*shown, "source_title", "source_url", "note"]].rename(columns={"subject": "company"})
    return table.sort_values(["company", "start", "published"], kind="stable").reset_index(drop=True)


def _rows(metric: str, *, basis: str) -> pd.DataFrame:
    frame = _loaded()
    return frame[(frame["metric"] == metric) & (frame["basis"] == basis)]


def _national(metric: str) -> pd.Series:
    rows = _rows(metric, basis="month_filled")
    value = rows["value"].to_numpy() * HUNDRED_MILLION
    return pd.Series(value, index=pd.PeriodIndex(rows["start"], freq="M", name="month"))


@cache
def _series_rows() -> pd.DataFrame:
    frame = _loaded()
    frame = frame[frame["at"].notna() & ~frame["kind"].isin(["plan", "forecast"])]
    parts = [frame[name].map(_slug) for name in ("metric", "subject", "place", "basis", "unit")]
    return frame.assign(key=parts[0].str.cat(parts[1:], sep="."))


@cache
def _slug(text: str) -> str:
    plain = text.encode("ascii", "ignore").decode() if re.search("[A-Za-z]", text) else text
    return re.sub(r"\W+", "-", plain.casefold()).strip("-") or "-"


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
    return frame.assign(start=start, end=end, months=length, at=end.where(late, start).fillna(end).fillna(start))


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
