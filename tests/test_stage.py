"""The stage shows a board slide by slide, without names where asked, beside a live lever, and keeps answers."""

import json
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.views import plain
from analysis.views.board import Board, Pin, from_json, to_json
from analysis.views.look import Look, View
from analysis.views.pinned import Pinned, Whence, pinned, words_view
from analysis.views.slide import slide_of
from analysis.views.theme import Theme
from data.grade import Grade
from data.workspace import Boards, folder
from pages.ui import live, stage, stage_slide
from pages.ui.board_store import packed
from pages.ui.layout import plain as plain_text

LOOK = Look("en", Theme("light"))
SCRIPT = """
import streamlit as st
from analysis.views.board import from_json
from analysis.views.pinned import Pinned, Whence, unpack, words_view
from analysis.views.slide import slide_of
from data.grade import Grade
from data.workspace import Boards, folder
from pages.ui import guard, stage, text
guard.mark()
look = text.look()
id = st.query_params["board"]
kept = Boards(folder()).open(id, asker="tester")
pins = from_json(kept.document).pins
st.session_state["owner.session"] = "tester"
slides = []
for pin in pins:
    if pin.parts:
        one = unpack(Boards(folder()).part(pin.parts["en.light"], board=id, asker="tester"))
    else:
        one = Pinned(words_view(pin.title, pin.note, Grade.ASSUMED), Whence("present", "", ""), "en", "light")
    slides.append(slide_of(one, title=pin.title, note=pin.note, what=pin.what, made=pin.made))
if "show" in st.query_params:
    stage.run(look, kept, pins, slides, read_only="read_only" in st.query_params)
else:
    st.title("left")
"""


def chart(title="Duoduo leads", *, height=300, theme="light") -> Pinned:
    look = Look("en", Theme(theme))
    bars = [
        {
            "type": "bar",
            "x": [1, 2],
            "y": ["a", "b"],
            "name": look.name(key),
            "marker": {"color": look.theme.colour(key)},
        }
        for key in ("cainiao", "duoduo")
    ]
    table = pd.DataFrame({"Network": ["Cainiao", "Duoduo"], "Share": [51.25, 48.75]})
    view = View(plain.figure(bars, look, height=height), table, title, "Share, %", f"{title}.", Grade.MODELLED)
    return pinned(
        view, Whence("overview", "Illustrative", "1234567890abc", ("Month: Aug 2026",)), lang="en", theme=theme
    )


def table(rows=3) -> Pinned:
    found = pd.DataFrame({"City": [f"C{i} <b>" for i in range(rows)], "n": range(1000, 1000 + rows)})
    view = View({}, found, "Many cities", "Stations", "alt", Grade.REPORTED)
    return pinned(view, Whence("map", "Illustrative", "v"), lang="en", theme="light")


def board(*ones: Pinned, words: bool = True, query: dict[str, str] | None = None) -> str:
    pins, parts = [], {}
    for i, one in enumerate(ones):
        digests, data = packed({"en.light": one})
        parts |= data
        note = "Say who pays." if i == 0 else ""
        pins.append(
            Pin(f"p{i}", "view", one.whence.page, "outcome", query or {}, note=note, parts=digests, seen="en.light")
        )
    if words:
        pins.append(Pin("w", "words", title="We ask", note="Decide about Duoduo."))
    made = Board(tuple(pins))
    return Boards(folder()).save(to_json(made), owner="tester", name="B", parts=parts, digests=made.digests).id


def present(id: str, **query: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=120)
    for name, value in ({"board": id, "show": "1"} | query).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def html(app: AppTest) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


def controls(app: AppTest) -> dict:
    return json.loads(app.get("bidi_component")[0].proto.json)


@pytest.fixture(scope="module")
def made():
    return board(chart(), table(30))


def test_all_near_slides_are_drawn_with_source_and_grade(made):
    app = present(made)
    said = html(app)
    assert "<h1>Duoduo leads</h1>" in said
    assert "Share, %" in said
    assert "Source: Illustrative · Modelled · Month: Aug 2026 · data 123456789" in said
    assert "Many cities" in said
    assert "Decide about Duoduo." in said
    assert "Say who pays." in said
    assert len(app.get("plotly_chart")) == 1
    assert app.get("plotly_chart")[0].proto.alt == "Duoduo leads."
    assert not app.title


def test_far_slides_wait(made):
    id = board(*(chart(f"Finding {i}") for i in range(9)), words=False)
    app = present(id, show="5")
    shown = [i for i in range(9) if f"<h1>Finding {i}</h1>" in html(app)]
    assert shown == [0, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("here", range(12))
@pytest.mark.parametrize("count", [1, 2, 12])
def test_every_slide_that_one_key_leads_to_is_drawn(here, count):
    here = min(here, count - 1)
    found = stage.drawn(here, count)
    assert found[0] == here
    assert {0, max(here - 1, 0), min(here + 1, count - 1), count - 1} <= set(found)
    assert len(found) == len(set(found)) <= stage.AHEAD + stage.BEHIND + 3


@pytest.mark.parametrize("show", ["0", "99", "x", "-1", "", "²"])
def test_odd_addresses_show_a_slide(made, show):
    assert "<h1>" in html(present(made, show=show))


def test_names_are_blacked_out_everywhere(made):
    app = present(made, names="off")
    shown = (
        html(app).replace((Path(stage.__file__).parent / "stage.css").read_text("utf-8"), "")
        + app.get("plotly_chart")[0].proto.spec
        + app.get("plotly_chart")[0].proto.alt
    )
    data = json.dumps(controls(app))
    for name in ("Duoduo", "Cainiao", LOOK.theme.colour("duoduo"), LOOK.theme.colour("cainiao")):
        assert name not in shown
        assert name not in data
    assert "Network" in shown
    assert "Duoduo" in html(present(made))


def test_texts_of_a_file_are_no_html(made):
    said = html(present(made))
    assert "C1 &lt;b&gt;" in said
    assert "C1 <b>" not in said


def test_a_table_has_its_first_rows_and_says_how_many_more(made):
    said = stage_slide.table(LOOK, table(30).view.table)
    assert said.count("<tr>") == stage_slide.ROWS + 1
    assert "18 more rows" in said
    assert "1,000" in said
    assert "more rows" not in stage_slide.table(LOOK, table(3).view.table)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234.5, "localized", "1,234.5"),
        (1000, "localized", "1,000"),
        (0.5, "%.2f", "0.50"),
        (2024, "", "2024"),
        (float("nan"), "%.1f", ""),
        (None, "", ""),
        (pd.NaT, "", ""),
        (pd.Timestamp("2026-08-01"), "", "2026-08"),
        (pd.Timestamp("2026-08-05"), "", "2026-08-05"),
        (True, "", "True"),
        (["a", "b"], "", "a b"),
    ],
)
def test_cells(value, form, text):
    assert stage_slide.said(value, form) == text


def test_read_only_boards_take_no_answers(made):
    assert [controls(present(made, **more))["may"] for more in ({}, {"read_only": "1"})] == [True, False]


def test_controls_are_told_what_there_is(made):
    found = controls(present(made, show="2", lang="zh"))
    assert (found["at"], found["count"]) == (1, 3)
    assert found["titles"] == ["Duoduo leads", "Many cities", "We ask"]
    assert found["notes"] == [True, False, True]
    assert found["live"] == [False, False, False]
    assert "下一页（→）" in [word for _, word, *_ in found["buttons"]]


def answering(id: str, *, show="1", sight=True, **state) -> AppTest:
    """The stage with the panel for an answer of its first slide, in sight or put aside."""
    app = AppTest.from_string(SCRIPT, default_timeout=120)
    app.query_params["board"], app.query_params["show"] = id, show
    for name, value in {"stage.answer": sight, "stage.answer_of": "p0", **state}.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize(("show", "sight"), [("1", True), ("2", True), ("2", False)])
def test_answers_are_kept_behind_the_slide_they_were_begun_at(show, sight):
    id = board(chart("A"), chart("B"))
    app = answering(id, show=show, sight=sight)
    assert controls(app)["answers"] is sight
    assert LOOK.say("show.answer_of", title="A") in [caption.value for caption in app.caption]
    app.text_input(key="stage_question").input("How much?")
    app.text_area(key="stage_words").input("About half.")
    app.button(key="stage_record").click().run()
    assert not app.exception, app.exception
    pins = from_json(Boards(folder()).open(id, asker="tester").document).pins
    assert [pin.what for pin in pins] == ["view", "answer", "view", "words"]
    assert (pins[1].title, pins[1].note) == ("How much? About half.", "About half.")
    assert pins[1].parts == pins[0].parts
    assert pins[1].made


def test_an_empty_answer_is_not_kept():
    id = board(chart("A"))
    app = answering(id)
    app.button(key="stage_record").click().run()
    assert [one.value for one in app.warning] == ["Write the question or the answer first."]
    assert Boards(folder()).open(id, asker="tester").version == 1


def scenario() -> Pinned:
    one = chart("Duoduo holds 19 %")
    return Pinned(one.view, Whence("scenario", "Illustrative", "other"), "en", "light")


def test_a_slide_of_the_scenario_page_plays_beside_a_lever():
    id = board(scenario(), words=False, query={"plan": "l.duoduo.subsidy.0.05.t3"})
    app = AppTest.from_string(SCRIPT, default_timeout=120)
    app.query_params["board"], app.query_params["show"] = id, "1"
    app.session_state["stage.live"] = True
    app.run()
    assert not app.exception, app.exception
    lever = app.slider[0]
    assert lever.value == pytest.approx(0.05)
    assert "As pinned" in html(app)
    assert "Same as pinned" in html(app)
    assert "The data have changed" in html(app)
    lever.set_value(0.1).run()
    assert not app.exception, app.exception
    said = html(app)
    assert "Same as pinned" not in said
    assert "Share of Duoduo" in said
    assert "→" in said
    assert "<h1>Duoduo holds 19 %</h1>" in said
    app.selectbox[0].select("cainiao").run()
    assert not app.exception, app.exception
    assert app.selectbox[0].value == "cainiao"
    assert app.slider[0].value == 0


def test_an_answer_beside_a_lever_that_was_not_moved_keeps_what_was_pinned():
    id = board(scenario(), words=False, query={"plan": "l.duoduo.subsidy.0.05.t3"})
    app = answering(id, **{"stage.live": True})
    assert LOOK.say("show.answer_of", title=plain_text("Duoduo holds 19 %")) in [one.value for one in app.caption]
    app.slider[0].set_value(0.1).run()
    app.run()
    live_one = LOOK.say("show.answer_live", title=plain_text("Duoduo holds 19 %"))
    assert live_one in [one.value for one in app.caption]
    app.slider[0].set_value(0.05).run()
    app.run()
    assert live_one not in [one.value for one in app.caption]


def test_only_slides_of_the_scenario_page_play():
    pin = Pin("a", "view", "overview", "tiers")
    words = Pinned(words_view("T", "W", Grade.MODELLED), Whence("scenario", "", ""), "en", "light")
    assert not live.plays(pin, slide_of(chart()))
    assert live.plays(Pin("a", "view", "scenario", "outcome"), slide_of(scenario()))
    assert not live.plays(Pin("a", "view", "scenario", "outcome"), slide_of(words))
