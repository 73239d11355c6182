"""Measured outside option, instruments, two-way clusters, and what a fit says of itself."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from analysis import share
from analysis.share.absorb import group
from tests.small_panel import draw

DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
DUMMIES = 1e-8  # two routes to the same normal equations
SAME = 1e-9  # the same regression after relabelling


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw(cities=24, months=4, seed=8)


def over_home(panel: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    home = panel[panel["platform"] == "home"].set_index(["city", "month"])["parcels"]
    rows = panel[panel["platform"] != "home"]
    base = home.loc[pd.MultiIndex.from_frame(rows[["city", "month"]])].to_numpy()
    return rows, np.log(rows["parcels"].to_numpy() / base)


def test_berry_is_least_squares_on_log_ratios_to_the_outside(panel):
    found = share.fit(panel, DRIVERS, estimator="berry", outside="home", effects=["platform", "month"])
    rows, outcome = over_home(panel)
    dummies = [
        pd.get_dummies(rows["platform"].cat.remove_unused_categories()),
        pd.get_dummies(rows["month"]).iloc[:, 1:],
    ]
    design = np.column_stack([rows[DRIVERS], *dummies]).astype(float)
    wide = sm.OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": group(rows, "city").codes})
    assert found.params.to_numpy() == pytest.approx(wide.params[:2], rel=DUMMIES)
    assert found.std_errors.to_numpy() == pytest.approx(wide.bse[:2], rel=DUMMIES)
    assert found.residuals.to_numpy() == pytest.approx(wide.resid, abs=DUMMIES)
    assert (found.nobs, found.dropped, found.markets) == (len(rows), len(panel) - len(rows), 96)
    known = pd.Series(wide.params[2:5], ["cainiao", "duoduo", "jd"])
    levels = found.effects[("platform",)] + found.effects[("month",)].iloc[0]
    assert levels[known.index].to_numpy() == pytest.approx(known.to_numpy(), rel=1e-7)


def test_berry_takes_the_outside_as_it_is(panel):
    found = share.fit(panel, DRIVERS, estimator="berry", outside="home", constants=False)
    blank = panel.assign(**{d: panel[d].where(panel["platform"] != "home") for d in DRIVERS})
    again = share.fit(blank, DRIVERS, estimator="berry", outside="home", constants=False)
    pd.testing.assert_series_equal(found.params, again.params, rtol=SAME)
    shares = found.predict(blank)
    assert shares.groupby([panel["city"], panel["month"]], observed=True).sum().to_numpy() == pytest.approx(1)
    assert list(found.effects) == [()]
    assert found.elasticities(blank, DRIVERS[0]).index.get_level_values("platform").tolist() == [
        "cainiao",
        "duoduo",
        "jd",
    ]
    with pytest.raises(ValueError, match="one row of the outside option 'home'"):
        found.predict(panel[panel["platform"] != "home"])


def test_berry_recovers_the_truth_and_predicts_the_shares_of_a_noiseless_market():
    quiet = draw(cities=10, months=3, noise=0.0, slopes={"Tier 3": 7.0})
    # Home delivery is the outside: its utility of 1.5 is the networks' constants, less.
    found = share.fit(quiet, DRIVERS, estimator="berry", outside="home")
    assert found.params.to_numpy() == pytest.approx([7.0, 0.5], rel=SAME)
    assert found.effects[("platform",)].to_numpy() == pytest.approx([-1.0, -1.5, -1.8])
    observed = quiet["parcels"] / quiet.groupby(["city", "month"], observed=True)["parcels"].transform("sum")
    assert found.predict(quiet).to_numpy() == pytest.approx(observed.to_numpy(), rel=SAME)


def two_stage(outcome, exogenous, endogenous, excluded):
    """Textbook two-stage least squares on dense columns."""
    instruments = np.column_stack([excluded, exogenous])
    fitted = instruments @ np.linalg.lstsq(instruments, endogenous, rcond=None)[0]
    second = np.column_stack([fitted, exogenous])
    return np.linalg.lstsq(second, outcome, rcond=None)[0]


@pytest.mark.parametrize("by", [None, "tier"])
def test_instruments_give_two_stage_least_squares(panel, by):
    rng = np.random.default_rng(2)
    rows = panel.assign(cost=panel[DRIVERS[0]] + rng.normal(0, 0.02, len(panel)))
    rows["supply"] = rows[DRIVERS[0]] * rng.uniform(0.5, 1.5, len(panel))
    found = share.fit(rows, DRIVERS, by=by, instruments={DRIVERS[0]: ["cost", "supply"]})
    tiers = np.ones((len(rows), 1)) if by is None else pd.get_dummies(rows["tier"]).to_numpy(float)
    spread = [np.column_stack([rows[c].to_numpy()[:, None] * tiers]) for c in (*DRIVERS, "cost", "supply")]
    constants = pd.get_dummies(group(rows, "platform" if by is None else ("platform", "tier")).codes).to_numpy(float)
    markets = pd.get_dummies(group(rows, ("city", "month")).codes).to_numpy(float)
    exogenous = np.column_stack([spread[1], constants, markets])
    known = two_stage(np.log(rows["parcels"].to_numpy()), exogenous, spread[0], np.column_stack(spread[2:]))
    slopes = found.params[DRIVERS[0]] if by is None else found.params.xs(DRIVERS[0], level="driver")
    assert np.atleast_1d(slopes) == pytest.approx(known[: tiers.shape[1]], rel=1e-7)
    assert found.instrumented is not None
    assert found.instrumented.first_stage.shape == (tiers.shape[1],)
    assert found.r_squared_within is None
    order = np.argsort(np.flatnonzero(found.params.index.get_level_values(-1) == DRIVERS[0]))
    assert found.instrumented.params[order] == pytest.approx(np.atleast_1d(slopes))
    assert "subsidy_cny_per_parcel ~ cost + supply" in found.formula


def test_two_way_clusters_add_and_take_off_the_common_part(panel):
    found = share.fit(panel, DRIVERS, cluster=("city", "month"))
    markets = group(panel, ("city", "month"))
    dummies = [np.eye(markets.size)[markets.codes], pd.get_dummies(panel["platform"]).iloc[:, 1:]]
    design = np.column_stack([panel[DRIVERS], *dummies]).astype(float)
    wide = sm.OLS(np.log(panel["parcels"]).to_numpy(), design).fit()
    both, _, _ = cov_cluster_2groups(wide, group(panel, "city").codes, group(panel, "month").codes)
    # Market dummies lie inside either clustering and count as one constant.
    factor = (len(panel) - design.shape[1]) / (len(panel) - 6)
    assert found.covariance.to_numpy() == pytest.approx(both[:2, :2] * factor, rel=1e-6)
    assert found.clusters == 4
    assert (found.df == 3).all()
    swapped = share.fit(panel, DRIVERS, cluster=("month", "city"))
    pd.testing.assert_frame_equal(found.covariance, swapped.covariance, rtol=SAME)


def test_two_way_covariances_have_no_negative_variance(panel):
    """Clusters that nearly coincide make the difference of matrices indefinite."""
    rows = panel[panel["month"] == panel["month"].min()]
    pairs = rows.assign(pair=group(rows, "city").codes // 2, odd=(group(rows, "city").codes + 1) // 2)
    found = share.fit(pairs, DRIVERS, by="tier", cluster=("pair", "odd"))
    assert np.linalg.eigvalsh(found.covariance.to_numpy()).min() >= -1e-12
    one = share.fit(panel, DRIVERS, cluster=("city", "city"))
    pd.testing.assert_frame_equal(one.covariance, share.fit(panel, DRIVERS).covariance, rtol=SAME)


def test_a_fit_says_what_it_is(panel):
    found = share.fit(panel, DRIVERS, by="tier", effects=[("platform", "month")], cluster=("city", "month"))
    assert found.formula == (
        "ln parcels ~ tier x (subsidy_cny_per_parcel + log_stations) | city x month + platform x month"
        " | errors by city and month"
    )
    counts = share.fit(panel, DRIVERS[:1], estimator="poisson", cluster=None)
    assert counts.formula == "parcels ~ subsidy_cny_per_parcel | city x month + platform"
    berry = share.fit(panel, DRIVERS[:1], estimator="berry", outside="home", constants=False)
    assert berry.formula == "ln parcels - ln parcels of home ~ subsidy_cny_per_parcel | errors by city"


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_residuals_are_what_the_model_leaves(panel, estimator):
    shuffled = panel.sample(frac=1, random_state=4)
    found = share.fit(shuffled, DRIVERS, estimator=estimator)
    pd.testing.assert_index_equal(found.residuals.index, shuffled.index)
    total = shuffled.groupby(["city", "month"], observed=True)["parcels"].transform("sum")
    mean = found.predict(shuffled) * total
    if estimator == "poisson":
        assert found.residuals.to_numpy() == pytest.approx((shuffled["parcels"] / mean - 1).to_numpy(), abs=1e-7)
    else:
        left = np.log(shuffled["parcels"] / mean)
        left -= left.groupby([shuffled["city"], shuffled["month"]], observed=True).transform("mean")
        assert found.residuals.to_numpy() == pytest.approx(left.to_numpy(), abs=SAME)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "berry"}, "belong together"),
        ({"outside": "home"}, "belong together"),
        ({"estimator": "berry", "outside": "mail"}, "rows of the outside option 'mail'"),
        ({"instruments": {"price": ["tier"]}}, "price has instruments and is no driver"),
        ({"instruments": {DRIVERS[0]: []}}, "an instrument of its own"),
        ({"instruments": {DRIVERS[0]: [DRIVERS[1]]}}, "cannot be an excluded instrument"),
        ({"instruments": {DRIVERS[0]: ["z"]}}, "no column z"),
        ({"instruments": {DRIVERS[0]: ["year"]}}, "instrument 1: no variation"),
        ({"instruments": {DRIVERS[0]: ["year"]}, "estimator": "poisson"}, "linear outcome"),
        ({"instruments": {DRIVERS[0]: ["year"]}, "cluster": ("city", "month")}, "one column"),
        ({"cluster": ("city", "month", "tier")}, "at most two"),
    ],
)
def test_requests_that_make_no_sense_are_refused(panel, options, message):
    rows = panel.assign(year=panel["month"].dt.month)
    with pytest.raises(ValueError, match=message):
        share.fit(rows, DRIVERS, **options)


def test_markets_without_the_outside_are_refused(panel):
    with pytest.raises(ValueError, match="3 cells have no volume, or none of 'home'"):
        share.fit(panel.drop(panel.index[3]), DRIVERS, estimator="berry", outside="home")


def test_counts_that_a_driver_separates_are_refused(panel):
    many = (panel["platform"] == "jd") & (panel["log_stations"] > 3)
    rows = panel.assign(many=many.astype(float), parcels=panel["parcels"].where(many | (panel["platform"] != "jd"), 0))
    with pytest.raises(share.ShareError, match="many separates zero") as caught:
        share.fit(rows, ["many"], estimator="poisson")
    assert caught.value.code == "not_converged"
