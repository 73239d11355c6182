"""Canonical types of a table that has passed its checks."""

import pandas as pd

from data.contract import Column, Dataset
from data.platforms import PLATFORMS

_DTYPES = {
    "number": "float64",
    "fraction": "float64",
    "integer": "Int64",
    "date": "datetime64[us]",
    "month": "datetime64[us]",
}


def typed(frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Give every column of the dataset its type, and blank optional cells their default."""
    table = frame.assign(**{name: _column(frame[name], column) for name, column in dataset.columns.items()})
    if "format" in table:
        usual = {key: "station" if p.format == "door" else p.format for key, p in PLATFORMS.items()}
        table["format"] = table["format"].fillna(table["platform"].map(usual)).astype("str")
    return table


def _column(cells: pd.Series, column: Column) -> pd.Series:
    typed = cells.astype(_DTYPES.get(column.type, "str"))
    if column.default is not None:
        typed = typed.fillna(column.default)
    return typed.astype("int64") if column.type == "integer" and column.required else typed
