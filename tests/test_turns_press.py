"""What a button began is not ended by a lever that moves meanwhile."""

import asyncio

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.load_person import Person, Seen
from benchmarks.load_server import SCRIPT
from tests.browser import free_port, running, wait_for

PAGE = """
from pathlib import Path
import streamlit as st
from pages.ui import turns

@st.fragment
def body():
    level = st.slider("Level", 0, 100, 0, key="level")
    st.html(f"<b>{level}</b>")
    pressed = st.button("Save", key="save")
    turns.rest(1.0)
    if pressed:
        Path(FOLDER, f"saved-{level}").touch()
    Path(FOLDER, f"ended-{level}").touch()

body()
"""


class Screen(Seen):
    """Knows the button too."""

    button = fragment = ""

    def take(self, message):
        found = message.delta.new_element.button.id if message.WhichOneof("type") == "delta" else ""
        if found:
            self.button, self.fragment = found, message.delta.fragment_id
        return super().take(message)


async def press_and_move(url):
    person = Person(url, "", 1)
    person.seen = Screen()
    await person.open()
    try:
        message = BackMsg()
        state = message.rerun_script
        state.page_script_hash, state.fragment_id = person.seen.page, person.seen.fragment
        state.widget_states.widgets.add(id=person.seen.button, trigger_value=True)
        await person.socket.send(message.SerializeToString())
        await asyncio.sleep(0.3)
        return await person.move()
    finally:
        await person.close()


def test_a_press_is_done_before_the_lever_that_moved_after_it(tmp_path):
    script, port = tmp_path / "page.py", free_port()
    script.write_text(PAGE.replace("FOLDER", repr(str(tmp_path))), "utf-8")
    with running("-c", SCRIPT.format(script=str(script), port=port), log=tmp_path / "log"):
        wait_for(f"http://127.0.0.1:{port}")
        moved = asyncio.run(press_and_move(f"http://127.0.0.1:{port}"))
    assert moved.end
    assert [path.name for path in tmp_path.glob("saved-*")] == ["saved-0"]
