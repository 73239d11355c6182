"""The reader's language and theme."""

import streamlit as st

from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import LANGUAGES
from pages.ui import state

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}


def language() -> str:
    """Language of this session: "en" or "zh"; the URL decides at first, then the control on the page."""
    return state.get("lang", LANGUAGES[0], state.one_of(LANGUAGES))


def look() -> Look:
    """How views are dressed for this reader."""
    return Look(language(), Theme("dark" if st.context.theme.type == "dark" else "light"))
