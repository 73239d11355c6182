"""Instruments made from a panel: means elsewhere, sums over rivals."""

import pandas as pd
import pytest

from analysis.share import instruments
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
