"""Whatever a page shows can be pinned: every room tells all its views, in both languages, with the same numbers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from analysis.views.guide import chapter
from analysis.views.pinned import pack, unpack
from tests.quiet_rooms import ROOMS, caught, on_screen

EMPTY = {"growth?topic=ledger", "data?"}
"""Rooms without a view as long as nobody froze a forecast or uploaded a file."""
POSITIONS = ("x", "y", "z", "lat", "lon", "base", "values")
BY_NAME = {"inputs", "measures"}
"""Tables in the order of names, which languages do not share."""
SCREENS = [room for room in ROOMS if not room[2]][::6]


@pytest.fixture(scope="module")
def rooms():
    monkeypatch = pytest.MonkeyPatch()
    return {lang: caught(ROOMS, lang=lang, monkeypatch=monkeypatch) for lang in ("en", "zh")}


def both(rooms) -> Iterator[tuple]:
    """Room, key and the view in English and in Chinese."""
    for english, chinese in zip(rooms["en"], rooms["zh"], strict=True):
        for key, one in english.views.items():
            yield english.name, key, one, chinese.views[key]


def numbers(table: pd.DataFrame) -> dict[int, np.ndarray]:
    """Columns of numbers by their place."""
    columns = [table.iloc[:, i] for i in range(table.shape[1])]
    wanted = {i: c for i, c in enumerate(columns) if is_numeric_dtype(c.dtype) and not is_bool_dtype(c.dtype)}
    return {i: column.to_numpy(float) for i, column in wanted.items()}


def drawn(figure: dict) -> list[list[float]]:
    """Numbers of each trace, in their order."""
    found = []
    for trace in figure.get("data", []):
        for name in POSITIONS:
            values = trace.get(name)
            if isinstance(values, list):
                found.append([v for v in values if isinstance(v, int | float) and not isinstance(v, bool)])
    return found


def test_every_room_tells_its_views_in_both_languages(rooms):
    assert len(rooms["en"]) == len(ROOMS)
    for english, chinese in zip(rooms["en"], rooms["zh"], strict=True):
        assert english.views.keys() == chinese.views.keys(), english.name
        assert bool(english.views) != (english.name in EMPTY), english.name


def test_no_two_views_of_a_room_go_by_one_key(rooms):
    assert {found.name: found.twice for found in [*rooms["en"], *rooms["zh"]] if found.twice} == {}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_view_has_its_place_in_the_guide(rooms, lang):
    shown = {(found.room[0], key) for found in rooms[lang] for key in found.views}
    assert sorted((page, key) for page, key in shown if key not in chapter(page, lang).body.anchors) == []


def test_every_view_says_what_it_shows(rooms):
    for name, key, english, chinese in both(rooms):
        for one in (english, chinese):
            view = one.view
            assert view.title.strip(), (name, key)
            assert view.alt.strip(), (name, key)
            assert view.caption.strip() or one.kind in ("words", "chart"), (name, key)
            assert len(view.table) or one.kind == "words" or key == "cat_map", (name, key)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese.view.title), (name, key, chinese.view.title)


def test_numbers_are_the_same_in_both_languages(rooms):
    for name, key, english, chinese in both(rooms):
        first, second = numbers(english.view.table), numbers(chinese.view.table)
        assert first.keys() == second.keys(), (name, key)
        for place, values in first.items():
            pair = values, second[place]
            if key in BY_NAME:
                pair = np.sort(pair[0]), np.sort(pair[1])
            np.testing.assert_allclose(*pair, err_msg=f"{name} {key}")


def test_pictures_are_of_the_same_numbers_in_both_languages(rooms):
    for name, key, english, chinese in both(rooms):
        assert english.kind == chinese.kind, (name, key)
        first, second = drawn(english.view.figure), drawn(chinese.view.figure)
        assert [len(values) for values in first] == [len(values) for values in second], (name, key)


def test_what_is_kept_comes_back(rooms):
    for name, key, english, _ in both(rooms):
        again = unpack(pack(english))
        assert again.view.title == english.view.title, (name, key)
        assert again.whence == english.whence, (name, key)
        assert again.view.figure == english.view.figure, (name, key)


@pytest.mark.parametrize("room", SCREENS, ids=lambda room: f"{room[0]}-{'-'.join(room[1].values())}")
def test_a_page_offers_on_screen_what_it_tells_unseen(room, rooms):
    page, query, _ = room
    told = next(found for found in rooms["en"] if found.room == room)
    assert on_screen(page, query) == told.views.keys()


def test_what_is_folded_away_is_told_only_when_asked_for():
    monkeypatch = pytest.MonkeyPatch()
    page, query, folds = next(room for room in ROOMS if room[2] and room[0] == "growth")
    closed, opened = caught([(page, query, ()), (page, query, folds[:1])], lang="en", monkeypatch=monkeypatch)
    assert opened.views.keys() - closed.views.keys() == {"rates"}
