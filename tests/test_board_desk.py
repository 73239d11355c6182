"""The Present page: order, words, versions, sharing, refreshing; and what it says when there is nothing to show."""

import json

import pytest

from analysis.views import board as edits
from analysis.views.board import from_json
from data.text import LANGUAGES, say
from pages.ui import board_store, board_variants, jobs, whence
from pages.ui.layout import plain
from tests.made_board import OTHER, READER, board, opened, pin, seen, three
from tests.test_boards import PATIENCE, newest


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def titles(app):
    return [header.value for header in app.header]


def whole(app):
    assert not app.exception
    assert not app.error
    return app


def press(app, key):
    return whole(app.button(key=key).click().run())


def shares(kept):
    board_store.shelf().share(kept.id, owner=READER, shared=True)


def at_rest(app):
    """Wait for the page's job, where it is not over yet, and let it hand on what it found."""
    key = f"jobs.{jobs.BOARD}"
    if key not in app.session_state:
        return app
    app.session_state[key].wait(PATIENCE)
    return whole(app.run())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_page_tells_how_to_pin(lang):
    app = whole(opened(lang=lang))
    assert say("board.empty", lang) in [info.value for info in app.info]
    assert app.query_params.get("board") is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pins_are_shown_in_the_readers_language_with_all_they_remember(lang):
    kept = three()
    app = whole(opened(board=kept.id, lang=lang))
    first = "Cainiao leads" if lang == "en" else "菜鸟领先"
    assert titles(app) == [first, "Duoduo leads", "What we ask"]
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert chart["data"][0]["x"][0] == ("Cainiao" if lang == "en" else "菜鸟")
    captions = " ".join(caption.value for caption in app.caption)
    for said in (plain("Month: Aug 2026"), plain("2026-11-01 09:30 UTC")):
        assert said in captions
    lacks = say("board.lacks", lang, langs="中文")
    assert [caption.value for caption in app.caption].count(lacks) == 1


@pytest.mark.parametrize(
    ("name", "id", "order"),
    [
        ("down", "one", ["two", "one", "three"]),
        ("up", "three", ["one", "three", "two"]),
        ("first", "three", ["three", "one", "two"]),
        ("last", "one", ["two", "three", "one"]),
        ("remove", "two", ["one", "three"]),
    ],
)
def test_pins_are_moved_and_removed_and_that_is_undone(name, id, order):
    kept = three()
    app = press(opened(board=kept.id), f"{name}_{id}")
    assert [one.id for one in newest(kept.id)[1].pins] == order
    press(app, "board_undo")
    assert [one.id for one in newest(kept.id)[1].pins] == ["one", "two", "three"]


def test_the_ends_of_a_board_cannot_be_passed():
    app = opened(board=three().id)
    stays = {button.key for button in app.button if button.disabled}
    assert stays == {"first_one", "up_one", "down_three", "last_three"}


def test_a_title_and_a_note_are_kept_as_soon_as_they_are_written():
    kept = three()
    app = opened(board=kept.id)
    whole(app.text_input(key="title_one").set_value("  We lead  ").run())
    whole(app.text_area(key="note_one").set_value("By a <b>lot</b>").run())
    assert titles(app)[0] == "We lead"
    again = opened(board=kept.id)
    assert titles(again)[0] == "We lead"
    assert again.text_area(key="note_one").value == "By a <b>lot</b>"
    whole(app.text_input(key="title_one").set_value("").run())
    assert titles(app)[0] == "Cainiao leads"


def test_an_edit_meets_what_another_window_did():
    kept = three()
    app = opened(board=kept.id)
    board_store.edited(kept.id, lambda now: edits.remove(now, "two"), owner=READER)
    app.text_input(key="title_one").set_value("Mine").run()
    assert titles(whole(app)) == ["Mine", "What we ask"]
    app = opened(board=kept.id)
    board_store.edited(kept.id, lambda now: edits.remove(now, "one"), owner=READER)
    whole(app.text_input(key="title_one").set_value("Lost").run())
    assert [toast.value for toast in app.toast] == [say("board.error_gone", "en")]
    assert titles(app) == ["What we ask"]


def test_words_that_take_the_place_of_another_windows_are_told():
    kept = three()
    app = opened(board=kept.id)
    whole(app.text_area(key="note_one").set_value("A first").run())
    whole(app.text_area(key="note_one").set_value("A second").run())
    assert not app.toast
    board_store.edited(kept.id, lambda now: edits.change(now, "one", note="Of another window"), owner=READER)
    whole(app.text_area(key="note_one").set_value("Mine").run())
    assert [toast.value for toast in app.toast] == [say("board.replaced", "en")]
    assert newest(kept.id)[1].pins[0].note == "Mine"
    whole(app.text_area(key="note_one").set_value("Mine again").run())
    assert not app.toast


def test_an_old_version_is_looked_at_and_gone_back_to():
    kept = three()
    app = press(opened(board=kept.id), "remove_one")
    old = whole(opened(board=kept.id, at="1"))
    assert titles(old)[0] == "Cainiao leads"
    assert not [button for button in old.button if button.key.startswith("remove_")]
    press(old, "board_back")
    assert "at" not in old.query_params
    assert [one.id for one in newest(kept.id)[1].pins] == ["one", "two", "three"]
    assert titles(whole(app.run())) == titles(old)


def test_a_shared_board_is_read_only_to_others_who_may_copy_it():
    kept = three()
    shares(kept)
    app = whole(opened(board=kept.id, reader=OTHER))
    assert titles(app) == ["Cainiao leads", "Duoduo leads", "What we ask"]
    assert not [one for one in app.text_input if one.key.startswith("title_")]
    assert not [button for button in app.button if button.key.startswith(("remove_", "down_", "board_undo"))]
    labels = [[box.proto.popover.label for box in one.get("popover")] for one in (app, opened(board=kept.id))]
    assert [say("board.versions", "en") in of for of in labels] == [False, True]
    press(app, "board_copy")
    copy, _ = newest(reader=OTHER)
    assert copy.id != kept.id
    board_store.shelf().delete(kept.id, owner=READER)
    assert titles(whole(opened(board=copy.id, reader=OTHER))) == titles(app)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", ["deleted", "private", "nonsense", "version", "earlier"])
def test_a_board_that_cannot_be_opened_says_so(what, lang):
    kept = three()
    query = {"board": "zzz<b>" if what == "nonsense" else kept.id, "lang": lang}
    if what == "deleted":
        board_store.shelf().delete(kept.id, owner=READER)
    elif what == "version":
        query["at"] = "99"
    elif what == "earlier":
        shares(kept)
        board_store.edited(kept.id, lambda now: edits.remove(now, "one"), owner=READER)
        query["at"] = "1"
    app = whole(opened(reader=OTHER if what in ("private", "earlier") else READER, **query))
    (warning,) = app.warning
    assert titles(app) == []
    if what in ("version", "earlier"):
        assert warning.value == say("keep.workspace_no_board_version", lang, number=query["at"])
    else:
        assert warning.value == say("keep.workspace_no_board", lang, id=plain(query["board"][:13]))


def test_a_board_is_made_renamed_shared_and_deleted():
    app = opened()
    whole(app.text_input(key="board_new_name").set_value("Autumn").run())
    press(app, "board_make")
    kept, _ = newest()
    assert (kept.name, app.query_params["board"]) == ("Autumn", kept.id)
    whole(app.text_input(key=f"board_name.{kept.id}").set_value("Winter").run())
    press(app, "board_keep_name")
    whole(app.toggle(key=f"board_shared.{kept.id}").set_value(True).run())
    kept, _ = newest()
    assert (kept.name, kept.shared) == ("Winter", True)
    press(app, "board_delete_yes")
    assert board_store.shelf().boards(READER) == ()
    assert any("Winter" in toast.value for toast in app.toast)


def test_a_text_slide_is_added():
    kept = three()
    app = opened(board=kept.id)
    app.text_input(key="words_title").set_value("Next")
    app.text_area(key="words_text").set_value("Two pilots")
    whole(app.button(key="words_add").click().run())
    last = newest(kept.id)[1].pins[-1]
    assert (last.what, last.title, last.note) == ("words", "Next", "Two pilots")
    assert titles(app)[-1] == "Next"


def pinned_for_real(**query):
    """A board with a view that a page draws, in all its variants."""
    app = opened("overview", **query)
    app.button(key="pin_tiers").click().run()
    kept, _ = newest()
    assert board_variants.wait(kept.id, PATIENCE)
    return newest()[0]


def test_a_refresh_without_change_says_so():
    kept = pinned_for_real()
    app = at_rest(press(opened(board=kept.id), "board_refresh_all"))
    assert [toast.value for toast in app.toast] == [say("board.same_n", "en", n=1)]
    assert not [button for button in app.button if button.key.startswith("keep_")]


@pytest.mark.parametrize("decision", ["keep", "leave"])
def test_what_a_refresh_changes_is_shown_then_kept_or_left(decision, monkeypatch):
    monkeypatch.setattr(whence, "stamp", lambda: "2026-11-01 09:30")  # a part says the minute it was drawn in
    kept = pinned_for_real()
    (old,) = newest(kept.id)[1].pins
    wrong = seen("en", version="earlier", parcels=(1.0, 2.0), title="As it was")
    digests, data = board_store.packed({"en.light": wrong})
    board_store.edited(kept.id, lambda now: edits.change(now, old.id, parts=digests), owner=READER, parts=data)
    app = at_rest(press(opened(board=kept.id), f"refresh_{old.id}"))
    assert titles(app) == ["As it was"]
    assert any(say("board.moved_n", "en", n=1) in toast.value for toast in app.toast)
    press(app, f"{decision}_{old.id}")
    (now,) = newest(kept.id)[1].pins
    assert now.parts == (old.parts if decision == "keep" else digests)
    assert not [button for button in app.button if button.key.startswith("keep_")]


def test_a_view_that_its_page_no_longer_draws_stays_as_it_was():
    kept = board(pin("one", seen("en"), key="no such view"))
    app = at_rest(press(opened(board=kept.id), "board_refresh_all"))
    assert [toast.value for toast in app.toast] == [say("board.gone_n", "en", n=1)]
    assert newest(kept.id)[0].version == kept.version


def test_a_refresh_is_stopped():
    kept = pinned_for_real()
    app = opened(board=kept.id)
    app.button(key="board_refresh_all").click().run()
    app.session_state[f"jobs.{jobs.BOARD}"].watch.stop()
    assert [toast.value for toast in whole(app.run()).toast] == [say("board.refresh_stopped", "en")]
    assert newest(kept.id)[0].version == kept.version


def test_a_board_of_a_later_program_is_refused_in_words():
    kept = board_store.shelf().save(json.dumps({"format": 99}), owner=READER, name="Future")
    app = whole(opened(board=kept.id))
    assert [warning.value for warning in app.warning] == [say("board.error_unreadable", "en")]


def test_what_cannot_be_read_of_a_pin_is_said_on_its_card():
    data = b"not a view"
    digest = board_store.digest(data)
    one, _ = pin("one", seen("en"))
    kept = board((edits.change(from_json(three().document), "one", parts={"en.light": digest}).pins[0], {digest: data}))
    app = whole(opened(board=kept.id))
    assert one.id == "one"
    assert say("board.error_part", "en") in [warning.value for warning in app.warning]
