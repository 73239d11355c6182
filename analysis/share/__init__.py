"""Share model: log-centred attraction (MNL on shares), Poisson on counts where cells are empty, Berry's inversion.

V = a + b x + d z + ..., shares = exp V / sum exp V within a market (Nakanishi and Cooper 1974). Market effects and the
groupings in `effects` are absorbed; centring within the market makes the base network irrelevant. Poisson regression
with market effects has the likelihood of the multinomial logit on counts (Baker 1994; Guimaraes et al. 2003). With a
measured outside option V is observed itself, as ln S_j - ln S_outside (Berry 1994).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.share.design import Design, Plan, absorbed, design
from analysis.share.errors import ShareError
from analysis.share.estimators import ESTIMATORS, Estimate, inference
from analysis.share.result import ShareFit, diversion

__all__ = ["ESTIMATORS", "ShareError", "ShareFit", "diversion", "fit"]


def fit(
    panel: pd.DataFrame,
    drivers: Sequence[str],
    *,
    market: Sequence[str] = ("city", "month"),
    alternative: str = "platform",
    volume: str = "parcels",
    by: str | None = None,
    effects: Sequence[str | Sequence[str]] = (),
    constants: bool = True,
    cluster: str | tuple[str, ...] | None = "city",
    estimator: str = "log-centred",
    instruments: Mapping[str, Sequence[str]] | None = None,
    outside: str | None = None,
) -> ShareFit:
    """Fit the attraction model to a panel with one row per market and alternative.

    Parameters
    ----------
    panel : pandas.DataFrame
        Columns named by the other parameters; not changed.
    drivers : sequence of str
        Columns with a coefficient, any unit: 1 CNY against 1 fen divides the coefficient by 100.
    market : sequence of str
        Columns that name a market; its constant is absorbed, except by "berry".
    alternative, volume : str
        Columns of the competing network and of its parcels.
    by : str, optional
        Column (such as tier) whose values have coefficients of their own, in one regression with common effects.
    effects : sequence of str or sequence of str
        Groupings to absorb: `("platform", "tier")` is one constant for each platform in each tier.
    constants : bool
        Absorb a constant for each alternative (by `by`) when no grouping in `effects` holds the alternative.
    cluster : str, tuple of two str, or None
        Column within which errors may be correlated, or two for errors correlated within either. None gives the
        classical covariance: homoskedastic for least squares, the inverse information of the multinomial logit for
        "poisson".
    estimator : str
        "log-centred" (least squares on log volumes, every volume positive), "poisson" (zeros allowed) or "berry".
    instruments : mapping of str to sequence of str, optional
        Endogenous drivers with the columns that instrument them, by `by` as the drivers are.
    outside : str, optional
        With "berry": the alternative whose utility is 0. Its rows give the base; their drivers are not read.

    Notes
    -----
    The clustered covariance has the small-sample factor C/(C-1) (n-1)/(n-k). k counts drivers and absorbed effects,
    those that lie inside the clusters (the markets of a city) as one constant. With `by`, C counts the clusters that
    hold the group of the coefficient. With two columns each sum of V_a + V_b - V_ab has its own C, and intervals use
    the degrees of freedom of the fewer. The regression with all effects as dummies has the same covariance but for k.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator {estimator!r} is unknown: choose from {', '.join(ESTIMATORS)}")
    if (estimator == "berry") != (outside is not None):
        raise ValueError("estimator='berry' and outside= belong together: give both or neither")
    wanted = absorbed(effects, alternative=alternative, by=by, constants=constants)
    plan = Plan(
        drivers=tuple(drivers),
        market=tuple(market),
        alternative=alternative,
        volume=volume,
        by=by,
        effects=tuple(wanted or [()]) if outside else (tuple(market), *wanted),
        cluster=() if cluster is None else (cluster,) if isinstance(cluster, str) else tuple(cluster),
        estimator=estimator,
        instruments={d: tuple(columns) for d, columns in (instruments or {}).items()},
        outside=outside,
    )
    laid = design(panel, plan)
    return _result(plan, laid, ESTIMATORS[estimator](laid), dropped=len(panel) - len(laid.rows))


def _result(plan: Plan, laid: Design, found: Estimate, *, dropped: int) -> ShareFit:
    covariance, clusters, df = inference(laid, found)
    return ShareFit(
        params=pd.Series(found.regression.params, laid.labels, name="estimate"),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), laid.labels, name="std_error"),
        covariance=covariance,
        nobs=len(laid.rows),
        markets=laid.markets,
        dropped=dropped,
        clusters=clusters,
        df=df,
        estimator=plan.estimator,
        drivers=plan.drivers,
        by=plan.by,
        market=plan.market,
        alternative=plan.alternative,
        volume=plan.volume,
        outside=plan.outside,
        cluster=plan.cluster,
        formula=plan.formula,
        r_squared_within=found.r_squared,
        effects=found.effects,
        residuals=pd.Series(found.regression.residuals, laid.rows, name="residual"),
        instrumented=found.instrumented,
    )
