"""What a new version would change, and the digests that tell versions apart."""

from collections import Counter

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.workspace import Part, Workspace
from data.workspace.merge import taken
from data.workspace.packed import pack, unpack
from data.workspace.pairs import moves
from tests.small_volumes import subsidies, volumes

ROW = st.tuples(
    st.sampled_from(["2026-06", "2026-07"]),
    st.sampled_from(["330100", "330700"]),
    st.sampled_from(["cainiao", "duoduo"]),
    st.sampled_from([0.0, 1.0, 2.0, 1e12]),
    st.sampled_from(["", "Alibaba"]),
)
ROWS = st.lists(ROW, min_size=1, max_size=12)
JULY = [("2026-07", "330100", "cainiao", 6.0), ("2026-07", "330100", "duoduo", 2.0)]


def key(row):
    return (*row[:3], row[4])


def by_hand(earlier, later):
    """Added, changed, gone and the same: rows of a key are alike, else one takes the place of another."""
    before, after, counts = Counter(earlier), Counter(later), Counter()
    for one in {key(row) for row in (*earlier, *later)}:
        old = Counter({row: n for row, n in before.items() if key(row) == one})
        new = Counter({row: n for row, n in after.items() if key(row) == one})
        same = (old & new).total()
        left, come = old.total() - same, new.total() - same
        counts += Counter(same=same, changed=min(left, come), gone=max(left - come, 0), added=max(come - left, 0))
    return tuple(counts[name] for name in ("added", "changed", "gone", "same"))


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_moves_are_those_counted_by_hand(earlier, later):
    found = moves(volumes(earlier), volumes(later), "volumes")
    assert (found.added, found.changed, found.gone, found.same) == by_hand(earlier, later)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_rows_moves_nothing(rows, random):
    other = random.sample(rows, len(rows))
    assert moves(volumes(rows), volumes(other), "volumes").same == len(rows)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.sampled_from(["new", "old"]))
def test_an_append_takes_each_key_from_one_side(earlier, later, side):
    table = taken(volumes(earlier), [Part("volumes", volumes(later), "append")], side).table
    first, second = (later, earlier) if side == "new" else (earlier, later)
    known = {key(row) for row in first}
    wanted = Counter([*first, *(row for row in second if key(row) not in known)])
    months = table["month"].to_pylist()
    found = zip(*(table[name].to_pylist() for name in ("city", "platform", "parcels", "origin")), strict=True)
    assert Counter((month.isoformat()[:7], *row) for month, row in zip(months, found, strict=True)) == wanted


def test_a_preview_tells_rows_totals_and_shares_and_writes_nothing(tmp_path):
    workspace = Workspace(tmp_path)
    market = workspace.save(
        owner="ann", name="m", parts=[Part("volumes", volumes(JULY)), Part("subsidies", subsidies())]
    ).market
    new = [("2026-07", "330100", "duoduo", 4.0), ("2026-08", "330100", "cainiao", 1.0)]
    found = workspace.preview(owner="ann", parts=[Part("volumes", volumes(new), "append")], market=market)
    rows = found.rows.set_index("dataset")
    assert rows.columns.tolist() == ["before", "after", "added", "changed", "gone", "same", "conflicts"]
    assert rows.loc["volumes"].tolist() == [2, 3, 1, 1, 0, 1, 1]
    assert rows.loc["subsidies"].tolist() == [1, 1, 0, 0, 0, 1, 0]
    assert found.examples == {"volumes": ("2026-07-01", "330100", "duoduo", "")}
    july, august = pd.Timestamp("2026-07-01"), pd.Timestamp("2026-08-01")
    totals = found.totals.set_index("month")
    assert totals.loc[july].tolist() == [8, 10]
    assert totals.loc[august].fillna(-1).tolist() == [-1, 1]
    shares = found.shares.set_index(["month", "platform"])
    assert shares.loc[(july, "duoduo")].tolist() == [0.25, 0.4]
    assert shares.loc[(july, "cainiao")].tolist() == [0.75, 0.6]
    assert shares["after"].groupby("month").sum().tolist() == pytest.approx([1, 1])
    assert [one.number for one in workspace.versions(market, "ann")] == [1]
    kept = workspace.preview(
        owner="ann", parts=[Part("volumes", volumes(new), "append")], market=market, on_conflict="old"
    )
    assert kept.rows.set_index("dataset").loc["volumes"].tolist() == [2, 3, 1, 0, 0, 2, 1]


def test_a_preview_of_a_new_market_adds_everything(tmp_path):
    found = Workspace(tmp_path).preview(owner="ann", parts=[Part("subsidies", subsidies())])
    assert found.rows.to_numpy().tolist() == [["subsidies", 0, 1, 1, 0, 0, 0, 0]]
    assert found.totals.empty
    assert found.shares.columns.tolist() == ["month", "platform", "before", "after"]
    assert not any(tmp_path.iterdir())


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(0, 11))
def test_a_digest_is_of_the_rows_and_not_of_how_they_lie_in_memory(rows, cut):
    whole = volumes(rows)
    chunked = pa.concat_tables(
        [volumes(rows[:cut] or rows), *([volumes(rows[cut:])] if rows[:cut] and rows[cut:] else [])]
    )
    backwards = whole.set_column(2, "platform", backwards_words(whole["platform"]))
    digest = pack(whole).digest
    assert pack(chunked).digest == pack(backwards).digest == digest
    again = unpack(pack(whole).spec, pack(whole).plain)
    assert again.schema == whole.schema
    assert again.to_pydict() == whole.to_pydict()
    assert pack(again).digest == digest


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms())
def test_neither_the_order_of_rows_nor_that_of_columns_is_part_of_a_digest(rows, random):
    table = volumes(rows)
    own = table.append_column("rain", pa.array([None, 0.0, -1.5] * 4, pa.float64()).slice(0, len(rows)))
    ids = own.append_column("note", pa.array(["", None, "\0"] * 4, pa.string()).slice(0, len(rows)))
    for one in (table, own, ids):
        places = random.sample(range(len(rows)), len(rows))
        names = random.sample(one.column_names, one.num_columns)
        assert pack(one.take(pa.array(places)).select(names)).digest == pack(one).digest


def test_the_order_of_many_rows_far_apart_is_no_part_of_a_digest():
    """Too many months, cities and networks between them to be counted one by one."""
    n = 3_000
    days = pa.array([place * 7_919 % 2**31 for place in range(n)], pa.int32()).cast(pa.date32())
    table = pa.table({"d": days, "k": pa.array([str(place * 31 % n) for place in range(n)]).dictionary_encode()})
    backwards = table.take(pa.array(range(n - 1, -1, -1)))
    assert pack(backwards).digest == pack(table).digest
    assert pack(table.set_column(1, "k", backwards["k"])).digest != pack(table).digest


def test_no_two_texts_share_a_digest():
    texts = [
        ["\0", *[""] * 7],
        [*[""] * 7, None],
        [None, *[""] * 7],
        [*[""] * 7, "\0"],
        [*[""] * 6, None, "\0"],
        [""] * 8,
    ]
    names = [["a", "b"], ["ab", ""], ["", "ab"], ["a", None]]
    tables = [pa.table({"t": pa.array(one, pa.string())}) for one in (*texts, *names)]
    kinds = {tuple(sorted(map(repr, one))) for one in (*texts, *names)}
    assert len({pack(table).digest for table in tables}) == len(kinds)


def backwards_words(column):
    whole = column.combine_chunks()
    words = [*whole.dictionary.to_pylist(), "unused"][::-1]
    places = pa.array([words.index(word) for word in whole.to_pylist()], pa.int32())
    return pa.DictionaryArray.from_arrays(places, pa.array(words))


@pytest.mark.parametrize(
    "other",
    [
        [("2026-07", "330100", "cainiao", 6.0), ("2026-07", "330100", "duoduo", 2.5)],
        [("2026-07", "330100", "duoduo", 6.0), ("2026-07", "330100", "cainiao", 2.0)],
        [("2026-07", "330100", "cainiao", None), ("2026-07", "330100", "duoduo", 2.0)],
        [("2026-08", "330100", "cainiao", 6.0), ("2026-07", "330100", "duoduo", 2.0)],
        JULY[:1],
        [*JULY, JULY[0]],
    ],
)
def test_any_other_cell_gives_another_digest(other):
    assert pack(volumes(other)).digest != pack(volumes(JULY)).digest


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(allow_nan=False)),
            st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"))),
            st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=3)),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_packed_is_unpacked_with_its_empty_cells(rows):
    number, text, word = zip(*rows, strict=True)
    table = pa.table(
        {
            "n": pa.array(number, pa.float64()),
            "t": pa.array(text, pa.string()),
            "k": pa.array(word, pa.string()).dictionary_encode(),
        }
    )
    packed = pack(table)
    again = unpack(packed.spec, packed.plain)
    assert again.to_pydict() == {name: list(values) for name, values in zip("ntk", (number, text, word), strict=True)}
    assert pack(again).digest == packed.digest
    assert pack(again.slice(1)).digest != packed.digest


def test_a_column_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="column x is bool: give dictionary, date, number or string columns"):
        pack(pa.table({"x": [True]}))
