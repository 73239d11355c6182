"""A workspace goes from files into a database and back, and digests tell that nothing is lost."""

import hashlib
import random

import pandas as pd
import pytest

from data.workspace import Boards, Ledger, Links, Part, Shelf, Workspace, WorkspaceError, contents, postgres_rows
from data.workspace.transfer import copy, digests
from tests.small_volumes import stations, volumes

MANY = [("2026-07", "330100", "cainiao", n / 7) for n in range(400)]


def refused(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def fill(place):
    """Something of everything: pieces, rows set aside, what was deleted, what is shared."""
    kept = Workspace(place)
    aside = pd.DataFrame({"行": ["x", None], "b?": ["'1", "%s"]})
    market = kept.save(
        owner="ann", parts=[Part("volumes", volumes(MANY), aside=aside)], name="市场", note="一\n二"
    ).market
    more = [("2026-08", "330100", "duoduo", float(n)) for n in range(9)]
    kept.save(owner="ann", parts=[Part("volumes", volumes(more), "append")], market=market)
    kept.save(owner="bob", parts=[Part("stations", stations(["s1", "s2"]))], name="other")
    kept.share(market, "ann", True)
    kept.remember("ann", "volumes", "k", {"月份": "month"})
    plan = Shelf(place).save("{}", owner="ann", name="war", market="m", data_version="v", snapshot=b"\0\xff" * 99)
    Shelf(place).branch(plan.id, owner="bob", name="copy")
    ledger = Ledger(place)
    for n in range(3):
        ledger.add(f"forecast {n}", owner="ann", title="f")
    ledger.remove(ledger.list("ann")[0].id, owner="ann")
    picture = b"\x89PNG" + bytes(range(256))
    digest = hashlib.sha256(picture).hexdigest()
    Boards(place).save("{}", owner="ann", name="talk", parts={digest: picture})
    gone = Links(place).make("map", "x=1", owner="ann")
    Links(place).make("map", "x=2", owner="ann")
    Links(place).delete(gone, owner="ann")
    return market


@pytest.fixture
def few(monkeypatch):
    """Small limits, so that small tables come in many pieces."""
    monkeypatch.setattr(contents, "LEAST_ROWS", 100)
    monkeypatch.setattr(postgres_rows, "PIECE_ROWS", 64)
    monkeypatch.setattr(postgres_rows, "BATCH", 2)


def test_there_and_back_again_with_equal_digests(postgres, tmp_path, few):
    database, back = postgres.database(), tmp_path / "back"
    market = fill(tmp_path / "kept")
    first = digests(tmp_path / "kept")
    assert len(set(first.values())) == 5
    assert copy(tmp_path / "kept", database) == digests(database) == first
    assert copy(database, back) == digests(back) == first
    for place in (database, back):
        kept = Workspace(place)
        assert kept.versions(market, "ann") == Workspace(tmp_path / "kept").versions(market, "ann")
        rows = [Workspace(one).version(market, owner="ann").table("volumes") for one in (place, tmp_path / "kept")]
        assert rows[0].equals(rows[1])
        aside = [Workspace(one).version(market, owner="ann").aside("volumes") for one in (place, tmp_path / "kept")]
        pd.testing.assert_frame_equal(*aside)
        assert kept.recall("ann", "volumes", "k") == {"月份": "month"}
        assert Boards(place).boards("ann") == Boards(tmp_path / "kept").boards("ann")
        assert Shelf(place).snapshot(Shelf(place).saved("ann")[0]) == b"\0\xff" * 99
        assert [one.document for one in Ledger(place).list("ann")] == ["forecast 1", "forecast 0"]
        assert [one.query for one in Links(place).links("ann")] == ["x=2"]
        Ledger(place).add("later", owner="ann", title="f")
        assert Ledger(place).list("ann")[0].document == "later"
        kept.save(owner="ann", parts=[Part("volumes", volumes(MANY[:5]))], market=market)


def test_digests_are_the_same_for_the_same_and_change_with_anything(place, few):
    assert len(set(digests(place).values())) == 1
    market = fill(place)
    seen = [digests(place)]
    assert digests(place) == seen[0]
    for store, act in {
        "markets": lambda: Workspace(place).rename(market, "ann", "renamed"),
        "scenarios": lambda: Shelf(place).archive(Shelf(place).saved("ann")[0].id, owner="ann"),
        "forecasts": lambda: Ledger(place).add("x", owner="ann", title="f"),
        "boards": lambda: Boards(place).rename(Boards(place).boards("ann")[0].id, "x", owner="ann"),
        "links": lambda: Links(place).delete(Links(place).links("ann")[0].id, owner="ann"),
    }.items():
        act()
        seen.append(digests(place))
        assert {name for name in seen[-1] if seen[-1][name] != seen[-2][name]} == {store}


def test_the_order_of_rows_is_part_of_the_digest(place):
    rows = MANY[:50]
    found = set()
    for order in (rows, random.Random(1).sample(rows, len(rows))):
        kept = Workspace(place)
        with kept.keeper.open(write=True) as base:
            for table in kept.keeper.tables:
                base.execute(f"DELETE FROM {table}")
            for digest in ("a" * 64,):
                base.drop_rows(digest)
                packed = contents.pack(volumes(order))
                base.put_rows(digest, packed.plain)
                base.execute("INSERT INTO content VALUES (?, ?, ?)", (digest, len(order), packed.spec))
        found.add(digests(place)["markets"])
    assert len(found) == 2


def test_a_place_that_holds_something_is_left_alone(place, tmp_path):
    Links(place).make("map", "mine", owner="ann")
    fill(tmp_path / "other")
    before = digests(place)
    assert refused(lambda: copy(tmp_path / "other", place)) == "not_empty"
    assert refused(lambda: copy(place, place)) == "not_empty"
    assert digests(place) == before


def test_a_copy_that_came_out_otherwise_is_not_kept(postgres, tmp_path, monkeypatch):
    database = postgres.database()
    fill(tmp_path / "kept")
    put = postgres_rows.Opened.put_rows
    monkeypatch.setattr(postgres_rows.Opened, "put_rows", lambda self, digest, plain: put(self, digest, plain.slice(1)))
    assert refused(lambda: copy(tmp_path / "kept", database)) == "copy_differs"
    assert len(set(digests(database).values())) == 1
    monkeypatch.undo()
    assert copy(tmp_path / "kept", database) == digests(tmp_path / "kept")


def test_an_empty_place_is_copied_to_an_empty_place(postgres, tmp_path):
    assert copy(tmp_path / "none", postgres.database()) == digests(tmp_path / "none")
    assert not (tmp_path / "none").exists()
