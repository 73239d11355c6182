"""Absorbed effects: equal to regressions with every effect as a dummy, errors and base network included."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.linalg import qr

from analysis import share
from analysis.share.absorb import absorber, group
from analysis.share.regression import regress
from tests.small_panel import draw

DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
EFFECTS = (("platform", "tier"), ("platform", "month"))
DUMMIES = 1e-8  # two routes to the same normal equations
SAME = 1e-9  # the same regression on the same rows


@pytest.fixture(scope="module")
def ragged() -> pd.DataFrame:
    """A small panel with a third of its rows missing."""
    rows = draw(cities=12, months=4, seed=3)
    return rows[np.random.default_rng(1).random(len(rows)) < 0.7].reset_index(drop=True)


def independent(dummies: np.ndarray) -> np.ndarray:
    _, triangle, order = qr(dummies, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(triangle)) > 1e-9 * abs(triangle[0, 0])).sum())
    return dummies[:, np.sort(order[:rank])]


def indicators(panel: pd.DataFrame, groupings) -> np.ndarray:
    codes = [group(panel, g) for g in groupings]
    return independent(np.hstack([np.eye(g.size)[g.codes] for g in codes]))


def test_log_centring_equals_dummies_with_clustered_errors(ragged):
    found = share.fit(ragged, DRIVERS, effects=EFFECTS)
    dummies = indicators(ragged, [("city", "month"), *EFFECTS])
    design = np.column_stack([ragged[DRIVERS], dummies])
    clusters = group(ragged, "city")
    wide = sm.OLS(np.log(ragged["parcels"]).to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": clusters.codes}
    )
    assert found.params.to_numpy() == pytest.approx(wide.params[:2], rel=DUMMIES)
    # Market dummies lie inside the city clusters and count as one constant; all the other dummies are counted.
    rows, markets = len(ragged), group(ragged, ("city", "month")).size
    counted = 2 + dummies.shape[1] - markets + 1
    factor = np.sqrt((rows - design.shape[1]) / (rows - counted))
    assert found.std_errors.to_numpy() == pytest.approx(wide.bse[:2] * factor, rel=DUMMIES)


def test_classical_errors_equal_those_of_dummies(ragged):
    found = share.fit(ragged, DRIVERS, effects=EFFECTS, cluster=None)
    design = np.column_stack([ragged[DRIVERS], indicators(ragged, [("city", "month"), *EFFECTS])])
    wide = sm.OLS(np.log(ragged["parcels"]).to_numpy(), design).fit()
    assert found.std_errors.to_numpy() == pytest.approx(wide.bse[:2], rel=DUMMIES)


def test_effects_inside_the_clusters_count_as_one_constant(ragged):
    groupings = [("city", "month"), ("platform", "city"), ("platform", "month")]
    projector = absorber([group(ragged, g) for g in groupings])
    everything = indicators(ragged, groupings).shape[1]
    inside = indicators(ragged, groupings[:2]).shape[1]
    assert projector.count() == everything
    assert projector.count((group(ragged, "city").codes,)) == everything - inside + 1


def test_poisson_equals_a_poisson_regression_with_dummies(ragged):
    counts = ragged.assign(parcels=(ragged["parcels"] / 1e6).round())
    assert (counts["parcels"] == 0).any()
    found = share.fit(counts, DRIVERS, effects=EFFECTS, estimator="poisson")
    alive = indicators(counts, [("city", "month"), *EFFECTS])
    clusters = group(counts, "city").codes
    model = sm.GLM(
        counts["parcels"].to_numpy(), np.column_stack([counts[DRIVERS], alive]), family=sm.families.Poisson()
    )
    wide = model.fit(tol=1e-12, maxiter=200)
    assert found.dropped == 0
    assert found.params.to_numpy() == pytest.approx(wide.params[:2], rel=1e-7)  # two iterations, each to its tolerance
    robust = model.fit(tol=1e-12, maxiter=200, cov_type="cluster", cov_kwds={"groups": clusters})
    markets = group(counts, ("city", "month")).size
    factor = (len(counts) - 2 - alive.shape[1]) / (len(counts) - 2 - alive.shape[1] + markets - 1)
    assert found.std_errors.to_numpy() == pytest.approx(robust.bse[:2] * np.sqrt(factor), rel=1e-6)


def test_poisson_leaves_out_markets_without_parcels(ragged):
    dead = ragged.assign(parcels=ragged["parcels"].where(ragged["city"] != "000001", 0.0))
    found = share.fit(dead, DRIVERS, estimator="poisson")
    alone = share.fit(ragged[ragged["city"] != "000001"], DRIVERS, estimator="poisson")
    assert found.dropped == (ragged["city"] == "000001").sum()
    pd.testing.assert_series_equal(found.params, alone.params, rtol=SAME)


def test_the_base_network_does_not_matter(ragged):
    found = share.fit(ragged, DRIVERS)
    for base in range(4):
        others = [k for k in range(4) if k != base]
        constants = np.eye(4)[ragged["platform"].cat.codes][:, others]
        columns = np.column_stack([np.log(ragged["parcels"]), ragged[DRIVERS], constants])
        frame = pd.DataFrame(columns).groupby([ragged["city"], ragged["month"]], observed=True)
        centred = (pd.DataFrame(columns) - frame.transform("mean")).to_numpy()
        slopes = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0][:2]
        assert found.params.to_numpy() == pytest.approx(slopes, rel=DUMMIES)


def test_too_many_effects_are_refused_before_they_fill_the_memory():
    rows = pd.DataFrame({"market": 0, "shop": np.arange(12_001)})
    with pytest.raises(ValueError, match="12,001 effects beside the markets: use coarser ones"):
        absorber([group(rows, "market"), group(rows, "shop")])


@pytest.mark.parametrize("estimator", ["log-centred", "poisson"])
def test_sparse_and_full_tables_give_the_same(ragged, monkeypatch, estimator):
    full = share.fit(ragged, DRIVERS, effects=EFFECTS, estimator=estimator)
    monkeypatch.setattr("analysis.share.absorb.MOST_CELLS", 0)
    sparse = share.fit(ragged, DRIVERS, effects=EFFECTS, estimator=estimator)
    pd.testing.assert_series_equal(full.params, sparse.params, rtol=SAME)
    pd.testing.assert_frame_equal(full.covariance, sparse.covariance, rtol=1e-7)


def test_least_squares_equal_those_of_statsmodels(ragged):
    """The reference for the normal equations: coefficients, clustered and classical covariance, weights."""
    columns = ragged[DRIVERS].to_numpy(float).T - ragged[DRIVERS].mean().to_numpy()[:, None]
    outcome, clusters = np.log(ragged["parcels"].to_numpy()), group(ragged, "city").codes
    weights = np.random.default_rng(0).uniform(0.1, 3, len(ragged))
    for model, options in ((sm.OLS, {}), (sm.WLS, {"weights": weights})):
        known = model(outcome, columns.T, hasconst=False, **options)
        robust = known.fit(cov_type="cluster", cov_kwds={"groups": clusters})
        found = regress(outcome, columns, clusters=clusters, **options)
        assert found.params == pytest.approx(robust.params, rel=DUMMIES)
        assert found.covariance == pytest.approx(robust.cov_params(), rel=DUMMIES)
        assert found.residuals == pytest.approx(robust.resid, rel=DUMMIES)
        assert found.r_squared == pytest.approx(robust.rsquared, rel=DUMMIES)
        plain = regress(outcome, columns, clusters=None, **options)
        assert plain.covariance == pytest.approx(known.fit().cov_params(), rel=DUMMIES)


def test_demeaned_columns_have_no_group_means_left(ragged):
    groupings = [group(ragged, g) for g in (("city", "month"), *EFFECTS)]
    left, _ = absorber(groupings).demean(ragged[DRIVERS].to_numpy(float).T)
    for grouping in groupings:
        for column in left:
            assert np.abs(np.bincount(grouping.codes, column)).max() < 1e-9 * np.abs(column).sum()


def test_the_shape_of_the_normal_equations_may_be_empty(ragged):
    left, effects = absorber([group(ragged, "city")]).demean(ragged[DRIVERS].to_numpy(float).T)
    means = ragged[DRIVERS] - ragged.groupby("city", observed=True)[DRIVERS].transform("mean")
    assert left == pytest.approx(means.to_numpy().T, abs=1e-12)
    assert effects.shape == (0, 2)
