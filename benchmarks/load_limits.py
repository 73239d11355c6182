"""What the interpreter lock allows one server, and what a second server adds."""

import math
import statistics

from benchmarks.load_lock import sampled
from benchmarks.load_runs import line, load, table, whole
from benchmarks.load_server import Watched, several

ALONE_SECONDS, SAMPLED_SECONDS = 40.0, 20.0
SATURATED = 12
"""People who move on at once, without a pause: more than enough to keep a server busy."""
MOVING = 0.03
"""Seconds between moves of somebody who moves on as soon as a new result is there."""
CAPPED = 0.5
"""Cores of a replica: two of them, nginx and the people fit into two."""
LOCKED = {MOVING: "new results", 0.0: "intervals too"}
HEAD_LOCK = ("", "ms of processor alone", "moves/s", "server cores", "with draws", "lock is held")
HEAD_LOCK += ("of the moves that a core would do",)


def lock(watched: Watched, page: str, *, turns: int = 1) -> float:
    """What a saturated server gets done over what the interpreter lock allows: the median of some turns.

    The lock lets a server have one core: it allows as many moves as a core would do at what a move takes alone. First
    for people who move on at every new result, whose share is the answer, then for people who wait for intervals.
    """
    load(watched, 1, 10, every=0, page=page)  # caches and code that only the first moves pay for
    table(HEAD_LOCK)
    shares = {every: [of_lock(watched, page, every) for _ in range(turns)] for every in (MOVING, 0.0)}
    for every, found in shares.items():
        held, done = (statistics.median(each) for each in zip(*found, strict=True))
        print(f"{LOCKED[every]}: the lock is held {held:.0%} of the time; {done:.0%} of what a core would do")
    return statistics.median(done for _, done in shares[MOVING])


def of_lock(watched: Watched, page: str, every: float) -> tuple[float, float]:
    """For people who move so often: the part of the time on the lock, and moves over those of a core.

    One person alone tells what a move takes of the processor, on the lock and off it, and so how many a core would do;
    in a crowd a move takes less. Sampling stops the server for a moment each time: moves are counted without. Without
    py-spy the time on the lock is not known (NaN).
    """
    alone = load(watched, 1, ALONE_SECONDS, every=every, page=page)
    own_each = alone.own / max(len(alone.seen.moves), 1)
    full = load(watched, SATURATED, ALONE_SECONDS, every=every, page=page)
    with sampled(watched.pids[0]) as brief:
        load(watched, SATURATED, 0.0, every=every, page=page)
    with sampled(watched.pids[0]) as held:
        seen = load(watched, SATURATED, SAMPLED_SECONDS, every=every, page=page)
    on_lock = held.seconds - brief.seconds  # without what opening the page takes
    shares = on_lock / seen.seconds if held.seconds else math.nan, full.rate * own_each
    cores = (f"{each / full.seconds:.2f}" for each in (full.own, full.cpu))
    line((LOCKED[every], f"{1000 * own_each:.1f}", f"{full.rate:.1f}", *cores, *(f"{share:.0%}" for share in shares)))
    return shares


def twice(seconds: float, cores: float = CAPPED) -> float:
    """New results a second of two replicas over one, each on so many cores, so that people have the rest.

    Both stand behind nginx. Each replica has as many people who move on at every new result.
    """
    rates = []
    for replicas in (1, 2):
        with several(replicas, cores=cores) as watched:
            load(watched, replicas, 10, every=0)
            rates.append(whole(load(watched, replicas * SATURATED, seconds, every=MOVING)).rate)
    return rates[1] / rates[0]
