"""A file that its program left damaged is put back as it was before; one that is sound is never touched."""

import shutil

import pytest

from data.workspace import Part, Workspace, WorkspaceError
from tests.small_volumes import volumes

ROWS = [("2026-07", "330100", "cainiao", 5.0)]
MORE = [("2026-08", "330100", "cainiao", 6.0)]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def save(workspace, rows, **more):
    return workspace.save(owner="ann", parts=[Part("volumes", volumes(rows))], **more)


def beside(workspace, ending):
    return workspace.path.with_name(workspace.path.name + ending)


def tear(workspace):
    """Damage every block behind the headers, as a write that was cut off does."""
    whole = bytearray(workspace.path.read_bytes())
    whole[12_288:] = bytes(len(whole) - 12_288)
    workspace.path.write_bytes(whole)


@pytest.mark.parametrize("log", [False, True])
def test_a_save_that_tore_the_file_is_undone(workspace, log):
    market = save(workspace, ROWS, name="m").market
    shutil.copyfile(workspace.path, beside(workspace, ".kept"))
    save(workspace, MORE, market=market)
    beside(workspace, ".kept").rename(beside(workspace, ".spare"))
    tear(workspace)
    if log:
        beside(workspace, ".wal").write_bytes(b"of the torn file")
    assert [info.number for info in workspace.versions(market, "ann")] == [1]
    assert workspace.version(market, owner="ann").table("volumes").equals(volumes(ROWS))
    assert save(workspace, MORE, market=market).number == 2
    assert not beside(workspace, ".spare").exists()


def test_a_sound_file_is_not_put_back(workspace):
    market = save(workspace, ROWS, name="m").market
    shutil.copyfile(workspace.path, beside(workspace, ".kept"))
    save(workspace, MORE, market=market)
    beside(workspace, ".kept").rename(beside(workspace, ".spare"))
    assert workspace.version(market, owner="ann").info.number == 2


def test_without_a_spare_the_damage_is_said(workspace):
    market = save(workspace, ROWS, name="m").market
    tear(workspace)
    with pytest.raises(WorkspaceError) as error:
        workspace.versions(market, "ann")
    assert error.value.code == "damaged"


def test_nothing_is_left_beside_the_file(workspace):
    market = save(workspace, ROWS, name="m").market
    save(workspace, MORE, market=market)
    workspace.delete(market, "ann")
    assert {path.name for path in workspace.path.parent.iterdir()} == {
        workspace.path.name,
        workspace.path.name + ".lock",
    }
