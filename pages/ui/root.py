"""The path below which everything is served: nothing, or what `--base` names."""

import streamlit as st
from streamlit import config

from pages.ui.base_path import cleaned

_OPTION = "server.baseUrlPath"


def use(text: str) -> None:
    """Serve below this path from here on; before the application is made."""
    config.set_option(_OPTION, cleaned(text).removeprefix("/"))


def path() -> str:
    """The base path: "/tool", or empty."""
    return cleaned(str(st.get_option(_OPTION)))


def below(address: str) -> str:
    """An address of this program, which begins with a slash, as a browser finds it."""
    return f"{path()}{address}"
