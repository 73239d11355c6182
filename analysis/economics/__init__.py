"""What a station earns, when it lives, and what a guarantee is worth."""

from analysis.economics.assumptions import ASSUMPTIONS, Assumption, values
from analysis.economics.guarantee import DISTRIBUTIONS, equivalent_subsidy, guarantee_top_up, indifference
from analysis.economics.incomes import DAYS, below_break_even, median_income, top_up
from analysis.economics.locker import (
    STANDARD,
    Locker,
    Throughput,
    capacity,
    erlang_b,
    evening_overflow,
    locker_throughput,
)
from analysis.economics.mixture import mixed_incomes
from analysis.economics.networks import incomes_by_tier
from analysis.economics.station import (
    STATIONS,
    Station,
    break_even,
    declared,
    guarantee_paid,
    made,
    payback_months,
    profit,
    station_type,
)

__all__ = [
    "ASSUMPTIONS",
    "DAYS",
    "DISTRIBUTIONS",
    "STANDARD",
    "STATIONS",
    "Assumption",
    "Locker",
    "Station",
    "Throughput",
    "below_break_even",
    "break_even",
    "capacity",
    "declared",
    "equivalent_subsidy",
    "erlang_b",
    "evening_overflow",
    "guarantee_paid",
    "guarantee_top_up",
    "incomes_by_tier",
    "indifference",
    "locker_throughput",
    "made",
    "median_income",
    "mixed_incomes",
    "payback_months",
    "profit",
    "station_type",
    "top_up",
    "values",
]
