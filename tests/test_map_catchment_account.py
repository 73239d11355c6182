"""What the catchment room says of a plan: whose loss it is, what stations earn, and what the numbers leave out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import economics
from analysis.space import demand, siting
from analysis.space.catchment import Base, Site, base, capacity, change, daily
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.demo import load
from data.grade import Grade
from data.text import LANGUAGES
from pages.ui.map_catchment_cautions import above_the_top, cautions
from pages.ui.map_catchment_model import City, account, sharpened
from pages.ui.map_catchment_tools import station_rows
from tests.made_city import CARRIED, CITY, people, standing

TYPES = dict(economics.STATIONS)
MANY = {key: 20 * parcels for key, parcels in CARRIED.items()}


def look(lang: str = "en") -> Look:
    return Look(lang, Theme("light"))


def town(carried: dict[str, float] = CARRIED, **options) -> Base:
    scale = sum(carried.values()) / sum(CARRIED.values())
    points = people().assign(parcels_per_day=lambda rows: rows["parcels_per_day"] * scale)
    return base(points, standing(), carried, city=CITY, **options)


def today(of: Base, *, own: bool = False, market: float = 9000.0) -> City:
    return City(of, Grade.MODELLED, own, market, of.demand, ())


def test_what_a_network_moves_from_its_own_station_is_its_own_loss():
    closed = next(f"s{i:03d}" for i in range(30) if standing()["platform"].iloc[i] == "duoduo")
    lat, lon = standing().set_index("station_id").loc[closed, ["lat", "lon"]]
    after = change(town(), opened=[Site(lat + 1e-4, lon, "duoduo", "station")], closed=[closed])
    row = account(after, TYPES, "duoduo").iloc[0]
    ours = after.won.loc[after.won["platform"] == "duoduo", "parcels_per_day"].sum()
    theirs = after.won.loc[~after.won["platform"].isin(["duoduo", "nobody"]), "parcels_per_day"].sum()
    assert after.won.loc[after.won["closed"], "parcels_per_day"].sum() > 0
    assert (row["own_loss"], row["rivals_loss"]) == (pytest.approx(ours), pytest.approx(theirs))


def test_the_steps_of_the_best_set_are_its_account_less_own_losses():
    before = town(MANY)
    spots = np.random.default_rng(3).uniform(-0.012, 0.012, (8, 2)).tolist()
    sites = [Site(30.25 + north, 120.15 + east, "duoduo", "station") for north, east in spots]
    found = siting.choose(before, sites, "duoduo", count=3, objective="profit")
    after = change(before, opened=[sites[i] for i in found.chosen])
    rows = account(after, TYPES, "duoduo")
    assert (rows["parcels_per_day"] > rows["takes_per_day"]).any()
    table = after.stations().query("platform == 'duoduo'")
    lost = np.minimum(table["before"], table["capacity"]) - np.minimum(table["after"], table["capacity"])
    cost = float(lost.sum()) * TYPES["station"].margin_cny_per_parcel * economics.DAYS
    assert found.total == pytest.approx(rows["profit_cny_per_month"].sum() - cost, rel=1e-9)
    np.testing.assert_allclose(rows["profit_cny_per_month"], after.sites["profit_cny_per_month"])


def test_stations_that_stand_earn_by_the_same_rule():
    before = town(MANY)
    rows = station_rows(before, "duoduo", TYPES)
    full = rows["parcels_per_day"] > capacity("station")
    assert full.any()
    most = float(economics.profit(TYPES["station"], capacity("station"))) * economics.DAYS
    assert rows.loc[full, "profit_cny_per_month"].unique() == pytest.approx(most)
    shut = rows.loc[full, "station_id"].iloc[0]
    had = account(change(before, closed=[shut]), TYPES, "duoduo")["profit_cny_per_month"]
    assert had.tolist() == [pytest.approx(most)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_mean_stations_above_the_top_are_told(lang):
    say = look(lang).say
    said = above_the_top(town(MANY), "duoduo", look(lang))
    assert look(lang).name("duoduo") in said
    assert look(lang).count(capacity("station")) in said
    assert said in cautions(today(town(MANY)), "duoduo", look(lang))
    assert above_the_top(town(), "duoduo", look(lang)) == ""
    assert above_the_top(town(MANY), "rural", look(lang)) == ""
    assert say("catch.demand_modelled") in cautions(today(town()), "duoduo", look(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_lies_out_of_reach_is_told_as_a_figure(lang):
    far = pd.concat([people(), people().iloc[:20].assign(lat=31.0)], ignore_index=True)
    before = base(far, standing(), CARRIED, city=CITY, handed_over=0.6)
    assert before.volumes.sum() == pytest.approx(7000, rel=1e-9)
    part = f"{before.beyond:.1%}"
    assert 0.05 < before.beyond < 0.5
    assert any(part in one for one in cautions(today(before), "duoduo", look(lang)))
    assert not any(part in one for one in cautions(today(town()), "duoduo", look(lang)))


@pytest.mark.parametrize(("factor", "told"), [(1.0, False), (0.6, False), (1.9, False), (2.1, True), (0.01, True)])
def test_own_points_far_from_the_market_are_told(factor, told):
    points = people().assign(parcels_per_day=lambda rows: rows["parcels_per_day"] * factor)
    of = base(points, standing(), CARRIED, city=CITY, handed_over=0.6, counted=True)
    said = look().say("catch.far_from_market", points=look().count(9000 * factor), market=look().count(9000))
    assert (said in cautions(today(of, own=True), "duoduo", look())) is told
    assert look().say("catch.demand_reported") in cautions(today(of, own=True), "duoduo", look())


def test_other_gaps_are_told():
    stations, say = standing(), look().say
    gone = base(people(), stations[stations["platform"] != "jd"], CARRIED, city=CITY)
    assert say("catch.no_stations_of", names="JD") in cautions(today(gone), "duoduo", look())
    idle = base(people(), stations, CARRIED | {"jd": 0.0}, city=CITY)
    assert say("catch.no_parcels_of", names="JD") in cautions(today(idle), "duoduo", look())
    lone = stations[(stations["platform"] != "jd") | (stations["station_id"] == "s003")]
    rules = replace(town().model, reach_m=700.0)
    short = base(people(), lone, CARRIED | {"jd": 30_000.0}, city=CITY, model=rules)
    said = say("catch.short_of", names="JD", points=f"{short.brands.gap * 100:.1f}")
    assert said in cautions(today(short), "duoduo", look())
    more = base(people(), stations, MANY, city=CITY)
    assert say("catch.more_than_demand", part=f"{more.part:.0%}") in cautions(today(more), "duoduo", look())


@pytest.mark.parametrize("code", ["360800", "152900"])
def test_catchments_of_a_city_carry_what_its_networks_do(code):
    """Cities of which a good part lies out of reach of any station."""
    market = load()
    month = market.panel["month"].max()
    rows = market.panel[market.panel["month"] == month]
    carried = daily(rows[rows["city"] == code])
    points = sharpened(demand.surface(rows, demand.city_people(code)))
    found = base(points, market.stations[market.stations["closed"].isna()], carried, city=code)
    assert found.beyond > 0.1
    assert found.volumes.sum() == pytest.approx(sum(carried.values()), rel=1e-9)
