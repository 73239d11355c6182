"""Exports: each kind of file in each language, what is left out or altered, what goes wrong, and stopping one."""

import functools
import io
import threading
import zipfile
from dataclasses import replace

import pytest

from analysis.views import board as edits
from analysis.views.board import from_json
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.intake.watch import Cancelled, Watch
from data.text import LANGUAGES, say
from data.workspace import Boards
from pages.ui import board_exported, board_store, board_variants
from pages.ui.board_exported import FORMATS, Built, Refused, Wanted
from tests.made_board import READER, board, opened, pin, seen, three
from tests.test_board_desk import at_rest, press, whole

ENGLISH = Look("en", Theme("light"))
HEADS = {"pptx": b"PK", "html": b"<!", "pdf": b"%PDF", "png": b"PK", "svg": b"PK", "xlsx": b"PK"}


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def wanted(kept, format="xlsx", lang="en", **choices):
    return Wanted(format, lang, kept, from_json(kept.document).pins, READER, **choices)


def handed(monkeypatch):
    """What exporters are given, instead of files."""
    given = []

    def builder(slides, wanted, name, told):
        told(len(slides), len(slides))
        given.append((list(slides), name))
        return b"file"

    monkeypatch.setattr(board_exported, "_BUILDERS", dict.fromkeys(FORMATS, builder))
    return given


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("format", FORMATS)
def test_every_kind_of_file_is_built_in_every_language(format, lang):
    kept = three()
    found = board_exported.build(wanted(kept, format, lang), ENGLISH, Watch())
    assert isinstance(found, Built), found
    assert found.data.startswith(HEADS[format])
    assert (found.name, found.slides, found.lost) == (f"Pitch{FORMATS[format][0]}", 3, ())
    if format in ("png", "svg"):
        names = zipfile.ZipFile(io.BytesIO(found.data)).namelist()
        assert [name[:3] for name in names] == ["01-", "02-", "03-"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_slides_go_in_the_language_wanted_and_light(lang, monkeypatch):
    given = handed(monkeypatch)
    board_exported.build(wanted(three(), lang=lang), Look("en", Theme("dark")), Watch())
    ((slides, name),) = given
    assert name == "Pitch"
    assert [slide.one.lang for slide in slides] == [lang, "en", lang]
    assert {slide.one.theme for slide in slides} == {"light"}
    assert [slide.what for slide in slides] == ["view", "view", "words"]
    assert [slide.title for slide in slides][1:] == ["Duoduo leads", "What we ask"]
    assert [slide.note for slide in slides] == ["", "Ask why", ""]
    assert slides[2].one.view.caption == "A decision today"


def test_only_the_slides_chosen_go(monkeypatch):
    given, kept = handed(monkeypatch), three()
    one = replace(wanted(kept), pins=from_json(kept.document).pins[1:2])
    assert board_exported.build(one, ENGLISH, Watch()).slides == 1
    assert [slide.title for slide in given[0][0]] == ["Duoduo leads"]


def drawing(monkeypatch, look):
    """Variants are still being drawn, however often it is asked; `look(n)` is told how often it was."""
    looks = []

    def filling(id):
        looks.append(id)
        look(len(looks))
        return True

    monkeypatch.setattr(board_variants, "filling", filling)
    monkeypatch.setattr(board_exported, "LOOK", 0.0)
    return looks


def test_languages_drawn_after_the_press_are_in_the_file_which_waits_for_no_others(monkeypatch):
    given = handed(monkeypatch)
    kept = board(pin("one", seen("en")))
    digests, data = board_store.packed({"zh.light": seen("zh")})
    full = {**from_json(kept.document).pins[0].parts, **digests}

    def joins(look):
        if look == 3:
            edit = functools.partial(edits.change, id="one", parts=full)
            board_store.edited(kept.id, edit, owner=READER, parts=data)

    looks = drawing(monkeypatch, joins)
    assert board_exported.build(wanted(kept, lang="zh"), ENGLISH, Watch()).other == ()
    assert [slide.one.lang for slide in given[0][0]] == ["zh"]
    assert len(looks) == 3


def test_a_slide_that_goes_in_another_language_after_all_is_named(monkeypatch):
    given = handed(monkeypatch)
    monkeypatch.setattr(board_exported, "PATIENCE", 0.05)
    drawing(monkeypatch, lambda look: None)
    found = board_exported.build(wanted(board(pin("one", seen("en"))), lang="zh"), ENGLISH, Watch())
    assert (found.other, found.lost) == (("Cainiao leads",), ())
    assert [slide.one.lang for slide in given[0][0]] == ["en"]


def test_an_export_that_waits_for_a_language_tells_how_far_it_is_and_is_stopped(monkeypatch):
    watch, far = Watch(), []

    def stops(look):
        far.append((watch.done, watch.total))
        if look == 2:
            watch.stop()

    drawing(monkeypatch, stops)
    with pytest.raises(Cancelled):
        board_exported.build(wanted(three(), lang="zh"), ENGLISH, watch)
    assert far == [(0, 0), (2, 3)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_board_deleted_meanwhile_is_said_to_be(lang):
    kept = three()
    board_store.shelf().delete(kept.id, owner=READER)
    found = board_exported.build(wanted(kept), Look(lang, Theme("light")), Watch())
    assert found == Refused(say("keep.workspace_no_board", lang, id=kept.id))


def test_a_workbook_tells_how_far_it_is():
    watch = Watch()
    board_exported.build(wanted(three(), "xlsx"), ENGLISH, watch)
    assert (watch.done, watch.total) == (3, 3)


def test_what_cannot_be_read_is_left_out_and_named(monkeypatch):
    given = handed(monkeypatch)
    broken, _ = pin("bad", seen("en"), title="Was here", parts={"en.light": board_store.digest(b"no view")})
    kept = board(pin("one", seen("en")), (broken, {board_store.digest(b"no view"): b"no view"}))
    found = board_exported.build(wanted(kept), ENGLISH, Watch())
    assert (found.slides, found.lost) == (1, ("Was here",))
    assert len(given[0][0]) == 1
    alone = replace(wanted(kept), pins=from_json(kept.document).pins[1:])
    refused = board_exported.build(alone, ENGLISH, Watch())
    assert refused == Refused(say("board.nothing_to_export", "en"))


def test_names_and_colours_go_where_that_is_wanted(monkeypatch):
    given = handed(monkeypatch)
    kept = board(pin("one", seen("en"), note="Cainiao first"), name="Cainiao pitch")
    found = board_exported.build(wanted(kept, mask=True, grey=True), ENGLISH, Watch())
    ((slides, name),) = given
    said = f"{name} {found.name} {slides[0].title} {slides[0].note} {slides[0].one.view} {slides[0].one.whence}"
    assert "ainiao" not in said
    assert list(slides[0].one.view.table["Parcels"]) == [3.0, 2.0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_that_is_no_template_is_refused_in_words(lang):
    kept = three()
    found = board_exported.build(wanted(kept, "pptx", template=b"no pptx"), Look(lang, Theme("light")), Watch())
    assert found == Refused(say("deck.template_no_presentation", lang))


@pytest.mark.parametrize("format", ["pdf", "png"])
def test_without_a_browser_the_remedy_is_said(format, monkeypatch):
    from analysis.views.report import browser

    browser.shut()
    monkeypatch.setenv("BROWSER_PATH", "/no/such/browser")
    found = board_exported.build(wanted(three(), format), ENGLISH, Watch())
    assert isinstance(found, Refused)
    assert "/no/such/browser" in found.said


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_that_was_stopped_builds_nothing(format):
    watch = Watch()
    watch.stop()
    with pytest.raises(Cancelled):
        board_exported.build(wanted(three(), format), ENGLISH, watch)


@pytest.mark.parametrize(("text", "name"), [("A/B: c?", "A-B-c"), ("看板 一", "看板-一"), ("///", "posthouse")])
def test_the_name_of_a_file_is_one_that_every_system_takes(text, name):
    assert board_exported.file_name(text) == name


def test_the_panel_builds_a_file_and_hands_it_over():
    app = whole(opened(board=three().id, side="export", format="xlsx", to="zh"))
    app = at_rest(press(app, "export_build"))
    assert any("Pitch" in found.value for found in app.success)
    assert [one for one in app.get("download_button") if "export_download" in one.proto.id]


def test_the_panel_names_slides_that_lack_the_language():
    app = whole(opened(board=three().id, side="export", to="zh"))
    said = say("board.other_language", "en", n=1, names="Duoduo leads")
    assert [warning.value for warning in app.warning] == [said]


def test_the_panel_unpacks_each_slide_once_in_the_readers_language_alone(monkeypatch):
    kept, read = three(), []

    def part(self, digest, **of):
        read.append(digest)
        return there(self, digest, **of)

    there = Boards.part
    monkeypatch.setattr(Boards, "part", part)
    app = whole(opened(board=kept.id, side="export", to="zh"))
    whole(app.run())
    one, two, _ = from_json(kept.document).pins
    assert sorted(read) == sorted([one.parts["en.light"], two.parts["en.light"]])


def test_an_export_is_stopped_and_that_is_said(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def builder(slides, wanted, name, told):
        begun.set()
        go_on.wait(60)
        told(1, len(slides))
        raise AssertionError

    monkeypatch.setattr(board_exported, "_BUILDERS", dict.fromkeys(FORMATS, builder))
    app = opened(board=three().id, side="export")
    app.button(key="export_build").click().run()
    assert begun.wait(60)
    assert app.button(key="export_build").disabled
    app.session_state["jobs.board"].watch.stop()
    go_on.set()
    assert [toast.value for toast in whole(app.run()).toast] == [say("board.export_stopped", "en")]
    assert not app.success
