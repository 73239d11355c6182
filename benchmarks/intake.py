"""Checking a file against a bare typed scan of it, in one run: python benchmarks/intake.py [rows]."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
from data import intake
from data.cities import cities
from data.platforms import PLATFORMS

RUNS = 5


def make(path: Path, rows: int) -> None:
    """Write a clean volumes file: every month, city and network once, in Chinese."""
    names = cities()["city_zh"].to_numpy()
    networks = [p.zh for p in PLATFORMS.values()]
    months = [f"{y}-{m:02d}" for y in range(2019, 2029) for m in range(1, 13)]
    order = np.random.default_rng(7).permutation(len(names) * len(networks) * len(months))[:rows]
    month, rest = np.divmod(order, len(names) * len(networks))
    city, network = np.divmod(rest, len(networks))
    frame = pd.DataFrame(
        {
            "月份": np.take(months, month),
            "城市": np.take(names, city),
            "平台": np.take(networks, network),
            "件量": order % 99_991,
        }
    )
    frame.to_csv(path, index=False)


def timed(work: Callable[[], object]) -> float:
    """Median seconds of RUNS runs."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main(rows: int) -> None:
    """Print both times and their ratio, for a clean file and one with a bad cell in every hundredth row."""
    with tempfile.TemporaryDirectory() as folder:
        clean, dirty = Path(folder) / "clean.csv", Path(folder) / "dirty.csv"
        make(clean, rows)
        lines = clean.read_text().split("\n")
        lines[1::100] = [line.rsplit(",", 1)[0] + ",??" if line else line for line in lines[1::100]]
        dirty.write_text("\n".join(lines))
        scan = (
            "SELECT 月份, count(*), sum(件量) FROM read_csv(?, header=true, auto_detect=false, delim=',', "
            "columns={'月份': 'VARCHAR', '城市': 'VARCHAR', '平台': 'VARCHAR', '件量': 'BIGINT'}) GROUP BY 1"
        )
        bare = timed(lambda: duckdb.connect().execute(scan, [str(clean)]).fetchall())
        print(f"bare typed scan {bare:.3f} s, {rows:,} rows")
        for path in (clean, dirty):
            taken = timed(lambda path=path: intake.read(path, "volumes"))
            print(f"{path.stem}: {taken:.3f} s, {taken / bare:.1f} x, {rows / taken / 1e3:,.0f} k rows/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
