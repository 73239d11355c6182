"""Every page runs in both languages and themes, on the real data, without an exception or an error box."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.text import LANGUAGES, say

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
    grades = {say(f"grade.{g}", lang) for g in ("reported", "estimated", "modelled", "assumed")}
    assert any(grade in badge.value for badge in app.get("markdown") for grade in grades)


@pytest.mark.parametrize("page", [p for p in PAGES if p != "data"])
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
    app = start("overview", month="2199-13", tier="Tier 99,Tier 2", region="<script>", lang="xx")
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
    app = start("share")
    title = say("finding.scenario_same", "en")
    assert any(h.value == title for h in app.header)
    app.slider(key="s4.en.share").set_value(0.05).run()
    assert not app.exception
    assert not any(h.value == title for h in app.header)


def test_unidentified_ceiling_is_said():
    app = start("growth", series="national_monthly", curve="logistic")
    text = " ".join(h.value for h in app.header)
    assert "not identified" in text or "Ceiling of" in text


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
    app.file_uploader(key="file_volumes").upload("volumes.csv", bad).run()
    assert not app.exception
    problems = app.dataframe[0].value
    assert {2, 3} <= set(problems["Row"])
    assert "Atlantis" in set(problems["Value"])


def test_uploaded_market_replaces_ours():
    app = start("data")
    rows = ["month,city,platform,parcels"]
    rows += [
        f"2025-{m:02d},杭州,{p},{1000 * m + n}"
        for m in range(1, 4)
        for n, p in enumerate(("菜鸟驿站", "多多驿站", "丰巢"))
    ]
    app.file_uploader(key="file_volumes").upload("mine.csv", "\n".join(rows).encode("gb18030")).run()
    assert not app.exception
    for page in ("overview", "share", "growth", "map"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, page
        assert not app.error, page
    assert "mine.csv" in " ".join(c.value for c in app.caption)
