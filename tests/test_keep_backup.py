"""Backup, destroy, restore, same digests; and a file that is not what was written is refused in words."""

import hashlib
import io
import json
import os
import shutil
import signal
import sys
import threading
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import settings as places
from data.workspace import JOURNAL, Shelf, WorkspaceError, __main__, keep
from data.workspace.keep import archive, swap, unpack
from data.workspace.keep.digests import digests
from tests import made_workspace
from tests.made_workspace import holds, save


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace, its ids and a backup of it, which nobody changes."""
    room = tmp_path_factory.mktemp("keep")
    ids = made_workspace.fill(room / "workspace")
    keep.backup(room / "workspace", room / "backup.zip")
    return room, ids


@pytest.fixture
def folder(made, tmp_path):
    shutil.copytree(made[0] / "workspace", tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def file(made):
    return made[0] / "backup.zip"


def refused(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_what_is_restored_has_the_digests_of_what_was_backed_up(made, file, tmp_path):
    found, before = keep.restore(file, tmp_path / "new")
    assert before is None
    assert digests(tmp_path / "new") == found.digests
    assert all(holds(tmp_path / "new", store, made[1][store], 2) for store in made_workspace.STORES)
    assert (tmp_path / "new" / "boundaries").is_dir()
    assert keep.check(tmp_path / "new") == ()


def test_the_same_workspace_gives_the_same_entries_in_the_same_order(folder, tmp_path):
    both = [keep.backup(folder, tmp_path / f"{n}.zip") for n in range(2)]
    assert both[0].entries == both[1].entries
    assert both[0].digests == both[1].digests
    assert zipfile.ZipFile(tmp_path / "0.zip").namelist() == ["manifest.json", *(one.name for one in both[0].entries)]
    assert sorted(one.name for one in both[0].entries) == [one.name for one in both[0].entries]


def test_a_backup_is_an_ordinary_zip_with_its_version(file):
    with zipfile.ZipFile(file) as archive_:
        said = json.loads(archive_.read("manifest.json"))
        assert archive_.testzip() is None
    assert (said["format"], said["app"]) == (archive.FORMAT, archive.version())


def test_something_that_is_kept_is_replaced_only_when_asked_and_is_put_aside(folder, file, made):
    save(folder, "scenarios", 9, made[1]["scenarios"])
    assert refused(lambda: keep.restore(file, folder)) == "occupied"
    _, before = keep.restore(file, folder, replace=True)
    assert not holds(folder, "scenarios", made[1]["scenarios"], 9)
    assert holds(before, "scenarios", made[1]["scenarios"], 9)
    assert not (folder / JOURNAL).exists()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_byte_changed_anywhere_is_found(data, file, tmp_path):
    whole = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    (tmp_path / "flipped.zip").write_bytes(whole)
    assert refused(lambda: unpack.manifest(tmp_path / "flipped.zip")) in ("bad_backup", "no_backup")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_found(part, file, tmp_path):
    whole = file.read_bytes()
    (tmp_path / "short.zip").write_bytes(whole[: int(part * len(whole))])
    assert refused(lambda: unpack.manifest(tmp_path / "short.zip")) in ("bad_backup", "no_backup")


def forged(path, entries, manifest=None, **more):
    """Write a sealed file with whatever names, sizes and format."""
    said = {"format": 1, "app": "0", "made_at": "2026-01-01T00:00:00+00:00", "digests": {}} | more
    listed = [{"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in entries]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", json.dumps(said | {"entries": manifest or listed}))
        for name, body in entries:
            made.writestr(name, body)
        made.comment = archive.MARK + b"0" * 64
    archive.seal(path)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "a/../../evil",
        "a/b/c",
        "good/x.sqlite3",
        ".restoring",
        "C:evil",
        "a\\b",
        "con.txt",
        "a/.",
    ],
)
def test_a_name_that_leaves_the_folder_is_refused(name, tmp_path):
    path = forged(tmp_path / "forged.zip", [(name, b"x")])
    assert refused(lambda: keep.restore(path, tmp_path / "inner" / "new")) == "bad_backup"
    assert not list((tmp_path / "inner" / "new").glob("*x*"))
    assert not (tmp_path / "evil").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    listed = [{"name": "a.sqlite3", "size": 10**15, "sha256": "0" * 64}]
    path = forged(tmp_path / "bomb.zip", [("a.sqlite3", b"0" * 10_000_000)], listed)
    assert refused(lambda: keep.restore(path, tmp_path / "new")) == "bad_backup"
    listed[0]["size"] = 100
    path = forged(tmp_path / "lies.zip", [("a.sqlite3", b"0" * 10_000_000)], listed)
    assert refused(lambda: keep.restore(path, tmp_path / "new")) == "bad_backup"
    assert not list((tmp_path / "new").glob("a*"))


def test_a_newer_backup_and_another_zip_are_told_apart(tmp_path):
    assert refused(lambda: unpack.manifest(forged(tmp_path / "newer.zip", [], format=2))) == "newer"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("readme.txt", "x" * 500)
    (tmp_path / "other.zip").write_bytes(out.getvalue())
    assert refused(lambda: unpack.manifest(tmp_path / "other.zip")) in ("no_backup", "bad_backup")
    (tmp_path / "text").write_text("hello")
    assert refused(lambda: unpack.manifest(tmp_path / "text")) == "no_backup"
    assert refused(lambda: unpack.manifest(tmp_path / "nowhere")) == "cannot_read"


def test_a_damaged_workspace_is_not_backed_up_over_a_good_backup(folder, tmp_path):
    keep.backup(folder, tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    (folder / "links.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)
    assert refused(lambda: keep.backup(folder, tmp_path / "b.zip")) == "damaged"
    assert (tmp_path / "b.zip").read_bytes() == whole
    assert refused(lambda: keep.backup(folder, folder / "b.zip")) == "backup_inside"
    assert refused(lambda: keep.backup(tmp_path / "none", tmp_path / "c.zip")) == "nothing_kept"


def test_backups_made_while_others_save_are_whole(folder, made, tmp_path):
    stop, id, said = threading.Event(), made[1]["scenarios"], [2]

    def write():
        while not stop.is_set():
            save(folder, "scenarios", said[-1] + 1, id)
            said.append(said[-1] + 1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(2):
            already = said[-1]
            keep.backup(folder, tmp_path / f"{n}.zip")
            keep.restore(tmp_path / f"{n}.zip", tmp_path / str(n))
            kept = [one.version for one in Shelf(tmp_path / str(n)).versions(id)]
            assert kept == list(range(1, len(kept) + 1))
            assert len(kept) >= already
    finally:
        stop.set()
        writer.join()


@pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL")
@pytest.mark.parametrize("stepwise", [False, True])
def test_killed_at_any_moment_of_a_restore_the_old_or_the_new_is_there(made, file, tmp_path, stepwise, monkeypatch):
    if stepwise:
        monkeypatch.setattr(swap, "exchange", lambda one, other: False)
    new = digests(made[0] / "workspace")
    seen = set()
    save(tmp_path / "old", "scenarios", 9)
    save(tmp_path / "old", "links", 9)
    old = digests(tmp_path / "old")
    for n in (0, 2, 5, 7, 9, 20):
        folder = tmp_path / str(n)
        shutil.copytree(tmp_path / "old", folder)
        killed_restoring(file, folder, steps=n)
        swap.recover(folder)
        found = {name: digest for name, digest in digests(folder).items() if not name.startswith(".")}
        assert found in (old, new)
        seen.add("old" if found == old else "new")
    assert seen == {"old", "new"}


def killed_restoring(file, folder, steps):
    """Let a child restore, and be killed at its `steps`-th change of a name."""
    child = os.fork()
    if child == 0:
        left = [steps]

        def counted(call):
            def act(*given, **more):
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1
                return call(*given, **more)

            return act

        try:
            for name in ("replace", "rename"):
                setattr(os, name, counted(getattr(os, name)))
            swap.exchange = counted(swap.exchange)
            keep.restore(file, folder, replace=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def test_a_writer_who_waits_while_the_store_is_replaced_writes_to_the_new_one(folder, file, made):
    id, done = made[1]["scenarios"], threading.Event()

    def late():
        save(folder, "scenarios", 7, id)
        done.set()

    with swap._held(folder):
        writer = threading.Thread(target=late)
        writer.start()
        time.sleep(0.2)
        assert not done.is_set()
        unpack.unpack(file, folder / ".incoming-x")
        swap._commit(folder, folder / ".incoming-x")
        swap._finish(folder)
    writer.join(60)
    assert holds(folder, "scenarios", id, 7)


def test_a_database_is_backed_up_and_restored_too(folder, file, postgres, tmp_path):
    there = postgres.database()
    keep.restore(file, there)
    assert keep.digests(there) == keep.digests(folder)
    keep.backup(there, tmp_path / "of_database.zip")
    keep.restore(tmp_path / "of_database.zip", tmp_path / "back")
    assert keep.digests(tmp_path / "back") == keep.digests(folder)
    assert refused(lambda: keep.restore(file, there)) == "not_empty"


def test_the_drill_passes_and_leaves_the_workspace_alone(folder):
    before = digests(folder)
    done = keep.drill(folder)
    assert done.passed
    assert done.noticed > 2
    assert digests(folder) == before


def test_the_commands_say_what_they_did(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(places.WORKSPACE, str(folder))
    file = tmp_path / "b.zip"
    assert [__main__.main(given) for given in (["backup", str(file)], ["check"], ["drill"])] == [0, 0, 0]
    said = capsys.readouterr().out
    assert "sound" in said
    assert "All came back as it was." in said
    assert __main__.main(["restore", str(file)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert [__main__.main(given) for given in (["restore", str(file), "--replace"], ["check"])] == [0, 0]
    (folder / "links.sqlite3").write_bytes(b"x" * 5000)
    assert __main__.main(["check"]) == 1
    assert "mend links.sqlite3" in capsys.readouterr().out
    assert __main__.main(["mend", "links.sqlite3"]) == 0
    assert __main__.main(["check"]) == 0
