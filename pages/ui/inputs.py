"""Widgets in, typed values out. Every value is kept in the URL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from analysis import summary
from analysis.views import area_map
from analysis.views.look import Look
from data.cities import REGIONS, TIERS
from data.cities import cities as all_cities
from data.platforms import PLATFORMS
from pages.ui import area, guard, state, text, whence


@dataclass(frozen=True, slots=True)
class Filters:
    """What all pages share. Empty tuples mean all."""

    month: pd.Timestamp
    tiers: tuple[str, ...]
    regions: tuple[str, ...]
    networks: tuple[str, ...]
    area: tuple[str, ...] = ()
    """Codes of cities."""

    @property
    def key(self) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Cache key of the rows chosen."""
        return f"{self.month:%Y-%m}", self.tiers, self.regions, self.area

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table (columns city, tier, region) in the tiers, regions and area chosen."""
        return summary.within(table, tiers=self.tiers, regions=self.regions, cities=self.area)

    def cities(self) -> tuple[str, ...]:
        """Codes of the cities of the list in the tiers, regions and area chosen, whether they have volumes or not."""
        return tuple(self.rows(all_cities().rename_axis("city").reset_index())["city"].astype(str))

    def everywhere(self) -> "Filters":
        """The same month and networks in all places."""
        return Filters(self.month, (), (), self.networks)


def _seed(name: str, look: Look, value: object, options: Sequence[str] | None = None) -> str:
    """Key of a widget: one for each page and language, so that a new one starts from the value the session holds."""
    key = f"{name}.{look.lang}.{guard.page()}"
    if key not in st.session_state or (options is not None and st.session_state[key] not in options):
        st.session_state[key] = value
    return key


def one(
    look: Look,
    name: str,
    options: Sequence[str],
    *,
    label: Callable[[str], str] = str,
    default: str | None = None,
    moves: bool = False,
    collapsed: bool = False,
    width: int | Literal["stretch"] = "stretch",
    of: str = "",
) -> str:
    """One of `options` from a list; `of` names what they belong to, when the same input is used for several things.

    A default that `moves` with other inputs is followed until something else is chosen.
    """
    first = default if default in options else options[0]
    nothing: str | None = None
    value = state.get(name, nothing if moves else first, state.one_of(options))
    value = value if value in options else first
    of = f"{of}{first}" if moves else of
    chosen = st.selectbox(
        look.say(f"input.{name}"),
        options,
        format_func=label,
        key=_seed(f"{name}.{of}" if of else name, look, value, options),
        label_visibility="collapsed" if collapsed else "visible",
        width=width,
    )
    state.put(name, nothing if moves and chosen == first else chosen, nothing if moves else first)
    return chosen


def switch(look: Look, name: str, options: Sequence[str], *, label: Callable[[str], str] = str) -> str:
    """One of a few `options`, all of them in sight."""
    value = state.get(name, options[0], state.one_of(options))
    chosen = st.segmented_control(
        look.say(f"input.{name}"),
        options,
        format_func=label,
        key=_seed(name, look, value, options),
        required=True,
        label_visibility="collapsed",
    )
    chosen = chosen or options[0]
    state.put(name, chosen, options[0])
    return chosen


def some(
    look: Look, name: str, options: Sequence[str], *, label: Callable[[str], str] = str, collapsed: bool = True
) -> tuple[str, ...]:
    """Any of `options`; none chosen means all."""
    none: list[str] = []
    value = [v for v in state.get(name, none, state.some_of(options)) if v in options]
    chosen = st.multiselect(
        look.say(f"input.{name}"),
        options,
        format_func=label,
        key=_seed(name, look, value),
        wrap=False,
        placeholder=look.say(f"input.{name}_all"),
        label_visibility="collapsed" if collapsed else "visible",
    )
    state.put(name, list(chosen), none, state.joined)
    return tuple(chosen)


def amount(
    look: Look, name: str, low: float, high: float, default: float, step: float, *, label: str, pattern: str = "%.2f"
) -> float:
    """A number on a slider."""
    value = state.get(name, default, state.number(low, high))
    value = min(max(value, low), high)
    chosen = st.slider(label, low, high, step=step, format=pattern, key=_seed(name, look, value))
    state.put(name, round(float(chosen), 6), default, state.digits)
    return float(chosen)


def words(look: Look, name: str) -> str:
    """Free text to search for."""
    value = state.get(name, "", lambda t: t)
    chosen = st.text_input(
        look.say(f"input.{name}"),
        key=_seed(name, look, value),
        placeholder=look.say(f"input.{name}_hint"),
        label_visibility="collapsed",
    )
    state.put(name, chosen or "", "")
    return chosen or ""


def change_language(look: Look) -> None:
    """Language control; it is the same on every page."""
    chosen = st.segmented_control(
        look.say("input.language"),
        list(text.LANGUAGE_NAMES),
        format_func=text.LANGUAGE_NAMES.__getitem__,
        key="language",
        default=look.lang if "language" not in st.session_state else None,
        required=True,
        label_visibility="collapsed",
    )
    if chosen and chosen != look.lang:
        state.put("lang", chosen, "en")
        st.rerun()
    state.put("lang", look.lang, "en")


def peek(look: Look, name: str, options: Sequence[str]) -> str:
    """Value of a switch that is drawn further down the page."""
    chosen = st.session_state.get(f"{name}.{look.lang}.{guard.page()}")
    return str(chosen) if chosen in options else state.get(name, options[0], state.one_of(options))


def everything(months: Sequence[pd.Timestamp]) -> Filters:
    """The whole market in its last month."""
    return Filters(months[-1], (), (), ())


def filters(look: Look, months: Sequence[pd.Timestamp], *, by_network: bool = True) -> Filters:
    """Month, tier, region, networks and area: the row under the title; networks only where they mean something."""
    options = [f"{m:%Y-%m}" for m in reversed(months)]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="filters"):
        month = one(look, "month", options, label=lambda m: look.month(pd.Timestamp(m)), collapsed=True, width=150)
        tiers = some(look, "tier", TIERS, label=lambda t: look.term("tier", t))
        regions = some(look, "region", REGIONS, label=lambda r: look.term("region", r))
        networks = some(look, "network", list(PLATFORMS), label=look.name) if by_network else ()
        cities = area.chip(look)
    found = Filters(pd.Timestamp(month), tiers, regions, networks, cities)
    whence.filters(in_words(found, look))
    return found


def in_words(filters: Filters, look: Look) -> list[str]:
    """What is chosen, each "name: value"; what is not narrowed is left out, the month never."""
    said = {"month": look.month(filters.month)}
    said["tier"] = look.join(look.term("tier", tier) for tier in filters.tiers)
    said["region"] = look.join(look.term("region", region) for region in filters.regions)
    said["network"] = look.join(look.name(network) for network in filters.networks)
    said["area"] = area_map.said(filters.area, look) if filters.area else ""
    return [
        look.pair(look.say("area.word" if name == "area" else f"input.{name}"), value)
        for name, value in said.items()
        if value
    ]
