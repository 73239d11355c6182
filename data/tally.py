"""Writes and refusals, told to whoever counts them: by kind, never whose they are or what they hold."""

from collections.abc import Callable

WROTE, REFUSED = "wrote", "refused"
_HEARD: list[Callable[[str, str], None]] = []


def hear(count: Callable[[str, str], None]) -> None:
    """Call `count(what, name)` from here on: "wrote" with kind and write ("board.save"), "refused" with a code."""
    _HEARD.append(count)


def ignore(count: Callable[[str, str], None]) -> None:
    """Call it no more."""
    if count in _HEARD:
        _HEARD.remove(count)


def tell(what: str, name: str) -> None:
    """Tell that it happened."""
    for count in tuple(_HEARD):
        count(what, name)
