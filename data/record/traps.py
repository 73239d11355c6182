"""What can mislead about a figure, as codes carried by the rows they concern; words are under `trap.<code>`."""

from collections.abc import Callable

import pandas as pd

LEVELS = (
    "express_volume",
    "express_volume_2024_basis",
    "revenue_per_parcel",
    "parcels_per_capita",
    "parcels_per_person",
)
SHARES = ("market_share_volume", "market_share_volume_derived")
REGIONAL = ("share_of_volume_by_region", "express_volume_by_region")
MODES = ("share_parcels_home", "share_parcels_stations", "share_parcels_lockers")


def _national(frame: pd.DataFrame) -> pd.Series:
    return (frame["subject"] == "Industry") & (frame["place"] == "China")


def _year(frame: pd.DataFrame) -> pd.Series:
    return frame["end"].dt.year


TRAPS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "level_break_2024": lambda f: (
        (f["metric"].isin(LEVELS) & _national(f) | f["metric"].isin(SHARES)) & (_year(f) >= 2023)
    ),
    "enterprises_above_size_until_2013": lambda f: (
        f["file"].isin(["national_annual", "national_monthly_reported"]) & (_year(f) <= 2013)
    ),
    "origin_counted": lambda f: (
        f["file"].isin(["by_province", "by_city"]) | f["metric"].isin(REGIONAL)
    ),
    "revenue_2021_12": lambda f: (
        f["metric"].str.contains("revenue") & f["file"].str.startswith("national_monthly")
        & (f["end"].dt.strftime("%Y-%m") == "2021-12") & (f["months"] == 1)
    ),
    "combined_months": lambda f: (
        (f["end"].dt.strftime("%Y-%m") == "2026-02") & f["file"].str.startswith("national_monthly")
    ),
    "cr8_redefined": lambda f: f["file"] == "cr8",
    "superseded": lambda f: f["vintage"].str.startswith("preliminary") | f["note"].str.contains("pre-release"),
    "plan_not_fact": lambda f: f["kind"].isin(["plan", "forecast"]),
    "uplift_not_guarantee": lambda f: f["metric"] == "monthly_station_income_uplift",
    "not_credible": lambda f: f["metric"] == "applications_received",
    "conflict": lambda f: (
        f["note"].str.contains("conflict|hard to square|China Daily says")
        | f["metric"].isin(["lockers_installed_forecast", "service_centre_growth_factor_planned"])
        | ((f["metric"] == "villages_planned") & (f["subject"] == "Rural Taobao"))
    ),
    "mode_share_weak": lambda f: f["metric"].isin(MODES),
    "no_published_figure": lambda f: f["metric"] == "provinces_entered",
    "tier_dated": lambda f: f["metric"].str.startswith("target_city_tier"),
    "pickup_plus_delivery": lambda f: (
        f["metric"].isin(["rural_parcels", "rural_parcels_collected_and_delivered", "rural_parcels_per_day"])
    ),
}  # fmt: skip
"""Code, and which rows of the long frame it concerns."""


def traps(frame: pd.DataFrame) -> pd.Series:
    """Codes of each row joined by "|", "" when nothing is known against it."""
    codes = pd.Series("", index=frame.index)
    for code, concerns in TRAPS.items():
        codes += concerns(frame).map({True: code + "|", False: ""})
    return codes.str.removesuffix("|")
