"""Serve the app with uvicorn: `python -m pages.ui.server [--port N] [--host H] [--base /path]`.

Unlike `streamlit run`, this listens on a socket with TCP_NODELAY, compresses what it sends, says what browsers may
keep, answers whether it is ready, counts and logs what it does, and freezes what start-up left in memory out of the
garbage collection that follows every run; `benchmarks/rerun.py` measures what that is worth.
"""

import asyncio
import gc
import importlib
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from streamlit.starlette import App

from data import scratch
from pages.ui import apart, caching, guide, health, layers, logs, metrics, outlines, people, root, setup, wakes
from pages.ui.base_path import BaseError, cleaned
from pages.ui.doorman import Doorman
from pages.ui.packed_files import PackedFiles
from pages.ui.server_gates import Gate, Inner, Names, Origins, local
from pages.ui.server_runs import Watched
from pages.ui.sign_in_door import Door

HEAVY = ("pandas", "plotly.graph_objects", "pydeck", "duckdb")
"""Imported while the browser loads its own bundle, so that the first visit does not wait for them."""
MAX_MESSAGE = 26 * 2**20
"""Bytes of one WebSocket message from a browser: its inputs, of which Streamlit takes 25 MB; files come by HTTP."""
SWITCH = 0.0005
"""Seconds after which a running script lets the thread that sends to browsers go first; Python's own are ten times."""
DRAIN = 2.0
"""Seconds between SIGTERM, from which `/readyz` answers 503, and the end of listening: a balancer looks meanwhile."""
GRACE = 2
"""Seconds that an open page may hold up a stop."""
KEEP_ALIVE = 75
"""Seconds for which a connection waits for another request: longer than nginx keeps it, which would meet it closed."""
SAVES = 20.0
"""Seconds that saves under way may hold up a stop."""
BEAT = 0.5
"""Seconds between two looks at how late the event loop comes."""


class Server(uvicorn.Server):
    """uvicorn that says where it listens, and leaves in two steps when it is asked to by SIGTERM."""

    leave_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and print the address."""
        await super().startup(sockets=sockets)
        if self.started and logs.as_json():
            logs.event("started")
        elif self.started:
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(f"Posthouse is at http://{host}:{self.config.port}{root.path()} (Ctrl-C stops it)", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at once on Ctrl-C and on a second SIGTERM; on the first, say that it is no longer ready."""
        if sig != signal.SIGTERM or self.leave_at is not None:
            super().handle_exit(sig, frame)
            return
        health.STATE.stopping = True
        self.leave_at = time.monotonic() + DRAIN

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop listening now."""
        over = await super().on_tick(counter)
        return over or (self.leave_at is not None and time.monotonic() >= self.leave_at)


def application(script: Path, *, fill: Callable[[], None]) -> App:
    """ASGI application of a Streamlit script, warmed in a thread once it has started.

    Parameters
    ----------
    script : Path
        The Streamlit script; `.streamlit/config.toml` and `static/` beside it are honoured.
    fill : callable
        Fills the caches that a first visit needs; sessions may already be open meanwhile.
    """
    ready = asyncio.Event()
    people.settings()  # before Streamlit reads the secrets

    @asynccontextmanager
    async def lifespan(_: App) -> AsyncIterator[None]:
        closing = threading.Event()
        stops = [closing, wakes.collect_apart()]

        def filled() -> None:
            fill()
            if not closing.is_set():
                apart.begin()
            stops.append(_look_after())

        opened = asyncio.get_running_loop().call_soon_threadsafe
        threading.Thread(target=warm, args=(lambda: opened(ready.set), filled), daemon=True).start()
        metrics.begin()
        beat = asyncio.create_task(_beat())
        yield
        for stop in stops:
            stop.set()
        await asyncio.to_thread(apart.end)
        await asyncio.to_thread(_wait_for_saves)
        beat.cancel()
        metrics.end()
        gc.unfreeze()  # frozen objects would be left out of the collection at exit, and extensions complain of leaks

    return App(
        script,
        lifespan=lifespan,
        routes=[*outlines.routes(), *layers.routes(), *guide.routes(), *health.routes(), *metrics.routes()],
        middleware=[
            Middleware(caching.Dressed),
            Middleware(Doorman),
            Middleware(GZipMiddleware, compresslevel=1),
            Middleware(Inner),
            Middleware(Origins),
            Middleware(Watched),
            Middleware(Door),
            Middleware(Names),
            Middleware(Gate, ready=ready),
            Middleware(PackedFiles),
        ],
        on_script_error=_uncaught,
        exception_handlers={Exception: _broken},
    )


def _look_after() -> threading.Event:
    """Look the workspace through now and then, until what this gives is set; not before the server listens."""
    from data.workspace import place
    from data.workspace.keep import daily

    return daily.begin(place)


def _wait_for_saves() -> None:
    """Let saves end; where nothing was ever saved or read, what counts them was never imported."""
    if "data.workspace.underway" in sys.modules:
        from data.workspace.underway import WRITES

        WRITES.wait(SAVES)


def _uncaught(error: Exception) -> bool:
    """Log an error of a page, and show its reader a reference in its place."""
    logs.show(logs.failed(error, count=metrics.figures().failed))
    return True


async def _broken(_: Request, error: Exception) -> Response:
    """Log an error of a route, and answer with its reference."""
    reference = logs.failed(error, count=metrics.figures().failed, on="route")
    return PlainTextResponse(f"Something went wrong: {reference}", 500)


async def _beat() -> None:
    """Note how late the event loop comes to its turn."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(BEAT)
        metrics.figures().lag.observe(max(time.perf_counter() - start - BEAT, 0.0))


def warm(imported: Callable[[], object], fill: Callable[[], None]) -> None:
    """Import, open the gate, fill the caches, and freeze it all: later collections have next to nothing to visit."""
    try:
        for name in HEAVY:
            importlib.import_module(name)
        health.STATE.imported = True
    finally:
        imported()
    fill()
    health.STATE.filled = True
    gc.collect()
    gc.freeze()


def fill_caches() -> None:
    """Read the illustrative market into the pages' cache."""
    from pages.ui import cached

    cached.warm()


def serve(
    script: Path,
    port: int,
    *,
    host: str = setup.HOST,
    base: str = "",
    fill: Callable[[], None] = fill_caches,
) -> int:
    """Listen until stopped; 0 after Ctrl-C and SIGTERM, 1 when the start failed.

    Parameters
    ----------
    script : Path
    port : int
    host : str
        Address to listen on; by default this machine alone.
    base : str
        Path below which everything is served.
    fill : callable
        See `application`.
    """
    root.use(base)
    logs.begin()
    scratch.begin()
    config = uvicorn.Config(
        application(script, fill=fill),
        host=host,
        port=port,
        log_level="warning",
        log_config=None if logs.as_json() else uvicorn.config.LOGGING_CONFIG,
        access_log=False,
        server_header=False,
        loop="pages.ui.wakes:Loop",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEEP_ALIVE,
    )
    sys.setswitchinterval(SWITCH)
    server = Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Serve `app.py` on `--host` and `--port`, below `--base`."""
    asked = setup.parse(sys.argv[1:] if argv is None else argv)
    try:
        setup.check_port(asked.port, asked.host)
        base = cleaned(asked.base)
    except (setup.SetupError, BaseError) as error:
        print(error, file=sys.stderr)
        return 1
    if not local(asked.host):
        _warn_open(asked.host)
    return serve(setup.ROOT / "app.py", asked.port, host=asked.host, base=base)


def _warn_open(host: str) -> None:
    """Say that everyone is let in, where nobody is asked who he is."""
    if people.configured():
        return
    if logs.as_json():
        logs.event("open_to_all", level=logging.WARNING)
    else:
        print(
            f"Posthouse listens on {host} without sign-in: whoever reaches it may save, upload or change plans.",
            file=sys.stderr,
        )


if __name__ == "__main__":
    raise SystemExit(main())
