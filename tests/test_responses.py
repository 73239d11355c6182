"""Responses and diversion over many markets: the derivative of the logit, and its laws."""

from math import log

import numpy as np
import pytest

from analysis import responses, share
from tests.small_panel import NAMES, draw

EXACT = 1e-9
"""Sums of a few hundred floats."""
SMALL = 1e-6
"""Step of a numerical derivative; the formula is of first order, so the difference is of this size."""
SUBSIDY, STATIONS = "subsidy_cny_per_parcel", "log_stations"


@pytest.fixture(scope="module")
def panel():
    return draw()


@pytest.fixture(scope="module")
def fit(panel):
    return share.fit(panel, [SUBSIDY, STATIONS], by="tier", effects=(("platform", "tier"), ("platform", "month")))


@pytest.fixture(scope="module")
def rows(panel):
    return panel[(panel["month"] == panel["month"].max()) & (panel["tier"] == "Tier 3")]


def volumes(rows):
    return rows.groupby("platform", observed=True)["parcels"].sum()[list(NAMES)]


@pytest.mark.parametrize("changed", NAMES)
def test_matrix_is_the_derivative_of_the_shares(fit, rows, changed):
    """One network's driver up by a hair, in every city: shares by the logit formula, volumes summed over cities."""
    slope = fit.slope(SUBSIDY)[0]["Tier 3"]
    lift = np.where(rows["platform"] == changed, np.exp(slope * SMALL), 1.0)
    total = rows.groupby("city", observed=True)["parcels"].transform("sum")
    moved = rows["parcels"] * lift
    moved = moved / moved.groupby(rows["city"], observed=True).transform("sum") * total
    change = (moved.groupby(rows["platform"], observed=True).sum()[list(NAMES)] / volumes(rows) - 1) / SMALL
    matrix = responses.matrix(rows, fit, SUBSIDY, tier="Tier 3", step=1.0)
    np.testing.assert_allclose(matrix[changed], change, rtol=1e-4)


def test_matrix_agrees_with_the_fits_own_elasticities(fit, rows):
    table = fit.elasticities(rows, SUBSIDY).loc["Tier 3"]
    matrix = responses.matrix(rows, fit, SUBSIDY, tier="Tier 3")
    np.testing.assert_allclose(np.diag(matrix), table.loc[list(matrix.index), "own"], rtol=EXACT)
    total = volumes(rows)
    for name in NAMES:
        rivals = [other for other in NAMES if other != name]
        cross = np.average(matrix.loc[rivals, name], weights=total[rivals])
        assert cross == pytest.approx(table.loc[name, "cross"], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("step", [log(1.1), None])
def test_what_one_gains_the_others_lose(fit, rows, step):
    """Columns of responses, and of elasticities, add to nothing when weighted by volume."""
    matrix = responses.matrix(rows, fit, STATIONS, tier="Tier 3", step=step)
    np.testing.assert_allclose(matrix.mul(volumes(rows), axis=0).sum(), 0, atol=1e-3)
    assert (np.diag(matrix)[:-1] > 0).all()  # home delivery, the last, has no stations to be elastic to


def test_rivals_of_one_market_lose_the_same_part(fit, rows):
    """Rivals lose in proportion within a market; over many markets it need not."""
    one = rows[rows["city"] == rows["city"].iloc[0]]
    column = responses.matrix(one, fit, SUBSIDY, tier="Tier 3", step=0.01)["duoduo"].drop("duoduo")
    np.testing.assert_allclose(column, column.iloc[0], rtol=EXACT)
    many = responses.matrix(rows, fit, SUBSIDY, tier="Tier 3", step=0.01)["duoduo"].drop("duoduo")
    assert many.std() > 0


@pytest.mark.parametrize("network", ["cainiao", "duoduo"])
def test_an_elasticity_that_was_estimated_gives_its_slope_back_when_assumed(fit, rows, network):
    """Cities differ in subsidy and share, so the tier's means alone would give another slope."""
    slope = fit.slope(SUBSIDY)[0]["Tier 3"]
    row = fit.elasticities(rows, SUBSIDY).loc[("Tier 3", network)]
    found = responses.assumed_slope(row, slope, (row["own"], 2 * row["own"]), group="Tier 3")
    assert (found.low, found.high) == pytest.approx((slope, 2 * slope))
    assert found.group == "Tier 3"
    plain = row["own"] / (row["level"] * (1 - row["share"]))
    assert abs(plain / slope - 1) > 0.01
    flipped = row.mask(row.index == "own", -row["own"])
    assert responses.assumed_slope(flipped, -slope, (row["own"], 1.0), group="all").low == pytest.approx(slope)


def test_diversion_adds_to_one_and_is_proportional_in_one_market(fit, rows):
    ratios = responses.diversion(rows, fit)
    np.testing.assert_allclose(ratios.sum(axis=1), 1, rtol=EXACT)
    assert (np.diag(ratios) == 0).all()
    one = rows[rows["city"] == rows["city"].iloc[0]]
    shares = one.set_index("platform")["parcels"] / one["parcels"].sum()
    expected = share.diversion(shares[list(NAMES)])
    np.testing.assert_allclose(responses.diversion(one, fit), expected, rtol=1e-9)
