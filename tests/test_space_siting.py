"""Choosing among candidate sites: against all subsets, the laws behind the bound, and what the steps say."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis import economics
from analysis.space import siting, siting_gain, siting_profit
from analysis.space.catchment import Base, Model, Site, base, capacity, change
from analysis.space.redistribution import reach
from analysis.space.siting import GUARANTEE, alone, choose
from analysis.space.siting_gain import Ground
from tests.made_city import CARRIED, CITY, people, standing

CHEAP = {"station": replace(economics.STATIONS["station"], rent_cny_per_month=100.0, wages_cny_per_month=100.0)}
"""Stations that a few dozen parcels a day carry."""


def city(reach_m: float = 900.0) -> Base:
    return base(people(), standing(), CARRIED, model=Model(reach_m=reach_m, least_m=100.0), city=CITY)


def candidates(count: int, *, seed: int = 5) -> list[Site]:
    rng = np.random.default_rng(seed)
    at = rng.uniform(-0.015, 0.015, (count, 2))
    return [
        Site(30.25 + lat, 120.15 + lon, "cainiao", "station", name=f"c{i}") for i, (lat, lon) in enumerate(at.tolist())
    ]


def gain(today: Base, sites: list[Site]) -> float:
    """Parcels a day that the network gains, by the change of all stations."""
    return float(change(today, opened=sites).networks.at["cainiao", "change"])


def crowded() -> Base:
    """A city with more parcels than its stations and most new ones can take."""
    many = {key: 20 * parcels for key, parcels in CARRIED.items()}
    points = people().assign(parcels_per_day=lambda rows: 20 * rows["parcels_per_day"])
    return base(points, standing(), many, model=Model(reach_m=900.0, least_m=100.0), city=CITY)


def earned(today: Base, sites: list[Site]) -> float:
    """CNY a month: profits of the sites less the margins that the network's stations lose."""
    after = change(today, opened=sites, types=CHEAP)
    table = after.stations().query("platform == 'cainiao'")
    margin, limit = CHEAP["station"].margin_cny_per_parcel, capacity("station")
    step = (np.minimum(table["after"], limit) - np.minimum(table["before"], limit)).sum()
    return float(after.sites["profit_cny_per_month"].sum() + step * margin * economics.DAYS)


def test_the_best_of_all_subsets():
    today, sites = city(), candidates(9)
    found = choose(today, sites, "cainiao", count=3)
    every = {chosen: gain(today, [sites[i] for i in chosen]) for chosen in combinations(range(9), 3)}
    best = max(every.values())
    assert found.exact
    assert found.total == pytest.approx(best, rel=1e-10)
    assert set(found.chosen) == set(max(every, key=every.__getitem__))
    assert GUARANTEE * best <= found.greedy_total <= best * (1 + 1e-12)
    assert (found.gap, found.bound, found.guarantee) == (0.0, found.total, GUARANTEE)


def test_greedy_can_miss_the_best_set_and_the_search_finds_it():
    missed = 0
    for seed in range(40):
        found = choose(city(600.0), candidates(10, seed=seed), "cainiao", count=2)
        assert found.exact
        assert found.greedy_total <= found.total * (1 + 1e-12)
        missed += found.greedy_total < found.total * (1 - 1e-9)
    assert missed > 0


def test_lazy_greedy_is_plain_greedy():
    today, sites = city(), candidates(15)
    found, chosen = choose(today, sites, "cainiao", count=4), []
    for _ in range(4):
        left = [i for i in range(15) if i not in chosen]
        chosen.append(max(left, key=lambda i: gain(today, [sites[j] for j in (*chosen, i)])))
    assert found.greedy == tuple(chosen)


def test_more_sites_gain_more_and_each_less_than_before():
    today, sites = city(), candidates(12)
    rng = np.random.default_rng(9)
    for _ in range(25):
        order = rng.permutation(12)
        size, more = sorted(rng.integers(0, 11, 2))
        small, large, one = order[:size], order[:more], order[11]
        first, second = ([sites[i] for i in each] for each in (small, large))
        step, late = (gain(today, [*each, sites[one]]) - gain(today, each) for each in (first, second))
        assert step >= late - 1e-9
        assert late >= -1e-9


def test_the_bound_holds_when_the_search_is_given_up(monkeypatch):
    today, sites = city(), candidates(12)
    best = choose(today, sites, "cainiao", count=4)
    monkeypatch.setattr(siting, "WORK", 0)
    rough = choose(today, sites, "cainiao", count=4)
    assert best.exact
    assert not rough.exact
    assert rough.chosen == rough.greedy
    assert rough.greedy_total <= best.total <= rough.bound * (1 + 1e-12)
    assert rough.gap == pytest.approx(rough.bound / rough.greedy_total - 1)
    assert rough.gap < 1 / GUARANTEE - 1


def test_steps_are_changes_one_after_another():
    today, sites = city(), candidates(10)
    found = choose(today, sites, "cainiao", count=3)
    for step in range(3):
        opened = [sites[i] for i in found.chosen[: step + 1]]
        row, after = found.steps.iloc[step], change(today, opened=opened)
        assert row["total"] == pytest.approx(gain(today, opened), rel=1e-10)
        assert row["parcels_per_day"] == pytest.approx(after.sites["parcels_per_day"].iloc[-1], rel=1e-10)
        assert row["gain"] + row["from_own"] == pytest.approx(row["parcels_per_day"], rel=1e-10)
        assert row["name"] == sites[found.chosen[step]].name
    first = change(today, opened=[sites[found.chosen[0]]]).sites.iloc[0]
    assert found.steps["cannibalisation"].iloc[0] == pytest.approx(first["cannibalisation"], rel=1e-9)
    assert found.steps["gain"].sum() == pytest.approx(found.total, rel=1e-10)


@pytest.mark.parametrize("today", [city(), crowded()], ids=["roomy", "crowded"])
def test_profit_of_all_subsets(today):
    sites = candidates(7)
    found = choose(today, sites, "cainiao", count=3, objective="profit", types=CHEAP)
    every = [chosen for size in range(4) for chosen in combinations(range(7), size)]
    best = max(earned(today, [sites[i] for i in chosen]) for chosen in every)
    assert best > 0
    assert found.exact
    assert found.total == pytest.approx(best, rel=1e-9)
    assert found.steps["profit_cny_per_month"].sum() == pytest.approx(best, rel=1e-9)
    assert np.isnan(found.guarantee)


def test_what_a_station_cannot_take_earns_nothing():
    today, sites = crowded(), candidates(8)
    found = choose(today, sites, "cainiao", count=3, objective="profit")
    placed = change(today, opened=[sites[i] for i in found.chosen])
    assert (placed.sites["parcels_per_day"] > placed.sites["capacity"]).any()
    assert found.total <= placed.sites["profit_cny_per_month"].sum() + 1e-6
    top = float(economics.profit(economics.STATIONS["station"], capacity("station"))) * economics.DAYS
    assert placed.sites["profit_cny_per_month"].max() == pytest.approx(top, rel=1e-12)
    loaded = today.stations["platform"].eq("cainiao") & (today.stations["parcels_per_day"] > capacity("station"))
    assert loaded.any()  # what they lose above it costs them nothing


@pytest.mark.parametrize("guarantee", [0.0, 400.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_search_for_profit_is_that_of_all_subsets(seed, guarantee):
    kind = replace(CHEAP["station"], guarantee_cny_per_day=guarantee, wages_cny_per_month=3000.0)
    today, sites = city(600.0), candidates(9, seed=seed)
    ground = siting_gain.Ground.of(today, sites, "cainiao", economics.STATIONS | {"station": kind})
    found = choose(today, sites, "cainiao", count=4, objective="profit", types={"station": kind})
    every = (chosen for size in range(5) for chosen in combinations(range(9), size))
    assert found.exact
    assert found.total == pytest.approx(max(map(ground.profit, every)), rel=1e-10)


def test_sets_and_one_more_are_sets():
    ground = siting_gain.Ground.of(crowded(), candidates(9), "cainiao", economics.STATIONS | CHEAP)
    found = siting_profit.Profits.of(ground).extended((2, 5))
    for site in (0, 1, 8):
        assert found.profits[site] == pytest.approx(ground.profit((2, 5, site)), rel=1e-10)
        assert found.lost[site] == pytest.approx(ground.lost((2, 5, site)), rel=1e-10)


def test_no_site_is_opened_at_a_loss(monkeypatch):
    found = choose(city(), candidates(6), "cainiao", count=3, objective="profit")
    assert found.chosen == found.greedy == ()
    assert (found.total, found.exact) == (0.0, True)
    assert found.steps.empty
    monkeypatch.setattr(siting_profit, "WORK", 0)
    many = choose(city(), candidates(60), "cainiao", count=4, objective="profit", types=CHEAP)
    assert not many.exact
    assert np.isnan(many.gap)
    assert many.total == pytest.approx(earned(city(), [candidates(60)[i] for i in many.chosen]), rel=1e-9)


def test_places_that_nobody_reaches_are_not_chosen():
    far = [Site(31.5, 121.5, "cainiao", "station"), *candidates(1)]
    found = choose(city(), far, "cainiao", count=2)
    assert found.chosen == (1,)
    assert alone(city(), far, "cainiao")["gain"].iloc[0] == 0
    nothing = choose(city(), far[:1], "cainiao", count=1)
    assert nothing.chosen == ()
    assert nothing.total == 0


def test_people_that_nobody_serves_are_all_gained():
    today = base(people(), standing().iloc[:0], None, model=Model(reach_m=900.0, least_m=100.0), city=CITY)
    sites = candidates(6)
    found = choose(today, sites, "cainiao", count=2)
    served = np.unique(np.concatenate([reach(today, sites[i]).points for i in found.chosen]))
    assert found.total == pytest.approx(today.parcels[served].sum(), rel=1e-12)


def test_gains_of_all_candidates_are_those_of_each():
    today, sites = city(), candidates(15)
    ground = Ground.of(today, sites, "cainiao", economics.STATIONS)
    added = ground.with_site(3, ground.nothing())
    np.testing.assert_allclose(ground.gains(added), [ground.gain_of(i, added) for i in range(15)], rtol=1e-12)
    found = alone(today, sites, "cainiao")
    np.testing.assert_allclose(found["gain"], [gain(today, [site]) for site in sites], rtol=1e-9)
    each = pd.concat([change(today, opened=[site]).sites for site in sites], ignore_index=True)
    for name in found.columns.drop("gain"):
        np.testing.assert_allclose(found[name].astype(float), each[name].astype(float), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"objective": "glory"}, "objective"),
        ({"count": 0}, "nothing to choose"),
        ({"network": "jd"}, "another network"),
    ],
)
def test_wrong_questions_are_refused(options, text):
    with pytest.raises(ValueError, match=text):
        choose(city(), candidates(2), **({"network": "cainiao", "count": 1} | options))
