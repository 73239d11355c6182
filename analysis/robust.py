"""The share model fitted in other ways, and what few cities allow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis import share
from analysis.share.absorb import absorber, group
from analysis.share.design import layout
from analysis.share.instruments import elsewhere
from analysis.share.left import left, plan, refit
from analysis.share.result import FEW_CLUSTERS, ShareFit, critical
from analysis.studies import slopes
from data.markets import PANEL

T = TypeVar("T")
RANGES = ("estimate", "low", "high")
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "tier": ("platform", "tier", "month"),
    "region": ("platform", "region", "month"),
}
"""Instruments built from the panel: the network's mean subsidy in the other cities of the tier, or of the region."""
STRONG = 10.0
"""First-stage F from which an instrument is strong."""
LEAST_QUANTILE, QUANTILES = 0.005, 99


def own_columns(panel: pd.DataFrame) -> list[str]:
    """Numeric columns of the panel beyond the standard ones: instruments of the user's own."""
    return [c for c in panel.select_dtypes("number") if c not in PANEL]


def instrumented(panel: pd.DataFrame, fit: ShareFit, driver: str, chosen: Sequence[str] = ("tier",)) -> ShareFit:
    """The same model with `driver` instrumented by `chosen`: keys of `ELSEWHERE` or numeric columns of the panel."""
    built = {f"elsewhere_{c}": elsewhere(panel, driver, by=ELSEWHERE[c]) for c in chosen if c in ELSEWHERE}
    columns = [*built, *(c for c in chosen if c not in ELSEWHERE)]
    return share.fit(
        panel.assign(**built),
        fit.drivers,
        volume=fit.volume,
        by=fit.by,
        effects=tuple(fit.effects),
        constants=False,
        cluster=fit.cluster or None,
        instruments={driver: columns},
    )


def rungs(panel: pd.DataFrame, fit: ShareFit, network: str) -> dict[str, pd.DataFrame]:
    """Estimates of the first driver's coefficient (the subsidy) by what they rest on: those that the data carry.

    Keys are rungs of `analysis.evidence`; the quasi-experiment is the roll-out of `network`.
    """
    driver = fit.drivers[0]
    instruments = either(lambda: _strong(instrumented(panel, fit, driver), driver))
    rolled = slopes(panel, network, by=fit.by, volume=fit.volume)
    tables = {"association": fit.estimates(driver), "instrumented": instruments, "quasi_experimental": rolled}
    return {rung: table for rung, table in tables.items() if not isinstance(table, str) and len(table)}


def _strong(fit: ShareFit, driver: str) -> pd.DataFrame:
    """Instrumented coefficients of the groups whose instruments are strong; the others are no evidence."""
    found = fit.instrumented
    return fit.estimates(driver)[found.conditional_f >= STRONG] if found is not None else pd.DataFrame()


def either(find: Callable[[], T]) -> T | str:
    """What `find` gives, or the code of the reason why the data cannot carry it."""
    try:
        return find()
    except ValueError as error:
        return str(getattr(error, "code", "cannot"))


def _fractional(panel: pd.DataFrame, fit: ShareFit, driver: str) -> pd.DataFrame:
    from analysis.share.fractional import fit_fraction

    effects = tuple(e for e in fit.effects if e != fit.market)
    found = fit_fraction(panel, None, fit.drivers, volume=fit.volume, by=fit.by, effects=effects)
    half = critical(0.95, found.df.to_numpy(np.float64)) * found.std_errors
    table = pd.DataFrame({"estimate": found.params, "low": found.params - half, "high": found.params + half})
    return table.xs(driver, level="driver") if fit.by else table.loc[[driver]].set_axis(["all"])


def _nested(panel: pd.DataFrame, fit: ShareFit, driver: str) -> pd.DataFrame:
    """Slopes inside a nest, b / (1 - rho); the interval leaves the error of rho out."""
    from analysis.share.nested import fit_nested

    effects = tuple(e for e in fit.effects if e != fit.market)
    found = fit_nested(panel, fit.drivers, volume=fit.volume, by=fit.by, effects=effects)
    names = [driver] if fit.by is None else [f"{driver} | {group}" for group in found.slopes.index]
    scale = 1 / (1 - min(max(found.rho, 0.0), 0.95))
    rows = pd.concat([found.fit.estimates(name) for name in names]).set_axis(found.slopes.index)
    return rows[list(RANGES)] * scale


WAYS: dict[str, Callable[[pd.DataFrame, ShareFit, str], pd.DataFrame]] = {
    "log-centred": lambda panel, fit, driver: refit(panel, fit, estimator="log-centred").estimates(driver),
    "poisson": lambda panel, fit, driver: refit(panel, fit, estimator="poisson").estimates(driver),
    "fractional": _fractional,
    "instrumented": lambda panel, fit, driver: instrumented(panel, fit, driver).estimates(driver),
    "nested": _nested,
}
"""Other ways to fit the model; each gives estimate, low and high by group."""


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """One driver's coefficients by several estimators.

    Attributes
    ----------
    estimates : pandas.DataFrame
        Index (way, group): estimate, low, high; log-odds per unit of the driver. The fit's own way comes first.
    failures : mapping of str to str
        Ways that these data do not carry, with the code of the reason.
    """

    estimates: pd.DataFrame
    failures: Mapping[str, str]


def compare(panel: pd.DataFrame, fit: ShareFit, driver: str) -> Robustness:
    """Coefficients of `driver` by every way that the data carry."""
    tables, failures = {fit.estimator: fit.estimates(driver)[list(RANGES)]}, {}
    for way, estimate in WAYS.items():
        if way in tables or (way == "instrumented" and driver != fit.drivers[0]):
            continue
        table = either(partial(estimate, panel, fit, driver))
        if isinstance(table, str):
            failures[way] = table
        else:
            tables[way] = table[list(RANGES)]
    return Robustness(pd.concat(tables, names=["way", "group"]), failures)


def few_cities(panel: pd.DataFrame, fit: ShareFit, driver: str, *, draws: int = 999) -> pd.DataFrame:
    """Wild cluster bootstrap for groups with fewer than thirty cities.

    Returns
    -------
    pandas.DataFrame
        Index group: cities, estimate, low and high (Student's t), wild_p, wild_low, wild_high; no rows where every
        group has enough cities or errors are not by city.
    """
    from analysis.share.bootstrap import wild

    held = fit.freedom(driver) + 1
    estimates = fit.estimates(driver)
    few = [name for name, count in zip(estimates.index, held, strict=True) if count < FEW_CLUSTERS]
    columns = ["cities", *RANGES, "wild_p", "wild_low", "wild_high"]
    if not few or fit.estimator != "log-centred" or len(fit.cluster) != 1:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="group"), dtype=np.float64)
    rest = left(panel, fit)
    outcome = fit.params.to_numpy(np.float64) @ rest.drivers + rest.residuals
    clusters = group(rest.panel, fit.cluster[0])
    markets = group(rest.panel, fit.market)
    laid = layout(rest.panel, rest.panel[fit.volume].to_numpy(np.float64), plan(fit), markets)
    projector = absorber(laid.groupings)
    rows = []
    for name in few:
        inside = np.unique(clusters.codes[(rest.panel[fit.by] == name).to_numpy()]) if fit.by else None
        place = fit.params.index.get_loc((name, driver) if fit.by else driver)
        found = wild(
            outcome,
            rest.drivers,
            clusters.codes,
            int(place),
            held=inside,
            draws=draws,
            demean=lambda columns: projector.demean(columns)[0],
        )
        count = clusters.size if inside is None else inside.size
        rows.append([count, *estimates.loc[name, list(RANGES)], found.p_value, found.low, found.high])
    return pd.DataFrame(rows, pd.Index(few, name="group"), columns)


def quantiles(panel: pd.DataFrame, fit: ShareFit) -> pd.DataFrame:
    """Quantiles of the residuals by group, divided by the group's standard deviation, beside those of the normal.

    Returns
    -------
    pandas.DataFrame
        Index the normal quantile; one column a group ("all" without `by`).
    """
    from scipy.special import ndtri

    part = np.linspace(LEAST_QUANTILE, 1 - LEAST_QUANTILE, QUANTILES)
    groups = panel[fit.by].reindex(fit.residuals.index) if fit.by else pd.Series("all", fit.residuals.index)
    grouped = fit.residuals.groupby(groups, observed=True)
    spread = grouped.std()
    table = pd.DataFrame(
        {str(name): np.quantile(rows, part) / spread[name] for name, rows in grouped if spread[name] > 0}
    )
    return table.set_axis(pd.Index(ndtri(part), name="normal"))
