"""How far a fit of the exponents can be trusted: separation, few origins, small counts, flows left aside."""

import numpy as np
import pandas as pd
import pytest

from analysis.space.choice_sets import choice_sets, left_out
from analysis.space.huff_fit import ATTRACTION, DISTANCE, HuffError, fit_huff
from tests.made_huff import shares

TRUTH = pd.Series({ATTRACTION: 0.8, DISTANCE: 1.7})
ROUGH = 0.93
"""What intervals of 95 % have to cover in 300 draws: two standard errors of such a count less."""


def table(sizes, metres, parcels):
    """One row a pair; sizes (origins, stations) or (stations,)."""
    origins, stations = metres.shape
    pairs = {"origin": np.repeat(np.arange(origins), stations), "station_id": np.tile(np.arange(stations), origins)}
    numbers = {"size": np.broadcast_to(sizes, metres.shape), "distance_m": metres, "parcels": parcels}
    return pd.DataFrame(pairs | {name: np.asarray(column, float).ravel() for name, column in numbers.items()})


def counted(rng, *, origins, stations=8, parcels=40):
    sizes, metres = rng.uniform(50, 700, stations), rng.uniform(100, 3000, (origins, stations))
    return table(sizes, metres, [rng.multinomial(parcels, row) for row in shares(sizes, metres, **TRUTH)])


def separated(rng, parcels=5.0):
    """Five origins whose nearest of three stations takes all."""
    metres = 100.0 * (1 + np.arange(3)) * (1 + np.arange(5)[:, None] / 9)
    return table(rng.integers(1, 5, (5, 3)), metres, parcels * np.eye(3)[[0] * 5])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("parcels", [1e-3, 5.0, 1e6])
def test_nearest_takes_all(seed, parcels):
    with pytest.raises(HuffError) as error:
        fit_huff(separated(np.random.default_rng(seed), parcels))
    assert error.value.code == "no_top"


def test_largest_takes_all_while_distance_varies():
    """Separated by size alone, at every origin but those with equal sizes: no exponent of size is large enough."""
    rng = np.random.default_rng(2)
    metres, sizes = rng.uniform(100, 3000, (30, 2)), np.array([[100.0, 300.0]] * 10 + [[200.0, 200.0]] * 20)
    near = shares([1.0, 1.0], metres, distance_exponent=1.7)
    parcels = np.where(sizes[:, :1] < sizes[:, 1:], [0.0, 20.0], np.round(20 * near))
    with pytest.raises(HuffError, match="large enough"):
        fit_huff(table(sizes, metres, parcels))


def test_one_parcel_elsewhere_gives_an_exponent_that_is_told_to_be_out_of_range():
    pairs = separated(np.random.default_rng(0))
    pairs.loc[pairs["origin"] == 0, "parcels"] = [4.0, 1.0, 0.0]
    fit = fit_huff(pairs)
    assert fit.params[DISTANCE] > 4
    assert DISTANCE in fit.beyond
    assert fit_huff(counted(np.random.default_rng(1), origins=40)).beyond == ()


@pytest.mark.parametrize("origins", [4, 10])
def test_intervals_hold_with_few_origins(origins):
    found = (fit_huff(counted(np.random.default_rng(seed), origins=origins)).conf_int() for seed in range(300))
    inside = [((ends["low"] <= TRUTH) & (ends["high"] >= TRUTH)).to_numpy() for ends in found]
    assert (np.mean(inside, axis=0) >= ROUGH).all()


def test_the_correction_fades_with_origins():
    """Over the plain sandwich, errors by the likelihood are larger with few origins and alike with many."""
    gaps = []
    for origins in (5, 400):
        flows = counted(np.random.default_rng(3), origins=origins)
        fit = fit_huff(flows)
        total = flows.groupby("origin")["parcels"].transform("sum")
        drivers = np.stack([np.log(flows["size"]), -np.log(flows["distance_m"])])
        expected = fit.predicted["predicted_share"].to_numpy() * total.to_numpy()
        sums = np.stack([np.bincount(flows["origin"], row * expected) for row in drivers])
        around = drivers - (sums / np.bincount(flows["origin"], expected))[:, flows["origin"]]
        bread = np.linalg.inv((around * expected) @ around.T)
        left = flows["parcels"].to_numpy() - expected
        scores = np.stack([np.bincount(flows["origin"], row) for row in around * left])
        plain = np.sqrt(np.diag(bread @ scores @ scores.T @ bread))
        gaps.append(float((fit.std_errors.to_numpy() / plain).min()))
    assert gaps[0] > 1.1
    assert gaps[1] == pytest.approx(1.0, abs=0.01)


def test_likelihood_is_taken_whether_or_not_a_flow_is_zero():
    many, few = (counted(np.random.default_rng(4), origins=30, parcels=parcels) for parcels in (100_000, 40))
    assert (many["parcels"] > 0).all()
    assert not (few["parcels"] > 0).all()
    assert (fit_huff(many).method, fit_huff(few).method) == ("likelihood", "likelihood")


def test_log_centring_of_small_counts_leans_and_the_likelihood_does_not():
    """Draws without a zero: the logarithm of a small count is below that of its mean."""
    found = {"likelihood": [], "log_centred": []}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sizes, metres = rng.uniform(50, 700, 15), rng.uniform(400, 2800, (40, 15))
        parcels = [rng.multinomial(1000, row) for row in shares(sizes, metres, **TRUTH)]
        flows = table(sizes, metres, parcels)
        if (flows["parcels"] > 0).all():
            for method, estimates in found.items():
                fit = fit_huff(flows, method=method)
                estimates.append((fit.params[DISTANCE] - TRUTH[DISTANCE]) / fit.std_errors[DISTANCE])
    assert len(found["likelihood"]) > 20
    assert abs(np.mean(found["likelihood"])) < 0.5
    assert np.mean(found["log_centred"]) > 0.5


def places(station_lat, formats):
    """Two origins 1.1 km apart, all sending to each station."""
    stations = pd.DataFrame({"station_id": range(len(formats)), "station_lat": station_lat, "format": formats})
    origins = pd.DataFrame({"origin": ["A", "B"], "lat": [30.0, 30.01], "lon": 120.0})
    return origins.merge(stations, how="cross").assign(station_lon=120.0, platform="", parcels=10.0)


def test_parcels_left_aside_by_reason():
    flows = places([30.002, 30.005, 30.2, 30.004], ["station", "agent", "station", ""])
    pairs = choice_sets(flows)
    kept = float(pairs["parcels"].sum())
    assert kept == 40.0
    aside = left_out(flows, pairs, kept)
    assert aside == {"nowhere": 0.0, "unknown": 0.25, "far": 0.25, "alone": 0.0}
    more = left_out(flows, pairs, kept - 8, total=100.0)
    assert more == pytest.approx({"nowhere": 0.2, "unknown": 0.2, "far": 0.2, "alone": 0.08})
    assert left_out(flows.assign(format=""), choice_sets(flows.assign(format="")), 60.0)["unknown"] == 0.0


def test_a_longer_reach_leaves_less_aside():
    flows = places([30.002, 30.005, 30.03], ["station", "agent", "station"])
    far = [left_out(flows, choice_sets(flows, reach_m=reach), 0.0)["far"] for reach in (500.0, 3000.0, 5000.0)]
    assert far == sorted(far, reverse=True)
    assert far[-1] == 0.0


def test_flow_of_a_fit_is_that_of_origins_with_a_choice():
    flows = counted(np.random.default_rng(5), origins=20)
    alone = pd.DataFrame({"origin": [99], "station_id": [0], "size": [1.0], "distance_m": [5.0], "parcels": [7.0]})
    assert fit_huff(pd.concat([flows, alone])).flow == 20 * 40
