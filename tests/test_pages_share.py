"""The Share page: every section, cut, picture and city in both languages, and every pilot file on every section."""

import json
import re

import pytest
from playwright.sync_api import expect

from data.text import LANGUAGES, say
from pages.ui.share_sections import CUTS, PICTURES, VIEWS
from tests.test_pages import PILOTS, charts, start, volumes_csv
from tests.uploads import use

SUZHOU_ANHUI = "341300"
LARGEST_FIGURE = 400_000
"""Bytes of JSON in one figure."""


def headings(app):
    return [h.value for h in app.header]


def whole(app):
    """No exception, no error box, and an answer: headings with charts that can be read without seeing them."""
    assert not app.exception
    assert not app.error
    assert app.header or app.info
    for chart in charts(app):
        assert len(chart.alt) > 20
        assert len(chart.spec) < LARGEST_FIGURE


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_section_answers(view, lang):
    app = start("share", view=view, lang=lang)
    whole(app)
    assert app.header
    assert app.title[0].value == say("page.share", lang)
    assert app.button_group(key=f"view.{lang}.share").value == view


@pytest.mark.parametrize("counted", ["network", "owner"])
@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("by", CUTS)
def test_every_cut_and_picture_is_drawn(by, picture, counted):
    app = start("share", by=by, picture=picture, count=counted)
    whole(app)
    assert charts(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_of_provinces_and_cities_are_in_the_reader_s_language(lang):
    for by, name in (("province", {"en": "Guangdong", "zh": "广东"}), ("city", {"en": "Chengdu", "zh": "成都"})):
        spec = json.loads(charts(start("share", by=by, lang=lang))[0].spec)
        assert name[lang] in spec["data"][0]["y"]


def test_a_city_of_the_link_narrows_the_page():
    app = start("share", city=SUZHOU_ANHUI)
    whole(app)
    assert any("Suzhou (Anhui)" in h and "of 70 cities" in h for h in headings(app))
    assert any("subsidise" in h or "subsidy" in h for h in headings(app))
    assert any("Suzhou (Anhui)" in c.value for c in app.caption)


def test_a_city_chosen_on_the_map_is_kept_on_the_share_page():
    app = start("map", city=SUZHOU_ANHUI)
    links = [link.proto for link in app.get("page_link")]
    assert [link.label for link in links] == ["Shares in Suzhou (Anhui)"]
    assert f"city={SUZHOU_ANHUI}" in links[0].query_string
    app.switch_page("pages/share.py").run()
    assert app.selectbox(key="city.en.share").value == SUZHOU_ANHUI
    app.switch_page("pages/map.py").run()
    assert app.selectbox(key="city.en.map").value == SUZHOU_ANHUI


def test_a_city_outside_the_filter_is_let_go():
    app = start("share", city=SUZHOU_ANHUI, tier="Tier 1")
    whole(app)
    assert app.selectbox(key="city.en.share").value == "all"


def test_moves_compare_with_the_month_a_year_before_unless_told_otherwise():
    app = start("share", view="moves", month="2026-03")
    assert app.selectbox(key="from.en.share").value == "2025-03"
    app = start("share", view="moves", month="2026-03", **{"from": "2019-01"})
    assert app.selectbox(key="from.en.share").value == "2019-01"
    whole(app)


def test_months_of_unequal_length_are_said_to_be_scaled():
    said = say("moves.scaled", "en", days=31, since="Feb 2026", month="Mar 2026")
    captions = [c.value for c in start("share", view="moves", month="2026-03", **{"from": "2026-02"}).caption]
    assert sum(said in caption for caption in captions) == 3
    captions = [c.value for c in start("share", view="moves", month="2026-03").caption]
    assert not any("scaled" in caption for caption in captions)


def test_cities_that_come_late_are_said():
    app = start("data")
    late = volumes_csv(("上海",), months=(3,)).partition(b"\n")[2]
    content = volumes_csv(("杭州",), months=(1, 3)) + b"\n" + late
    use(app, {"volumes": content})
    app.switch_page("pages/share.py").run()
    app.button_group(key="view.en.share").set_value("moves").run()
    whole(app)
    said = [c.value for c in app.caption if say("moves.one_date", "en", n=1) in c.value]
    assert len(said) == 1


def test_companies_left_to_the_rest_are_said():
    app = start("share", view="couriers", until_year="2022", since_year="2021")
    assert any(say("couriers.in_the_rest", "en", names="YTO, STO, Yunda") in c.value for c in app.caption)


def test_moves_of_the_first_month_are_answered_in_a_sentence():
    app = start("share", view="moves", month="2019-01")
    assert say("moves.one_month", "en") in [i.value for i in app.info]


@pytest.mark.parametrize(
    "query", [{"city": SUZHOU_ANHUI}, {"count": "owner"}, {"network": "duoduo"}, {"tier": "Tier 5"}]
)
def test_moves_follow_every_filter(query):
    app = start("share", view="moves", **query)
    whole(app)
    assert len(charts(app)) == 4


def test_another_network_can_be_followed():
    app = start("share", view="moves", mover="cainiao")
    assert any(h.startswith("Cainiao") and "rivals" in h for h in headings(app))


@pytest.mark.parametrize("until", ["2019", "2023", "2024", "2025"])
def test_years_of_couriers_stay_on_one_side_of_the_break(until):
    app = start("share", view="couriers", until_year=until)
    whole(app)
    offered = app.selectbox(key="since_year.en.share").options
    first = "2023" if until > "2023" else "2018"
    assert offered[-1] == first
    assert max(offered) < until


def test_a_network_that_is_not_there_is_said():
    app = start("share", city="510100", month="2019-06", network="duoduo")
    whole(app)
    assert any(c.value == "Duoduo is not in Chengdu in Jun 2019" for c in app.caption)
    assert not any("Other networks" in h or "Duoduo" in h for h in headings(app))


def test_a_city_outside_the_filter_is_said():
    app = start("share", city="510100", tier="Tier 1")
    assert any(c.value == "Chengdu is not in Tier 1" for c in app.caption)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"view": "trust"}, set()),
        ({"view": "drivers"}, {"tier", "region"}),
        ({"view": "moves", "count": "owner"}, {"tier", "region"}),
        ({"view": "standing"}, {"tier", "region", "network"}),
    ],
)
def test_filters_that_do_nothing_are_not_shown(query, shown):
    boxes = {box.key.partition(".")[0] for box in start("share", network="duoduo", **query).multiselect}
    assert boxes & {"tier", "region", "network"} == shown


@pytest.mark.parametrize("view", VIEWS)
def test_filters_that_fit_nothing_are_answered_in_every_section(view):
    app = start("share", view=view, tier="Tier 1", region="Northwest")
    assert not app.exception
    unfiltered = view in ("couriers", "trust")
    assert (say("view.nothing_fits", "en") in [i.value for i in app.info]) is not unfiltered


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered_in_every_section(pilot):
    app = start("data")
    use(app, PILOTS[pilot])
    app.switch_page("pages/share.py").run()
    for view in VIEWS:
        app.button_group(key="view.en.share").set_value(view).run()
        whole(app)


@pytest.mark.parametrize("pilot", ["volumes of one city", "one month", "one city with subsidies", "a dead last month"])
def test_pilot_files_are_drawn_in_every_cut_picture_and_city(pilot):
    app = start("data")
    use(app, PILOTS[pilot])
    app.switch_page("pages/share.py").run()
    for by in CUTS:
        for picture in PICTURES:
            app.button_group(key="by.en.share").set_value(by).run()
            app.button_group(key="picture.en.share").set_value(picture).run()
            whole(app)
    app.selectbox(key="city.en.share").set_value("330100").run()
    whole(app)


def test_only_the_chosen_section_runs(monkeypatch):
    """A section that is not in sight may not cost time: the couriers read no market model."""
    from pages.ui import fits

    def refuse(*_):
        raise AssertionError("fitted although not in sight")

    monkeypatch.setattr(fits, "share_fit", refuse)
    for view in ("standing", "moves", "couriers"):
        whole(start("share", view=view))


@pytest.mark.browser
def test_the_film_plays_without_the_internet(page):
    """The page fixture fails on any request that leaves the machine."""
    opened = page("/share?picture=film")
    month = opened.locator(".st-key-chart_film .slider-label").first
    expect(month).to_have_text("Aug 2026")
    opened.locator(".st-key-chart_film .updatemenu-button").first.click()
    expect(month).not_to_have_text("Aug 2026")
    opened.locator(".st-key-chart_film .updatemenu-button").last.click()


@pytest.mark.browser
def test_the_map_leads_to_the_shares_of_its_city(page):
    opened = page(f"/map?city={SUZHOU_ANHUI}")
    opened.get_by_role("link", name="Shares in Suzhou (Anhui)").click()
    expect(opened.get_by_role("heading", name=re.compile(r"Suzhou \(Anhui\): .* of 70 cities"))).to_be_visible()
    expect(opened).to_have_url(re.compile(f"city={SUZHOU_ANHUI}"))
