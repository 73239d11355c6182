"""The room of lockers on the Map page: every choice answered, both languages, any upload; levers live in the URL."""

import re

import pytest

from data.text import LANGUAGES, say
from pages.ui.map_lockers_levers import SLIDERS
from tests.test_pages import charts, start
from tests.uploads import use

ROOM = {"room": "lockers"}
WHEN = "in the fullest hour"


def well(app):
    assert not app.exception
    assert not app.error
    return app


def titles(app):
    return [header.value for header in app.header]


def needs(app):
    """Title about lockers needed and lockers there."""
    return next(title for title in titles(app) if "lockers are needed" in title)


def slider(app, name):
    return next(one for one in app.slider if one.key.startswith(f"lock_{name}."))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_room_is_drawn(lang):
    app = well(start("map", lang=lang, **ROOM))
    assert len(charts(app)) == 5
    assert all(len(chart.alt) > 20 for chart in charts(app))
    assert len(app.metric) == 5
    tables = [b for b in app.get("popover") if b.proto.popover.label == say("view.as_table", lang)]
    assert len(tables) >= 6
    assert [len(table.value) > 300 for table in app.dataframe] == [False, True]


def test_counts_beyond_what_cells_can_hold_are_said_plainly():
    app = well(start("map", **ROOM))
    assert len(app.warning) == 1
    assert app.warning[0].value.startswith("About this market’s data")
    found = (float(n.replace(",", "")) for n in re.findall(r"\d[\d,.]*\b", app.warning[0].value)[:7])
    n, total, parcels, cells, most, hours, beyond = found
    assert 0 < n < beyond < total
    assert parcels > most
    assert most == pytest.approx(cells * 24 / hours, rel=0.01)
    assert not any(f"{beyond:.0f} of {total:.0f} cities more" in title for title in titles(app))


def test_published_figures_stand_beside_the_markets():
    app = well(start("map", **ROOM))
    assert any("8.9%" in title and "32–40%" in title for title in titles(app))
    assert any("406,000" in title and "750,000" in title for title in titles(app))


@pytest.mark.parametrize(
    "query",
    [
        {"lock_judged": "evening"},
        {"lock_judged": "day", "lock_tier": "Tier 3"},
        {"lock_from": "share", "lock_share": "25"},
        {"lock_small": "0"},
        {"lock_small": "0", "lock_medium": "0", "lock_large": "0"},
        {"lock_mix_small": "100", "lock_mix_medium": "100"},
        {"lock_drops": "0", "lock_picked": "90", "lock_hours": "2"},
        {"lock_level": "99.9", "lock_spread": "100", "lock_busy": "300"},
        {"lock_spread": "0"},
        {"lock_visit": "20"},
        {"lock_drops": "0", "lock_judged": "evening"},
        {"city": "440300"},
        {"city": "632700"},
        {"tier": "Tier 5", "region": "Northwest"},
        {"month": "2019-01"},
        {"lock_level": "nonsense", "lock_hours": "-4", "lock_judged": "noon", "lock_tier": "Tier 9"},
    ],
    ids=str,
)
def test_any_choice_is_answered(query):
    app = well(start("map", **ROOM, **query))
    assert len(charts(app)) == 5
    assert len(app.metric) == 5


def test_link_restores_the_levers():
    app = well(start("map", **ROOM, lock_level="95", lock_hours="6", lock_judged="evening", lock_from="share"))
    assert slider(app, "level").value == 95
    assert slider(app, "hours").value == 6
    assert slider(app, "share").value == 10
    assert "95%" in needs(app)
    assert "in the evening peak" in needs(app)


def test_a_lever_moves_the_answer_and_is_kept_in_the_link():
    app = well(start("map", **ROOM))
    before = needs(app)
    slider(app, "hours").set_value(20.0).run()
    assert needs(well(app)) != before
    assert app.query_params["lock_hours"] == "20"
    app.button(key="lock_reset").click().run()
    assert needs(well(app)) == before
    assert "lock_hours" not in app.query_params
    assert all(slider(app, name).value == default for name, (_, _, default, _) in SLIDERS.items())


def test_visits_and_days_are_said():
    app = well(start("map", **ROOM, lock_visit="1", month="2026-02"))
    one = app.metric[0].value
    captions = [caption.value for caption in app.caption]
    assert any("bring 1 at once" in caption for caption in captions)
    assert any("(28 in " in caption for caption in captions)
    app = well(start("map", **ROOM, lock_visit="10", month="2026-02"))
    assert int(app.metric[0].value.split("/")[0]) < int(one.split("/")[0])


def test_city_chosen_is_the_set_that_is_shown():
    app = well(start("map", **ROOM, city="440300"))
    assert any(title.startswith("Average locker, Shenzhen") for title in titles(app))
    assert not any(box.key.startswith("lock_tier") for box in app.selectbox)
    spoken = [title for title in titles(app) if "Shenzhen" in title]
    assert len(spoken) == 5
    assert not any(" here" in title for title in titles(app))
    assert any(caption.value.startswith("Figures of: Shenzhen") for caption in app.caption)
    assert all("Dazhou" not in warning.value for warning in app.warning)
    assert app.dataframe[1].value.index[0] == "440300"


def test_city_beyond_what_its_cells_hold_is_told_of_itself():
    (warning,) = well(start("map", **ROOM, city="511700")).warning
    assert "Dazhou" in warning.value
    assert " cities" not in warning.value


def volumes(*rows):
    return "\n".join(["month,city,platform,parcels", *rows]).encode()


MONTHS = [f"2025-{month:02d}" for month in range(1, 4)]
NETWORKS = {"cainiao": 900_000, "home": 400_000}


def uploaded(networks, city="all", **more):
    rows = volumes(*(f"{m},330100,{p},{n}" for m in MONTHS for p, n in networks.items()))
    app = start("data")
    use(app, {"volumes": rows, **more})
    app.query_params["room"] = "lockers"
    app.query_params["city"] = city
    return well(app.switch_page("pages/map.py").run())


def test_market_without_stations_is_told_what_is_missing():
    app = uploaded({**NETWORKS, "hivebox": 90_000})
    assert any(say("lockmap.no_stations", "en") in info.value for info in app.info)
    assert "0 stand" in needs(app)


def test_market_without_parcels_for_lockers():
    app = uploaded(NETWORKS)
    assert say("lockmap.map_none", "en") in titles(app)
    assert any("enough" in title for title in titles(app))


def test_city_without_lockers_is_said_to_be_so():
    app = uploaded(NETWORKS, city="330100")
    assert say("lockmap.not_there", "en", where="Hangzhou") in [info.value for info in app.info]
    assert not any("Hangzhou" in title for title in titles(app))


def test_lockers_of_a_network_of_stations_are_told_apart():
    stations = "\n".join(
        [
            "station_id,platform,format,city,lat,lon,opened,cells",
            *(f"L{i},{who},locker,330100,30.27,120.1{i},2020-01-01,84" for i, who in enumerate(["hivebox", "cainiao"])),
        ]
    ).encode()
    app = uploaded({**NETWORKS, "hivebox": 9_000}, stations=stations)
    assert any(say("lockmap.elsewhere", "en", n="1") in caption.value for caption in app.caption)
    assert "2 stand" in needs(app)
