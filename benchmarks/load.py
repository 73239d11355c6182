"""People who move levers at once: `python -m benchmarks.load [--people 60 --minutes 20]`.

Each has a session of their own on the Scenario page and moves a slider every five seconds, through a real WebSocket
and Streamlit's own messages. Timed are the new result (the first chart or figure that is another than before) and the
end of the run, which has the intervals; a run that has not come to its end when its person moves on is cut short, as on
screen. The people share the machine's cores with the server: their own processor time is printed beside the server's.

`--climb` looks for where it saturates, `--alone` measures one person, `--default` serves the same app by plain
`streamlit run`, `--replicas 2` puts as many servers behind nginx, `--lock` compares what a saturated server gets done
with what the interpreter lock allows.
"""

import argparse
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress

import numpy as np

from benchmarks.load_cores import CoresError
from benchmarks.load_crowd import percentile
from benchmarks.load_limits import lock, twice
from benchmarks.load_runs import CLIMB_SECONDS, HEAD, HEAD_SERVER, Outcome, line, load, table, whole
from benchmarks.load_server import Watched, one, several

PEOPLE = 60
CLIMB = (1, 10, 30, 60, 90, 120)
TARGET = 1.0
"""Seconds to the new result that 95 of 100 moves keep under."""
HEAD_MINUTE = ("minute", "moves", "p50 ms", "p95 ms", "max ms", "server cores", "cores the host gave to others")
MINUTE = 60.0


def grown(memory: Sequence[tuple[float, float]]) -> str:
    """Resident MB at some moments, and by how much a minute it grew in the second half."""
    moved = [(at, size) for at, size in memory if at >= 0]
    if len(moved) < 4:
        return "memory: too short to say"
    chosen = [moved[round(part * (len(moved) - 1))] for part in (0, 0.25, 0.5, 0.75, 1)]
    half = np.array(moved[len(moved) // 2 :])
    slope = 60 * float(np.polyfit(half[:, 0], half[:, 1], 1)[0])
    said = ", ".join(f"{size:,.0f} MB at {at / 60:.1f} min" for at, size in chosen)
    return f"memory: {said}; second half {slope:+.1f} MB a minute"


def by_minute(outcome: Outcome) -> None:
    """Print what each minute was like, beside what the machine could give in it."""
    at, spent, stolen = np.array(outcome.machine).T
    moves = [(move.at - outcome.seen.began, move.result) for move in outcome.seen.moves if move.result]
    table(HEAD_MINUTE)
    for begun in np.arange(0, outcome.seconds - MINUTE / 2, MINUTE):
        ends = (begun, min(begun + MINUTE, outcome.seconds))
        results = [result for when, result in moves if ends[0] <= when < ends[1]]
        times = (percentile(results, 0.5), percentile(results, 0.95), max(results, default=np.nan))
        cores = (float(np.diff(np.interp(ends, at, each))[0]) / (ends[1] - ends[0]) for each in (spent, stolen))
        cells = (f"{begun / MINUTE:.0f}", f"{len(results)}", *(f"{1000 * value:,.0f}" for value in times))
        line((*cells, *(f"{value:.2f}" for value in cores)))


def said_errors(outcome: Outcome) -> None:
    """Print what went wrong, each once."""
    for error in sorted(set(outcome.seen.errors)):
        print(f"error ({outcome.seen.errors.count(error)} times): {error}")


def steady(watched: Watched, people: int, minutes: float, page: str) -> Outcome:
    """A soak: people for some minutes."""
    outcome = load(watched, people, 60 * minutes, page=page)
    table((*HEAD, *HEAD_SERVER))
    line(outcome.row())
    print(grown(outcome.memory))
    by_minute(outcome)
    said_errors(outcome)
    return outcome


def climb(watched: Watched, steps: Sequence[int], page: str) -> list[Outcome]:
    """More and more people, until the new result takes longer than it may for good."""
    table((*HEAD, *HEAD_SERVER))
    found = []
    for people in steps:
        found.append(load(watched, people, CLIMB_SECONDS, page=page))
        line(found[-1].row())
    late = [one.people for one in found if not percentile(one.results, 0.95) < TARGET]
    print(f"p95 of {TARGET:g} s is passed at {late[0]} people" if late else "p95 stays under the target")
    return found


def ratios(*, quick: bool) -> dict[str, float]:
    """Plain `streamlit run` over ours for 60 people, the share of the lock, and two replicas over one server."""
    seconds = 20.0 if quick else CLIMB_SECONDS
    found: dict[str, float] = {}
    with one() as watched:
        ours = whole(load(watched, PEOPLE, seconds))
        found["lock"] = lock(watched, "scenario")
    with one(default=True) as watched:
        theirs = load(watched, PEOPLE, seconds)
    if not theirs.seen.errors:  # who lost readers is no measure
        found["default"] = percentile(theirs.results, 0.95) / percentile(ours.results, 0.95)
    with suppress(CoresError):  # not a ratio of this machine
        found["replicas"] = twice(seconds)
    return found


def serving(*, default: bool, replicas: int) -> AbstractContextManager[Watched]:
    """The servers asked for."""
    return several(replicas) if replicas > 1 else one(default=default)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--page", default="scenario")
    parser.add_argument("--climb", nargs="*", type=int, metavar="PEOPLE", help="where it saturates")
    parser.add_argument("--alone", action="store_true", help="one person")
    parser.add_argument("--default", action="store_true", help="plain `streamlit run`")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--lock", action="store_true", help="share of what the interpreter lock allows")
    parser.add_argument("--turns", type=int, default=1, help="of --lock: the median is told")
    asked = parser.parse_args()
    start = time.perf_counter()
    with serving(default=asked.default, replicas=asked.replicas) as watched:
        if asked.climb is not None:
            climb(watched, asked.climb or CLIMB, asked.page)
        elif asked.lock:
            lock(watched, asked.page, turns=asked.turns)
        else:
            steady(watched, 1 if asked.alone else asked.people, asked.minutes, asked.page)
    print(f"took {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
