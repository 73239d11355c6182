"""The plan of sites on the map: what is placed and what is shut, in the address and the session, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote

import streamlit as st

from data.platforms import FORMATS
from pages.ui import state

SITES, SHUT = "cat_sites", "cat_shut"
"""Entries of the address."""
CAP = 40
"""Most sites placed and stations shut, together: what an address can hold."""
DECIMALS = 5
"""Of degrees; the fifth is about a metre."""
CODES = {"station": "s", "locker": "l", "partner_store": "p", "agent": "a", "service_centre": "c"}
"""Formats as the address spells them."""
SOUTH, NORTH, WEST, EAST = 3.0, 54.0, 73.0, 136.0
"""The box of degrees that holds China."""
_UNDO, _TURN = "cat.undo", "cat.turn"
_FORMATS = {code: format for format, code in CODES.items()}


@dataclass(frozen=True, slots=True)
class Placed:
    """A site that is not there yet: degrees (WGS-84) and one of `data.platforms.FORMATS`."""

    lat: float
    lon: float
    format: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Sites placed, and ids of stations shut, in the order in which they were."""

    sites: tuple[Placed, ...] = ()
    shut: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Sites and shut stations."""
        return len(self.sites) + len(self.shut)

    @property
    def key(self) -> tuple[str, str]:
        """Cache key."""
        return sites_text(self.sites), state.joined(self.shut)


def placed(lat: float, lon: float, format: str) -> Placed | None:
    """A site on the ground of China, at the decimals of the address; None elsewhere or for an unknown format."""
    known = format in FORMATS and SOUTH <= lat <= NORTH and WEST <= lon <= EAST
    return Placed(round(lat, DECIMALS), round(lon, DECIMALS), format) if known else None


def sites_text(sites: tuple[Placed, ...]) -> str:
    """Sites as one entry of the address: `30.27415,120.15515,s~...`."""
    return state.JOIN.join(f"{site.lat:.{DECIMALS}f},{site.lon:.{DECIMALS}f},{CODES[site.format]}" for site in sites)


def read_sites(text: str) -> tuple[Placed, ...] | None:
    """Sites of such an entry, at most `CAP`; pieces that are none are left out, None where nothing is left."""
    found = (_site(part) for part in text.split(state.JOIN)[:CAP])
    return tuple(dict.fromkeys(site for site in found if site is not None)) or None


def _site(text: str) -> Placed | None:
    parts = text.split(",")
    if len(parts) != 3 or parts[2] not in _FORMATS:
        return None
    lat, lon = (state.number(-180, 180)(part) for part in parts[:2])
    return None if lat is None or lon is None else placed(lat, lon, _FORMATS[parts[2]])


def read_shut(text: str) -> tuple[str, ...] | None:
    """Ids of shut stations of an entry of the address, at most `CAP`."""
    return tuple(dict.fromkeys(part for part in map(unquote, text.split(state.JOIN)[:CAP]) if part)) or None


def plan() -> Plan:
    """The plan of this session, at first that of the address."""
    none: tuple[str, ...] = ()
    nowhere: tuple[Placed, ...] = ()
    sites = state.get(SITES, nowhere, read_sites)
    return Plan(sites, state.get(SHUT, none, read_shut)[: CAP - len(sites)])


def show() -> None:
    """Write the plan into the address, as every input does when it is drawn."""
    _write(plan())


def put(wanted: Plan, *, undoable: bool = True) -> None:
    """Keep a plan and show it in the address; what was before can be brought back, unless told otherwise."""
    before = plan()
    if wanted == before:
        return
    if undoable:
        st.session_state[_UNDO] = [*st.session_state.get(_UNDO, [])[1 - CAP :], before]
    st.session_state[_TURN] = turn() + 1
    _write(wanted)


def _write(wanted: Plan) -> None:
    none: tuple[str, ...] = ()
    nowhere: tuple[Placed, ...] = ()
    state.put(SITES, wanted.sites, nowhere, sites_text)
    state.put(SHUT, wanted.shut, none, state.joined)


def turn() -> int:
    """How often the plan has changed: widgets that show it take a new key each time."""
    return int(st.session_state.get(_TURN, 0))


def can_undo() -> bool:
    """Whether there is an earlier plan of this session."""
    return bool(st.session_state.get(_UNDO))


def undo() -> None:
    """Bring the plan before the last change back."""
    stack: list[Plan] = st.session_state.get(_UNDO, [])
    if stack:
        st.session_state[_UNDO] = stack[:-1]
        put(stack[-1], undoable=False)


def add(*sites: Placed) -> bool:
    """Place sites that are not there yet; False where the plan is full, and then as many as it takes."""
    now = plan()
    new = [site for site in dict.fromkeys(sites) if site not in now.sites]
    room = CAP - now.size
    put(replace(now, sites=(*now.sites, *new[:room])))
    return len(new) <= room


def toggle(*stations: str) -> bool:
    """Shut stations that are open, and open those that are shut; False where the plan is full."""
    now = plan()
    kept = tuple(one for one in now.shut if one not in stations)
    new = [one for one in dict.fromkeys(stations) if one not in now.shut]
    room = CAP - len(now.sites) - len(kept)
    put(replace(now, shut=(*kept, *new[:room])))
    return len(new) <= room


def remove(lat: float, lon: float) -> None:
    """Take the site at a place away."""
    put(_without(lambda site: (site.lat, site.lon) == (round(lat, DECIMALS), round(lon, DECIMALS))))


def _without(gone: Callable[[Placed], bool]) -> Plan:
    now = plan()
    return replace(now, sites=tuple(site for site in now.sites if not gone(site)))
