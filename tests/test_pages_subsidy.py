"""The subsidy page, and what the share page says of drivers and trust: every view, both languages, any upload."""

import json

import pytest

from data.platforms import PLATFORMS
from data.text import LANGUAGES, say
from tests.test_pages import PILOTS, charts, start
from tests.uploads import use

PROOFS = ("card", "ways", "instruments", "residuals")
SUBSIDY_VIEWS = ({"part": "landscape"}, {"part": "landscape", "show": "part"}, {"part": "effect"})
READINGS = ({"view": "drivers"}, *({"view": "trust", "proof": proof} for proof in PROOFS))


def well(app):
    assert not app.exception
    assert not app.error
    return app


def headers(app):
    return [header.value for header in app.header]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("query", SUBSIDY_VIEWS, ids=str)
def test_subsidy_view_is_drawn(query, lang):
    app = well(start("subsidy", lang=lang, **query))
    drawn = charts(app)
    assert len(drawn) >= 3
    assert all(len(chart.alt) > 20 for chart in drawn)
    tables = [b for b in app.get("popover") if b.proto.popover.label == say("view.as_table", lang)]
    assert len(tables) == len(drawn)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("query", READINGS, ids=str)
def test_reading_of_the_share_model_is_drawn(query, lang):
    app = well(start("share", lang=lang, **query))
    assert app.header
    assert all(len(chart.alt) > 20 for chart in charts(app))


def test_landscape_heat_map_has_every_payer_and_month():
    app = well(start("subsidy"))
    heat = next(json.loads(c.spec)["data"][0] for c in charts(app) if '"heatmap"' in c.spec)
    assert "Duoduo" in heat["y"]
    assert "China Post" not in heat["y"]  # pays nothing
    assert len(heat["x"]) == 92


def test_landscape_follows_the_filters():
    app = well(start("subsidy", network="duoduo", tier="Tier 3", month="2025-01"))
    assert any("Duoduo" in title and "Tier 3" in title for title in headers(app))


@pytest.mark.parametrize(
    ("query", "network"), [({"network": "cainiao"}, "cainiao"), ({"network": "jd~duoduo"}, None), ({}, None)], ids=str
)
def test_the_map_opens_on_the_network_filtered_or_the_top_payer(query, network):
    app = well(start("subsidy", **query))
    app.button(key="subsidy_on_map").click().run()
    assert app.session_state["value.measure"] == "subsidy"
    focus = app.session_state["value.focus"]
    assert focus == network if network else headers(well(start("subsidy", **query)))[0].startswith(PLATFORMS[focus].en)


def test_an_early_month_is_named_where_it_stops_the_study():
    app = well(start("subsidy", part="effect", month="2019-03"))
    assert any("Mar 2019" in line.value for line in app.info)
    whole = well(start("subsidy", part="effect", payer="duoduo")).caption
    assert any("12 months after the last" in line.value for line in whole)
    assert "months after the last" not in compared()  # its study goes on to the month chosen


def test_effect_says_when_and_how_much():
    title = headers(well(start("subsidy", part="effect", payer="duoduo")))[0]
    assert title.startswith("Duoduo’s share was")
    assert "a year after it began to pay" in title


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "share"},
        {"outcome": "log_volume"},
        {"outcome": "answer"},
        {"control": "not-yet"},
        {"ring": "100"},
        {"tier": "Tier 1"},
        {"tier": "Tier 2", "payer": "jd"},
        {"month": "2019-03"},
        {"month": "2023-06"},
        {"region": "Northwest", "tier": "Tier 1"},
    ],
    ids=str,
)
def test_any_choice_of_effect_is_answered(query):
    app = well(start("subsidy", part="effect", **query))
    assert app.header or app.info


def compared(**query):
    """Who is compared on the effect view: the caption with the numbers of cities and months."""
    app = well(start("subsidy", part="effect", payer="cainiao", **query))
    return next(c.value for c in app.caption if "cities that came to pay" in c.value)


def test_month_tiers_and_regions_cut_what_the_effect_is_read_from():
    whole, tier, region = compared(), compared(tier="Tier 3"), compared(region="East")
    cities = [int(text.split()[0]) for text in (whole, tier, region)]
    assert cities[0] > cities[1] > 0
    assert cities[0] > cities[2] > 0
    known = compared(month="2023-06")
    assert int(known.split()[0]) < cities[0]
    assert "to Jun 2023" in known
    assert "to Jun 2023" not in whole


def test_the_effect_has_no_filter_of_networks():
    assert compared(network="jd") == compared()
    effect, who = (start("subsidy", part=part, network="jd") for part in ("effect", "landscape"))
    shown = [[box.key.split(".")[0] for box in app.multiselect] for app in (effect, who)]
    assert shown == [["tier", "region"], ["tier", "region", "network"]]


def test_drivers_say_the_sentence():
    app = well(start("share", view="drivers", player="duoduo"))
    assert any(title.startswith("One more fen per parcel lifts Duoduo’s share in Tier") for title in headers(app))
    app = well(start("share", view="drivers", player="duoduo", driver="log_stations"))
    assert any(title.startswith("10 % more stations lift Duoduo’s share in Tier") for title in headers(app))


@pytest.mark.parametrize(
    "query",
    [
        {"response": "elastic"},
        {"driver": "log_stations", "response": "elastic"},
        {"heat_tier": "Tier 5"},
        {"region": "Northwest"},
        {"month": "2019-01"},
        {"player": "jd", "heat_tier": "Tier 4", "eta": "0.8"},
        {"player": "rural", "tier": "Tier 1"},
    ],
    ids=str,
)
def test_any_choice_of_drivers_is_answered(query):
    app = well(start("share", view="drivers", **query))
    assert app.header


def test_ladder_names_its_best_rung():
    titles = headers(well(start("share", view="drivers", player="cainiao", heat_tier="Tier 4")))
    assert any("the best evidence is a quasi-experiment" in title and "widened" not in title for title in titles)


def test_a_second_instrument_allows_the_test_of_both():
    app = well(start("share", view="trust", proof="instruments", instrument="tier~region"))
    assert any("over-identification" in line.value for line in app.markdown)


def upload(pilot):
    app = start("data")
    use(app, PILOTS[pilot])
    return app


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered_on_the_subsidy_page(pilot):
    app = upload(pilot)
    app.switch_page("pages/subsidy.py").run()
    assert well(app).header or app.info
    if app.button_group and any(group.key == "part.en.subsidy" for group in app.button_group):
        app.button_group(key="part.en.subsidy").set_value("effect").run()
        assert well(app).header or app.info


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered_by_the_readings(pilot):
    app = upload(pilot)
    app.switch_page("pages/share.py").run()
    for view in ("drivers", "trust"):
        if any(group.key == "view.en.share" for group in app.button_group):
            app.button_group(key="view.en.share").set_value(view).run()
            assert well(app).header or app.info, view
    for proof in PROOFS:
        if any(group.key == "proof.en.share" for group in app.button_group):
            app.button_group(key="proof.en.share").set_value(proof).run()
            assert well(app).header or app.info, proof


def test_assumed_routing_moves_the_fit_and_is_marked_assumed():
    app = upload("five cities with all")
    app.switch_page("pages/share.py").run()
    app.button_group(key="view.en.share").set_value("drivers").run()
    before = headers(well(app))
    app.slider(key="k.duoduo.en.share").set_value(0.5).run()
    assert headers(well(app)) != before
    assert any("Assumed: 50% of Duoduo’s parcels" in title for title in headers(app))
    assert any(say("grade.assumed", "en") in badge.value for badge in app.markdown)
