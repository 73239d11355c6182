"""Draws in processes of their own: thousands of short steps, each of which would wait for the interpreter lock.

`python -m analysis.scenario.drawers` is such a process. It reads jobs from its standard input and writes draws to its
standard output until the input ends; what else it prints goes where errors go.
"""

import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path as File
from typing import IO

from analysis.scenario.draws import VARY, Draws, draw
from analysis.scenario.path import Path
from data.platforms import Platform, added, using

ROOT = File(__file__).resolve().parents[2]
LOOK = 0.1
"""Seconds after which who waits looks whether the draws are still wanted."""
LONGEST = 60.0
"""Seconds after which a process that gave no answer is ended; a job takes less than one."""
MOST_FAILURES = 3
"""In a row: whoever broke down so often is asked no more."""
NICE = 5
"""How far behind a server's own work the processes stand."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
BREAKS = (OSError, EOFError, MemoryError, ValueError, TypeError, LookupError, AttributeError, ImportError)
"""What comes of a process that ended, or of an answer that is none."""
_LOG = logging.getLogger(__name__)
_Job = tuple[tuple[Platform, ...], Path, float, int, int, tuple[str, ...]]


class Drawers:
    """Processes that draw, begun now, and anew when one has ended or gives no answer; `close` ends them.

    Parameters
    ----------
    processes : int
        Jobs at a time; others wait in the order in which they came.
    """

    def __init__(self, processes: int) -> None:
        self._pool = ThreadPoolExecutor(processes, thread_name_prefix="drawer")
        self._own = threading.local()
        self._guard, self._closed = threading.Lock(), False
        self._processes: list[subprocess.Popen[bytes]] = []
        self._numbers, self._failures = count(), 0
        for _ in range(processes):
            self._pool.submit(self._process)

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the processes that run."""
        with self._guard:
            return tuple(one.pid for one in self._processes if one.poll() is None)

    @property
    def working(self) -> bool:
        """Whether they are worth asking: not after several broke down in a row."""
        return self._failures < MOST_FAILURES

    def draw(
        self,
        path: Path,
        growth_per_year: float,
        *,
        draws: int,
        seed: int,
        vary: Sequence[str] = VARY,
        pause: Callable[[], object] = tuple,
    ) -> Draws:
        """The very numbers that `analysis.scenario.draws.draw` gives; here, where a process breaks down.

        `pause` is called while one waits: what it raises ends the wait.
        """
        asked = (added(), path, growth_per_year, draws, seed, tuple(vary))
        if not path.found.touched:  # next to no work, and all of the answer would go through a pipe
            return _answer(asked)
        with self._guard:
            job = None if self._closed else self._pool.submit(self._drawn, asked)
        if job is None:
            return _answer(asked)
        try:
            while True:
                with suppress(TimeoutError):
                    return job.result(LOOK)
                pause()
        except CancelledError:  # closed meanwhile
            return _answer(asked)
        finally:
            job.cancel()

    def close(self) -> None:
        """End the processes at once; what they were at, and what is asked for from now on, is drawn here."""
        with self._guard:
            self._closed = True
            left, self._processes = self._processes, []
        for one in left:
            one.kill()
        self._pool.shutdown(cancel_futures=True)
        for one in left:
            _end(one)

    def _drawn(self, job: _Job) -> Draws:
        with ExitStack() as stack:
            stack.callback(self._drop)  # whatever is left in the pipes is of no other job
            try:
                found = _asked(self._process(), next(self._numbers), job)
            except BREAKS as error:
                if self._closed:
                    raise CancelledError from error
                self._failures += 1
                _LOG.warning("a process that draws broke down (%s): drawn in the server", type(error).__name__)
                return _answer(job)
            stack.pop_all()
        self._failures = 0
        return found

    def _process(self) -> subprocess.Popen[bytes]:
        """That of this thread."""
        own: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if own is None or own.poll() is not None:
            self._drop()
            with self._guard:
                if self._closed:
                    raise CancelledError
                own = _started()
                self._processes.append(own)
            self._own.process = own
        return own

    def _drop(self) -> None:
        """Forget the process of this thread."""
        own: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        self._own.process = None
        if own is None:
            return
        with self._guard:
            if own in self._processes:
                self._processes.remove(own)
        _end(own)


def _started() -> "subprocess.Popen[bytes]":
    """A process with a session of its own, so that an interrupt from the keyboard is the server's alone.

    What it would say is the server's to say: the same job, done there, ends in the same way.
    """
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD},
        start_new_session=True,
    )


def _asked(process: subprocess.Popen[bytes], number: int, job: _Job) -> Draws:
    """The answer of a process to a job; one that takes too long is ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Timer(LONGEST, process.kill)
    late.daemon = True
    late.start()
    try:
        pickle.dump((number, job), process.stdin, pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
        answered, found = pickle.load(process.stdout)
    except pickle.PickleError as error:
        raise ValueError("no answer of a process that draws") from error
    finally:
        late.cancel()
    if answered != number or not isinstance(found, Draws):
        raise ValueError("an answer to another job")
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and take what is left of it."""
    process.kill()
    with ExitStack() as stack:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                stack.callback(_closed, pipe)
    process.wait()


def _closed(pipe: IO[bytes]) -> None:
    with suppress(OSError):  # what was left to write has no reader any more
        pipe.close()


def _answer(job: _Job) -> Draws:
    networks, path, growth_per_year, draws, seed, vary = job
    with using(networks):
        return draw(path, growth_per_year, draws=draws, seed=seed, vary=vary)


def main() -> int:
    """Draw what is asked for until nobody asks any more; the server alone ends this, by closing the input."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with suppress(OSError):  # not everybody may
            os.nice(NICE)
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out, suppress(EOFError, BrokenPipeError):
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        while True:
            number, job = pickle.load(sys.stdin.buffer)
            pickle.dump((number, _answer(job)), out, pickle.HIGHEST_PROTOCOL)
            out.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
