"""A press of a button is not lost when another follows it at once.

Streamlit begins each run in a thread of its own and ends the run before it. A browser says once that a button was
pressed; a run that is ended before it has taken that in, or while it does, takes the press with it. Here the next run
is told of it too, and callbacks are done to their end first. A run that asks `if st.button(...)` must still come to
that line before it is ended.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequest,
    ScriptRequests,
    ScriptRequestType,
    _coalesce_widget_states,
    _has_active_trigger_value,
)
from streamlit.runtime.state import SafeSessionState


@dataclass(slots=True, eq=False)
class Held:
    """What the runs of one session leave to each other.

    Attributes
    ----------
    left : WidgetStates or None
        Of runs that ended before they took them in.
    page : str
        Streamlit's name of the page that they are of.
    turn : threading.RLock
        Held by the run that takes in what the browser said.
    """

    left: WidgetStates | None = None
    page: str = ""
    turn: threading.RLock = field(default_factory=threading.RLock)


_sessions: WeakKeyDictionary[Any, Held] = WeakKeyDictionary()


def together(old: WidgetStates | None, new: WidgetStates | None, *, whole: bool = False) -> WidgetStates | None:
    """Newer inputs with the presses of older ones, which come first.

    Parameters
    ----------
    whole : bool
        With all older inputs that the newer ones do not name: those of another page, which its callbacks read.
    """
    merged = _coalesce_widget_states(old, new)
    if old is None or new is None or merged is None:
        return merged
    newer, kept = {one.id for one in new.widgets}, {one.id for one in merged.widgets}
    more = [one for one in old.widgets if whole and one.id not in kept]
    return WidgetStates(widgets=sorted([*merged.widgets, *more], key=lambda one: one.id in newer))


def pressed(states: WidgetStates | None) -> bool:
    """Whether a button is among the inputs: without one there is nothing that the newer ones do not say."""
    return states is not None and any(map(_has_active_trigger_value, states.widgets))


class Requests(ScriptRequests):
    """What a run is asked for; knows which inputs it was given and has not taken in."""

    def __init__(self, held: Held) -> None:
        super().__init__()
        self.held = held
        self._given: RerunData | None = None
        self._taking = False
        self._whole = threading.RLock()

    def on_scriptrunner_ready(self) -> ScriptRequest:
        """Give the first request, or the next."""
        with self._whole:
            return self._noted(super().on_scriptrunner_ready())

    def on_scriptrunner_yield(self) -> ScriptRequest | None:
        """Give what ends a run; nothing does while buttons are answered."""
        if self._taking or self._state is ScriptRequestType.CONTINUE:
            return None
        with self._whole:
            found = super().on_scriptrunner_yield()
            return found and self._noted(found)

    def request_stop(self) -> None:
        """End the run, and leave to the next the presses that it has not taken in."""
        with self._whole:
            waiting = self._rerun_data if self._state is ScriptRequestType.RERUN else None
            super().request_stop()
            for asked in (self._given, waiting):
                if asked is not None and pressed(asked.widget_states):
                    self.held.left = together(self.held.left, asked.widget_states)
                    self.held.page = asked.page_script_hash
            self._given = None

    @contextmanager
    def taking(self) -> Iterator[None]:
        """While this lasts the run takes in what it was given; one that was ended before does not begin to."""
        with self.held.turn:
            with self._whole:
                self._taking = not self.stopped
                if self._taking:
                    self._given = None
            try:
                yield
            finally:
                self._taking = False

    @property
    def stopped(self) -> bool:
        """Whether another run has taken this one's place."""
        return self._state is ScriptRequestType.STOP

    def _noted(self, found: ScriptRequest) -> ScriptRequest:
        self._given = found.rerun_data if found.type is ScriptRequestType.RERUN else None
        return found


class State(SafeSessionState):
    """The session's state, whose inputs one run at a time takes in."""

    def on_script_will_rerun(self, fresh_widget_states: WidgetStates | None, **more: Any) -> None:
        """Take in what the browser said, and do what its buttons ask for."""
        with self._requests.taking():
            super().on_script_will_rerun(fresh_widget_states, **more)

    def on_script_finished(self, widget_ids_this_run: frozenset[str], **more: Any) -> None:
        """Forget what is no longer on the page; not while another run takes in, nor after another has begun."""
        with self._requests.held.turn:
            if not self._requests.stopped:
                super().on_script_finished(widget_ids_this_run, **more)


class Runner(ScriptRunner):
    """Begins with what the run before it has left."""

    def __init__(self, *, initial_rerun_data: RerunData, **more: Any) -> None:
        held = _sessions.setdefault(more["fragment_storage"], Held())
        left, held.left = held.left, None
        if left is not None:
            gone = held.page != initial_rerun_data.page_script_hash
            states = together(left, initial_rerun_data.widget_states, whole=gone)
            initial_rerun_data = replace(initial_rerun_data, widget_states=states, fragment_id=None)
        super().__init__(initial_rerun_data=initial_rerun_data, **more)
        self._requests = Requests(held)
        self._requests.request_rerun(initial_rerun_data)
        self._session_state = State(more["session_state"], self._maybe_handle_execution_control_request)
        object.__setattr__(self._session_state, "_requests", self._requests)


def keep() -> None:
    """Let every run of this server that begins from now on be such a one."""
    vars(app_session)["ScriptRunner"] = Runner
