"""Pins drawn anew: from their own market and plan alone, in variants of one and the same numbers."""

import pytest

from analysis.views import board as edits
from analysis.views.board import Pin, from_json
from analysis.views.look import Look
from analysis.views.pinned import unpack
from analysis.views.theme import Theme
from data.intake.watch import Watch
from data.text import LANGUAGES, say
from pages.ui import board_refresh, board_store, board_variants, quiet
from pages.ui.board_variants import VARIANTS, addressed, same_holder
from tests.made_board import board, opened, pin, seen
from tests.test_board_desk import at_rest, newest, press, titles
from tests.test_pages import PILOTS
from tests.uploads import use

KEPT, SESSION, ILLUSTRATIVE = "abcdefghjkmnp", "0" * 32, "1813bbc9ccbd"
ENGLISH = Look("en", Theme("light"))


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def offered(app):
    return [button.key for button in app.button if str(button.key).startswith(("keep_", "leave_", "board_keep_all"))]


def refused(app, kept, why, lang="en"):
    """Whether the only pin of a board is told to stay as it was, with nothing to keep."""
    assert say(f"board.{why}", lang) in [info.value for info in app.info]
    assert [toast.value for toast in app.toast] == [say("board.refused_n", lang, n=1)]
    assert not offered(app)
    return newest(kept.id)[0].version == kept.version


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pin_of_a_market_that_is_not_open_here_is_not_drawn_from_another(lang):
    one = pin("one", seen(lang, version=f"{KEPT}-1111"), query={"market": KEPT})
    kept = board(one)
    app = at_rest(press(opened(board=kept.id, lang=lang), "board_refresh_all"))
    assert refused(app, kept, "other_market", lang)


def test_a_pin_of_the_illustrative_market_is_not_drawn_from_the_sessions_own():
    kept = board(pin("one", seen("en", version=ILLUSTRATIVE)))
    app = opened("data")
    use(app, PILOTS["five cities with all"])
    app.query_params["board"] = kept.id
    app = at_rest(press(app.switch_page("pages/present.py").run(), "refresh_one"))
    assert refused(app, kept, "other_market")


def test_a_pin_of_a_plan_that_no_address_holds_is_not_drawn_from_another():
    kept = board(pin("one", seen("en"), page="scenario", key="outcome", query={"shows": "tiers"}))
    app = at_rest(press(opened(board=kept.id), "refresh_one"))
    assert refused(app, kept, "no_plan")
    assert not app.get("link_button")


@pytest.mark.parametrize("entry", ["plan", "saved"])
def test_a_plan_in_the_address_or_saved_is_drawn_again(entry):
    assert addressed(Pin("a", "view", "scenario", "outcome", {entry: "x"}))
    assert not addressed(Pin("a", "view", "scenario", "outcome", {"month": "2025-03"}))
    assert addressed(Pin("a", "view", "overview", "tiers", {}))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"{KEPT}-1111", f"{KEPT}-2222", True),
        (f"{KEPT}.abc123-1111", f"{KEPT}-2222", True),
        (f"{KEPT}-1111", "bbbbbbbbbbbbb-1111", False),
        (f"{KEPT}-1111", ILLUSTRATIVE, False),
        (f"{SESSION}-1111", f"{SESSION}-2222", True),
        (f"{SESSION}-1111", ILLUSTRATIVE, False),
        (ILLUSTRATIVE, "2813bbc9ccbd", True),
        (f"{ILLUSTRATIVE}-cainiao0.5+", "2813bbc9ccbd", True),
        (f"{KEPT}-1111-cainiao0.5+", ILLUSTRATIVE, False),
        ("", ILLUSTRATIVE, True),
        (f"{KEPT}-1111", "", True),
    ],
)
def test_versions_of_one_market_are_told_from_other_markets(one, other, same):
    first, second = seen(version=one), seen(version=other)
    assert same_holder(first, second) is same_holder(second, first) is same


@pytest.mark.parametrize("moved", [1, 2, 3])
def test_variants_drawn_after_the_market_has_changed_are_not_kept_with_the_others(monkeypatch, moved):
    runs = []

    def tried(scene, where, keys, *, lang, theme):
        runs.append(lang)
        new = len(runs) > moved
        parcels, version = ((9.0, 9.0), "market-2") if new else ((3.0, 2.0), "market-1")
        return {"tiers": seen(lang, theme, parcels=parcels, version=version)}, True

    monkeypatch.setattr(board_refresh, "tried", tried)
    one, _ = pin("one", seen("en"))
    views, broken = board_refresh._views(None, [one], Watch())
    assert not broken
    fresh = board_refresh._fresh(ENGLISH, "b", seen("en"), views["one"], "now")
    versions = {unpack(fresh.data[digest]).whence.version for digest in fresh.parts.values()}
    assert versions == {"market-1"}
    assert fresh.change.same
    assert list(fresh.parts) == list(VARIANTS[:moved])


def test_a_page_that_breaks_down_is_told_apart_from_one_that_no_longer_draws_the_view(monkeypatch, caplog):
    kept = board(pin("one", seen("en")))
    app = opened(board=kept.id)

    def boom(*given):
        raise RuntimeError("the page broke")

    monkeypatch.setattr(quiet, "_run", boom)
    app = at_rest(press(app, "refresh_one"))
    assert [toast.value for toast in app.toast] == [say("board.broken_n", "en", n=1)]
    assert "the page broke" in caplog.text
    assert titles(app) == ["Cainiao leads"]
    assert newest(kept.id)[0].version == kept.version


def test_what_was_drawn_before_a_page_broke_down_is_kept(monkeypatch):
    def tried(scene, page, query, *, theme, catch, folds):
        catch("tiers", lambda: seen(query["lang"], theme))
        return RuntimeError("at the foot of the page")

    monkeypatch.setattr(quiet, "tried", tried)
    where = board_variants.Room("overview", (), ())
    views, ended = board_variants.tried(None, where, ("tiers",), lang="en", theme="light")
    assert (list(views), ended) == (["tiers"], False)


def test_what_waits_from_an_earlier_refresh_is_forgotten_once_the_pin_is_drawn_again():
    kept = board(pin("one", seen("en", version="earlier", title="As it was")))
    app = at_rest(press(opened(board=kept.id), "refresh_one"))
    assert "keep_one" in offered(app)
    (old,) = from_json(kept.document).pins
    digests, data = board_store.packed({"en.light": seen("en", version=f"{KEPT}-1111")})
    board_store.edited(kept.id, lambda now: edits.change(now, old.id, parts=digests), owner=kept.owner, parts=data)
    app = at_rest(press(app.run(), "refresh_one"))
    assert not offered(app)
