"""Distances of trees against every pair by the great-circle formula, and what they do at their edges."""

import numpy as np
import pytest

from analysis.space.nearest import count_within, nearest_m, pairs_within
from data.geo import EARTH_KM, distance_km

CHINA = (18.0, 53.0, 74.0, 134.0)


def points(seed, n, box=CHINA):
    rng = np.random.default_rng(seed)
    south, north, west, east = box
    return rng.uniform(south, north, n), rng.uniform(west, east, n)


def every_pair_m(lat, lon, to_lat, to_lon):
    return distance_km(lat[:, None], lon[:, None], to_lat[None], to_lon[None]) * 1000


@pytest.mark.parametrize("box", [CHINA, (31.0, 31.2, 121.3, 121.6), (-90.0, 90.0, -180.0, 180.0)])
def test_nearest_is_that_of_every_pair(box):
    here, there = points(1, 300, box), points(2, 400, box)
    brute = every_pair_m(*here, *there).min(axis=1)
    np.testing.assert_allclose(nearest_m(*here, *there), brute, rtol=1e-6, atol=1e-6)


def test_nearest_within_a_bound_is_that_of_every_pair():
    here, there = points(3, 500, (31.0, 31.3, 121.2, 121.6)), points(4, 200, (31.0, 31.3, 121.2, 121.6))
    brute = every_pair_m(*here, *there).min(axis=1)
    found = nearest_m(*here, *there, within_m=1000)
    assert 50 < np.isfinite(found).sum() < 450
    np.testing.assert_array_equal(np.isfinite(found), brute <= 1000)
    np.testing.assert_allclose(found[brute <= 1000], brute[brute <= 1000], rtol=1e-6)


def test_a_quarter_of_a_meridian():
    """From the equator to the pole is a quarter of the great circle."""
    quarter = np.pi / 2 * EARTH_KM * 1000
    assert nearest_m([0.0], [120.0], [90.0], [0.0])[0] == pytest.approx(quarter, rel=1e-12)
    assert nearest_m([0.0], [0.0], [0.0], [180.0])[0] == pytest.approx(2 * quarter, rel=1e-7)


def test_the_same_place_is_no_distance_away_and_within_any_bound():
    lat, lon = points(5, 20)
    assert nearest_m(lat, lon, lat, lon).max() < 1e-6
    assert np.isfinite(nearest_m(lat, lon, lat, lon, within_m=1e-3)).all()


def test_without_others_everything_is_infinitely_far():
    lat, lon = points(6, 3)
    assert nearest_m(lat, lon, [], []).tolist() == [np.inf] * 3
    assert count_within(lat, lon, [], [], within_m=1e6).tolist() == [0, 0, 0]
    assert nearest_m([], [], lat, lon).shape == (0,)
    assert [part.shape for part in pairs_within(lat, lon, [], [], within_m=1e6)] == [(0,)] * 3


def test_order_changes_nothing():
    here, there = points(7, 100), points(8, 100)
    order = np.random.default_rng(0).permutation(100)
    turned = nearest_m(here[0][order], here[1][order], there[0][order[::-1]], there[1][order[::-1]])
    np.testing.assert_array_equal(turned, nearest_m(*here, *there)[order])


@pytest.mark.parametrize("within_m", [300, 1000, 3000])
def test_counts_and_pairs_are_those_of_every_pair(within_m):
    here, there = points(9, 150, (31.0, 31.1, 121.3, 121.4)), points(10, 250, (31.0, 31.1, 121.3, 121.4))
    brute = every_pair_m(*here, *there)
    np.testing.assert_array_equal(count_within(*here, *there, within_m=within_m), (brute <= within_m).sum(axis=1))
    rows, others, metres = pairs_within(*here, *there, within_m=within_m)
    assert set(zip(rows.tolist(), others.tolist(), strict=True)) == set(
        zip(*map(list, np.nonzero(brute <= within_m)), strict=True)
    )
    np.testing.assert_allclose(metres, brute[rows, others], rtol=1e-6, atol=1e-6)
