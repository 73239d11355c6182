"""Log-linear growth: ln y = a + g t (+ calendar effects) by ordinary least squares."""

import numpy as np

from analysis.growth.intervals import Estimation
from analysis.growth.shapes import FloatArray


def lags(nobs: int) -> int:
    """Lags of the HAC errors: floor(4 (n / 100)^(2/9)), at most n - 2 (Newey and West, 1994).

    They do not reach a season: what comes back every year belongs in calendar effects or in a seasonal method.
    """
    return max(0, min(int(4 * (nobs / 100) ** (2 / 9)), nobs - 2))


def estimate(t: FloatArray, y: FloatArray, design: FloatArray) -> Estimation:
    """Fit t (n,) ascending, y (n,) > 0 and regressors (n, m); time is centred for the regression and moved back.

    Errors are classical. Parameters are a, g and the m effects.
    """
    from statsmodels.regression.linear_model import OLS

    logs, middle = np.log(y), float(t.mean())
    result = OLS(logs, np.column_stack([np.ones_like(t), t - middle, design])).fit()
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
    )
