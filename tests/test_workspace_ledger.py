"""The ledger on disk: nothing in it changes, owners, links, folders that cannot be written."""

import sqlite3
import threading
from pathlib import Path

import pytest

from data.text import LANGUAGES, say
from data.workspace import Ledger, Shelf, WorkspaceError
from data.workspace.base import LARGEST, LETTERS, LONGEST_NAME
from tests.postgres import files_only


@pytest.fixture
def ledger(place):
    return Ledger(place)


def refused(act):
    with pytest.raises(WorkspaceError) as error:
        act()
    return error.value.code


def test_what_is_added_comes_back_as_it_was(ledger, place):
    kept = ledger.add('{"a": "双11"}', owner="ann", title="  before  the war ")
    assert (kept.document, kept.owner, kept.title) == ('{"a": "双11"}', "ann", "before the war")
    assert kept.made_at.utcoffset().total_seconds() == 0
    assert ledger.get(kept.id) == ledger.get(f" {kept.id.upper()} ") == kept
    assert Ledger(place).list("ann") == (kept,)


def test_a_second_one_of_the_same_name_is_another(ledger):
    first, second = ledger.add("1", owner="ann", title="x"), ledger.add("2", owner="ann", title="x")
    assert first.id != second.id
    assert len(first.id) == LETTERS
    assert [one.document for one in ledger.list("ann")] == ["2", "1"]
    assert ledger.get(first.id).document == "1"


def test_nobody_lists_or_removes_what_another_froze_but_a_link_opens_it(ledger):
    kept = ledger.add("secret", owner="ann", title="x")
    assert ledger.list("bob") == ()
    assert ledger.get(kept.id) == kept
    assert refused(lambda: ledger.remove(kept.id, owner="bob")) == "not_your_forecast"
    assert ledger.list("ann") == (kept,)


@files_only
def test_what_is_removed_is_gone_from_the_disk(ledger):
    kept, other = (ledger.add(text, owner="ann", title="x") for text in ("secret forecast", "mine"))
    ledger.remove(kept.id, owner="ann")
    assert ledger.list("ann") == (other,)
    assert refused(lambda: ledger.get(kept.id)) == refused(lambda: ledger.remove(kept.id, owner="ann")) == "no_forecast"
    assert b"secret" not in b"".join(part.read_bytes() for part in ledger.path.parent.iterdir())


@pytest.mark.parametrize("id", ["", "nobody", "x" * 10_000, "' OR 1=1 --", "\ud800", "a\x00b", "多多"])
def test_an_unknown_id_is_not_found(ledger, id):
    for _ in range(2):
        assert refused(lambda: ledger.get(id)) == "no_forecast"
        assert refused(lambda: ledger.remove(id, owner="ann")) == "no_forecast"
        ledger.add("{}", owner="ann", title="x")


@files_only
@pytest.mark.parametrize("title", ["", "   ", "x" * (LONGEST_NAME + 1), "a\x00b"])
def test_a_title_must_be_one(ledger, title):
    assert refused(lambda: ledger.add("{}", owner="ann", title=title)) == "no_title"
    assert not ledger.path.exists()


def test_too_large_is_refused_in_bytes(ledger):
    assert refused(lambda: ledger.add("双" * (LARGEST // 3 + 1), owner="ann", title="x")) == "forecast_too_large"


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    ledger = Ledger(tmp_path / "file" / "kept")
    assert ledger.list("ann") == ()
    with pytest.raises(WorkspaceError, match="POSTHOUSE_WORKSPACE") as error:
        ledger.add("{}", owner="ann", title="x")
    assert error.value.code == "cannot_write"


@files_only
def test_a_folder_that_cannot_be_looked_into_says_so(ledger, monkeypatch):
    kept = ledger.add("{}", owner="ann", title="x")

    def forbidden(self, **more):
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", forbidden)
        shelf = Shelf(ledger.path.parent)
        asked = (lambda: ledger.list("ann"), lambda: ledger.get(kept.id), lambda: shelf.saved("ann"))
        assert [refused(act) for act in asked] == ["cannot_read"] * 3
    assert ledger.list("ann") == (kept,)
    assert Ledger(ledger.path.parent / "new").list("ann") == ()


@files_only
def test_a_file_that_sqlite_may_not_write_says_so(ledger, monkeypatch):
    kept, connect = ledger.add("{}", owner="ann", title="x"), sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **more: connect(f"file:{path}?mode=ro", uri=True, **more))
    assert refused(lambda: ledger.add("{}", owner="ann", title="x")) == "cannot_write"
    assert ledger.get(kept.id) == kept


@files_only
def test_a_file_that_is_no_ledger_of_this_version_says_so(ledger):
    ledger.add("{}", owner="ann", title="x")
    with sqlite3.connect(ledger.path) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()
    assert refused(lambda: ledger.list("ann")) == "newer"
    for part in ledger.path.parent.iterdir():
        part.unlink()
    ledger.path.write_bytes(b"no database" * 100)
    assert refused(lambda: ledger.list("ann")) == "damaged"


def test_it_lies_beside_the_scenarios_and_leaves_them_alone(ledger, place):
    saved = Shelf(place).save("{}", owner="ann", name="plan", market="m", data_version="v")
    ledger.add("{}", owner="ann", title="x")
    assert Shelf(place).saved("ann") == (saved,)


def test_several_write_at_once(ledger):
    writers = [
        threading.Thread(target=lambda n=n: [ledger.add(str(n), owner="ann", title="x") for _ in range(10)])
        for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len({one.id for one in ledger.list("ann")}) == 40


@pytest.mark.parametrize("code", ["no_forecast", "not_your_forecast", "no_title", "forecast_too_large", "cannot_read"])
def test_every_refusal_has_words_in_both_languages(code):
    values = {"id": "k", "most": "3", "path": "p"}
    assert str(WorkspaceError(code, **values))
    assert all(say(f"keep.workspace_{code}", lang, **values) for lang in LANGUAGES)
