"""A backup that somebody crafted: what is in it is looked at, and never run."""

import sqlite3
import zipfile
from contextlib import closing

import duckdb
import pytest

from data.workspace import WorkspaceError, contents, keep
from data.workspace.keep import archive
from data.workspace.keep.digests import digests
from data.workspace.keep.stores import CONFIG
from data.workspace.keep.verify import problems
from tests import made_workspace
from tests.test_keep_backup import forged, refused


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The stores of a sound workspace, by name."""
    folder = tmp_path_factory.mktemp("sound") / "workspace"
    made_workspace.fill(folder)
    keep.backup(folder, folder.with_name("b.zip"))
    with zipfile.ZipFile(folder.with_name("b.zip")) as made:
        return {name: made.read(name) for name in made.namelist() if "." in name and name != "manifest.json"}


def crafted(sound, folder, store, *statements):
    """A sealed backup in one store of which these were run."""
    path = folder / store
    path.write_bytes(sound[store])
    with closing(duckdb.connect(path) if store.endswith(".duckdb") else sqlite3.connect(path)) as base:
        for one in statements:
            base.execute(one)
        base.commit() if store.endswith(".sqlite3") else base.execute("CHECKPOINT")
    return forged(folder / "crafted.zip", [*((sound | {store: path.read_bytes()}).items())])


def test_what_is_sound_comes_through(sound, tmp_path):
    keep.restore(crafted(sound, tmp_path, "markets.duckdb"), tmp_path / "new")
    assert keep.check(tmp_path / "new") == ()


def names(evil):
    """Ways to bring SQL in as the name of something."""
    sql = f"; COPY (SELECT 42) TO '{evil}'; --"
    return {
        "table": (f'CREATE TABLE "x""{sql}" (a INTEGER)',),
        "digest": (f"""INSERT INTO content VALUES ('{"0" * 64 + sql.replace("'", "''")}', 1, '[]')""",),
        "bare": (f"""INSERT INTO content VALUES ('{"meta" + sql.replace("'", "''")}', 1, '[]')""",),
        "column": (f'CREATE TABLE y ("a""{sql}" INTEGER)',),
        "view": ("CREATE VIEW version_view AS SELECT * FROM version",),
        "macro": ("CREATE MACRO hash(one) AS 1",),
        "schema": ("CREATE SCHEMA other", "CREATE TABLE other.content (digest VARCHAR)"),
    }


@pytest.mark.parametrize("way", names(""))
def test_sql_in_the_markets_is_refused_and_not_run(sound, way, tmp_path):
    evil = tmp_path / "evil.csv"
    file = crafted(sound, tmp_path, "markets.duckdb", *names(evil)[way])
    assert refused(lambda: keep.restore(file, tmp_path / "new")) == "bad_backup"
    assert not evil.exists()
    digests(tmp_path)
    assert not evil.exists()


@pytest.mark.parametrize(
    "statement",
    [
        'CREATE TABLE "x"" UNION SELECT 1 --" (a)',
        'CREATE TABLE y ("a"" b")',
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON version BEGIN DELETE FROM version; END",
        "CREATE VIRTUAL TABLE f USING fts5(a)",
        "INSERT INTO snapshot SELECT NULL, NULL FROM version LIMIT 1",
    ],
)
def test_sql_in_a_sqlite_store_is_refused(sound, statement, tmp_path):
    store = "scenarios.sqlite3"
    if statement.startswith("INSERT"):
        statements = ("CREATE TABLE snapshots (digest, data)", statement.replace("snapshot ", "snapshots "))
    else:
        statements = (statement,)
    file = crafted(sound, tmp_path, store, *statements)
    assert refused(lambda: keep.restore(file, tmp_path / "new")) == "bad_backup"
    assert problems(tmp_path / store, store)[0][0] == "damaged"


def test_a_store_that_is_looked_through_reaches_no_other_file(sound, tmp_path):
    (tmp_path / "markets.duckdb").write_bytes(sound["markets.duckdb"])
    with (
        closing(duckdb.connect(tmp_path / "markets.duckdb", read_only=True, config=CONFIG)) as base,
        pytest.raises(duckdb.Error),
    ):
        base.execute(f"COPY (SELECT 42) TO '{tmp_path / 'evil.csv'}'")
    assert not (tmp_path / "evil.csv").exists()


def test_rows_go_by_their_digest_alone():
    with pytest.raises(WorkspaceError) as error:
        contents.get(None, "meta; SELECT 1")
    assert error.value.code == "rows_gone"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_what_cannot_be_unpacked_is_told_in_words(method, sound, tmp_path):
    path = forged(tmp_path / "torn.zip", [])
    for torn in ("manifest.json", "links.sqlite3"):
        with zipfile.ZipFile(forged(tmp_path / "whole.zip", [*sound.items()])) as whole:
            entries = {name: whole.read(name) for name in whole.namelist()}
        with zipfile.ZipFile(path, "w") as made:
            for name, body in entries.items():
                made.writestr(name, body, method if name == torn else zipfile.ZIP_DEFLATED)
            info = made.getinfo(torn)
            made.comment = archive.MARK + b"0" * 64
        with path.open("r+b") as file:
            file.seek(info.header_offset + 30 + len(torn) + 20)
            file.write(b"\xff" * 24)
        archive.seal(path)
        assert refused(lambda: keep.restore(path, tmp_path / "new")) == "bad_backup"
