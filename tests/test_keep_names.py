"""Whatever a file in the workspace is called, the backup can be restored; what is not in it for its name is said."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import settings as places
from data.workspace import WorkspaceError, __main__, keep
from data.workspace.keep import names
from data.workspace.keep.digests import digests
from tests import made_workspace

ODD = ("my notes.txt", "备注.txt", "con.txt", "notes.", "old links.sqlite3", "boundaries/a b.txt")


@pytest.fixture
def folder(tmp_path):
    made_workspace.fill(tmp_path / "workspace")
    (tmp_path / "workspace" / "boundaries").mkdir(exist_ok=True)
    return tmp_path / "workspace"


def test_files_with_odd_names_are_left_out_and_the_rest_can_be_restored(folder, tmp_path):
    for name in ODD:
        (folder / name).write_text("mine", "utf-8")
    (folder / "notes.txt").write_text("mine", "utf-8")
    found = keep.backup(folder, tmp_path / "b.zip")
    assert sorted(found.left_out) == sorted(ODD)
    keep.restore(tmp_path / "b.zip", tmp_path / "new")
    assert digests(tmp_path / "new") == found.digests
    assert (tmp_path / "new" / "notes.txt").read_text("utf-8") == "mine"
    assert not (tmp_path / "new" / "my notes.txt").exists()


def test_the_command_names_what_it_left_out(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(places.WORKSPACE, str(folder))
    (folder / "my notes.txt").write_text("mine", "utf-8")
    (folder / "备注.txt").write_text("mine", "utf-8")
    assert __main__.main(["backup", str(tmp_path / "b.zip")]) == 0
    said = capsys.readouterr().out
    assert "Not in it: 'my notes.txt'" in said
    assert said.isascii()
    assert "my notes.txt" not in zipfile.ZipFile(tmp_path / "b.zip").namelist()


def test_nothing_but_odd_names_is_nothing(tmp_path):
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "my notes.txt").write_text("mine", "utf-8")
    with pytest.raises(WorkspaceError) as error:
        keep.backup(tmp_path / "workspace", tmp_path / "b.zip")
    assert error.value.code == "nothing_kept"


def test_the_drill_names_it_too(folder, monkeypatch, capsys):
    monkeypatch.setenv(places.WORKSPACE, str(folder))
    (folder / "my notes.txt").write_text("mine", "utf-8")
    assert __main__.main(["drill"]) == 0
    assert "Not in it: 'my notes.txt'" in capsys.readouterr().out


def test_of_two_names_that_differ_in_capitals_alone_the_small_letters_are_taken():
    assert names.unfit(["Scenarios.sqlite3", "scenarios.sqlite3"]) == ("Scenarios.sqlite3",)


@given(st.lists(st.text(st.sampled_from("aAbB./ 注_-"), min_size=1, max_size=5), unique=True))
def test_what_is_left_fits_and_no_two_are_one(given_names):
    left = [name for name in given_names if name not in names.unfit(given_names)]
    assert all(map(names.fits, left))
    assert names.unfit(left) == ()
    assert len({name.lower() for name in left}) == len(left)
    assert {name.lower() for name in given_names if names.fits(name)} == {name.lower() for name in left}
