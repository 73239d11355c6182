"""Counting events on the engine that the settings name: tried again when a connection breaks, ended when told to."""

import glob
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from data.engine.base import Engine
from data.engine.panel import Counted, checked, frame, known, span
from data.engine.refusal import Broken, EngineError, Stopped
from data.intake.watch import Cancelled, Watch

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

T = TypeVar("T")
SECONDS = 3600.0
"""A count that takes longer is given up."""
TRIES = 4
PAUSE = 1.0
"""Seconds before the second try; doubled before every further one."""
AGAIN = 0.1
"""Seconds between two interruptions of an engine whose time is over."""
STEPS = ("opening", "panel", "checks", "order", "hours", "waits")
"""What a count does, in that order."""


def opened(setting: str) -> Engine:
    """The engine of a setting: "" for DuckDB, sc://host:port for Spark.

    Raises
    ------
    EngineError
        "strange_engine", "not_installed", or "away" where nothing answers.
    """
    if setting.startswith("sc://"):
        from data.engine.spark import Spark

        return Spark(setting)
    if not embedded(setting):
        raise EngineError("strange_engine", setting=setting)
    from data.engine.duck import Duck

    return Duck()


def ready(where: str, setting: str = "") -> EngineError | None:
    """Why events cannot be counted now, as far as is told in moments; None where nothing speaks against it."""
    if setting.startswith("sc://"):
        from data.engine.spark import reach

        try:
            reach(setting)
        except EngineError as error:
            return error
        return None
    if not embedded(setting):
        return EngineError("strange_engine", setting=setting)
    there = "://" in where or any(glob.iglob(where, recursive=True))
    return None if there else EngineError("no_events", where=where)


def embedded(setting: str) -> bool:
    """Whether a setting names the engine inside this program."""
    return setting.strip().lower() in ("", "duckdb")


def answer(engine: Engine, question: "ibis.Table") -> "pa.Table":
    """Answer of a query, its columns of the types that the query has."""
    import pyarrow as pa

    found = engine.sql(compiled(question, engine.dialect))
    types = {name: pa.type_for_alias(str(kind.copy(nullable=True))) for name, kind in question.schema().items()}
    return found.select(list(types)).cast(pa.schema(types.items()))


def compiled(question: "ibis.Table", dialect: str) -> str:
    """SQL of a query."""
    import ibis
    from ibis.config import Config

    if dialect == "pyspark" and ibis.options.pyspark is None:  # else set by Ibis' own connection, which is not used
        told = {"treat_nan_as_null": False, "__annotations__": {"treat_nan_as_null": bool}}
        ibis.options.pyspark = type("Options", (Config,), told)()
    return str(ibis.to_sql(question, dialect=dialect, pretty=False))


def prepared(engine: Engine, where: str) -> "tuple[ibis.Table, pa.Table]":
    """The events at a place, parsed, and their counts as written; the engine knows from then on what names mean."""
    from data.engine import queries

    log = queries.events(queries.raw(engine.scan(where)))
    written = answer(engine, queries.written(log))
    for name, column in ((queries.CITIES, "city"), (queries.NETWORKS, "network")):
        engine.put(name, known(written, column))
    return log, written


def count(where: str, setting: str = "", *, watch: Watch | None = None, seconds: float = SECONDS) -> Counted:
    """Count the events of a folder or pattern.

    Parameters
    ----------
    where : str
        Folder, file or pattern of Parquet or CSV, as the engine reaches it.
    setting : str
        See `opened`.
    watch : Watch, optional
        Told every step; stops the count.
    seconds : float
        When it is given up.

    Raises
    ------
    EngineError
        With what keeps the engine from answering.
    Cancelled
        The watch was stopped.
    """
    watch = watch or Watch()
    return tried(setting, lambda engine: _counted(engine, where, watch), watch=watch, seconds=seconds)


def _counted(engine: Engine, where: str, watch: Watch) -> Counted:
    from data.engine import queries

    start = time.monotonic()

    def step(name: str) -> None:
        watch.report(name, STEPS.index(name), len(STEPS))

    step("opening")
    log, _ = prepared(engine, where)
    step("panel")
    panel = frame(answer(engine, queries.panel(log)))
    step("checks")
    found = answer(engine, queries.checks(log))
    step("order")
    order = answer(engine, queries.order(log))
    step("hours")
    hours = answer(engine, queries.hours(log)).to_pandas()
    step("waits")
    waits = answer(engine, queries.waits(log, by=("network",))).to_pandas()
    return Counted(
        engine=engine.name,
        where=where,
        rows=found["rows"][0].as_py(),
        panel=panel,
        hours=hours,
        waits=waits,
        checks=checked(found, order, panel),
        span=span(found),
        at=datetime.now(UTC),
        seconds=time.monotonic() - start,
    )


def tried(
    setting: str,
    work: Callable[[Engine], T],
    *,
    watch: Watch | None = None,
    seconds: float = SECONDS,
    tries: int = TRIES,
    pause: float = PAUSE,
) -> T:
    """What `work` makes of an engine; begun anew, after a pause that doubles, when the connection breaks.

    Raises
    ------
    EngineError
        "lost" when it broke every time, "too_long" when the time is over.
    Cancelled
        The watch was stopped.
    """
    watch = watch or Watch()
    until = time.monotonic() + seconds
    for turn in range(tries):
        if turn:
            _rest(pause * 2 ** (turn - 1), watch)
        try:
            with closing(opened(setting)) as engine, _bounded(engine, until, seconds, watch):
                return work(engine)
        except Broken:
            continue
        except EngineError as error:
            if error.code != "away" or not turn:
                raise
    from data.engine.spark import shown

    raise EngineError("lost", address=shown(setting), tries=tries)


def _rest(seconds: float, watch: Watch) -> None:
    """Wait, unless stopped meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if watch.stopped:
            raise Cancelled
        time.sleep(0.05)


@contextmanager
def _bounded(engine: Engine, until: float, seconds: float, watch: Watch) -> Iterator[None]:
    """Inside, the engine is interrupted when the time is over or the watch is stopped."""
    done, late = threading.Event(), threading.Event()

    def ring() -> None:
        if done.wait(max(until - time.monotonic(), 0.0)):
            return
        late.set()
        while not done.wait(AGAIN):  # between two queries there is nothing to interrupt
            engine.stop()

    watch.on_stop.append(engine.stop)
    guard = threading.Thread(target=ring, daemon=True)
    guard.start()
    try:
        yield
    except Stopped:
        if watch.stopped:
            raise Cancelled from None
        if late.is_set():
            raise EngineError("too_long", seconds=f"{seconds:g}") from None
        raise Broken from None
    finally:
        done.set()
        guard.join()
        watch.on_stop.remove(engine.stop)
