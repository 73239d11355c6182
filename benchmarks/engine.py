"""Parcel events on DuckDB and on Spark: `python -m benchmarks.engine [--rows N ...] [--workers 0 1 2] [--turns N]`.

Makes events, asks every question of the set by hand-written SQL and by Ibis on DuckDB in turns, then on Spark: in one
process with every core, on a cluster of one worker, on one of two. Every answer is compared cell by cell; what grows
with the rows is told as seconds for ten million more. Prints one table for Markdown.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.engine_sql import BY_HAND
from data.engine import Engine, answer, cluster, opened, run
from data.engine.made import make
from tests import events_by_hand as hand

ASKED = ("panel", "hours", "checks", "shares", "waits", "hexagons", "reach_of_parcels")
TURNS = 3
TEN = 10_000_000
Answers = dict[str, pa.Table]
Times = dict[str, float]


def timed(ask: Callable[..., pa.Table], *of: object) -> tuple[float, pa.Table]:
    """Seconds and answer."""
    start = time.perf_counter()
    found = ask(*of)
    return time.perf_counter() - start, found


def on_duck(folder: Path, turns: int) -> tuple[Times, Times, Answers]:
    """Least seconds of each question by hand and by Ibis, in turns; answers of Ibis, which are those by hand."""
    by_hand: Times = {}
    by_ibis: Times = {}
    answers: Answers = {}
    with closing(opened("")) as engine:
        log, _ = run.prepared(engine, str(folder))
        know(engine)
        for name in ASKED:
            question = hand.QUESTIONS[name](log)
            for _ in range(turns):
                seconds, answers[name] = timed(answer, engine, question)
                by_ibis[name] = min(by_ibis.get(name, np.inf), seconds)
                if name in BY_HAND:
                    seconds, found = timed(engine.sql, BY_HAND[name])
                    by_hand[name] = min(by_hand.get(name, np.inf), seconds)
                    wanted = answers[name]
                    assert found.cast(wanted.schema).equals(wanted), f"{name} by hand differs"
    return by_hand, by_ibis, answers


def know(engine: Engine) -> None:
    """Give an engine the small tables of the questions of reach."""
    for name, table in hand.tables().items():
        engine.put(name, table)


def on_spark(folder: Path, wanted: Answers, *, workers: int, cores: int, memory: str) -> tuple[Times, list[str]]:
    """Seconds of each question on a cluster begun for it, after one that warms it; names of answers that differ."""
    place = Path(tempfile.mkdtemp(prefix="posthouse-spark-bench-"))
    started = cluster.start(place, workers=workers, cores=cores, memory=memory)
    times: Times = {}
    differ = []
    try:
        with closing(opened(started.address)) as engine:
            log, _ = run.prepared(engine, str(folder))
            know(engine)
            for name in ASKED:
                times[name], found = timed(answer, engine, hand.QUESTIONS[name](log))
                print(f"  {name} {times[name]:.1f} s", flush=True)
                if not found.equals(wanted[name]):
                    differ.append(name)
    finally:
        cluster.stop(place)
    return times, differ


def slope(rows: Sequence[int], seconds: Sequence[float]) -> float:
    """Seconds for ten million rows more; not a number for one size alone."""
    if len(rows) < 2:
        return float("nan")
    return float(np.polyfit(np.asarray(rows) / TEN, seconds, 1)[0])


def line(cells: Sequence[object]) -> None:
    """A row of a table for Markdown."""
    print(
        "| " + " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |", flush=True
    )


def table(found: Mapping[int, Mapping[str, Times]], columns: Sequence[str]) -> None:
    """Seconds by size, question and engine, and their slopes."""
    line(["rows", "question", *columns, "Ibis / SQL by hand"])
    line(["---"] * (len(columns) + 3))
    for rows, times in found.items():
        for name in ASKED:
            ratio = times["Ibis, DuckDB"][name] / times["SQL by hand, DuckDB"].get(name, np.nan)
            line([f"{rows:,}", name, *(times[column].get(name, float("nan")) for column in columns), ratio])
    for name in ASKED:
        slopes = [slope([*found], [times[column].get(name, np.nan) for times in found.values()]) for column in columns]
        line(["+10 m", name, *slopes, ""])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000_000, 30_000_000, 100_000_000])
    parser.add_argument(
        "--workers",
        type=int,
        nargs="*",
        default=[0, 1, 2],
        help="of Spark: 0 is one process with every core; none: no Spark",
    )
    parser.add_argument("--turns", type=int, default=TURNS, help="of each question on DuckDB, of which the best counts")
    parser.add_argument("--memory", default="2g", help="of each worker (default 2g)")
    asked = parser.parse_args()
    modes = {f"Spark, {workers} workers": workers for workers in asked.workers}
    columns = ["SQL by hand, DuckDB", "Ibis, DuckDB", *modes]
    found: dict[int, dict[str, Times]] = {}
    for rows in asked.rows:
        folder = Path(tempfile.mkdtemp(prefix="posthouse-events-"))
        try:
            start = time.perf_counter()
            make(folder, rows)
            size = sum(path.stat().st_size for path in folder.iterdir())
            print(
                f"{rows:,} events made in {time.perf_counter() - start:.1f} s, {size / rows:.1f} bytes each", flush=True
            )
            by_hand, by_ibis, answers = on_duck(folder, asked.turns)
            found[rows] = {columns[0]: by_hand, columns[1]: by_ibis}
            for mode, workers in modes.items():
                cores = 1 if workers else os.cpu_count() or 1
                times, differ = on_spark(folder, answers, workers=workers, cores=cores, memory=asked.memory)
                found[rows][mode] = times
                same = f"{len(ASKED)} of {len(ASKED)} answers identical" if not differ else f"DIFFERENT: {differ}"
                print(f"{mode}: {sum(times.values()):.1f} s, {same}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    table(found, columns)


if __name__ == "__main__":
    main()
