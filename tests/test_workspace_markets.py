"""Markets of the workspace: versions, appends, undo, owners, and what is remembered."""

import hashlib
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest

from data.workspace import Part, Provenance, Workspace, WorkspaceError
from tests.postgres import files_only
from tests.small_volumes import stations, subsidies, volumes

JULY = [("2026-07", "330100", "cainiao", 5.0), ("2026-07", "330100", "duoduo", 3.0)]
AUGUST = [("2026-08", "330100", "cainiao", 6.0), ("2026-08", "330100", "duoduo", 2.0)]


@pytest.fixture
def workspace(place):
    return Workspace(place)


def part(rows, how="replace", **more):
    return Part("volumes", volumes(rows), how, **more)


def save(workspace, *parts, owner="ann", **more):
    return workspace.save(owner=owner, parts=parts, **({"name": "market"} | more))


def parcels(workspace, saved, number=None):
    return workspace.version(saved.market, number, owner="ann").table("volumes")["parcels"].to_pylist()


def refusal(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def tables(workspace):
    with workspace._store.open() as base:
        own = "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'rows_%'"
        found = base.execute(own if workspace.path else "SELECT DISTINCT digest FROM piece").fetchall()
        return len(found), base.execute("SELECT count(*) FROM aside").fetchone()[0]


def test_every_save_is_a_version_that_keeps_what_was_not_given(workspace):
    first = save(workspace, part(JULY), note="July")
    second = save(workspace, Part("subsidies", subsidies()), market=first.market)
    assert (first.number, second.number, second.name, second.market) == (1, 2, "market", first.market)
    assert [one.dataset for one in second.parts] == ["subsidies", "volumes"]
    assert second.part("volumes") == first.part("volumes")
    assert (first.part("volumes").rows, first.part("volumes").since, second.part("subsidies").since) == (2, 1, 2)
    assert first.part("subsidies") is None
    listed = workspace.versions(first.market, "ann")
    assert listed == (first, second)
    assert [one.note for one in listed] == ["July", ""]
    assert len({one.digest for one in listed}) == 2
    assert tables(workspace) == (2, 0)
    found = workspace.version(first.market, owner="ann")
    assert found.info == second
    assert found.table("volumes").equals(volumes(JULY))
    assert found.table("subsidies").equals(subsidies())
    assert found.table("stations") is None
    assert found.aside("stations").empty
    assert workspace.version(first.market, 1, owner="ann").info == first


def test_rows_of_the_file_and_types_that_differ_make_no_other_version(workspace):
    rows = volumes(JULY)
    first = save(workspace, Part("volumes", rows.append_column("row", pa.array([2, 3]))))
    frame = rows.to_pandas().astype({"city": "category", "parcels": "int64"})
    again = save(workspace, Part("volumes", pa.Table.from_pandas(frame)), market=first.market)
    assert again.digest == first.digest
    assert workspace.version(first.market, owner="ann").table("volumes").schema == rows.schema
    assert tables(workspace) == (1, 0)


def test_where_the_rows_came_from_is_kept(workspace):
    aside = pd.DataFrame({"row": [4], "月份": ["合计"], "=1+1": ["'x"]})
    names = {"platform": {"菜鸟": "cainiao", "别的": ""}}
    whence = Provenance(
        **{"file": "七月.csv", "digest": "ab", "size": 10, "encoding": "gb18030", "mapping": {"月份": "month"}},
        **{"units": {"parcels": "万件"}, "names": names, "edits": 2, "rows": 3, "kept": 2, "aside": 1},
    )
    first = save(workspace, part(JULY, aside=aside, provenance=whence))
    (kept,) = first.part("volumes").provenance
    assert replace(kept, who="", set_aside="") == whence
    assert (len(kept.who), kept.how) == (12, "replace")
    more = part(AUGUST, "append", aside=aside.assign(row=[9]), provenance=Provenance(file="八月.csv"))
    second = save(workspace, more, market=first.market)
    assert [(one.file, one.how) for one in second.part("volumes").provenance] == [
        ("七月.csv", "replace"),
        ("八月.csv", "append"),
    ]
    rows = workspace.version(first.market, owner="ann").aside("volumes")
    assert rows.index.tolist() == ["七月.csv", "八月.csv"]
    assert rows.columns.tolist() == ["row", "月份", "=1+1"]
    assert rows["row"].tolist() == [4, 9]
    assert len(workspace.version(first.market, 1, owner="ann").aside("volumes")) == 1


def test_an_append_adds_rows_behind_those_that_are_there(workspace):
    first = save(workspace, part(JULY))
    second = save(workspace, part(AUGUST, "append"), market=first.market)
    assert parcels(workspace, second) == [5, 3, 6, 2]
    assert parcels(workspace, second, 1) == [5, 3]
    both = save(workspace, part(JULY), part(AUGUST, "append"), name="both at once")
    assert both.digest == second.digest


def test_a_key_that_is_there_with_other_values_is_refused_unless_one_says_which_stays(workspace):
    first = save(workspace, part(JULY))
    again = part([("2026-07", "330100", "duoduo", 4.0), *AUGUST], "append")
    with pytest.raises(WorkspaceError) as error:
        save(workspace, again, market=first.market)
    assert (error.value.code, error.value.values) == (
        "conflict",
        {"dataset": "volumes", "rows": "1", "example": "2026-07-01 + 330100 + duoduo + "},
    )
    assert workspace.market(first.market, "ann").versions == 1
    new = save(workspace, again, market=first.market, on_conflict="new")
    assert parcels(workspace, new) == [5, 4, 6, 2]
    workspace.undo(first.market, "ann")
    old = save(workspace, again, market=first.market, on_conflict="old")
    assert parcels(workspace, old) == [5, 3, 6, 2]


def test_rows_that_are_there_already_are_no_conflict_and_are_not_doubled(workspace):
    first = save(workspace, part(JULY))
    second = save(workspace, part([*JULY, *AUGUST], "append"), market=first.market)
    assert parcels(workspace, second) == [5, 3, 6, 2]


def test_a_column_of_the_users_own_that_one_file_has_not_is_empty_there(workspace):
    first = save(workspace, part(JULY))
    own = volumes(AUGUST).append_column("rain", pa.array([1.5, None]))
    second = save(workspace, Part("volumes", own, "append"), market=first.market)
    table = workspace.version(second.market, owner="ann").table("volumes")
    assert table["rain"].to_pylist() == [None, None, 1.5, None]
    assert table.select(volumes(JULY).column_names).equals(volumes([*JULY, *AUGUST]))


def test_undo_and_redo_move_the_market_and_delete_nothing(workspace):
    market = save(workspace, part(JULY)).market
    save(workspace, part(AUGUST), market=market)
    assert workspace.undo(market, "ann").number == 1
    assert workspace.market(market, "ann").current == 1
    assert [one.undone for one in workspace.versions(market, "ann")] == [False, True]
    assert refusal(lambda: workspace.undo(market, "ann")) == "nothing_to_undo"
    assert workspace.redo(market, "ann").number == 2
    assert refusal(lambda: workspace.redo(market, "ann")) == "nothing_to_redo"
    workspace.undo(market, "ann")
    third = save(workspace, part(AUGUST, "append"), market=market)
    assert third.number == 3
    assert parcels(workspace, third) == [5, 3, 6, 2]
    assert [one.undone for one in workspace.versions(market, "ann")] == [False, True, False]
    assert parcels(workspace, third, 2) == [6, 2]
    assert workspace.undo(market, "ann").number == 1
    assert workspace.redo(market, "ann").number == 3


def test_names_and_lists(workspace):
    assert workspace.markets("ann") == ()
    first = save(workspace, part(JULY), name="  七月\n市场 ")
    second = save(workspace, part(JULY))
    assert [one.name for one in workspace.markets("ann")] == ["market", "七月 市场"]
    assert workspace.rename(first.market, "ann", "July").name == "July"
    listed = workspace.markets("ann")
    assert [(one.id, one.current, one.versions) for one in listed] == [(first.market, 1, 1), (second.market, 1, 1)]
    assert workspace.markets("bob") == ()
    assert refusal(lambda: save(workspace, part(JULY), name=" ")) == "no_market_name"
    assert refusal(lambda: workspace.rename(first.market, "ann", "x" * 200)) == "no_market_name"
    assert refusal(lambda: workspace.save(owner="ann", parts=[], name="x")) == "nothing_to_save"
    assert refusal(lambda: workspace.market("0'; DROP TABLE market; --", "ann")) == "no_market"
    assert refusal(lambda: workspace.version(first.market, 9, owner="ann")) == "no_version"
    with pytest.raises(ValueError, match="dataset prices is not one of"):
        save(workspace, replace(part(JULY), dataset="prices"))
    assert len(workspace.markets("ann")) == 2


def test_what_is_deleted_is_gone_and_what_others_hold_stays(workspace):
    aside = pd.DataFrame({"row": ["secret line"]})
    first = save(workspace, part(JULY, aside=aside))
    save(workspace, part(AUGUST), market=first.market)
    other = save(workspace, part(AUGUST), owner="bob")
    held = workspace.version(first.market, 1, owner="ann")
    assert tables(workspace) == (2, 1)
    workspace.delete(first.market, "ann")
    assert tables(workspace) == (1, 0)
    assert refusal(lambda: workspace.market(first.market, "ann")) == "no_market"
    assert refusal(lambda: held.table("volumes")) == "rows_gone"
    assert workspace.version(other.market, owner="bob").table("volumes").equals(volumes(AUGUST))


@files_only
def test_the_room_of_what_is_deleted_is_written_over(workspace):
    ids = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(20_000)]
    kept = save(workspace, part(JULY), name="kept")
    sizes = []
    for _ in range(4):
        market = save(workspace, Part("stations", stations(ids))).market
        before = pages(workspace)
        workspace.delete(market, "ann")
        sizes.append(workspace.path.stat().st_size)
        assert len(before) > 1_000
        assert len(before & pages(workspace)) < len(before) / 10
    assert sizes[-1] < 1.5 * sizes[0]
    assert parcels(workspace, kept) == [5, 3]


def pages(workspace):
    """What stands on the disk, in pieces of half a kilobyte."""
    whole = workspace.path.read_bytes()
    return {whole[start : start + 512] for start in range(0, len(whole), 512)}


def on_disk(workspace, mark):
    return sum(path.read_bytes().count(mark) for path in workspace.path.parent.iterdir())


@files_only
def test_no_owner_is_written_to_the_disk(workspace):
    token = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    market = save(workspace, part(JULY), owner=token).market
    workspace.remember(token, "volumes", "k", {"月份": "month"})
    workspace.share(market, token, True)
    assert on_disk(workspace, market.encode()) > 0
    assert on_disk(workspace, token.encode()) == 0


def test_decisions_are_remembered_for_whoever_made_them(workspace):
    assert workspace.recall("ann", "volumes", "k") == {}
    workspace.remember("ann", "volumes", "k", {"月份": "month", "x": ""})
    workspace.remember("ann", "volumes", "k", {"x": "parcels"})
    assert workspace.recall("ann", "volumes", "k") == {"月份": "month", "x": "parcels"}
    workspace.remember("ann", "volumes", "k", {"件量": "parcels", "备注": ""})
    assert workspace.recall("ann", "volumes", "k") == {"月份": "month", "件量": "parcels", "备注": ""}
    assert workspace.recall("ann", "stations", "k") == workspace.recall("bob", "volumes", "k") == {}
    workspace.remember_names("ann", "platform", {"别的": ""})
    workspace.remember_names("ann", "platform", {"云喜": "yunxi"})
    assert workspace.recall_names("ann", "platform") == {"别的": "", "云喜": "yunxi"}
    assert workspace.recall_names("bob", "platform") == {}
