"""Small versions of the faults of `benchmarks/faults.py`: what was acknowledged is there, and nothing half-written."""

import errno
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from benchmarks import faults_served
from benchmarks.faults_journal import Journal, begin, child, go_on, half_written, one
from data import duck, memory, scratch
from data.intake import IntakeError, read
from data.intake.watch import Watch
from data.workspace import WorkspaceError, keep, room
from data.workspace.underway import WRITES, Writes
from pages.ui import jobs
from tests import made_workspace
from tests.made_workspace import STORES, holds, save

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork, signals and limits")
NOBODY = 65_534


@pytest.fixture
def place():
    """A folder that another user may reach, its workspace filled, and its journal."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        journal = Journal(Path(made) / "journal")
        begin(Path(made) / "workspace", journal)
        yield Path(made) / "workspace", journal


def asked_in_a_child(work):
    """What work answers in a process of its own."""
    read_end, write_end = os.pipe()
    with child(lambda: os.write(write_end, pickle.dumps(work()))):
        os.close(write_end)
        with os.fdopen(read_end, "rb") as file:
            said = file.read()
    return pickle.loads(said)


def test_killed_while_saving_nothing_acknowledged_is_lost(place):
    folder, journal = place
    dice = random.Random(1)
    for attempt in range(12):
        since = len(journal.lines())
        with child(partial(go_on, folder, journal, attempt, journal.next_number())) as number:
            time.sleep(dice.uniform(0.01, 0.2))
            os.kill(number, signal.SIGKILL)
        assert journal.lost(folder, since) == []
        assert half_written(folder, journal) == 0
    assert journal.lost(folder) == []
    assert keep.check(folder, keep=False) == ()


def test_two_writers_lose_nothing(place):
    folder, journal = place
    first = journal.next_number()
    with (
        child(lambda: go_on(folder, journal, 1, first, 8)),
        child(lambda: go_on(folder, journal, 2, first + 100_000, 8)),
    ):
        pass
    assert len(journal.lines()) == len(STORES) + 16
    assert journal.lost(folder) == []


def test_where_nobody_may_write_all_is_read_and_saves_say_what_to_do(place):
    folder, journal = place
    for path in (folder, *folder.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)

    def work():
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        lost = journal.lost(folder)
        codes = []
        for store in STORES:
            try:
                save(folder, store, 5, journal.ids[store] if store in ("markets", "scenarios", "boards") else None)
            except WorkspaceError as error:
                codes.append(error.code)
        return lost, codes, room.takes_writes(folder)

    assert asked_in_a_child(work) == ([], ["cannot_write"] * len(STORES), False)


def test_a_log_that_was_left_is_read_where_nobody_may_write(place):
    folder, journal = place
    with child(lambda: (save(folder, "scenarios", 8, journal.ids["scenarios"]), held(folder))):
        pass
    assert (folder / "scenarios.sqlite3-wal").stat().st_size
    folder.chmod(0o555)

    def work():
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        return holds(folder, "scenarios", journal.ids["scenarios"], 8)

    assert asked_in_a_child(work)
    folder.chmod(0o755)


def held(folder):
    """Leave a store with its log, as a killed program does."""
    import sqlite3

    base = sqlite3.connect(folder / "scenarios.sqlite3")
    base.execute("BEGIN")
    base.execute("SELECT count(*) FROM version").fetchone()
    other = sqlite3.connect(folder / "scenarios.sqlite3", isolation_level=None)
    other.execute("UPDATE scenario SET name = 'other'")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_full_disk_is_told_before_anything_is_written(place, monkeypatch):
    folder, journal = place
    before = {path: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(room, "free", lambda path: 1_000)
    assert {one(folder, journal, store, 7) for store in STORES} == {"full"}
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_files_that_may_not_grow_undo_the_save(place):
    folder, journal = place
    most = max(path.stat().st_size for path in folder.iterdir())

    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most - 20_000, most - 20_000))
        return [one(folder, journal, store, n) for n in range(10, 30) for store in STORES]

    assert set(asked_in_a_child(work)) <= {"", "full", "cannot_write"}
    assert journal.lost(folder) == []
    assert half_written(folder, journal) == 0
    assert [one(folder, journal, store, 40) for store in STORES] == [""] * len(STORES)
    assert keep.check(folder, keep=False) == ()


def test_a_stop_waits_for_the_saves_under_way():
    writes, over = Writes(), threading.Event()

    def work():
        with writes.one():
            over.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    while not writes.number:
        time.sleep(0.001)
    assert not writes.wait(0.05)
    over.set()
    assert writes.wait(60)
    thread.join()
    with jobs.saving():
        assert not WRITES.wait(0)
    assert WRITES.wait(0)


def test_every_save_counts_as_one(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(room, "need", lambda *_: seen.append(WRITES.wait(0)))
    made_workspace.fill(tmp_path / "workspace")
    assert seen
    assert not any(seen)
    assert WRITES.wait(0)


def test_a_browser_that_leaves_and_a_stop_let_the_save_end():
    with faults_served.saving() as (folder, journal, address, process):
        socket = faults_served.visit(address, "n=5&store=scenarios&seconds=0.5")
        assert faults_served.waited(folder.parent / "begun-5")
        socket.close()
        assert faults_served.waited(folder.parent / "done-5")
        socket = faults_served.visit(address, "n=6&store=markets&seconds=3.5")
        assert faults_served.waited(folder.parent / "begun-6")
        process.send_signal(signal.SIGINT)
        process.wait(60)
        socket.close()
        assert (folder.parent / "done-6").read_text() == ""
        assert [n for _, _, n in journal.lines()[-2:]] == [5, 6]
        assert journal.lost(folder) == []


def test_queries_may_take_half_of_what_is_free(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "available", lambda: 3 * 2**30)
    with duck.connect(tmp_path) as base:
        assert base.execute("SELECT current_setting('memory_limit')").fetchall() == [("1.5 GiB",)]
    monkeypatch.setattr(memory, "available", lambda: 0)
    assert memory.limit() == memory.LEAST


@pytest.mark.parametrize("version", [1, 2])
def test_the_container_bounds_the_memory(version, tmp_path, monkeypatch):
    group = tmp_path / ("memory/box" if version == 1 else "box")
    group.mkdir(parents=True)
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if version == 1 else ("memory.max", "memory.current")
    for name, number in zip(names, (900, 500), strict=True):
        (group / name).write_text(f"{number}\n")
    (group / "memory.stat").write_text("total_inactive_file 100\n" if version == 1 else "inactive_file 100\n")
    (tmp_path / "cgroup").write_text("4:memory:/box\n" if version == 1 else "0::/box\n")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_SELF", tmp_path)
    assert memory.available() == 500
    (group / names[0]).write_text("max\n")
    assert memory.available() > 500


def test_too_little_memory_is_said_in_words(monkeypatch, tmp_path):
    path = tmp_path / "volumes.csv"
    rows = (f"2026-{1 + n % 12:02},330100,cainiao{n},{n}" for n in range(300_000))
    path.write_text("month,city,platform,parcels\n" + "\n".join(rows))
    monkeypatch.setattr(memory, "limit", lambda: 2**20)
    with pytest.raises(IntakeError) as error:
        read(path, "volumes", name=path.name)
    assert error.value.code == "no_memory"
    monkeypatch.undo()
    monkeypatch.setattr(memory, "available", lambda: 10 * 2**20)
    with pytest.raises(IntakeError) as error:
        read(path, "volumes", name=path.name)
    assert error.value.code == "no_memory"
    small = read(b"month,city,platform,parcels\n2024-01,330100,cainiao,5", "volumes", name="small.csv")
    assert len(small.rows_of) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_for_a_read_is_said_in_words(number):
    def work(watch):
        raise OSError(number, os.strerror(number))

    found = jobs.outcome(work, Watch())
    assert isinstance(found, IntakeError)
    assert found.code == "no_disk"


def test_any_other_fault_of_a_disk_is_no_outcome():
    def work(watch):
        raise OSError(errno.EIO, "broken")

    with pytest.raises(OSError, match="broken"):
        jobs.outcome(work, Watch())


def test_scratch_folders_of_programs_that_were_killed_are_cleared(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with child(lambda: (scratch.begin() / "upload").write_text("x")):
        pass
    (left,) = tmp_path.glob(f"{scratch.NAME}*")
    alive = tmp_path / f"{scratch.NAME}alive"
    alive.mkdir()
    handle = scratch.hold(alive)
    scratch.clear(tmp_path)
    assert not left.exists()
    assert alive.exists()
    os.close(handle)
