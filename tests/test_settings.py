"""Settings come from the environment, whenever they are asked for."""

from pathlib import Path

import pytest

from data import settings

NAMES = ("database", "engine", "events", "log")


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    for name in ("WORKSPACE", *map(str.upper, NAMES)):
        monkeypatch.delenv(f"POSTHOUSE_{name}", raising=False)


def test_without_any_everything_is_on_this_disk():
    assert settings.workspace() == Path(settings.__file__).parents[1] / "workspace"
    assert [getattr(settings, name)() for name in NAMES] == [""] * 4


def test_they_are_read_anew_at_every_call(monkeypatch, tmp_path):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    assert settings.workspace() == tmp_path
    for name in NAMES:
        monkeypatch.setenv(f"POSTHOUSE_{name.upper()}", f"  {name} ")
        assert getattr(settings, name)() == name
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", "  ")
    assert settings.workspace().name == "workspace"
