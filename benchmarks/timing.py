"""Times that ratios are made of."""

import time
from collections.abc import Callable


def best(run: Callable[[], object], runs: int = 5, *, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of the fastest of several runs."""
    taken = []
    for _ in range(runs):
        start = clock()
        run()
        taken.append(clock() - start)
    return min(taken)


def over(theirs: Callable[[], object], ours: Callable[[], object], *, runs: int = 5, theirs_runs: int = 2) -> float:
    """How many times our processor seconds the other way takes.

    The fastest of each counts, so that other work on the machine changes little.
    """
    ours()
    return best(theirs, theirs_runs, clock=time.process_time) / best(ours, runs, clock=time.process_time)
