"""Views of lockers: titles say what the numbers say, in both languages, and no empty case breaks them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.economics import STANDARD, capacity, evening_overflow
from analysis.space.lockers import day
from analysis.space.lockers_need import JUDGED, Service, curves, needed, sizes, summed
from analysis.space.lockers_rhythm import rhythm
from analysis.views import lockers, lockers_cities, lockers_record, lockers_sets
from analysis.views.lockers_rush import beside_rush
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import record
from data.cities import cities as all_cities
from data.grade import Grade

USUAL = rhythm()
SETS = pd.DataFrame(
    [("110000", 84, 400), ("330100", 84, 100), ("330100", 168, 10), ("632700", 84, 5)],
    columns=["city", "cells", "sets"],
)
PARCELS = pd.Series({"110000": 12_000.0, "330100": 45_000.0, "632700": 10.0, "540100": 300.0})
KNOWN = curves(sizes(SETS, STANDARD), STANDARD, USUAL)
FIGURES = record.load()
USUAL_SERVICE = Service()
RUSH = ("parcels", "lasting", "evening", "worst", "hour", "day", "visit")


def frame(look, service=USUAL_SERVICE, parcels=PARCELS):
    table = needed(parcels, SETS, KNOWN, STANDARD, service)
    facts = all_cities().reindex(table.index)
    handed = pd.Series(1e5, table.index)
    return table.assign(
        name=facts[f"city_{look.lang}"],
        tier=facts["tier"],
        people=facts["population_2020"],
        per_10k=table["sets"] / facts["population_2020"] * 1e4,
        handed=handed,
        lockers=table["parcels_per_day"],
        share=table["parcels_per_day"] / handed,
    )


def whole(view):
    """Everything a view must carry."""
    assert len(view.title) > 10
    assert len(view.alt) > 20
    assert len(view.table)
    assert "{" not in view.title + view.alt
    return view


def test_day_says_when_it_is_fullest(look):
    shown = day(STANDARD, USUAL, 120.0)
    view = whole(lockers.through_the_day(shown, look, who="X", caption="c", grade=Grade.ASSUMED))
    assert all(part in view.title for part in ("X", "120", "84", "17–18", f"{shown.overflow_of_worst_hour:.1%}"))
    assert f"{shown.overflow_of_evening:.1%}" in view.title
    hours = view.table[look.say("lockmap.overflow")]
    assert len(hours) == 24
    assert hours.idxmax() == shown.worst_hour == 17
    assert view.table[look.say("lockmap.drops")].sum() == pytest.approx(120, abs=0.1)
    of_large = view.table[look.say("lockmap.overflow_of", size=look.say("lockmap.large"))]
    assert of_large[17] > hours[17]  # the fewest cells lose most


def test_lasting_rush_stands_beside_the_day_solved(look):
    observed = pd.Series({"Tier 1": 60.0, "Tier 3": 100.0})
    solved, said = day(STANDARD, USUAL, 100.0), beside_rush(STANDARD, look, observed=observed)
    assert lockers.part(float(evening_overflow(STANDARD, 100.0))) in said  # 8.1 %
    for value in (solved.overflow_of_evening, solved.overflow_of_worst_hour, solved.overflow_of_day):
        assert lockers.part(value) in said
    assert said.startswith(look.say("station.rush_bound", **dict.fromkeys(RUSH, "|")).split("|")[0])
    alone = beside_rush(STANDARD, look, observed=pd.Series(dtype=float))
    assert f"{capacity(STANDARD):,.0f}" in alone
    flat = replace(STANDARD, peak_share=0.05)
    assert beside_rush(flat, look, observed=pd.Series({"Tier 1": 140.0})).startswith(
        look.say("station.rush_no_bound", **dict.fromkeys(RUSH, "|")).split("|")[0]
    )
    none = replace(STANDARD, peak_share=0.0)
    assert beside_rush(none, look, observed=pd.Series(dtype=float)) == look.say("station.rush_elsewhere")


@pytest.mark.parametrize("parcels", [0.0, 5.0, 3_000.0])
def test_any_day_is_drawn(look, parcels):
    shown = day(STANDARD, USUAL, parcels)
    view = whole(lockers.through_the_day(shown, look, who="X", caption="c", grade=Grade.ASSUMED))
    assert view.figure["layout"]["yaxis2"]["range"][1] > 0


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0%"), (1e-6, "<0.01%"), (0.0042, "0.42%"), (0.123, "12.3%"), (np.nan, "–")]
)
def test_parts_keep_the_digits_that_count(value, said):
    assert lockers.part(value) == said


def test_level_has_no_needless_digits():
    assert [lockers.level(Service(level)) for level in (0.99, 0.999, 0.9)] == ["99%", "99.9%", "90%"]


def test_tiers_name_what_is_missing(look):
    cities = frame(look)
    tiers = summed(cities, cities["tier"])
    view = whole(lockers_sets.by_tier(tiers, look, service=Service(), caption="c", grade=Grade.ASSUMED))
    lacking = int((cities["missing"] > 0).sum())
    assert lacking == 2
    assert f"{lacking}" in view.title
    assert "99%" in view.title
    missing = view.table[look.say("lockmap.missing")].sum()
    assert missing == pytest.approx(cities["missing"].clip(lower=0).sum(), abs=2)
    bars = {trace["name"]: trace["y"] for trace in view.figure["data"]}
    assert bars[look.say("lockmap.there")] == pytest.approx(
        (tiers["needed"] - tiers["missing"] + tiers["spare"]).to_list()
    )
    assert len(view.figure["layout"]["annotations"]) == (tiers["missing"] > 0).sum()


def test_enough_and_never_have_words_of_their_own(look):
    few = frame(look, parcels=PARCELS.drop("540100") / 100)
    enough = lockers_sets.by_tier(summed(few, few["tier"]), look, service=Service(), caption="c", grade=Grade.ASSUMED)
    said = {"level": "99%", "when": look.say("lockmap.when_worst")}
    assert f"{few['needed'].sum() - few['missing'].sum():,.0f}" in enough.title
    assert enough.title.startswith(
        look.say("lockmap.tiers_enough", needed="|", there="|", total="|", **said).split("|")[0]
    )
    never = few.assign(needed=np.inf, missing=np.inf)
    title = lockers_sets.by_tier(
        summed(never, never["tier"]), look, service=Service(), caption="c", grade=Grade.ASSUMED
    ).title
    assert title == look.say("lockmap.tiers_never", **said)


def test_figures_say_the_share_and_what_is_turned_away(look):
    cities = frame(look)
    found = lockers.figures(
        look, cities=cities, takes=65.2, service=Service(), share=0.087, grade=Grade.ASSUMED, counted=Grade.REPORTED
    )
    assert found[0].value == look.say("station.a_day", n="65")
    lost = np.average(cities["overflow_worst"].dropna(), weights=PARCELS[["110000", "330100", "632700"]])
    assert found[1].value == lockers.part(lost)
    assert found[-1].value == "8.7%"
    assert [figure.grade for figure in found] == [Grade.ASSUMED] * 4 + [Grade.REPORTED]
    none = lockers.figures(
        look, cities=cities[:0], takes=0.0, service=Service(), share=np.nan, grade=Grade.ASSUMED, counted=Grade.ASSUMED
    )
    assert none[1].value == none[2].value == none[4].value == look.say("unit.none")


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("judged", JUDGED)
def test_map_names_the_city_that_is_worst(mode, judged):
    look = Look("zh", Theme(mode))
    service = Service(judged=judged)
    cities = frame(look, service)
    view = whole(lockers_cities.overflow_map(cities, look, service=service, caption="c", grade=Grade.ASSUMED))
    assert "杭州" in view.title
    assert look.say("lockmap.map_bare", n=1) in view.title
    ground, shown = view.figure["data"]
    assert shown["locations"][0] == "330100"
    assert "540100" not in shown["locations"]
    assert shown["z"] == sorted(shown["z"], reverse=True)
    assert shown["geojson"].startswith("app/static/")
    assert len(ground["locations"]) == 34


def test_map_without_trouble_or_parcels(look):
    calm = frame(look, parcels=PARCELS.drop("540100") / 100)
    said = {"total": "3", "level": "99%", "when": look.say("lockmap.when_worst")}
    assert lockers_cities.finding(calm, look, Service()) == look.say("lockmap.map_within", **said)
    assert lockers_cities.finding(calm.assign(parcels_per_day=0.0), look, Service()) == look.say("lockmap.map_none")
    empty = calm.assign(parcels_per_day=0.0)
    view = lockers_cities.overflow_map(empty, look, service=Service(), caption="c", grade=Grade.ASSUMED)
    assert view.figure["data"][1]["locations"] == []


def test_more_parcels_than_cells_that_are_never_empty(look):
    cities = frame(look)
    said = lockers_cities.impossible(cities, look, service=Service(), hours_in_cell=10.0)
    # 45,000 parcels on 110 sets with 10,080 cells, which hold 24,192 of them at 10 hours each
    assert "409" in said
    assert "220" in said
    assert cities.loc["330100", "name"] in said
    assert lockers_cities.impossible(cities, look, service=Service(), hours_in_cell=2.0) == ""
    mine = lockers_cities.impossible(cities, look, service=Service(), hours_in_cell=10.0, place="330100")
    assert mine != said
    assert "409" in mine
    assert lockers_cities.impossible(cities, look, service=Service(), hours_in_cell=10.0, place="110000") == ""


def test_city_table_is_ranked_and_complete(look):
    cities = frame(look)
    table = lockers_cities.city_table(cities, look)
    missing = table[look.say("lockmap.missing_or_spare")]
    assert list(missing) == sorted(missing, reverse=True)
    assert set(table.index) == set(cities.index)
    beyond = table[look.say("lockmap.beyond")]
    assert list(beyond.index[beyond != ""]) == ["330100"]


def test_published_shares_are_shown_apart(look):
    cities = frame(look)
    tiers = cities[["sets", "people", "handed", "lockers"]].groupby(cities["tier"], observed=True).sum()
    view = whole(lockers_record.shares(tiers, FIGURES, look, caption="c", grade=Grade.MODELLED))
    assert f"{PARCELS.sum() / 4e5:.1%}" in view.title
    # Beijing 2018 (Beijing Municipal Postal Administration) 8.9 %; target of the State Post Bureau for 2021 10 %; one
    # trade page without a source 32-40 %.
    assert all(part in view.title for part in ("8.9%", "10%", "32–40%"))
    sources = view.table[look.say("record.source")]
    assert (sources != "").sum() == len(lockers_record.published_shares(FIGURES)) == 4
    assert view.table[look.say("record.high")].max() == 40


def test_published_counts_are_shown_apart(look):
    cities = frame(look)
    tiers = cities[["sets", "people", "handed", "lockers"]].groupby(cities["tier"], observed=True).sum()
    view = whole(lockers_record.density(tiers, FIGURES, look, caption="c", grade=Grade.MODELLED))
    people = all_cities()["population_2020"].sum()
    # 406,000 sets: State Post Bureau, end of 2019; 750,000 was a forecast for 2020.
    assert "406,000" in view.title
    assert "750,000" in view.title
    assert f"{406_000 / people * 1e4:.2f}" in view.title
    assert f"{750_000 / people * 1e4:.2f}" in view.title
    rows = lockers_record.published_counts(FIGURES)
    assert rows["traps"].str.contains("conflict").sum() == 2
    assert 330_000 in rows["value"].to_list()
    _, lines, dots = view.figure["data"]
    assert len(set(dots["y"])) == len(rows) == len(dots["x"])
    assert set(lines["y"]) == set(dots["y"])
