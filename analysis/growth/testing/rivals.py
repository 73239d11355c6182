"""What choosing costs: the curve with the smallest past errors owes some of them to luck.

Its bands are widened to those of the mixture of all curves that were not worse than seasonal naive, each weighted by
the likelihood of its errors in the back-test (constants as in Gaussian errors):

    w_k proportional to R_k^-E,   factor^2 = sum_k w_k ((R_k / R)^2 + (2 D_k / W)^2),

with R_k the root mean squared error of curve k over all origins and steps (R that of the chosen one), E the independent
errors that those are worth (the mean over steps of n_h of `conformal`, about 4 for 12 origins and 12
steps), D_k the distance of its forecast from the chosen one and W the widened 95 % half width (two standard errors) of
the chosen one. A rival that errs nearly as little, but says otherwise, makes the forecast less certain; one that errs
much more does not. Neither R_k / R nor 2 D_k / W counts for more than `MOST`.
"""

import numpy as np

from analysis.growth.shapes import FloatArray

MOST = 2.0
"""The factor, and the distance of a rival in half widths of the chosen curve, at most."""
ERRORS = 2.0
"""Standard errors in a 95 % half width."""


def doubt(median: FloatArray, own: FloatArray, rmse: FloatArray, chosen: int, errors: float) -> FloatArray:
    """Factor of the half widths of the chosen curve, (A,): at least 1, never shrinking with the horizon.

    Parameters
    ----------
    median : ndarray (C, A)
        Forecasts of C rivals, units of the series.
    own : ndarray (A,)
        Widened 95 % half widths of the chosen curve, units of the series.
    rmse : ndarray (C,)
        Root mean squared errors in the back-test, units of the series.
    chosen : int
        Row of the chosen curve.
    errors : float
        Independent errors that the back-test is worth.
    """
    if not (own > 0).all() or not rmse[chosen] > 0:
        return np.ones_like(own)
    worse = np.log(np.maximum(rmse / rmse[chosen], np.finfo(float).eps))
    weight = np.exp(errors * (worse.min() - worse))
    weight = weight / weight.sum()
    apart = np.minimum(ERRORS * np.abs(median - median[chosen]) / own, MOST)
    square = np.minimum(rmse / rmse[chosen], MOST)[:, None] ** 2 + apart**2
    return np.maximum.accumulate(np.clip(np.sqrt(weight @ square), 1.0, MOST))
