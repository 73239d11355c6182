"""The rooms of the Map page: one entry here adds one."""

from collections.abc import Callable

from analysis.views.look import Look
from data.markets import Market
from pages.ui import map_catchment, map_coverage, map_explore, map_lockers, map_nation, map_rural
from pages.ui.inputs import Filters

_SECTIONS: dict[str, Callable[..., None]] = {
    "explore": map_explore.section,
    "nation": map_nation.section,
    "coverage": map_coverage.section,
    "catchment": map_catchment.section,
    "lockers": map_lockers.section,
    "rural": map_rural.section,
}
_BARS: dict[str, Callable[[Look], None]] = {"explore": map_explore.bar}
BY_NETWORK = ("nation",)
"""Rooms that show the networks of the filters alone; the others are about the one in focus among all of them."""
ROOMS = tuple(_SECTIONS)
"""In their order on the page; each has words in the catalogue (`room`)."""


def bar(look: Look, room: str) -> None:
    """What a room asks beside the network and the city."""
    if room in _BARS:
        _BARS[room](look)


def show(look: Look, market: Market, filters: Filters, *, room: str, network: str, place: str) -> None:
    """Draw one room for the network in focus and one city ("all" for every one)."""
    _SECTIONS[room](look, market, filters, network=network, place=place)
