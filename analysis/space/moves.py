"""Openings and closings between two dates, by whatever groups the stations."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data.cities import TIERS, cities

BY = ("platform", "format", "tier", "city")
COLUMNS = ("before", "opened", "closed", "brief", "net", "after", "churn")


def moves(
    stations: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp, *, by: Sequence[str] = ("platform",)
) -> pd.DataFrame:
    """How many stations opened and closed after the day `since`, up to and with the day `until`.

    Parameters
    ----------
    stations : pandas.DataFrame
        Columns platform, format, city, opened, closed (NaT while open). A station that closed before it opened never
        stood and is left out, and so is one without a day of opening.
    since, until : Timestamp
        Days; a month is named by its last.
    by : sequence of str
        Some of `BY`.

    Returns
    -------
    pandas.DataFrame
        Index `by`, groups that had or got a station; columns

        - before, after: stations that stand at the end of `since` and of `until`;
        - opened, closed: stations whose day of opening, of closing lies between. One that did both counts in both, and
          in brief; so does one that closed on the day it opened;
        - net: opened - closed, which is after - before exactly;
        - churn: closed over all that stood at some time, before + opened (fraction).

    Raises
    ------
    ValueError
        When `until` is before `since`, or `by` names no column of `BY`.
    """
    if until < since:
        raise ValueError(f"{until:%Y-%m-%d} is before {since:%Y-%m-%d}: give the earlier day first")
    if not by or not set(by) <= set(BY):
        raise ValueError(f"{', '.join(by) or 'nothing'} groups no stations: choose from {', '.join(BY)}")
    opened, closed = stations["opened"].to_numpy(), stations["closed"].to_numpy()
    first, last = (np.datetime64(day.normalize() + pd.Timedelta(days=1)) for day in (since, until))
    real = ~(closed < opened)
    old, new = real & (opened < first), real & (opened >= first) & (opened < last)
    gone = (closed >= first) & (closed < last)
    flags = {
        "before": old & ~(closed < first),
        "opened": new,
        "closed": (old | new) & gone,
        "brief": new & gone,
    }
    keep = flags["before"] | flags["opened"]
    groups = [_group(stations, key, keep) for key in by]
    table = pd.DataFrame({name: flag[keep] for name, flag in flags.items()})
    sums = table.groupby(groups, observed=True).sum()
    sums.index.names = list(by)
    net = sums["opened"] - sums["closed"]
    stood = sums["before"] + sums["opened"]
    return sums.assign(net=net, after=sums["before"] + net, churn=sums["closed"] / stood)[list(COLUMNS)]


def _group(stations: pd.DataFrame, key: str, keep: "np.typing.NDArray[np.bool_]") -> pd.Categorical:
    if key != "tier":
        return pd.Categorical(stations[key][keep])
    city = pd.Categorical(stations["city"][keep])
    tiers = pd.Categorical(cities()["tier"].reindex(city.categories.astype(str)), TIERS, ordered=True)
    return pd.Categorical.from_codes(tiers.codes[city.codes], dtype=tiers.dtype)
