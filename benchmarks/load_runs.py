"""A crowd let loose on servers: what it saw, what they took."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.load_crowd import Crowd, percentile
from benchmarks.load_person import LoadError, Move
from benchmarks.load_server import Watched
from tests.browser import ROOT

EVERY = 5.0
"""Seconds from one move of a person to the next."""
CLIMB_SECONDS = 60.0
HEAD = ("people", "moves/s", "p50 ms", "p95 ms", "max ms", "end p50 ms", "end p95 ms", "to the end", "errors")
HEAD_SERVER = ("server cores", "server ms a move", "people's cores", "MB")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crowd saw and what the servers took meanwhile.

    Attributes
    ----------
    people : int
    seen : Crowd
    cpu, own : float
        Seconds of processor that the servers took while levers were moved, with and without those who draw for them.
    memory : list of (float, float)
        Seconds since the levers began to move, resident MB.
    machine : list of (float, float, float)
        Seconds since the levers began to move, seconds of processor of the servers and seconds that the machine's host
        gave to others, both so far.
    """

    people: int
    seen: Crowd
    cpu: float
    memory: list[tuple[float, float]]
    own: float = 0.0
    machine: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """While levers were moved."""
        return max(self.seen.ended - self.seen.began, 1e-9)

    @property
    def rate(self) -> float:
        """Moves a second."""
        return len(self.seen.moves) / self.seconds

    @property
    def results(self) -> list[float]:
        """Seconds to the new result of each move."""
        return [move.result for move in self.seen.moves if move.result]

    @property
    def each(self) -> float:
        """Seconds of processor a move."""
        return self.cpu / max(len(self.seen.moves), 1)

    def row(self) -> tuple[str, ...]:
        """Under `HEAD` and `HEAD_SERVER`."""
        ends = [move.end for move in self.seen.moves if move.end]
        times = [percentile(self.results, 0.5), percentile(self.results, 0.95), max(self.results, default=np.nan)]
        times += [percentile(ends, 0.5), percentile(ends, 0.95)]
        return (
            f"{self.people}",
            f"{self.rate:.1f}",
            *(f"{1000 * value:,.0f}" for value in times),
            f"{len(ends) / max(len(self.seen.moves), 1):.0%}",
            f"{len(self.seen.errors)}",
            f"{self.cpu / self.seconds:.2f}",
            f"{1000 * self.each:.0f}",
            f"{self.seen.cpu / self.seconds:.2f}",
            f"{max((size for _, size in self.memory), default=np.nan):,.0f}",
        )


def load(watched: Watched, people: int, seconds: float, *, every: float = EVERY, page: str = "scenario") -> Outcome:
    """Let a crowd of its own process loose on a server."""
    command = [sys.executable, "-m", "benchmarks.load_crowd", watched.url, "--page", page]
    command += ["--people", str(people), "--seconds", str(seconds), "--every", str(every)]
    with watched.looking():
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    raw = json.loads(done.stdout.splitlines()[-1])
    seen = Crowd(**{**raw, "moves": [Move(**move) for move in raw["moves"]]})
    times, sizes, spent, stolen, owned = np.array(watched.looked).T
    cpu, own = (float(np.diff(np.interp([seen.began, seen.ended], times, each))[0]) for each in (spent, owned))
    since = (times - seen.began).tolist()
    memory = list(zip(since, sizes.tolist(), strict=True))
    return Outcome(people, seen, cpu, memory, own, list(zip(since, spent.tolist(), stolen.tolist(), strict=True)))


def table(head: Sequence[str]) -> None:
    """Print the head of a markdown table."""
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)


def line(cells: Sequence[str]) -> None:
    """Print a row of it."""
    print(f"| {' | '.join(cells)} |", flush=True)


def whole(outcome: Outcome) -> Outcome:
    """An outcome in which nobody was lost; without him the others would have had it easier."""
    if outcome.seen.errors or len(outcome.seen.opened) < outcome.people:
        raise LoadError("; ".join(sorted(set(outcome.seen.errors))) or "somebody could not open the page")
    return outcome
