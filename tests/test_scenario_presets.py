"""Every story builds on every market, from figures that are in the record."""

from dataclasses import replace

import pytest

from analysis import share
from analysis.scenario import market_model, measure, simulate
from analysis.scenario.files import from_json, from_link, to_json, to_link
from analysis.scenario.levers import KINDS
from analysis.scenario.presets import ASSUMED, PRESETS, figures, last_growth
from data import demo
from data.cities import REGIONS, cities
from data.text import LANGUAGES, catalogue, say
from tests.small_panel import draw

DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
SMALL = draw(cities=6)
MONTH = "2025-06-01"
SUMS = 1e-9  # shares of a dozen networks
ROUNDING = 60  # stages and tiers are whole stations: half a station for each lever


def one_tier():
    panel = draw(cities=6, slopes={"Tier 1": 4.0})
    return market_model(panel, share.fit(panel, DRIVERS), month=MONTH)


@pytest.fixture(scope="module")
def nation():
    panel = demo.load().panel
    month = panel["month"].max()
    rows = panel[panel["month"] == month]
    return market_model(rows, share.fit(SMALL, DRIVERS), month=month)


@pytest.fixture(params=["nation", "one tier"])
def model(request):
    return request.getfixturevalue("nation") if request.param == "nation" else one_tier()


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_story_uses_only_what_the_market_has(preset, model):
    told = preset.told(model, name="Story")
    scenario = told.scenario
    assert (scenario.name, scenario.preset) == ("Story", preset.key)
    assert scenario.levers or told.left_out
    for lever in scenario.levers:
        kind = KINDS[lever.kind]
        assert kind.low <= lever.change <= kind.high
        assert lever.change != 0
        assert lever.platform in model.platforms
        assert lever.tier in (None, *model.tiers)
        assert lever.region in (None, *model.region)
        assert lever.province in (None, *model.province)
        assert set(lever.cities) <= set(model.cities)
        assert lever.start_month + lever.ramp_months <= scenario.months + 1


def test_a_story_starts_with_the_growth_of_the_last_year():
    for growth, expected in ((0.0849, 0.08), (-0.004, 0.0), (3.0, 1.0), (-0.9, -0.5)):
        model = replace(one_tier(), growth=(growth, 0.05))
        assert last_growth(model) == expected
        assert PRESETS["duoduo"].build(model).growth_per_year == expected


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_story_can_be_told_by_the_engine(preset, model):
    scenario = preset.build(model)
    found = simulate(scenario, model, draws=0)
    shares = found.shares["point"].unstack()
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=SUMS)
    assert not scenario.levers or any(abs(measure(found, "share", name)) > 0 for name in model.platforms)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_story_is_complete_on_the_illustrative_market(preset, nation):
    told = preset.told(nation)
    assert told.scenario.levers
    assert told.left_out == ()
    assert from_link(to_link(told.scenario)) == (told.scenario, ())
    assert from_json(to_json(told.scenario)) == told.scenario


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_story_names_its_sources_and_what_it_assumes(preset):
    rows = figures(preset)
    assert list(zip(rows["metric"], rows["network"], strict=True)) == list(preset.sources)
    assert (rows["source_title"].str.len() > 0).all()
    assert (rows["source_date"].str.len() > 0).all()
    for lang in LANGUAGES:
        for key in (f"preset.{preset.key}", f"preset.{preset.key}_story", *preset.assumed):
            assert "{" not in say(key, lang, **ASSUMED)


def changes(scenario, kind):
    return [lever.change for lever in scenario.levers if lever.kind == kind]


def test_duoduo_pays_the_published_subsidy_where_it_pays_none_today(nation):
    levers = PRESETS["duoduo"].build(nation).levers
    assert {lever.tier for lever in levers} == {"Tier 3", "Tier 4"}
    assert {lever.kind for lever in levers} == {"subsidy", "allocation", "cooperation"}
    today = dict(zip(nation.cities, nation.subsidy[nation.platforms.index("duoduo")], strict=True))
    for lever in levers:
        if lever.kind == "subsidy":
            assert lever.change == 0.12  # CNY per parcel, as published
            assert all(today[city] == 0 for city in lever.cities)
            others = set(nation.cities[nation.span(lever.tier)]) - set(lever.cities)
            assert all(today[city] > 0 for city in others)


def test_the_income_rise_is_no_guarantee(nation):
    assert not changes(PRESETS["duoduo"].build(nation), "guarantee")
    assert "preset.duoduo_guarantee" in PRESETS["duoduo"].assumed


def test_cainiao_opens_the_planned_stations_in_the_planned_cities(nation):
    scenario = PRESETS["cainiao"].build(nation)
    assert sum(changes(scenario, "stations")) == pytest.approx(30_000, abs=ROUNDING)  # announced in 2020
    opened = [lever for lever in scenario.levers if lever.kind == "fee_waiver"]
    spans = [len(nation.cities[nation.span(lever.tier)]) for lever in opened if not lever.cities]
    assert sum(spans) + sum(len(lever.cities) for lever in opened) == 100


def test_jd_builds_three_layers_in_xian_and_pays_nothing_there(nation):
    levers = PRESETS["jd"].build(nation).levers
    assert {lever.cities for lever in levers} == {("610100",)}
    assert len(changes(PRESETS["jd"].build(nation), "stations")) == 3
    assert all(change < 0 for change in changes(PRESETS["jd"].build(nation), "subsidy"))


@pytest.mark.parametrize(("key", "platform", "target"), [("rural", "rural", 150_000), ("lockers", "hivebox", 750_000)])
def test_what_is_missing_of_a_national_plan_is_opened(nation, key, platform, target):
    table = cities()["population_2020"]
    part = table[list(nation.cities)].sum() / table.sum()
    stock = nation.stations[nation.platforms.index(platform)].sum()
    opened = sum(changes(PRESETS[key].build(nation), "stations"))
    assert opened == pytest.approx(target * part - stock, abs=ROUNDING)


def test_the_forecast_of_lockers_stands_beside_what_the_bureau_counted():
    rows = figures(PRESETS["lockers"]).set_index("metric")
    assert rows.loc["lockers_installed_forecast", ["value", "kind"]].tolist() == [750_000, "forecast"]
    assert rows.loc["locker_sets", "value"] == 406_000  # State Post Bureau, end of 2019
    assert rows.loc["lockers_installed", "value"] == 250_000


def test_the_west_is_two_regions_and_the_remote_provinces_are_three(nation):
    shared, sent = (PRESETS[key].build(nation).levers for key in ("shared", "forwarding"))
    assert {lever.region for lever in shared} == {"Southwest", "Northwest"} <= set(REGIONS)
    assert {lever.province for lever in sent} == {"Xizang (Tibet)", "Qinghai", "Gansu"}


def test_a_market_without_the_place_says_so():
    found = {key: preset.told(one_tier()) for key, preset in PRESETS.items()}
    assert ("tier", "Tier 3") in found["duoduo"].left_out
    assert {lever.tier for lever in found["duoduo"].scenario.levers} == {"Tier 1"}
    assert ("city", "610100") in found["jd"].left_out
    assert ("network", "hivebox") in found["lockers"].left_out
    assert ("region", "Southwest") in found["shared"].left_out
    assert ("province", "Gansu") in found["forwarding"].left_out
    assert found["forwarding"].scenario.levers == ()


def test_everything_left_out_has_words_in_both_languages():
    for what in ("network", "tier", "region", "province", "city", "met"):
        for lang in LANGUAGES:
            assert say(f"preset.left_{what}", lang, name="x")
    assert {f"preset.{key}" for key in PRESETS} <= set(catalogue())
    assert len(PRESETS) == 8
    assert set(ASSUMED) <= set(KINDS)
