"""Checks of a fitted share model, each with a verdict, the figure behind it and its threshold."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.share.absorb import Floats
from analysis.share.card import Check, ModelCard
from analysis.share.errors import ShareError
from analysis.share.hold_out import hold_out
from analysis.share.influence import changes, influence
from analysis.share.left import TIME, UNIT, Left, left, refit, steps
from analysis.share.result import FEW_CLUSTERS, ShareFit
from analysis.share.twins import TWINS, pairs

__all__ = ["Check", "ModelCard", "hold_out", "influence", "run"]

MOST_INFLATION = 10.0
"""Variance inflation from which a driver cannot be told from the others."""
MOST_PERSISTENCE = 0.3
"""Correlation of a residual with the month before from which something lasting is left out."""
MOST_INFLUENCE = 1.0
"""Standard errors by which one city may move a coefficient."""
MOST_GAP = 2.0
"""Larger standard errors by which log-centring and Poisson may differ."""
SIGNIFICANT = 0.05
COMPARED_MONTHS = 12


def run(panel: pd.DataFrame, fit: ShareFit, *, data_version: str) -> ModelCard:
    """Every check of `fit` on the panel it was made on.

    The coefficient that checks look at is that of the first driver (the subsidy). Log-centring is compared with
    Poisson on the last twelve months alone, which keeps the card quick.
    """
    checks = [
        *_on_rows(panel, fit),
        _try("poisson", lambda: poisson(panel, fit)),
        tiers(fit),
        _try("hold_out", lambda: hold_out(panel, fit)),
        near_twins(panel, fit),
        few_clusters(fit),
    ]
    return ModelCard(fit.formula, data_version, fit.estimator, fit.nobs, fit.markets, fit.clusters, tuple(checks))


def not_applicable(code: str, reason: str) -> Check:
    """Say that a check does not apply, and why."""
    return Check(code, None, np.nan, np.nan, {"reason": reason})


def _try(code: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except ShareError as error:
        return not_applicable(code, error.code)


def _on_rows(panel: pd.DataFrame, fit: ShareFit) -> list[Check]:
    """Checks that need the drivers net of the effects."""
    try:
        rest = left(panel, fit)
    except ShareError as error:
        return [not_applicable(code, error.code) for code in ("collinear", "persistent", "influence")]
    return [collinear(rest, fit), persistent(rest, fit), one_city(rest, fit)]


def collinear(rest: Left, fit: ShareFit) -> Check:
    """Largest variance inflation of a driver net of the effects."""
    size = np.sqrt((rest.drivers**2 * rest.weights).sum(axis=1))
    scaled = rest.drivers / size[:, None]
    inflation = np.diag(np.linalg.inv((scaled * rest.weights) @ scaled.T))
    worst = int(inflation.argmax())
    value = float(inflation[worst])
    label = fit.params.index[worst]
    driver, group = (label[1], str(label[0])) if fit.by else (label, "all")
    return Check("collinear", value < MOST_INFLATION, value, MOST_INFLATION, {"driver": driver, "group": group})


def persistent(rest: Left, fit: ShareFit) -> Check:
    """Correlation of each network's residual in a city with the month before."""
    earlier, later = steps(rest.panel, fit)
    if not earlier.size:
        return not_applicable("persistent", "one_month")
    value = _correlation(rest.residuals[earlier], rest.residuals[later])
    clustered = int(UNIT in fit.cluster)
    return Check("persistent", value < MOST_PERSISTENCE, value, MOST_PERSISTENCE, {"clustered": clustered})


def _correlation(first: Floats, second: Floats) -> float:
    size = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / size if size else 0.0


def one_city(rest: Left, fit: ShareFit) -> Check:
    """Largest move of a coefficient of the first driver when one city is left out."""
    table = changes(rest, fit, fit.drivers[0])
    # a group of cities none of which can be spared has no figure
    moved = table.abs().max()
    if moved.isna().all():
        return not_applicable("influence", "few_clusters")
    group = moved.idxmax()
    value = float(moved[group])
    city = str(table[group].abs().idxmax())
    values: dict[str, str | float] = {"city": city, "group": str(group), "driver": fit.drivers[0]}
    return Check("influence", value < MOST_INFLUENCE, value, MOST_INFLUENCE, values)


def poisson(panel: pd.DataFrame, fit: ShareFit) -> Check:
    """Whether shares and counts tell the same: coefficients by log-centring and by Poisson on the last months."""
    if fit.estimator == "berry":
        return not_applicable("poisson", "berry")
    late = panel[panel[TIME] > panel[TIME].max() - pd.DateOffset(months=COMPARED_MONTHS)]
    if (late[fit.volume] <= 0).any():
        return not_applicable("poisson", "zeros")
    logs, counts = (refit(late, fit, estimator=e).estimates(fit.drivers[0]) for e in ("log-centred", "poisson"))
    gap = (logs["estimate"] - counts["estimate"]).abs() / np.maximum(logs["std_error"], counts["std_error"])
    group = gap.idxmax()
    values: dict[str, str | float] = {
        "group": str(group),
        "driver": fit.drivers[0],
        "log_centred": float(logs["estimate"][group]),
        "poisson": float(counts["estimate"][group]),
        "months": int(late[TIME].nunique()),
    }
    return Check("poisson", bool(gap[group] < MOST_GAP), float(gap[group]), MOST_GAP, values)


def tiers(fit: ShareFit) -> Check:
    """Wald test that all groups have the same coefficient; passed when they differ, so that the split is of use."""
    from scipy.special import fdtrc

    slopes, covariance = fit.slope(fit.drivers[0])
    if len(slopes) < 2:
        return not_applicable("tiers", "one_group")
    contrast = np.eye(len(slopes))[1:] - np.eye(len(slopes))[0]
    apart = contrast @ slopes.to_numpy()
    statistic = float(apart @ np.linalg.solve(contrast @ covariance.to_numpy() @ contrast.T, apart)) / len(apart)
    free = min(float(fit.freedom(fit.drivers[0]).min()), (fit.clusters or np.inf) - 1, 1e9)
    value = float(fdtrc(len(apart), free, statistic))
    values: dict[str, str | float] = {
        "lowest": str(slopes.idxmin()),
        "highest": str(slopes.idxmax()),
        "low": float(slopes.min()),
        "high": float(slopes.max()),
        "statistic": statistic,
    }
    return Check("tiers", value < SIGNIFICANT, value, SIGNIFICANT, values)


def near_twins(panel: pd.DataFrame, fit: ShareFit) -> Check:
    """Whether two networks move together more than the logit allows."""
    table = pairs(panel, fit)
    if table.empty:
        return not_applicable("twins", "few_networks")
    closest = table.iloc[0]
    values: dict[str, str | float] = {
        "first": closest["first"],
        "second": closest["second"],
        "pairs": int((table["corrected"] >= TWINS).sum()),
        "markets": int(closest["markets"]),
    }
    return Check("twins", bool(closest["corrected"] < TWINS), float(closest["corrected"]), TWINS, values)


def few_clusters(fit: ShareFit) -> Check:
    """Fewest clusters behind a coefficient."""
    if fit.clusters is None:
        return not_applicable("few_clusters", "not_clustered")
    freedom = fit.freedom(fit.drivers[0])
    least = np.where(np.isfinite(freedom), freedom + 1, fit.clusters)
    held = int(least.min())
    group = str(fit.slope(fit.drivers[0])[0].index[int(least.argmin())])
    return Check("few_clusters", held >= FEW_CLUSTERS, float(held), float(FEW_CLUSTERS), {"group": group})
