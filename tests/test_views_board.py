"""Boards: edits give another board and keep every pin that they do not name; documents come back as they were."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.views.board import (
    FORMAT,
    LONGEST_NOTE,
    LONGEST_TITLE,
    MOST_PINS,
    Board,
    BoardError,
    Pin,
    add,
    change,
    from_json,
    joined,
    move,
    new_id,
    remove,
    to_json,
    variant,
)

FULL = Pin(
    "p1",
    "view",
    page="share",
    key="tiers",
    query={"month": "2026-06", "tier": "Tier 1~Tier 2"},
    folds=("more",),
    title="自己的标题",
    note="say it slowly",
    parts={"en.light": "d1", "zh.dark": "d2"},
    seen="en.light",
    made="2026-11-21 20:00",
)


def board(n=4):
    return Board(tuple(Pin(f"p{i}", "words", parts={"en.light": f"d{i}"}) for i in range(n)))


def ids(found):
    return [pin.id for pin in found.pins]


def code(call):
    with pytest.raises(BoardError) as error:
        call()
    return error.value.code


def test_a_pin_is_joined_by_the_variants_of_another_time_that_showed_the_same():
    one = Pin("p", "view", title="Now", parts={"en.light": "d1"}, seen="en.light")
    other = Pin("p", "view", title="Then", parts={"en.light": "d1", "zh.dark": "d2"}, seen="zh.dark")
    assert joined(one, other) == Pin("p", "view", title="Now", parts={**one.parts, "zh.dark": "d2"}, seen="en.light")
    assert joined(one, change(board(1), "p0", parts={"en.light": "d9", "zh.dark": "d2"}).pins[0]) == one
    assert joined(one, None) == one
    assert joined(Pin("w", "words"), Pin("w", "words", title="x")) == Pin("w", "words")


def test_a_pin_goes_to_the_end_or_behind_another():
    pin = Pin("new", "view")
    assert ids(add(board(3), pin)) == ["p0", "p1", "p2", "new"]
    assert ids(add(board(3), pin, after="p0")) == ["p0", "new", "p1", "p2"]
    assert ids(add(Board(), pin)) == ["new"]


def test_an_edit_leaves_the_board_it_was_made_on():
    before = board()
    for edit in (lambda b: add(b, FULL), lambda b: remove(b, "p1"), lambda b: move(b, "p0", 3)):
        assert edit(before) != before
        assert before == board()


@pytest.mark.parametrize(
    ("to", "wanted"),
    [(0, ["p1", "p0", "p2", "p3"]), (2, ["p0", "p2", "p1", "p3"]), (99, ["p0", "p2", "p3", "p1"]), (-5, None)],
)
def test_a_pin_is_moved_to_a_place_counted_without_it(to, wanted):
    assert ids(move(board(), "p1", to)) == (wanted or ["p1", "p0", "p2", "p3"])


edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 9), st.integers(-2, 12)),
        st.tuples(st.just("remove"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("change"), st.integers(0, 9), st.just(0)),
    ),
    max_size=20,
)


@settings(deadline=None)
@given(edits)
def test_whatever_is_done_no_pin_is_lost_or_doubled(steps):
    found, made = board(), 0
    for what, which, to in steps:
        before = ids(found)
        id = before[which % len(before)] if before else ""
        if what == "add":
            made += 1
            found = add(found, Pin(f"new{made}", "view"), after=id)
            assert sorted(ids(found)) == sorted([*before, f"new{made}"])
        elif id and what == "move":
            found = move(found, id, to)
            assert sorted(ids(found)) == sorted(before)
            assert found.place(id) == min(max(to, 0), len(before) - 1)
        elif id and what == "remove":
            found = remove(found, id)
            assert ids(found) == [one for one in before if one != id]
        elif id:
            found = change(found, id, note=str(to))
            assert ids(found) == before
        assert from_json(to_json(found)) == found


def test_the_presenters_words_are_trimmed_and_limited():
    found = change(board(), "p2", title=f"  {'t' * LONGEST_TITLE}tail  ", note=" n " + "x" * LONGEST_NOTE)
    pin = found.pins[2]
    assert pin.title == "t" * LONGEST_TITLE
    assert len(pin.note) == LONGEST_NOTE
    assert pin.note.startswith("n x")
    assert found.pins[:2] == board().pins[:2]


def test_what_is_gone_cannot_be_edited():
    edits = (
        lambda: remove(board(), "x"),
        lambda: move(board(), "x", 0),
        lambda: change(board(), "x", title="t"),
        lambda: add(board(), FULL, after="x"),
    )
    assert {code(edit) for edit in edits} == {"gone"}


def test_a_board_can_be_full():
    full = board(MOST_PINS)
    assert code(lambda: add(full, FULL)) == "full"
    assert len(add(remove(full, "p0"), FULL).pins) == MOST_PINS


def test_its_digests_are_those_of_all_its_pins():
    assert add(board(2), FULL).digests == {"d0", "d1", "d2"}
    assert Board().digests == frozenset()


def test_a_document_comes_back_as_it_was():
    found = add(board(), FULL)
    assert from_json(to_json(found)) == found
    assert from_json(to_json(Board())) == Board()
    assert "自己的标题" in to_json(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        json.dumps({"format": FORMAT + 1, "pins": []}),
        json.dumps({"format": FORMAT}),
        json.dumps({"format": FORMAT, "pins": [{"id": "a"}]}),
        json.dumps({"format": FORMAT, "pins": [{"id": "a", "what": "view", "folds": [], "weather": "fine"}]}),
    ],
)
def test_what_is_damaged_or_newer_is_unreadable(text):
    assert code(lambda: from_json(text)) == "unreadable"


def test_names():
    assert variant("zh", "dark") == "zh.dark"
    assert len({new_id() for _ in range(100)}) == 100
