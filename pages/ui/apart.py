"""Draws of a projection: in processes beside a server, in turns of long work where there are none."""

from typing import TYPE_CHECKING

from data import settings
from pages.ui import turns

if TYPE_CHECKING:
    from analysis.scenario import Projection
    from analysis.scenario.drawers import Drawers

_open: "list[Drawers]" = []


def begin() -> None:
    """Start as many processes as are set."""
    number = settings.drawers()
    if not number:
        return
    from analysis.scenario.drawers import Drawers

    _open.append(Drawers(number))


def end() -> None:
    """End them."""
    while _open:
        _open.pop().close()


def drawn(point: "Projection", draws: int) -> "Projection":
    """A point projection with its draws; a reader who moves on meanwhile leaves."""
    from analysis.scenario import with_draws

    if (here := _open[-1:]) and here[0].working:
        return with_draws(point, draws=draws, pause=turns.look_up, by=here[0].draw)
    with turns.turn():
        return with_draws(point, draws=draws, pause=turns.pause)
