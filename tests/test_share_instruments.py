"""Instruments made from a panel: means elsewhere, sums over rivals; what few cities in one tier may not decide."""

import numpy as np
import pandas as pd
import pytest

from analysis import share
from analysis.share import instruments, iv
from tests.small_panel import draw


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw(cities=6, months=3, seed=3)


def test_elsewhere_is_the_mean_of_the_others(panel):
    found = instruments.elsewhere(panel, "subsidy_cny_per_parcel")
    keys = ["platform", "tier", "month"]
    for row in (0, 17, len(panel) - 1):
        own = panel.iloc[row]
        others = panel[(panel[keys] == own[keys]).all(axis=1) & (panel["city"] != own["city"])]
        assert found.iloc[row] == pytest.approx(others["subsidy_cny_per_parcel"].mean(), abs=1e-12)
    assert len(found) == len(panel)


def test_elsewhere_goes_coarser_where_a_city_is_alone(panel):
    alone = panel[panel["city"].isin(["000000", "000001", "000003"])]  # one city of Tier 1, two of Tier 3
    found = instruments.elsewhere(alone, "subsidy_cny_per_parcel")
    wider = instruments.elsewhere(alone, "subsidy_cny_per_parcel", by=("platform", "month"))
    first = (alone["tier"] == "Tier 1").to_numpy()
    assert found[first].to_numpy() == pytest.approx(wider[first].to_numpy(), abs=1e-12)
    assert (found[~first] != wider[~first]).any()
    with pytest.raises(ValueError, match="no other city"):
        instruments.elsewhere(alone[first], "subsidy_cny_per_parcel")


def test_elsewhere_does_not_know_its_own_city(panel):
    own = panel["city"] == "000002"
    changed = panel.assign(subsidy_cny_per_parcel=panel["subsidy_cny_per_parcel"] + own)
    before, after = (instruments.elsewhere(p, "subsidy_cny_per_parcel") for p in (panel, changed))
    assert after[own].to_numpy() == pytest.approx(before[own].to_numpy(), abs=1e-12)
    assert (after[~own] >= before[~own] - 1e-12).all()


def test_rivals_are_the_rest_of_the_market(panel):
    found = instruments.rivals(panel, "log_stations")
    market = panel[(panel["city"] == "000001") & (panel["month"] == panel["month"].iloc[0])]
    assert found[market.index].to_numpy() == pytest.approx(
        (market["log_stations"].sum() - market["log_stations"]).to_numpy(), abs=1e-12
    )


def test_the_mean_elsewhere_is_the_driver_itself_once_an_effect_for_all_cities_is_absorbed(panel):
    """The sum over all cities is the absorbed effect, so what is left is the own value with its sign turned."""
    one = panel[panel["tier"] == "Tier 3"]
    driver = "subsidy_cny_per_parcel"
    filled = one.assign(z=instruments.elsewhere(one, driver))
    with pytest.raises(share.ShareError, match="equals its endogenous driver") as caught:
        share.fit(filled, [driver], effects=(("platform", "month"),), instruments={driver: ["z"]})
    assert caught.value.code == "itself"


def test_four_cities_do_not_decide_whether_the_subsidy_is_endogenous():
    rng, said = np.random.default_rng(5), {"all": [], "held": []}
    clusters = np.repeat(np.arange(44), 12)
    few = clusters < 4
    for _ in range(200):
        z = rng.normal(size=(2, clusters.size)) * np.stack([few, ~few])
        x = z + rng.normal(size=z.shape) * np.stack([few, ~few])
        y = x.sum(axis=0) + rng.normal(size=44)[clusters] * z.sum(axis=0) + rng.normal(size=clusters.size)
        for name, held in (("all", None), ("held", np.array([4.0, 40.0]))):
            found = iv.two_stage(y, np.empty((0, y.size)), x, z, clusters=clusters, held=held).endogeneity
            said[name].append(found.p_value < 0.05)
            assert found.df == (2 if held is None else 1)
    assert np.mean(said["all"]) > 0.15  # the sandwich of four cities is far too narrow
    assert 0.015 <= np.mean(said["held"]) <= 0.095  # 5 %, three Monte Carlo errors either way
