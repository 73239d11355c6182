"""The share model, run on the illustrative market, finds the parameters that the market was drawn from."""

import numpy as np
import pandas as pd
import pytest

from analysis import share
from data import demo
from data.cities import TIERS

LEVEL = 0.95
MISSES = 2
"""Of twelve intervals at 95 %; Tier 1 has four cities, too few clusters for its nominal coverage."""
FAR = 4.0
"""Standard errors that no estimate may be off by."""
NEAR = {"subsidy_cny_per_parcel": 0.20, "log_stations": 0.10}
"""Relative error of every estimate: what taste (0.2) and shocks (0.1) leave in four cities."""


@pytest.fixture(scope="module")
def fitted():
    panel = demo.load().panel
    effects = (("platform", "tier"), ("platform", "month"))
    drivers = ["subsidy_cny_per_parcel", "log_stations"]
    return share.fit(panel, drivers, volume="open_parcels", by="tier", effects=effects)


@pytest.fixture(scope="module")
def compared(fitted):
    truth = {"subsidy_cny_per_parcel": demo.TRUE.subsidy, "log_stations": demo.TRUE.density}
    keys = pd.MultiIndex.from_product([TIERS, truth], names=fitted.params.index.names)
    true = pd.Series([truth[driver][tier] for tier, driver in keys], keys)
    table = pd.DataFrame({"true": true, "estimate": fitted.params, "se": fitted.std_errors})
    return table.join(fitted.conf_int(LEVEL)).loc[keys]


def test_nearly_every_interval_holds_its_truth(compared):
    inside = compared["true"].between(compared["low"], compared["high"])
    assert (~inside).sum() <= MISSES, compared


def test_no_estimate_is_far_off(compared):
    error = compared["estimate"] - compared["true"]
    assert (error.abs() < FAR * compared["se"]).all()
    allowed = compared["true"] * np.array([NEAR[driver] for _, driver in compared.index])
    assert (error.abs() < allowed).all()


def test_effects_rise_from_large_cities_to_small(compared):
    for driver in NEAR:
        estimates = compared.xs(driver, level=1)["estimate"]
        assert estimates.is_monotonic_increasing
