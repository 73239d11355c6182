"""The lasting evening rush of the Subsidy page beside the day solved hour by hour."""

import pandas as pd

from analysis.economics import Locker, capacity, evening_overflow
from analysis.space.lockers import day
from analysis.space.lockers_rhythm import rhythm
from analysis.views.lockers import clock, part
from analysis.views.look import Look


def beside_rush(locker: Locker, look: Look, *, observed: pd.Series) -> str:
    """What the day solved turns away, at the parcels of the busiest tier or else at capacity, beside the rush.

    `observed` has the mean parcels a locker takes in a day by tier; it may be empty.
    """
    parcels = float(observed.max()) if len(observed) else capacity(locker)
    if not 0 < parcels < float("inf"):
        return look.say("station.rush_elsewhere")
    solved = day(locker, rhythm(locker), parcels)
    lasting = float(evening_overflow(locker, parcels))
    key = "rush_bound" if lasting >= solved.overflow_of_evening else "rush_no_bound"
    return look.say(
        f"station.{key}",
        parcels=f"{parcels:,.0f}",
        lasting=part(lasting),
        evening=part(solved.overflow_of_evening),
        worst=part(solved.overflow_of_worst_hour),
        hour=clock(solved.worst_hour),
        day=part(solved.overflow_of_day),
        visit=solved.rhythm.visit,
    )
