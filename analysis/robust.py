"""What instruments and few cities allow of the share model, and what it leaves."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from analysis import share
from analysis.share.absorb import absorber, group
from analysis.share.design import layout
from analysis.share.errors import ShareError
from analysis.share.instruments import elsewhere
from analysis.share.iv import LEAST_CLUSTERS
from analysis.share.left import left, plan
from analysis.share.result import FEW_CLUSTERS, ShareFit
from analysis.studies import slopes
from data.markets import PANEL

if TYPE_CHECKING:
    from analysis.share.iv import Interval, TwoStage

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
    """The same model with `driver` instrumented by `chosen`: keys of `ELSEWHERE` or numeric columns of the panel.

    Rows without a value of a chosen column are left out.
    """
    built = {f"elsewhere_{c}": elsewhere(panel, driver, by=ELSEWHERE[c]) for c in chosen if c in ELSEWHERE}
    own = [c for c in chosen if c not in ELSEWHERE]
    rows = panel.assign(**built).dropna(subset=own)
    if rows.empty:
        raise ShareError("few_rows", f"no row has a value of {', '.join(own)}: fill it in or choose another instrument")
    if (rows[fit.volume] <= 0).any():
        raise ShareError("zeros", "instruments need a logarithm and some cells have no parcels: leave those cells out")
    return share.fit(
        rows,
        fit.drivers,
        volume=fit.volume,
        by=fit.by,
        effects=tuple(fit.effects),
        constants=False,
        cluster=fit.cluster or None,
        instruments={driver: [*built, *own]},
    )


def rungs(panel: pd.DataFrame, fit: ShareFit, network: str) -> dict[str, pd.DataFrame]:
    """Estimates of the first driver's coefficient (the subsidy) by what they rest on: those that the data carry.

    Keys are rungs of `analysis.evidence`; the quasi-experiment is the roll-out of `network`.
    """
    driver = fit.drivers[0]
    instruments = either(lambda: _evidence(instrumented(panel, fit, driver), driver))
    rolled = slopes(panel, network, by=fit.by, volume=fit.volume)
    tables = {"association": fit.estimates(driver), "instrumented": instruments, "quasi_experimental": rolled}
    return {rung: table for rung, table in tables.items() if not isinstance(table, str) and len(table)}


def _evidence(fit: ShareFit, driver: str) -> pd.DataFrame:
    """Instrumented coefficients of the groups whose instruments are strong; the others are no evidence."""
    return fit.estimates(driver)[strong(fit, driver)]


def strength(fit: ShareFit, driver: str) -> pd.Series:
    """F of the instruments of `driver` by group, NaN where too few cities hold it for an F to mean anything.

    The effective F with one coefficient; otherwise that of each group once the others are accounted for.
    """
    found, places = _instrumented(fit, driver)
    f = found.conditional_f[places] if found.effective_f is None else np.array([found.effective_f])
    enough = fit.freedom(driver) + 1 >= LEAST_CLUSTERS
    return pd.Series(np.where(enough, f, np.nan), fit.slope(driver)[0].index, name="f")


def strong(fit: ShareFit, driver: str) -> pd.Series:
    """Whether the instruments of `driver` are strong, by group: an F of `STRONG` or more from enough cities."""
    return strength(fit, driver) >= STRONG


def weak_proof(fit: ShareFit, driver: str) -> "list[Interval | str]":
    """Anderson-Rubin set of `driver` by group, or the code of the reason why there is none.

    Under a dozen cities such sets leave the truth out too often, so there is none.
    """
    found, places = _instrumented(fit, driver)
    return [
        _proof(found, place, int(free) + 1 if np.isfinite(free) else None)
        for place, free in zip(places, fit.freedom(driver), strict=True)
    ]


def _proof(found: "TwoStage", place: int, held: int | None) -> "Interval | str":
    if held is not None and held < LEAST_CLUSTERS:
        return "few_clusters"
    return either(lambda: found.anderson_rubin(place, held=held))


def _instrumented(fit: ShareFit, driver: str) -> "tuple[TwoStage, list[int]]":
    """First stage of a fit with `driver` alone instrumented, and the places of its coefficients there."""
    places = list(range(len(fit.slope(driver)[0])))
    if fit.instrumented is None or len(fit.instrumented.first_stage) != len(places):
        raise ValueError(f"this fit does not instrument {driver!r} alone: give one made with instruments= for it")
    return fit.instrumented, places


def either(find: Callable[[], T]) -> T | str:
    """What `find` gives, or the code of the reason why the data cannot carry it."""
    try:
        return find()
    except ValueError as error:
        return str(getattr(error, "code", "cannot"))


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
