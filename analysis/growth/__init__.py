"""Growth: how big a series will get, when it flattens, and whether any curve says so better than a naive guess.

`fit` takes one series and hands back one frozen result with its intervals, `fit_many` does the same for thousands at
once; `backtest` tries curves on the past, `select` chooses one and widens its bands by what went wrong. Curves and
methods are declared in `analysis.growth.curves`, one entry each. Parts that add up are in `analysis.growth.coherent`.
"""

from analysis.growth.choice import Choice, select
from analysis.growth.curves import CURVES
from analysis.growth.fits import GrowthFit
from analysis.growth.fitting import Comparison, annual, compare, fit
from analysis.growth.guards import GrowthError
from analysis.growth.intervals import Estimate
from analysis.growth.many import ManyFits, fit_many
from analysis.growth.trials import Backtest, Backtests, backtest, backtest_many

__all__ = [
    "CURVES",
    "Backtest",
    "Backtests",
    "Choice",
    "Comparison",
    "Estimate",
    "GrowthError",
    "GrowthFit",
    "ManyFits",
    "annual",
    "backtest",
    "backtest_many",
    "compare",
    "fit",
    "fit_many",
    "select",
]
