"""Best use of a budget over city tiers and instruments: subsidies and stations where the next yuan wins most."""

from analysis.budget.allocate import Allocation, allocate, least_budget
from analysis.budget.frontier import even, frontier
from analysis.budget.problem import BudgetError, Problem, problem
from analysis.budget.retrace import levers, retrace

__all__ = [
    "Allocation",
    "BudgetError",
    "Problem",
    "allocate",
    "even",
    "frontier",
    "least_budget",
    "levers",
    "problem",
    "retrace",
]
