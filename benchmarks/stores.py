"""What a workspace in PostgreSQL costs against one in files: the same work on both, in turns, as a ratio.

The server is one of its own in a temporary folder, on this machine: a network adds its round trips, of which a read
takes two and a save about a dozen. With fsync on, as a server for a team has it. Run it from the top of the checkout:

    python -m benchmarks.stores [--rows N] [--boards N] [--turns N]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.cities import cities
from data.platforms import PLATFORMS
from data.workspace import Boards, Database, Links, Part, Place, Workspace
from data.workspace.postgres_pool import pool

WORKS = ("save a market", "open it again", "list the markets", "list the boards", "save a board", "open a link")


def market(rows: int) -> pa.Table:
    """Volumes of so many rows: months by cities by networks."""
    codes, networks = cities().index.tolist(), list(PLATFORMS)
    shape = (-(-rows // (len(codes) * len(networks))), len(codes), len(networks))
    place = np.unravel_index(np.arange(rows), shape)
    months = np.datetime64("2000-01") + place[0]
    draw = np.random.default_rng(5)

    def named(which: int, words: list[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(place[which].astype(np.int32)), pa.array(words))

    columns = {
        "month": pa.array(months.astype("datetime64[D]")),
        "city": named(1, codes),
        "platform": named(2, networks),
    }
    columns |= {"parcels": pa.array(np.floor(draw.lognormal(10, 1, rows)))}
    columns |= {"origin": pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([""]))}
    return pa.table(columns)


def works(place: Place, table: pa.Table, boards: int) -> dict[str, Callable[[], object]]:
    """The work that is timed in a place, filled beforehand."""
    kept, shelf, links = Workspace(place), Boards(place), Links(place)
    parts = [Part("volumes", table)]
    id = kept.save(owner="ann", parts=parts, name="market").market
    for n in range(boards):
        shelf.save("x" * 20_000, owner="ann", name=f"board {n}")
    link = links.make("map", "city=310100", owner="ann")
    numbers = iter(range(10**9))

    def save() -> object:
        fresh = table.set_column(3, "parcels", pa.array(table.column(3).to_numpy() + 1 + next(numbers)))
        return kept.save(owner="ann", parts=[Part("volumes", fresh)], market=id)

    calls = (
        save,
        lambda: kept.version(id, owner="ann").table("volumes"),
        lambda: kept.markets("ann"),
        lambda: shelf.boards("ann"),
        lambda: shelf.save(str(next(numbers)), owner="ann", name="one"),
        lambda: links.open(link),
    )
    return dict(zip(WORKS, calls, strict=True))


@contextmanager
def server() -> Iterator[Database]:
    """A database that is gone afterwards, and that writes through to the disk."""
    from tests import postgres

    postgres.SETTINGS |= {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
    with postgres.serving() as one:
        database = one.database()
        yield database
        pool(database).close()


def main() -> None:
    """Time each work in turns and print milliseconds and ratios."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=100_000, help="of the market")
    asked.add_argument("--boards", type=int, default=30, help="of the reader")
    asked.add_argument("--turns", type=int, default=7)
    given = asked.parse_args()
    table = market(given.rows)
    with tempfile.TemporaryDirectory() as folder, server() as database:
        both = [works(place, table, given.boards) for place in (Path(folder), database)]
        print(f"{given.rows:,} rows, {given.boards} boards, median of {given.turns} turns")
        print(f"{'':<20}{'files, ms':>12}{'PostgreSQL, ms':>17}{'ratio':>8}")
        for work in WORKS:
            times: tuple[list[float], list[float]] = ([], [])
            for turn in range(given.turns + 1):
                for taken, one in zip(times, both, strict=True):
                    start = time.perf_counter()
                    one[work]()
                    if turn:
                        taken.append(1000 * (time.perf_counter() - start))
            files, base = map(statistics.median, times)
            print(f"{work:<20}{files:>12.1f}{base:>17.1f}{base / files:>8.2f}")


if __name__ == "__main__":
    main()
