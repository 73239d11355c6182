"""Run a page through `app.py` even when it is the first address opened after the server has started.

With a folder `pages/` beside `app.py`, Streamlit runs the first deep link without `app.py`: no navigation, no
language, no filters. Every page starts with `via_app()`; `app.py` marks the session once it has run.
"""

import runpy
from pathlib import Path

import streamlit as st

_MARK = "_via_app"
_APP = Path(__file__).resolve().parents[2] / "app.py"


def mark() -> None:
    """Note that `app.py` is running this session."""
    st.session_state[_MARK] = True


def via_app() -> None:
    """Run `app.py` instead of the bare page when it has not run yet."""
    if _MARK not in st.session_state:
        runpy.run_path(str(_APP), run_name="__main__")
        st.stop()
