"""Time-series methods against published results; every figure carries its source.

The methods work on logs, so a reference for a series in levels is met by exp(series / SIZE).
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.growth.batch import Run
from tests import made_months
from tests.made_months import batch

SIZE = 100.0
PRINTED = 0.6  # units of the last printed digit
OPTIMUM = 1e-6  # relative; our search stops at 1e-10 of the sum of squares
SAME_STATES = 1e-8  # relative; R prints 8 decimals, and with alpha near 1 the start is forgotten
OTHER_STATES = 3e-5  # relative; R searches the initial states numerically, here they are exact

# Annual oil production of Saudi Arabia, million tonnes, 1965-2013: R package fpp2, `oil`
OIL = [
    *(111.0091346, 130.8284341, 141.2870879, 154.2277747, 162.7408654, 192.1664835, 240.7997253, 304.2173901),
    *(384.0045673, 429.6621566, 359.3169299, 437.2518544, 468.4007898, 424.4353365, 487.9794299, 509.8284478),
    *(506.3472527, 340.1842374, 240.2589210, 219.0327876, 172.0746632, 252.5900922, 221.0710774, 276.5187735),
    *(271.1479517, 342.6186005, 428.3558357, 442.3945534, 432.7851482, 437.2497186, 437.2091599, 445.3640981),
    *(453.1950104, 454.4096410, 422.3789058, 456.0371217, 440.3866047, 425.1943725, 486.2051735, 500.4290861),
    *(521.2759092, 508.9476170, 488.8888577, 509.8705750, 456.7229123, 473.8166029, 525.9508706, 549.8338076),
    542.3404698,
]
# International visitor nights in Australia, millions a quarter, 1999-2015: R package fpp2, `austourists`
TOURISTS = [
    *(30.05251300, 19.14849600, 25.31769200, 27.59143700, 32.07645600, 23.48796100, 28.47594000, 35.12375300),
    *(36.83848500, 25.00701700, 30.72223000, 28.69375900, 36.64098600, 23.82460900, 29.31168300, 31.77030900),
    *(35.17787700, 19.77524400, 29.60175000, 34.53884200, 41.27359900, 26.65586200, 28.27985900, 35.19115300),
    *(42.20566386, 24.64917133, 32.66733514, 37.25735401, 45.24246027, 29.35048127, 36.34420728, 41.78208136),
    *(49.27659843, 31.27540139, 37.85062549, 38.83704413, 51.23690034, 31.83855162, 41.32342126, 42.79900337),
    *(55.70835836, 33.40714492, 42.31663797, 45.15712257, 59.57607996, 34.83733016, 44.84168072, 46.97124960),
    *(60.01903094, 38.37117851, 46.97586413, 50.73379646, 61.64687319, 39.29956937, 52.67120908, 54.33231689),
    *(66.83435838, 40.87118847, 51.82853579, 57.49190993, 65.25146985, 43.06120822, 54.76075713, 59.83447494),
    *(73.25702747, 47.69662373, 61.09776802, 66.05576122),
]
# Australian beer production, megalitres a quarter, 1992-2010: R package fpp2, `ausbeer`
BEER = [
    *(443, 410, 420, 532, 433, 421, 410, 512, 449, 381, 423, 531, 426, 408, 416, 520, 409, 398, 398, 507),
    *(432, 398, 406, 526, 428, 397, 403, 517, 435, 383, 424, 521, 421, 402, 414, 500, 451, 380, 416, 492),
    *(428, 408, 406, 506, 435, 380, 421, 490, 435, 390, 412, 454, 416, 403, 408, 482, 438, 386, 405, 491),
    *(427, 383, 394, 473, 420, 390, 410, 488, 415, 398, 419, 488, 414, 374),
]


def run(key: str, values: list[float], horizon: int, period: int, params: list[float] | None = None) -> Run:
    given = batch(np.exp(np.array(values) / SIZE), horizon=horizon, period=period)
    return made_months.run(key, given, None if params is None else np.array([params]))


def levels(run: Run) -> NDArray[np.float64]:
    return SIZE * np.log(run.median[0])


def sse(run: Run) -> float:
    return float(run.df[0] * (SIZE * run.sigma[0]) ** 2)


# R, forecast::ets(oil, "AAN", damped = TRUE) and ets(austourists, "AAA", damped = TRUE), as stored with the tests of
# statsmodels 0.15 (tsa/tests/results/fit_ets_results_*.json): alpha, beta, phi, gamma; forecast of 4; sigma2
REFERENCE = [
    (
        *(OIL, 1, [0.99989969, 0.11886985, 0.80000197, 0.0]),
        *([545.35213563, 547.76044926, 549.68710489, 551.22843318], 2524.87915822, 44, SAME_STATES),
    ),
    (
        *(TOURISTS, 4, [0.35445427, 0.03200749, 0.97999997, 0.39993387]),
        *([76.07768073, 51.61741109, 63.96457729, 68.27886241], 6.0830734, 59, OTHER_STATES),
    ),
]


@pytest.mark.parametrize(("values", "period", "params", "forecast", "variance", "df", "tolerance"), REFERENCE)
def test_damped_trend_continues_as_r_does(
    values: list[float],
    period: int,
    params: list[float],
    forecast: list[float],
    variance: float,
    df: int,
    tolerance: float,
) -> None:
    found = run("damped trend", values, 4, period, params)
    assert levels(found) == pytest.approx(forecast, rel=tolerance)
    assert found.df[0] == df
    assert variance * df * 0.97 < sse(found) <= variance * df


@pytest.mark.parametrize(("values", "period", "params", "forecast", "variance", "df", "tolerance"), REFERENCE)
def test_damped_trend_fits_no_worse_than_r(
    values: list[float],
    period: int,
    params: list[float],
    forecast: list[float],
    variance: float,
    df: int,
    tolerance: float,
) -> None:
    found = run("damped trend", values, 4, period)
    assert sse(found) <= sse(run("damped trend", values, 4, period, params)) * (1 + OPTIMUM)


# Hyndman and Athanasopoulos (2018), Forecasting: Principles and Practice, 2nd edition, section 3.4: accuracy() of
# rwf and snaive on ausbeer, 1992-2007, with 2008-2010 held out: RMSE in the sample; RMSE, MAE, MAPE outside it
@pytest.mark.parametrize(
    ("key", "inside", "rmse", "mae", "mape"),
    [
        ("naive", 65.31511, 62.69290, 57.40000, 14.18442),
        ("seasonal naive", 16.78193, 14.31084, 13.40000, 3.168503),
    ],
)
def test_naive_forecasts_of_beer(key: str, inside: float, rmse: float, mae: float, mape: float) -> None:
    known, held = BEER[:64], np.array(BEER[64:])
    found = run(key, known, len(held), 4)
    errors = held - levels(found)
    assert SIZE * found.sigma[0] == pytest.approx(inside, abs=PRINTED * 1e-5)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(rmse, abs=PRINTED * 1e-5)
    assert np.abs(errors).mean() == pytest.approx(mae, abs=PRINTED * 1e-5)
    assert 100 * np.abs(errors / held).mean() == pytest.approx(mape, abs=PRINTED * 1e-5)
