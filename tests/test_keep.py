"""Damage is found, the last good copy is offered, and put in place without deleting anything."""

import os
import random
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from data.workspace import Links, Shelf, Workspace, WorkspaceError, damage, keep
from data.workspace.keep import good
from data.workspace.keep.stores import stores
from tests import made_workspace
from tests.made_workspace import STORES, holds, save

FILES = {store: f"{store}.duckdb" if store == "markets" else f"{store}.sqlite3" for store in STORES}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture
def ids(folder):
    return made_workspace.fill(folder)


def tear(path, seed=1):
    """Write rubbish over every page behind the first."""
    size, dice = path.stat().st_size, random.Random(seed)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(dice.randbytes(max(size - 4096, 1)))


def test_a_sound_workspace_has_no_findings_and_a_good_copy_of_each_store(folder, ids):
    assert keep.check(folder) == ()
    assert {one.name for one in stores(folder)} >= {*FILES.values()}
    assert all(len(keep.copies(folder, file)) == 1 for file in FILES.values())
    assert not list((folder / "good").rglob("*checking*"))


def test_a_second_look_on_the_same_day_keeps_no_second_copy(folder, ids):
    keep.check(folder)
    save(folder, "scenarios", 3, ids["scenarios"])
    assert keep.check(folder) == ()
    assert len(keep.copies(folder, FILES["scenarios"])) == 1


@pytest.mark.parametrize("store", STORES)
def test_a_torn_store_is_found_offered_and_mended(folder, ids, store):
    keep.check(folder)
    save(folder, store, 3, ids[store])
    path = folder / FILES[store]
    tear(path)
    found = keep.check(folder)
    assert {one.file for one in found} == {path.name}
    assert path.name in found[0].remedy
    offered = {one.store: one for one in keep.offer(folder)}
    assert offered[path.name].copy is not None
    torn = path.read_bytes()
    done = keep.mend(folder, path.name)
    assert done.aside.read_bytes() == torn
    assert keep.check(folder) == () == keep.offer(folder)
    if store in ("markets", "scenarios", "boards"):
        assert holds(folder, store, ids[store], 2)
        assert not holds(folder, store, ids[store], 3)


def test_reading_a_torn_store_makes_it_offered(folder, ids):
    keep.check(folder)
    tear(folder / FILES["markets"])
    with pytest.raises(WorkspaceError) as error:
        Workspace(folder).markets("ann")
    assert error.value.code == "damaged"
    assert [one.store for one in keep.offer(folder)] == [FILES["markets"]]


def test_without_a_good_copy_the_words_say_so(folder, ids):
    tear(folder / FILES["links"])
    with pytest.raises(WorkspaceError) as error:
        keep.mend(folder, FILES["links"])
    assert error.value.code == "no_good"
    assert [(one.store, one.copy) for one in keep.offer(folder)] == [(FILES["links"], None)]
    assert "no good copy" in keep.check(folder)[0].remedy


def test_a_letter_changed_in_a_lasting_row_is_found(folder, ids):
    keep.check(folder)
    with sqlite3.connect(folder / FILES["scenarios"]) as base:
        base.execute("UPDATE version SET document = 'other' WHERE version = 1")
    assert [(one.file, one.code) for one in keep.check(folder)] == [(FILES["scenarios"], "changed")]


def test_a_blob_changed_under_its_digest_is_found(folder, ids):
    with sqlite3.connect(folder / FILES["boards"]) as base:
        base.execute("UPDATE part SET data = CAST('other' AS BLOB)")
    assert {one.code for one in keep.check(folder)} == {"digest"}


def test_a_byte_that_changed_by_itself_is_found_wherever_it_is(folder, ids):
    path = folder / FILES["links"]
    os.utime(path, (1_000_000_000, 1_000_000_000))
    keep.check(folder)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"n=2", b"n=3"))
    assert keep.check(folder) == ()
    save(folder, "links", 5)
    path.write_bytes(whole)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    keep.check(folder)
    path.write_bytes(whole.replace(b"n=2", b"n=3"))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert [(one.file, one.code) for one in keep.check(folder)] == [(path.name, "rotten")]


def test_outlines_changed_under_their_digest_are_found(folder, ids):
    (folder / "boundaries" / f"{ids['outlines']}.geojson").write_bytes(b"{}")
    assert [one.code for one in keep.check(folder)] == ["digest"]


def test_a_store_that_is_gone_is_found_and_put_back(folder, ids):
    keep.check(folder)
    (folder / FILES["links"]).unlink()
    assert [(one.file, one.code) for one in keep.check(folder)] == [(FILES["links"], "missing")]
    keep.mend(folder, FILES["links"])
    assert Links(folder).open(ids["links"]).query == "n=2"


def test_a_rotten_good_copy_is_passed_over_for_the_one_before(folder, ids, monkeypatch):
    keep.check(folder)
    save(folder, "scenarios", 3, ids["scenarios"])
    tomorrow(monkeypatch, 1)
    keep.check(folder)
    first, second = keep.copies(folder, FILES["scenarios"])
    tear(second.path)
    assert keep.last_good(folder, FILES["scenarios"]) == first


def tomorrow(monkeypatch, days):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) + timedelta(days=days)

    monkeypatch.setattr(good, "datetime", Clock)


def test_good_copies_are_bounded_and_ordered_by_number_when_the_clock_jumps(folder, monkeypatch):
    id = save(folder, "scenarios", 1)
    for n, days in enumerate((0, 400, -400, 3, 4, 5, 6, 7, 8, 9, 10), start=2):
        tomorrow(monkeypatch, days)
        save(folder, "scenarios", n, id)
        assert keep.check(folder) == ()
        copies = keep.copies(folder, FILES["scenarios"])
        assert [one.number for one in copies] == sorted(one.number for one in copies)
        assert len(copies) <= good.MOST
        assert copies[-1].number == n - 1
    assert keep.check(folder) == ()


def test_what_was_damaged_once_and_mended_by_hand_is_forgotten(folder, ids):
    path = folder / FILES["links"]
    whole = path.read_bytes()
    damage.note(path)
    assert keep.offer(folder)
    path.unlink()
    path.write_bytes(whole)
    assert keep.check(folder) == () == keep.offer(folder)


def test_versions_go_by_number_when_the_clock_goes_back(folder, monkeypatch):
    from data.workspace import shelf

    class Back(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(1999, 1, 1, tzinfo=UTC)

    id = save(folder, "scenarios", 1)
    monkeypatch.setattr(shelf, "datetime", Back)
    save(folder, "scenarios", 2, id)
    assert Shelf(folder).open(id).document == made_workspace.document(2)
    assert [one.version for one in Shelf(folder).versions(id)] == [1, 2]
