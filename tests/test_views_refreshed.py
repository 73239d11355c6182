"""What a refresh changed: by keys and not by places, largest first, and in a sentence of the reader's language."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.views.look import Look, View
from analysis.views.pinned import Whence, pack, pinned, unpack, words_view
from analysis.views.refreshed import MOST_MOVES, compare
from analysis.views.theme import Theme
from data.grade import Grade

ENGLISH = Look("en", Theme("light"))
NETWORKS = ["Cainiao", "Duoduo", "JD"]
SHARES = pd.DataFrame(
    {
        "Month": pd.to_datetime(["2026-05-01"] * 3 + ["2026-06-01"] * 3),
        "Network": NETWORKS * 2,
        "Share, %": [40.0, 35.0, 25.0, 39.0, 36.0, 25.0],
        "Parcels": [400, 350, 250, 390, 360, 250],
    }
)


def one(table=SHARES, *, title="Cainiao leads", caption="Share, %", figure=None, version="v1"):
    view = View(figure or {}, table, title, caption, title, Grade.REPORTED)
    return pinned(view, Whence("share", "s", version), lang="en", theme="light")


def test_nothing_changes_by_itself(look):
    change = compare(one(), unpack(pack(one())), look)
    assert change.same
    assert (change.changed, change.added, change.gone, change.columns_added, change.columns_gone) == (0, 0, 0, (), ())
    assert change.moves.empty
    assert change.said == look.say("refreshed.same")


def test_rows_are_matched_by_what_they_say_and_not_by_where_they_stand():
    shuffled = SHARES.sample(frac=1, random_state=3, ignore_index=True)[SHARES.columns[::-1]]
    assert compare(one(), one(shuffled), ENGLISH).same
    longer = pd.concat([pd.DataFrame({**SHARES.iloc[0].to_dict(), "Network": ["Tuxi"]}), SHARES], ignore_index=True)
    change = compare(one(), one(longer), ENGLISH)
    assert (change.changed, change.added, change.gone, change.same) == (0, 1, 0, False)
    back = compare(one(longer), one(), ENGLISH)
    assert (back.changed, back.added, back.gone) == (0, 0, 1)


def test_the_largest_moves_come_first_by_the_size_of_their_column():
    after = SHARES.copy()
    after.loc[5, "Parcels"] = 260
    after.loc[0, "Share, %"] = 20.0
    change = compare(one(), one(after, version="v2"), ENGLISH)
    assert change.changed == 2
    assert change.moves.to_numpy().tolist() == [
        ["2026-05-01 · Cainiao", "Share, %", "40", "20", "-20"],
        ["2026-06-01 · JD", "Parcels", "250", "260", "+10"],
    ]
    assert "2026-05-01 · Cainiao · Share, %, from 40 to 20" in change.said
    assert (change.version_before, change.version_after) == ("v1", "v2")
    assert "v1" in change.said
    assert "v2" in change.said


def test_at_most_ten_moves_are_listed_and_all_are_counted(look):
    long = pd.DataFrame({"City": [f"c{n}" for n in range(40)], "Stations": range(40)})
    change = compare(one(long), one(long.assign(Stations=long["Stations"] * 2)), look)
    assert change.changed == 39
    assert len(change.moves) == MOST_MOVES
    assert change.moves.iloc[0, 0] == "c39"
    assert list(change.moves) == [look.say(f"refreshed.{k}") for k in ("row", "column", "before", "after", "change")]


def test_years_are_keys_and_other_numbers_are_not():
    before = pd.DataFrame({"Network": ["JD"] * 3, "Year": [2023, 2024, 2025], "Share": [1.0, 2.0, 3.0]})
    after = pd.DataFrame({"Network": ["JD"] * 3, "Year": [2024, 2025, 2026], "Share": [2.0, 3.5, 4.0]})
    change = compare(one(before), one(after), ENGLISH)
    assert (change.changed, change.added, change.gone) == (1, 1, 1)
    assert change.moves.iloc[0, 0] == "JD · 2025"


def test_a_row_is_named_by_its_name_and_by_its_code_where_names_are_alike():
    before = pd.DataFrame({"Code": ["330100", "330200"], "City": ["Hangzhou", "Ningbo"], "Share": [1.0, 2.0]})
    after = before.assign(Share=[1.0, 3.0])
    assert compare(one(before), one(after), ENGLISH).moves.iloc[0, 0] == "Ningbo"
    alike = {"City": ["Hangzhou", "Hangzhou"]}
    moves = compare(one(before.assign(**alike)), one(after.assign(**alike)), ENGLISH).moves
    assert moves.iloc[0, 0] == "Hangzhou · 330200"


def test_a_text_that_changes_is_a_cell_that_changes():
    before = pd.DataFrame({"City": ["a", "b"], "Leader": ["JD", "JD"], "Share": [1.0, 2.0]})
    after = before.assign(Leader=["JD", "Duoduo"], Share=[1.0, 2.5])
    change = compare(one(before), one(after), ENGLISH)
    assert (change.changed, change.added, change.gone) == (2, 0, 0)
    assert change.moves.iloc[1].tolist() == ["b", "Leader", "JD", "Duoduo", ""]


def test_columns_that_come_and_go_are_named():
    after = SHARES.drop(columns="Parcels").assign(Tuxi=0.0, Hive=0.0)
    change = compare(one(), one(after), ENGLISH)
    assert (change.columns_added, change.columns_gone, change.changed) == (("Tuxi", "Hive"), ("Parcels",), 0)
    assert not change.same
    assert "Tuxi, Hive" in change.said
    assert "Parcels" in change.said


def test_missing_numbers_are_alike_and_differ_from_numbers():
    before = pd.DataFrame({"City": ["a", "b", "c"], "Share": [np.nan, 1.0, np.nan]})
    after = pd.DataFrame({"City": ["a", "b", "c"], "Share": [np.nan, np.nan, 0.0]})
    change = compare(one(before), one(after), ENGLISH)
    assert change.changed == 2
    assert sorted(change.moves["Before"]) == ["", "1"]


def test_rounding_of_another_order_of_summing_is_no_change():
    change = compare(one(), one(SHARES.assign(**{"Share, %": SHARES["Share, %"] * (1 + 1e-13)})), ENGLISH)
    assert change.same


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pd.DataFrame(), SHARES),
        (SHARES, pd.DataFrame()),
        (SHARES, pd.DataFrame({"Other": [1, 2]})),
        (SHARES.astype(str), SHARES),
        (SHARES, SHARES.astype({"Network": "category"})),
        (SHARES.iloc[:0], SHARES),
        (pd.DataFrame({"n": [1.0, 2.0]}), pd.DataFrame({"n": [1.0]})),
        (pd.concat([SHARES, SHARES], axis=1), SHARES),
        (pd.concat([SHARES, SHARES], ignore_index=True), SHARES),
        (pd.DataFrame({"a": [True, False]}), pd.DataFrame({"a": [True, True]})),
    ],
)
def test_any_two_tables_can_be_compared_both_ways(before, after, look):
    there, back = compare(one(before), one(after), look), compare(one(after), one(before), look)
    assert (there.added, there.gone, there.changed) == (back.gone, back.added, back.changed)
    assert (there.columns_added, there.columns_gone) == (back.columns_gone, back.columns_added)
    assert there.same == back.same
    assert there.said
    assert compare(one(before), one(before), look).same


def test_words_are_compared_as_they_are_read(look):
    before = pinned(words_view("A", "first", Grade.MODELLED), Whence("growth", "s", "v"), lang="en", theme="light")
    after = replace(before, view=replace(before.view, caption="second"))
    assert compare(before, before, look).same
    change = compare(before, after, look)
    assert (change.same, change.said) == (False, look.say("refreshed.words"))


def test_a_finding_that_changed_is_told(look):
    change = compare(one(), one(title="Duoduo leads"), look)
    assert (change.before, change.after, change.same) == ("Cainiao leads", "Duoduo leads", False)
    assert "Duoduo leads" in change.said


def test_without_a_table_the_drawing_counts(look):
    first, second = ({"data": [{"type": "bar", "y": [n]}], "layout": {}} for n in (1, 2))
    nothing = pd.DataFrame()
    assert compare(one(nothing, figure=first), one(nothing, figure=first), look).same
    assert not compare(one(nothing, figure=first), one(nothing, figure=second), look).same
    assert compare(one(figure=first), one(figure=second), look).same


def test_another_version_of_the_same_numbers_is_the_same_and_said(look):
    change = compare(one(), one(version="v2"), look)
    assert change.same
    assert look.say("refreshed.version", before="v1", after="v2") in change.said


rows = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([2024, 2025]), st.integers(-9, 9).map(float)), max_size=8
).map(lambda found: pd.DataFrame(found, columns=["Name", "Year", "Value"]))


@settings(deadline=None)
@given(rows, rows)
def test_what_is_added_gone_and_kept_adds_up(before, after):
    change = compare(one(before), one(after), ENGLISH)
    assert len(after) - len(before) == change.added - change.gone
    assert 0 <= change.changed <= min(len(before), len(after))
    assert {row[0] for row in change.moves.to_numpy()} <= {f"{n} · {y}" for n in "abcd" for y in (2024, 2025)}
    alone = not any(table.duplicated(["Name", "Year"]).any() for table in (before, after))
    ordered = [table.sort_values(["Name", "Year"]).reset_index(drop=True) for table in (before, after)]
    assert not alone or change.same == ordered[0].astype(str).equals(ordered[1].astype(str))
