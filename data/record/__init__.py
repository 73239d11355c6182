"""The record: published figures in one long frame, every row with its source, date and how far to trust it.

Read-only. The files in `files/record/` are checked cell by cell when they are first read; every caller gets a copy.
Grades: a stated figure is *reported*; one computed from stated ones (cumulative minus month, implied by a growth
rate, company over nation) is *estimated*; a plan, forecast or guidance is *assumed*, because nobody has measured it.
"""

import re
from functools import cache

import pandas as pd

from data.record.files import FOLDER
from data.record.read import read_folder

HUNDRED_MILLION = 1e8
DEFINITION_BREAK = pd.Timestamp("2024-01-01")
"""First month on the wider official definition of an express parcel."""
_DOUBTFUL = "superseded|conflict|not_credible"


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
        (where it belongs on a time axis: the start of a flow, the end of a level or a running total, the middle of a
        level said of more than a year), value with value_low and value_high (NaN where a side is open), unit, basis
        (year, half, quarter, month, month_filled, months_together, ytd, day, level...), bound (point, lower, upper,
        range), kind (stated, derived, plan, forecast, rank), evidence (A official, B company, C press or derived, D
        weak), grade, source_title, source_url, source_date, note, file, traps (codes joined by "|").
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
