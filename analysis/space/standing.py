"""Which stations stand at the end of a month."""

import pandas as pd


def active(stations: pd.DataFrame, month: pd.Timestamp) -> pd.DataFrame:
    """Rows of `stations` that are open at the end of `month`: opened by then, and not closed by then.

    The last day counts whole, whatever the hour. What has no day of opening never stood.
    """
    end = (month.to_period("M") + 1).start_time
    return stations[(stations["opened"] < end) & ~(stations["closed"] < end)]
