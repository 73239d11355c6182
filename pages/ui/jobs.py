"""Long work beside the page: a thread that the page watches and may stop. One job of a kind a session."""

import errno
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import streamlit as st

from data.intake.refusal import IntakeError
from data.intake.watch import Cancelled, Watch
from data.platforms import carry
from data.workspace import WorkspaceError
from data.workspace.underway import WRITES

EVERY = 0.5
"""Seconds between two looks at a job."""
SMALL = 5_000_000
"""Bytes of a file that is read at once, without a thread."""
FILES, BOARD = "job", "board"
"""Kinds: reading and saving files; drawing and exporting a board. Neither stops the other."""
Error = IntakeError | WorkspaceError | Cancelled


@dataclass(slots=True, eq=False)
class Job:
    """A piece of work in a thread of its own.

    Attributes
    ----------
    name : str
        What is worked on, as the reader knows it.
    work : callable
        `work(watch)`; may raise IntakeError, WorkspaceError or Cancelled. Knows nothing of Streamlit.
    then : callable
        `then(outcome)` is called by the page with what the work returned, or with its error.
    watch : Watch
        How far it is.
    outcome : object
        What the work returned, or its error.
    may_stop : bool
        Whether the reader may stop it: not what happens wholly or not at all.
    """

    name: str
    work: Callable[[Watch], object]
    then: Callable[[object], None]
    watch: Watch = field(default_factory=Watch)
    outcome: object = None
    may_stop: bool = True
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; the thread meets the networks in use of whoever starts it."""
        self._thread = threading.Thread(target=carry(self._run), daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether the thread has ended, or was stopped: what it still finds is thrown away."""
        return self.watch.stopped or (self._thread is not None and not self._thread.is_alive())

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for the thread; whether it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is not None and not self._thread.is_alive()

    def _run(self) -> None:
        with nullcontext() if self.may_stop else saving():
            self.outcome = outcome(self.work, self.watch)


def saving() -> AbstractContextManager[None]:
    """A write that a stop of the program waits for; every transaction of the workspace is one already."""
    return WRITES.one()


def outcome(work: Callable[[Watch], object], watch: Watch) -> object:
    """Result of the work, or the error that says why there is none."""
    try:
        return work(watch)
    except (IntakeError, WorkspaceError, Cancelled) as error:
        return error
    except MemoryError:
        return IntakeError("no_memory")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return IntakeError("no_disk")


def start(
    name: str,
    work: Callable[[Watch], object],
    then: Callable[[object], None],
    *,
    size: int,
    may_stop: bool = True,
) -> None:
    """Work on something of `size` bytes: at once when it is small, else in a thread that replaces the session's."""
    if size <= SMALL:
        with nullcontext() if may_stop else saving():
            found = outcome(work, Watch())
        then(found)
    else:
        begin(name, work, then, may_stop=may_stop)


def begin(
    name: str,
    work: Callable[[Watch], object],
    then: Callable[[object], None],
    *,
    may_stop: bool = True,
    kind: str = FILES,
) -> None:
    """Work in a thread, which replaces the session's of the same kind."""
    stop(kind)
    st.session_state[_key(kind)] = job = Job(name, work, then, may_stop=may_stop)
    job.start()


def current(kind: str = FILES) -> Job | None:
    """The session's job, over or not, until its outcome has been handed on."""
    return st.session_state.get(_key(kind))


def stop(kind: str = FILES) -> None:
    """Stop the session's job, if any, and forget it."""
    job = st.session_state.pop(_key(kind), None)
    if job is not None:
        job.watch.stop()


def cancel(kind: str = FILES) -> None:
    """Stop the session's job; its outcome is then that it was stopped."""
    job = current(kind)
    if job is not None and job.may_stop:
        job.watch.stop()


def held(kind: str = FILES) -> bool:
    """Whether a job is under way that cannot be stopped."""
    job = current(kind)
    return job is not None and not job.may_stop


def hand_on(kind: str = FILES) -> bool:
    """Hand on the outcome of a job that is over, "cancelled" where it was stopped; whether there was one."""
    job = current(kind)
    if job is None or not job.over:
        return False
    st.session_state.pop(_key(kind))
    found = Cancelled() if job.watch.stopped else job.outcome
    job.then(IntakeError("unreadable") if found is None else found)
    return True


def _key(kind: str) -> str:
    return f"jobs.{kind}"
