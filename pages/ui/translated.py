"""Streamlit's own words (menus, placeholders, names of buttons) in the reader's language.

Streamlit says them in English alone. The entries `streamlit_words` of the catalogue hold them as it says them, {a}
standing for whatever it fills in, with what is said instead.
"""

from pathlib import Path

import streamlit as st

from analysis.views.look import Look
from data.text import LANGUAGES, catalogue, say

SECTION = "streamlit_words"
SCOPES = {
    "menu": "[data-testid=stHeader], [data-testid=stMainMenuPopover], [data-testid=stSkipToContent],"
    " [data-testid=stStatusWidget], [data-testid=stTabs], body > div:not(#root)",
    "window": "[role=dialog], [data-testid=stDialog], [data-testid=stToast], [data-testid=stToastContainer],"
    " [role=region], [data-testid=stSelectboxVirtualDropdown], [data-testid=stMultiSelectDropdown]",
    "upload": "[data-testid=stFileUploader]",
    "table": "[data-testid=stDataFrame], [data-testid=stElementToolbar], .gdg-search-bar, body > div:not(#root)",
    "tools": "[data-testid=stElementToolbar], [data-testid=stCode], [data-testid=stFullScreenFrame],"
    " [data-testid=stImage]",
    "choice": "[data-testid=stSelectbox], [data-testid=stMultiSelect], [data-testid=stRadio], .react-aria-ListBox,"
    " .react-aria-Popover, body > div:not(#root)",
    "entry": "[data-testid=stNumberInput], [data-testid=stTextInput], [data-testid=stTextArea],"
    " [data-testid=InputInstructions], [data-testid=stDateInput], [data-testid=stForm], .react-aria-Popover,"
    " [data-testid=stColorPicker], [data-testid=stColorPickerPopover]",
    "figure": "[data-testid=stMetric]",
    "help": "[data-testid=stTooltipIcon], [data-testid=stTooltipHoverTarget]",
}
"""Parts of the page by the first word of an entry's key: nothing outside them is touched."""

_translator = st.components.v2.component(
    "posthouse_translator", js=(Path(__file__).parent / "translated.js").read_text("utf-8")
)


def words(look: Look) -> None:
    """Have Streamlit's own words said in the reader's language; nothing to do in the one it speaks."""
    if look.lang != LANGUAGES[0]:
        _translator(data={"groups": groups(look.lang)}, key="streamlit_words", height=1)


def groups(lang: str) -> list[dict[str, object]]:
    """Each part of the page with what Streamlit says there and what is said instead."""
    keys = [key for key in catalogue() if key.startswith(f"{SECTION}.")]
    return [
        {"scope": scope, "words": [[say(key, LANGUAGES[0]), say(key, lang)] for key in keys if _part(key) == part]}
        for part, scope in SCOPES.items()
    ]


def _part(key: str) -> str:
    return key.removeprefix(f"{SECTION}.").partition("_")[0]
