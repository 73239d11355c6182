"""Lockers of one city: titles speak of it, sets subtract, and the numbers of one set are reconciled."""

import re

import numpy as np
import pandas as pd
import pytest

from analysis.economics import STANDARD, capacity
from analysis.space.lockers_need import Service, curves, needed, summed
from analysis.space.lockers_rhythm import rhythm
from analysis.views import lockers, lockers_capacity, lockers_cities, lockers_record, lockers_sets
from data import record
from data.cities import cities as all_cities
from data.grade import Grade

SETS = pd.DataFrame(
    [("110000", 84, 400), ("330100", 84, 100), ("330100", 168, 10), ("632700", 168, 5)],
    columns=["city", "cells", "sets"],
)
PARCELS = pd.Series({"110000": 12_000.0, "330100": 45_000.0, "632700": 10.0, "540100": 300.0})
KNOWN = curves((84, 168), STANDARD, rhythm())
CITY, CALM = "330100", "110000"
DRAWN = {"caption": "c", "grade": Grade.ASSUMED}


@pytest.fixture
def cities(look):
    table = needed(PARCELS, SETS, KNOWN, STANDARD, Service())
    facts = all_cities().reindex(table.index)
    return table.assign(
        name=facts[f"city_{look.lang}"],
        tier=facts["tier"],
        people=facts["population_2020"],
        per_10k=table["sets"] / facts["population_2020"] * 1e4,
        handed=1e5,
        lockers=table["parcels_per_day"],
        share=table["parcels_per_day"] / 1e5,
    )


def test_needed_less_there_is_missing_in_every_row(look, cities):
    table = lockers_cities.city_table(cities, look)
    need, there, missing, sets = (
        table[look.say(f"lockmap.{name}")] for name in ("needed", "there", "missing_or_spare", "sets")
    )
    assert (need - there == missing).all()
    assert (sets == cities["sets"].reindex(table.index)).all()
    assert there["632700"] > sets["632700"]  # sets of 168 cells are worth more than twice those of 84
    tiers = lockers_sets.by_tier(summed(cities, cities["tier"]), look, service=Service(), **DRAWN).table
    need, there, missing, spare = (
        tiers[look.say(f"lockmap.{name}")] for name in ("needed", "there", "missing", "spare")
    )
    assert (need - there).to_numpy() == pytest.approx((missing - spare).to_numpy(), abs=2)


@pytest.mark.parametrize("times", [1.0, 37.0, 400.0])
def test_title_adds_up_as_printed(look, cities, times):
    many = needed(PARCELS * times, SETS.assign(sets=(SETS["sets"] * times).astype(int)), KNOWN, STANDARD, Service())
    view = lockers_sets.by_tier(summed(many, cities["tier"]), look, service=Service(), **DRAWN)
    said = re.sub(r"99%", "", view.title)
    unit = r"( k|万)?"
    numbers = [float(n.replace(",", "")) for n, _ in re.findall(rf"(\d[\d,]*(?:\.\d)?){unit}", said)]
    need, there, rest = numbers[0], numbers[1], numbers[2:]
    lack, spare = rest[-2:]
    assert need - there == pytest.approx(lack - spare)
    assert lack > 0


def test_city_chosen_is_spoken_of(look, cities):
    name = cities.at[CITY, "name"]
    mine = cities.loc[[CITY]]
    view = lockers_sets.of_city(summed(mine, mine["name"]), look, service=Service(), **DRAWN)
    need, there = (round(float(v)) for v in (mine["needed"].iloc[0], lockers_sets.standing(mine).iloc[0]))
    assert name in view.title
    assert all(f"{n:,}" in view.title for n in (need, there, need - there))
    calm = cities.loc[[CALM]]
    enough = lockers_sets.of_city(summed(calm, calm["name"]), look, service=Service(), **DRAWN).title
    assert f"{lockers_sets.standing(calm).iloc[0].round() - calm['needed'].iloc[0].round():,.0f}" in enough
    never = mine.assign(needed=np.inf, missing=np.inf)
    words = lockers_sets.of_city(summed(never, never["name"]), look, service=Service(), **DRAWN).title
    assert words == look.say("lockmap.tiers_never", level="99%", when=look.say("lockmap.when_worst"))


def test_map_outlines_the_city_chosen_and_ranks_it(look, cities):
    view = lockers_cities.overflow_map(cities, look, service=Service(), place=CALM, **DRAWN)
    assert view.figure["data"][-1]["locations"] == [CALM]
    assert cities.at[CALM, "name"] in view.title
    assert lockers.part(cities.at[CALM, "overflow_worst"]) in view.title
    assert cities.at[CITY, "name"] not in view.title
    assert view.table.index[0] == CALM


def test_published_figures_stand_beside_the_city_chosen(look, cities):
    columns = ["sets", "people", "handed", "lockers"]
    tiers = cities[columns].groupby(cities["tier"], observed=True).sum()
    city = cities.loc[[CITY]].set_index("name")[columns]
    figures = record.load()
    share = lockers_record.shares(tiers, figures, look, city=city, **DRAWN)
    density = lockers_record.density(tiers, figures, look, city=city, **DRAWN)
    name = cities.at[CITY, "name"]
    for view, mine in ((share, "45.0%"), (density, f"{cities.at[CITY, 'per_10k']:.2f}")):
        assert mine in view.title
        assert name in view.title
        assert view.figure["data"][0]["y"][0] == name
        assert view.table.iloc[0, 0] == name


def test_numbers_of_one_set_are_reconciled(look):
    service, given = Service(), 89.0
    table = lockers_capacity.table(
        KNOWN[84], STANDARD, look, service=service, given=given, uneven=0.16, where="X"
    ).to_numpy()
    takes = KNOWN[84].takes(service)
    assert f"{takes:,.0f}" in lockers_capacity.title(KNOWN[84], look, service)
    alone = KNOWN[84].takes(Service(spread=0.0))
    lasting = capacity(STANDARD, tolerated=0.01)
    assert list(table[:, 1]) == [f"{n:,.0f}" for n in (takes, alone, lasting, given)]
    assert table[0, 3] == table[1, 2] == "1.0%"  # each takes what it takes at 99 %
    assert table[3, 2] == lockers.part(float(KNOWN[84].at(given, "worst")))
    assert table[3, 3] == "16.0%"
