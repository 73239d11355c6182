"""Share model: recovery of the truth, laws, responses, and refusals."""

import numpy as np
import pandas as pd
import pytest

from analysis import share
from data.grade import Grade
from tests.small_panel import DENSITY, SLOPES, draw

DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
EFFECTS = (("platform", "tier"), ("platform", "month"))
SAME = 1e-9  # the same regression after relabelling or rescaling
EXACT = 1e-12  # sums of shares


def fitted(panel: pd.DataFrame, **options) -> share.ShareFit:
    return share.fit(panel, DRIVERS, **{"effects": EFFECTS, "by": "tier", **options})


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw()


def test_the_truth_lies_in_the_intervals(panel):
    found = fitted(panel)
    interval = found.conf_int(0.99)
    for tier, slope in SLOPES.items():
        assert interval.loc[(tier, DRIVERS[0]), "low"] < slope < interval.loc[(tier, DRIVERS[0]), "high"]
        assert interval.loc[(tier, DRIVERS[1]), "low"] < DENSITY < interval.loc[(tier, DRIVERS[1]), "high"]
        assert found.std_errors[tier, DRIVERS[0]] < 0.1 * slope
    assert found.grade is Grade.ESTIMATED


def test_intervals_cover_as_often_as_they_say():
    hits = []
    for seed in range(200):
        found = share.fit(draw(cities=60, months=2, seed=seed, slopes={"Tier 3": 8.0}), DRIVERS)
        interval = found.conf_int(0.95).loc[DRIVERS[0]]
        hits.append(interval["low"] < 8.0 < interval["high"])
    assert 0.92 <= np.mean(hits) <= 0.97


def test_one_regression_by_tier_equals_separate_ones(panel):
    effects = [("platform", "tier", "month")]
    joint = share.fit(panel, DRIVERS, by="tier", effects=effects)
    for tier in SLOPES:
        part = share.fit(panel[panel["tier"] == tier], DRIVERS, effects=effects)
        assert joint.params[tier].to_numpy() == pytest.approx(part.params.to_numpy(), rel=SAME)
    assert joint.covariance.loc["Tier 1", "Tier 3"].shape == (2, 2)


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_order_of_rows_and_names_of_networks_and_tiers_do_not_matter(panel, estimator):
    found = fitted(panel, estimator=estimator)
    shuffled = panel.sample(frac=1, random_state=5)
    renamed = shuffled.assign(
        platform=shuffled["platform"].cat.rename_categories({"cainiao": "zz", "home": "aa"}).astype(str),
        tier=shuffled["tier"].cat.rename_categories({"Tier 1": "z", "Tier 3": "a"}).astype(str),
    )
    other = fitted(renamed, estimator=estimator)
    assert other.params["z"].to_numpy() == pytest.approx(found.params["Tier 1"].to_numpy(), rel=SAME)
    assert other.std_errors["a"].to_numpy() == pytest.approx(found.std_errors["Tier 3"].to_numpy(), rel=SAME)


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_units_leave_the_evidence_alone(panel, estimator):
    found = fitted(panel, estimator=estimator)
    fen = panel.assign(subsidy_cny_per_parcel=100 * panel["subsidy_cny_per_parcel"], parcels=panel["parcels"] / 1000)
    other = fitted(fen, estimator=estimator)
    ratio = (found.params / other.params).unstack()
    assert ratio[DRIVERS[0]].to_numpy() == pytest.approx(100, rel=SAME)
    assert ratio[DRIVERS[1]].to_numpy() == pytest.approx(1, rel=SAME)
    assert (other.params / other.std_errors).to_numpy() == pytest.approx(
        (found.params / found.std_errors).to_numpy(), rel=1e-7
    )
    mine, theirs = (f.elasticities(p, DRIVERS[0])["own"] for f, p in ((found, panel), (other, fen)))
    pd.testing.assert_series_equal(mine, theirs, rtol=SAME)


def halves(panel: pd.DataFrame, cities) -> pd.DataFrame:
    twin = panel[panel["city"].isin(cities)]
    rest = panel[~panel["city"].isin(cities)]
    parts = [rest, *(twin.assign(city=twin["city"].astype(str) + s, parcels=twin["parcels"] / 2) for s in "ab")]
    return pd.concat([p.assign(city=p["city"].astype(str)) for p in parts], ignore_index=True)


def test_splitting_cities_leaves_the_coefficients(panel):
    every = panel["city"].unique()
    split = fitted(halves(panel, every))
    assert split.params.to_numpy() == pytest.approx(fitted(panel).params.to_numpy(), rel=SAME)
    counted = fitted(halves(panel, every[:1]), estimator="poisson")
    whole = fitted(panel, estimator="poisson")
    assert counted.params.to_numpy() == pytest.approx(whole.params.to_numpy(), rel=SAME)


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_predicted_shares_add_to_one_in_each_market(panel, estimator):
    shares = fitted(panel, estimator=estimator).predict(panel)
    assert ((shares > 0) & (shares < 1)).all()
    sums = shares.groupby([panel["city"], panel["month"]], observed=True).sum()
    assert sums.to_numpy() == pytest.approx(1, abs=EXACT)


def test_without_noise_predictions_are_the_observed_shares():
    quiet = draw(cities=10, months=3, noise=0.0)
    observed = quiet["parcels"] / quiet.groupby(["city", "month"], observed=True)["parcels"].transform("sum")
    found = fitted(quiet)
    assert found.predict(quiet).to_numpy() == pytest.approx(observed.to_numpy(), rel=1e-9)
    assert found.r_squared_within == pytest.approx(1)


def test_a_subsidy_takes_from_all_rivals_in_proportion(panel):
    found = fitted(panel)
    one = panel[(panel["city"] == "000003") & (panel["month"] == "2025-02-01")].reset_index(drop=True)
    slope, step = found.slope(DRIVERS[0])[0]["Tier 3"], 1e-5
    assert one["tier"].iloc[0] == "Tier 3"
    before = found.predict(one).to_numpy()
    derivative = np.empty((4, 4))
    for j in range(4):
        up, down = (one.assign(**{DRIVERS[0]: one[DRIVERS[0]] + sign * step * (one.index == j)}) for sign in (1, -1))
        derivative[:, j] = (found.predict(up) - found.predict(down)) / (2 * step)
    expected = slope * (np.diag(before) - np.outer(before, before))
    assert derivative == pytest.approx(
        expected, abs=1e-7
    )  # central difference: step squared times the third derivative
    assert derivative.sum(axis=0) == pytest.approx(0, abs=1e-9)
    assert (np.diag(derivative) > 0).all()
    assert (derivative[~np.eye(4, dtype=bool)] < 0).all()


def test_a_copy_of_a_network_takes_its_share_of_everyone_the_red_bus():
    rows = pd.DataFrame({"city": list("aabbcc"), "month": 1, "platform": ["bus", "car"] * 3, "x": [0.0, 0, 1, 0, 2, 0]})
    logit = np.exp(0.4 * rows["x"])
    found = share.fit(rows.assign(parcels=100 * logit), ["x"], cluster="city")
    city = rows[rows["city"] == "a"]
    doubled = pd.concat([city, city[city["platform"] == "bus"]], ignore_index=True)
    shares = found.predict(doubled)
    assert shares[[0, 2]].sum() == pytest.approx(2 / 3)


def test_elasticities_equal_their_formulae_in_one_market(panel):
    found = fitted(panel)
    one = panel[(panel["city"] == "000001") & (panel["month"] == "2025-01-01")]
    held = (one["parcels"] / one["parcels"].sum()).to_numpy()
    x, (slopes, covariance) = one[DRIVERS[0]].to_numpy(), found.slope(DRIVERS[0])
    table = found.elasticities(one, DRIVERS[0]).loc["Tier 3"]
    assert table["share"].to_numpy() == pytest.approx(held)
    assert table["own"].to_numpy() == pytest.approx(slopes["Tier 3"] * x * (1 - held))
    assert table["cross"].to_numpy() == pytest.approx(-slopes["Tier 3"] * x * held)
    assert table["points"].to_numpy() == pytest.approx(slopes["Tier 3"] * held * (1 - held))
    half = 2.06865761 * np.sqrt(covariance.loc["Tier 3", "Tier 3"])
    assert (table["points_high"] - table["points"]).to_numpy() == pytest.approx(half * held * (1 - held), rel=1e-6)
    logged = found.elasticities(one, DRIVERS[1], logged=True).loc["Tier 3"]
    assert logged["own"].to_numpy() == pytest.approx(found.params["Tier 3", DRIVERS[1]] * (1 - held))


def test_group_elasticities_equal_a_change_in_all_cities(panel):
    found = fitted(panel)
    now = panel[(panel["month"] == "2025-06-01") & (panel["tier"] == "Tier 3")]
    now = now.assign(parcels=found.predict(now) * now.groupby("city", observed=True)["parcels"].transform("sum"))
    paid = now[DRIVERS[0]].where(now["platform"] != "cainiao", now[DRIVERS[0]] * 1.0001)
    total = now.groupby("city", observed=True)["parcels"].transform("sum")
    moved = (found.predict(now.assign(**{DRIVERS[0]: paid})) * total).groupby(now["platform"], observed=True).sum()
    before = now.groupby("platform", observed=True)["parcels"].sum()
    response = (moved / before - 1) / 0.0001
    table = found.elasticities(now, DRIVERS[0]).loc["Tier 3"]
    assert table.loc["cainiao", "own"] == pytest.approx(response["cainiao"], rel=1e-3)
    rivals = (moved.drop("cainiao").sum() / before.drop("cainiao").sum() - 1) / 0.0001
    assert table.loc["cainiao", "cross"] == pytest.approx(rivals, rel=1e-3)


def test_diversion_follows_shares():
    matrix = share.ShareFit.diversion(pd.Series({"a": 0.5, "b": 0.3, "c": 0.2}))
    assert matrix.loc["a"].tolist() == pytest.approx([0, 0.6, 0.4])
    assert matrix.sum(axis=1).to_numpy() == pytest.approx(1, abs=EXACT)
    with pytest.raises(ValueError, match="add to 1"):
        share.diversion(pd.Series({"a": 50.0, "b": 50.0}))


def test_few_clusters_widen_the_intervals(panel):
    few = fitted(panel[panel["city"].isin(panel["city"].unique()[:12])], by=None)
    width = few.conf_int()["high"] - few.params
    assert (few.df == 11).all()
    assert (width / few.std_errors).to_numpy() == pytest.approx(2.200985, abs=1e-6)  # t table: 97.5 %, 11 degrees
    assert np.isinf(fitted(panel, by=None).df).all()
    with pytest.raises(ValueError, match="probability"):
        few.conf_int(95)


def test_the_panel_is_not_changed(panel):
    before = panel.copy(deep=True)
    for estimator in share.ESTIMATORS:
        outside = "home" if estimator == "berry" else None
        fitted(panel, estimator=estimator, outside=outside).elasticities(panel, DRIVERS[0])
    pd.testing.assert_frame_equal(panel, before)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"parcels": 0.0}, {}, "1152 cells have zero volume.*estimator='poisson'"),
        ({"parcels": 0.0}, {"estimator": "poisson"}, "no market has any parcels"),
        ({"parcels": -1.0}, {}, "negative volumes"),
        ({"log_stations": np.nan}, {}, "'log_stations' has 1152 cells that are not finite"),
        ({"log_stations": 3.0}, {"by": None}, "log_stations: no variation"),
        ({"city": "000000"}, {}, "repeat a market"),
        ({"tier": None}, {}, "'tier' has 1152 empty cells"),
        ({}, {"estimator": "ols"}, "choose from log-centred, poisson"),
        ({}, {"volume": "letters"}, "no column letters"),
        ({}, {"cluster": "region"}, "two clusters or more"),
    ],
)
def test_bad_panels_are_refused_with_the_remedy(panel, change, options, message):
    with pytest.raises(ValueError, match=message):
        fitted(panel.assign(**change), **options)


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_drivers_that_nothing_identifies_are_named(panel, estimator):
    twin = panel.assign(
        twin=panel["log_stations"] * 2 + panel["subsidy_cny_per_parcel"], season=panel["month"].dt.month
    )
    with pytest.raises(ValueError, match=r"collinear after the effects: .*twin"):
        share.fit(twin, [*DRIVERS, "twin"], estimator=estimator)
    with pytest.raises(ValueError, match="season: no variation"):
        share.fit(twin, [*DRIVERS, "season"], estimator=estimator)


def test_odd_requests_are_refused(panel):
    with pytest.raises(ValueError, match="different drivers"):
        share.fit(panel, [])
    with pytest.raises(ValueError, match="no rows"):
        share.fit(panel[:0], DRIVERS)
    with pytest.raises(TypeError, match="tuple of groupings"):
        share.fit(panel, DRIVERS, effects="platform")
    two = panel[(panel["month"] == "2025-01-01") & panel["city"].isin(["000000", "000001"])]
    with pytest.raises(ValueError, match="8 rows cannot carry 3 coefficients and 5 effects"):
        share.fit(two.assign(extra=np.arange(8) ** 2), [*DRIVERS, "extra"], cluster=None)
    found = fitted(panel)
    with pytest.raises(ValueError, match="not a driver"):
        found.slope("price")
    with pytest.raises(ValueError, match="were not in the fit"):
        found.predict(panel.assign(month=pd.Timestamp("2030-01-01")))
    with pytest.raises(ValueError, match="without log_stations"):
        found.predict(panel.drop(columns="log_stations"))
    with pytest.raises(ValueError, match="no parcels"):
        found.elasticities(panel.assign(parcels=0.0), DRIVERS[0])


def test_clusters_are_counted_by_tier():
    """Cities of other tiers say nothing about a tier's sampling error: its own cities give the degrees of freedom."""
    panel = draw(cities=80)
    cities = panel.loc[panel["tier"] == "Tier 1", "city"].unique()
    some = panel[(panel["tier"] != "Tier 1") | panel["city"].isin(cities[:5])]
    fit = fitted(some)
    assert fit.df["Tier 1"].tolist() == [4, 4]
    assert np.isinf(fit.df["Tier 3"]).all()
    half = (fit.conf_int()["high"] - fit.params) / fit.std_errors
    assert half["Tier 1"].to_numpy() == pytest.approx(2.776445, abs=1e-6)  # t table: 97.5 %, 4 degrees
    assert half["Tier 3"].to_numpy() == pytest.approx(1.959964, abs=1e-6)
    alone = share.fit(some[some["tier"] == "Tier 1"], DRIVERS, effects=[("platform", "month")])
    joint = share.fit(some, DRIVERS, by="tier", effects=[("platform", "tier", "month")])
    ratio = joint.std_errors["Tier 1"].to_numpy() / alone.std_errors.to_numpy()
    assert ratio == pytest.approx(
        1, abs=0.1
    )  # they differ in (n - 1) / (n - k); without its own C / (C - 1) it would be 0.84
