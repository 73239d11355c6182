"""Courier companies on their published figures: one share a company and year, and what can be said about the rest.

The official count of parcels was widened in January 2024. Shares before and after do not compare, but the nation's
parcels of 2023 are on record on both definitions, so that shares of 2023 can be restated: change from 2023 to 2024 is
computed on that basis, and no other change across the break is.

A figure that covers less than half a year has its season in it. It is on record, and drawn as what it is, but it is
no company's year: changes, concentration and flows leave it out, and the company counts with the unknown rest.

Best figure: a full year before part of one; then reported before estimated, then the better evidence, then published
before derived, then the later. Where no full year is printed, the longest part is joined by other parts that do not
overlap it, weighted by the nation's parcels of their months; `figures` says how many months stand behind each share.
"""

from functools import cache

import numpy as np
import pandas as pd

from analysis.flows import Flows
from analysis.flows import source_of_volume as _source_of_volume
from analysis.market import fewest, hhi_bounds
from data import record
from data.grade import Grade, weakest
from data.record.layout import CHINA

BREAK = record.DEFINITION_BREAK.year
"""First year on the wider definition of a parcel."""
REST = "rest"
"""Everyone whose share is not known that year."""
FIRST = 2018
FAIR_MONTHS = 6
"""Months behind a figure from which it may stand for its year: a single month has its season in it."""
TOP = 4
YEAR_MONTHS = 12


@cache
def _rows() -> pd.DataFrame:
    """Figures of single companies, best first: columns of `record.company_shares`, year, months, one row a figure."""
    rows = record.company_shares()
    kept = rows["start"].notna() & rows["end"].notna() & (rows["start"].dt.year >= FIRST)
    rows = rows[kept & (rows["basis"] != "period") & ~rows["traps"].str.contains("superseded|conflict|not_credible")]
    year = rows["start"].dt.year
    months = rows["end"].dt.month - rows["start"].dt.month + 1
    rank = rows["grade"].map(list(Grade).index)
    rows = rows.assign(year=year, months=months, rank=rank, derived=~rows["published"])
    order = ["company", "year", "months", "rank", "evidence", "derived", "start"]
    return rows.sort_values(order, ascending=[True, True, False, True, True, True, False], kind="stable")


@cache
def _nation_months() -> pd.Series:
    monthly = record.national_monthly(basis="printed", combined="split")
    return monthly.set_axis(monthly.index.to_timestamp())


def _weight(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """The nation's parcels of a span; months that the record lacks (before 2019) count alike."""
    months = pd.date_range(start, end, freq="MS")
    return float(_nation_months().reindex(months).fillna(1.0).sum())


def _apart(group: pd.DataFrame) -> pd.DataFrame:
    """The best figure and those after it that overlap none already taken."""
    taken: list[int] = []
    for i in range(len(group)):
        start, end = group["start"].iloc[i], group["end"].iloc[i]
        if all(end < group["start"].iloc[k] or start > group["end"].iloc[k] for k in taken):
            taken.append(i)
    return group.iloc[taken].sort_values("start")


def _one(group: pd.DataFrame) -> pd.Series:
    used = _apart(group)
    weights = [_weight(start, end) for start, end in zip(used["start"], used["end"], strict=True)]
    return pd.Series(
        {
            "share": float(np.average(used["share"], weights=weights)),
            "months": int(used["months"].sum()),
            "part_year": bool(used["months"].sum() < YEAR_MONTHS),
            "periods": ", ".join(used["period"]),
            "grade": weakest(*map(Grade, used["grade"])),
            "evidence": max(used["evidence"]),
            "published": bool(used["published"].all()),
            "network": used["network"].iloc[0],
            "source_title": "; ".join(dict.fromkeys(used["source_title"])),
            "source_url": used["source_url"].iloc[0],
        }
    )


@cache
def _figures() -> pd.DataFrame:
    groups = _rows().groupby(["year", "company"])
    parts = {key: _one(group) for key, group in groups if _single(str(key[1]))}
    return pd.DataFrame(parts).T.rename_axis(["year", "company"]).infer_objects()


def _single(company: str) -> bool:
    return "companies" not in company


def figures() -> pd.DataFrame:
    """Best figure of each company and year with what stands behind it.

    Returns
    -------
    pandas.DataFrame
        Index (year, company); share (0 to 1, as printed: on the definition of its own year), months (that the figure
        covers), part_year, periods (as printed), grade, evidence (A to D, the weakest used), published (the company's
        own figure), network (key or ""), source_title, source_url.
    """
    return _figures().copy()


def nation() -> pd.DataFrame:
    """Parcels of the nation by year: `printed`, and `present` on the definition of 2024 (NaN before 2023)."""
    frame = record.load()
    rows = frame[(frame["metric"] == "express_volume") & (frame["basis"] == "year") & (frame["place"] == CHINA)]
    rows = rows[(rows["start"].dt.year >= FIRST) & ~rows["traps"].str.contains("superseded")]
    printed = rows.set_index(rows["start"].dt.year)["value"] * record.HUNDRED_MILLION
    restated = record.national_monthly(basis="2024")[str(BREAK - 1)].sum()
    present = printed.where(printed.index >= BREAK).fillna({BREAK - 1: restated})
    return pd.DataFrame({"printed": printed, "present": present}).rename_axis("year")


def fair(found: pd.DataFrame) -> pd.DataFrame:
    """Whether a figure may stand for its year: years x companies of `figures`, false where there is none."""
    return (found["months"] >= FAIR_MONTHS).unstack("company", fill_value=False)


def annual(*, restated: bool = False, only_fair: bool = False) -> pd.DataFrame:
    """Share of each company by year; what no figure covers is `REST`, so that every row adds to 1.

    Parameters
    ----------
    restated : bool
        Years on the present definition alone: 2023 by the nation's restated parcels of that year, and later.
    only_fair : bool
        Only figures of `FAIR_MONTHS` or more; the others are left to the rest.

    Returns
    -------
    pandas.DataFrame
        Years x companies (largest known last share first) and "rest"; fractions, NaN where a company has no figure:
        it is then part of the rest. `figures` has the grade of each cell, and how many months it covers.
    """
    wide = _figures()["share"].astype(np.float64).unstack("company")
    if restated:
        total = nation().loc[BREAK - 1]
        wide = wide.loc[BREAK - 1 :]
        wide.loc[BREAK - 1] *= total["printed"] / total["present"]
    wide = wide[wide.ffill().iloc[-1].sort_values(ascending=False).index]
    if only_fair:
        wide = wide.where(fair(_figures()))
    return wide.assign(**{REST: 1 - wide.sum(axis=1)})


def changes() -> pd.DataFrame:
    """Change of each company's share on the year before, fractions; index the later year.

    NaN where a figure is missing or covers less than six months, and across the break; the change from 2023 to 2024
    is on 2023 as restated. "rest" is left out: who is in it changes from year to year.
    """
    old, new = (annual(restated=side, only_fair=True).drop(columns=REST) for side in (False, True))
    return pd.concat([_steps(old.loc[: BREAK - 1]), _steps(new[list(old)])])


def _steps(shares: pd.DataFrame) -> pd.DataFrame:
    step = shares.diff().iloc[1:]
    return step[np.diff(shares.index) == 1]


def concentration() -> pd.DataFrame:
    """Bounds of concentration by year.

    Returns
    -------
    pandas.DataFrame
        Index year; hhi_low (the rest is atomistic) and hhi_high (the rest is as few and large as `largest` allows),
        points of 0 to 10,000; cr and cr_high, the four largest shares together, known alone and at most; known (part
        of the market with a fair figure), largest (most that one company of the rest can hold), companies (with a
        fair figure).

    Notes
    -----
    The companies with figures are leading ones, so that a company never seen in the record is taken to be no larger
    than the smallest of them. One that has a figure for a few months of the year, or for another year, may be as
    large as in the nearest of these. `largest` is the larger of the two. So the upper bound is an assumption, the
    lower one an estimate.
    """
    known, every = annual(only_fair=True).drop(columns=REST), annual().drop(columns=REST)
    rows = {year: _bounds(row.dropna(), _largest(row, every, int(year))) for year, row in known.iterrows()}
    return pd.DataFrame(rows).T.rename_axis("year").astype({"companies": int})


def _largest(known: pd.Series, every: pd.DataFrame, year: int) -> float:
    """The smallest known company of the year, or the largest of the others by its nearest figure of any length."""
    nearest = [
        float(column.iloc[np.abs(column.index.to_numpy() - year).argmin()])
        for column in (every[name].dropna() for name in known.index[known.isna()])
    ]
    return max([float(known.min()), *nearest])


def _bounds(shares: pd.Series, largest: float) -> dict[str, float]:
    fringe = float(1 - shares.sum())
    low, high = hhi_bounds(shares, fringe=fringe, largest=largest)
    top = np.sort([*shares, *fewest(fringe, largest=largest)])[::-1][:TOP].sum()
    return {
        "hhi_low": low,
        "hhi_high": high,
        "cr": float(shares.nlargest(TOP).sum()),
        "cr_high": float(top),
        "known": 1 - fringe,
        "largest": largest,
        "companies": len(shares),
    }


def volumes() -> pd.DataFrame:
    """Parcels a year of each company, stated or derived: years x companies, NaN where the record has none."""
    frame = record.load()
    rows = frame[(frame["metric"] == "parcel_volume") & (frame["basis"] == "year") & frame["value"].notna()]
    rows = rows[(rows["bound"] == "point") & (rows["start"].dt.year >= FIRST) & rows["subject"].isin(annual().columns)]
    rows = rows.assign(year=rows["start"].dt.year, derived=rows["kind"] != "stated")
    rows = rows.sort_values(["derived", "evidence"], kind="stable").drop_duplicates(["year", "subject"])
    wide = rows.set_index(["year", "subject"])["value"].unstack() * record.HUNDRED_MILLION
    return wide.rename_axis(columns="company")


def growth() -> pd.DataFrame:
    """Growth of parcels on the year before, as fractions.

    Returns
    -------
    pandas.DataFrame
        Index (year, company); growth (a fraction), months (covered: part of a year against the same part of the year
        before), stated (printed as a growth rate; otherwise the ratio of two yearly volumes), national (growth of the
        nation over the whole year on one definition: 2024 against 2023 as restated). The definition is the nation's:
        what a company counts did not change with it.
    """
    frame = record.load()
    rows = frame[(frame["metric"] == "parcel_volume_yoy") & frame["basis"].isin(["year", "ytd"])]
    rows = rows[(rows["start"].dt.year >= FIRST) & rows["subject"].isin(annual().columns) & (rows["bound"] == "point")]
    stated = rows.assign(
        year=rows["start"].dt.year, growth=rows["value"] / 100, months=rows["end"].dt.month, stated=True
    ).rename(columns={"subject": "company"})
    ratio = volumes().pct_change(fill_method=None).stack().dropna().rename("growth").reset_index()
    ratio = ratio.assign(months=YEAR_MONTHS, stated=False)
    both = pd.concat([stated[ratio.columns], ratio]).sort_values(["months", "stated"], ascending=False, kind="stable")
    table = both.drop_duplicates(["year", "company"]).set_index(["year", "company"]).sort_index()
    return table.assign(national=table.index.get_level_values("year").map(_national_growth()))


def _national_growth() -> pd.Series:
    change = nation().pct_change(fill_method=None)
    return change["present"].where(change.index >= BREAK, change["printed"])


def source_of_volume(before: int, after: int) -> Flows:
    """Who lost what to whom between two years, parcels a year: companies with a fair figure in both, and the rest.

    Both years must be on one side of the break; 2023 counts on both sides, as printed and as restated. One cell, the
    nation: parcels that changed hands both ways within it cancel, so the flows are a low bound.
    """
    restated = after >= BREAK
    shares, total = annual(restated=restated, only_fair=True), nation()["present" if restated else "printed"]
    for year in (before, after):
        if year not in shares.index or year not in total.index or np.isnan(total[year]):
            raise ValueError(
                f"{year} cannot be compared with {after if year == before else before}: "
                f"choose two years up to {BREAK - 1}, or two from {BREAK - 1} on"
            )
    pair = shares.drop(columns=REST).loc[[before, after]].dropna(axis=1)
    pair = pair.assign(**{REST: 1 - pair.sum(axis=1)})
    cells = [
        pd.DataFrame([pair.loc[y].to_numpy() * total[y]], ["China"], pair.columns.astype(object))
        for y in (before, after)
    ]
    return _source_of_volume(*cells)
