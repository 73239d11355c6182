"""Instruments made from a panel: means elsewhere, sums over rivals; what few cities in one tier may not decide."""

import numpy as np
import pandas as pd
import pytest

from analysis import robust, share
from analysis.share import instruments, iv
from analysis.views import evidence
from analysis.views.look import Look
from analysis.views.theme import Theme
from tests.small_panel import draw

DRIVER = "subsidy_cny_per_parcel"
LOOK = Look("en", Theme("light"))


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


@pytest.fixture(scope="module")
def uneven() -> pd.DataFrame:
    """Four cities of Tier 1, thirty-six of Tier 3, and seven instruments that move the subsidy in neither."""
    rows = draw(cities=72, months=4, seed=6)
    keep = rows["tier"].eq("Tier 3") | rows["city"].isin([f"{n:06d}" for n in (0, 2, 4, 6)])
    rng = np.random.default_rng(7)
    return rows[keep].assign(**{f"z{k}": rng.normal(size=int(keep.sum())) for k in range(7)})


def fitted(panel: pd.DataFrame, columns: list[str]) -> share.ShareFit:
    return share.fit(panel, [DRIVER], by="tier", instruments={DRIVER: columns})


def test_each_tier_has_its_own_instruments(uneven):
    found = fitted(uneven, ["z0", "z1"]).instrumented
    assert found.roles.own.tolist() == [[True, True, False, False], [False, False, True, True]]
    both = share.fit(
        uneven, [DRIVER, "log_stations"], by="tier", instruments={DRIVER: ["z0", "z1"], "log_stations": ["z2"]}
    )
    assert both.instrumented.roles.own.tolist() == [[True] * 3 + [False] * 3] * 2 + [[False] * 3 + [True] * 3] * 2
    assert fitted(uneven.assign(tier="all"), ["z0", "z1"]).instrumented.roles.own.all()


def test_four_cities_have_no_strength_and_no_set(uneven):
    seven = fitted(uneven, [f"z{k}" for k in range(7)])
    first, second = robust.weak_proof(seven, DRIVER)
    assert first == "few_clusters"
    assert second == seven.instrumented.anderson_rubin(1)  # thirty-six cities count as all
    assert np.isnan(robust.strength(seven, DRIVER)["Tier 1"])
    table = evidence.instruments_table(seven, DRIVER, LOOK)
    assert table[LOOK.say("instrument.ar")].iloc[0] == LOOK.term("why", "few_clusters")
    assert (table[[LOOK.say("instrument.f"), LOOK.say("instrument.conditional_f")]].iloc[0] == "–").all()


def test_a_useless_instrument_is_never_strong_in_four_cities(uneven):
    """With four clusters its F reaches 10 often enough to mislead: as often as F(1, 3) does at 10, or more."""
    rng, raw, said = np.random.default_rng(8), [], []
    for _ in range(100):
        city = rng.normal(size=(72, 4))[uneven["city"].cat.codes, uneven["platform"].cat.codes]
        found = fitted(uneven.assign(z=city + 0.1 * rng.normal(size=len(uneven))), ["z"])
        raw.append(found.instrumented.conditional_f[0] >= robust.STRONG)
        said.append(robust.strong(found, DRIVER)["Tier 1"])
    assert np.mean(raw) > 0.04
    assert not any(said)


def test_one_coefficient_is_read_by_its_effective_f(uneven):
    one = share.fit(uneven, [DRIVER], instruments={DRIVER: ["z0", "z1"]})
    assert robust.strength(one, DRIVER).tolist() == [one.instrumented.effective_f]
    table = evidence.instruments_table(one, DRIVER, LOOK)
    assert table[LOOK.say("instrument.effective_f")].tolist() == [f"{one.instrumented.effective_f:.1f}"]
    assert f"{one.instrumented.effective_f:.1f}" in evidence.instruments_title(one, DRIVER, LOOK)
