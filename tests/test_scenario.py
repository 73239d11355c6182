"""Scenario engine: exactness at zero, agreement with the fitted model, laws, captive parcels, warnings."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import captive, share
from analysis import scenario as engine
from analysis.captive import contestable
from analysis.scenario import Lever, MarketModel, Projection, Scenario, market_model
from data.grade import Grade
from tests.small_panel import draw

EXACT = 1e-14  # the zero policy multiplies shares by one
SUMS = 1e-12  # sums of up to a thousand parcels cells
SINGLE = 1e-6  # draws are single precision: 24 bits, and sums of dozens of cities
MONTH = "2025-06-01"
PANEL = draw()
FIT = share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
MODEL = market_model(PANEL, FIT, month=MONTH)
changes = st.floats(-0.2, 0.3)
levers = st.lists(
    st.builds(Lever, st.sampled_from(MODEL.platforms), changes, st.sampled_from([None, *MODEL.tiers])), max_size=4
)


FIXED = (("entry_response_per_1000_cny", 0.0),)  # stations stay: the laws of the share model alone


def one(platform: str = "duoduo", change: float = 0.02, tier: str | None = None) -> Scenario:
    return Scenario("test", (Lever(platform, change, tier),), assumptions=FIXED)


def simulate(scenario: Scenario, model: MarketModel, **options: int) -> Projection:
    """Stations stay and only the fitted effects vary."""
    still = dataclasses.replace(scenario, assumptions=FIXED)
    return engine.simulate(still, model, vary=("parameters",), **options)


def with_origin(panel: pd.DataFrame, captive: float) -> pd.DataFrame:
    """Cut orders in two: `captive` of each city's parcels go to cainiao by routing, the rest follow choice."""
    total = panel.groupby(["city", "month"], observed=True)["parcels"].transform("sum")
    choice = panel["parcels"] / total
    routed = captive * total * (panel["platform"] == "cainiao")
    return panel.assign(parcels=routed + (1 - captive) * total * choice, open_parcels=0.4 * total * choice)


def test_the_zero_policy_returns_observed_shares():
    for scenario in (Scenario("nothing"), one(change=0.0), Scenario("undo", (*one().levers, Lever("duoduo", -0.02)))):
        found = simulate(scenario, MODEL, draws=20)
        assert (found.shares["point"] - found.shares["observed"]).abs().max() <= EXACT
        assert (found.shares["low_95"] - found.shares["observed"]).abs().max() <= EXACT
    now = PANEL[PANEL["month"] == MONTH]
    observed = now.groupby(["tier", "platform"], observed=True)["parcels"].sum()
    assert found.volumes.drop("all")["observed"].to_numpy() == pytest.approx(observed.to_numpy(), rel=SUMS)
    assert found.cost.empty
    assert found.grade is Grade.MODELLED


@settings(deadline=None)
@given(levers)
def test_shares_add_to_one_and_volumes_to_the_total(drawn):
    found = simulate(Scenario("drawn", tuple(drawn)), MODEL, draws=3)
    shares, volumes = found.shares["point"].unstack(), found.volumes["point"].unstack()
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=SUMS)
    assert ((shares > 0) & (shares < 1)).all(axis=None)
    assert volumes.sum(axis=1).to_numpy() == pytest.approx(
        found.volumes["observed"].unstack().sum(axis=1).to_numpy(), rel=SUMS
    )
    assert volumes.drop("all").sum().to_numpy() == pytest.approx(volumes.loc["all"].to_numpy(), rel=SUMS)


def test_the_point_is_the_fitted_model_city_by_city():
    slope = dict(zip(MODEL.groups, MODEL.slopes, strict=True))
    now = PANEL[PANEL["month"] == MONTH]
    change = 0.03 * (now["platform"] == "duoduo") * (now["tier"] == "Tier 3")
    lifted = now["parcels"] * np.exp(now["tier"].astype(str).map(slope) * change)
    city = now["city"]
    new = lifted / lifted.groupby(city, observed=True).transform("sum")
    new *= now["parcels"].groupby(city, observed=True).transform("sum")
    found = simulate(one(change=0.03, tier="Tier 3"), MODEL, draws=0)
    expected = new.groupby([now["tier"], now["platform"]], observed=True).sum()
    assert found.volumes.drop("all")["point"].to_numpy() == pytest.approx(expected.to_numpy(), rel=SUMS)
    cost = (new * (now["subsidy_cny_per_parcel"] + change))[now["platform"] == "duoduo"].sum()
    before = (now["parcels"] * now["subsidy_cny_per_parcel"])[now["platform"] == "duoduo"].sum()
    assert found.cost.loc["duoduo", ["before", "after", "change"]].tolist() == pytest.approx(
        [before, cost, cost - before], rel=1e-11
    )


@settings(deadline=None)
@given(st.sampled_from(MODEL.platforms[:3]), st.floats(0.001, 0.3))
def test_more_subsidy_wins_from_every_rival(platform, change):
    point = simulate(one(platform, change), MODEL, draws=0).shares
    more = simulate(one(platform, change * 1.5), MODEL, draws=0).shares["point"]
    own = point.index.get_level_values("platform") == platform
    assert (more[own] > point["point"][own]).all()
    assert (point["point"][own] > point["observed"][own]).all()
    assert (point["point"][~own] < point["observed"][~own]).all()


def test_in_one_city_every_rival_loses_the_same_percentage():
    city = market_model(PANEL[PANEL["city"] == "000001"], FIT, month=MONTH)
    found = simulate(one(change=0.05), city, draws=0).shares.loc["all"]
    lost = (found["point"] / found["observed"] - 1).drop("duoduo")
    assert lost.to_numpy() == pytest.approx(lost.iloc[0], rel=1e-9)


def test_other_tiers_stay_where_they_are():
    found = simulate(one(tier="Tier 3"), MODEL, draws=0).shares
    assert (found.loc["Tier 1", "point"] - found.loc["Tier 1", "observed"]).abs().max() <= EXACT


def test_levers_on_the_same_network_add_up():
    twice = Scenario("two", (Lever("duoduo", 0.01), Lever("duoduo", 0.02, "Tier 1")))
    apart = Scenario("apart", (Lever("duoduo", 0.03, "Tier 1"), Lever("duoduo", 0.01, "Tier 3")))
    left, right = (simulate(s, MODEL, draws=0).shares["point"] for s in (twice, apart))
    pd.testing.assert_series_equal(left, right, rtol=SUMS)


def test_order_of_rows_and_unit_of_parcels_do_not_matter():
    mixed = PANEL.sample(frac=1, random_state=2).assign(parcels=lambda p: p["parcels"] / 1000)
    other = simulate(one(), market_model(mixed, FIT, month=MONTH), draws=50)
    found = simulate(one(), MODEL, draws=50)
    pd.testing.assert_frame_equal(found.shares, other.shares, rtol=SINGLE)
    pd.testing.assert_series_equal(found.shares["point"], other.shares["point"], rtol=SUMS)
    assert other.cost["change"].to_numpy() * 1000 == pytest.approx(found.cost["change"].to_numpy(), rel=1e-11)


def test_zero_covariance_collapses_to_the_point():
    certain = dataclasses.replace(MODEL, covariance=np.zeros_like(MODEL.covariance))
    found = simulate(one(), certain, draws=50)
    for table in (found.shares, found.volumes, found.cost.assign(point=found.cost["change"])):
        for band in ("low_95", "median", "high_95"):
            assert table[band].to_numpy() == pytest.approx(table["point"].to_numpy(), rel=20 * SINGLE)


def test_the_same_seed_gives_the_same_draws():
    first, again, other = (simulate(one(), MODEL, draws=200, seed=s).shares for s in (7, 7, 8))
    pd.testing.assert_frame_equal(first, again, rtol=0, atol=0)
    assert (first["low_95"] != other["low_95"]).any()


def test_bands_are_those_of_the_slope():
    # The share of one city is monotone in the slope, so its band maps from the slope's quantiles.
    city = market_model(PANEL[PANEL["city"] == "000001"], FIT, month=MONTH)
    found = simulate(one(change=0.05), city, draws=40_000).shares.loc[("all", "duoduo")]
    slope, error = FIT.params["Tier 3", "subsidy_cny_per_parcel"], FIT.std_errors["Tier 3", "subsidy_cny_per_parcel"]
    df = FIT.df["Tier 3", "subsidy_cny_per_parcel"]  # 24 cities, so 23 degrees of freedom
    for band, level in {"low_95": 0.025, "low_80": 0.1, "high_80": 0.9, "high_95": 0.975}.items():
        z = stats.t.ppf(level, df)
        odds = found["observed"] / (1 - found["observed"]) * np.exp((slope + z * error) * 0.05)
        # 40,000 draws: quantiles lie within 0.05 standard errors of the slope.
        assert found[band] == pytest.approx(odds / (1 + odds), abs=0.05 * error * 0.05 * 0.25)
    assert found["low_95"] < found["low_80"] < found["point"] < found["high_80"] < found["high_95"]


def test_few_clusters_draw_from_students_t():
    few = dataclasses.replace(MODEL, df=np.full_like(MODEL.df, 4.0))
    width = [(t["high_95"] - t["low_95"])[("all", "duoduo")] for t in
             (simulate(one(), m, draws=20_000).shares for m in (MODEL, few))]  # fmt: skip
    assert width[1] / width[0] == pytest.approx(2.776 / 2.069, rel=0.05)  # t tables, 4 and 23 degrees; 20,000 draws


def test_captive_parcels_do_not_move():
    model = market_model(with_origin(PANEL, 0.3), FIT, month=MONTH)
    cainiao = model.platforms.index("cainiao")
    parcels = model.captive + model.sigma * model.free
    assert model.captive[cainiao] == pytest.approx(0.3 * parcels.sum(axis=0), rel=1e-9)
    assert np.delete(model.captive, cainiao, axis=0) == pytest.approx(0, abs=1e-6)
    flooded = simulate(one(change=5.0), model, draws=0).shares.loc["all", "point"]
    assert flooded["cainiao"] == pytest.approx(0.3, abs=1e-3)
    assert flooded.sum() == pytest.approx(1, abs=SUMS)


def test_assumed_captive_parcels_do_not_move_without_home_delivery():
    kappa = dict.fromkeys(("cainiao", "duoduo", "jd"), 0.3)
    panel = PANEL[PANEL["platform"] != "home"]
    panel = captive.assume(panel.assign(platform=panel["platform"].cat.remove_unused_categories()), kappa)
    fit = share.fit(panel, ["subsidy_cny_per_parcel"], by="tier", volume="open_parcels")
    model = market_model(panel, fit, month=MONTH)
    parcels = model.captive + model.sigma * model.free
    assert model.captive == pytest.approx(0.3 * parcels, rel=1e-9)
    flooded = simulate(one(change=50.0), model, draws=0).volumes.loc["all"]
    held = 0.3 * flooded["observed"]
    assert flooded["point"].drop("duoduo").to_numpy() == pytest.approx(held.drop("duoduo").to_numpy(), rel=1e-6)


def test_without_origins_nothing_is_captive():
    assert MODEL.captive.sum() == 0
    assert MODEL.sigma.sum(axis=0) == pytest.approx(1, abs=SUMS)


def test_contestable_parcels_without_home_delivery_use_the_smallest_solid_ratio():
    parcels = np.array([[900.0], [200.0], [1.0]])
    free = contestable(parcels, np.array([[200.0], [100.0], [1.0]]), None)
    assert free[:, 0].tolist() == [400.0, 200.0, 1.0]
    assert contestable(parcels, np.zeros((3, 1)), 2).sum() == 0


def test_rounded_parcels_never_make_negative_captive_ones():
    rounded = with_origin(PANEL, 0.2).assign(
        parcels=lambda p: (p["parcels"] / 1e4).round(), open_parcels=lambda p: (p["open_parcels"] / 1e4).round()
    )
    model = market_model(rounded, FIT, month=MONTH)
    assert (model.captive >= 0).all()
    found = simulate(Scenario("nothing"), model, draws=0).shares
    assert (found["point"] - found["observed"]).abs().max() <= EXACT


def codes(scenario: Scenario, model: MarketModel = MODEL) -> dict[str, dict[str, str | float]]:
    return {w.code: w.values for w in simulate(scenario, model, draws=0).warnings}


def test_subsidies_outside_the_observed_range_are_flagged():
    assert codes(one("home", 0.08)) == {}
    found = codes(one("home", 0.5))["outside_observed_range"]
    assert found["platform"] == "home"
    assert found["new_high"] == pytest.approx(0.5)
    assert found["high"] == pytest.approx(PANEL["subsidy_cny_per_parcel"].max())


def test_a_subsidy_does_not_fall_below_zero():
    low = simulate(one(change=-1.0), MODEL, draws=0)
    assert low.cost.loc["duoduo", "after"] == 0
    assert {w.code for w in low.warnings} == {"clipped_at_zero"}


def test_weak_effects_and_absent_networks_are_flagged():
    weak = dataclasses.replace(MODEL, covariance=np.eye(4) * 1e4)
    assert codes(one("home", 0.08, "Tier 1"), weak) == {"interval_includes_zero": {"group": "Tier 1"}}
    part = PANEL[(PANEL["tier"] == "Tier 3") | (PANEL["platform"] != "jd")]
    absent = codes(one("jd", 0.02, "Tier 1"), market_model(part, FIT, month=MONTH))
    assert absent == {"not_offered": {"platform": "jd", "tier": "Tier 1"}}


def test_filters_keep_the_named_cities():
    model = market_model(PANEL, FIT, month=MONTH, tiers=["Tier 3"], regions=["East"])
    assert model.tiers == ("Tier 3",)
    assert len(model.cities) == 24
    with pytest.raises(ValueError, match="no rows for 2025-06"):
        market_model(PANEL, FIT, month=MONTH, regions=["West"])


def test_a_fit_without_groups_serves_all_tiers():
    pooled = share.fit(PANEL, ["subsidy_cny_per_parcel"])
    found = simulate(one(), market_model(PANEL, pooled, month=MONTH), draws=10).shares
    assert (found.xs("duoduo", level="platform")["point"] > found.xs("duoduo", level="platform")["observed"]).all()


@pytest.mark.parametrize(
    ("scenario", "draws", "message"),
    [
        (one("nobody"), 10, "'nobody' is not in this market"),
        (one(tier="Tier 9"), 10, "no city of tier 'Tier 9'"),
        (one(), -1, "draws is -1"),
    ],
)
def test_bad_scenarios_are_refused(scenario, draws, message):
    with pytest.raises(ValueError, match=message):
        simulate(scenario, MODEL, draws=draws)


def test_a_fit_that_lacks_a_tier_is_refused():
    part = share.fit(PANEL[PANEL["tier"] == "Tier 1"], ["subsidy_cny_per_parcel"], by="tier")
    with pytest.raises(ValueError, match="no coefficient for Tier 3"):
        market_model(PANEL, part, month=MONTH)


def test_the_panel_is_not_changed():
    before = PANEL.copy(deep=True)
    simulate(one(), market_model(PANEL, FIT, month=MONTH), draws=5)
    pd.testing.assert_frame_equal(PANEL, before)
