"""Serve the app with uvicorn: `python -m pages.ui.server [--port N]`.

Unlike `streamlit run`, this listens on a socket with TCP_NODELAY, compresses what it sends, and freezes what start-up
left in memory out of the garbage collection that follows every run; `benchmarks/rerun.py` measures what that is worth.
"""

import asyncio
import gc
import importlib
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from pages.ui import layers, outlines, owner, setup

HEAVY = ("pandas", "plotly.graph_objects", "pydeck", "duckdb")
"""Imported while the browser loads its own bundle, so that the first visit does not wait for them."""
MAX_MESSAGE = 200 * 2**20
"""Bytes of one WebSocket message, as Streamlit allows."""
SWITCH = 0.0005
"""Seconds after which a running script lets the thread that sends to browsers go first; Python's own are ten times."""
GRACE = 2
"""Seconds that an open page may hold up a stop."""


class Gate:
    """Holds the first sessions back until the heavy imports are done: two threads must not run them at once."""

    def __init__(self, app: ASGIApp, *, ready: asyncio.Event) -> None:
        self.app = app
        self.ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; a session (WebSocket) only once `ready` is set."""
        if scope["type"] == "websocket":
            await self.ready.wait()
        await self.app(scope, receive, send)


class Names:
    """Gives every browser a name of its own, in a cookie that comes with the page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an answer that is a page (HTML) takes the name along, and renews it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = owner.named_in(Headers(scope=scope).get("cookie", ""))

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", owner.cookie(known or owner.new()))
            await send(message)

        await self.app(scope, receive, named)


class Server(uvicorn.Server):
    """uvicorn that says where it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and print the address."""
        await super().startup(sockets=sockets)
        if self.started:
            print(f"Posthouse is at http://{self.config.host}:{self.config.port} (Ctrl-C stops it)", flush=True)


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

    @asynccontextmanager
    async def lifespan(_: App) -> AsyncIterator[None]:
        opened = asyncio.get_running_loop().call_soon_threadsafe
        threading.Thread(target=warm, args=(lambda: opened(ready.set), fill), daemon=True).start()
        yield
        gc.unfreeze()  # frozen objects would be left out of the collection at exit, and extensions complain of leaks

    return App(
        script,
        lifespan=lifespan,
        routes=[*outlines.routes(), *layers.routes()],
        middleware=[Middleware(GZipMiddleware, compresslevel=1), Middleware(Names), Middleware(Gate, ready=ready)],
    )


def warm(imported: Callable[[], object], fill: Callable[[], None]) -> None:
    """Import, open the gate, fill the caches, and freeze it all: later collections have next to nothing to visit."""
    try:
        for name in HEAVY:
            importlib.import_module(name)
    finally:
        imported()
    fill()
    gc.collect()
    gc.freeze()


def fill_caches() -> None:
    """Read the illustrative market into the pages' cache."""
    from pages.ui import cached

    cached.warm()


def serve(script: Path, port: int, *, fill: Callable[[], None] = fill_caches) -> int:
    """Listen on this machine until stopped; 0 after Ctrl-C, 1 when the start failed."""
    config = uvicorn.Config(
        application(script, fill=fill),
        host=setup.HOST,
        port=port,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
    )
    sys.setswitchinterval(SWITCH)
    server = Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Serve `app.py` on `--port`."""
    port = setup.parse(sys.argv[1:] if argv is None else argv).port
    try:
        setup.check_port(port)
    except setup.SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return serve(setup.ROOT / "app.py", port)


if __name__ == "__main__":
    raise SystemExit(main())
