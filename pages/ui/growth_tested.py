"""A series with every curve fitted and back-tested, and what the page then says of one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from analysis.growth import CURVES, Comparison, GrowthError, GrowthFit
from analysis.growth.curves import Curve, Method
from analysis.growth.testing.rule import BENCHMARKS
from data.grade import Grade, weakest
from pages.ui import fits
from pages.ui.growth_state import Pick

if TYPE_CHECKING:
    from analysis.growth.ledger import Forecast
    from analysis.growth.trials import Backtest


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """Every curve fitted to a series, and its back-test, or why there is none."""

    found: Comparison
    backtest: "Backtest | None"
    problem: GrowthError | None = None

    @property
    def settled(self) -> bool:
        """Whether the back-test could say anything, so that there is a forecast worth freezing."""
        return self.backtest is not None and self.backtest.reason != "too_short"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the page says of one curve.

    Attributes
    ----------
    fit : GrowthFit
    forecast : pd.DataFrame or None
        With bands widened by the back-test; None where there is no back-test.
    confirmed : bool
        Whether annual sums tell its ceiling as well.
    grade : Grade
    steps : int
        Ahead, of the forecast.
    """

    fit: GrowthFit
    forecast: pd.DataFrame | None
    confirmed: bool
    grade: Grade
    steps: int

    def fan(self) -> pd.DataFrame:
        """The forecast, with the bands of the fit where there is no back-test."""
        return self.fit.forecast(self.steps) if self.forecast is None else self.forecast

    def adjusted(self) -> pd.Series | None:
        """The curve without its calendar effects; None where it has none, or there is no curve."""
        if not self.fit.calendar or not isinstance(CURVES[self.fit.curve], Curve):
            return None
        return self.fit.at(self.fit.fitted.index.append(self.fan().index), calendar=False)


def first(pick: Pick) -> Tested:
    """Curves alone, before anything is tested."""
    return Tested(_fitted(pick, methods=False), None)


def _fitted(pick: Pick, *, methods: bool) -> Comparison:
    keys = tuple(key for key in pick.menu if isinstance(CURVES[key], Method) == methods)
    return fits.comparison(pick.source, keys, pick.calendar, pick.known)


def test(pick: Pick, progress: Callable[[int, int], None]) -> Tested:
    """Every curve and method fitted to what is known, and tried on its past."""
    from analysis.growth.trials import backtest

    curves, methods = first(pick).found, _fitted(pick, methods=True)
    found = Comparison(curves.fits | methods.fits, curves.failures | methods.failures)
    try:
        tried = backtest(pick.known, pick.menu, pick.horizon, calendar=pick.calendar, progress=progress)
    except GrowthError as error:
        return Tested(found, None, error)
    return Tested(found, tried)


def shown(pick: Pick, tested: Tested) -> Shown:
    """The curve asked for, else the choice of the back-test, else the benchmark, else the lowest AIC."""
    every, tried = tested.found.fits, tested.backtest
    wanted = [pick.curve, *((tried.chosen,) if tried else BENCHMARKS), *every]
    fit = every[next(key for key in wanted if key in every)]
    steps = fit.steps(pick.years)
    flow = pick.series.flow and fit.ceiling is not None
    confirmed = not flow or fits.confirmed(pick.source, fit.curve, pick.known)
    return Shown(fit, _widened(fit, steps, tried), confirmed, weakest(pick.series.grade, fit.grade), steps)


def _widened(fit: GrowthFit, steps: int, tried: "Backtest | None") -> pd.DataFrame | None:
    """Forecast with the bands that the back-test asks for; None where it could not try the curve."""
    from analysis.growth.choice import widened

    return None if tried is None else widened(tried, fit, steps)


def frozen_forecast(pick: Pick, shown: Shown, *, title: str, back: bool = False) -> "Forecast":
    """The forecast on the page as it goes on the ledger.

    Looking `back`, as it would have been made on the date chosen, as far as figures have come since.
    """
    from analysis.growth import ledger
    from analysis.growth.testing import scores
    from analysis.growth.axis import rows

    batch, _ = rows(pick.known, horizon=1)
    return ledger.freeze(
        shown.fan()[: pick.later.last_valid_index()] if back else shown.fan(),
        pick.known if back else pick.everything,
        key=pick.where.text(),
        title=title,
        curve=shown.fit.curve,
        unit=pick.series.unit,
        grade=shown.grade,
        made=datetime.now(UTC).date(),
        scale=float(scores.scale(batch.values, batch.period)[0]),
        calendar=pick.calendar,
    )
