"""Networks of the market in use reach every part of a session: the page, its callbacks, its fragments, its threads."""

from streamlit.testing.v1 import AppTest

from data.platforms import BUILT_IN
from tests.made_market import NEWCO

PAGE = """
import threading

import streamlit as st

from data.platforms import PLATFORMS, carry
from pages.ui import markets
from tests.made_market import with_newco


def seen(name):
    st.session_state.setdefault("seen", []).append((name, len(PLATFORMS)))


def threaded():
    found = []
    for work in (lambda: found.append(len(PLATFORMS)), carry(lambda: found.append(len(PLATFORMS)))):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    st.session_state["threads"] = found


@st.cache_data
def remembered():
    return len(PLATFORMS)


st.button("go", key="go", on_click=seen, args=("callback",))
markets.use(with_newco())
seen("page")
st.fragment(lambda: seen("fragment"))()
threaded()
st.session_state["cached"] = remembered()
"""
ALL = len(BUILT_IN)


def test_every_part_of_a_session_knows_them():
    app = AppTest.from_string(PAGE, default_timeout=60).run()
    app.button(key="go").click().run()
    assert not app.exception
    assert set(app.session_state["seen"]) == {(name, ALL + 1) for name in ("page", "callback", "fragment")}
    assert app.session_state["threads"] == [ALL, ALL + 1]
    assert app.session_state["cached"] == ALL + 1


def test_they_go_with_the_market():
    page = PAGE.replace("markets.use(with_newco())", "from data import demo\nmarkets.use(demo.load())")
    app = AppTest.from_string(page, default_timeout=60)
    app.session_state["markets.networks"] = (NEWCO,)
    app.run()
    assert app.session_state["seen"] == [("page", ALL), ("fragment", ALL)]
