"""Two-stage least squares on demeaned columns, with what says whether to believe it.

Clustered sandwich errors; first-stage strength (Sanderson and Windmeijer 2016 with several endogenous drivers, Montiel
Olea and Pflueger 2013 with one); over-identification (Hansen 1982, Sargan 1958); endogeneity by control function
(Wooldridge 2010, 6.2). Anderson-Rubin intervals hold however weak the instruments are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.share.absorb import Codes, Floats
from analysis.share.anderson_rubin import Interval, anderson_rubin, invert
from analysis.share.errors import ShareError
from analysis.share.products import Products, check_independent, products, solve, wald
from analysis.share.roles import Roles, assign

__all__ = ["Interval", "Test", "TwoStage", "anderson_rubin", "two_stage"]

ITSELF = 0.99
"""Squared correlation, net of effects and exogenous drivers, from which an instrument is the driver under another
name: the mean of the other cities is minus the city's own value over their number once their sum is absorbed."""
LEAST_CLUSTERS = 12
"""Clusters that must hold a coefficient for it to count in the test of endogeneity, and for its F and Anderson-Rubin
set to be read: with fewer, clustered tests reject far too often and useless instruments look strong."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one hypothesis.

    Attributes
    ----------
    name : str
        "hansen", "sargan" (chi-square with `df`) or "control_function" (F with `df` and the error's freedom).
    statistic, p_value : float
    df : int
    """

    name: str
    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class TwoStage:
    """Two-stage least squares. Made by `two_stage`; coefficients are the endogenous drivers', then the exogenous ones'.

    Attributes
    ----------
    params : (k,) float64
    covariance : (k, k) float64
    residuals : (rows,) float64
        Outcome less fitted, with the drivers themselves, not their first stage.
    first_stage : (endogenous,) float64
        F of all excluded instruments in each first stage (robust as the covariance is).
    conditional_f : (endogenous,) float64
        F of the instruments for each endogenous driver once the others are accounted for; equal to `first_stage`
        with one endogenous driver. The one to read with several. Of each driver's own instruments, where some are.
    effective_f : float or None
        With one endogenous driver: the F to hold against 10 when errors are clustered.
    overid : Test or None
        Whether the instruments agree; None when there are no more instruments than endogenous drivers, or no more
        clusters than instruments.
    endogeneity : Test
        Whether least squares would have done.
    partial_r_squared : (endogenous,) float64
        Part of each endogenous driver, net of the exogenous ones, that the instruments explain.
    roles : Roles
        Cross-products by cluster, enough for every test without the rows.
    """

    params: Floats
    covariance: Floats
    residuals: Floats
    first_stage: Floats
    conditional_f: Floats
    effective_f: float | None
    overid: Test | None
    endogeneity: Test
    partial_r_squared: Floats
    roles: Roles

    def anderson_rubin(self, position: int = 0, *, held: int | None = None, level: float = 0.95) -> Interval:
        """Interval of one endogenous coefficient that weak instruments do not spoil: see `anderson_rubin`."""
        return invert(self.roles, position, held=held, level=level)


def two_stage(
    outcome: Floats,
    exogenous: Floats,
    endogenous: Floats,
    instruments: Floats,
    *,
    clusters: Codes | None,
    absorbed: int = 0,
    held: Floats | None = None,
    own: npt.NDArray[np.bool_] | None = None,
) -> TwoStage:
    """Two-stage least squares of `outcome` (rows,) on `endogenous` and `exogenous` drivers.

    Parameters
    ----------
    outcome : (rows,) float64
    exogenous, endogenous, instruments : (k, rows) float64
        Demeaned; `instruments` are the excluded ones, at least as many as `endogenous`. `exogenous` may have no rows.
    clusters : (rows,) int64 or None
        None gives the classical covariance. A cluster for each row gives White's with factor n/(n-k).
    absorbed : int
        Effects taken out of the columns beforehand, for degrees of freedom.
    held : (endogenous,) float64, optional
        Clusters that hold each endogenous coefficient; those with fewer than 12 are left out of `endogeneity`, unless
        all have fewer.
    own : (endogenous, instruments) bool, optional
        Which instruments are there for which driver (those of its tier), for `conditional_f` and `anderson_rubin`:
        the rest only take the other drivers out. All of them by default.

    Notes
    -----
    The factor of the clustered covariance is that of `regression.regress`: C/(C-1) (n-1)/(n-k-absorbed).
    """
    columns = np.vstack([outcome[None], endogenous, instruments, exogenous])
    found = products(columns, clusters=clusters, absorbed=absorbed)
    roles = assign(found, len(endogenous), len(instruments), own=own)
    if (roles.likeness() > ITSELF).any():
        raise ShareError(
            "itself", "an instrument equals its endogenous driver after the effects: choose another, or absorb less"
        )
    drivers = np.hstack([roles.endogenous, roles.exogenous])
    fitted, params, residual = _second_stage(found, roles, drivers)
    bread = np.linalg.inv(found.cross(fitted, fitted))
    covariance = bread @ found.meat(fitted, residual, residual, lost=len(params)) @ bread
    used = [*range(1, 1 + len(endogenous)), *range(1 + len(endogenous) + len(instruments), len(columns))]
    unit = found.scale[0] / found.scale[used]
    slopes = params * unit
    return TwoStage(
        params=slopes,
        covariance=covariance * np.outer(unit, unit),
        residuals=outcome - slopes @ columns[used],
        first_stage=np.array([roles.first_stage(k) for k in range(len(endogenous))]),
        conditional_f=np.array([roles.concentrated(k).strength() for k in range(len(endogenous))]),
        effective_f=roles.effective() if len(endogenous) == 1 else None,
        overid=_overid(found, roles, residual),
        endogeneity=_endogeneity(found, roles, held),
        partial_r_squared=roles.partial_r_squared(),
        roles=roles,
    )


def _second_stage(found: Products, roles: Roles, drivers: Floats) -> tuple[Floats, Floats, Floats]:
    """First-stage fits of the drivers, their coefficients, and the residual; all on the scaled columns."""
    _, left = found.project(drivers, roles.all_instruments)
    fitted = drivers - left
    check_independent(found.cross(fitted, fitted), "drivers as their instruments predict them")
    params = solve(found.cross(fitted, fitted), found.cross(fitted, roles.outcome))[:, 0]
    return fitted, params, roles.outcome[:, 0] - drivers @ params


def _overid(found: Products, roles: Roles, residual: Floats) -> Test | None:
    from scipy.special import chdtrc

    spare = roles.instruments.shape[1] - roles.endogenous.shape[1]
    if not spare or (found.clusters is not None and found.clusters <= roles.instruments.shape[1]):
        return None
    if found.clusters is None:
        _, left = found.project(residual[:, None], roles.all_instruments)
        unexplained = float(found.cross(left, left)[0, 0]) / float(residual @ found.total @ residual)
        statistic = (found.rows - max(found.absorbed - 1, 0)) * (1 - unexplained)
        return Test("sargan", statistic, spare, float(chdtrc(spare, statistic)))
    moments, slopes, weight = _moments(found, roles, residual)
    gap = moments - slopes @ solve(slopes.T @ weight @ slopes, slopes.T @ weight @ moments)
    statistic = float(gap @ weight @ gap)
    return Test("hansen", statistic, spare, float(chdtrc(spare, statistic)))


def _moments(found: Products, roles: Roles, residual: Floats) -> tuple[Floats, Floats, Floats]:
    """Instruments times outcome and times endogenous drivers, and the weight of the efficient method of moments."""
    scores = found.scores(roles.instruments, residual)
    moments = found.cross(roles.instruments, roles.outcome)[:, 0]
    weight = np.asarray(np.linalg.inv(scores.T @ scores), dtype=np.float64)
    return moments, found.cross(roles.instruments, roles.endogenous), weight


def _endogeneity(found: Products, roles: Roles, held: Floats | None) -> Test:
    """Wald test on the first-stage residuals added to the least squares of the outcome."""
    from scipy.special import fdtrc

    _, control = found.project(roles.endogenous, roles.all_instruments)
    others = np.hstack([roles.endogenous, roles.exogenous])
    _, own = found.project(control, others)
    lost = others.shape[1] + control.shape[1]
    coefficients, left = found.project(roles.outcome, np.hstack([control, others]))
    bread = np.linalg.inv(found.cross(own, own))
    covariance = bread @ found.meat(own, left[:, 0], left[:, 0], lost=lost) @ bread
    counted = np.ones(control.shape[1], bool) if held is None else held >= LEAST_CLUSTERS
    counted |= not counted.any()
    statistic, rank = wald(coefficients[: control.shape[1], 0][counted], covariance[np.ix_(counted, counted)])
    return Test("control_function", statistic / rank, rank, float(fdtrc(rank, found.freedom(lost), statistic / rank)))
