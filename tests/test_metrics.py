"""Figures for whoever runs the program: they count what happened, and name nobody."""

import gc
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from data import tally
from data.intake.refusal import IntakeError
from data.workspace import WorkspaceError
from pages.ui import metrics, server_runs
from tests.test_serve import fetch

NAMES = {
    "posthouse_sessions",
    "posthouse_run_seconds",
    "posthouse_exports",
    "posthouse_uploads",
    "posthouse_uploaded_bytes",
    "posthouse_errors",
    "posthouse_saves",
    "posthouse_gc_pause_seconds",
    "posthouse_loop_lag_seconds",
    "posthouse_workspace_bytes",
    "process_resident_memory_bytes",
    "process_cpu_seconds",
}


@pytest.fixture
def figures(monkeypatch):
    """Figures of their own."""
    found = metrics.Figures()
    monkeypatch.setattr(metrics, "figures", lambda: found)
    return found


def value(figures, name, **labels):
    return figures.registry.get_sample_value(name, labels)


def families(text):
    return set(re.findall(r"^# TYPE (\S+?)(?:_total)? ", text, re.M))


def test_every_figure_is_there_and_is_the_text_of_prometheus(figures):
    text = figures.text().decode()
    assert families(text) >= NAMES
    assert "# TYPE posthouse_run_seconds histogram" in text


def test_saves_and_refusals_below_the_pages_are_counted(figures):
    metrics.begin()
    try:
        WorkspaceError("busy", path="/home/someone/file")
        IntakeError("unreadable")
        tally.tell(tally.WROTE, "board.save")
        gc.collect()
    finally:
        metrics.end()
    assert value(figures, "posthouse_errors_total", code="busy") == 1
    assert value(figures, "posthouse_errors_total", code="unreadable") == 1
    assert value(figures, "posthouse_saves_total", kind="board.save") == 1
    assert value(figures, "posthouse_gc_pause_seconds_count") >= 1
    WorkspaceError("busy", path="x")
    assert value(figures, "posthouse_errors_total", code="busy") == 1
    assert "someone" not in figures.text().decode()


def finished(status):
    return ForwardMsg(script_finished=status).SerializeToString()


def page(name, hash):
    found = ForwardMsg()
    found.navigation.page_script_hash = hash
    found.navigation.app_pages.add(page_script_hash=hash, url_pathname=name)
    return found.SerializeToString()


def rerun(fragment=""):
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    return message.SerializeToString()


def test_a_run_lasts_from_the_request_to_the_end(figures, monkeypatch):
    now = [10.0]
    monkeypatch.setattr(server_runs.time, "perf_counter", lambda: now[0])
    session = server_runs.Session()
    session.ask(rerun())
    now[0] += 0.2
    session.answer(page("map", "1"))
    now[0] += 0.3
    session.answer(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    assert value(figures, "posthouse_run_seconds_sum", page="map", kind="page") == pytest.approx(0.5)
    session.ask(rerun("fragment"))
    now[0] += 1
    session.answer(finished(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY))
    assert value(figures, "posthouse_run_seconds_sum", page="map", kind="fragment") == pytest.approx(1)


def test_a_run_cut_short_by_the_next_counts_from_the_first_request(figures, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(server_runs.time, "perf_counter", lambda: now[0])
    session = server_runs.Session(page="share")
    for status in (ForwardMsg.FINISHED_EARLY_FOR_RERUN, ForwardMsg.FINISHED_SUCCESSFULLY):
        session.ask(rerun())
        now[0] += 1
        session.answer(finished(status))
    assert value(figures, "posthouse_run_seconds_sum", page="share", kind="page") == pytest.approx(2)
    assert value(figures, "posthouse_run_seconds_count", page="share", kind="page") == 1
    session.answer(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    assert value(figures, "posthouse_run_seconds_count", page="share", kind="page") == 1


def begun():
    found = ForwardMsg()
    found.new_session.initialize.session_id = "s"
    return found.SerializeToString()


def runs(figures, kind):
    labels = {"page": "share", "kind": kind}
    return [value(figures, f"posthouse_run_seconds_{part}", **labels) for part in ("count", "sum")]


def test_a_move_made_during_a_run_is_counted_from_when_it_was_made(figures, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(server_runs.time, "perf_counter", lambda: now[0])
    session = server_runs.Session(page="share")
    session.ask(rerun())
    session.answer(begun())
    now[0] = 1.0
    session.ask(rerun())
    now[0] = 2.0
    session.ask(rerun())
    session.answer(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    assert runs(figures, "page") == [1, 2.0]
    session.answer(begun())
    now[0] = 5.0
    session.answer(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    assert runs(figures, "page") == [2, 6.0]
    assert session.asked is None


def test_a_run_is_of_the_kind_that_its_end_says(figures, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(server_runs.time, "perf_counter", lambda: now[0])
    session = server_runs.Session(page="share")
    session.ask(rerun())
    session.answer(begun())
    session.ask(rerun("fragment"))
    now[0] = 3.0
    session.answer(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    assert runs(figures, "page") == [1, 3.0]
    session.answer(begun())
    session.answer(finished(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY))
    assert runs(figures, "fragment") == [1, 3.0]


def test_a_run_that_failed_makes_the_next_no_longer(figures, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(server_runs.time, "perf_counter", lambda: now[0])
    session = server_runs.Session(page="share")
    session.ask(rerun())
    session.answer(finished(ForwardMsg.FINISHED_WITH_COMPILE_ERROR))
    now[0] = 100.0
    session.ask(rerun())
    now[0] = 101.0
    session.answer(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    assert runs(figures, "page") == [1, 1.0]


def test_what_is_no_request_for_a_run_is_passed_over(figures):
    session = server_runs.Session()
    session.ask(BackMsg(app_heartbeat=True).SerializeToString())
    session.ask(b"\xff\xff nothing of Streamlit's")
    session.answer(b"x" * (server_runs.LARGEST + 1))
    assert session.asked is None
    session.ask(b"x" * (server_runs.LARGEST + 1))
    assert session.asked is not None


def test_files_sent_and_taken_are_counted_by_their_type(figures):
    async def sent(request):
        await request.body()
        return Response(status_code=204)

    async def taken(request):
        return Response(
            b"a,b", media_type="text/csv", headers={"Content-Disposition": "attachment; filename=secret.csv"}
        )

    async def picture(request):
        return Response(b"", media_type="image/png")

    app = Starlette(
        routes=[
            Route("/_stcore/upload_file/a/b", sent, methods=["PUT"]),
            Route("/media/a.csv", taken),
            Route("/media/a.png", picture),
        ]
    )
    app.add_middleware(server_runs.Watched)
    visitor = TestClient(app)
    visitor.put("/_stcore/upload_file/a/b", content=b"12345")
    visitor.get("/media/a.csv")
    visitor.get("/media/a.png")
    visitor.get("/media/none.csv")
    assert value(figures, "posthouse_uploads_total") == 1
    assert value(figures, "posthouse_uploaded_bytes_total") == 5
    assert value(figures, "posthouse_exports_total", kind="csv") == 1
    assert value(figures, "posthouse_exports_total", kind="png") is None
    assert "secret" not in figures.text().decode()


def test_the_workspace_is_measured(figures, monkeypatch, tmp_path):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"x" * 1000)
    figures.text()
    assert value(figures, "posthouse_workspace_bytes") == 1000


def test_the_running_server_tells_its_figures(url):
    status, body, headers = fetch(url + "/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    assert families(body.decode()) >= NAMES
    assert fetch(url + "/metrics", Forwarded="for=10.0.0.1")[0] == 404
    assert fetch(url + "/_stcore/metrics", Forwarded="for=10.0.0.1")[0] == 404
