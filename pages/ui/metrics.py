"""What this process has done, as figures for Prometheus: numbers by page, kind and code, nothing of anybody."""

import gc
import math
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import settings, tally
from pages.ui import root

RUNS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
PAUSES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Upper bounds of the classes, seconds."""
OTHER = "other"
KINDS = {
    "text/csv": "csv",
    "application/json": "json",
    "application/geo+json": "geojson",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "image/png": "png",
    "image/svg+xml": "svg",
    "text/html": "html",
}
"""Files that are taken, by their type."""


class Figures:
    """Figures of this process, in a registry of their own."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self.registry = CollectorRegistry()
        made: Any = {"namespace": "posthouse", "registry": self.registry}
        ProcessCollector(registry=self.registry)
        self.sessions = Gauge("sessions", "Pages that are open now", **made)
        self.runs = Histogram(
            "run_seconds",
            "From a request of the browser to the end of its answer",
            ["page", "kind"],
            buckets=RUNS,
            **made,
        )
        self.exports = Counter("exports", "Files taken, by type", ["kind"], **made)
        self.uploads = Counter("uploads", "Files sent", **made)
        self.uploaded = Counter("uploaded_bytes", "Bytes of files sent", **made)
        self.errors = Counter("errors", "Refusals by code, and errors that nobody foresaw by class", ["code"], **made)
        self.saves = Counter("saves", "Writes to the workspace, by kind of thing and of write", ["kind"], **made)
        self.collections = Histogram("gc_pause_seconds", "Pauses of the garbage collection", buckets=PAUSES, **made)
        self.lag = Histogram("loop_lag_seconds", "How late the event loop comes to its turn", buckets=PAUSES, **made)
        self.workspace = Gauge("workspace_bytes", "Bytes of what is kept", **made)
        self._collecting = 0.0

    def hear(self, what: str, name: str) -> None:
        """Count a write or a refusal that the data below the pages tells of."""
        (self.saves.labels(kind=name) if what == tally.WROTE else self.errors.labels(code=name)).inc()

    def failed(self, code: str) -> None:
        """Count an error that nobody foresaw."""
        self.errors.labels(code=code).inc()

    def taken(self, kind: str) -> None:
        """Count a file that was taken, by its type."""
        self.exports.labels(kind=KINDS.get(kind.partition(";")[0].strip(), OTHER)).inc()

    def sent(self, size: int) -> None:
        """Count a file that was sent, `size` bytes long."""
        self.uploads.inc()
        self.uploaded.inc(size)

    def ran(self, page: str, kind: str, seconds: float) -> None:
        """Note how long an answer took."""
        self.runs.labels(page=page, kind=kind).observe(seconds)

    def collecting(self, phase: str, _: Mapping[str, int]) -> None:
        """Time a garbage collection: see `gc.callbacks`."""
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self.collections.observe(time.perf_counter() - self._collecting)

    def text(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        from prometheus_client import generate_latest

        self.workspace.set(_kept())
        return generate_latest(self.registry)


@cache
def figures() -> Figures:
    """Figures of this process."""
    return Figures()


def begin() -> None:
    """Count from here on."""
    tally.hear(figures().hear)
    gc.callbacks.append(figures().collecting)


def end() -> None:
    """Count no more."""
    tally.ignore(figures().hear)
    gc.callbacks.remove(figures().collecting)


def routes() -> list[Route]:
    """Where they are read."""
    return [Route(root.below("/metrics"), _answer)]


async def _answer(_: Request) -> Response:
    from prometheus_client import CONTENT_TYPE_LATEST

    return Response(await run_in_threadpool(figures().text), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _kept() -> float:
    """Bytes of the workspace; NaN where it does not let itself be looked into."""
    if settings.database():
        return _in_database()
    try:
        return float(sum(file.stat().st_size for file in Path(settings.workspace()).rglob("*") if file.is_file()))
    except OSError:  # a file that went away meanwhile, or a folder that may not be read
        return math.nan


def _in_database() -> float:
    import psycopg

    try:
        with psycopg.connect(settings.database(), connect_timeout=2) as base:
            row = base.execute("SELECT pg_database_size(current_database())").fetchone()
    except psycopg.Error:
        return math.nan
    return float(row[0]) if row else math.nan
