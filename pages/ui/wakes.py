"""An event loop that is woken once for many messages, and rubbish that is collected once for many runs.

Streamlit wakes the loop at every message of a script: each time by a byte in a pipe, at which the script loses the
interpreter lock. And it collects all rubbish at the end of every run, while everybody waits.
"""

import asyncio
import gc
import sys
import threading
from typing import Any

EVERY = 5.0
"""Seconds between two collections."""

if sys.platform == "win32":
    Loop = asyncio.ProactorEventLoop
else:
    _PLAIN: Any = asyncio.SelectorEventLoop  # its own description leaves out how it is woken

    class Loop(asyncio.SelectorEventLoop):
        """Writes no byte while one waits.

        A call is put down before its byte is written or left out. Left out, it was put down before the byte that waited
        was read, and the loop looks at all calls put down before it sleeps again.
        """

        _woken = False

        def _write_to_self(self) -> None:
            if not self._woken:
                self._woken = True
                _PLAIN._write_to_self(self)

        def _read_from_self(self) -> None:
            _PLAIN._read_from_self(self)
            self._woken = False


def collect_apart() -> threading.Event:
    """Collect rubbish now and then in a thread, not after each run; ends when what is returned is set.

    Without any, tables that runs copied and that refer to themselves would pile up. Where nothing was made since the
    last time, nothing is collected.
    """
    from streamlit import config

    config.set_option("runner.postScriptGC", False)
    over = threading.Event()

    def work() -> None:
        before = _young()
        while not over.wait(EVERY):
            if _young() != before:
                gc.collect()
            before = _young()

    threading.Thread(target=work, name="collector", daemon=True).start()
    return over


def _young() -> int:
    """Collections of what is new so far: Python makes one for every seven hundred objects or so."""
    return gc.get_stats()[0]["collections"]
