"""Saved scenarios: versions, owners, crashes, two programs at once, folders that cannot be written."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.text import LANGUAGES, say
from data.workspace import Shelf, WorkspaceError, folder
from data.workspace.shelf import ALPHABET, FILE, LARGEST, LETTERS, LONGEST_NAME
from tests.postgres import files_only

ROOT = Path(__file__).resolve().parents[1]
SAVE = """
import sys
from pathlib import Path
from data.workspace import Shelf
shelf, owner, times, id = Shelf(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]), sys.argv[4]
for n in range(1, times + 1):
    text = f'{{"n": {n}, "body": "' + "x" * 200_000 + '"}'
    saved = shelf.save(text, owner=owner, name="war", market="m", data_version="v", snapshot=text.encode(), id=id)
    print(saved.version, flush=True)
"""
PATIENCE = 60  # seconds until a hanging program fails the test


@pytest.fixture
def shelf(place):
    return Shelf(place)


def save(shelf, document="{}", *, owner="ann", name="war", **more):
    return shelf.save(document, owner=owner, name=name, market="illustrative", data_version="abc", **more)


def start(place, owner, times, id):
    command = [sys.executable, "-c", SAVE, str(place), owner, str(times), id]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_every_save_is_a_version_and_each_can_be_opened(shelf):
    first = save(shelf, "one", result="1", snapshot=b"\x00a")
    second = save(shelf, "two", snapshot=b"\x00b", id=first.id)
    assert (first.id, first.version, second.id, second.version) == (first.id, 1, first.id, 2)
    assert [one.document for one in shelf.versions(first.id)] == ["one", "two"]
    assert shelf.open(first.id) == second
    assert shelf.open(first.id, 1) == first
    assert [shelf.snapshot(one) for one in (first, second)] == [b"\x00a", b"\x00b"]
    assert second.saved_at.utcoffset().total_seconds() == 0


def test_a_save_goes_to_the_scenario_that_was_opened_whatever_its_name_now(shelf):
    first = save(shelf)
    renamed = save(shelf, name="peace", id=first.id)
    assert (renamed.id, renamed.version, renamed.name) == (first.id, 2, "peace")
    assert save(shelf, name="war").id != first.id


@files_only
def test_the_same_market_is_kept_once(shelf, tmp_path):
    for n in range(5):
        save(shelf, str(n), snapshot=b"x" * 1_000)
    with sqlite3.connect(tmp_path / "kept" / FILE) as base:
        assert base.execute("SELECT count(*) FROM snapshot").fetchone() == (1,)
    base.close()


def test_a_branch_is_a_copy_that_knows_where_it_came_from(shelf):
    first = save(shelf, "one", snapshot=b"s")
    save(shelf, "two", id=first.id)
    copy = shelf.branch(first.id, owner="bob", name="mine", version=1)
    assert copy.id != first.id
    assert (copy.owner, copy.version, copy.document, copy.branched_from) == ("bob", 1, "one", f"{first.id}.1")
    assert [one.id for one in shelf.saved("bob")] == [copy.id]


def test_a_market_goes_with_ones_own_branch_and_not_with_anothers(shelf):
    first = save(shelf, snapshot=b"figures of the cities")
    assert shelf.snapshot(shelf.branch(first.id, owner="ann", name="mine")) == b"figures of the cities"
    assert shelf.snapshot(shelf.branch(first.id, owner="bob", name="his")) == b""


def test_a_name_on_the_list_is_not_joined_without_having_been_opened(shelf):
    first, second, third = save(shelf), save(shelf), shelf.branch(save(shelf, name="x").id, owner="ann", name="war")
    assert len({first.id, second.id, third.id}) == 3
    assert [one.version for one in (first, second, third)] == [1, 1, 1]
    assert [one.name for one in (first, second, third)] == ["war", "war (2)", "war (3)"]
    assert save(shelf, owner="bob").name == "war"
    longest = [save(shelf, name="y" * LONGEST_NAME).name for _ in range(3)]
    assert len(set(longest)) == 3
    assert max(map(len, longest)) <= LONGEST_NAME


@files_only
def test_what_is_deleted_is_gone_from_the_disk(shelf):
    first = save(shelf, "secret levers", snapshot=b"secret market")
    save(shelf, "secret levers 2", snapshot=b"shared market", id=first.id)
    other = save(shelf, "mine", snapshot=b"shared market")
    with pytest.raises(WorkspaceError) as error:
        shelf.delete(first.id, owner="bob")
    assert error.value.code == "not_yours"
    shelf.delete(first.id, owner="ann")
    gone = (
        lambda: shelf.open(first.id),
        lambda: shelf.snapshot(first),
        lambda: shelf.versions(first.id),
        lambda: shelf.delete(first.id, owner="ann"),
    )
    for again in gone:
        with pytest.raises(WorkspaceError) as error:
            again()
        assert error.value.code == "not_found"
    assert shelf.saved("ann") == (other,)
    assert shelf.snapshot(other) == b"shared market"
    left = b"".join(part.read_bytes() for part in shelf.path.parent.iterdir())
    assert b"secret" not in left
    assert b"shared market" in left


def test_archived_scenarios_leave_the_list_and_come_back(shelf):
    first, other = save(shelf), save(shelf, name="other")
    assert shelf.archive(first.id, owner="ann").archived
    assert [one.id for one in shelf.saved("ann")] == [other.id]
    assert [one.id for one in shelf.saved("ann", archived=True)] == [first.id]
    assert shelf.open(first.id).document == "{}"
    assert save(shelf).id != first.id
    shelf.restore(first.id, owner="ann")
    assert first.id in [one.id for one in shelf.saved("ann")]


def test_a_list_shows_the_latest_versions_newest_first(shelf):
    first = save(shelf, name="a")
    save(shelf, name="b")
    save(shelf, name="a", id=first.id)
    assert [(one.name, one.version) for one in shelf.saved("ann")] == [("a", 2), ("b", 1)]
    assert shelf.saved("ann")[0].id == first.id


def test_nobody_sees_or_changes_what_another_keeps_but_a_link_opens_it(shelf):
    kept = save(shelf)
    assert shelf.saved("bob") == ()
    assert shelf.open(kept.id.upper()) == kept
    changes = (
        lambda: save(shelf, owner="bob", id=kept.id),
        lambda: shelf.rename(kept.id, "x", owner="bob"),
        lambda: shelf.archive(kept.id, owner="bob"),
    )
    for change in changes:
        with pytest.raises(WorkspaceError) as error:
            change()
        assert error.value.code == "not_yours"
    assert shelf.open(kept.id) == kept
    assert shelf.rename(kept.id, "  new   name ", owner="ann").name == "new name"


def test_ids_are_not_guessable():
    assert len(set(ALPHABET)) ** LETTERS > 2**60
    assert not set("0o1il") & set(ALPHABET)


@pytest.mark.parametrize("id", ["", "nobody", "x" * 10_000, "' OR 1=1 --", "\ud800", "a\x00b", "多多"])
def test_an_unknown_id_is_not_found(shelf, id):
    assert shelf.saved("ann") == ()
    for _ in range(2):
        with pytest.raises(WorkspaceError) as error:
            shelf.open(id)
        assert error.value.code == "not_found"
        save(shelf)


@pytest.mark.parametrize("version", [0, -1, 2, 10**30])
def test_an_unknown_version_is_not_found(shelf, version):
    kept = save(shelf)
    with pytest.raises(WorkspaceError) as error:
        shelf.open(kept.id, version)
    assert error.value.code == "not_found"


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\x00b", "\ud800"])
def test_a_name_must_be_one(shelf, name):
    with pytest.raises(WorkspaceError) as error:
        save(shelf, name=name)
    assert error.value.code == "no_name"


def test_too_large_is_refused(shelf):
    with pytest.raises(WorkspaceError) as error:
        save(shelf, snapshot=b"x" * (LARGEST + 1))
    assert error.value.code == "too_large"


@files_only
def test_after_a_kill_it_opens_with_the_last_complete_version(shelf):
    id = save(shelf, '{"n": 1}', snapshot=b'{"n": 1}').id
    with start(shelf.path.parent, "ann", 10_000, id) as program:
        seen = [int(program.stdout.readline()) for _ in range(5)]
        time.sleep(0.01)
        program.send_signal(signal.SIGKILL)
        told = seen + [int(line) for line in program.stdout.read().split()]
    (kept,) = shelf.saved("ann")
    assert kept.version >= told[-1]
    versions = shelf.versions(kept.id)
    assert [one.version for one in versions] == list(range(1, kept.version + 1))
    assert [json.loads(one.document)["n"] for one in versions[1:]] == [one.version - 1 for one in versions[1:]]
    assert shelf.snapshot(kept) == kept.document.encode()
    assert save(shelf, id=id).version == kept.version + 1


@files_only
def test_two_programs_write_at_once(shelf):
    ids = {owner: save(shelf, owner=owner).id for owner in ("ann", "bob")}
    programs = [start(shelf.path.parent, owner, 15, ids[owner]) for owner in ("ann", "ann", "bob")]
    outputs = [program.communicate(timeout=PATIENCE)[0].split() for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0]
    assert sorted(map(int, outputs[0] + outputs[1])) == list(range(2, 32))
    assert [one.version for one in (*shelf.saved("ann"), *shelf.saved("bob"))] == [31, 16]


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "kept")
    assert shelf.saved("ann") == ()
    with pytest.raises(WorkspaceError) as error:
        save(shelf)
    assert error.value.code == "cannot_write"
    assert "POSTHOUSE_WORKSPACE" in str(error.value)


@files_only
@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_says_so(shelf):
    kept = save(shelf)
    shelf.path.chmod(0o444)
    shelf.path.parent.chmod(0o555)
    with pytest.raises(WorkspaceError) as error:
        save(shelf)
    shelf.path.parent.chmod(0o755)
    shelf.path.chmod(0o644)
    assert error.value.code == "cannot_write"
    assert shelf.open(kept.id) == kept


@files_only
def test_a_file_that_sqlite_may_not_write_says_so(shelf, monkeypatch):
    kept, connect = save(shelf), sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **more: connect(f"file:{path}?mode=ro", uri=True, **more))
    with pytest.raises(WorkspaceError) as error:
        save(shelf)
    assert error.value.code == "cannot_write"
    assert shelf.open(kept.id) == kept


@files_only
@pytest.mark.parametrize(("content", "code"), [(b"no database" * 100, "damaged"), (None, "newer")])
def test_a_file_that_is_no_workspace_of_this_version_says_so(shelf, content, code):
    save(shelf)
    if content is None:
        with sqlite3.connect(shelf.path) as base:
            base.execute("PRAGMA user_version = 99")
        base.close()
    else:
        for part in shelf.path.parent.iterdir():
            part.unlink()
        shelf.path.write_bytes(content)
    for attempt in (lambda: save(shelf), lambda: shelf.saved("ann")):
        with pytest.raises(WorkspaceError) as error:
            attempt()
        assert error.value.code == code


@files_only
def test_an_empty_file_is_an_empty_workspace(shelf):
    shelf.path.parent.mkdir()
    shelf.path.touch()
    assert shelf.saved("ann") == ()
    assert save(shelf).version == 1


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.delenv("POSTHOUSE_WORKSPACE")
    assert folder() == ROOT / "workspace"


CODES = ["cannot_write", "busy", "full", "damaged", "newer", "not_found", "not_yours", "no_name", "too_large"]


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_has_words_in_both_languages(code):
    values = {"path": "/x", "id": "k", "most": "3"}
    assert str(WorkspaceError(code, **values))
    assert all(say(f"keep.workspace_{code}", lang, **values) for lang in LANGUAGES)
