"""After a restore: good copies of what was there before go with it, and outlines come along from a database."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from data import settings
from data.workspace import keep
from data.workspace.keep.stores import GOOD
from pages.ui import scenarios
from tests import made_workspace
from tests.made_workspace import holds, save
from tests.test_keep import FILES
from tests.test_keep_backup import refused


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture
def ids(folder):
    return made_workspace.fill(folder)


def test_what_was_restored_is_sound_beside_good_copies_of_later(folder, ids, tmp_path):
    keep.backup(folder, tmp_path / "b.zip")
    save(folder, "scenarios", 8, ids["scenarios"])
    assert keep.check(folder) == ()
    kept = keep.copies(folder, FILES["scenarios"])
    _, before = keep.restore(tmp_path / "b.zip", folder, replace=True)
    assert keep.copies(folder, FILES["scenarios"]) == ()
    save(folder, "scenarios", 9, ids["scenarios"])
    assert keep.check(folder) == () == keep.offer(folder)
    assert [one.path.name for one in keep.copies(before, FILES["scenarios"])] == [one.path.name for one in kept]
    assert holds(folder, "scenarios", ids["scenarios"], 9)


def test_good_copies_stay_when_all_stores_are_gone_and_a_backup_comes(folder, ids, tmp_path):
    keep.backup(folder, tmp_path / "b.zip")
    keep.check(folder)
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    for path in (folder / "boundaries").iterdir():
        path.unlink()
    _, before = keep.restore(tmp_path / "b.zip", folder)
    assert before is not None
    assert len(list((before / GOOD).iterdir())) >= len(FILES)


def test_a_kept_plan_is_told_from_one_of_the_same_number_before_a_restore(monkeypatch):
    monkeypatch.setattr(scenarios, "_moved", lambda *key: key[:-2])
    base = SimpleNamespace(source="market", model=None)
    rows = [SimpleNamespace(id="a", version=2, saved_at=datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2)]
    first, second = (scenarios.moved(base, row, "share", "cainiao") for row in rows)
    assert first != second


def test_outlines_come_along_to_and_from_a_database(folder, ids, postgres, tmp_path, monkeypatch):
    keep.backup(folder, tmp_path / "of_folder.zip")
    there, beside = postgres.database(), tmp_path / "beside"
    outlines = f"{ids['outlines']}.geojson"
    monkeypatch.setenv(settings.WORKSPACE, str(beside))
    keep.restore(tmp_path / "of_folder.zip", there)
    assert (beside / "boundaries" / outlines).read_bytes() == (folder / "boundaries" / outlines).read_bytes()
    assert refused(lambda: keep.backup(there, beside / "inside.zip")) == "backup_inside"
    (beside / ("long " * 50)).write_text("mine")
    found = keep.backup(there, tmp_path / "of_database.zip")
    assert f"boundaries/{outlines}" in found.digests
    assert found.left_out == ("long " * 50,)


def test_outlines_that_are_there_stay_as_they_are(folder, ids, postgres, tmp_path, monkeypatch):
    keep.backup(folder, tmp_path / "b.zip")
    index = folder / "boundaries" / f"{'0' * 32}.json"
    index.write_text("{}")
    monkeypatch.setenv(settings.WORKSPACE, str(folder))
    keep.restore(tmp_path / "b.zip", postgres.database())
    assert index.read_text() == "{}"
    assert not list(folder.rglob(".*.json*"))
