"""Cached tables of the record."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.views.look import Look, View
from data import record as source
from data.grade import Grade, weakest

if TYPE_CHECKING:
    from analysis.flows import Flows

LEAST_FIGURES = 4
"""Published series with fewer dates are too short for any curve."""
BASES = ("year", "half", "quarter", "month", "month_filled", "level", "peak_day")
"""What a figure may cover: one period, or a state at a date."""
JOINED = ("express_volume", "express_volume_2024_basis")
"""Monthly metrics that `record.national_monthly` joins across the wider definition of 2024."""


@st.cache_data(max_entries=1, show_spinner=False)
def price() -> pd.Series:
    """Published revenue per parcel, CNY, by month."""
    rows = source.series("revenue_per_parcel.industry.china.month_filled.cny-per-parcel")
    return rows.set_index("start")["value"]


@st.cache_data(max_entries=1, show_spinner=False)
def figures() -> pd.DataFrame:
    """Every published figure."""
    return source.load()


@st.cache_data(max_entries=1, show_spinner=False)
def years() -> list[str]:
    """Years of the record, latest first."""
    years = source.load()["at"].dropna().dt.year.unique()
    return [str(year) for year in sorted(years, reverse=True)]


def series_name(row: Any, look: Look) -> str:
    """Name of a published series: metric, whose, where, how often."""
    parts = [look.term("metric", row.metric)]
    parts += [look.term("subject", row.subject)] if row.subject != "Industry" else []
    parts += [look.place(row.place)] if row.place != "China" else []
    return " · ".join([*parts, look.term("basis", row.basis)])


def charts(rows: pd.DataFrame, look: Look) -> dict[str, str]:
    """Chartable series among these rows of the record, by key, with their names."""
    table = _series_list()
    parts = table.merge(rows[["metric", "subject", "place", "basis", "unit"]].drop_duplicates())
    return {row.key: series_name(row, look) for row in parts.itertuples()}


def chart(key: str, look: Look, name: str) -> View:
    """One series of the record, drawn."""
    from analysis.views import record

    rows = source.series(key)
    return record.series(rows, look, name=name, unit=look.term("unit", rows["unit"].iloc[0]))


@st.cache_data(max_entries=1, show_spinner=False)
def to_fit() -> pd.DataFrame:
    """Published series that a curve can be tried on, most figures first; `grade` is that of its weakest figure.

    Not among them: running totals within a year, ranks, growth rates, indices, months as printed where the record
    fills their gaps, and what is joined across a change of definition.
    """
    table = _series_list()
    kept = (table["n"] >= LEAST_FIGURES) & table["basis"].isin(BASES)
    kept &= ~(table["metric"] + table["unit"]).str.contains("rank|yoy|index")
    filled = set(table["metric"][table["basis"] == "month_filled"])
    kept &= ~((table["basis"] == "month") & table["metric"].isin(filled))
    table = table[kept & ~(table["metric"].isin(JOINED) & (table["basis"] == "month_filled"))]
    return table.assign(grade=[weakest(*map(Grade, source.series(key)["grade"])).value for key in table["key"]])


@st.cache_data(max_entries=1, show_spinner=False)
def _series_list() -> pd.DataFrame:
    return source.series_list()


@st.cache_data(max_entries=4, show_spinner=False)
def courier_table(name: str) -> pd.DataFrame:
    """One table of the published couriers: restated, or what `analysis.couriers` calls by the name."""
    from analysis import couriers

    if name == "restated":
        return couriers.annual(restated=True)
    tables = couriers.annual, couriers.figures, couriers.changes, couriers.growth, couriers.concentration
    return {table.__name__: table for table in tables}[name]()


@st.cache_resource(max_entries=32, show_spinner=False)
def courier_flows(since: int, until: int) -> "Flows":
    """Who lost what to whom among the couriers between two years, by the owner of each company's network."""
    from analysis import couriers
    from analysis.views.couriers import by_owner, owners

    return by_owner(couriers.source_of_volume(since, until), owners(courier_table("figures")))
