"""One curve fitted to many series at once, or to every row of a batch and continued."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import guards
from analysis.growth.batch import Batch, Run
from analysis.growth.batched.optima import continued, redo, solve
from analysis.growth.batched.rowwise import ESTIMATE, Fitted, Table, read
from analysis.growth.curves import Curve

CHUNK, FEW = 8192, 64
"""Series between two reports of progress, and when some are fitted one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class ManyFits:
    """One curve fitted to each of S series. Rows are series; a series that could not be fitted is NaN.

    Attributes
    ----------
    curve : str
        Key of `CURVES`.
    params, std_errors : pd.DataFrame
        (S, k), in the units of `GrowthFit.params`; errors are HAC or classical as `fit` chooses them.
    sse : pd.Series
        Sum of squared residuals, of logs for the log-linear curve, otherwise units of the series squared.
    nobs, missing, df : pd.Series
        Observations used, missing values left out, residual degrees of freedom.
    rmse : pd.Series
        Root mean squared residual, units of the series.
    identified : pd.Series of bool
        As in `GrowthFit`; False for a series that could not be fitted.
    ceiling : pd.DataFrame
        Columns value, low, high (95 %), units of the series; NaN where it is not identified or there is none.
    cagr : pd.DataFrame
        Columns value, low, high (95 %), growth a year as a fraction; NaN where the index does not say its years.
    hac : pd.Series of bool
        Whether the errors are HAC.
    failed : pd.Series of str
        Code of a `GrowthError`; empty where the series was fitted.
    """

    curve: str
    params: pd.DataFrame
    std_errors: pd.DataFrame
    sse: pd.Series
    nobs: pd.Series
    missing: pd.Series
    df: pd.Series
    rmse: pd.Series
    identified: pd.Series
    ceiling: pd.DataFrame
    cagr: pd.DataFrame
    hac: pd.Series
    failed: pd.Series


def fit_many(
    wide: pd.DataFrame,
    curve: str,
    *,
    per_year: float | None = None,
    thorough: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ManyFits:
    """Fit one curve to every column of a frame, with the answers that `fit` gives column by column.

    Where the data identify the curve the answers are the same. Where they do not, the search follows the valley to its
    end from several starts; on a few such series in a hundred `fit` still comes a little lower, unless `thorough`.

    Parameters
    ----------
    wide : pd.DataFrame
        Time x series, values in any order of time, evenly spaced or not; missing values are left out and counted.
    curve : str
        Key of a curve of `CURVES`, not of a method.
    per_year : float, optional
        Units of a numeric index in a year, as in `fit`.
    thorough : bool
        Fit series that do not identify the curve one by one as well (about 0.1 s each) and keep what is better.
    progress : callable, optional
        Called with series done and series in all.

    Raises
    ------
    GrowthError
        When the frame cannot be used at all; a series that cannot be fitted says why in `failed`.
    """
    declared = guards.declared(curve)
    if not isinstance(declared, Curve):
        message = f"{curve!r} is a method, not a curve: `analysis.growth.engine.run` takes many series"
        raise guards.GrowthError("unknown_curve", message, curve=curve)
    table, size = read(wide, per_year), FEW if thorough else CHUNK
    parts = []
    with np.errstate(all="ignore"):
        for start in range(0, wide.shape[1], size):
            parts.append(_fitted(declared, table.take(slice(start, start + size)), thorough=thorough))
            if progress is not None:
                progress(min(start + size, wide.shape[1]), wide.shape[1])
    return _gathered(declared, wide, parts)


def _fitted(curve: Curve, table: Table, *, thorough: bool) -> dict[str, NDArray[np.generic]]:
    """What a result holds of each series, by field."""
    batch = table.batch()
    solved = solve(curve, batch)
    rows = Fitted(curve, table, batch, solved)
    if thorough and not curve.logs:
        for row in np.flatnonzero((solved.failed == "") & ~rows.ceiling()[0]):
            redo(curve, batch, solved, int(row))
        rows = Fitted(curve, table, batch, solved)
    identified, ceiling = rows.ceiling()
    mean_square = np.nansum(rows.residuals**2, axis=1) / batch.nobs
    return {
        "params": rows.solved.params,
        "std_errors": rows.errors(rows.covariance),
        "sse": rows.solved.sse,
        "nobs": batch.nobs,
        "df": rows.solved.df,
        "rmse": np.where(rows.solved.failed == "", np.sqrt(mean_square), np.nan),
        "identified": identified,
        "ceiling": ceiling,
        "cagr": rows.cagr(),
        "hac": rows.hac,
        "failed": rows.solved.failed,
    }


def _gathered(curve: Curve, wide: pd.DataFrame, parts: list[dict[str, NDArray[np.generic]]]) -> ManyFits:
    index = wide.columns
    whole = {field: np.concatenate([part[field] for part in parts]) for field in parts[0]}
    columns = {"params": curve.names, "std_errors": curve.names, "ceiling": ESTIMATE, "cagr": ESTIMATE}
    tables = {field: pd.DataFrame(whole.pop(field), index=index, columns=names) for field, names in columns.items()}
    series = {field: pd.Series(values, index=index, name=field) for field, values in whole.items()}
    return ManyFits(curve=curve.key, missing=(len(wide) - series["nobs"]).rename("missing"), **tables, **series)


def run_curve(curve: Curve, batch: Batch) -> Run:
    """Fit a curve to every row and continue it; calendar regressors multiply it by exp(X g).

    S-curves are fitted by nonlinear least squares, so that their errors add; the log-linear curve on logs. The spread
    ahead has the parameters' errors by the delta method, and the noise.
    """
    with np.errstate(all="ignore"):
        solved = solve(curve, batch)
        times, design = batch.wide_times(), batch.wide_design()
        n = batch.values.shape[1]
        value, _ = continued(curve, solved, times[:, :n], design[:, :n])
        median, slopes = continued(curve, solved, times[:, n:], design[:, n:])
        error = np.linalg.norm(slopes @ solved.root, axis=2) * solved.sigma[:, None]
        return Run(
            params=solved.params,
            effects=solved.effects,
            fitted=value,
            median=median,
            spread=np.hypot(error / median if curve.logs else error, solved.sigma[:, None]),
            sigma=solved.sigma,
            df=solved.df,
            logs=curve.logs,
            failed=solved.failed,
        )
