"""Growth fits: recovery, coverage, clocks and refusals. A curve added to `CURVES` is tested by the loops below."""

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from analysis.growth import CURVES, GrowthError, compare, fit
from analysis.growth.curves import Curve, Parameter
from data.grade import Grade

DERIVATIVE = 1e-6  # central differences with step 1e-6 are good to about 1e-8 of the scale
EXACT = 1e-9  # closed forms
FOUND = 1e-4  # noise-free: the optimiser stops when the sum of squares is down to rounding
SURPRISE = 5.0  # standard errors: the truth is not that far from a right fit
COVERAGE = (0.88, 0.995)  # nominal 95 %, 150 draws: three to four binomial standard errors
HAC_GAIN = 0.05  # with autocorrelation 0.4 and n = 60, classical intervals cover about 80 %, HAC about 86 %
DRAWS = 150

SHAPES = [key for key, c in CURVES.items() if isinstance(c, Curve)]
SALES = [840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890]  # video recorders, US 1980-1989, thousands
MONTHS = pd.period_range("2019-01", periods=48, freq="M")


def sample(curve: str) -> pd.Series:
    """A flow for curves of flows, otherwise a stock that saturates, on [0, 1]."""
    values = SALES if CURVES[curve].cumulative else np.cumsum(SALES)
    return pd.Series(values, index=np.linspace(0, 1, 10), dtype=float)


def truth_of(curve: str) -> pd.Series:
    return fit(sample(curve), curve).params


def simulated(curve: str, noise: float, seed: int = 0) -> pd.Series:
    """60 values on [0, 1] of the curve with the sample's parameters; noise as a share of the largest."""
    t = np.linspace(0, 1, 60)
    y = CURVES[curve].value(t, truth_of(curve).to_numpy())
    draws = np.random.default_rng(seed).normal(0, noise, len(t))
    return pd.Series(y * np.exp(draws) if CURVES[curve].logs else y + draws * y.max(), index=t)


def s_curve(noise: float = 0.0, seed: int = 0) -> pd.Series:
    """48 months of a logistic series with ceiling 100."""
    t = np.arange(len(MONTHS))
    values = 100 / (1 + np.exp(-0.15 * (t - 20))) + np.random.default_rng(seed).normal(0, noise, len(t))
    return pd.Series(values, index=MONTHS, name="lockers")


def algebraic() -> Curve:
    """K (1 + x / sqrt(1 + x^2)) / 2 with x = r (t - t0), as someone would add it."""

    def value(t, p):
        x = p[2] * (t - p[1])
        return p[0] * (1 + x / np.hypot(1, x)) / 2

    def jacobian(t, p):
        x = p[2] * (t - p[1])
        bell = p[0] / np.hypot(1, x) ** 3 / 2
        return np.column_stack([value(t, p) / p[0], -p[2] * bell, (t - p[1]) * bell])

    def starts(t, y):
        return np.array([[1.2 * y.max(), t.mean(), 4 / np.ptp(t)]])

    names = Parameter("K", "level", positive=True), Parameter("t0", "time"), Parameter("r", "rate", positive=True)
    return Curve("algebraic", "K (1 + x / sqrt(1 + x^2)) / 2", "none", names, value, jacobian, starts, "K")


def held(curve: str) -> dict[str, float]:
    """The sample's values of parameters that the curve does not estimate."""
    return {name: truth_of(curve)[name] for name in CURVES[curve].held}


def check_jacobian(curve: str) -> None:
    params = truth_of(curve).to_numpy()
    t = np.linspace(0, 1.5, 31)
    for i, column in enumerate(CURVES[curve].jacobian(t, params).T):
        step = np.zeros_like(params)
        step[i] = 1e-6 * max(1.0, abs(params[i]))
        slope = (CURVES[curve].value(t, params + step) - CURVES[curve].value(t, params - step)) / (2 * step[i])
        assert column == pytest.approx(slope, abs=DERIVATIVE * (np.abs(column).max() + 1))


def check_recovery(curve: str) -> None:
    exact = fit(simulated(curve, 0.0), curve, fixed=held(curve))
    assert exact.params.to_numpy() == pytest.approx(truth_of(curve).to_numpy(), rel=FOUND, abs=FOUND)
    noisy = fit(simulated(curve, 0.01), curve, fixed=held(curve))
    free = [name for name in noisy.params.index if name not in noisy.fixed]
    assert (((noisy.params - truth_of(curve)) / noisy.std_errors)[free].abs() < SURPRISE).all()
    assert noisy.identified
    assert (noisy.ceiling is None) == (CURVES[curve].ceiling is None)


def check_half_start(curve: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only start given is half the true values, on the scale of the optimiser (t in [0, 1], largest y = 1)."""
    series, declared = simulated(curve, 0.01), CURVES[curve]
    scaled = [
        value / (float(series.abs().max()) if p.role in ("level", "stock") else 1.0)
        for value, p in zip(truth_of(curve), declared.parameters, strict=True)
    ]
    half, fixed = [value / 2 for value in scaled], held(curve)
    expected = fit(series, curve, fixed=fixed).params.to_numpy()
    monkeypatch.setitem(CURVES, curve, dataclasses.replace(declared, starts=lambda *_: np.array([half])))
    assert fit(series, curve, fixed=fixed).params.to_numpy() == pytest.approx(expected, rel=FOUND, abs=FOUND)


def check_forecast(curve: str) -> None:
    found = fit(simulated(curve, 0.01), curve)
    ahead, names = found.forecast(4), ["median", "low_80", "high_80", "low_95", "high_95"]
    assert list(ahead.drop(columns="mean", errors="ignore").columns) == names
    assert ("mean" in ahead) == CURVES[curve].logs
    assert list(ahead.index) == pytest.approx([1 + i / 59 for i in range(1, 5)])
    assert (ahead["low_95"] <= ahead["low_80"]).all()
    assert (ahead["low_80"] < ahead["median"]).all()
    assert (ahead["high_80"] < ahead["high_95"]).all()
    assert (found.band().loc[:, "low"] < found.fitted).all()


@pytest.mark.parametrize("curve", SHAPES)
def test_jacobian_is_the_derivative(curve):
    check_jacobian(curve)


@pytest.mark.parametrize("curve", SHAPES)
def test_recovers_the_truth(curve):
    check_recovery(curve)


@pytest.mark.parametrize("curve", [key for key in SHAPES if not CURVES[key].logs])
def test_recovers_the_truth_from_half_of_it(curve, monkeypatch):
    check_half_start(curve, monkeypatch)


@pytest.mark.parametrize("curve", SHAPES)
def test_forecast_is_ordered_and_continues_the_index(curve):
    check_forecast(curve)


def test_a_new_curve_is_one_entry(monkeypatch):
    monkeypatch.setitem(CURVES, "algebraic", algebraic())
    check_jacobian("algebraic")
    check_recovery("algebraic")
    check_forecast("algebraic")
    assert "algebraic" in compare(sample("algebraic")).fits
    check_half_start("algebraic", monkeypatch)


@pytest.mark.parametrize("curve", SHAPES)
def test_result_is_labelled_graded_and_survives_a_pickle(curve):
    series = sample(curve)
    found = pickle.loads(pickle.dumps(fit(series, curve)))
    assert list(found.params.index) == list(found.std_errors.index) == list(found.covariance) == CURVES[curve].names
    assert found.grade is Grade.ESTIMATED
    assert (found.fitted + found.residuals).to_numpy() == pytest.approx(series.to_numpy())
    assert found.rmse == pytest.approx(float(np.sqrt((found.residuals**2).mean())))
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(found.std_errors.to_numpy())
    assert ((found.conf_int(0.8)["high"] - found.params) <= (found.conf_int(0.95)["high"] - found.params)).all()


def test_intervals_of_ceiling_and_forecast_cover():
    low, high = COVERAGE
    truth, first = 100 / (1 + np.exp(-0.15 * (len(MONTHS) - 20))), 100 / (1 + np.exp(3))
    noise = np.random.default_rng(1).normal(0, 3, DRAWS)
    fits = [fit(s_curve(3, seed), "logistic") for seed in range(DRAWS)]
    ceilings = [f.ceiling.low < 100 < f.ceiling.high for f in fits if f.ceiling]
    ahead = [f.forecast(1).iloc[0] for f in fits]
    assert len(ceilings) == DRAWS
    assert low < np.mean(ceilings) < high
    assert low < np.mean([f["low_95"] < truth + e < f["high_95"] for f, e in zip(ahead, noise, strict=True)]) < high
    assert low < np.mean([f.band()["low"].iloc[0] < first < f.band()["high"].iloc[0] for f in fits]) < high


def growth_hits(rho: float, errors: str) -> float:
    """Share of 95 % intervals of the CAGR that hold the truth, with autocorrelated noise."""
    rng, t, hits = np.random.default_rng(3), np.arange(60), 0
    for _ in range(DRAWS):
        noise = rng.normal(0, 0.1, 60)
        for i in range(1, 60):
            noise[i] += rho * noise[i - 1]
        cagr = fit(pd.Series(np.exp(3 + 0.02 * t + noise), index=t), "log-linear", per_year=12, errors=errors).cagr
        hits += cagr.low < np.expm1(0.24) < cagr.high
    return hits / DRAWS


def test_interval_of_growth_covers():
    assert COVERAGE[0] < growth_hits(0.0, "classical") < COVERAGE[1]
    assert growth_hits(0.4, "hac") > growth_hits(0.4, "classical") + HAC_GAIN


def test_bass_peaks_where_the_closed_form_says():
    p, q, m = 0.01, 0.4, 5000.0
    t = np.arange(1, 25, dtype=float)
    e = np.exp(-(p + q) * t)
    found = fit(pd.Series(m * (1 - e) / (1 + q / p * e), index=t), "bass")
    peak = np.log(q / p) / (p + q)
    assert found.peak() == pytest.approx(peak, rel=FOUND)
    assert fit(found.fitted.set_axis(t + 100), "bass").peak() == pytest.approx(peak + 100, rel=FOUND)
    assert found.params.to_numpy() == pytest.approx([m, p, q, 0.0], rel=FOUND, abs=FOUND)
    near = peak + np.linspace(-0.5, 0.5, 101)
    added = CURVES["bass adoptions"].value(near, np.array([m, p, q, 0.0]))
    assert near[added.argmax()] == pytest.approx(peak, abs=0.01)


def test_log_linear_maps_its_interval_and_smears_its_mean():
    found = fit(s_curve() + 1, "log-linear")
    g = found.conf_int().loc["g"]
    expected = np.expm1(12 * np.array([found.params["g"], g["low"], g["high"]]))
    assert list(found.cagr) == pytest.approx(expected.tolist(), rel=EXACT)
    log_residuals = np.log((found.fitted + found.residuals) / found.fitted)
    assert found.smearing == pytest.approx(float(np.exp(log_residuals).mean()), rel=EXACT)
    ahead = found.forecast(2)
    assert (ahead["mean"] / ahead["median"]).to_numpy() == pytest.approx(found.smearing)


def test_time_to_a_share_of_the_ceiling():
    found = fit(s_curve(0.5), "logistic")
    months = found.params["t0"] + np.log(0.9 / 0.1) / found.params["r"]
    assert found.time_to(0.9) == MONTHS[0] + int(months)
    numbers = s_curve(0.5).set_axis(range(48))
    assert fit(numbers, "logistic").time_to(0.9) == pytest.approx(months, rel=FOUND)
    sales = fit(pd.Series(SALES, index=range(1, 11)), "bass adoptions")
    _, p, q, _ = sales.params
    assert sales.time_to(0.5) == pytest.approx(np.log(2 + q / p) / (p + q), rel=FOUND)


def test_a_fixed_parameter_stays_fixed():
    free = fit(s_curve(1), "logistic")
    held = fit(s_curve(1), "logistic", fixed={"K": 110.0, "t0": MONTHS[20]})
    assert held.params[["K", "t0"]].tolist() == [110.0, 20.0]
    assert held.std_errors[["K", "t0"]].tolist() == [0.0, 0.0]
    assert held.fixed == ("K", "t0")
    assert held.df == free.df + 2
    assert held.rmse > free.rmse


def test_missing_values_are_left_out_and_counted():
    series = s_curve(1)
    holes = series.copy()
    holes.iloc[[3, 30, 47]] = np.nan
    found = fit(holes, "logistic")
    assert (found.missing, found.nobs) == (3, 45)
    assert found.params.to_numpy() == pytest.approx(fit(holes.dropna(), "logistic").params.to_numpy())
    assert found.fitted.index.equals(series.index)
    assert found.residuals.isna().sum() == 3
    assert found.forecast(1).index[0] == MONTHS[47]


def test_compare_ranks_and_reports_what_failed():
    series = s_curve(1)
    series.iloc[0] = 0.0
    found = compare(series)
    assert set(found.fits) | set(found.failures) == set(SHAPES)
    assert {key: error.code for key, error in found.failures.items()} == {"log-linear": "non_positive"}
    assert found.failures["log-linear"].values == {"count": 1}
    table = found.table()
    assert table["aic"].is_monotonic_increasing
    assert table["delta_aic"].iloc[0] == 0
    assert list(compare(series, ["gompertz", "logistic"]).fits) == ["logistic", "gompertz"]


@pytest.mark.parametrize(
    ("series", "curve", "options", "code"),
    [
        (s_curve(), "cubic", {}, "unknown_curve"),
        ([1, 2, 3], "logistic", {}, "not_a_series"),
        (pd.Series([1.0, 2, 3, 4], index=list("abcd")), "logistic", {}, "index"),
        (pd.Series([1.0, 2, 3, 4], index=[1, 2, 3, np.nan]), "logistic", {}, "index"),
        (s_curve().astype(str), "logistic", {}, "not_numeric"),
        (s_curve() / 0.0, "logistic", {}, "infinite"),
        (s_curve().iloc[:3], "logistic", {}, "too_few"),
        (pd.Series([1.0, 2, 3, 4], index=[1, 1, 2, 2]), "logistic", {}, "one_time"),
        (-s_curve(), "gompertz", {}, "non_positive"),
        (s_curve() * 0 + 5, "logistic", {}, "constant"),
        (s_curve(), "logistic", {"fixed": {"M": 3}}, "fixed"),
        (s_curve(), "logistic", {"fixed": {"K": -3.0}}, "fixed"),
        (s_curve(), "logistic", {"fixed": {"K": 100.0, "t0": 20.0, "r": 0.15}}, "fixed"),
        (s_curve(), "log-linear", {"per_year": 4}, "per_year"),
    ],
)
def test_refuses_with_a_code_and_a_remedy(series, curve, options, code):
    with pytest.raises(GrowthError) as refused:
        fit(series, curve, **options)
    assert refused.value.code == code
    assert len(str(refused.value)) > 30


@pytest.mark.parametrize("call", [lambda f: f.forecast(0), lambda f: f.conf_int(95), lambda f: f.time_to(1.0)])
def test_refuses_impossible_questions(call):
    with pytest.raises(ValueError, match=r"ask|give"):
        call(fit(s_curve(1), "logistic"))
