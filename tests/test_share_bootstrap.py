"""Wild cluster bootstrap: against refitting every draw, what few clusters can say, coverage."""

from itertools import product

import numpy as np
import pytest

from analysis.share import ShareError
from analysis.share.absorb import absorber, group
from analysis.share.bootstrap import wild
from analysis.share.regression import regress
from tests.small_panel import draw

SAME = 1e-9  # the same draws by refitting and by sums over clusters
SIZES = (10, 20, 15, 12, 30, 8, 9)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(len(SIZES)), SIZES)
    drivers = rng.normal(size=(3, clusters.size)) + rng.normal(size=(3, len(SIZES)))[:, clusters]
    outcome = 0.5 * drivers[0] + drivers[1] + rng.normal(size=clusters.size) + rng.normal(size=len(SIZES))[clusters]
    return outcome, drivers, clusters


def refitted(outcome, drivers, clusters, vectors, *, null: float) -> float:
    """p-value of the first coefficient by refitting every draw."""

    def t(y):
        found = regress(y, drivers, clusters=clusters)
        return (found.params[0] - null) / np.sqrt(found.covariance[0, 0])

    restricted = regress(outcome - null * drivers[0], drivers[1:], clusters=None).residuals
    fit, observed = outcome - restricted, abs(t(outcome))
    drawn = np.array([abs(t(fit + v[clusters] * restricted)) for v in vectors])
    return float((drawn >= observed * (1 - SAME)).mean())


SIGNS = [np.array(v) for v in product([1.0, -1.0], repeat=len(SIZES))]


@pytest.mark.parametrize("null", [0.0, 0.3, 0.9])
def test_all_signs_give_what_refitting_gives(data, null):
    found = wild(*data, 0, null=null, weights="rademacher")
    assert found.enumerated
    assert found.draws == 2 ** len(SIZES)
    assert found.p_value == pytest.approx(refitted(*data, SIGNS, null=null), abs=SAME)


def test_the_interval_ends_where_the_test_begins_to_reject(data):
    found = wild(*data, 0, weights="rademacher")
    step = 1e-4 * (found.high - found.low)
    for end, inward in ((found.low, step), (found.high, -step)):
        assert refitted(*data, SIGNS, null=end + inward) > 0.05
        assert refitted(*data, SIGNS, null=end - inward) <= 0.05


def test_statistic_is_that_of_the_regression(data):
    outcome, drivers, clusters = data
    found = regress(outcome, drivers, clusters=clusters)
    c, (k, n) = len(SIZES), drivers.shape
    factor = c / (c - 1) * (n - 1) / (n - k)
    expected = found.params[1] / np.sqrt(found.covariance[1, 1] / factor)
    assert wild(outcome, drivers, clusters, 1).statistic == pytest.approx(expected, rel=SAME)


def test_effects_that_span_clusters_are_refitted_with_each_draw():
    panel = draw(cities=6, months=4, seed=2)
    codes = group(panel, "city").codes
    effects = absorber([group(panel, "month"), group(panel, "platform")])
    names = ["parcels", "subsidy_cny_per_parcel", "log_stations"]
    columns = np.log1p(panel[names].to_numpy(float)).T
    left, _ = effects.demean(columns)
    found = wild(left[0], left[1:], codes, 0, weights="rademacher", demean=lambda c: effects.demean(c)[0])
    dummies = np.vstack([np.eye(4)[group(panel, "month").codes].T, np.eye(4)[group(panel, "platform").codes].T[1:]])
    signs = [np.array(v) for v in product([1.0, -1.0], repeat=6)]
    assert found.p_value == pytest.approx(
        refitted(columns[0], np.vstack([columns[1:], dummies]), codes, signs, null=0.0), abs=SAME
    )


@pytest.mark.parametrize(("weights", "least"), [("rademacher", 2.0**-3), ("webb", 6.0**-3)])
def test_four_clusters_cannot_say_more_than_their_draws(data, weights, least):
    outcome, drivers, clusters = data
    four = clusters < 4
    strong = outcome + 50 * drivers[0]
    found = wild(strong[four], drivers[:, four], clusters[four], 0, weights=weights)
    assert found.p_value >= least * (1 if found.enumerated else 0.2)
    assert np.isinf([found.low, found.high]).all() == (weights == "rademacher")


def test_clusters_that_do_not_hold_the_coefficient_need_not_be_drawn(data):
    outcome, drivers, clusters = data
    held = clusters < 5
    inside = np.vstack([drivers * held, drivers * ~held])
    alone = wild(outcome[held], drivers[:, held], clusters[held], 0, weights="rademacher")
    joint = wild(outcome, inside, clusters, 0, weights="rademacher", held=range(5))
    assert joint.p_value == pytest.approx(alone.p_value, abs=SAME)
    assert (joint.low, joint.high) == pytest.approx((alone.low, alone.high), rel=1e-6)


def test_units_and_names_of_clusters_do_not_matter(data):
    outcome, drivers, clusters = data
    found = wild(outcome, drivers, clusters, 0, weights="rademacher")
    names = np.random.default_rng(0).permutation(len(SIZES))
    other = wild(outcome, drivers * np.array([[100.0], [1], [1]]), names[clusters], 0, weights="rademacher")
    assert other.p_value == pytest.approx(found.p_value, abs=SAME)
    assert (100 * other.low, 100 * other.high) == pytest.approx((found.low, found.high), rel=1e-6)


def test_the_same_seed_gives_the_same_draws(data):
    assert wild(*data, 0, seed=3) == wild(*data, 0, seed=3)
    assert wild(*data, 0, seed=3).p_value != wild(*data, 0, seed=4).p_value


def test_intervals_cover_with_eight_clusters_where_normal_ones_do_not():
    rng = np.random.default_rng(9)
    clusters = np.repeat(np.arange(8), 12)
    inside, normal = [], []
    for seed in range(400):
        size = np.where(np.arange(8) < 2, 3.0, 1.0)  # two clusters vary more than the rest
        drivers = rng.normal(size=(1, 96)) + (size * rng.normal(size=8))[clusters]
        outcome = drivers[0] + rng.normal(size=96) + rng.normal(size=8)[clusters]
        found = wild(outcome, drivers, clusters, 0, draws=399, seed=seed)
        inside.append(found.low < 1 < found.high)
        plain = regress(outcome, drivers, clusters=clusters)
        normal.append(abs(plain.params[0] - 1) < 1.96 * np.sqrt(plain.covariance[0, 0]))
    assert 0.90 <= np.mean(inside) <= 0.97  # binomial error 0.011
    assert np.mean(normal) < np.mean(inside) - 0.03


def test_refusals(data):
    with pytest.raises(ValueError, match="webb or rademacher"):
        wild(*data, 0, weights="normal")
    with pytest.raises(ShareError, match="two clusters"):
        wild(*data, 0, held=[2])
    with pytest.raises(ValueError, match="level"):
        wild(*data, 0, level=95)


def test_no_p_value_is_below_the_least(data):
    outcome, drivers, clusters = data
    found = wild(outcome + 50 * drivers[0], drivers, clusters, 0, weights="rademacher", held=range(4))
    assert found.p_value >= 2.0**-3 - SAME
