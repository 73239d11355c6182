"""Buttons pressed one after another without waiting: every press is answered once, in order."""

import asyncio
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from benchmarks.load_person import Person, Seen
from benchmarks.load_server import SCRIPT
from pages.ui import kept_presses
from tests.browser import free_port, running, wait_for

NAMES = "abcdefgh"
PAGE = """
import time
from pathlib import Path
import streamlit as st
from pages.ui import kept_presses
kept_presses.keep()

def note(name):
    time.sleep(0.002)
    st.session_state["last"] = name
    with Path(FOLDER, "said").open("a") as said:
        said.write(name)

for name in NAMES:
    st.button(name, key=name, on_click=note, args=(name,))
"""
ENOUGH = 60
SECOND = 0.3
"""Seconds for answers that must come, and for a second answer that must not."""


class Screen(Seen):
    """Knows the buttons."""

    def take(self, message):
        if message.WhichOneof("type") == "delta" and message.delta.new_element.button.id:
            button = message.delta.new_element.button
            vars(self).setdefault("buttons", {})[button.label] = button.id
        return super().take(message)


@contextmanager
def page(tmp_path):
    script, port = tmp_path / "page.py", free_port()
    script.write_text(PAGE.replace("FOLDER", repr(str(tmp_path))).replace("NAMES", repr(NAMES)), "utf-8")
    with running("-c", SCRIPT.format(script=str(script), port=port), log=tmp_path / "log"):
        wait_for(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


def said(tmp_path):
    path = tmp_path / "said"
    return path.read_text("utf-8") if path.exists() else ""


async def press_all(url, tmp_path, gap):
    """Press every button, with so many seconds between two; what was answered in the end."""
    person = Person(url, "", 1)
    person.seen = Screen()
    await person.open()
    person.socket.close_timeout = 1
    try:
        for name in NAMES:
            message = BackMsg()
            message.rerun_script.page_script_hash = person.seen.page
            message.rerun_script.widget_states.widgets.add(id=person.seen.buttons[name], trigger_value=True)
            await person.socket.send(message.SerializeToString())
            await asyncio.sleep(gap)
        until = time.monotonic() + ENOUGH
        while len(said(tmp_path)) < len(NAMES) and time.monotonic() < until:
            await asyncio.sleep(0.1)
        await asyncio.sleep(SECOND)
    finally:
        await person.close()
    return said(tmp_path)


def test_every_press_is_answered_once_and_in_order(tmp_path):
    with page(tmp_path) as url:
        for gap in (0.0, 0.001, 0.003, 0.01):
            assert asyncio.run(press_all(url, tmp_path, gap)) == NAMES, gap
            (tmp_path / "said").unlink()


def states(*pressed, **values):
    made = WidgetStates()
    for id in pressed:
        made.widgets.add(id=id, trigger_value=True)
    for id, value in values.items():
        made.widgets.add(id=id, int_value=value)
    return made


def asked(held, *pressed, **values):
    requests = kept_presses.Requests(held)
    requests.request_rerun(RerunData(widget_states=states(*pressed, **values)))
    return requests


def names(found):
    return [one.id for one in found.widgets] if found is not None else []


def test_a_run_that_never_began_leaves_its_presses():
    held = kept_presses.Held()
    asked(held, "a", n=1).request_stop()
    assert kept_presses.together(held.left, states("b", n=2)) == states("a", "b", n=2)


def test_a_run_that_began_and_took_nothing_in_leaves_them_too():
    held = kept_presses.Held()
    requests = asked(held, "a")
    assert requests.on_scriptrunner_ready().type is ScriptRequestType.RERUN
    requests.request_stop()
    assert names(held.left) == ["a"]
    with requests.taking():
        assert requests.on_scriptrunner_yield().type is ScriptRequestType.STOP


def test_a_run_that_took_them_in_leaves_nothing_and_answers_them_to_the_end():
    held = kept_presses.Held()
    requests = asked(held, "a")
    requests.on_scriptrunner_ready()
    with requests.taking():
        requests.request_stop()
        assert requests.on_scriptrunner_yield() is None
    assert requests.on_scriptrunner_yield().type is ScriptRequestType.STOP
    assert held.left is None


@pytest.mark.parametrize("taken", [True, False])
def test_what_waits_behind_a_run_is_left(taken):
    held = kept_presses.Held()
    requests = asked(held, "a")
    requests.on_scriptrunner_ready()
    if taken:
        with requests.taking():
            pass
    requests.request_rerun(RerunData(widget_states=states("b"), fragment_id="f"))
    requests.request_stop()
    assert names(held.left) == (["b"] if taken else ["a", "b"])


def test_inputs_of_another_page_come_with_its_presses_and_those_of_the_same_do_not():
    old, new = states("a", field=1, both=1), states(both=2)
    assert kept_presses.together(old, new, whole=True) == states("a", field=1, both=2)
    assert kept_presses.together(old, new) == states("a", both=2)


def test_a_run_that_was_ended_forgets_nothing_of_the_next():
    held, calls = kept_presses.Held(), []
    requests = asked(held)
    state = kept_presses.State(SimpleNamespace(on_script_finished=lambda *_, **__: calls.append(1)), lambda: None)
    object.__setattr__(state, "_requests", requests)
    state.on_script_finished(frozenset())
    requests.request_stop()
    state.on_script_finished(frozenset())
    assert calls == [1]


def test_a_run_without_a_press_leaves_nothing():
    held = kept_presses.Held()
    asked(held, n=1).request_stop()
    assert held.left is None
