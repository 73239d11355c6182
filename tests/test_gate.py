"""The gate before results: who goes first, who leaves, and that every place comes back."""

import sys
import threading
import time

import pytest

from pages.ui import turns

PATIENCE = 60


class MovedOn(BaseException):
    """The reader asked for something else."""


def waiting(gate, n):
    """Wait until so many wait."""
    until = time.monotonic() + PATIENCE
    while len(gate._waiting) < n:
        assert time.monotonic() < until
        time.sleep(0.001)


def test_results_go_first_and_then_who_came_first():
    gate, order, threads = turns.Gate(places=1), [], []

    def work(name, rank):
        with gate.turn(rank):
            order.append(name)

    with gate.turn(turns.BESIDE):
        for n, (name, rank) in enumerate([("beside", turns.BESIDE), ("a", turns.RESULT), ("b", turns.RESULT)], 1):
            threads.append(threading.Thread(target=work, args=(name, rank)))
            threads[-1].start()
            waiting(gate, n)
        assert gate.crowded
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["a", "b", "beside"]
    assert not gate.crowded


def test_the_interpreter_changes_hands_less_often_while_somebody_waits():
    gate, before = turns.Gate(places=1), sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        with gate.turn(turns.BESIDE):
            thread = threading.Thread(target=lambda: gate.turn(turns.BESIDE).__enter__())
            thread.start()
            waiting(gate, 1)
            assert sys.getswitchinterval() == pytest.approx(turns.CROWDED)
        thread.join(PATIENCE)
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        sys.setswitchinterval(before)


def test_who_leaves_before_the_gate_takes_no_place(monkeypatch):
    gate, left = turns.Gate(places=1), []
    monkeypatch.setattr(turns, "AGAIN", 0.005)

    def look_up():
        if gate.crowded:
            raise MovedOn

    def second():
        try:
            with gate.turn(turns.BESIDE):
                left.append("had a place")
        except MovedOn:
            left.append("left")

    monkeypatch.setattr(turns, "look_up", look_up)
    with gate.turn(turns.RESULT):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(PATIENCE)
    assert left == ["left"]
    assert gate._free == 1
    assert not gate.crowded


def test_a_turn_within_a_turn_is_the_same_one():
    gate = turns.Gate(places=1)
    with gate.turn(turns.BESIDE), gate.turn(turns.RESULT):
        assert gate._free == 0
    assert gate._free == 1


def test_long_work_waits_while_somebody_waits_for_a_result(monkeypatch):
    looks = []
    monkeypatch.setattr(turns, "GATE", turns.Gate(places=1))
    monkeypatch.setattr(turns, "get_script_run_ctx", lambda **_: object())
    monkeypatch.setattr(turns, "look_up", lambda: None)

    def rest(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            monkeypatch.setattr(turns, "GATE", turns.Gate())

    turns.GATE._waiting.append((turns.RESULT, 0, threading.Event()))
    monkeypatch.setattr(turns, "rest", rest)
    turns.pause()
    assert len(looks) == 3


@pytest.mark.parametrize("reader", [True, False])
def test_long_work_does_not_wait_for_ever(monkeypatch, reader):
    looks = []
    monkeypatch.setattr(turns, "GATE", turns.Gate(places=1))
    monkeypatch.setattr(turns, "get_script_run_ctx", lambda **_: object() if reader else None)
    monkeypatch.setattr(turns, "look_up", lambda: None)
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    monkeypatch.setattr(turns, "rest", lambda seconds: (looks.append(seconds), time.sleep(0.01)))
    turns.GATE._waiting.append((turns.RESULT, 0, threading.Event()))
    with turns.turn():
        assert bool(looks) == reader


def test_long_work_within_a_turn_lets_others_in():
    gate, order = turns.Gate(places=1), []

    def work():
        with gate.turn(turns.RESULT):
            order.append("result")

    with gate.turn(turns.BESIDE):
        with gate.aside():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(PATIENCE)
            order.append("long")
        assert not gate._free
        order.append("after")
    assert order == ["result", "long", "after"]
    assert gate._free == 1


def test_long_work_that_ends_early_gives_its_place_back():
    gate = turns.Gate(places=1)
    with pytest.raises(MovedOn), gate.turn(turns.BESIDE), gate.aside():
        raise MovedOn
    with gate.turn(turns.BESIDE), gate.aside():
        gate.breathe()
        assert gate._free == 1
    assert gate._free == 1
    assert not gate.crowded


@pytest.mark.parametrize(("rank", "order"), [(turns.RESULT, ["other", "mine"]), (turns.BESIDE, ["mine", "other"])])
def test_between_two_pieces_of_work_only_results_go_first(rank, order):
    gate, done = turns.Gate(places=1), []

    def work():
        with gate.turn(rank):
            done.append("other")

    with gate.turn(turns.BESIDE):
        thread = threading.Thread(target=work)
        thread.start()
        waiting(gate, 1)
        gate.breathe()
        done.append("mine")
    thread.join(PATIENCE)
    assert done == order


def test_who_moved_on_leaves_between_two_pieces_of_work(monkeypatch):
    gate = turns.Gate(places=1)

    def look_up():
        raise MovedOn

    with gate.turn(turns.BESIDE):
        monkeypatch.setattr(turns, "look_up", look_up)
        with pytest.raises(MovedOn):
            gate.breathe()
    with gate.turn(turns.RESULT):
        gate.breathe()
    gate.breathe()
    assert gate._free == 1
