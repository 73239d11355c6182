"""Who pays which subsidy where: averages, cities and bills, from the panel of a market."""

import pandas as pd

from data.platforms import OUTSIDE, PLATFORMS

SUBSIDY = "subsidy_cny_per_parcel"
GUARANTEE = "guarantee_cny_per_day"


def networks(panel: pd.DataFrame) -> pd.DataFrame:
    """Rows of the networks: nobody pays for the outside option, home delivery."""
    return panel[panel["platform"] != OUTSIDE]


def payers(panel: pd.DataFrame) -> list[str]:
    """Networks that ever pay a subsidy per parcel, in the order of `PLATFORMS`."""
    paying = set(panel.loc[panel[SUBSIDY] > 0, "platform"].unique())
    return [platform for platform in PLATFORMS if platform in paying]


def by_month(panel: pd.DataFrame) -> pd.DataFrame:
    """Subsidies of each month and network.

    Returns
    -------
    pandas.DataFrame
        Index (month, platform). `average`: CNY per parcel over all parcels of the network, also where it pays nothing
        (missing without a parcel); `paying`, `present`: cities; `part`: paying / present; `bill`: CNY a month.
    """
    return _added(panel, ["month", "platform"])


def by_tier(panel: pd.DataFrame) -> pd.DataFrame:
    """Subsidies of each network and tier in the rows given (one month).

    Columns of `by_month`, and `median`: CNY per parcel where paid; `guarantee`: median CNY per station a day where
    given; both missing where nobody pays.
    """
    keys = ["platform", "tier"]
    rows = networks(panel)
    table = _added(panel, keys)
    for name, column in (("median", SUBSIDY), ("guarantee", GUARANTEE)):
        table[name] = rows[rows[column] > 0].groupby(keys, observed=True)[column].median().reindex(table.index)
    return table


def _added(panel: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    rows = networks(panel)
    flat = rows[keys].assign(
        parcels=rows["parcels"], bill=rows["parcels"] * rows[SUBSIDY], paying=rows[SUBSIDY] > 0, present=1
    )
    table = flat.groupby(keys, observed=True)[["parcels", "bill", "paying", "present"]].sum()
    average = (table["bill"] / table["parcels"]).where(table["parcels"] > 0)
    return table.assign(average=average, part=table["paying"] / table["present"])


def paid(panel: pd.DataFrame) -> pd.DataFrame:
    """Rows with a positive subsidy: platform, city, tier, subsidy_cny_per_parcel."""
    rows = networks(panel)
    return rows.loc[rows[SUBSIDY] > 0, ["platform", "city", "tier", SUBSIDY]]
