"""Laws of the Huff model, brute force, and what its fit recovers."""

import numpy as np
import pandas as pd
import pytest

from analysis.space import huff as model
from analysis.space.huff import neighbours
from data.geo import distance_km
from data.grade import Grade
from tests.made_huff import Catchments, huff, shares

RNG_SEED = 20


def points(count: int, seed: int, *, spread: float = 0.03) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"lat": 30.25 + rng.normal(0, spread, count), "lon": 120.15 + rng.normal(0, spread, count)})


def demand(count: int = 60, seed: int = RNG_SEED) -> pd.DataFrame:
    return points(count, seed).assign(parcels_per_day=np.random.default_rng(seed + 1).gamma(1.0, 100.0, count))


def stations(count: int = 40, seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed + 1)
    names = np.array(["cainiao", "duoduo", "hivebox"])[rng.integers(0, 3, count)]
    return points(count, seed).assign(platform=names, size=rng.uniform(50.0, 700.0, count))


def by_hand(people: pd.DataFrame, places: pd.DataFrame, *, g: float, exponent: float, reach: float, least: float):
    """Probabilities (points, stations) from the formula, one matrix, distances by the haversine."""
    lat, lon = people["lat"].to_numpy()[:, None], people["lon"].to_numpy()[:, None]
    metres = 1e3 * distance_km(lat, lon, places["lat"].to_numpy(), places["lon"].to_numpy())
    weight = places["size"].to_numpy() ** g * np.maximum(metres, least) ** -exponent * (metres <= reach)
    total = weight.sum(axis=1, keepdims=True)
    return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)


def matrix(found: Catchments, count: int) -> np.ndarray:
    """Probabilities as (points, stations)."""
    filled = np.zeros((len(found.demand), count))
    filled[found.neighbours.points, found.neighbours.stations] = found.probability
    return filled


@pytest.mark.parametrize(("g", "exponent", "reach"), [(1.0, 2.0, 3000.0), (0.7, 1.3, 1500.0), (0.0, 0.0, 2500.0)])
@pytest.mark.parametrize("most", [None, 40, 39])
def test_equal_to_brute_force(g, exponent, reach, most):
    people, places = demand(), stations()
    options = {"attraction_exponent": g, "distance_exponent": exponent, "reach_m": reach, "most": most}
    found = huff(people, places, size="size", **options)
    expected = by_hand(people, places, g=g, exponent=exponent, reach=reach, least=50.0)
    np.testing.assert_allclose(matrix(found, 40), expected, atol=1e-9)
    np.testing.assert_allclose(found.parcels_per_day, people["parcels_per_day"] @ expected, rtol=1e-9)
    unserved = people["parcels_per_day"][expected.sum(axis=1) == 0].sum()
    assert found.unserved == pytest.approx(unserved, rel=1e-12)
    assert found.parcels_per_day.sum() + found.unserved == pytest.approx(people["parcels_per_day"].sum(), rel=1e-12)


def test_pairs_as_a_table():
    people, places = demand(), stations()
    found = huff(people, places, size="size", attraction_exponent=0.9)
    table = found.pairs()
    assert table.columns.tolist() == ["point", "station", "distance_m", "probability", "parcels_per_day"]
    np.testing.assert_allclose(
        table.groupby("station")["parcels_per_day"].sum().reindex(range(40), fill_value=0.0), found.parcels_per_day
    )
    one = table.iloc[7]
    metres = distance_km(*people.loc[one["point"], ["lat", "lon"]], *places.loc[one["station"], ["lat", "lon"]]) * 1e3
    assert one["distance_m"] == pytest.approx(float(metres), rel=1e-6)
    assert table["distance_m"].max() <= 3000.0


def test_only_the_nearest_are_weighed_up():
    people, places = demand(), stations()
    near = neighbours(people, places, reach_m=3000.0, most=5)
    lat, lon = people["lat"].to_numpy()[:, None], people["lon"].to_numpy()[:, None]
    metres = 1e3 * distance_km(lat, lon, places["lat"].to_numpy(), places["lon"].to_numpy())
    for i, length in enumerate(metres):
        expected = [j for j in np.argsort(length)[:5] if length[j] <= 3000.0]
        assert near.stations[near.starts[i] : near.starts[i + 1]].tolist() == expected
        assert near.radius_m[i] == pytest.approx(length[expected[-1]] if len(expected) == 5 else 3000.0, rel=1e-9)


def test_probabilities_add_to_one_where_served():
    found = huff(demand(), stations(), size="size")
    sums = np.bincount(found.neighbours.points, found.probability, minlength=60)
    np.testing.assert_allclose(sums[found.served], 1.0, atol=1e-14)
    assert not sums[~found.served].any()
    assert 0 < (~found.served).sum() < 60


def test_units_of_size_and_distance_change_nothing():
    sizes, metres = np.array([100.0, 60.0, 300.0]), np.array([[250.0, 900.0, 1400.0], [700.0, 80.0, 600.0]])
    first = shares(sizes, metres, attraction_exponent=0.8, distance_exponent=1.6)
    other = shares(sizes * 84, metres / 1000, attraction_exponent=0.8, distance_exponent=1.6)
    np.testing.assert_allclose(first, other, rtol=1e-13)
    people, places = demand(), stations()
    scaled = huff(people, places.assign(size=places["size"] * 84), size="size", attraction_exponent=0.8)
    plain = huff(people, places, size="size", attraction_exponent=0.8)
    np.testing.assert_allclose(scaled.parcels_per_day, plain.parcels_per_day, rtol=1e-12)


def test_a_station_out_of_reach_changes_nothing():
    people, places = demand(), stations()
    far = pd.DataFrame({"lat": [31.5], "lon": [121.4], "platform": ["jd"], "size": [1e6]})
    found = huff(people, pd.concat([places, far], ignore_index=True), size="size")
    np.testing.assert_array_equal(found.parcels_per_day[:-1], huff(people, places, size="size").parcels_per_day)
    assert found.parcels_per_day[-1] == 0


def test_another_station_raises_nobody_and_leaves_the_rest_in_proportion():
    people, places = demand(), stations()
    more = pd.DataFrame({"lat": [30.25], "lon": [120.15], "platform": ["jd"], "size": [400.0]})
    before = huff(people, places, size="size", most=None)
    after = huff(people, pd.concat([places, more], ignore_index=True), size="size", most=None)
    assert (after.parcels_per_day[:-1] <= before.parcels_per_day * (1 + 1e-12)).all()
    assert (after.parcels_per_day[:-1] < before.parcels_per_day * 0.99).any()
    first, second = matrix(before, 40), matrix(after, 41)[:, :-1]
    kept = first > 0
    ratio = np.where(kept, second / np.where(kept, first, 1.0), np.nan)
    spread = np.nanmax(ratio, axis=1, initial=0.0) - np.nanmin(ratio, axis=1, initial=2.0)
    np.testing.assert_allclose(spread[kept.any(axis=1)], 0.0, atol=1e-12)  # independence of irrelevant alternatives


@pytest.mark.parametrize("most", [None, 6])
def test_the_order_of_rows_changes_nothing(most):
    people, places = demand(), stations()
    shuffled, moved = people.sample(frac=1, random_state=3), places.sample(frac=1, random_state=4)
    found = huff(shuffled, moved, size="size", most=most)
    expected = huff(people, places, size="size", most=most)
    np.testing.assert_allclose(
        pd.Series(found.parcels_per_day, moved.index).sort_index(), expected.parcels_per_day, rtol=1e-12
    )


def test_a_demand_point_in_two_halves_changes_nothing():
    people, places = demand(), stations()
    halves = pd.concat([people, people]).assign(parcels_per_day=lambda frame: frame["parcels_per_day"] / 2)
    found, expected = huff(halves, places, size="size"), huff(people, places, size="size")
    np.testing.assert_allclose(found.parcels_per_day, expected.parcels_per_day, rtol=1e-12)


def test_a_brand_multiplies_what_its_stations_draw():
    people, places = demand(), stations()
    found = huff(people, places, size="size", brand={"duoduo": 3.0})
    sizes = np.where(places["platform"] == "duoduo", 3.0, 1.0) * places["size"]
    np.testing.assert_allclose(found.parcels_per_day, huff(people, places, size=sizes).parcels_per_day, rtol=1e-12)


def test_a_station_on_top_of_a_point_does_not_take_all():
    people = pd.DataFrame({"lat": [30.0], "lon": [120.0], "parcels_per_day": [100.0]})
    places = pd.DataFrame({"lat": [30.0, 30.0], "lon": [120.0, 120.0 + 1 / 1112]})  # 0 and about 87 m away
    found = huff(people, places, size=[1.0, 1.0], least_m=100.0)
    np.testing.assert_allclose(found.parcels_per_day, 50.0)


def test_grade_and_exponents_are_stated():
    assert huff(demand(), stations(), size="size").grade == Grade.ASSUMED
    fitted = huff(demand(), stations(), size="size", distance_exponent=1.4, grade=Grade.ESTIMATED)
    assert (fitted.grade, fitted.distance_exponent) == (Grade.ESTIMATED, 1.4)
    for item in model.ASSUMED.values():
        assert item.low <= item.value <= item.high
        assert item.grade == Grade.ASSUMED


def test_nobody_and_nothing():
    nowhere = huff(demand(), stations().iloc[:0], size="size")
    assert nowhere.unserved == pytest.approx(demand()["parcels_per_day"].sum())
    assert huff(demand().iloc[:0], stations(), size="size").parcels_per_day.tolist() == [0.0] * 40
    empty = huff(demand(), stations().assign(size=0.0), size="size")
    assert not empty.served.any()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"distance_exponent": -1.0}, "exponents"),
        ({"attraction_exponent": np.inf}, "exponents"),
        ({"least_m": 0.0}, "least_m"),
        ({"reach_m": -5.0}, "reach_m"),
        ({"most": 0}, "most"),
        ({"size": [1.0, 2.0]}, "give one each"),
        ({"size": [-1.0] * 40}, "negative"),
        ({"brand": {"jd": 1.0, "cainiao": np.nan}}, "brand"),
    ],
)
def test_wrong_numbers_are_refused(change, text):
    with pytest.raises(ValueError, match=text):
        huff(demand(), stations(), **({"size": "size"} | change))
