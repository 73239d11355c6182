"""Pinning: what was seen is kept at once, its other variants join it, and no edit is lost."""

import pytest

from analysis.views import board as edits
from analysis.views.board import Board, BoardError, Pin, from_json
from analysis.views.look import Look
from analysis.views.pinned import PinnedError, unpack
from analysis.views.theme import Theme
from data.text import say
from data.workspace import WorkspaceError
from pages.ui import board_bar, board_store, board_variants, boards
from pages.ui.board_variants import VARIANTS, agree, room
from pages.ui.layout import plain
from tests.made_board import OTHER, READER, board, opened, pin, seen, three
from tests.test_pages import PILOTS
from tests.uploads import use

PATIENCE = 60
ENGLISH = Look("en", Theme("light"))


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def newest(id="", reader=READER):
    shelf = board_store.shelf()
    kept = shelf.open(id, asker=reader) if id else shelf.boards(reader)[0]
    return kept, from_json(kept.document)


def parts(kept, one, reader=READER):
    return {n: unpack(board_store.shelf().part(d, board=kept.id, asker=reader)) for n, d in one.parts.items()}


def test_what_is_seen_is_pinned_at_once_and_in_every_language_and_theme_soon():
    app = opened("overview", month="2025-03", tier="Tier 2")
    app.button(key="pin_tiers").click().run()
    assert not app.exception
    (toast,) = app.toast
    kept, now = newest()
    (one,) = now.pins
    assert boards.path(ENGLISH, kept.id) in toast.value
    assert (one.page, one.key, dict(one.query)) == ("overview", "tiers", {"month": "2025-03", "tier": "Tier 2"})
    assert one.seen == "en.light"
    assert board_variants.wait(kept.id, PATIENCE)
    kept, now = newest()
    found = parts(kept, now.pins[0])
    assert set(found) == set(VARIANTS)
    assert {name: f"{one.lang}.{one.theme}" for name, one in found.items()} == {name: name for name in VARIANTS}
    assert all(agree(found["en.light"], other) for other in found.values())
    assert found["zh.dark"].view.title != found["en.light"].view.title
    assert any("2025年3月" in filter for filter in found["zh.light"].whence.filters)


def test_pins_go_to_one_board_in_their_order_until_another_is_chosen():
    app = opened("overview")
    app.button(key="pin_tiers").click().run()
    app.button(key="pin_leaders").click().run()
    kept, now = newest()
    assert [one.key for one in now.pins] == ["tiers", "leaders"]
    assert kept.name == say("board.first_name", "en")
    other = board(pin("x", seen()), name="Other")
    app = opened("present", board=other.id)
    app.switch_page("pages/overview.py").run()
    app.button(key="pin_tiers").click().run()
    assert [one.key for one in newest(other.id)[1].pins] == ["tiers", "tiers"]
    assert len(newest(kept.id)[1].pins) == 2
    board_variants.wait(kept.id, PATIENCE)
    board_variants.wait(other.id, PATIENCE)


def test_nothing_is_pinned_where_nothing_can_be_kept_and_that_is_said(workspace, monkeypatch):
    blocked = workspace / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(blocked))
    app = opened("overview")
    app.button(key="pin_tiers").click().run()
    assert not app.exception
    (toast,) = app.toast
    assert plain("boards.sqlite3") in toast.value


def test_of_a_sessions_own_data_what_was_seen_is_kept_in_every_language_and_that_is_said(workspace):
    app = opened("data")
    use(app, PILOTS["five cities with all"])
    app.switch_page("pages/overview.py").run()
    app.button(key="pin_tiers").click().run()
    assert not app.exception
    assert any(plain(str(workspace / "boards.sqlite3")) in toast.value for toast in app.toast)
    kept, _ = newest()
    assert board_variants.wait(kept.id, PATIENCE)
    kept, now = newest()
    found = parts(kept, now.pins[0])
    assert set(found) == set(VARIANTS)
    assert app.session_state["intake.market"].version == found["zh.dark"].whence.version


def test_an_edit_is_made_anew_on_what_someone_else_kept_meanwhile():
    kept = three()

    def edit(now: Board) -> Board:
        if len(now.pins) == 3:
            board_store.edited(kept.id, lambda other: edits.remove(other, "two"), owner=READER)
        return edits.change(now, "one", title="Mine")

    board_store.edited(kept.id, edit, owner=READER)
    found, now = newest(kept.id)
    assert [(one.id, one.title) for one in now.pins] == [("one", "Mine"), ("three", "What we ask")]
    assert found.version == 3


def test_an_edit_that_changes_nothing_makes_no_version():
    kept = three()
    assert board_store.edited(kept.id, lambda now: now, owner=READER).version == kept.version


def test_an_edit_of_what_is_gone_or_anothers_is_refused():
    kept = three()
    with pytest.raises(BoardError):
        board_store.edited(kept.id, lambda now: edits.remove(now, "nine"), owner=READER)
    board_store.shelf().share(kept.id, owner=READER, shared=True)
    with pytest.raises(WorkspaceError) as refused:
        board_store.edited(kept.id, lambda now: edits.remove(now, "one"), owner=OTHER)
    assert refused.value.code == "not_your_board"


def test_an_edit_that_never_comes_to_rest_is_given_up():
    kept = three()

    def edit(now: Board) -> Board:
        latest = board_store.shelf().open(kept.id, asker=READER)
        board_store.shelf().save(latest.document, owner=READER, id=kept.id, digests=now.digests)
        return edits.remove(now, "one")

    with pytest.raises(WorkspaceError) as refused:
        board_store.edited(kept.id, edit, owner=READER)
    assert refused.value.code == "board_moved_on"


def test_every_refusal_has_its_sentence(look):
    refusals = [BoardError("gone"), BoardError("full", most=9), BoardError("unreadable"), PinnedError("damaged")]
    refusals += [WorkspaceError("board_moved_on", number=3), WorkspaceError("no_board", id="abc")]
    assert len({board_store.why(look, one) for one in refusals}) == len(refusals)


def test_variants_agree_only_in_version_and_numbers():
    one = seen("en")
    assert agree(one, seen("zh", "dark"))
    assert not agree(one, seen("zh", version="market-2"))
    assert not agree(one, seen("zh", parcels=(3.0, 2.1)))


def test_a_pin_drawn_anew_meanwhile_does_not_take_old_variants():
    old, _ = pin("one", seen("en"))
    new, _ = pin("one", seen("en", parcels=(9.0, 1.0)))
    joined = board_variants._joined(Board((new,)), old, {"zh.light": "0" * 64})
    assert joined == Board((new,))
    joined = board_variants._joined(Board((old,)), old, {"zh.light": "0" * 64})
    assert set(joined.pins[0].parts) == {"en.light", "zh.light"}
    assert board_variants._joined(Board(), old, {"zh.light": "0" * 64}) == Board()


def test_versions_that_differ_in_languages_alone_are_one():
    kept = board(pin("one", seen("en")))
    digests, data = board_store.packed({"zh.light": seen("zh")})
    one = from_json(kept.document).pins[0]
    more = {"parts": {**one.parts, **digests}}
    board_store.edited(kept.id, lambda now: edits.change(now, "one", **more), owner=READER, parts=data)
    board_store.edited(kept.id, lambda now: edits.change(now, "one", title="Mine"), owner=READER)
    every = board_bar.distinct(board_store.shelf().versions(kept.id, asker=READER))
    assert [one.version for one, _ in every] == [3, 2]


def test_pins_of_one_page_in_one_state_are_drawn_together():
    one, other = Pin("a", "view", "share", "x", {"view": "moves"}), Pin("b", "view", "share", "y", {"view": "moves"})
    assert room(one) == room(other)
    assert room(one) != room(Pin("c", "view", "share", "x", {"view": "moves"}, folds=("fold",)))


@pytest.mark.parametrize(
    ("page", "path"), [("share", "/share?view=moves&lang=zh"), ("overview", "/?view=moves&lang=zh")]
)
def test_the_address_of_a_pin_opens_its_page(page, path):
    assert boards.address(page, {"view": "moves"}, "zh") == path


def test_going_back_keeps_the_languages_that_were_drawn_since():
    kept = board(pin("one", seen("en")))
    two, more = pin("two", seen("en", parcels=(1.0, 5.0)))
    board_store.edited(kept.id, lambda now: edits.add(now, two), owner=READER, parts=more)
    digests, data = board_store.packed({"zh.light": seen("zh")})
    one = from_json(kept.document).pins[0]
    full = {**one.parts, **digests}
    board_store.edited(kept.id, lambda now: edits.change(now, "one", parts=full), owner=READER, parts=data)
    app = opened("present", board=kept.id)
    app.button(key="board_undo").click().run()
    assert not app.exception
    assert {one.id: dict(one.parts) for one in newest(kept.id)[1].pins} == {"one": full}
    app.button(key="board_undo").click().run()
    assert {one.id: dict(one.parts) for one in newest(kept.id)[1].pins} == {"one": full, "two": two.parts}


def test_undo_takes_nothing_back_that_the_reader_has_not_seen():
    kept = three()
    app = opened("present", board=kept.id)
    app.button(key="remove_two").click().run()
    board_store.edited(kept.id, lambda now: edits.change(now, "one", title="Of another window"), owner=READER)
    app.button(key="board_undo").click().run()
    assert say("board.error_moved_on", "en") in [toast.value for toast in app.toast]
    assert newest(kept.id)[1].pins[0].title == "Of another window"
    assert "Of another window" in [header.value for header in app.header]
    app.button(key="board_undo").click().run()
    assert [(one.id, one.title) for one in newest(kept.id)[1].pins] == [("one", ""), ("three", "What we ask")]
