"""The share model fitted in other ways, to hold its coefficients against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.robust import RANGES, either, instrumented, strong
from analysis.share.errors import ShareError
from analysis.share.left import refit
from analysis.share.result import ShareFit, critical

if TYPE_CHECKING:
    from analysis.share.nested import NestedFit

Way = Callable[[pd.DataFrame, ShareFit, str], pd.DataFrame]
LATE = 12
"""Months that the slow estimators (Poisson, fractional logit) are fitted to."""


def _strong(panel: pd.DataFrame, fit: ShareFit, driver: str) -> pd.DataFrame:
    """Two-stage least squares where the instruments are strong; elsewhere it says nothing."""
    found = instrumented(panel, fit, driver)
    table = found.estimates(driver)[strong(found, driver)]
    if table.empty:
        raise ShareError("weak", "the instruments are weak in every group: bring one that moves the driver more")
    return table


def _fractional(panel: pd.DataFrame, fit: ShareFit, driver: str) -> pd.DataFrame:
    from analysis.share.fractional import fit_fraction

    effects = tuple(e for e in fit.effects if e != fit.market)
    found = fit_fraction(panel, None, fit.drivers, volume=fit.volume, by=fit.by, effects=effects)
    half = critical(0.95, found.df.to_numpy(np.float64)) * found.std_errors
    table = pd.DataFrame({"estimate": found.params, "low": found.params - half, "high": found.params + half})
    return table.xs(driver, level="driver") if fit.by else table.loc[[driver]].set_axis(["all"])


def _nest(panel: pd.DataFrame, fit: ShareFit) -> "NestedFit":
    from analysis.share.nested import fit_nested

    effects = tuple(e for e in fit.effects if e != fit.market)
    return fit_nested(panel, fit.drivers, volume=fit.volume, by=fit.by, effects=effects)


def _nested(panel: pd.DataFrame, fit: ShareFit, driver: str, *, found: "NestedFit | str") -> pd.DataFrame:
    """Own response / (1 - S) by the nested logit, which the logit calls its coefficient."""
    from analysis.share.nested import rivalry

    if isinstance(found, str):
        raise ShareError(found, "the nested logit could not be fitted")
    room = rivalry(panel, found.nests, volume=fit.volume, by=fit.by)
    free = fit.freedom(driver)
    own = np.where(np.isfinite(free), (1 + 1 / free) * (1 - 1 / (fit.clusters or np.inf)), 1.0)
    table = found.response(driver, rivalry=room, factor=pd.Series(own, room.index))
    half = critical(0.95, free) * table["std_error"]
    return table.assign(low=table["estimate"] - half, high=table["estimate"] + half)


WAYS: dict[str, Way] = {
    "log-centred": lambda panel, fit, driver: refit(panel, fit, estimator="log-centred").estimates(driver),
    "poisson": lambda panel, fit, driver: refit(panel, fit, estimator="poisson").estimates(driver),
    "fractional": _fractional,
    "instrumented": _strong,
}
"""Other ways to fit the model, beside the nested logit; each gives estimate, low and high by group."""
SLOW = ("poisson", "fractional")


@dataclass(frozen=True, slots=True)
class Nesting:
    """How much closer networks of one kind are to each other: rho with its 95 % interval.

    `plausible` says whether the interval meets [0, 1), outside which no choice between networks gives these shares.
    """

    rho: float
    low: float
    high: float
    plausible: bool


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """One driver's coefficients by several estimators.

    Attributes
    ----------
    estimates : pandas.DataFrame
        Index (way, group): estimate, low, high; log-odds per unit of the driver. The fit's own way comes first.
    references : pandas.DataFrame
        The same index and columns: the fit's own way on the months of each way, to hold the estimates against.
    failures : mapping of str to str
        Ways that these data do not carry, with the code of the reason.
    months : mapping of str to int
        Of the ways that were fitted to the last months alone.
    nesting : Nesting or None
        Of the nested logit, where it could be fitted.
    """

    estimates: pd.DataFrame
    references: pd.DataFrame
    failures: Mapping[str, str]
    months: Mapping[str, int]
    nesting: Nesting | None


def compare(panel: pd.DataFrame, fit: ShareFit, driver: str) -> Robustness:
    """Coefficients of `driver` by every way that the data carry; slow ones on the last twelve months."""
    main = fit.estimates(driver)[list(RANGES)]
    late, recent = _late(panel, fit, driver, main)
    nest = either(partial(_nest, panel, fit))
    tables, references, failures = {fit.estimator: main}, {fit.estimator: main}, {}
    wanted: dict[str, Way] = {**WAYS, "nested": partial(_nested, found=nest)}
    for way, find in wanted.items():
        if way in tables or (way == "instrumented" and driver != fit.drivers[0]):
            continue
        rows, reference = (late, recent) if way in SLOW else (panel, main)
        table = reference if isinstance(reference, str) else either(partial(find, rows, fit, driver))
        if isinstance(table, str) or isinstance(reference, str):
            failures[way] = str(table)
            continue
        tables[way], references[way] = table[list(RANGES)], reference
    shorter = late["month"].nunique() if len(late) < len(panel) else 0
    return Robustness(
        pd.concat(tables, names=["way", "group"]),
        pd.concat(references, names=["way", "group"]),
        failures,
        {way: shorter for way in tables if shorter and way in SLOW and way != fit.estimator},
        None if isinstance(nest, str) else Nesting(nest.rho, nest.rho_low, nest.rho_high, nest.plausible),
    )


def _late(
    panel: pd.DataFrame, fit: ShareFit, driver: str, main: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame | str]:
    """Rows of the last months, and the fit's own estimates on them."""
    late = panel[panel["month"] > panel["month"].max() - pd.DateOffset(months=LATE)]
    if len(late) == len(panel):
        return panel, main
    return late, either(lambda: refit(late, fit).estimates(driver)[list(RANGES)])
