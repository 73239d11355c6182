"""Progress of a long read, and a way to stop it."""

from collections.abc import Callable
from dataclasses import dataclass, field


class Cancelled(Exception):
    """The reader of the file stopped it."""


@dataclass(slots=True)
class Watch:
    """Shared by the thread that reads and whoever watches it.

    Attributes
    ----------
    stage : str
        Key of what is being done: "opening", "decoding", "reading", "checking" or "done"; words under `stage.<key>`.
    done, total : int
        Rows, or bytes while opening and decoding; a total of 0 is not known yet.
    stopped : bool
        Set by `stop`; the reading thread raises `Cancelled` at its next `report`.
    probe : callable or None
        Tells the percentage of a running query, negative when it is not known.
    on_stop : list of callable
        Called once by `stop`, to interrupt a query.
    """

    stage: str = "opening"
    done: int = 0
    total: int = 0
    stopped: bool = False
    probe: Callable[[], float] | None = None
    on_stop: list[Callable[[], object]] = field(default_factory=list)

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say how far the work is.

        Raises
        ------
        Cancelled
            It was stopped meanwhile.
        """
        if self.stopped:
            raise Cancelled
        self.stage, self.done, self.total, self.probe = stage, done, total, None

    @property
    def fraction(self) -> float | None:
        """Part of the stage that is done, 0 to 1; None while it is not known."""
        probe = self.probe
        percent = probe() if probe else -1.0
        if percent >= 0:
            return min(percent / 100, 1.0)
        return min(self.done / self.total, 1.0) if self.total and not probe else None

    @property
    def count(self) -> int:
        """Rows, or bytes while opening and decoding, that are done; estimated while a query runs."""
        part = self.fraction
        return round(part * self.total) if self.probe and part is not None else self.done

    def stop(self) -> None:
        """Stop the work from another thread."""
        self.stopped = True
        for call in self.on_stop:
            call()
