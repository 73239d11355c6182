"""Log-linear growth: ln y = a + g t (+ calendar effects) by ordinary least squares."""

import numpy as np

from analysis.growth.intervals import Estimation
from analysis.growth.shapes import FloatArray


def lags(nobs: int) -> int:
    """Lags of the HAC errors: floor(4 (n / 100)^(2/9)), at most n - 2 (Newey and West, 1994)."""
    return max(0, min(int(4 * (nobs / 100) ** (2 / 9)), nobs - 2))


def estimate(t: FloatArray, y: FloatArray, design: FloatArray, *, maxlags: int | None) -> Estimation:
    """Fit t (n,) ascending, y (n,) > 0 and regressors (n, m); time is centred for the regression and moved back.

    Errors are HAC with `maxlags`, classical where it is None. Parameters are a, g and the m effects.
    """
    from statsmodels.regression.linear_model import OLS

    logs, middle = np.log(y), float(t.mean())
    model = OLS(logs, np.column_stack([np.ones_like(t), t - middle, design]))
    if maxlags is None:
        result = model.fit()
    else:
        options = {"maxlags": maxlags, "use_correction": True}
        result = model.fit(cov_type="HAC", cov_kwds=options, use_t=True)
    back = np.eye(2 + design.shape[1])
    back[0, 1] = -middle
    weight, axes = np.linalg.eigh(np.asarray(result.cov_params()))
    return Estimation(
        params=back @ np.asarray(result.params),
        root=back @ axes * np.sqrt(np.maximum(weight, 0.0)),
        sigma=float(np.sqrt(result.ssr / result.df_resid)),
        df=int(result.df_resid),
        residual=np.asarray(result.resid),
        smearing=float(np.exp(result.resid).mean()),
        maxlags=maxlags,
    )
