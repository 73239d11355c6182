"""Does the station live on it? Every choice, both languages, any upload; levers live in the URL and can be reset."""

import pytest

from analysis.economics import STATIONS
from data.platforms import FORMATS
from data.text import LANGUAGES, say
from tests.test_pages import PILOTS, charts, start

STATION = {"part": "station"}


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
    assert len(app.dataframe) == 2


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
        {"station_tier": "all"},
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
    app = well(start("subsidy", **STATION, station_of="duoduo", station_tier="Tier 3"))
    assert box(app, "parcels").value > 500
    assert 0 < box(app, "subsidy").value < 0.12
    assert any("Duoduo station in Tier 3" in title for title in titles(app))
    other = well(start("subsidy", **STATION, station_of="jd", station_tier="Tier 3"))
    assert box(other, "subsidy").value == 0


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


def test_an_edit_outlives_a_change_of_network_and_the_rest_follows():
    app = well(start("subsidy", **STATION, station_of="duoduo", st_rent="3333"))
    parcels = box(app, "parcels").value
    next(s for s in app.selectbox if s.key.startswith("station_of.")).set_value("cainiao").run()
    assert box(well(app), "rent").value == 3333
    assert box(app, "parcels").value != parcels


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered(pilot):
    app = start("data")
    for dataset, content in PILOTS[pilot].items():
        app.file_uploader(key=f"file_{dataset}").upload(f"{dataset}.csv", content).run()
    app.switch_page("pages/subsidy.py").run()
    group = [g for g in app.button_group if g.key == "part.en.subsidy"]
    if group:
        group[0].set_value("station").run()
        assert well(app).header or app.info
