"""Processes that draw: the same numbers, whatever happens to them, and none is left behind."""

import os
import signal
import subprocess
import threading
import time

import numpy as np
import pytest

from analysis.scenario import Lever, Scenario, drawers, simulate, with_draws
from analysis.scenario.drawers import Drawers
from benchmarks.load_cores import started
from data import settings
from pages.ui import apart
from tests.browser import free_port, running, wait_for
from tests.small_scenario import MODEL

DRAWS = 40
PATIENCE = 60.0


def point(subsidy=0.1):
    return simulate(Scenario("x", levers=(Lever("jd", subsidy),)), MODEL, draws=0)


@pytest.fixture
def one():
    made = Drawers(1)
    yield made
    made.close()


def same(found, expected):
    np.testing.assert_array_equal(found.drawn.volumes, expected.drawn.volumes)
    np.testing.assert_array_equal(found.drawn.growth, expected.drawn.growth)
    assert found.drawn.values.keys() == expected.drawn.values.keys()


def pid(made):
    end = time.monotonic() + PATIENCE
    while not made.pids and time.monotonic() < end:
        time.sleep(0.01)
    return made.pids[0]


def gone(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def test_they_are_the_numbers_of_this_process(one):
    here = point()
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    same(with_draws(here, draws=DRAWS, seed=3, by=one.draw), with_draws(here, draws=DRAWS, seed=3))
    assert len(one.pids) == 1


def test_a_process_that_was_killed_costs_nothing_but_time(one):
    here, first = point(), pid(one)
    os.kill(first, signal.SIGKILL)
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    assert pid(one) != first
    assert gone(first)


def test_a_process_that_breaks_down_at_work_is_replaced(one, monkeypatch, caplog):
    def breaks(process, number, job):
        process.kill()
        return asked(process, number, job)

    asked, here, first = drawers._asked, point(), pid(one)
    monkeypatch.setattr(drawers, "_asked", breaks)
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    assert "drawn in the server" in caplog.text
    monkeypatch.undo()
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    assert len(one.pids) == 1
    assert one.pids != (first,)


def test_a_process_that_gives_no_answer_is_ended_and_its_job_done_here(one, monkeypatch):
    here, first = point(), pid(one)
    monkeypatch.setattr(drawers, "LONGEST", 1.0)
    os.kill(first, signal.SIGSTOP)
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    assert gone(first)


def test_closing_waits_for_no_process_that_gives_no_answer():
    made, here, found = Drawers(1), point(), []
    os.kill(pid(made), signal.SIGSTOP)
    waiting = threading.Thread(target=lambda: found.append(with_draws(here, draws=DRAWS, by=made.draw)))
    waiting.start()
    while not made._numbers.__reduce__()[1][0]:
        time.sleep(0.01)
    start = time.monotonic()
    made.close()
    assert time.monotonic() - start < drawers.LONGEST / 4
    waiting.join(PATIENCE)
    same(found[0], with_draws(here, draws=DRAWS))
    assert made.pids == ()


def test_an_answer_to_another_job_is_none(one):
    pid(one)
    job = ((), point().point, 0.1, DRAWS, 0, drawers.VARY)
    process = one._processes[0]
    drawers.pickle.dump((7, job), process.stdin)
    with pytest.raises(ValueError, match="another job"):
        drawers._asked(process, 8, job)


def test_what_is_no_answer_is_said_and_the_process_replaced(one, monkeypatch):
    first, here = pid(one), point()
    monkeypatch.setattr(drawers.pickle, "load", lambda pipe: int("I am no answer"))
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    assert gone(first)
    monkeypatch.undo()
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))
    assert len(one.pids) == 1


def test_who_broke_down_several_times_in_a_row_is_asked_no_more(monkeypatch):
    def breaks(process, number, job):
        calls.append(number)
        raise EOFError

    calls = []
    monkeypatch.setenv("POSTHOUSE_DRAWERS", "1")
    monkeypatch.setattr(drawers, "_asked", breaks)
    apart.begin()
    try:
        for _ in range(drawers.MOST_FAILURES + 2):
            same(apart.drawn(point(), DRAWS), with_draws(point(), draws=DRAWS))
    finally:
        apart.end()
    assert len(calls) == drawers.MOST_FAILURES


def test_what_no_lever_touches_needs_no_process(one, monkeypatch):
    here = simulate(Scenario("x"), MODEL, draws=0)
    monkeypatch.setattr(drawers, "_asked", None)
    same(with_draws(here, draws=DRAWS, by=one.draw), with_draws(here, draws=DRAWS))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_leaves_none_behind(tmp_path, how):
    port = free_port()
    with running("-m", "pages.ui.server", "--port", str(port), log=tmp_path / "log") as server:
        wait_for(f"http://127.0.0.1:{port}")
        end = time.monotonic() + PATIENCE
        while not (children := started(server.pid)) and time.monotonic() < end:
            time.sleep(0.1)
        server.send_signal(how)
        server.wait(PATIENCE)
        while (left := [child for child in children if not gone(child)]) and time.monotonic() < end:
            time.sleep(0.1)
    assert len(children) == settings.drawers()
    assert not left


def test_what_is_wrong_with_the_job_is_said_as_it_is_here(one):
    with pytest.raises(ValueError, match="'weather' does not vary"):
        with_draws(point(), draws=DRAWS, vary=["weather"], by=one.draw)


def test_who_moves_on_leaves_and_the_next_is_served(one, monkeypatch):
    class MovedOn(BaseException):
        pass

    def leave():
        raise MovedOn

    held = threading.Event()
    monkeypatch.setattr(drawers, "LOOK", 0.01)
    one._pool.submit(held.wait, PATIENCE)
    with pytest.raises(MovedOn):
        with_draws(point(), draws=DRAWS, pause=leave, by=one.draw)
    held.set()
    same(with_draws(point(0.2), draws=DRAWS, by=one.draw), with_draws(point(0.2), draws=DRAWS))


def test_closing_ends_the_processes_and_those_who_wait_draw_here():
    made, found, held = Drawers(1), [], threading.Event()
    number, here = pid(made), point()
    made._pool.submit(held.wait, PATIENCE)
    waiting = threading.Thread(target=lambda: found.append(with_draws(here, draws=DRAWS, by=made.draw)))
    waiting.start()
    while made._pool._work_queue.empty():
        time.sleep(0.01)
    threading.Timer(0.1, held.set).start()
    made.close()
    waiting.join(PATIENCE)
    found.append(with_draws(here, draws=DRAWS, by=made.draw))
    for one in found:
        same(one, with_draws(here, draws=DRAWS))
    assert len(found) == 2
    assert gone(number)


def test_a_process_ends_with_the_input_and_not_with_an_interrupt():
    command = [drawers.sys.executable, "-m", drawers.__name__]
    with subprocess.Popen(command, cwd=drawers.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        here = point().point
        job = ((), here, 0.1, DRAWS, 0, drawers.VARY)
        drawers._asked(process, 1, job)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        found = drawers._asked(process, 2, job)
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    np.testing.assert_array_equal(found.volumes, drawers._answer(job).volumes)


@pytest.mark.parametrize(("given", "number"), [("0", 0), ("3", 3), ("many", None), ("-1", None), ("", None)])
def test_how_many_there_are_is_set(monkeypatch, given, number):
    monkeypatch.setenv("POSTHOUSE_DRAWERS", given)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)))
    assert settings.drawers() == (settings.MOST_DRAWERS if number is None else number)


def test_one_core_keeps_its_work_to_itself(monkeypatch):
    monkeypatch.delenv("POSTHOUSE_DRAWERS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {5})
    assert settings.drawers() == 0


@pytest.mark.parametrize("number", ["0", "1"])
def test_a_server_draws_with_them_or_by_itself(monkeypatch, number):
    def noted(process, number, job):
        calls.append(job)
        return asked(process, number, job)

    calls, asked = [], drawers._asked
    monkeypatch.setattr(drawers, "_asked", noted)
    monkeypatch.setenv("POSTHOUSE_DRAWERS", number)
    apart.begin()
    try:
        same(apart.drawn(point(), DRAWS), with_draws(point(), draws=DRAWS))
    finally:
        apart.end()
    assert len(calls) == int(number)
    assert not apart._open
