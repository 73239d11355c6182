"""Subsidies that go where a network is weak: least squares biased as theory says, instrumented on target."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from analysis import share
from analysis.share import instruments, iv
from analysis.share.absorb import absorber
from analysis.share.design import Plan, design
from analysis.share.estimators import Estimate, inference
from analysis.share.regression import Regression, regress
from analysis.share.result import critical

DRIVER = "subsidy_cny_per_parcel"
SLOPES = {"Tier 1": 4.0, "Tier 2": 8.0, "Tier 3": 12.0, "Tier 4": 16.0}
NAMES = ("cainiao", "duoduo", "jd", "tuxi")
MONTHS = 6
PLAN, NOISE, SHOCK = 0.04, 0.02, 0.3
"""Standard deviations: head-office plan by network, tier and month, local noise (CNY); taste, lasting and passing."""
LEAN = -0.06
"""CNY of subsidy per unit of taste: what is weak is paid more."""
EFFECT = ("platform", "city")
PLAN_OF_FIT = Plan(
    drivers=(DRIVER,),
    market=("city", "month"),
    alternative="platform",
    volume="parcels",
    by="tier",
    effects=(("city", "month"), EFFECT),
    cluster=("city",),
    estimator="log-centred",
    instruments={DRIVER: ("elsewhere",)},
    outside=None,
)
"""What `share.fit` makes of its arguments in the last test below."""
ERRORS = 3.5
"""Monte Carlo standard errors that a mean may be off by; eight means are compared."""


def drawn(cities: int, seed: int) -> pd.DataFrame:
    """Panel of `cities` in each tier; taste lasts or passes, and the subsidy leans on both."""
    rng = np.random.default_rng(seed)
    shape = (len(SLOPES), cities, MONTHS, len(NAMES))
    tier, city, month, name = (part.ravel() for part in np.indices(shape))
    lasting, passing = rng.normal(size=(*shape[:2], 1, shape[3])), rng.normal(size=shape)
    taste = SHOCK * (lasting + passing)
    plan = rng.normal(size=(shape[0], 1, MONTHS, shape[3]))
    plan -= plan.mean(axis=2, keepdims=True) + plan.mean(axis=3, keepdims=True) - plan.mean(axis=(2, 3), keepdims=True)
    plan *= PLAN * np.sqrt((MONTHS - 1) * (len(NAMES) - 1) / (plan**2).sum(axis=(2, 3), keepdims=True))
    subsidy = 0.3 + plan + LEAN * taste + NOISE * rng.normal(size=shape)
    utility = np.array(list(SLOPES.values()))[:, None, None, None] * subsidy + taste + rng.normal(size=(4, 1, 1, 4))
    market = rng.normal(12, 1, (*shape[:3], 1))
    return pd.DataFrame(
        {
            "month": month,
            "city": tier * cities + city,
            "platform": pd.Categorical.from_codes(name, list(NAMES)),
            "tier": pd.Categorical.from_codes(tier, list(SLOPES)),
            "parcels": np.exp(market + utility).ravel(),
            DRIVER: subsidy.ravel(),
        }
    )


def expected_bias() -> float:
    """Limit of least squares less the truth: covariance of subsidy and passing taste over the subsidy's variance.

    Constants of markets and of networks in cities keep the same part of what varies by row and of the plan, which is
    common to the cities of a tier and drawn net of those constants with that part of its variance, so the parts cancel;
    lasting taste is absorbed.
    """
    return LEAN * SHOCK**2 / (PLAN**2 + LEAN**2 * SHOCK**2 + NOISE**2)


@dataclass(frozen=True)
class Runs:
    """Estimates, intervals and first-stage F (replications, tiers)."""

    plain: np.ndarray
    instrumented: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first_stage: np.ndarray


def simulated(cities: int, runs: int) -> Runs:
    """Fits as `share.fit` makes them; the effects are the same in every draw, so they are factored once."""
    panel = drawn(cities, 0)
    laid = design(panel.assign(elsewhere=instruments.elsewhere(panel, DRIVER)), PLAN_OF_FIT)
    projector = absorber(laid.groupings)
    clusters, tier = laid.clusters[0], np.eye(4)[:, panel["tier"].cat.codes]
    options = {"clusters": clusters, "absorbed": projector.count(laid.clusters)}
    rows = []
    for seed in range(runs):
        panel = drawn(cities, seed)
        outcome, subsidy = np.log(panel["parcels"].to_numpy()), panel[DRIVER].to_numpy()
        elsewhere = instruments.elsewhere(panel, DRIVER).to_numpy()
        left, _ = projector.demean(np.vstack([outcome, tier * subsidy, tier * elsewhere]))
        plain = regress(left[0], left[1:5], **options).params
        found = iv.two_stage(left[0], left[:0], left[1:5], left[5:], own=laid.own, held=laid.held, **options)
        regression = Regression(found.params, found.covariance, found.residuals, 0.0)
        covariance, _, df = inference(laid, Estimate(regression, {}, None, found))
        half = critical(0.95, df.to_numpy()) * np.sqrt(np.diag(covariance))
        rows.append((plain, found.params, found.params - half, found.params + half, found.conditional_f))
    return Runs(*(np.array(v) for v in zip(*rows, strict=True)))


@pytest.fixture(scope="module")
def many() -> Runs:
    return simulated(40, 200)


@pytest.fixture(scope="module")
def few() -> Runs:
    return simulated(12, 200)


TRUTH = np.array(list(SLOPES.values()))


@pytest.mark.parametrize("runs", ["many", "few"])
def test_least_squares_is_biased_down_by_what_theory_says(request, runs):
    plain = request.getfixturevalue(runs).plain
    bias, error = plain.mean(axis=0) - TRUTH, plain.std(axis=0) / np.sqrt(len(plain))
    expected = expected_bias()
    assert expected < -2  # as much as half of the smallest slope
    assert bias == pytest.approx(np.full(4, expected), abs=ERRORS * error.max())


@pytest.mark.parametrize("runs", ["many", "few"])
def test_instrumented_is_on_target(request, runs):
    found = request.getfixturevalue(runs)
    error = found.instrumented.std(axis=0) / np.sqrt(len(found.instrumented))
    assert (np.abs(found.instrumented.mean(axis=0) - TRUTH) < ERRORS * error).all()
    assert (error < 0.1).all()
    assert (found.first_stage > 10).all()


@pytest.mark.parametrize("runs", ["many", "few"])
def test_intervals_cover_the_truth_as_often_as_they_say(request, runs):
    """In all and in each tier; the bounds 0.92 to 0.97 are widened by three Monte Carlo errors of what is counted."""
    found = request.getfixturevalue(runs)
    covered = (found.low < TRUTH) & (found.high > TRUTH)
    for share_inside, count in (
        (covered.mean(), covered.size),
        *((tier, len(covered)) for tier in covered.mean(axis=0)),
    ):
        error = 3 * np.sqrt(0.95 * 0.05 / count)
        assert 0.92 - error <= share_inside <= 0.97 + error


WEAK = {"rows": 200, "runs": 400}


def weak_draw(rng: np.random.Generator, *, strength: float, direct: float = 0.0, count: int = 3):
    """Outcome with slope 1, driver and instruments; errors of both correlated at 0.95."""
    z, u = rng.normal(size=(count, WEAK["rows"])), rng.normal(size=WEAK["rows"])
    x = strength * z.sum(axis=0) + 0.95 * u + np.sqrt(1 - 0.95**2) * rng.normal(size=u.size)
    return x + u + direct * z[0], np.empty((0, u.size)), x[None], z


def test_anderson_rubin_covers_when_instruments_are_weak_and_wald_does_not():
    rng, rows = np.random.default_rng(0), np.arange(WEAK["rows"])
    robust, usual, f = [], [], []
    for _ in range(WEAK["runs"]):
        found = iv.two_stage(*weak_draw(rng, strength=0.05), clusters=rows)
        half = stdtrit(rows.size - 1, 0.975) * np.sqrt(found.covariance[0, 0])
        usual.append(abs(found.params[0] - 1) < half)
        robust.append(found.anderson_rubin().holds(1.0))
        f.append(found.effective_f)
    assert np.median(f) < 5
    assert 0.92 <= np.mean(robust) <= 0.98  # binomial error 0.011
    assert np.mean(usual) < 0.8


@pytest.mark.parametrize("clustered", [True, False])
def test_overidentification_finds_an_instrument_with_an_effect_of_its_own(clustered):
    rng, rows = np.random.default_rng(1), np.arange(WEAK["rows"])
    groups = rows // 4 if clustered else None

    def rejected(direct: float) -> float:
        runs = [
            iv.two_stage(*weak_draw(rng, strength=0.5, direct=direct), clusters=groups).overid.p_value < 0.05
            for _ in range(WEAK["runs"])
        ]
        return float(np.mean(runs))

    assert 0.02 <= rejected(0.0) <= 0.08  # binomial error 0.011
    assert rejected(0.4) > 0.8


def test_endogeneity_is_found_and_not_made_up():
    rng, rows = np.random.default_rng(2), np.arange(WEAK["rows"])
    size, power = [], []
    for _ in range(WEAK["runs"]):
        outcome, none, x, z = weak_draw(rng, strength=0.5)
        power.append(iv.two_stage(outcome, none, x, z, clusters=rows).endogeneity.p_value < 0.05)
        exogenous = x[0] + rng.normal(size=rows.size)
        size.append(iv.two_stage(exogenous, none, x, z, clusters=rows).endogeneity.p_value < 0.05)
    assert 0.02 <= np.mean(size) <= 0.08
    assert np.mean(power) > 0.9


def test_leaving_one_city_out_costs_little_when_lasting_taste_is_not_absorbed():
    # Net of network constants the mean of the others holds -1/(C - 1) of the city's own lasting taste. The bias is
    # minus LEAN x (passing + T x lasting variance) over C (T - 1) x the plan's variance, of the other sign than that of
    # least squares and smaller by about C (T - 1).
    cities, runs = 20, 100
    found = []
    for seed in range(runs):
        panel = drawn(cities, seed)
        panel["elsewhere"] = instruments.elsewhere(panel, DRIVER)
        options = {"by": "tier", "effects": (("platform", "tier"),), "instruments": {DRIVER: ["elsewhere"]}}
        found.append(share.fit(panel, [DRIVER], **options).params.to_numpy())
    bias = np.mean(found, axis=0) - TRUTH
    own = SHOCK**2 * (1 + MONTHS)
    strength = cities * (MONTHS - 1) * PLAN**2 - LEAN**2 * own - NOISE**2
    error = np.std(found, axis=0).max() / np.sqrt(runs)
    assert bias == pytest.approx(np.full(4, -LEAN * own / strength), abs=ERRORS * error)
    assert bias.mean() > 0


def test_one_draw_by_the_share_model_itself():
    panel = drawn(40, 0)
    found = share.fit(
        panel.assign(z=instruments.elsewhere(panel, DRIVER)),
        [DRIVER],
        by="tier",
        effects=(EFFECT,),
        instruments={DRIVER: ["z"]},
    )
    by_hand = simulated(40, 1)
    assert found.params.to_numpy() == pytest.approx(by_hand.instrumented[0], rel=1e-8)
    assert found.conf_int()["low"].to_numpy() == pytest.approx(by_hand.low[0], rel=1e-8)
    assert found.instrumented.endogeneity.p_value < 0.01
    for position, slope in enumerate(TRUTH):
        assert found.instrumented.anderson_rubin(position, held=40, level=0.999).holds(slope)
