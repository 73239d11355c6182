"""Work of many readers takes turns, so that a lever that somebody moves is answered at once.

Python runs one thread at a time: sixty results worked out side by side would all come late. What a reader waits for
comes first, what stands beside it next, and intervals when there is room.
"""

import heapq
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

AT_ONCE = max((os.cpu_count() or 2) - 1, 1)
"""Pieces of long work at a time: a core is left for answers."""
LOOK = 0.1
"""Seconds after which a reader who waits looks whether he moved on."""
AGAIN = 0.25
"""The same for one who waits before a gate, where there may be many."""
PATIENCE, PAUSE = 5.0, 1.0
"""Seconds for which long work lets others go first before it begins, and between two of its pieces."""
CROWDED = 0.005
"""Seconds that a thread keeps the interpreter while somebody waits before the gate."""
PRESS = "trigger_value"
"""What Streamlit calls the state of a button."""
RESULT, BESIDE = 0, 1
"""Who goes first: the new result, then what stands beside it."""
_turns = threading.BoundedSemaphore(AT_ONCE)
_guard = threading.Lock()
_held: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
_Turn = tuple[int, int, threading.Event]


class Gate:
    """Lets so many in at a time; of those who wait, the lowest rank first, then who came first.

    Parameters
    ----------
    places : int
        Threads inside at once. One: nothing inside waits for a disk or a database, and two would only take the
        interpreter from each other.
    """

    def __init__(self, places: int = 1) -> None:
        self._free, self._lock, self._numbers = places, threading.Lock(), count()
        self._calm = 0.0
        self._waiting: list[_Turn] = []
        self._own = threading.local()

    @property
    def crowded(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    @contextmanager
    def turn(self, rank: int) -> Iterator[None]:
        """Wait for a place and hold it; who waits for anything but a result leaves when the reader has moved on.

        Within a turn another is the same one.
        """
        if getattr(self._own, "turn", None) is not None:
            yield
            return
        if rank != RESULT:
            look_up()
        self._own.turn = self._ask((rank, next(self._numbers)))
        try:
            self._wait()
            yield
        finally:
            self._leave(self._own.turn)
            self._own.turn = None

    def breathe(self) -> None:
        """Between two pieces of work in a turn that is not for a result: let results go first, or leave as above."""
        mine = getattr(self._own, "turn", None)
        if mine is None or mine[0] == RESULT:
            return
        look_up()
        with self._lock:
            wanted = bool(self._waiting) and self._waiting[0][0] == RESULT
        if wanted:
            self._leave(mine)
            self._own.turn = self._ask(mine[:2])
            self._wait()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Long work within a turn: others have the place until it is done."""
        mine = getattr(self._own, "turn", None)
        if mine is None:
            yield
            return
        self._leave(mine)
        self._own.turn = None
        try:
            yield
        finally:
            self._own.turn = self._ask(mine[:2])
        self._wait()

    def _ask(self, order: tuple[int, int]) -> _Turn:
        """A turn that has a place, or waits for one."""
        mine = (*order, threading.Event())
        with self._lock:
            if self._free:
                self._free -= 1
                mine[-1].set()
            else:
                heapq.heappush(self._waiting, mine)
                self._pace()
        return mine

    def _wait(self) -> None:
        rank, _, mine = self._own.turn
        while not mine.wait(AGAIN):
            if rank != RESULT:
                look_up()

    def _leave(self, mine: _Turn) -> None:
        """Give up the place, or the wait for one."""
        with self._lock:
            if not mine[-1].is_set():
                self._waiting.remove(mine)
                heapq.heapify(self._waiting)
            elif self._waiting:
                heapq.heappop(self._waiting)[-1].set()
            else:
                self._free += 1
            self._pace()

    def _pace(self) -> None:
        """Threads take the interpreter from each other less often while somebody waits; each change costs time."""
        if self._waiting and not self._calm:
            self._calm = sys.getswitchinterval()
            sys.setswitchinterval(max(self._calm, CROWDED))
        elif self._calm and not self._waiting:
            sys.setswitchinterval(self._calm)
            self._calm = 0.0


GATE = Gate()


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn of long work and hold it; a reader who has moved on meanwhile leaves."""
    _let_go_first(PATIENCE)
    with _holding(_turns):
        yield


@contextmanager
def alone(key: str) -> Iterator[None]:
    """Hold what `key` names alone; who waits for it leaves when the reader has moved on.

    A cache makes the second who asks for the same wait for the first, and nobody who waits there can leave.
    """
    with _guard:
        lock = _held.setdefault(key, threading.Lock())
    with _holding(lock):
        yield


@contextmanager
def _holding(lock: "threading.Lock | threading.Semaphore") -> Iterator[None]:
    """Hold a lock, for which nobody waits who has moved on."""
    while not lock.acquire(timeout=LOOK):
        look_up()
    try:
        yield
    finally:
        lock.release()


def pause() -> None:
    """Between two pieces of long work: let those first who wait for a result, and leave if the reader has moved on."""
    look_up()
    _let_go_first(PAUSE)


def _let_go_first(seconds: float) -> None:
    """Rest while the gate is crowded, but not for ever, and not for work that no reader can end."""
    until = time.monotonic() + seconds
    while GATE.crowded and time.monotonic() < until and get_script_run_ctx(suppress_warning=True) is not None:
        rest(LOOK)


def look_up() -> None:
    """End this run where its reader has asked for another.

    For a whole page Streamlit does so at any look at the session. A lever asks for its fragment alone, which would wait
    until this run has ended: the fragment is begun again instead, with what was asked. A run that a button began goes
    on to its end, for the next would know nothing of the button.
    """
    here = get_script_run_ctx(suppress_warning=True)
    if here is None:
        return
    st.session_state.get("turns")
    if here.fragment_ids_this_run and _asked_again(here) and not _pressed(here):
        st.rerun(scope="fragment")


def rest(seconds: float) -> None:
    """Wait, and leave as soon as the reader has asked for another run."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, LOOK))
        look_up()


def _asked_again(here: ScriptRunContext) -> bool:
    """Whether a fragment of this run waits to run again, and not by the clock."""
    requests = here.script_requests
    if requests is None or requests._state is not ScriptRequestType.RERUN:
        return False
    waiting = requests._rerun_data
    return not waiting.is_auto_rerun and not {*waiting.fragment_id_queue}.isdisjoint(here.fragment_ids_this_run or ())


def _pressed(here: ScriptRunContext) -> bool:
    """Whether a button began this run."""
    state = here.session_state._state._new_widget_state
    kinds = state.widget_metadata
    return any(kinds[id].value_type == PRESS and bool(state[id]) for id in [*state] if id in kinds)
