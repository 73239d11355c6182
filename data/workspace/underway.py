"""Writes under way in this program, so that a stop waits for them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Writes:
    """How many there are, and a way to wait until there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0

    @property
    def number(self) -> int:
        """Writes under way."""
        return self._number

    def begin(self) -> None:
        """Count one more."""
        with self._changed:
            self._number += 1

    def end(self) -> None:
        """Count one less."""
        with self._changed:
            self._number -= 1
            self._changed.notify_all()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count as a write meanwhile."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long until no write is under way; whether none is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._number, max(seconds, 0.0))


WRITES = Writes()
