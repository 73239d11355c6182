"""Every assumption of the illustrative market as one readable table."""

from collections.abc import Iterator

import pandas as pd

from data.demo import parameters as a
from data.demo.grid import networks
from data.demo.network_table import NETWORKS
from data.demo.volumes import definition_ratio
from data.grade import Grade
from data.platforms import OUTSIDE

COLUMNS = ("key", "item", "value", "unit", "grade", "reason")
Row = tuple[str, str, str, str, Grade, str]


def assumptions() -> pd.DataFrame:
    """One row per assumption.

    Columns: key (what; text key in group `assumption`), item (network key or origin it is of; empty for all), value
    (a number, six numbers from Tier 1 to Tier 5, or months with values), unit (text key in group `unit`), grade,
    reason (text key in group `reason`).
    """
    return pd.DataFrame([*_general(), *_by_network()], columns=list(COLUMNS))


def _general() -> Iterator[Row]:
    yield "seed", "", str(a.SEED), "none", Grade.ASSUMED, "seed"
    yield "definition_ratio", "", f"{definition_ratio():.4f}", "ratio", Grade.ESTIMATED, "definition_ratio"
    yield "january_2026", "", f"{a.JANUARY_2026:g}", "share", Grade.ASSUMED, "january_2026"
    for key, tiered, unit in (
        ("subsidy_effect", a.SUBSIDY_EFFECT, "per_cny_by_tier"),
        ("density_effect", a.DENSITY_EFFECT, "per_log_by_tier"),
        ("parcels_per_head", a.PARCELS_PER_HEAD, "relative_by_tier"),
        ("tier_growth", a.TIER_GROWTH, "log_year_by_tier"),
    ):
        yield key, "", _tiers(tiered), unit, Grade.ASSUMED, key
    for key, value, unit in (
        ("city_taste_sd", a.CITY_TASTE_SD, "log_points"),
        ("shock_sd", a.SHOCK_SD, "log_points"),
        ("city_demand_sd", a.CITY_DEMAND_SD, "log_points"),
        ("month_demand_sd", a.MONTH_DEMAND_SD, "log_points"),
        ("scatter", a.SCATTER_KM, "km"),
        ("centre_share", a.CENTRE_SHARE, "share"),
        ("people_per_centre", a.PEOPLE_PER_CENTRE, "people"),
        ("small_station", a.SMALL_STATION_PARCELS, "parcels_day"),
        ("handling_fee", a.HANDLING_FEE, "cny_parcel"),
        ("rural_counties", a.RURAL_COUNTIES, "counties"),
    ):
        yield key, "", f"{value:g}" if value < 1000 else f"{value:,}", unit, Grade.ASSUMED, key
    yield "cells", "", " / ".join(map(str, a.CELLS)), "cells", Grade.REPORTED, "cells"
    yield "cell_chances", "", " / ".join(f"{c:g}" for c in a.CELL_CHANCES), "share", Grade.ASSUMED, "cell_chances"
    low, high = (step * 5 / 1000 for step in a.SUBSIDY_STEPS)
    yield "subsidy_range", "", f"{low:g} – {high:g}", "cny_parcel", Grade.REPORTED, "subsidy_range"
    for origin, path in a.ORIGINS.items():
        yield "origin_share", origin, _path(path), "share", Grade.ASSUMED, "origin_share"


def _by_network() -> Iterator[Row]:
    for key in networks():
        if key == OUTSIDE:
            continue
        network = NETWORKS[key]
        yield "stations", key, _path(network.stations), "stations", Grade.ASSUMED, "stations"
        yield "per_head", key, _tiers(network.per_head), "relative_by_tier", Grade.ASSUMED, "per_head"
        yield "base_share", key, _tiers(network.share), "share_by_tier", Grade.ASSUMED, "base_share"
        yield "national_share", key, _path(network.path), "share", Grade.ASSUMED, "national_share"
        yield "churn", key, f"{network.churn:g}", "share_year", Grade.ASSUMED, "churn"
        if any(network.delay):
            yield "delay", key, _tiers(network.delay), "months_by_tier", Grade.ASSUMED, "delay"
        if network.provinces:
            denser = ", ".join(f"{province} × {factor:g}" for province, factor in network.provinces)
            yield "provinces", key, denser, "ratio", Grade.ASSUMED, "provinces"
        if network.allocation:
            yield "allocation", key, _path(network.allocation), "share", Grade.ASSUMED, "allocation"
        for campaign in network.campaigns:
            yield "campaign", key, _campaign(campaign), "chance_by_tier", Grade.ASSUMED, "campaign"
            if campaign.guarantee[1]:
                low, high = campaign.guarantee
                yield "guarantee", key, f"{low} – {high}", "cny_day", Grade.ASSUMED, "guarantee"


def _tiers(values: a.Tiered) -> str:
    return " / ".join(f"{value:g}" for value in values)


def _path(path: a.Path) -> str:
    return ", ".join(f"{month}: {value:,.0f}" if value > 1 else f"{month}: {value:.3g}" for month, value in path)


def _campaign(campaign: a.Campaign) -> str:
    return f"{campaign.since} – {campaign.until}: {_tiers(campaign.chance)}"
