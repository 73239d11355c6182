"""How networks answer each other: rules, best responses, equilibrium of the subsidy war."""

from analysis.rivalry.best_response import best_response, best_responses
from analysis.rivalry.equilibrium import Equilibrium, equilibria, equilibrium, path
from analysis.rivalry.game import Game, first_order, profit_at, shares_at, spend_at
from analysis.rivalry.margins import credible, doubts, implied_margin
from analysis.rivalry.rules import KINDS, Rule

__all__ = [
    "KINDS",
    "Equilibrium",
    "Game",
    "Rule",
    "best_response",
    "best_responses",
    "credible",
    "doubts",
    "equilibria",
    "equilibrium",
    "first_order",
    "implied_margin",
    "path",
    "profit_at",
    "shares_at",
    "spend_at",
]
