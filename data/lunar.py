"""First days of the lunisolar year, 2005 to 2045; `files/lunar_new_year.csv` says how they were checked."""

from functools import cache
from pathlib import Path

import pandas as pd

FILE = Path(__file__).parent / "files" / "lunar_new_year.csv"


@cache
def _dates() -> pd.DatetimeIndex:
    table = pd.read_csv(FILE, comment="#", parse_dates=["date"])
    return pd.DatetimeIndex(table["date"], name="lunar_new_year")


def new_years() -> pd.DatetimeIndex:
    """Day of the lunar new year, one for each calendar year, ascending."""
    return _dates().copy()
