"""Appends to many rows: each is kept as a piece of its own, and every version reads as if it were kept whole."""

import random

import pyarrow as pa
import pytest

from data.schema import DATASETS
from data.workspace import Part, Workspace, WorkspaceError, contents
from data.workspace.packed import pack
from tests.small_volumes import volumes

CITIES = ("330100", "330700", "310000")
MANY = 400


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "LEAST_ROWS", 100)
    return Workspace(tmp_path)


def rows(places, value=1.0):
    return [(f"{2000 + n // 36}-{n // 3 % 12 + 1:02d}", CITIES[n % 3], "cainiao", value + n) for n in places]


def append(workspace, market, table, on_conflict="error"):
    part = Part("volumes", table, "append")
    return workspace.save(owner="ann", parts=[part], market=market, on_conflict=on_conflict)


def start(workspace):
    return workspace.save(owner="ann", parts=[Part("volumes", volumes(rows(range(MANY))))], name="m").market


def kept_rows(workspace):
    """Rows of every table on the disk."""
    with workspace._store.open() as base:
        names = base.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'rows_%'").fetchall()
        return sorted(base.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in names)


def test_an_append_keeps_its_own_rows_alone(workspace):
    market = start(workspace)
    for n in range(5):
        append(workspace, market, volumes(rows([MANY + n])))
    assert kept_rows(workspace) == [1] * 5 + [MANY]
    for number in range(1, 7):
        found = workspace.version(market, number, owner="ann")
        whole = volumes(rows(range(MANY + number - 1)))
        assert found.table("volumes").to_pylist() == whole.to_pylist()
        assert found.info.part("volumes").digest == pack(whole).digest


def test_rows_that_are_replaced_are_left_out_of_the_piece_they_stand_in(workspace):
    market = start(workspace)
    append(workspace, market, volumes(rows([MANY, MANY + 1])))
    append(workspace, market, volumes(rows([3, MANY], 0.5)), "new")
    assert kept_rows(workspace) == [2, 2, MANY]
    append(workspace, market, volumes(rows([5, MANY, MANY + 2], 9.5)), "old")
    left = [n for n in range(MANY + 2) if n not in (3, MANY)]
    wanted = [*rows(left), *rows([3, MANY], 0.5), *rows([MANY + 2], 9.5)]
    assert workspace.version(market, owner="ann").table("volumes").to_pylist() == volumes(wanted).to_pylist()
    assert kept_rows(workspace) == [1, 2, 2, MANY]


def test_any_appends_read_as_if_each_version_were_kept_whole(workspace, monkeypatch):
    monkeypatch.setattr(contents, "MOST_PIECES", 4)
    moments, market, held = random.Random(1), start(workspace), [dict.fromkeys(range(MANY), 1.0)]
    for turn in range(12):
        places = moments.sample(range(MANY + 60), moments.randrange(1, 60))
        side = moments.choice(["new", "old"])
        append(workspace, market, volumes(rows(places, turn)), side)
        new = dict.fromkeys(places, float(turn))
        held.append(held[-1] | new if side == "new" else new | held[-1])
    for number, values in enumerate(held, 1):
        found = workspace.version(market, number, owner="ann")
        wanted = pack(volumes([row for n, value in values.items() for row in rows([n], value)])).digest
        assert found.info.part("volumes").digest == pack(found.table("volumes")).digest == wanted
    assert kept_rows(workspace).count(MANY) < 6


def test_pieces_go_with_the_last_market_that_needs_them(workspace):
    first = start(workspace)
    other = workspace.save(owner="bob", parts=[Part("volumes", volumes(rows(range(MANY))))], name="o").market
    workspace.save(owner="bob", parts=[Part("volumes", volumes(rows([MANY])), "append")], market=other)
    workspace.delete(first, "ann")
    assert kept_rows(workspace) == [1, MANY]
    assert len(workspace.version(other, owner="bob").table("volumes")) == MANY + 1
    workspace.delete(other, "bob")
    assert kept_rows(workspace) == []


def test_own_columns_that_differ_in_case_alone_are_one(workspace):
    one = volumes(rows([0])).append_column("Rent", pa.array([5.0]))
    more = volumes(rows([1])).append_column("rent", pa.array([7.0]))
    market = workspace.save(owner="ann", parts=[Part("volumes", one), Part("volumes", more, "append")], name="m").market
    table = workspace.version(market, owner="ann").table("volumes")
    assert [name for name in table.column_names if name not in DATASETS["volumes"].columns] == ["Rent"]
    assert table["Rent"].to_pylist() == [5, 7]
    both = one.append_column("rent", pa.array([6.0]))
    append(workspace, market, both, "new")
    table = workspace.version(market, owner="ann").table("volumes")
    assert [table[name].to_pylist() for name in ("Rent", "rent")] == [[7, 5], [None, 6]]


def test_an_append_brings_no_more_own_columns_than_are_kept(workspace):
    most = DATASETS["volumes"].own
    sides = []
    for n, letter in enumerate("ab"):
        table = volumes(rows([n]))
        for place in range(most - 4 * n):
            table = table.append_column(f"{letter}{place}", pa.array([1.0]))
        sides.append(table)
    market = workspace.save(owner="ann", parts=[Part("volumes", sides[0])], name="m").market
    calls = (
        lambda: append(workspace, market, sides[1]),
        lambda: workspace.preview(owner="ann", parts=[Part("volumes", sides[1], "append")], market=market),
    )
    for call in calls:
        with pytest.raises(WorkspaceError) as error:
            call()
        assert (error.value.code, error.value.values["number"]) == ("too_many_own", str(2 * most - 4))
    assert len(workspace.versions(market, "ann")) == 1
