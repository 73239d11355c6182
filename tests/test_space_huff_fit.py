"""The fit of the exponents: against other libraries, on simulated truth, and on flows that tell nothing."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.space.catchment import Model
from analysis.space.choice_sets import choice_sets
from analysis.space.huff_fit import ATTRACTION, DISTANCE, HuffError, fit_huff
from data.geo import distance_km
from data.grade import Grade
from tests.made_huff import shares

TRUTH = {"attraction_exponent": 0.8, "distance_exponent": 1.7}
LOW, HIGH = 0.92, 0.98
"""Bounds of the coverage of intervals of 95 % in 400 draws, two standard errors of such a count and more."""


def laid_out(rng: np.random.Generator, origins: int = 60, stations: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (stations,) and distances (origins, stations) in metres."""
    return rng.uniform(50, 700, stations), rng.uniform(100, 3000, (origins, stations))


def table(sizes: np.ndarray, metres: np.ndarray, parcels: np.ndarray) -> pd.DataFrame:
    """One row a pair."""
    origins, stations = metres.shape
    return pd.DataFrame(
        {
            "origin": np.repeat(np.arange(origins), stations),
            "station_id": np.tile(np.arange(stations), origins),
            "size": np.tile(sizes, origins),
            "distance_m": metres.ravel(),
            "parcels": parcels.ravel(),
        }
    )


def drawn(rng: np.random.Generator, noise: float) -> pd.DataFrame:
    """Flows with log-normal noise that an origin's pairs share in part."""
    sizes, metres = laid_out(rng)
    weight = sizes ** TRUTH["attraction_exponent"] * metres ** -TRUTH["distance_exponent"]
    weight *= np.exp(rng.normal(0, noise, metres.shape))
    return table(sizes, metres, 1000 * weight / weight.sum(axis=1, keepdims=True))


def chosen(rng: np.random.Generator, parcels: int) -> pd.DataFrame:
    """Flows of `parcels` choices at every origin, zeros among them."""
    sizes, metres = laid_out(rng)
    probability = shares(sizes, metres, **TRUTH)
    return table(sizes, metres, np.stack([rng.multinomial(parcels, row) for row in probability]).astype(float))


def test_exact_flows_give_the_exponents_back():
    flows = drawn(np.random.default_rng(1), 0.0)
    for method in ("log_centred", "likelihood"):
        fit = fit_huff(flows, method=method)
        assert fit.params[ATTRACTION] == pytest.approx(0.8, abs=1e-8)
        assert fit.params[DISTANCE] == pytest.approx(1.7, abs=1e-8)
        assert fit.explained == pytest.approx(1.0, abs=1e-12)
        np.testing.assert_allclose(fit.predicted["predicted"], fit.predicted["flow"], rtol=1e-6)


def test_log_centring_is_least_squares_with_an_effect_for_every_origin():
    flows = drawn(np.random.default_rng(2), 0.5)
    dummies = pd.get_dummies(flows["origin"], dtype=float)
    drivers = pd.DataFrame({"size": np.log(flows["size"]), "distance": -np.log(flows["distance_m"])})
    other = sm.OLS(np.log(flows["parcels"]), pd.concat([drivers, dummies], axis=1)).fit()
    classical = fit_huff(flows, method="log_centred", errors="classical")
    np.testing.assert_allclose(classical.params, other.params.iloc[:2], rtol=1e-9)
    np.testing.assert_allclose(classical.std_errors, other.bse.iloc[:2], rtol=1e-7)
    clustered = fit_huff(flows, method="log_centred")
    centred = (
        pd.concat([drivers, np.log(flows["parcels"])], axis=1)
        .groupby(flows["origin"])
        .transform(lambda column: column - column.mean())
    )
    groups = {"groups": flows["origin"]}
    same = sm.OLS(centred["parcels"], centred[["size", "distance"]]).fit(cov_type="cluster", cov_kwds=groups)
    np.testing.assert_allclose(clustered.std_errors, same.bse, rtol=1e-9)
    assert clustered.r_squared == pytest.approx(same.rsquared, rel=1e-9)


def test_the_likelihood_is_poisson_regression_with_an_effect_for_every_origin():
    flows = chosen(np.random.default_rng(3), 25)
    drivers = pd.DataFrame({"size": np.log(flows["size"]), "distance": -np.log(flows["distance_m"])})
    design = pd.concat([drivers, pd.get_dummies(flows["origin"], dtype=float)], axis=1)
    other = sm.GLM(flows["parcels"], design, family=sm.families.Poisson()).fit(tol=1e-12)
    fit = fit_huff(flows, errors="classical")
    assert (fit.method, fit.zeros) == ("likelihood", "kept")
    assert fit.without_flow == (flows["parcels"] == 0).sum() > 0
    np.testing.assert_allclose(fit.params, other.params.iloc[:2], rtol=1e-7)
    np.testing.assert_allclose(fit.std_errors, other.bse.iloc[:2], rtol=1e-5)


@pytest.mark.parametrize("kind", ["log_centred", "likelihood"])
def test_intervals_cover_the_truth(kind):
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        flows = drawn(rng, 0.6) if kind == "log_centred" else chosen(rng, 40)
        ends = fit_huff(flows, method=kind).conf_int()
        inside.append([low <= TRUTH[name] <= high for name, (low, high) in zip(TRUTH, ends.to_numpy(), strict=True)])
    covered = np.mean(inside, axis=0)
    assert ((covered > LOW) & (covered < HIGH)).all(), covered


def test_dropping_pairs_without_flow_makes_distance_look_harmless():
    rng = np.random.default_rng(6)
    rough = [fit_huff(chosen(rng, 15), method="log_centred").params[DISTANCE] for _ in range(20)]
    kept = [fit_huff(chosen(rng, 15)).params[DISTANCE] for _ in range(20)]
    assert np.mean(rough) < 1.3
    assert np.mean(kept) == pytest.approx(1.7, abs=0.05)
    fit = fit_huff(chosen(rng, 15), method="log_centred", zeros="add", added=0.5)
    assert fit.zeros == "added"


def test_units_change_nothing_and_rows_may_be_in_any_order():
    flows = drawn(np.random.default_rng(7), 0.4)
    fit = fit_huff(flows)
    other = flows.assign(parcels=flows["parcels"] * 30, size=flows["size"] / 84, distance_m=flows["distance_m"] / 1000)
    again = fit_huff(other.sample(frac=1, random_state=1))
    np.testing.assert_allclose(again.params, fit.params, rtol=1e-10)
    np.testing.assert_allclose(again.std_errors, fit.std_errors, rtol=1e-10)


def test_networks_of_unlike_brands():
    rng = np.random.default_rng(8)
    sizes, metres = laid_out(rng)
    strong = np.arange(8) % 2 == 0
    weight = sizes**0.8 * metres**-1.7 * np.where(strong, 4.0, 1.0)
    flows = table(sizes, metres, weight).assign(network=np.tile(np.where(strong, "b", "a"), 60))
    fit = fit_huff(flows, network="network")
    np.testing.assert_allclose(fit.params, [0.8, 1.7, np.log(4)], atol=1e-8)
    assert fit.params.index.tolist() == [ATTRACTION, DISTANCE, "b"]


def test_a_network_that_carries_nothing_is_left_out():
    flows = chosen(np.random.default_rng(14), 60)
    named = flows.assign(network=np.where(flows["station_id"] == 3, "c", np.where(flows["station_id"] < 3, "a", "b")))
    fit = fit_huff(named.assign(parcels=named["parcels"].where(named["network"] != "c", 0.0)), network="network")
    assert fit.params.index.tolist() == [ATTRACTION, DISTANCE, "b"]
    assert fit.pairs == 60 * 7
    assert fit.params[DISTANCE] == pytest.approx(1.7, abs=0.1)


def test_sizes_that_the_network_decides_are_part_of_its_brand():
    rng = np.random.default_rng(13)
    _, metres = laid_out(rng)
    large = np.arange(8) % 2 == 0
    sizes = np.where(large, 600.0, 60.0)
    flows = table(sizes, metres, sizes**0.8 * metres**-1.7)
    fit = fit_huff(flows.assign(network=np.tile(np.where(large, "b", "a"), 60)), network="network")
    assert fit.not_identified == (ATTRACTION,)
    assert fit.params[DISTANCE] == pytest.approx(1.7, abs=1e-8)
    assert fit.params["b"] == pytest.approx(0.8 * np.log(10), abs=1e-8)


def test_alike_sizes_leave_their_exponent_open():
    flows = drawn(np.random.default_rng(9), 0.2).assign(size=600.0)
    fit = fit_huff(flows)
    assert fit.not_identified == (ATTRACTION,)
    assert np.isnan(fit.params[ATTRACTION])
    assert np.isnan(fit.std_errors[ATTRACTION])
    model = fit.model(Model(attraction_exponent=0.9))
    assert (model.attraction_exponent, model.grade) == (0.9, Grade.ASSUMED)
    assert model.distance_exponent == pytest.approx(fit.params[DISTANCE])
    whole = fit_huff(drawn(np.random.default_rng(9), 0.2)).model()
    assert whole.grade == Grade.ESTIMATED


def test_an_exponent_of_the_wrong_sign_is_said():
    rng = np.random.default_rng(12)
    sizes, metres = laid_out(rng)
    fit = fit_huff(table(sizes, metres, sizes**-0.5 * metres**-1.2))
    assert fit.wrong_signed == (ATTRACTION,)
    assert fit.params[ATTRACTION] == pytest.approx(-0.5, abs=1e-8)
    assert fit.model().attraction_exponent == 0
    assert fit.model().grade == Grade.ASSUMED
    assert fit.beyond == ()
    assert fit_huff(table(sizes, metres, sizes**0.5 * metres**-1.2)).wrong_signed == ()


def alike(flows: pd.DataFrame) -> pd.DataFrame:
    return flows.assign(size=600.0, distance_m=500.0)


REFUSED = {
    "not_identified": alike,
    "few_origins": lambda flows: flows[flows["origin"] == 0],
    "bad_value": lambda flows: flows.assign(distance_m=0.0),
    "few_pairs": lambda flows: flows[(flows["origin"] < 2) & (flows["station_id"] < 2)],
}


@pytest.mark.parametrize("code", REFUSED)
def test_flows_that_tell_nothing(code):
    with pytest.raises(HuffError) as error:
        fit_huff(REFUSED[code](drawn(np.random.default_rng(10), 0.2)))
    assert error.value.code == code


def test_more_that_is_refused():
    flows = drawn(np.random.default_rng(10), 0.2)
    with pytest.raises(HuffError, match="together"):
        fit_huff(flows.assign(size=flows["distance_m"]))
    with pytest.raises(HuffError, match="twice"):
        fit_huff(pd.concat([flows, flows]))
    with pytest.raises(ValueError, match="no way to fit"):
        fit_huff(flows, method="guess")
    nearest = flows.groupby("origin")["distance_m"].transform("min") == flows["distance_m"]
    with pytest.raises(HuffError, match="every parcel"):
        fit_huff(flows.assign(parcels=np.where(nearest, 5.0, 0.0)))


def test_few_origins_have_wider_intervals():
    flows = drawn(np.random.default_rng(11), 0.4)
    few = fit_huff(flows[flows["origin"] < 10])
    half = (few.conf_int()["high"] - few.params) / few.std_errors
    np.testing.assert_allclose(half, 2.2621571628, rtol=1e-9)  # Student's t with 9 degrees of freedom


def test_choices_of_a_file():
    flows = pd.DataFrame(
        {
            "origin": ["A", "A", "B"],
            "lat": [30.0, 30.0, 30.01],
            "lon": [120.0, 120.0, 120.0],
            "station_id": ["s", "t", "t"],
            "station_lat": [30.002, 30.009, 30.009],
            "station_lon": [120.0, 120.0, 120.0],
            "platform": ["cainiao", "hivebox", "hivebox"],
            "format": ["station", "locker", "locker"],
            "parcels": [30.0, 10.0, 8.0],
        }
    )
    found = choice_sets(flows, by_format={"station": 600.0, "locker": 60.0}, reach_m=1500.0, least_m=150.0)
    assert found[["origin", "station_id", "parcels"]].to_numpy().tolist() == [
        ["A", "s", 30.0],
        ["A", "t", 10.0],
        ["B", "t", 8.0],
        ["B", "s", 0.0],
    ]
    assert found["size"].tolist() == [600.0, 60.0, 60.0, 600.0]
    metres = 1e3 * distance_km(*np.array([[30.0, 30.0, 30.01], [120.0] * 3, [30.002, 30.009, 30.002], [120.0] * 3]))
    np.testing.assert_allclose(found["distance_m"], [metres[0], metres[1], 150.0, metres[2]], rtol=1e-9)
    assert choice_sets(flows, reach_m=500.0)["station_id"].tolist() == ["s", "t"]
    unknown = choice_sets(flows.assign(format=""))
    assert (unknown["size"] == 1).all()
