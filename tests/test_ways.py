"""The share model in other ways: near the truth, on the months said, in one unit, and what they are drawn as."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import robust, share, ways
from analysis.share import nested
from analysis.share.result import critical
from analysis.views import reading, robustness
from data.grade import Grade
from tests.small_panel import SLOPES, draw

EXACT = 1e-9
"""Sums of a few hundred floats."""
SUBSIDY, STATIONS = "subsidy_cny_per_parcel", "log_stations"
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture(scope="module")
def long_panel():
    return draw(cities=24, months=14)


@pytest.fixture(scope="module")
def long_fit(long_panel):
    return share.fit(long_panel, [SUBSIDY, STATIONS], by="tier", effects=(("platform", "tier"), ("platform", "month")))


@pytest.fixture(scope="module")
def compared(long_panel, long_fit):
    return ways.compare(long_panel, long_fit, SUBSIDY)


def test_every_estimator_is_near_the_truth(compared):
    """Ten per cent of log noise a cell, 24 cities: five standard errors of the least exact estimator are 2."""
    assert compared.failures == {"nested": "rho_outside"}  # the truth has no nests: rho is 0, its estimate just below
    assert -0.2 < compared.nesting.rho < 0
    assert compared.nesting.plausible
    table = compared.estimates["estimate"].unstack("way")
    for way in ("log-centred", "poisson", "fractional"):
        np.testing.assert_allclose(table[way].to_numpy(), list(SLOPES.values()), atol=2.0)
    assert set(table) == set(ways.WAYS)


def test_slow_estimators_are_held_against_the_same_months(long_panel, long_fit, compared, look):
    late = long_panel[long_panel["month"] > long_panel["month"].max() - pd.DateOffset(months=12)]
    counts = share.fit(
        late, long_fit.drivers, by="tier", effects=long_fit.effects, constants=False, estimator="poisson"
    )
    plain = share.fit(late, long_fit.drivers, by="tier", effects=long_fit.effects, constants=False)
    for table, fitted in ((compared.estimates, counts), (compared.references, plain)):
        expected = fitted.estimates(SUBSIDY)["estimate"].to_numpy()
        np.testing.assert_allclose(table.loc["poisson", "estimate"], expected, rtol=EXACT)
    assert compared.months == {"poisson": 12, "fractional": 12}
    np.testing.assert_array_equal(compared.references.loc["instrumented"], compared.references.loc["log-centred"])
    view = robustness.estimators(compared, look, driver=SUBSIDY, **SAID)
    assert "12" in view.caption
    short = long_panel[long_panel["month"] < "2026-01-01"]
    whole = ways.compare(short, share.fit(short, long_fit.drivers, by="tier", effects=long_fit.effects), SUBSIDY)
    assert not whole.months
    assert robustness.estimators(whole, look, driver=SUBSIDY, **SAID).caption == "c"


def test_rho_is_said_with_its_interval(compared, look):
    said = robustness.nesting(compared, look)
    for value in (compared.nesting.rho, compared.nesting.low, compared.nesting.high):
        assert reading.minus(value) in said
    odd = replace(compared, nesting=replace(compared.nesting, rho=-0.5, low=-0.7, high=-0.3, plausible=False))
    assert "−0.50" in robustness.nesting(odd, look)
    assert robustness.nesting(odd, look)[:8] != said[:8]
    assert robustness.nesting(replace(compared, nesting=None), look) == ""


def crowded(panel: pd.DataFrame, slope: float) -> tuple[pd.DataFrame, share.ShareFit]:
    """The panel with parcels of a city's stations moved by how dense the other stations are, and its fit."""
    stations = panel["log_stations"].where(panel["platform"] != "home", 0.0)
    rest = stations.groupby([panel["city"], panel["month"]], observed=True).transform("sum") - stations
    moved = panel.assign(parcels=panel["parcels"] * np.exp(slope * rest.where(panel["platform"] != "home", 0.0)))
    effects = (("platform", "tier"), ("platform", "month"))
    return moved, share.fit(moved, [SUBSIDY, STATIONS], by="tier", effects=effects)


def test_the_nested_logit_stands_beside_the_others_in_their_unit(long_panel):
    moved, fit = crowded(long_panel, -0.1)
    found = ways.compare(moved, fit, SUBSIDY)
    nest = nested.fit_nested(moved, fit.drivers, by="tier", effects=(("platform", "tier"), ("platform", "month")))
    assert 0 <= found.nesting.rho < 1
    assert found.nesting == ways.Nesting(nest.rho, nest.rho_low, nest.rho_high, True)
    room = nested.rivalry(moved, nest.nests, by="tier")
    free = fit.freedom(SUBSIDY)
    expected = nest.response(
        SUBSIDY, rivalry=room, factor=pd.Series((1 + 1 / free) * (1 - 1 / fit.clusters), room.index)
    )
    table = found.estimates.loc["nested"]
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=EXACT)
    half = critical(0.95, free) * expected["std_error"]
    np.testing.assert_allclose(table["high"] - table["low"], 2 * half, rtol=EXACT)


def test_a_nested_logit_that_is_none_fails_with_its_reason(long_panel):
    found = ways.compare(*crowded(long_panel, 0.2), SUBSIDY)
    assert found.nesting.rho < 0
    assert not found.nesting.plausible
    assert found.failures["nested"] == "rho_outside"
    assert "nested" not in found.estimates.index.get_level_values("way")


def test_weak_instruments_draw_no_estimate(long_panel, long_fit, compared):
    found = robust.instrumented(long_panel, long_fit, SUBSIDY)
    strong = robust.strong(found, SUBSIDY)
    assert 0 < strong.sum() < len(strong)
    assert set(compared.estimates.loc["instrumented"].index) == set(strong.index[strong])
    few = draw(cities=10, months=14)  # five in a tier: too few for any F to mean something
    alone = share.fit(few, [SUBSIDY, STATIONS], by="tier", effects=tuple(long_fit.effects), constants=False)
    with pytest.raises(share.ShareError) as caught:
        ways.WAYS["instrumented"](few, alone, SUBSIDY)
    assert caught.value.code == "weak"


def test_plot_of_estimators_holds_every_estimate(compared, look):
    view = robustness.estimators(compared, look, driver=SUBSIDY, **SAID)
    dots = [trace for trace in view.figure.data if trace.error_x.array is not None]
    drawn = np.concatenate([trace.x for trace in dots])
    np.testing.assert_allclose(drawn[np.isfinite(drawn)], compared.estimates["estimate"], rtol=EXACT)
    assert len(view.table) == len(compared.estimates)
