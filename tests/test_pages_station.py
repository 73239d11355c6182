"""Does the station live on it? Every choice, both languages, any upload; levers live in the URL and can be reset."""

import json

import pytest

from analysis.economics import STANDARD, STATIONS
from data.platforms import FORMATS
from data.text import LANGUAGES, say
from tests.test_pages import PILOTS, charts, start
from tests.uploads import use

STATION = {"part": "station"}
BEYOND = ("parcels", "takes", "cells", "per_set", "larger", "hours", "fits")
"""What the sentence on too many parcels fills in."""


def well(app):
    assert not app.exception
    assert not app.error
    return app


def titles(app):
    return [header.value for header in app.header]


def box(app, short):
    return next(b for b in app.number_input if b.key.startswith(f"st_{short}."))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_station_part_is_drawn(lang):
    app = well(start("subsidy", lang=lang, **STATION))
    assert len(charts(app)) == 4
    assert all(len(chart.alt) > 20 for chart in charts(app))
    assert len(app.metric) == 5
    assert len(app.number_input) == 11
    assert all(len(number.help) > 5 for number in app.number_input)
    assert len(app.dataframe) == 1
    assert len(app.table) == 1


@pytest.mark.parametrize("of", ["cainiao", "hivebox", "rural", *FORMATS])
def test_any_network_and_format_is_answered(of):
    app = well(start("subsidy", station_of=of, **STATION))
    assert len(charts(app)) == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_upkeep_of_lockers_says_what_it_was_set_by(lang):
    app = well(start("subsidy", lang=lang, station_of="locker", **STATION))
    parcels = f"{STATIONS['locker'].parcels_per_day:,.0f}"
    said, _, _ = say("station.upkeep_set", lang, parcels=parcels, printed="|").partition("|")
    assert said in box(app, "wages").help
    assert "4,000" in box(app, "wages").help.replace("\\", "")
    assert not any(said in number.help for number in app.number_input if not number.key.startswith("st_wages."))


@pytest.mark.parametrize(
    "query",
    [
        {"tier": "Tier 1"},
        {"month": "2019-01"},
        {"tier": "Tier 3~Tier 4", "station_of": "hivebox"},
        {"station_show": "median"},
        {"st_hours": "20", "st_peak": "60"},
        {"st_parcels": "0"},
        {"st_handling": "5"},
        {"region": "Northwest", "tier": "Tier 1"},
        {"st_fee": "nonsense", "st_rent": "-4", "station_of": "door"},
    ],
    ids=str,
)
def test_any_choice_is_answered(query):
    app = well(start("subsidy", **STATION, **query))
    assert app.header or app.info


def test_the_published_crossing():
    query = {"station_of": "station", "station_paid": "added", "st_guarantee": "100", "st_subsidy": "0.07"}
    app = well(start("subsidy", **STATION, **query))
    assert any("Below 1,429 parcels a day" in title for title in titles(app))


def test_defaults_are_the_markets_average_station():
    app = well(start("subsidy", **STATION, station_of="duoduo", tier="Tier 3"))
    assert box(app, "parcels").value > 500
    assert 0 < box(app, "subsidy").value < 0.12
    assert any("Duoduo station in Tier 3" in title for title in titles(app))
    other = well(start("subsidy", **STATION, station_of="jd", tier="Tier 3"))
    assert box(other, "subsidy").value == 0


def test_one_picker_of_city_tiers_and_every_tier_in_the_table():
    app = well(start("subsidy", **STATION, tier="Tier 3"))
    every = well(start("subsidy", **STATION))
    assert sum(say("input.tier_all", "en") == m.placeholder for m in app.multiselect) == 1
    assert not any("tier" in s.label.lower() for s in app.selectbox)
    heat = [json.loads(c.spec)["data"][0] for c in (charts(app)[2], charts(every)[2])]
    assert heat[0]["x"] == heat[1]["x"]
    assert len(heat[0]["x"]) > 5
    assert box(app, "parcels").value != box(every, "parcels").value


def test_an_edit_moves_the_finding_and_can_be_reset():
    app = well(start("subsidy", **STATION, station_of="station"))
    before = titles(app)
    box(app, "parcels").set_value(3000.0).run()
    assert titles(well(app)) != before
    assert app.session_state["value.st_parcels"] == 3000
    assert any(button.label == say("station.reset_n", "en", n=1) for button in app.button)
    app.button(key="station_reset").click().run()
    assert titles(well(app)) == before
    assert app.session_state["value.st_parcels"] is None


def whose(app, name):
    next(s for s in app.selectbox if s.key.startswith("station_of.")).set_value(name).run()
    return well(app)


def paid(app):
    return next(g for g in app.button_group if g.key.startswith("station_paid."))


def test_edits_belong_to_the_network_they_were_made_for():
    app = well(start("subsidy", **STATION, station_of="duoduo"))
    box(app, "guarantee").set_value(500.0).run()
    paid(app).set_value("added").run()
    assert box(whose(app, "jd"), "guarantee").value == 0
    assert paid(app).value == "topped"
    assert "st_guarantee" not in app.query_params
    assert app.button(key="station_reset").disabled
    assert box(whose(app, "duoduo"), "guarantee").value == 500
    assert paid(app).value == "added"
    assert app.query_params["st_guarantee"] == "500"


def test_edits_belong_to_the_tiers_they_were_made_for():
    app = well(start("subsidy", **STATION, st_rent="3333"))
    tiers = next(m for m in app.multiselect if m.key.startswith("tier."))
    tiers.set_value(["Tier 3"]).run()
    assert box(well(app), "rent").value != 3333
    next(m for m in app.multiselect if m.key.startswith("tier.")).set_value([]).run()
    assert box(well(app), "rent").value == 3333


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_caption_names_what_the_reader_changed(lang):
    app = well(start("subsidy", **STATION, lang=lang, st_guarantee="500"))
    said = say("station.changed", lang, items=say("station.field_guarantee_cny_per_day", lang))
    assert any(caption.value.endswith(said) for caption in app.caption)
    app.button(key="station_reset").click().run()
    assert not any(said in caption.value for caption in well(app).caption)


@pytest.mark.parametrize(("typed", "kept"), [(100_000.0, 20_000.0), (-5.0, 0.0)])
def test_a_number_out_of_range_is_brought_back_and_said(typed, kept):
    app = well(start("subsidy", **STATION))
    box(app, "parcels").set_value(typed).run()
    assert box(well(app), "parcels").value == kept
    said = say("station.limited", "en", high="20,000", value=f"{kept:,.0f}")
    assert any(caption.value == said for caption in app.caption)
    assert any(f"{kept:,.0f} parcels a day" in title for title in titles(app))
    box(app, "parcels").set_value(900.0).run()
    assert not any(caption.value == said for caption in well(app).caption)


@pytest.mark.parametrize("of", ["duoduo", "hivebox"])
def test_back_to_defaults_resets_the_set_of_lockers(of):
    app = well(start("subsidy", **STATION, station_of=of))
    next(s for s in app.slider if s.key.startswith("st_hours.")).set_value(5.0).run()
    assert not well(app).button(key="station_reset").disabled
    assert app.query_params["st_hours"] == "5"
    app.button(key="station_reset").click().run()
    assert next(s for s in well(app).slider if s.key.startswith("st_hours.")).value == STANDARD.hours_in_cell
    assert "st_hours" not in app.query_params


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lockers_above_capacity_are_said_to_be(lang):
    app = well(start("subsidy", **STATION, lang=lang, station_of="hivebox", tier="Tier 3"))
    first, _, _ = say("station.beyond_why", lang, **dict.fromkeys(BEYOND, "|")).partition("|")
    assert [warning.value.startswith(first) for warning in app.warning] == [True]
    assert any(caption.value.startswith(first) for caption in app.caption)
    next(s for s in app.slider if s.key.startswith("st_hours.")).set_value(4.0).run()
    assert not well(app).warning
    assert not well(start("subsidy", **STATION, lang=lang, station_of="duoduo")).warning


@pytest.mark.parametrize(
    "query", [{}, {"tier": "Tier 1"}, {"st_peak": "0"}, {"st_hours": "24", "st_peak": "90"}], ids=str
)
def test_rush_points_to_the_day_solved(query):
    app = well(start("subsidy", **STATION, **query))
    assert any("hour by hour" in caption.value and "Lockers of the Map" in caption.value for caption in app.caption)


def test_sources_are_read_in_full():
    app = well(start("subsidy", **STATION, station_of="locker"))
    table = app.table[0].value
    assert len(table.columns) == 4
    assert table.iloc[:, 3].str.contains(r"\]\(http").sum() == 2
    assert len(table) == 9


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered(pilot):
    app = start("data")
    use(app, PILOTS[pilot])
    app.switch_page("pages/subsidy.py").run()
    group = [g for g in app.button_group if g.key == "part.en.subsidy"]
    if group:
        group[0].set_value("station").run()
        assert well(app).header or app.info
