"""The curve to use for a series, fitted to all of it, with bands that its back-test vouches for.

The rule that chooses is `analysis.growth.testing.rule`; how bands are widened is `analysis.growth.testing.conformal`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.growth import trials
from analysis.growth.fits import GrowthFit
from analysis.growth.fitting import fit
from analysis.growth.testing import conformal
from analysis.growth.trials import Backtest, Progress
from data.grade import Grade

STATED = {f"{end}_{level}": f"wide_{end}_{level}" for level in (80, 95) for end in ("low", "high")}
"""Bands of a forecast, and the columns of the back-test that are widened."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Chosen curve of one series.

    Attributes
    ----------
    chosen, reason : str
        As in `Backtest`.
    backtest : Backtest
    forecast : pd.DataFrame
        Index of labels ahead, over the horizon asked for or as far `ahead`; median, low_80, high_80, low_95, high_95
        (widened, and wider still for having been chosen, see `analysis.growth.testing.rivals`: the coverage and MSIS of
        `backtest` are without that) and nominal_low_80... as the curve itself states them, units of the series.
    fit : GrowthFit
        The chosen curve on all of the series.
    grade : Grade
    """

    chosen: str
    reason: str
    backtest: Backtest
    forecast: pd.DataFrame
    fit: GrowthFit
    grade: Grade

    def widened(self, fit: GrowthFit, steps: int) -> pd.DataFrame | None:
        """Forecast of any fit to this series with the bands its back-test vouches for; None when it has none."""
        return widened(self.backtest, fit, steps)


def select(
    series: pd.Series,
    horizon: int = trials.HORIZON,
    *,
    curves: Iterable[str] | None = None,
    calendar: Sequence[str] = (),
    origins: int = trials.ORIGINS,
    ahead: int = 0,
    per_year: float | None = None,
    progress: Progress | None = None,
) -> Choice:
    """Back-test curves on a series, choose one by the rule and fit it to everything known.

    Arguments are those of `trials.backtest`.

    Raises
    ------
    GrowthError
        "too_few" when the series is too short for any back-test.
    """
    tested = trials.backtest(
        series, curves, horizon, origins, ahead=ahead, calendar=calendar, per_year=per_year, progress=progress
    )
    fitted = fit(series, tested.chosen, per_year=per_year, calendar=calendar)
    return Choice(tested.chosen, tested.reason, tested, forecast(tested, tested.chosen), fitted, tested.grade)


def forecast(tested: Backtest, curve: str) -> pd.DataFrame:
    """Forecast of a back-tested curve from everything known: median, widened bands, and nominal ones."""
    ahead = tested.ahead.xs(curve, level="curve")
    shown = {"median": ahead["median"]} | {end: ahead[wide] for end, wide in STATED.items()}
    return pd.DataFrame(shown | {f"nominal_{end}": ahead[end] for end in STATED})


def widened(tested: Backtest, fit: GrowthFit, steps: int) -> pd.DataFrame | None:
    """Forecast of a fit, its bands widened by the factors of its back-test; None when it has none."""
    if fit.curve not in tested.scores.index:
        return None
    factors = tested.factors.xs(fit.curve, level="curve")
    stated = fit.forecast(steps, levels=conformal.LEVELS)
    return conformal.widen(stated, factors, multiply=fit.curve in tested.multiply, floor=tested.floor)
