"""What is known of the numbers on the page while it is drawn: gathered here, kept with every pin and export."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from analysis.views.look import Look
from analysis.views.pinned import Network, Whence
from analysis.views.theme import Theme
from data.platforms import BUILT_IN, PLATFORMS
from pages.ui import guard, root

_NOW = "whence.now"
_NOTHING = Whence("", "", "")


def begin(source: str) -> None:
    """A page begins: what was gathered for the one before is forgotten, but for the market in use."""
    st.session_state[_NOW] = Whence(guard.page(), source, _gathered().version)


def market(version: str) -> None:
    """Note the version of the market in use."""
    st.session_state[_NOW] = replace(_gathered(), version=version)


def filters(said: Sequence[str]) -> None:
    """Note what is chosen, each "name: value"."""
    st.session_state[_NOW] = replace(_gathered(), filters=tuple(said))


def tell(
    *,
    source: str | None = None,
    scenario: str | None = None,
    model: str | None = None,
    assumptions: Sequence[str] | None = None,
    interval: str | None = None,
    version: str | None = None,
) -> None:
    """Note how the numbers that follow are made: each part given takes the place of what was noted of it before."""
    held = None if assumptions is None else tuple(assumptions)
    told = {"source": source, "scenario": scenario, "model": model, "assumptions": held}
    told |= {"interval": interval, "version": version}
    given: dict[str, Any] = {name: part for name, part in told.items() if part is not None}
    st.session_state[_NOW] = replace(_gathered(), **given)


def now(look: Look) -> Whence:
    """All that is known here, with the address and the time."""
    page = "" if guard.page() == guard.HOME else guard.page()  # the first page of the navigation stands at the root
    address = root.below(f"/{page}?{urlencode({**query(), 'lang': look.lang}, safe='~')}")
    return replace(_gathered(), page=guard.page(), address=address, made=stamp(), networks=_networks())


def _networks() -> tuple[Network, ...]:
    """The networks in use beside those that everyone has, as `analysis.views.pinned` keeps them."""
    light, dark = Theme("light"), Theme("dark")
    return tuple(
        (key, p.en, p.zh, light.colour(key), dark.colour(key), p.owner, *p.aliases)
        for key, p in PLATFORMS.items()
        if key not in BUILT_IN
    )


def query() -> Mapping[str, str]:
    """Entries of the address, language aside."""
    return {key: text for key, text in st.query_params.to_dict().items() if key != "lang"}


def stamp() -> str:
    """The minute it is, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def _gathered() -> Whence:
    return st.session_state.get(_NOW, _NOTHING)
