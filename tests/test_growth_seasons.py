"""Fits with calendar effects, and errors that allow for residuals correlated in time."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from analysis.growth import CURVES, GrowthError, compare, engine, fit, loglinear, nonlinear
from analysis.growth.axis import rows
from analysis.growth.calendar import design
from analysis.growth.curves import Curve

EXACT = 1e-8  # the same least squares problem written twice
FOUND = 1e-5  # noise-free: the optimiser stops when the sum of squares is down to rounding
SURPRISE = 5.0  # standard errors

MONTHS = pd.period_range("2019-01", periods=84, freq="M")
EFFECTS = {"lunar_new_year": -0.4, "campaign_618": 0.05, "double_11": 0.15}
LIFT = np.exp(design(MONTHS, EFFECTS) @ np.array(list(EFFECTS.values())))
STEP = np.exp(0.2 * design(MONTHS, ["definition_2024"])[:, 0])
S_CURVE = 100 / (1 + np.exp(-0.08 * (np.arange(84) - 40)))
SHAPES = [key for key, c in CURVES.items() if isinstance(c, Curve) and not c.cumulative]


def seasonal(noise: float = 0.0, *, seed: int = 0) -> pd.Series:
    error = np.random.default_rng(seed).normal(0, noise, 84)
    return pd.Series(S_CURVE * LIFT + error, index=MONTHS)


def wandering(rho: float, *, seed: int = 0) -> pd.Series:
    """The S-curve with errors of first-order autocorrelation."""
    shocks = np.random.default_rng(seed).normal(0, 2, 84)
    errors = np.zeros(84)
    for i in range(84):
        errors[i] = rho * errors[i - 1] + shocks[i]
    return pd.Series(S_CURVE + errors, index=MONTHS)


def test_calendar_effects_and_the_curve_are_told_apart():
    found = fit(seasonal(), "logistic", calendar=tuple(EFFECTS))
    assert found.params.to_numpy() == pytest.approx([100, 40, 0.08], rel=FOUND)
    assert found.effects["estimate"].to_dict() == pytest.approx(EFFECTS, rel=FOUND)
    assert found.calendar == tuple(EFFECTS)
    assert found.df == 84 - 6
    assert found.fitted.to_numpy() == pytest.approx(seasonal().to_numpy(), rel=FOUND)
    assert found.at(MONTHS, calendar=False).to_numpy() == pytest.approx(S_CURVE, rel=FOUND)


def test_with_noise_the_truth_is_inside():
    found = fit(seasonal(1.0), "logistic", calendar=tuple(EFFECTS))
    errors = (found.effects["estimate"] - pd.Series(EFFECTS)) / found.effects["std_error"]
    assert (errors.abs() < SURPRISE).all()
    assert (found.effects["std_error"] > 0).all()
    assert abs(found.params["K"] - 100) < SURPRISE * found.std_errors["K"]
    plain = fit(seasonal(1.0), "logistic")
    assert plain.effects.empty
    assert plain.sigma > 3 * found.sigma


def test_the_forecast_carries_the_season():
    ahead = fit(seasonal(), "logistic", calendar=tuple(EFFECTS)).forecast(14)
    future = pd.period_range("2026-01", periods=14, freq="M")
    lift = np.exp(design(future, EFFECTS) @ np.array(list(EFFECTS.values())))
    curve = 100 / (1 + np.exp(-0.08 * (np.arange(84, 98) - 40)))
    assert ahead["median"].to_numpy() == pytest.approx(curve * lift, rel=FOUND)
    assert ahead["median"].idxmin() == pd.Period("2026-02", "M")


def test_log_linear_effects_are_ordinary_least_squares():
    series = pd.Series(np.exp(0.01 * np.arange(84)) * LIFT * STEP, index=MONTHS) * seasonal(1.0) / seasonal()
    names = (*EFFECTS, "definition_2024")
    found = fit(series, "log-linear", calendar=names, maxlags=3)
    x = np.column_stack([np.ones(84), np.arange(84), design(MONTHS, names)])
    reference = OLS(np.log(series.to_numpy()), x).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    assert [*found.params, *found.effects["estimate"]] == pytest.approx(list(reference.params), rel=EXACT)
    assert [*found.std_errors, *found.effects["std_error"]] == pytest.approx(list(reference.bse), rel=EXACT)
    assert found.effects[["low", "high"]].to_numpy() == pytest.approx(reference.conf_int()[2:], rel=EXACT)


def test_a_break_of_definition_leaves_the_curve_on_the_present_level():
    found = fit(seasonal() / LIFT * STEP, "logistic", calendar=("definition_2024",))
    assert found.params["K"] == pytest.approx(100, rel=FOUND)
    assert found.effects.loc["definition_2024", "estimate"] == pytest.approx(0.2, rel=FOUND)


@pytest.mark.parametrize("curve", SHAPES)
def test_every_curve_takes_the_calendar(curve):
    found = fit(seasonal(1.0), curve, calendar=("lunar_new_year",))
    assert list(found.effects.index) == ["lunar_new_year"]
    assert found.effects.loc["lunar_new_year", "estimate"] < -0.2
    assert list(found.params.index) == list(found.covariance) == CURVES[curve].names


@pytest.mark.parametrize(("names", "code"), [(("easter",), "calendar"), (("lunar_new_year",), "calendar")])
def test_what_cannot_be_a_regressor_is_refused(names, code):
    numbers = pd.Series(S_CURVE, index=np.arange(84))
    series = seasonal() if names == ("easter",) else numbers
    with pytest.raises(GrowthError) as refused:
        fit(series, "logistic", calendar=names)
    assert refused.value.code == code
    assert not compare(series, ["logistic"], calendar=names).fits


def test_hac_errors_of_a_curve_are_the_sandwich_written_out():
    series = wandering(0.7)
    found = fit(series, "logistic", errors="hac", maxlags=4)
    t = np.arange(84.0)
    jacobian = CURVES["logistic"].jacobian(t, found.params.to_numpy())
    bread = np.linalg.inv(jacobian.T @ jacobian)
    scores = jacobian * found.residuals.to_numpy()[:, None]
    meat = scores.T @ scores
    for lag in range(1, 5):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / 5) * (cross + cross.T)
    assert found.covariance.to_numpy() == pytest.approx(bread @ meat @ bread * 84 / 81, rel=1e-5)
    assert found.maxlags == 4


def test_errors_follow_the_residuals():
    white, wandered = fit(wandering(0.0, seed=3), "logistic"), fit(wandering(0.8, seed=3), "logistic")
    assert (white.autocorrelated, white.maxlags) == (False, None)
    assert (wandered.autocorrelated, wandered.maxlags) == (True, 3)
    classical = fit(wandering(0.8, seed=3), "logistic", errors="classical")
    assert classical.maxlags is None
    assert wandered.std_errors["K"] > 1.2 * classical.std_errors["K"]
    pd.testing.assert_series_equal(wandered.params, classical.params)


def test_without_a_year_nothing_is_taken_for_correlated():
    series = wandering(0.8).set_axis(np.arange(84))
    assert not fit(series, "logistic").autocorrelated
    assert fit(series, "logistic", per_year=12).autocorrelated


NOT_MONTHS = [
    pd.period_range("2005Q1", periods=84, freq="Q"),
    pd.period_range("1940", periods=84, freq="Y"),
    pd.period_range("2019-01-01", periods=84, freq="D"),
    pd.date_range("2005-03-31", periods=84, freq="QE"),
    pd.date_range("2005-01-01", periods=40, freq="YS"),
    pd.date_range("2019-01-01", periods=84, freq="D"),
    pd.date_range("2019-01-06", periods=84, freq="W"),
]


@pytest.mark.parametrize("index", NOT_MONTHS, ids=[f"{type(i).__name__} {i.freqstr}" for i in NOT_MONTHS])
@pytest.mark.parametrize("curve", ["logistic", "log-linear", "damped trend"])
def test_quarters_years_and_days_have_no_calendar(index, curve):
    series = pd.Series(S_CURVE[: len(index)], index=index)
    with pytest.raises(GrowthError) as refused:
        fit(series, curve, calendar=("double_11",))
    assert refused.value.code == "calendar"


@pytest.mark.parametrize("dates", [MONTHS.to_timestamp(), MONTHS.to_timestamp(how="end").normalize()])
def test_monthly_dates_have_a_calendar_and_forecasts_of_any_of_them(dates):
    found = fit(seasonal().set_axis(dates), "logistic", calendar=tuple(EFFECTS))
    assert found.effects["estimate"].to_dict() == pytest.approx(EFFECTS, rel=FOUND)
    assert found.at(dates[::3]).to_numpy() == pytest.approx(seasonal().to_numpy()[::3], rel=FOUND)


def test_irregular_months_have_a_calendar_too():
    some = np.sort(np.random.default_rng(0).permutation(84)[:50])
    series = seasonal().iloc[some].set_axis(MONTHS.to_timestamp()[some] + pd.to_timedelta(some % 3, unit="D"))
    found = fit(series, "logistic", calendar=("lunar_new_year", "double_11"))
    assert found.effects.loc["lunar_new_year", "estimate"] == pytest.approx(-0.4, abs=0.05)


@pytest.mark.parametrize("curve", ["logistic", "log-linear", "sarima"])
def test_a_regressor_that_never_changes_is_left_out_as_in_a_back_test(curve):
    """From February 2024 on, all is on the new definition."""
    series = seasonal(1.0).set_axis(pd.period_range("2024-02", periods=84, freq="M"))
    plain = fit(series, curve, calendar=("lunar_new_year",))
    found = fit(series, curve, calendar=("definition_2024", "lunar_new_year"))
    assert found.calendar == ("definition_2024", "lunar_new_year")
    assert found.effects.loc["definition_2024", "estimate"] == 0
    assert found.effects.loc["definition_2024"].drop("estimate").isna().all()
    pd.testing.assert_frame_equal(found.effects.iloc[1:], plain.effects)
    pd.testing.assert_series_equal(found.params, plain.params)
    pd.testing.assert_frame_equal(found.forecast(5), plain.forecast(5))
    assert (found.identified, found.df, found.ceiling) == (plain.identified, plain.df, plain.ceiling)
    batch, _ = rows(series, horizon=5, calendar=("definition_2024", "lunar_new_year"))
    assert engine.run(curve, batch).median[0] == pytest.approx(found.forecast(5)["median"].to_numpy(), rel=FOUND)


def test_a_regressor_that_tells_nothing_costs_no_observation():
    series = pd.Series([10.0, 20, 35, 45], index=pd.period_range("2024-02", periods=4, freq="M"))
    assert fit(series, "logistic", calendar=("definition_2024",)).df == 1
    with pytest.raises(GrowthError) as refused:
        fit(series, "logistic", calendar=("lunar_new_year",))
    assert (refused.value.code, refused.value.values["need"]) == ("too_few", 5)


@pytest.mark.parametrize("curve", ["logistic", "log-linear"])
def test_a_curve_is_solved_once_whatever_its_errors(curve, monkeypatch):
    calls = []
    for module in (nonlinear, loglinear):
        real = module.estimate
        monkeypatch.setattr(module, "estimate", lambda *a, real=real, **k: calls.append(1) or real(*a, **k))
    assert fit(wandering(0.8, seed=3), curve).maxlags == 3
    assert len(calls) == 1


@pytest.mark.parametrize("lags", [-1, 84])
def test_lags_that_cannot_be_are_refused(lags):
    with pytest.raises(ValueError, match=f"maxlags is {lags}: give"):
        fit(wandering(0.8), "logistic", errors="hac", maxlags=lags)
