"""Whether this process lives and whether it can serve: `/healthz` and `/readyz`.

`/healthz` says no more than that the event loop answers. `/readyz` looks at each part that a visit needs, each for a
few seconds at most, and answers 503 while one of them fails, or once the process has been asked to stop. The engine of
parcel events is looked at and told, but a visit does not need it.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from data import settings
from pages.ui import root

PATIENCE = 2.0
"""Seconds after which a part that has not answered fails."""
KEPT = 2.0
"""Seconds for which what was found holds, however often it is asked."""
OK, SLOW = "ok", "no answer"
SPARED = ("engine",)
"""Parts that are told, and without which it is ready all the same."""
NEVER_STORE = {"Cache-Control": "no-store"}


class Part(NamedTuple):
    """State of one part, "ok" or what is wrong, and the seconds that looking took."""

    state: str
    seconds: float


@dataclass(slots=True)
class State:
    """How far this process is.

    Attributes
    ----------
    imported, filled : bool
        Whether the heavy libraries, and the caches that a first visit needs, are in memory.
    stopping : bool
        Whether it was asked to stop.
    looked : tuple of (float, dict of str to Part)
        When its parts were looked at last, and what was found.
    """

    imported: bool = False
    filled: bool = False
    stopping: bool = False
    looked: tuple[float, dict[str, Part]] = field(default=(-KEPT, {}))

    async def parts(self) -> dict[str, Part]:
        """State of every part."""
        waiting = {"imports": self.imported, "caches": self.filled, "running": not self.stopping}
        own = {name: Part(OK if there else "not yet", 0.0) for name, there in waiting.items()}
        if self.stopping:
            own["running"] = Part("stopping", 0.0)
        when, found = self.looked
        if time.monotonic() - when >= KEPT:
            found = await _look()
            self.looked = time.monotonic(), found
        return own | found


STATE = State()
"""Of this process."""


def routes() -> list[Route]:
    """Where it is asked."""
    return [Route(root.below("/healthz"), _alive), Route(root.below("/readyz"), _ready)]


async def _alive(_: Request) -> Response:
    return PlainTextResponse(OK, headers=NEVER_STORE)


async def _ready(_: Request) -> Response:
    parts = await STATE.parts()
    ready = all(part.state == OK for name, part in parts.items() if name not in SPARED)
    said = {name: {"state": part.state, "seconds": round(part.seconds, 3)} for name, part in parts.items()}
    return JSONResponse({"ready": ready, "parts": said}, 200 if ready else 503, headers=NEVER_STORE)


async def _look() -> dict[str, Part]:
    """What lies outside this process, all at once."""
    kept: dict[str, Callable[[], str]] = {"database": database} if settings.database() else {"workspace": workspace}
    checks = {**kept, "engine": engine}
    found: dict[str, Part] = {}

    async def look(name: str, check: Callable[[], str]) -> None:
        start = time.perf_counter()
        state = SLOW
        with anyio.move_on_after(PATIENCE):
            state = await to_thread.run_sync(check, abandon_on_cancel=True)
        found[name] = Part(state, time.perf_counter() - start)

    async with anyio.create_task_group() as group:
        for name, check in checks.items():
            group.start_soon(look, name, check)
    return {name: found[name] for name in checks}


def workspace() -> str:
    """Whether a file can be written to the workspace and read there; before the first save, beside where it will be."""
    folder = Path(settings.workspace())
    place = next((one for one in (folder, *folder.resolve().parents) if one.is_dir()), folder)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"ready")
            file.seek(0)
            return OK if file.read() == b"ready" else "cannot be read"
    except OSError:
        return "cannot be written"


def database() -> str:
    """Whether the team's database answers and takes what is written."""
    import psycopg

    try:
        with psycopg.connect(settings.database(), connect_timeout=int(PATIENCE)) as base:
            row = base.execute("SELECT pg_is_in_recovery()").fetchone()
    except psycopg.Error:
        return "cannot be reached"
    return "cannot be written" if row and row[0] else OK


def engine() -> str:
    """Whether the engine of parcel events listens; DuckDB is in this process."""
    if not settings.engine():
        return OK
    from data.engine import run

    if run.embedded(settings.engine()):
        return OK
    problem = run.ready(settings.events(), settings.engine())
    if problem is None:
        return OK
    return "cannot be reached" if problem.code == "away" else "no engine"
