"""Nested logit: recovery, laws of its elasticities and diversion, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import share
from analysis.share import nested
from data.grade import Grade
from data.platforms import PLATFORMS

NAMES = ("cainiao", "duoduo", "jd", "hivebox", "home")
NESTS = {"cainiao": "station", "duoduo": "station", "jd": "station", "hivebox": "locker", "home": "door"}
SLOPES = {"Tier 1": 4.0, "Tier 3": 9.0}
DENSITY, RHO = 0.5, 0.4
DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
EXACT = 1e-12  # sums of shares and closed forms
STEP = 1e-6  # of the numerical derivatives, good to 1e-8


def nested_shares(utility: np.ndarray, nest: np.ndarray, rho: float) -> np.ndarray:
    """Shares of the networks of one market."""
    inside = np.exp(utility / (1 - rho))
    total = np.array([inside[nest == n].sum() for n in nest])
    attraction = inside * total**-rho
    return attraction / attraction.sum()


def drawn(*, rho: float = RHO, cities: int = 60, months: int = 4, seed: int = 0) -> pd.DataFrame:
    """Panel drawn from the nested logit; networks are missing in some cities, lockers and the door never."""
    rng = np.random.default_rng(seed)
    rows = []
    for city in range(cities):
        tier = list(SLOPES)[city % 2]
        present = np.array([True, *(rng.random(2) < 0.7), True, True])
        taste = 0.2 * rng.normal(size=5)
        base = rng.uniform(2, 6, 5)
        for month in range(months):
            subsidy = np.where(rng.random(5) < 0.6, rng.uniform(0, 0.15, 5), 0.0)
            density = base + 0.3 * rng.normal(size=5)
            utility = SLOPES[tier] * subsidy + DENSITY * density + taste + 0.1 * rng.normal(size=5)
            nest = np.array([NESTS[n] for n in NAMES])[present]
            shares = nested_shares(utility[present], nest, rho)
            for name, s, x, d in zip(np.array(NAMES)[present], shares, subsidy[present], density[present], strict=True):
                rows.append((city, month, tier, name, 1e6 * s, x, d))
    columns = ["city", "month", "tier", "platform", "parcels", *DRIVERS]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return drawn()


@pytest.fixture(scope="module")
def fitted(panel) -> nested.NestedFit:
    return nested.fit_nested(panel, DRIVERS, by="tier")


def test_truth_is_found(fitted):
    assert fitted.rho_low < RHO < fitted.rho_high
    assert fitted.rho_high - fitted.rho_low < 0.3
    interval = fitted.fit.conf_int(0.99)
    for tier, slope in SLOPES.items():
        low, high = interval.loc[f"{DRIVERS[0]} | {tier}"]
        assert low < slope < high
        low, high = interval.loc[f"{DRIVERS[1]} | {tier}"]
        assert low < DENSITY < high
    assert list(fitted.slopes.index) == list(SLOPES)
    assert fitted.plausible
    assert fitted.grade is Grade.ESTIMATED


def test_intervals_of_rho_cover_and_the_share_itself_as_a_driver_does_not():
    inside, biased = [], []
    for seed in range(50):
        panel = drawn(cities=40, months=2, seed=seed)
        found = nested.fit_nested(panel, DRIVERS, by="tier")
        inside.append(found.rho_low < RHO < found.rho_high)
        within = panel["parcels"] / panel.groupby(["city", "month", panel["platform"].map(NESTS)])["parcels"].transform(
            "sum"
        )
        plain = share.fit(panel.assign(within=np.log(within)), [*DRIVERS, "within"])
        biased.append(plain.params["within"] - RHO)
    assert np.mean(inside) >= 0.88  # binomial error 0.031
    assert np.mean(biased) > 0.05  # a good shock raises the share within the nest


def test_a_market_without_nests_gives_rho_near_zero():
    found = nested.fit_nested(drawn(rho=0.0), DRIVERS, by="tier")
    assert found.rho_low < 0 < found.rho_high
    assert found.plausible


def test_instruments_for_rho_are_the_nest(fitted):
    assert fitted.fit.instrumented.overid.df == 1
    assert fitted.fit.instrumented.effective_f > 10
    assert fitted.fit.drivers[-1] == nested.WITHIN


def test_column_or_mapping_of_nests_are_the_same(panel, fitted):
    column = panel.assign(kind=panel["platform"].map(NESTS))
    for other in (
        nested.fit_nested(column, DRIVERS, by="tier", nests="kind"),
        nested.fit_nested(panel, DRIVERS, by="tier", nests=NESTS),
    ):
        assert other.rho == pytest.approx(fitted.rho, rel=1e-9)
        assert other.nests == fitted.nests == NESTS


def test_order_of_rows_does_not_matter_and_the_panel_is_left_alone(panel, fitted):
    before = panel.copy()
    other = nested.fit_nested(panel.sample(frac=1, random_state=1), DRIVERS, by="tier")
    assert other.rho == pytest.approx(fitted.rho, rel=1e-8)
    pd.testing.assert_frame_equal(panel, before)


def test_own_instruments_replace_the_default(panel):
    own = panel.assign(z=np.random.default_rng(0).normal(size=len(panel)) + panel[DRIVERS[0]])
    found = nested.fit_nested(own, DRIVERS, by="tier", instruments={DRIVERS[0]: ["z"]})
    assert found.fit.instrumented.first_stage.size == 3  # two tiers and rho
    assert found.rho_low < RHO < found.rho_high
    replaced = nested.fit_nested(own.assign(n=nest_size(own)), DRIVERS, instruments={nested.WITHIN: ["n"]})
    assert replaced.fit.instrumented.overid is None


def nest_size(panel: pd.DataFrame) -> pd.Series:
    return panel.groupby(["city", "month", panel["platform"].map(NESTS)])["parcels"].transform("size").astype(float)


def test_every_network_has_a_nest():
    kinds = nested.kinds()
    assert set(kinds) == set(PLATFORMS)
    assert kinds["hivebox"] == "locker"
    assert kinds["home"] == "door"
    assert {kinds[k] for k in ("cainiao", "jd", "rural")} == {"station"}


SHARES = pd.Series([0.35, 0.25, 0.1, 0.12, 0.18], list(NAMES))
LEVEL = pd.Series([0.1, 0.15, 0.05, 0.02, 0.0], list(NAMES))


def utility_of(shares: pd.Series, rho: float) -> np.ndarray:
    nest = shares.index.map(NESTS)
    within = shares / shares.groupby(nest).transform("sum")
    return (np.log(shares) - rho * np.log(within)).to_numpy()


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.8])
def test_elasticities_are_the_numerical_derivatives(rho):
    slope, nest = 6.0, np.array(list(NESTS.values()))
    base = utility_of(SHARES, rho)
    assert nested_shares(base, nest, rho) == pytest.approx(SHARES.to_numpy(), abs=EXACT)
    found = nested.elasticities(SHARES, LEVEL, NESTS, rho=rho, slope=slope)
    for k, name in enumerate(NAMES):
        up, down = (nested_shares(base + side * STEP * np.eye(5)[k], nest, rho) for side in (1, -1))
        derivative = slope * LEVEL[name] * (np.log(up) - np.log(down)) / (2 * STEP)
        assert found[name].to_numpy() == pytest.approx(derivative, abs=1e-7)


def test_without_nests_it_is_the_logit():
    found = nested.elasticities(SHARES, LEVEL, NESTS, rho=0.0, slope=6.0)
    expected = 6 * LEVEL.to_numpy() * (np.eye(5) - SHARES.to_numpy())
    assert found.to_numpy() == pytest.approx(expected, abs=EXACT)
    assert nested.diversion(SHARES, NESTS, rho=0.0).to_numpy() == pytest.approx(
        share.diversion(SHARES).to_numpy(), abs=EXACT
    )


weights = st.lists(st.floats(0.01, 1.0), min_size=5, max_size=5)


@settings(max_examples=60, deadline=None)
@given(weights, st.floats(0.0, 0.98))
def test_laws_of_diversion(values, rho):
    shares = pd.Series(values, list(NAMES)) / sum(values)
    found = nested.diversion(shares, NESTS, rho=rho)
    assert found.sum(axis=1).to_numpy() == pytest.approx(1, abs=EXACT)
    assert (found.to_numpy() >= 0).all()
    assert np.diag(found) == pytest.approx(0, abs=EXACT)
    logit = share.diversion(shares)
    assert found.loc["cainiao", "duoduo"] >= logit.loc["cainiao", "duoduo"] - EXACT
    assert found.loc["cainiao", "home"] <= logit.loc["cainiao", "home"] + EXACT
    # Rivals of one nest lose in proportion to their shares.
    ratio = found.loc["cainiao", "duoduo"] / found.loc["cainiao", "jd"]
    assert ratio == pytest.approx(shares["duoduo"] / shares["jd"], rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(weights, st.floats(0.0, 0.98))
def test_what_one_network_gains_the_others_lose(values, rho):
    shares = pd.Series(values, list(NAMES)) / sum(values)
    found = nested.elasticities(shares, LEVEL, NESTS, rho=rho, slope=6.0)
    assert (shares.to_numpy() @ found.to_numpy()) == pytest.approx(np.zeros(5), abs=1e-9)


def test_with_close_nests_all_goes_to_the_nest():
    found = nested.diversion(SHARES, NESTS, rho=0.999)
    assert found.loc["cainiao", ["duoduo", "jd"]].sum() > 0.99
    assert found.loc["home"].to_numpy() == pytest.approx(share.diversion(SHARES).loc["home"].to_numpy(), abs=EXACT)


def test_methods_use_the_fit(fitted):
    expected = nested.diversion(SHARES, NESTS, rho=fitted.rho)
    pd.testing.assert_frame_equal(fitted.diversion(SHARES), expected)
    slope = fitted.slopes.loc["Tier 3", DRIVERS[0]]
    pd.testing.assert_frame_equal(
        fitted.elasticities(SHARES, LEVEL, DRIVERS[0], within="Tier 3"),
        nested.elasticities(SHARES, LEVEL, NESTS, rho=fitted.rho, slope=slope),
    )


def equivalent(b: float, rho: float, shares: pd.Series) -> float:
    """Own response by numerical derivatives, weighted by share, over that of a logit with coefficient 1."""
    nest, base = shares.index.map(NESTS).to_numpy(), utility_of(shares, rho)
    own = []
    for k in range(len(shares)):
        up, down = (nested_shares(base + side * STEP * b * np.eye(len(shares))[k], nest, rho) for side in (1, -1))
        own.append((np.log(up[k]) - np.log(down[k])) / (2 * STEP))
    return float(shares @ own / (shares @ (1 - shares)))


def test_the_number_beside_a_logit_coefficient_is_the_mean_own_response(fitted):
    cells = pd.DataFrame({"city": 1, "month": 1, "platform": NAMES, "parcels": 1e6 * SHARES.to_numpy()})
    room = nested.rivalry(cells, NESTS)["all"]
    found = fitted.response(DRIVERS[0], rivalry=room)["estimate"]
    for tier, slope in fitted.slopes[DRIVERS[0]].items():
        assert found[tier] == pytest.approx(equivalent(slope, fitted.rho, SHARES), rel=1e-6)
    alone = {name: name for name in NAMES}
    assert nested.rivalry(cells, alone)["all"] == 0  # nests of one: the logit
    assert nested.rivalry(cells, dict.fromkeys(NAMES, "all"))["all"] == pytest.approx(1, rel=EXACT)


def test_rivalry_by_group_is_that_of_its_rows(panel):
    found = nested.rivalry(panel, NESTS, by="tier")
    for tier in SLOPES:
        assert found[tier] == pytest.approx(nested.rivalry(panel[panel["tier"] == tier], NESTS)["all"], rel=EXACT)


@pytest.mark.parametrize("room", [1.0, 0.7])
@pytest.mark.parametrize("by", ["tier", None])
def test_the_interval_of_a_response_is_the_numerical_delta_method(panel, by, room):
    found = nested.fit_nested(panel, DRIVERS, by=by)
    table = found.response(DRIVERS[0], rivalry=room)
    for label in found.slopes.index:
        names = [DRIVERS[0] if by is None else f"{DRIVERS[0]} | {label}", nested.WITHIN]
        point = found.fit.params[names].to_numpy()

        def response(values: np.ndarray) -> float:
            return values[0] * (1 + room * values[1] / (1 - values[1]))

        ends = [[response(point + side * STEP * unit) for side in (1, -1)] for unit in np.eye(2)]
        gradient = np.array([up - down for up, down in ends]) / (2 * STEP)
        variance = gradient @ found.fit.covariance.loc[names, names].to_numpy() @ gradient
        assert table.loc[label, "std_error"] == pytest.approx(np.sqrt(variance), rel=1e-6)
        assert table.loc[label, "estimate"] == pytest.approx(response(point), rel=EXACT)


def test_intervals_of_the_response_cover(panel):
    inside = []
    for seed in range(60):
        drawn_panel = drawn(cities=40, months=2, seed=seed)
        table = nested.fit_nested(drawn_panel, DRIVERS, by="tier").response(DRIVERS[0])
        truth = np.array(list(SLOPES.values())) / (1 - RHO)
        inside.append((table["estimate"] - truth).abs() < 2.1 * table["std_error"])  # t with 19 degrees of freedom
    assert 0.88 <= np.mean(inside) <= 1.0  # of 120: three binomial errors of 0.02 below 95 %


def test_a_rho_outside_its_range_is_refused_not_moved(fitted):
    for rho in (-0.2, 1.1):
        other = replace(fitted, rho=rho)
        with pytest.raises(share.ShareError) as caught:
            other.response(DRIVERS[0])
        assert caught.value.code == "rho_outside"
        with pytest.raises(ValueError, match=r"in \[0, 1\)"):
            other.diversion(SHARES)


def test_refusals(panel):
    with pytest.raises(ValueError, match="jd has no nest"):
        nested.fit_nested(panel, DRIVERS, nests={n: "a" for n in NAMES if n != "jd"})
    with pytest.raises(ValueError, match="no share within a nest"):
        nested.fit_nested(panel.assign(parcels=panel["parcels"].where(panel.index > 0, 0)), DRIVERS)
    every = panel[panel.groupby("city")["platform"].transform("nunique") == 5].drop(columns="log_stations")
    with pytest.raises(ValueError, match="nothing instruments"):
        nested.fit_nested(every, DRIVERS[:1])
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        nested.diversion(SHARES, NESTS, rho=1.0)
    with pytest.raises(ValueError, match="add to 1"):
        nested.diversion(SHARES * 2, NESTS, rho=0.1)
    with pytest.raises(ValueError, match="two networks"):
        nested.diversion(SHARES[:1], NESTS, rho=0.1)
