"""One city beside the map: figures against sums by hand, stations against a count, and the ways to other pages."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analysis.views import city_panel, places
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import demo
from data.grade import Grade
from data.text import LANGUAGES, say
from pages.ui import layout

HANGZHOU = "330100"
MONTH = pd.Timestamp("2026-08-01")
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.fixture(params=LANGUAGES)
def look(request):
    return Look(request.param, Theme("light"))


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No other page to link to."""
    monkeypatch.setattr(layout, "city_link", lambda *_: None)


def hangzhou():
    panel = demo.load().panel
    return panel[panel["city"] == HANGZHOU]


def test_figures_are_sums_of_the_panel(look):
    rows = hangzhou()
    found = city_panel.figures(rows, MONTH, look, Grade.MODELLED)
    now, then = (rows[rows["month"] == m] for m in (MONTH, MONTH - pd.DateOffset(years=1)))
    assert found[0].value == look.count(now["parcels"].sum())
    assert found[0].delta == f"{(now['parcels'].sum() / then['parcels'].sum() - 1) * 100:+.1f}%"
    assert found[1].value == look.count(now["stations"].sum())
    assert found[1].delta == f"{(now['stations'].sum() / then['stations'].sum() - 1) * 100:+.1f}%"
    assert len(found) == 4
    assert {figure.grade for figure in found} == {Grade.MODELLED}


def test_a_month_without_parcels_has_no_figures(look):
    rows = hangzhou()
    assert city_panel.figures(rows, pd.Timestamp("2018-01-01"), look, Grade.MODELLED) == []
    assert city_panel.figures(rows.assign(parcels=0), MONTH, look, Grade.MODELLED) == []
    assert city_panel.figures(rows.iloc[:0], MONTH, look, Grade.MODELLED) == []


def table(rows):
    """Stations from (network, day opened, day closed or None)."""
    names, opened, closed = zip(*rows, strict=True) if rows else ((), (), ())
    stamps = [pd.to_datetime(list(days)).astype("datetime64[us]") for days in (opened, closed)]
    return pd.DataFrame({"platform": list(names), "opened": stamps[0], "closed": stamps[1]})


def test_moves_are_counted_by_hand():
    """Twelve months to the end of Aug 2026 begin on 1 Sep 2025; a station that closed on the last day is gone."""
    found = city_panel.moves(
        table(
            [
                ("jd", "2024-01-01", None),
                ("jd", "2025-08-31", None),
                ("jd", "2025-09-01", None),
                ("jd", "2026-08-31", None),
                ("jd", "2026-09-01", None),
                ("jd", "2024-01-01", "2025-08-31"),
                ("jd", "2024-01-01", "2025-09-01"),
                ("jd", "2025-10-01", "2026-08-31"),
                ("cainiao", "2024-01-01", "2026-09-01"),
            ]
        ),
        MONTH,
    )
    assert found.loc["jd"].tolist() == [4, 3, 2]
    assert found.loc["cainiao"].tolist() == [1, 0, 0]
    assert list(found.index) == ["cainiao", "jd"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["jd", "cainiao", "own network"]), DAYS, st.none() | st.integers(0, 900)), min_size=1
    )
)
def test_stations_of_a_year_before_and_moves_are_those_of_today(rows):
    days = [(p, pd.Timestamp(o), None if n is None else pd.Timestamp(o) + pd.Timedelta(days=n)) for p, o, n in rows]
    stations = table(days)
    now, then = (city_panel.moves(stations, m) for m in (MONTH, MONTH - pd.DateOffset(years=1)))
    np.testing.assert_array_equal(now["stations"], then["stations"] + now["opened"] - now["closed"])


def peers():
    """Two cities by hand: 60, 30, 10 of 100 and 10, 10, 180 of 200 parcels."""
    return pd.DataFrame({"cainiao": [30, 10], "duoduo": [10, 10], "home": [60, 180]}, index=["a", "b"])


def test_the_network_in_focus_is_in_the_title_and_home_delivery_leads_nowhere(look):
    said = city_panel.share_finding(peers(), "a", look, network="duoduo", name="X", tier="T")
    assert look.name("duoduo") in said
    assert "10.0%" in said
    assert "+3.3" in said  # 10 % against 20 of 300
    assert look.name("cainiao") in said
    assert look.name("home") not in said
    first = city_panel.share_finding(peers(), "a", look, network="cainiao", name="X", tier="T")
    assert "30.0%" in first
    none = city_panel.share_finding(peers(), "a", look, network="jd", name="X", tier="T")
    assert look.name("jd") in none
    assert look.name("cainiao") in none
    alone = city_panel.share_finding(peers().assign(cainiao=0, duoduo=0), "a", look, network="jd", name="X", tier="T")
    assert look.say("nation.no_network") in alone


def test_home_delivery_is_named_apart_from_the_first_network(look):
    rows = hangzhou()
    now = rows[rows["month"] == MONTH].groupby("platform", observed=True)["parcels"].sum()
    share = f"{100 * now['home'] / now.sum():.1f}%"
    assert share in city_panel.home_apart(rows, MONTH, look)
    labels = [figure.label for figure in city_panel.figures(rows, MONTH, look, Grade.MODELLED)]
    first = look.name(str(now.drop("home").idxmax()))
    assert look.say("city_panel.leader", name=first) in labels
    assert city_panel.home_apart(rows[rows["platform"] != "home"], MONTH, look) == ""


def test_moves_of_the_market_are_those_of_the_panel():
    market = demo.load()
    found = city_panel.moves(market.stations[market.stations["city"] == HANGZHOU], MONTH)
    counts = hangzhou()
    counts = counts[counts["month"] == MONTH].set_index("platform")["stations"]
    np.testing.assert_array_equal(found["stations"], counts.reindex(found.index))


def test_the_finding_names_who_moved_most(look):
    found = city_panel.moves(
        table([("jd", "2026-01-01", None)] * 2 + [("cainiao", "2024-01-01", "2026-01-01")] * 3), MONTH
    )
    said = city_panel.stations_finding(found, look, name="X")
    assert look.name("cainiao") in said
    assert "−3" in said
    shown = city_panel.stations_table(found, look)
    assert list(shown.index) == [look.name("jd"), look.name("cainiao")]
    same = city_panel.moves(table([("jd", "2024-01-01", None)]), MONTH)
    assert look.name("jd") not in city_panel.stations_finding(same, look, name="X")


def test_one_payer_is_one_network(look):
    rows = hangzhou()
    payers = places.subsidies(rows[rows["month"] == MONTH], look)
    assert len(payers) == 1
    said = places.subsidy_finding(payers, look, name="X", month="M")
    assert {"en": "Only 1 network subsidises", "zh": "仅1家"}[look.lang] in said


def script(lang, city, area, bare):
    """The panel alone on a page."""
    from dataclasses import replace

    import streamlit as page

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from data import demo
    from pages.ui import area as chosen
    from pages.ui import inputs, map_panel

    market = demo.load()
    if bare:
        empty = market.panel[market.panel["city"] != city]
        market = replace(market, panel=empty, stations=None, version=f"{market.version}-bare")
    if "seen" not in page.session_state:
        page.session_state["seen"] = True
        chosen.put(area)
    filters = inputs.everything(sorted(market.panel["month"].unique()))
    map_panel.panel(Look(lang, Theme("light")), market, replace(filters, area=chosen.chosen()), city, "duoduo")


def drawn(city=HANGZHOU, *, lang="en", area=(), bare=False):
    app = AppTest.from_function(script, default_timeout=120, args=(lang, city, area, bare)).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_panel_answers_in_both_languages(lang):
    app = drawn(lang=lang)
    headings = [h.value for h in app.header]
    assert headings[0] == {"en": "Hangzhou", "zh": "杭州"}[lang]
    assert len(headings) == 4
    assert len(app.metric) == 4
    assert all(len(chart.proto.alt) > 20 for chart in app.get("plotly_chart"))
    assert any("11.9 m" in c.value or "1,193.6万" in c.value for c in app.caption)  # census 2020: 11,936,010 people
    tables = [b for b in app.get("popover") if b.proto.popover.label == say("view.as_table", lang)]
    assert len(tables) == 4


def test_a_city_without_volumes_or_stations_is_answered_in_sentences():
    app = drawn(bare=True)
    assert say("city_panel.no_volumes", "en", where="Hangzhou", month="Aug 2026") in [i.value for i in app.info]
    assert not app.metric
    assert say("map.no_stations", "en") in [c.value for c in app.caption]


def test_an_unknown_city_is_a_sentence():
    assert [i.value for i in drawn("999999").info] == [say("city_panel.unknown", "en", code="999999")]


def test_the_city_becomes_the_area_and_leaves_it():
    app = drawn()
    assert {b.key for b in app.button if b.key.startswith("area_")} == {"area_only"}
    app.button(key="area_only").click().run()
    assert app.session_state["value.area"] == (HANGZHOU,)
    assert app.session_state["value.city"] == HANGZHOU
    assert {b.key for b in app.button if b.key.startswith("area_")} == {"area_take_out"}
    app.button(key="area_take_out").click().run()
    assert app.session_state["value.area"] == ()
    assert app.session_state["value.city"] == "all"


def test_the_city_joins_an_area():
    app = drawn(area=("330200", "340100"))
    assert {b.key for b in app.button if b.key.startswith("area_")} == {"area_only", "area_add"}
    app.button(key="area_add").click().run()
    assert app.session_state["value.area"] == (HANGZHOU, "330200", "340100")
