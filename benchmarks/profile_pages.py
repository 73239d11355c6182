"""What each page costs the server: `python -m benchmarks.profile_pages [--runs N] [--functions]`.

Pages are opened and run again through a real WebSocket; processor seconds are the server's own, so that other work on
the machine changes little. A page of 200 `st.write` runs in turn with them: ratios are to that, and a host that is
slow for a while is slow for both.
`--functions` samples each page's reruns with py-spy and names where the time goes.
"""

import argparse
import asyncio
import math
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.load_lock import sampled
from benchmarks.load_person import Move, Person
from benchmarks.load_runs import line, table
from benchmarks.load_server import Watched, one, serving_script

PAGES = ("overview", "share", "subsidy", "scenario", "growth", "map", "record", "data", "present")
PLAIN = """
import streamlit as st
for number in range(200):
    st.write(number)
"""
LEVER = "scenario, a lever"
RUNS, QUICK, WARM_UP = 5, 4, 2
OURS = ("pages/", "analysis/", "data/")
NAMED = 12
"""Functions named a page."""
HEAD = ("page", "first ms", "again ms", "over 200 st.write", "kB", "messages", "seconds to the end")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page costs the server.

    Attributes
    ----------
    first, again : float
        Seconds of processor of the first run in a session, and the median of several further ones.
    plain : float
        Median of the runs of 200 `st.write` between them; nan without any.
    kilobytes, messages, seconds : float, int, float
        What the run nearest that median sends, and how long it takes to its end.
    """

    first: float
    again: float
    plain: float
    kilobytes: float
    messages: int
    seconds: float

    @property
    def ratio(self) -> float:
        """Of a further run, to 200 `st.write`."""
        return self.again / self.plain


async def cost(
    watched: Watched, page: str, *, beside: Watched | None = None, runs: int = RUNS, lever: bool = False
) -> Cost:
    """Open a page, run it again (or move its levers) some times, each time after the plain page `beside` it."""
    async with AsyncExitStack() as stack:
        person, first = await _opened(stack, watched, page)
        other = None if beside is None else (await _opened(stack, beside, ""))[0]
        times, moves, plain = [], [], []
        for _ in range(WARM_UP + runs):
            if beside is not None and other is not None:
                plain.append((await _spent(beside, other.again()))[0])
            took, move = await _spent(watched, person.move() if lever else person.again())
            times.append(took)
            moves.append(move)
    again, usual = median(times[WARM_UP:]), median(plain[WARM_UP:]) if plain else math.nan
    move = moves[min(range(WARM_UP, len(times)), key=lambda n: abs(times[n] - again))]
    return Cost(first, again, usual, move.kilobytes, move.messages, move.end)


async def _opened(stack: AsyncExitStack, watched: Watched, page: str) -> tuple[Person, float]:
    """Somebody who has opened a page, and leaves with the stack; seconds of processor of that."""
    person = Person(watched.url, page, 0)
    took, _ = await _spent(watched, person.open())
    stack.push_async_callback(person.close)
    return person, took


async def _spent(watched: Watched, act: Coroutine[object, object, Move]) -> tuple[float, Move]:
    """Seconds of processor that something takes, and what came of it."""
    start = watched.cpu()
    move = await act
    return watched.cpu() - start, move


@contextmanager
def plain() -> Iterator[Watched]:
    """A page of 200 `st.write` on the server of the app."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "plain.py"
        script.write_text(PLAIN, "utf-8")
        with serving_script(script) as watched:
            yield watched


def costs(pages: tuple[str, ...] = PAGES, *, runs: int = RUNS) -> dict[str, Cost]:
    """Every page, and a lever of the Scenario page."""
    with plain() as beside, one() as watched:
        found = {page: asyncio.run(cost(watched, page, beside=beside, runs=runs)) for page in pages}
        found[LEVER] = asyncio.run(cost(watched, "scenario", beside=beside, runs=2 * runs, lever=True))
    return found


def ratios(*, quick: bool) -> dict[str, float]:
    """Processor time of a further run of each page, and of a lever, over that of a page of 200 `st.write`."""
    found = costs(runs=QUICK if quick else RUNS)
    return {name.replace(", a ", "-"): page.ratio for name, page in found.items()}


def functions(watched: Watched, page: str, runs: int, *, lever: bool) -> list[str]:
    """The functions of the project that a page's reruns spend most in, with what they call, as parts of the whole."""
    with sampled(watched.pids[0]) as held:
        asyncio.run(cost(watched, page, runs=runs, lever=lever))
    inside: Counter[str] = Counter()
    for frames, count in held.stacks:
        functions = {frame.partition(":")[0] for frame in frames}  # whatever line they are at
        inside.update({name: count for name in functions if name.split(" (")[-1].startswith(OURS)})
    whole = sum(count for _, count in held.stacks) or 1
    return [f"{name}) {count / whole:.0%}" for name, count in inside.most_common(NAMED)]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=PAGES)
    parser.add_argument("--functions", action="store_true", help="where the time goes, by py-spy")
    asked = parser.parse_args()
    found = costs(tuple(asked.pages), runs=asked.runs)
    table(HEAD)
    for name, page in sorted(found.items(), key=lambda item: -item[1].again):
        times = (f"{1000 * page.first:,.0f}", f"{1000 * page.again:,.0f}", f"{page.ratio:.1f}")
        line((name, *times, f"{page.kilobytes:,.0f}", f"{page.messages}", f"{page.seconds:.2f}"))
    print(f"200 st.write: {1000 * median(page.plain for page in found.values()):.0f} ms")
    if asked.functions:
        with one() as watched:
            for name in found:
                page, _, lever = name.partition(", ")
                said = functions(watched, page, 10 * asked.runs, lever=bool(lever))
                print(f"{name}: {'; '.join(said)}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
