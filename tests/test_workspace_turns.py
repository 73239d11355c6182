"""Several users, threads and programs at one workspace, and files that cannot be used."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from data.text import LANGUAGES, say
from data.workspace import Part, Workspace, WorkspaceError, refusal, store
from data.workspace.markets import FILE, FORMAT
from tests.small_volumes import volumes

ROOT = Path(__file__).resolve().parents[1]
SAVE = """
import sys
from pathlib import Path
from data.workspace import Part, Workspace
from tests.small_volumes import volumes
workspace, owner = Workspace(Path(sys.argv[1])), sys.argv[2]
for n in range(int(sys.argv[3])):
    rows = [("2026-07", "330100", "cainiao", float(n))]
    print(workspace.save(owner=owner, parts=[Part("volumes", volumes(rows))], name=f"{owner} {n}").market, flush=True)
"""
HOLD = """
import sys
from pathlib import Path
from data.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
with workspace._store.open(write=True):
    print("held", flush=True)
    sys.stdin.read()
"""
PATIENCE = 60  # seconds until a hanging program fails the test
ROWS = [("2026-07", "330100", "cainiao", 5.0), ("2026-07", "330100", "duoduo", 3.0)]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def save(workspace, *, owner="ann", **more):
    return workspace.save(owner=owner, parts=[Part("volumes", volumes(ROWS))], **({"name": "market"} | more))


def start(code, *arguments, **more):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **more)


def refused(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_programs_save_at_once_and_lose_nothing(workspace, tmp_path):
    running = [start(SAVE, tmp_path, owner, 6) for owner in ("ann", "bob")]
    mine = [save(workspace, owner="cat").market for _ in range(6)]
    said = [program.communicate(timeout=PATIENCE)[0].split() for program in running]
    assert [program.returncode for program in running] == [0, 0]
    for owner, ids in zip(("ann", "bob", "cat"), (*said, mine), strict=True):
        assert sorted(one.id for one in workspace.markets(owner)) == sorted(ids)
        assert len(ids) == 6


def test_users_of_one_program_save_and_read_at_once_and_are_kept_apart(workspace):
    held = {}

    def work(owner):
        market = save(workspace, owner=owner).market
        for n in range(6):
            rows = [("2026-07", "330100", "cainiao", float(n)), ("2026-07", "330100", owner, 1.0)]
            workspace.save(owner=owner, parts=[Part("volumes", volumes(rows))], market=market)
            held.setdefault(owner, []).append(workspace.version(market, owner=owner).table("volumes").to_pylist())

    owners = ("cainiao", "duoduo", "jd", "sto")
    threads = [threading.Thread(target=work, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for owner in owners:
        assert [rows[0]["parcels"] for rows in held[owner]] == list(range(6))
        assert {rows[1]["platform"] for rows in held[owner]} == {owner}
        assert [one.versions for one in workspace.markets(owner)] == [7]


def test_whoever_comes_second_waits_and_is_told_when_it_takes_too_long(workspace, tmp_path, monkeypatch):
    market = save(workspace).market
    with start(HOLD, tmp_path, stdin=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setattr(store, "WAIT_SECONDS", 0.1)
        calls = (lambda: save(workspace, market=market), lambda: workspace.markets("ann"))
        assert [refused(call) for call in calls] == ["busy", "busy"]
        monkeypatch.setattr(store, "WAIT_SECONDS", float(PATIENCE))
        threading.Timer(0.3, holder.stdin.close).start()
        assert save(workspace, market=market).number == 2
        assert holder.wait(PATIENCE) == 0


def test_a_failed_save_leaves_the_version_before_it(workspace):
    first = save(workspace)
    wrong = Part("volumes", volumes(ROWS).drop_columns("parcels").append_column("parcels", volumes(ROWS)["platform"]))
    with pytest.raises(ValueError, match="duoduo"):
        workspace.save(owner="ann", parts=[Part("volumes", volumes(ROWS[:1])), wrong], market=first.market)
    assert workspace.versions(first.market, "ann") == (first,)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "damaged"), (b"garbage" * 3000, "damaged"), (b"SQLite format 3\0" + bytes(8000), "damaged")],
)
def test_a_file_that_is_no_workspace_is_left_alone(workspace, content, code):
    workspace.path.write_bytes(content)
    calls = (lambda: workspace.markets("ann"), lambda: save(workspace), lambda: workspace.recall("ann", "volumes", "k"))
    assert [refused(call) for call in calls] == [code] * 3
    assert workspace.path.read_bytes() == content
    assert {path.name for path in workspace.path.parent.iterdir()} == {FILE, f"{FILE}.lock"}


def test_what_the_file_cannot_take_in_is_not_called_damage(workspace):
    calls = (
        lambda: save(workspace, note="\ud800"),
        lambda: save(workspace, note="x" * 1_001),
        lambda: save(workspace, note="\0"),
        lambda: workspace.remember("ann", "volumes", "\ud800", {"a": "parcels"}),
    )
    assert [refused(call) for call in calls] == ["bad_note", "bad_note", "bad_note", "not_kept"]
    assert save(workspace, note=" first\nupload ").note == "first\nupload"


def test_whoever_waits_for_another_program_keeps_nobody_else_from_the_door(workspace, tmp_path, monkeypatch):
    save(workspace)
    waits, sleep, found = threading.Event(), time.sleep, []
    monkeypatch.setattr(store.time, "sleep", lambda seconds: (waits.set(), sleep(seconds)))
    monkeypatch.setattr(store, "WAIT_SECONDS", 3.0 * PATIENCE)
    with start(HOLD, tmp_path, stdin=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == "held\n"
        reader = threading.Thread(target=lambda: found.append(workspace.markets("ann")))
        reader.start()
        assert waits.wait(PATIENCE)
        assert store._DOOR.acquire(timeout=PATIENCE)
        store._DOOR.release()
        holder.stdin.close()
    reader.join(PATIENCE)
    assert len(found) == 1


def test_what_a_killed_program_had_begun_is_taken_away_the_next_day(workspace, tmp_path):
    save(workspace)
    left = [tmp_path / f"{FILE}.{'a' * 13}{end}" for end in ("", ".wal")]
    fresh, other = tmp_path / f"{FILE}.{'b' * 13}", tmp_path / f"{FILE}.mine"
    for path in (*left, fresh, other):
        path.write_bytes(b"half")
    for path in (*left, other):
        os.utime(path, (0, 0))
    save(workspace)
    assert set(tmp_path.iterdir()) == {workspace.path, fresh, other, tmp_path / f"{FILE}.lock"}


def test_noise_that_a_killed_deletion_left_goes_at_the_next_save(workspace):
    save(workspace)
    with duckdb.connect(workspace.path) as base:
        base.execute("CREATE TABLE blank AS SELECT 1 AS noise")
    save(workspace)
    with duckdb.connect(workspace.path) as base:
        assert base.sql("SELECT 1 FROM duckdb_tables() WHERE table_name = 'blank'").fetchall() == []


def test_another_database_is_left_alone(workspace):
    with duckdb.connect(workspace.path) as base:
        base.execute("CREATE TABLE mine AS SELECT 1 AS x")
    assert refused(lambda: save(workspace)) == "damaged"
    with duckdb.connect(workspace.path) as base:
        assert base.sql("SELECT x FROM mine").fetchall() == [(1,)]


def test_a_byte_that_has_changed_on_the_disk_is_never_read_as_data(workspace):
    rows = [("2026-07", "330100", "cainiao", n * 1.5) for n in range(4_000)]
    market = workspace.save(owner="ann", parts=[Part("volumes", volumes(rows))], name="m").market
    whole, seen = workspace.path.read_bytes(), set()
    for place in range(600, len(whole), 9_001):
        workspace.path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        try:
            table = workspace.version(market, owner="ann").table("volumes")
        except WorkspaceError as error:
            seen.add(error.code)
        else:
            assert table.equals(volumes(rows))
    assert seen == {"damaged"}


def test_a_file_of_a_newer_format_is_refused(workspace):
    save(workspace)
    with duckdb.connect(workspace.path) as base:
        base.execute("UPDATE meta SET format = ?", (FORMAT + 1,))
    assert [refused(call) for call in (lambda: save(workspace), lambda: workspace.markets("ann"))] == ["newer"] * 2


def test_a_place_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert refused(lambda: save(Workspace(tmp_path / "file"))) == "cannot_write"
    (tmp_path / "there" / FILE).mkdir(parents=True)
    assert refused(lambda: save(Workspace(tmp_path / "there"))) == "damaged"


def test_every_refusal_has_its_words_in_both_languages():
    values = dict.fromkeys(("path", "id", "most", "number", "dataset", "rows", "row", "example", "on", "email"), "7")
    said = {
        (code, lang): say(f"keep.workspace_{code}", lang, **values) for code in refusal.MESSAGES for lang in LANGUAGES
    }
    assert all(said.values())
    assert all(message.format(**values) for message in refusal.MESSAGES.values())
