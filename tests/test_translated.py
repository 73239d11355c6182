"""Streamlit's own words: each that the catalogue knows is one that Streamlit says, and has its place on the page."""

import re
from functools import cache
from pathlib import Path

import pytest
import streamlit

from data.text import LANGUAGES, catalogue
from pages.ui import translated

ENTRIES = {key: entry for key, entry in catalogue().items() if key.startswith(f"{translated.SECTION}.")}
JOINTS = re.compile(r"\{\w\}|\. (?=Running)| • |(?<=to) (?=apply|submit)|options?(?=[. ])")
"""Where Streamlit puts a sentence together from pieces."""
BUNDLE = Path(streamlit.__file__).parent / "static" / "static" / "js"


@cache
def said_by_streamlit() -> str:
    return "\n".join(path.read_text("utf-8") for path in BUNDLE.glob("*.js"))


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != LANGUAGES[0]])
def test_every_entry_has_one_place(lang):
    told = [(source, target) for group in translated.groups(lang) for source, target in group["words"]]
    assert sorted(told) == sorted((entry[LANGUAGES[0]], entry[lang]) for entry in ENTRIES.values())


@pytest.mark.parametrize("key", ENTRIES)
def test_streamlit_says_it(key):
    """A newer Streamlit that words it otherwise is noticed here."""
    parts = [part.strip(" .:,") for part in JOINTS.split(ENTRIES[key][LANGUAGES[0]])]
    assert all(part in said_by_streamlit() for part in parts)


def test_a_word_stands_once_in_a_part():
    for group in translated.groups("zh"):
        words = [source for source, _ in group["words"]]
        assert len(words) == len(set(words))
