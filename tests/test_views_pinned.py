"""What a pin keeps: plain figures, flat tables, and the same again from its bytes."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.views.look import View
from analysis.views.pinned import FORMAT, PinnedError, Whence, flat, pack, pinned, plain, unpack, words_view
from data.grade import Grade

WHENCE = Whence(
    "share",
    "Illustrative market",
    "abc",
    ("Month: June 2026", "层级: 三线"),
    scenario="War, version 2",
    model="logit",
    assumptions=("φ: 0.3",),
    interval="80 %",
    address="/share?month=2026-06",
    made="2026-11-21 20:00",
)
TABLE = pd.DataFrame(
    {
        "Month": pd.to_datetime(["2026-05-01", None]),
        "城市": ["杭州", None],
        "Parcels": [1, 2],
        "Share": [0.1, np.nan],
        "Leads": [True, False],
    }
)


def view(figure=None, table=TABLE, **parts):
    return replace(View(figure or {}, table, "Finding", "Caption", "Alt", Grade.ESTIMATED), **parts)


def one(figure=None, table=TABLE):
    return pinned(view(figure, table), WHENCE, lang="zh", theme="dark")


def bars():
    return go.Figure(go.Bar(x=np.array(["a", "b"]), y=np.array([1.5, np.nan]), marker_color="#123456"))


def test_it_comes_back_from_its_bytes_as_it_was():
    first = one(bars())
    again = unpack(pack(first))
    assert (again.whence, again.lang, again.theme, again.kind) == (WHENCE, "zh", "dark", "chart")
    assert again.view.figure == first.view.figure
    assert (again.view.title, again.view.caption, again.view.alt) == ("Finding", "Caption", "Alt")
    assert again.view.grade is Grade.ESTIMATED
    texts = {"城市": pd.Series(["杭州", None], dtype="object")}
    pd.testing.assert_frame_equal(again.view.table, TABLE.assign(**texts), check_dtype=False)
    kinds = [again.view.table[name].dtype.kind for name in again.view.table]
    assert kinds == ["M", "O", "i", "f", "b"]
    assert pack(again) == pack(first)


def test_the_same_view_has_the_same_bytes_at_any_time():
    assert pack(one(bars())) == pack(one(bars()))
    assert pack(one(bars())) != pack(one(bars().update_layout(height=300)))


def test_a_figure_becomes_lists_that_json_can_hold():
    figure = one(bars()).view.figure
    assert figure["data"][0]["x"] == ["a", "b"]
    assert figure["data"][0]["y"] == [1.5, None]
    assert "template" not in figure["layout"]
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_packed_numbers_are_unpacked_with_their_shape():
    grid = np.arange(6, dtype="float32").reshape(2, 3)
    packed = go.Figure(go.Heatmap(z=grid)).to_plotly_json()["data"][0]["z"]
    assert plain(packed) == grid.tolist()
    assert plain(go.Figure(go.Scatter(y=np.array([1, 2, 3]))).to_plotly_json()["data"][0]["y"]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (np.float64("nan"), None),
        (float("inf"), None),
        (pd.NaT, None),
        (pd.NA, None),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (pd.Timestamp("2026-06-01"), "2026-06-01"),
        (pd.Timestamp("2026-06-01 10:30"), "2026-06-01T10:30:00"),
        (np.datetime64("2026-06-01"), "2026-06-01"),
        (pd.Index(["a", "b"]), ["a", "b"]),
        (pd.Categorical(["a", "b"]).astype(object), ["a", "b"]),
        ((1, (2, 3)), [1, [2, 3]]),
        ({1: {"template": 2, "x": Grade.REPORTED}}, {"1": {"x": "reported"}}),
    ],
)
def test_every_value_has_a_plain_one(value, wanted):
    assert plain(value) == wanted


values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=True), st.text(max_size=5)
)


@settings(deadline=None)
@given(st.recursive(values, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=3), inner))))
def test_what_is_plain_stays_as_it_is_and_fits_json(value):
    found = plain(value)
    assert plain(found) == found
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_an_index_that_means_something_becomes_columns():
    table = TABLE.set_index(["Month", "城市"])
    assert list(flat(table)) == list(TABLE)
    assert list(flat(pd.DataFrame({"n": [1]}, index=["a"]))) == ["", "n"]
    assert list(flat(TABLE.iloc[::1])) == list(TABLE)


def test_headers_of_two_rows_become_one():
    table = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("Share", 2025), ("Share", 2026)]))
    assert list(flat(table)) == ["Share · 2025", "Share · 2026"]


@pytest.mark.parametrize(
    ("figure", "table", "kind"),
    [
        ({"data": [{"type": "bar"}], "layout": {}}, TABLE, "chart"),
        ({"data": [{"type": "choropleth"}, {"type": "scatter"}], "layout": {}}, TABLE, "map"),
        ({"data": [], "layout": {"shapes": [{}]}}, TABLE, "chart"),
        ({}, TABLE, "table"),
        ({}, pd.DataFrame(), "words"),
    ],
)
def test_the_kind_is_what_it_holds(figure, table, kind):
    assert one(figure, table).kind == kind
    assert unpack(pack(one(figure, table))).kind == kind


def test_words_are_a_view_without_figure_and_table():
    found = pinned(words_view("No ceiling", "The data do not bend.", Grade.MODELLED), WHENCE, lang="en", theme="light")
    assert (found.kind, found.view.title, found.view.caption) == ("words", "No ceiling", "The data do not bend.")
    assert unpack(pack(found)).view.table.empty


def test_an_empty_table_keeps_its_headers():
    again = unpack(pack(one(table=TABLE.iloc[:0]))).view.table
    assert (list(again), len(again)) == (list(TABLE), 0)


def document(**parts):
    found = json.loads(gzip.decompress(pack(one(bars()))))
    return gzip.compress(json.dumps({**found, **parts}).encode())


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no json"),
        gzip.compress(b"[]"),
        pack(one(bars()))[:-9],
        document(format=FORMAT + 1),
        document(grade="surely"),
        document(table={}),
        document(whence={}),
        document(table={"columns": ["a"], "kinds": ["int"], "values": []}),
        document(table={"columns": ["a"], "kinds": ["number"], "values": [["x"]]}),
    ],
)
def test_what_is_damaged_says_so(damaged):
    with pytest.raises(PinnedError):
        unpack(damaged)


def test_a_later_program_may_tell_more_of_where_it_is_from():
    whence = {**json.loads(gzip.decompress(pack(one())))["whence"], "weather": "fine"}
    assert unpack(document(whence=whence)).whence == WHENCE
