"""Cached fits of the pages: which share model data with few cities get."""

from dataclasses import replace

import pytest

from analysis import share
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import demo
from pages.ui import fits
from tests.small_panel import draw

LOOK = Look("en", Theme("light"))


@pytest.fixture(scope="module")
def panel():
    """Two cities of Tier 1 and twelve of Tier 3."""
    rows = draw(cities=24, months=8)
    few = rows["city"].isin(["000000", "000002"])
    return rows[few | (rows["tier"] == "Tier 3")].assign(open_parcels=lambda p: p["parcels"])


def fitted(panel, version: str):
    return fits.share_fit(replace(demo.load(), panel=panel, version=version), LOOK)


def test_tiers_with_two_cities_have_coefficients_of_their_own(panel):
    found = fitted(panel, "two")
    assert found.by == "tier"
    assert found.freedom(fits.DRIVERS[0]).tolist() == [1, 11]


def test_a_tier_that_loses_its_second_city_shares_its_coefficient(panel):
    """A city without any parcels has no markets to fit: it counts for none of the two that a tier needs."""
    empty = panel["city"] == "000002"
    rows = panel.assign(open_parcels=panel["open_parcels"].mask(empty, 0.0))
    with pytest.raises(share.ShareError) as caught:
        share.fit(rows, fits.DRIVERS, volume="open_parcels", by="tier", effects=fits.EFFECTS, estimator="poisson")
    assert caught.value.code == "few_clusters"
    found = fitted(rows, "one")
    assert found.by is None
    assert found.estimator == "poisson"
    assert found.clusters == 13


def test_one_city_gets_its_reason(panel):
    assert fitted(panel[panel["city"] == "000000"], "alone") == "few_clusters"
    flat = panel.assign(**dict.fromkeys(fits.DRIVERS, 0.5))
    assert fitted(flat, "flat") == "no_drivers"
