"""A mend by whoever may, once, under the lock and in the log; and what is done unseen goes on when something fails."""

import logging
import os
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from data.people import NOBODY, Person, Role, acting_as
from data.workspace import Workspace, WorkspaceError, audit, damage, keep, store
from data.workspace.keep import daily, good, mending
from data.workspace.transfer import STORES
from data.workspace.underway import WRITES
from tests import made_workspace
from tests.made_workspace import OWNER, holds, save
from tests.test_keep import FILES, tear

ADMIN, ANALYST = (Person(role.name, "", role, role.name.lower()) for role in (Role.ADMIN, Role.ANALYST))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture
def ids(folder):
    return made_workspace.fill(folder)


def refused(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_a_damaged_file_that_was_put_aside_stays_when_it_is_old(folder, ids):
    keep.check(folder)
    path = folder / FILES["markets"]
    tear(path)
    aside = keep.mend(folder, path.name).aside
    log, left = (path.with_name(f"{name}.wal") for name in (aside.name, f"{path.name}.{'a' * 13}"))
    for one in (log, left, left.with_suffix("")):
        one.write_bytes(b"x")
    for one in (aside, log, left, left.with_suffix("")):
        os.utime(one, (1_000_000_000, 1_000_000_000))
    save(folder, "markets", 5)
    assert aside.exists()
    assert log.exists()
    assert not left.exists()
    assert not left.with_suffix("").exists()


@pytest.mark.parametrize(("person", "code"), [(ANALYST, "may_not"), (NOBODY, "signed_out")])
def test_only_an_administrator_mends_where_people_sign_in(folder, ids, person, code):
    keep.check(folder)
    path = folder / FILES["links"]
    tear(path)
    torn = path.read_bytes()
    with acting_as(person):
        assert refused(lambda: keep.mend(folder, path.name)) == code
    assert path.read_bytes() == torn
    with acting_as(ADMIN):
        keep.mend(folder, path.name)
    assert holds(folder, "links", ids["links"], 2)


@pytest.mark.parametrize("name", STORES)
def test_a_mend_is_in_the_log_of_the_store(folder, ids, name):
    keep.check(folder)
    tear(folder / FILES[name])
    with acting_as(ADMIN):
        keep.mend(folder, FILES[name])
        (found,) = [one for one in STORES[name](folder).activity("x") if one.what == "mend"]
    assert (found.who, found.kind) == (audit.digest(ADMIN.owner), STORES[name].KIND)


def test_what_is_sound_by_now_is_not_mended_by_a_second_press(folder, ids):
    keep.check(folder)
    path = folder / FILES["scenarios"]
    tear(path)
    keep.mend(folder, path.name, shown=True)
    later = save(folder, "scenarios", 7)
    assert refused(lambda: keep.mend(folder, path.name, shown=True)) == "sound"
    assert holds(folder, "scenarios", later, 7)
    assert len(mending.aside(folder)) == 1
    assert not list(folder.glob("*.mending"))


def test_a_mend_waits_for_whoever_saves_and_looks_again(folder, ids, monkeypatch):
    keep.check(folder)
    path = folder / FILES["scenarios"]
    damage.note(path)
    codes, held = [], threading.Event()

    def press():
        held.wait(60)
        codes.append(refused(lambda: keep.mend(folder, path.name, shown=True)))

    presser = threading.Thread(target=press)
    presser.start()
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(0.3)
        assert not mending.aside(folder)
        assert not codes
        damage.forget(path)
        base.execute("COMMIT")
    presser.join(60)
    assert codes == ["sound"]


def test_a_store_that_is_written_while_it_is_looked_through_is_not_rotten(folder, ids, monkeypatch):
    path = folder / FILES["links"]
    os.utime(path, (1_000_000_000, 1_000_000_000))
    keep.check(folder)
    whole, real = path.read_bytes(), good.sha256

    def written(file):
        if file == path:
            path.write_bytes(whole + b"more")
        return real(file)

    monkeypatch.setattr(good, "sha256", written)
    assert not good.rotten(folder, path)


@pytest.mark.parametrize("error", [OSError(5, "no"), sqlite3.DatabaseError("no"), WorkspaceError("busy", path="x")])
def test_the_daily_look_goes_on_after_an_error(error, folder, monkeypatch, caplog):
    over, asked = threading.Event(), []

    def place():
        asked.append(1)
        if len(asked) == 1:
            raise error
        over.set()
        return folder

    monkeypatch.setattr(daily, "FIRST", 0.0)
    monkeypatch.setattr(daily, "EVERY", 0.0)
    monkeypatch.setattr(daily, "NICE", 0)
    with caplog.at_level(logging.WARNING):
        daily._look(place, over)
    assert len(asked) == 2
    assert "could not be looked through" in caplog.text


def test_the_daily_look_names_the_file_in_a_log_of_json_too(folder, ids, monkeypatch, caplog):
    monkeypatch.setattr(daily, "check", lambda where: [good.Finding("boards.sqlite3", "damaged", "x")])
    daily._once(lambda: folder)
    (record,) = caplog.records
    assert record.told == {"event": "damaged", "code": "damaged", "on": "boards.sqlite3"}


def test_a_file_that_cannot_be_read_is_a_finding(folder, ids, monkeypatch):
    def away(path, name):
        raise OSError(5, "Input/output error")

    real = good.problems
    monkeypatch.setattr(
        good,
        "problems",
        lambda path, name, **more: real(path, name, **more) if "." in path.parent.name else away(path, name),
    )
    found = keep.check(folder)
    assert {(one.code, one.detail) for one in found} == {("unread", "Input/output error")}
    assert all(one.file.endswith("json") for one in found)


def test_a_copy_that_cannot_be_kept_is_a_finding_and_the_next_store_is_looked_at(folder, ids, monkeypatch):
    def full(folder, copy):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(good, "_keep", full)
    assert [(one.file, one.code) for one in keep.check(folder)] == [(file, "unread") for file in sorted(FILES.values())]


def test_a_market_is_deleted_whoever_is_at_the_file_then(folder, ids, monkeypatch):
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.1)
    turns, real = [], store.spare.alone

    def busy_at_last(path, *, seconds):
        turns.append(WRITES.number)
        if len(turns) > 1:
            raise WorkspaceError("busy", path=path)
        return real(path, seconds=seconds)

    monkeypatch.setattr(store.spare, "alone", busy_at_last)
    Workspace(folder).delete(ids["markets"], OWNER)
    assert turns == [1, 1]
    monkeypatch.undo()
    assert ids["markets"] not in [one.id for one in Workspace(folder).markets(OWNER)]
