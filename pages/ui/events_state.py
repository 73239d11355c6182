"""The last count of the parcel events: one for the whole server, in a thread that every reader's page may watch."""

import threading
from dataclasses import dataclass, field

from data import settings
from data.engine import Counted, EngineError, count
from data.engine.run import ready
from data.intake.watch import Cancelled, Watch
from data.platforms import using
from pages.ui import logs, metrics

Key = tuple[str, str]
"""Where the events are, and the engine's setting."""


@dataclass(slots=True)
class Room:
    """What is known of the events of one setting.

    Attributes
    ----------
    counted : Counted or None
        The last count that came to its end.
    problem : EngineError or None
        Why the last one did not.
    watch : Watch or None
        Of the count that runs.
    """

    counted: Counted | None = None
    problem: EngineError | None = None
    watch: Watch | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_ROOMS: dict[Key, Room] = {}
_LOCK = threading.Lock()


def key() -> Key:
    """What is set now."""
    return settings.events(), settings.engine()


def room() -> Room:
    """What is known of the events that are set now."""
    with _LOCK:
        return _ROOMS.setdefault(key(), Room())


def away() -> EngineError | None:
    """Why the engine cannot be asked now; None where it answers."""
    return ready(*key())


def begin() -> None:
    """Count in a thread, unless that is under way."""
    here = room()
    with here.lock:
        if here.watch is None:
            here.watch = Watch()
            threading.Thread(target=_run, args=(here, key(), here.watch), daemon=True).start()


def cancel() -> None:
    """Stop the count that runs."""
    watch = room().watch
    if watch is not None:
        watch.stop()


def _run(here: Room, where: Key, watch: Watch) -> None:
    problem: EngineError | None = None
    try:
        with using(()):  # a count is everybody's: networks that one reader added are resolved where it is brought in
            here.counted = count(*where, watch=watch)
    except EngineError as error:
        problem = error
    except Cancelled:
        problem = here.problem
    except BaseException as error:
        problem = EngineError("unforeseen", reference=logs.failed(error, count=metrics.figures().failed, on="events"))
        raise
    finally:
        with here.lock:
            here.problem, here.watch = problem, None
