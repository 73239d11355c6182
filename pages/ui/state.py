"""What the address holds: every input has one short, language-free entry in the URL.

Values live in the session under their own name, apart from the widgets: a widget may be redrawn in another language or
be absent from a page without losing its value.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import unquote

import streamlit as st

T = TypeVar("T")
_PREFIX = "value."
JOIN = "~"
"""Between the values of one entry; `joined` escapes it where a name from a file holds it."""


def get(name: str, default: T, parse: Callable[[str], T | None]) -> T:
    """Value of `name`: from the session, else from the URL, else the default."""
    if _PREFIX + name not in st.session_state:
        text = st.query_params.get(name)
        found = parse(text) if text is not None else None
        st.session_state[_PREFIX + name] = default if found is None else found
    return st.session_state[_PREFIX + name]


def put(name: str, value: T, default: T, text: Callable[[T], str] = str) -> None:
    """Keep a value and show it in the URL, unless it is the default."""
    st.session_state[_PREFIX + name] = value
    wanted = None if value == default else text(value)
    if st.query_params.get(name) == wanted:
        return
    if wanted is None:
        del st.query_params[name]
    else:
        st.query_params[name] = wanted


def unread(name: str) -> bool:
    """Whether the address gives a value that nothing in this session has asked for yet."""
    return name in st.query_params and _PREFIX + name not in st.session_state


def digits(value: float | None) -> str:
    """A number as an entry of the address: as short as it can be, to twelve figures."""
    return "" if value is None else f"{value:.12g}"


def hold(name: str, value: object) -> None:
    """Keep a value that is shown in the URL when its input is drawn."""
    st.session_state[_PREFIX + name] = value


def one_of(options: Sequence[str]) -> Callable[[str], str | None]:
    """Parser that accepts one of `options`."""
    return lambda text: text if text in options else None


def some_of(options: Sequence[str]) -> Callable[[str], list[str] | None]:
    """Parser of what `joined` wrote of a choice among `options`; unknown entries are left out."""
    return lambda text: [part for part in map(unquote, text.split(JOIN)) if part in options] or None


def joined(values: Sequence[str]) -> str:
    """Values as one entry of the URL."""
    return JOIN.join(value.replace("%", "%25").replace(JOIN, "%7E") for value in values)


def number(low: float, high: float) -> Callable[[str], float | None]:
    """Parser of a number between `low` and `high`."""

    def parse(text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        return value if low <= value <= high else None

    return parse
