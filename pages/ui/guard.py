"""Run a page through `app.py` even when it is the first address opened after the server has started.

With a folder `pages/` beside `app.py`, Streamlit runs the first deep link without `app.py`: no navigation, no
language, no filters. Every page starts with `via_app(__file__)`; `app.py` marks the session once it has run.
"""

import runpy
from pathlib import Path

import streamlit as st

_MARK, _PAGE = "_via_app", "_page"
HOME = "overview"
"""The first page of the navigation: it stands at the root of the address."""
_APP = Path(__file__).resolve().parents[2] / "app.py"


def mark() -> None:
    """Note that `app.py` has run in this session."""
    st.session_state[_MARK] = True


def page() -> str:
    """Name of the page that is running."""
    return str(st.session_state.get(_PAGE, ""))


def via_app(script: str) -> None:
    """Run `app.py` instead of the bare page `script` when it has not run yet."""
    st.session_state[_PAGE] = Path(script).stem
    if _MARK not in st.session_state:
        runpy.run_path(str(_APP), run_name="__main__")
        st.stop()
