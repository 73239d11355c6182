"""Every page runs in both languages and themes, on the real data, without an exception or an error box."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.text import LANGUAGES, say
from tests.uploads import drop, use

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
SECONDS = 120
"""The first run may build the illustrative market and fit the share model."""


def start(page="overview", **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    return app if page == "overview" else app.switch_page(f"pages/{page}.py").run()


def charts(app):
    return [chart.proto for chart in app.get("plotly_chart")]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_page_answers_its_question(page, lang):
    app = start(page, lang=lang)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == say(f"page.{page}", lang)
    if page == "present":
        return  # an empty board has no number to grade
    grades = {say(f"grade.{g}", lang) for g in ("reported", "estimated", "modelled", "assumed")}
    assert any(grade in badge.value for badge in app.get("markdown") for grade in grades)


@pytest.mark.parametrize("page", [p for p in PAGES if p not in ("data", "present")])
def test_every_chart_has_alt_text_and_a_table(page):
    app = start(page)
    drawn = [*charts(app), *(deck.proto for deck in app.get("deck_gl_json_chart"))]
    assert drawn
    assert all(len(chart.alt) > 20 for chart in drawn)
    tables = [b for b in app.get("popover") if b.proto.popover.label == say("view.as_table", "en")]
    assert len(tables) >= len(drawn)


def test_link_restores_the_view():
    app = start("overview", month="2024-06", tier="Tier 3", lang="zh")
    assert app.title[0].value == "总览"
    assert app.selectbox[0].value == "2024-06"
    spec = json.loads(charts(app)[0].spec)
    assert {label for trace in spec["data"] for label in trace["y"]} == {"三线"}


def test_nonsense_in_the_link_is_ignored():
    app = start("overview", month="2199-13", tier="Tier 99~Tier 2", region="<script>", lang="xx")
    assert not app.exception
    assert app.title[0].value == "Overview"
    assert app.multiselect[0].value == ["Tier 2"]


def test_filters_survive_a_change_of_language_and_page():
    app = start("overview", tier="Tier 4")
    app.button_group(key="language").set_value("zh").run()
    assert app.multiselect[0].value == ["Tier 4"]
    app.switch_page("pages/share.py").run()
    assert app.title[0].value == "份额"
    assert app.multiselect[0].value == ["Tier 4"]


def test_a_subsidy_moves_shares_and_zero_moves_none():
    app = start("share", view="drivers")
    title = say("finding.scenario_same", "en")
    assert any(h.value == title for h in app.header)
    app.slider(key="s4.en.share").set_value(0.05).run()
    assert not app.exception
    assert not any(h.value == title for h in app.header)


def test_a_ceiling_that_only_the_season_shows_is_not_a_finding():
    """Annual totals of 2023-2025 cannot tell a ceiling; published locker counts cannot either."""
    app = start("growth", series="national_monthly", curve="logistic")
    assert "eiling" not in app.header[0].value
    assert any("Ceiling not confirmed" in block.value for block in app.markdown)
    app = start("growth", series="lockers", curve="logistic")
    assert app.header[0].value.startswith("Too short to forecast")
    assert not any("Ceiling of" in block.value for block in app.markdown)


@pytest.mark.parametrize("page", ["overview", "share", "map"])
def test_filters_that_fit_nothing_are_answered_in_a_sentence(page):
    app = start(page, tier="Tier 1", region="Northwest")
    assert not app.exception
    assert say("view.nothing_fits", "en") in [i.value for i in app.info]


@pytest.mark.parametrize(
    "query",
    [
        {"series": "market.rural", "tier": "Tier 1"},
        {"series": "market.duoduo", "month": "2019-03"},
        {"series": "stations.duoduo", "month": "2019-06"},
        {"series": "market.total", "month": "2019-02"},
        {"series": "market.total", "tier": "Tier 1", "region": "Northwest"},
    ],
)
def test_a_series_too_short_to_fit_is_answered_twice_the_same(query):
    """The second run reads the cache."""
    app = start("growth", **query)
    assert not app.exception
    said = [w.value for w in (*app.warning, *app.info)]
    assert said
    app.run()
    assert not app.exception
    assert [w.value for w in (*app.warning, *app.info)] == said


def test_concentration_does_not_hang_on_the_networks_shown():
    titles = [next(h.value for h in start("share", network=n).header if "HHI" in h.value) for n in ("", "duoduo")]
    assert titles[0] == titles[1]
    assert not any("Other networks leads" in h.value for h in start("share", network="duoduo").header)


def test_a_lever_moves_under_a_filter():
    app = start("share", view="drivers", region="Northwest")
    tiers = {slider.key.split(".")[0] for slider in app.slider}
    assert "s1" not in tiers  # no Tier 1 city in the Northwest
    app.slider(key="s5.en.share").set_value(0.05).run()
    assert not app.exception


def test_prices_are_not_compared_across_the_wider_definition():
    metric = next(m for m in start("overview", month="2024-06").metric if "Revenue" in m.label)
    assert metric.value == "¥7.95"
    assert not metric.delta
    metric = next(m for m in start("overview", month="2025-06").metric if "Revenue" in m.label)
    assert metric.delta == "-0.46 CNY"


@pytest.mark.parametrize("measure", ["leader", "network_share", "hhi", "stations_per_10k", "subsidy"])
def test_map_shows_every_measure(measure):
    app = start("map", measure=measure)
    assert not app.exception
    assert say(f"measure.{measure}_caption", "en", name="Duoduo", month="Aug 2026") in {c.value for c in app.caption}


def test_record_search_narrows():
    app = start("record", search="Hive Box", lang="en")
    assert not app.exception
    found = app.dataframe[0].value
    assert 5 < len(found) < 100


def test_bad_upload_is_shown_by_row_and_column():
    app = start("data")
    rows = "2025-01,杭州,菜鸟驿站,-5", "2025-01,Atlantis,Cainiao,7", "2025-02,杭州,菜鸟驿站,9"
    bad = "\n".join(("month,city,platform,parcels", *rows)).encode()
    drop(app, {"volumes.csv": bad})
    assert not app.exception
    problems = next(table.value for table in app.dataframe if {"Row", "Value"} <= set(table.value))
    assert {2, 3} <= set(problems["Row"])
    assert "Atlantis" in set(problems["Value"])


def volumes_csv(cities=("杭州",), months=(1, 2, 3), last=1.0):
    rows = ["month,city,platform,parcels"]
    for m in months:
        factor = last if m == months[-1] else 1.0
        for c, city in enumerate(cities):
            rows += [
                f"2025-{m:02d},{city},{p},{round(factor * (1000 * m + 37 * n * (c + 1)))}"
                for n, p in enumerate(("菜鸟驿站", "多多驿站", "丰巢", "送货上门"))
            ]
    return "\n".join(rows).encode("gb18030")


SUBSIDIES = "platform,city,start,end,subsidy_cny_per_parcel\n多多驿站,杭州,2025-02-01,,0.08\n".encode()
STATIONS = (
    "station_id,platform,city,lat,lon,opened\n1,菜鸟驿站,杭州,30.27,120.15,2024-05-01\n"
    "2,多多驿站,杭州,30.28,120.16,2025-02-10\n"
).encode()
PILOTS = {
    "volumes of one city": {"volumes": volumes_csv()},
    "one month": {"volumes": volumes_csv(months=(3,))},
    "five cities": {"volumes": volumes_csv(("杭州", "上海", "成都", "宿州", "拉萨"))},
    "one city with subsidies": {"volumes": volumes_csv(), "subsidies": SUBSIDIES},
    "five cities with all": {
        "volumes": volumes_csv(("杭州", "上海", "成都", "宿州", "拉萨")),
        "subsidies": SUBSIDIES,
        "stations": STATIONS,
    },
    "a dead last month": {"volumes": volumes_csv(("杭州", "上海"), last=0.0)},
    "stations alone": {"stations": STATIONS},
    "subsidies alone": {"subsidies": SUBSIDIES},
}


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered_on_every_page(pilot):
    app = start("data")
    use(app, PILOTS[pilot])
    assert not app.exception
    for page in ("overview", "share", "growth", "map"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, page
        assert not app.error, page
        assert app.header or app.info, page


def test_uploaded_market_replaces_ours():
    app = start("data")
    rows = ["month,city,platform,parcels"]
    rows += [
        f"2025-{m:02d},杭州,{p},{1000 * m + n}"
        for m in range(1, 4)
        for n, p in enumerate(("菜鸟驿站", "多多驿站", "丰巢"))
    ]
    drop(app, {"mine.csv": "\n".join(rows).encode("gb18030")})
    app.button(key="session_only").click().run()
    assert not app.exception
    for page in ("overview", "share", "growth", "map"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, page
        assert not app.error, page
    assert r"mine\.csv" in " ".join(c.value for c in app.caption)


def test_a_market_of_this_session_can_be_left():
    app = use(start("data"), {"volumes": volumes_csv()})
    assert any("volumes" in c.value for c in app.caption)
    app.button(key="leave_session").click().run()
    assert say("market.source_demo", "en") in [c.value for c in app.caption]


def test_a_file_is_used_when_the_reader_says_so_and_not_before():
    app = drop(start("data"), {"good.csv": volumes_csv(), "bad.csv": b"\x00\x01" * 500})
    assert app.error
    assert say("market.source_demo", "en") in [c.value for c in app.caption]
    app.button(key="session_only").click().run()
    assert any(r"good\.csv" in c.value for c in app.caption)
