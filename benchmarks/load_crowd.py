"""People at a page, in a process of their own: each moves a lever every few seconds and waits for what comes.

`python -m benchmarks.load_crowd URL --people 60 --seconds 60` prints one line of JSON.
"""

import argparse
import asyncio
import json
import math
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from benchmarks.load_person import FAULTS, Move, Person

ARRIVE = 0.25
"""Seconds between two people who open the page."""
JITTER = 0.4
"""A pause is so much longer or shorter at most, as a part of itself."""


@dataclass(slots=True)
class Crowd:
    """What people saw.

    Attributes
    ----------
    opened : list of float
        Seconds of the first run of each.
    moves : list of Move
    errors : list of str
    began, ended : float
        Seconds since the epoch between which levers were moved.
    cpu : float
        Seconds of processor that the people themselves took.
    """

    opened: list[float] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    cpu: float = 0.0


async def crowd(url: str, page: str, people: int, seconds: float, every: float) -> Crowd:
    """Open the page for each, then move levers for some seconds.

    Parameters
    ----------
    every : float
        Seconds from one move to the next of the same person; 0 moves on as soon as a run has ended.
    """
    found, spent = Crowd(), time.process_time()
    everyone = [person for number in range(people) if (person := await _opened(url, page, number, found))]
    found.began = time.time()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_stay(person, until, every, found) for person in everyone))
    found.ended, found.cpu = time.time(), time.process_time() - spent
    await asyncio.gather(*(_gone(person) for person in everyone))
    return found


async def _gone(person: Person) -> None:
    with suppress(*FAULTS):
        await person.close()


async def _opened(url: str, page: str, number: int, found: Crowd) -> Person | None:
    person = Person(url, page, number)
    try:
        found.opened.append((await person.open()).end)
    except FAULTS as error:
        found.errors.append(_said(error))
        return None
    await asyncio.sleep(ARRIVE)
    return person


async def _stay(person: Person, until: float, every: float, found: Crowd) -> None:
    await asyncio.sleep(every * person.random.random())
    while (start := time.perf_counter()) < until:
        then = start + every * person.random.uniform(1 - JITTER, 1 + JITTER) if every else math.inf
        try:
            found.moves.append(await person.move(then))
        except FAULTS as error:
            found.errors.append(_said(error))
            return
        if every:
            await asyncio.sleep(max(then - time.perf_counter(), 0.0))


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of them lie; not a number for none."""
    if len(values) < 2:
        return next(iter(values), float("nan"))
    return statistics.quantiles(values, n=1000, method="inclusive")[min(round(part * 1000), 999) - 1]


def main() -> int:
    """Run a crowd and print what it saw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--page", default="scenario")
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=5.0)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    found = asyncio.run(crowd(asked.url, asked.page, asked.people, asked.seconds, asked.every))
    json.dump(asdict(found), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
