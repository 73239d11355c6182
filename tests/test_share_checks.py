"""Checks of a share model: each passes on data made for it, fails on data made against it, and agrees with a refit."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis import share
from analysis.share import checks
from analysis.share.left import left, refit, steps
from data.text import has, say
from tests.small_panel import draw

DRIVERS = ("subsidy_cny_per_parcel", "log_stations")
EXACT = 1e-8  # cross-products by city against a refit: rounding of two solutions
NEAR = 0.05  # standard errors: network effects are set by the other 47 cities as well
CODES = {"collinear", "persistent", "influence", "poisson", "tiers", "hold_out", "twins", "few_clusters"}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw(cities=80, months=20, seed=1, noise=0.05)


@pytest.fixture(scope="module")
def fit(panel) -> share.ShareFit:
    return share.fit(panel, DRIVERS, by="tier")


@pytest.fixture(scope="module")
def card(panel, fit) -> checks.ModelCard:
    return checks.run(panel, fit, data_version="v1")


def by_code(card: checks.ModelCard) -> dict[str, checks.Check]:
    return {check.code: check for check in card.checks}


def test_a_card_says_what_was_fitted_and_every_check_has_words(card, fit):
    assert (card.data_version, card.estimator, card.nobs, card.clusters) == ("v1", "log-centred", fit.nobs, 80)
    assert "open_parcels" in card.formula or "parcels" in card.formula
    found = by_code(card)
    assert set(found) == CODES
    assert len(card.passed) + len(card.failed) == len(CODES)
    for check in card.checks:
        for key in (f"{check.code}_name", f"{check.code}_passed", f"{check.code}_failed"):
            for lang in ("en", "zh"):
                assert has(f"check.{key}")
                say(f"check.{key}", lang, value=1, threshold=1, **check.values)


def test_a_sound_model_passes(card):
    passed = {check.code for check in card.passed}
    # lasting tastes of cities are in the data and in no driver
    assert passed == CODES - {"persistent"}
    assert by_code(card)["hold_out"].value < 0.8


def test_drivers_in_step_fail(panel):
    rng = np.random.default_rng(0)
    double = panel.assign(echo=panel["subsidy_cny_per_parcel"] + rng.normal(0, 1e-3, len(panel)))
    fit = share.fit(double, ("subsidy_cny_per_parcel", "echo"))
    check = checks.collinear(left(double, fit), fit)
    assert (check.passed, check.values["group"]) == (False, "all")
    # 1/(1 - R squared) of one driver on the other, net of the effects
    x, z = left(double, fit).drivers
    assert check.value == pytest.approx(1 / (1 - (x @ z) ** 2 / ((x @ x) * (z @ z))))


def test_persistence_is_the_correlation_with_the_month_before(panel, fit):
    found = checks.persistent(left(panel, fit), fit)
    wide = fit.residuals.groupby([panel["city"], panel["platform"], panel["month"]], observed=True).first().unstack()
    first, second = wide.to_numpy()[:, :-1].ravel(), wide.to_numpy()[:, 1:].ravel()
    assert found.value == pytest.approx(first @ second / np.sqrt((first @ first) * (second @ second)))
    # tastes of sd 0.1 and shocks of sd 0.05: 0.01 / 0.0125
    assert found.value == pytest.approx(0.8, abs=0.05)
    assert (found.passed, found.values["clustered"]) == (False, 1)
    flat = share.fit(panel, DRIVERS, effects=(("platform", "city"),))
    assert checks.persistent(left(panel, flat), flat).passed is True


def test_a_gap_in_the_months_is_not_a_step(panel, fit):
    holed = panel[panel["month"] != pd.Timestamp("2025-06-01")]
    earlier, later = steps(holed, share.fit(holed, DRIVERS))
    apart = holed["month"].to_numpy()[later] - holed["month"].to_numpy()[earlier]
    assert apart.max() <= np.timedelta64(31, "D")
    assert len(earlier) == 80 * 4 * 17


def left_out(panel: pd.DataFrame, fit: share.ShareFit, city: str) -> pd.Series:
    again = refit(panel[panel["city"] != city], fit)
    return (again.slope(DRIVERS[0])[0] - fit.slope(DRIVERS[0])[0]) / fit.estimates(DRIVERS[0])["std_error"]


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_leaving_a_city_out_needs_no_refit_when_effects_lie_inside_it(estimator):
    rows = draw(cities=48, months=4, seed=4)
    fit = share.fit(rows, DRIVERS, by="tier", effects=(("platform", "city"),), estimator=estimator)
    found = checks.influence(rows, fit, DRIVERS[0])
    assert found.shape == (48, 2)
    # least squares: exact; Poisson: one Newton step of a fit that moves little
    close = EXACT if estimator == "log-centred" else NEAR
    for city in ("000000", "000007", "000031"):
        expected = left_out(rows, fit, city)
        assert found.loc[city].to_numpy() == pytest.approx(expected[found.columns].to_numpy(), abs=close)


def test_with_network_effects_it_is_close():
    rows = draw(cities=48, months=4, seed=4)
    fit = share.fit(rows, DRIVERS, by="tier", effects=(("platform", "tier"), ("platform", "month")))
    found = checks.influence(rows, fit, DRIVERS[0])
    for city in ("000000", "000007", "000031"):
        expected = left_out(rows, fit, city)
        assert found.loc[city].to_numpy() == pytest.approx(expected[found.columns].to_numpy(), abs=NEAR)


def test_a_city_that_decides_alone_is_named(panel):
    odd = panel["city"] == "000010"
    paid = panel["subsidy_cny_per_parcel"] * np.where(odd, 4.0, 1.0)
    bent = panel["parcels"] * np.exp(np.where(odd, -6.0 * paid, 0.0))
    twisted = panel.assign(parcels=bent, subsidy_cny_per_parcel=paid)
    fit = share.fit(twisted, DRIVERS, by="tier")
    check = checks.one_city(left(twisted, fit), fit)
    assert (check.passed, check.values["city"], check.values["group"]) == (False, "000010", "Tier 1")


def test_shares_and_counts_disagree_when_large_cities_respond_otherwise(panel):
    rng = np.random.default_rng(3)
    large = panel["city"].cat.codes.to_numpy() % 8 < 2
    steep = np.where(large, 12.0, 0.0) * panel["subsidy_cny_per_parcel"] * rng.uniform(0.9, 1.1, len(panel))
    size = np.where(large, 50.0, 1.0)
    mixed = panel.assign(parcels=panel["parcels"] * np.exp(steep) * size)
    assert checks.poisson(mixed, share.fit(mixed, DRIVERS, by="tier")).passed is False


def test_the_comparison_with_counts_says_when_it_cannot_be_made(panel):
    holes = panel.assign(parcels=panel["parcels"].where(panel.index % 97 > 0, 0.0))
    fit = share.fit(holes, DRIVERS, estimator="poisson")
    found = by_code(checks.run(holes, fit, data_version="v"))
    assert (found["poisson"].passed, found["poisson"].values) == (None, {"reason": "zeros"})
    assert math.isnan(found["poisson"].value)
    assert found["influence"].passed is True


def test_tiers_that_do_not_differ_fail():
    same = draw(cities=80, months=4, seed=2, slopes={"Tier 1": 6.0, "Tier 3": 6.0})
    check = checks.tiers(share.fit(same, DRIVERS, by="tier"))
    assert check.passed is False
    # two groups: the Wald statistic is the squared t of their difference
    fit = share.fit(same, DRIVERS, by="tier")
    slopes, covariance = fit.slope(DRIVERS[0])
    gap = float(slopes.iloc[1] - slopes.iloc[0])
    spread = float(covariance.iloc[0, 0] + covariance.iloc[1, 1] - 2 * covariance.iloc[0, 1])
    assert check.values["statistic"] == pytest.approx(gap**2 / spread)
    assert checks.tiers(share.fit(same, DRIVERS)).values == {"reason": "one_group"}


def test_a_hold_out_of_noise_is_not_foretold(panel):
    rng = np.random.default_rng(6)
    noise = panel.assign(
        subsidy_cny_per_parcel=rng.uniform(0, 0.12, len(panel)), log_stations=rng.normal(0, 1, len(panel))
    )
    check = checks.hold_out(noise, share.fit(noise, DRIVERS))
    assert check.value == pytest.approx(1, abs=0.05)
    assert check.values["months"] == 6
    assert check.values["since"] == "2026-03"


def test_a_market_that_follows_the_model_is_foretold_exactly():
    exact = draw(cities=30, months=20, seed=8, noise=0.0)
    check = checks.hold_out(exact, share.fit(exact, DRIVERS, by="tier"))
    assert check.value < 1e-9
    assert check.values["no_change"] > 0.01


def test_a_short_panel_has_no_hold_out():
    short = draw(cities=40, months=12, seed=8)
    found = by_code(checks.run(short, share.fit(short, DRIVERS), data_version="v"))
    assert found["hold_out"].values == {"reason": "few_months"}
    assert has("why.few_months")


def test_few_cities_behind_an_effect_fail():
    few = draw(cities=20, months=20, seed=9)
    check = checks.few_clusters(share.fit(few, DRIVERS, by="tier"))
    assert (check.passed, check.value) == (False, 10)
    assert checks.few_clusters(share.fit(few, DRIVERS, cluster=None)).values == {"reason": "not_clustered"}


def test_instrumented_fits_say_what_does_not_apply(panel):
    rng = np.random.default_rng(5)
    rows = panel.assign(push=panel["subsidy_cny_per_parcel"] + rng.normal(0, 0.02, len(panel)))
    fit = share.fit(rows, DRIVERS, instruments={DRIVERS[0]: ("push",)})
    found = by_code(checks.run(rows, fit, data_version="v"))
    for code in ("collinear", "persistent", "influence", "hold_out"):
        assert found[code].values == {"reason": "instrumented"}
    assert found["twins"].passed is True


def test_the_panel_is_not_changed(panel, fit):
    before = panel.copy()
    checks.run(panel, fit, data_version="v")
    pd.testing.assert_frame_equal(panel, before)
