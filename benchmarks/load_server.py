"""Servers under load: started as `python app.py` starts them, as plain `streamlit run`, or several behind nginx."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.load_cores import capped, started
from tests.browser import free_port, running, wait_for

SCHEDULED = 2
"""Kind of clock: processor time as the scheduler counts it."""
STOLEN = 8
"""Column of `/proc/stat` that counts what the host gave to others."""
LOOK = 1.0
"""Seconds between two looks at memory and processor."""
WARM = 6.0
"""Seconds that a server has to fill its caches after it first answers."""

SCRIPT = """
import sys
from pathlib import Path
from pages.ui import server
sys.exit(server.serve(Path({script!r}), {port}, fill=lambda: None))
"""


@dataclass(slots=True)
class Watched:
    """Server processes, and what they took.

    Attributes
    ----------
    url : str
    pids : tuple of int
    looked : list of (float, float, float, float, float)
        Seconds since the epoch, resident MB of all of them and of the processes that draw for them, seconds of
        processor so far, seconds that the machine's host gave to others so far, seconds of processor of the servers
        without those who draw for them.
    """

    url: str
    pids: tuple[int, ...]
    looked: list[tuple[float, float, float, float, float]] = field(default_factory=list)

    def cpu(self) -> float:
        """Seconds of processor that the servers, and what they started, have taken so far."""
        return _together(spent, self.family())

    def family(self) -> list[int]:
        """The servers, and the processes that they started and that still run."""
        return [*self.pids, *(child for pid in self.pids for child in started(pid))]

    def resident(self) -> float:
        """Resident MB of all of them now."""
        return _together(_resident, self.family())

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Note memory and processor now and then until the block ends; what was noted before is forgotten."""
        self.looked.clear()
        done = threading.Event()

        def look() -> None:
            last = False
            while not last:
                last = done.wait(LOOK) if self.looked else False
                own = sum(spent(pid) for pid in self.pids)
                self.looked.append((time.time(), self.resident(), self.cpu(), stolen(), own))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _together(measure: Callable[[int], float], pids: Sequence[int]) -> float:
    """Of all processes that still run."""
    found = 0.0
    for pid in pids:
        with suppress(OSError, StopIteration):  # it has ended
            found += measure(pid)
    return found


def stolen() -> float:
    """Seconds of processor that this machine's host gave to others since it began, all processors together."""
    ticks = Path("/proc/stat").read_text("utf-8").split("\n", 1)[0].split()
    return int(ticks[STOLEN]) / os.sysconf("SC_CLK_TCK")


def spent(pid: int) -> float:
    """By the clock that Linux keeps of a process: to the nanosecond, threads that ended included."""
    return time.clock_gettime(~pid << 3 | SCHEDULED)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmRSS:"))


@contextmanager
def one(*, default: bool = False, cores: float | None = None) -> Iterator[Watched]:
    """A server with a workspace of its own, on so many cores; `default` is the same app under plain `streamlit run`."""
    port = free_port()
    ours: Sequence[str] = ("-m", "pages.ui.server", "--port", str(port))
    plain: Sequence[str] = ("-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("POSTHOUSE_WORKSPACE", str(folder / "workspace"))
        process = stack.enter_context(running(*(plain if default else ours), log=folder / "log"))
        wait_for(f"http://127.0.0.1:{port}")
        time.sleep(WARM)
        with _limited((process.pid,), cores):
            yield Watched(f"http://127.0.0.1:{port}", (process.pid,))


@contextmanager
def serving_script(script: Path) -> Iterator[Watched]:
    """The app's server with another script."""
    port = free_port()
    with running("-c", SCRIPT.format(script=str(script), port=port), log=script.with_suffix(".log")) as process:
        wait_for(f"http://127.0.0.1:{port}")
        time.sleep(WARM)
        yield Watched(f"http://127.0.0.1:{port}", (process.pid,))


@contextmanager
def several(replicas: int, *, cores: float | None = None) -> Iterator[Watched]:
    """As many servers, each on so many cores, behind nginx that keeps a reader at one of them."""
    from benchmarks.replicas import behind_nginx

    with behind_nginx(replicas) as found:
        time.sleep(WARM)
        with _limited(found.pids, cores):
            yield Watched(found.url, tuple(found.pids))


def _limited(pids: Sequence[int], cores: float | None) -> AbstractContextManager[None]:
    return nullcontext() if cores is None else capped(pids, cores)
