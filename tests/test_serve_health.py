"""Health and readiness: every part is looked at, none for long, and nothing of it is given away."""

import json
import threading
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import health
from tests.test_serve import fetch

HANGS = 20
"""Seconds after which a part that never answers is let go all the same."""


def ready():
    """What /readyz says now."""
    health.STATE.looked = (-health.KEPT, {})
    app = TestClient(Starlette(routes=health.routes()))
    answer = app.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture
def state(monkeypatch):
    found = health.State(imported=True, filled=True)
    monkeypatch.setattr(health, "STATE", found)
    return found


def test_it_is_ready_once_everything_is_there(state):
    status, said = ready()
    assert status == 200
    assert said["ready"] is True
    assert {part["state"] for part in said["parts"].values()} == {"ok"}


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [("imported", False, "imports"), ("filled", False, "caches"), ("stopping", True, "running")],
)
def test_it_is_not_ready_before_and_after(state, name, value, part):
    setattr(state, name, value)
    status, said = ready()
    assert status == 503
    assert [one for one, found in said["parts"].items() if found["state"] != "ok"] == [part]


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("POSTHOUSE_WORKSPACE", "/proc/posthouse", "workspace"),
        ("POSTHOUSE_DATABASE", "postgresql://posthouse:secret@127.0.0.1:9/none", "database"),
    ],
)
def test_a_part_that_fails_is_named_and_nothing_else_of_it(state, monkeypatch, variable, value, part):
    monkeypatch.setenv(variable, value)
    start = time.monotonic()
    status, said = ready()
    assert time.monotonic() - start < 10 * health.PATIENCE
    assert status == 503
    assert said["parts"][part]["state"] != "ok"
    assert not any(word in json.dumps(said) for word in ("secret", "127.0.0.1", "/proc"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("sc://127.0.0.1:9/;token=secret", "cannot be reached"),
        ("sc://127.0.0.1:figures", "no engine"),
        ("presto", "no engine"),
        ("duckdb", "ok"),
        ("DuckDB ", "ok"),
    ],
)
def test_the_engine_of_events_is_told_and_takes_nobody_out_of_service(state, monkeypatch, setting, said):
    monkeypatch.setenv("POSTHOUSE_ENGINE", setting)
    status, found = ready()
    assert (status, found["ready"]) == (200, True)
    assert found["parts"]["engine"]["state"] == said
    assert not any(word in json.dumps(found) for word in ("secret", "127.0.0.1"))


def test_a_part_that_never_answers_is_waited_for_no_longer(state, monkeypatch):
    answers = threading.Event()
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    monkeypatch.setattr(health, "workspace", lambda: answers.wait(HANGS) or "ok")
    status, said = ready()
    answers.set()
    assert status == 503
    assert said["parts"]["workspace"]["state"] == health.SLOW
    assert said["parts"]["workspace"]["seconds"] < HANGS / 2


def test_what_was_found_holds_for_a_while(state, monkeypatch):
    looked = []
    monkeypatch.setattr(health, "workspace", lambda: looked.append(1) or "ok")

    app = TestClient(Starlette(routes=health.routes()))
    assert [app.get("/readyz").status_code for _ in range(3)] == [200] * 3
    assert looked == [1]


def test_a_workspace_that_is_not_made_yet_is_ready(state, monkeypatch, tmp_path):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path / "later" / "on"))
    assert health.workspace() == "ok"
    assert list(tmp_path.iterdir()) == []


def test_the_running_server_is_alive_and_ready(url):
    end = time.monotonic() + 30
    while (found := fetch(url + "/readyz"))[0] != 200 and time.monotonic() < end:
        time.sleep(0.1)
    assert json.loads(found[1])["ready"] is True
    assert fetch(url + "/healthz")[:2] == (200, b"ok")
    assert fetch(url + "/healthz", **{"X-Forwarded-For": "10.0.0.1"})[0] == 404
