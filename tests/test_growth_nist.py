"""Growth fits against the certified values of NIST's Statistical Reference Datasets, nonlinear regression.

https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml: eleven digits, obtained in 128-bit arithmetic.
"""

import numpy as np
import pandas as pd
import pytest

from analysis import growth

CERTIFIED = 1e-7  # the optimiser stops at 8 to 9 digits, standard errors at 7
CERTIFIED_FLAT = 2e-6  # Rat43: its normal equations lose six of the sixteen digits
NO_IMITATION = 1e-12  # per unit of time: the limit q -> 0 of the Bass curve, m (1 - exp(-p t)), to every digit


def se(fit: growth.GrowthFit, gradient: dict[str, float]) -> float:
    """Standard error of a function of the parameters from its gradient."""
    g = pd.Series(gradient).reindex(fit.params.index, fill_value=0.0)
    return float(np.sqrt(g @ fit.covariance @ g))


def certify(found: list[float], certified: list[float], tolerance: float) -> None:
    assert found == pytest.approx(certified, rel=tolerance)


def innovators_only(series: pd.Series) -> growth.GrowthFit:
    """b1 (1 - exp(-b2 x)): a Bass curve whose adopters do not imitate, launched at 0."""
    return growth.fit(series, "bass", fixed={"q": NO_IMITATION, "launch": 0.0})


def test_rat43_onion_bulbs():
    """y = b1 / (1 + exp(b2 - b3 x))^(1 / b4); 15 dry weights of onion bulbs (Ratkowsky, 1983, p. 88).

    In the curve's terms K = b1, r = b3, nu = b4 and r t0 = b2 - ln nu. NIST's page counts 9 degrees of freedom;
    its residual standard deviation is with 15 - 4 = 11.
    """
    weights = [16.08, 33.83, 65.80, 97.20, 191.55, 326.20, 386.87, 520.53, 590.03]
    weights += [651.92, 724.93, 699.56, 689.96, 637.56, 717.41]
    fit = growth.fit(pd.Series(weights, index=range(1, 16)), "richards")
    k, t0, r, nu = fit.params[["K", "t0", "r", "nu"]]
    b2, gradient = r * t0 + np.log(nu), {"r": t0, "t0": r, "nu": 1 / nu}
    certify([k, b2, r, nu], [6.9964151270e02, 5.2771253025e00, 7.5962938329e-01, 1.2792483859e00], CERTIFIED_FLAT)
    errors = [fit.std_errors["K"], se(fit, gradient), fit.std_errors["r"], fit.std_errors["nu"]]
    certify(errors, [1.6302297817e01, 2.0828735829e00, 1.9566123451e-01, 6.8761936385e-01], CERTIFIED_FLAT)
    certify([(fit.residuals**2).sum(), fit.sigma], [8.7864049080e03, 2.8262414662e01], CERTIFIED)
    assert fit.df == 11


def test_misra1a_adsorption():
    """y = b1 (1 - exp(-b2 x)): 14 volumes by pressure, a dental study (Misra, 1978)."""
    pressure = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0]
    volume = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78]
    fit = innovators_only(pd.Series(volume, index=pressure))
    certify([fit.params["m"], fit.params["p"]], [2.3894212918e02, 5.5015643181e-04], CERTIFIED)
    certify([fit.std_errors["m"], fit.std_errors["p"]], [2.7070075241e00, 7.2668688436e-06], CERTIFIED)
    certify([(fit.residuals**2).sum(), fit.sigma], [1.2455138894e-01, 1.0187876330e-01], CERTIFIED)
    assert fit.df == 12


def test_boxbod_oxygen_demand():
    """y = b1 (1 - exp(-b2 x)): six observations, NIST's higher level of difficulty (Box, Hunter and Hunter, 1978)."""
    fit = innovators_only(pd.Series([109.0, 149, 149, 191, 213, 224], index=[1, 2, 3, 5, 7, 10]))
    certify([fit.params["m"], fit.params["p"]], [2.1380940889e02, 5.4723748542e-01], CERTIFIED)
    certify([fit.std_errors["m"], fit.std_errors["p"]], [1.2354515176e01, 1.0455993237e-01], CERTIFIED)
    certify([(fit.residuals**2).sum(), fit.sigma], [1.1680088766e03, 1.7088072423e01], CERTIFIED)
    assert fit.identified
    assert fit.df == 4
