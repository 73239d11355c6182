"""Long work takes turns, and who moves on leaves."""

import asyncio
import threading

import pytest

from benchmarks.load_person import Person
from benchmarks.load_server import SCRIPT
from pages.ui import turns
from tests.browser import free_port, running, wait_for

PATIENCE = 60


class MovedOn(BaseException):
    """The reader asked for something else."""


@pytest.fixture
def one_at_a_time(monkeypatch):
    monkeypatch.setattr(turns, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(turns, "LOOK", 0.005)


def test_one_waits_for_the_other(one_at_a_time):
    begun, go_on, order = threading.Event(), threading.Event(), []

    def first():
        with turns.turn():
            begun.set()
            assert go_on.wait(PATIENCE)
            order.append("first")

    def second():
        with turns.turn():
            order.append("second")

    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert begun.wait(PATIENCE)
    threads.append(threading.Thread(target=second))
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["first", "second"]


def test_who_moves_on_leaves_the_queue(one_at_a_time, monkeypatch):
    looks = []

    def look_up():
        looks.append(1)
        if len(looks) == 3:
            raise MovedOn

    monkeypatch.setattr(turns, "look_up", look_up)
    with turns.turn(), pytest.raises(MovedOn), turns.turn():
        pytest.fail("there was no turn to have")
    with turns.turn():
        assert len(looks) == 3


def test_a_turn_ends_with_what_broke_it(one_at_a_time):
    with pytest.raises(MovedOn), turns.turn():
        raise MovedOn
    with turns.turn():
        pass


def test_outside_of_a_session_nobody_moves_on():
    turns.look_up()


PAGE = """
from pathlib import Path
import streamlit as st
from pages.ui import turns

@st.fragment
def body():
    level = st.slider("Level", 0, 100, 0, key="level")
    st.html(f"<b>{level}</b>")
    if level:
        Path(FOLDER, f"begun-{level}").touch()
        turns.rest(SECONDS if len(list(Path(FOLDER).glob("begun-*"))) == 1 else 0.0)
        Path(FOLDER, f"ended-{level}").touch()

body()
"""


def test_a_lever_that_moves_again_ends_what_the_first_move_began(tmp_path):
    script, port = tmp_path / "page.py", free_port()
    script.write_text(PAGE.replace("FOLDER", repr(str(tmp_path))).replace("SECONDS", str(2 * PATIENCE)), "utf-8")

    async def visit():
        person = Person(f"http://127.0.0.1:{port}", "", 1)
        await person.open()
        try:
            await person.move(until=0.0)
            return await person.move()
        finally:
            await person.close()

    with running("-c", SCRIPT.format(script=str(script), port=port), log=tmp_path / "log"):
        wait_for(f"http://127.0.0.1:{port}")
        moved = asyncio.run(visit())
    assert moved.result
    begun, ended = (sorted(path.name[6:] for path in tmp_path.glob(f"{what}-*")) for what in ("begun", "ended"))
    assert len(begun) == 2
    assert len(ended) == 1


def test_who_waits_for_what_another_works_out_may_leave(monkeypatch):
    monkeypatch.setattr(turns, "LOOK", 0.005)

    def look_up():
        raise MovedOn

    failed = []

    def second():
        monkeypatch.setattr(turns, "look_up", look_up)
        try:
            with turns.alone("plan"):
                failed.append("had it as well")
        except MovedOn:
            return

    with turns.alone("plan"), turns.alone("another"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert not failed
    with turns.alone("plan"):
        pass
