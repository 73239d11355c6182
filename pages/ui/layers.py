"""What maps fetch over HTTP: layers made when they are asked for, kept for a while, each for one reader alone."""

import gzip
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.platforms import carry
from pages.ui import owner, root, sign_in_door

ROOT = "/_map"
"""Where the routes stand: not below a page, whose address the browser's frame asks for things of its own."""
MOST_SOURCES = 64
"""Of one reader; those used longest ago go first, and so below."""
MOST_READERS = 64
MOST_PACKETS = 4_096
MOST_BYTES = 96 * 2**20
"""Of the layers kept in memory; what sources hold may be as much again."""
SMALLEST = 1_024
"""Bytes from which a layer is compressed."""
LARGEST = 4 * 2**20
"""Bytes above which it is not: the compressing would take longer than the way across a wire."""
AGE = 24 * 3600
"""Seconds for which a browser need not ask again: another content has another address."""
Make = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Packet:
    """A layer ready to be sent.

    Attributes
    ----------
    body : bytes
    tag : str
        Strong ETag.
    squeezed : bool
        Whether the body is gzip.
    """

    body: bytes
    tag: str
    squeezed: bool


@dataclass(frozen=True, slots=True)
class Source:
    """What makes layers for one reader; `size` bytes are held for it."""

    owner: str
    make: Make
    size: int


class Shelf:
    """Sources of layers by token, and the last packets they made. Safe across threads."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._packets: OrderedDict[tuple[str, str], Packet] = OrderedDict()
        self._lock = threading.Lock()
        self.open = False

    def offer(self, owner: str, key: tuple[object, ...], make: Make, *, size: int = 0) -> str:
        """Address below which `make(name)` is served to `owner` alone; the same for the same owner and key.

        `key` must hold everything that the bytes depend on; `make` returns None for a name that it does not know. It
        should hold no more than `size` bytes alive.
        """
        token = hmac.new(self._secret, repr((owner, key)).encode(), hashlib.sha256).hexdigest()[:32]
        with self._lock:
            self._sources[token] = Source(owner, carry(make), size)
            self._sources.move_to_end(token)
            self._forget(owner)
        return root.below(f"{ROOT}/{token}")

    def _forget(self, owner: str) -> None:
        """Let go of the sources used longest ago: of this reader, and of all where they are too many or too large."""
        mine = [token for token, source in self._sources.items() if source.owner == owner]
        for token in mine[: len(mine) - MOST_SOURCES] if len(mine) > MOST_SOURCES else []:
            del self._sources[token]
        held = sum(source.size for source in self._sources.values())
        while len(self._sources) > 1 and (held > MOST_BYTES or len(self._sources) > MOST_SOURCES * MOST_READERS):
            held -= self._sources.popitem(last=False)[1].size

    def packet(self, token: str, name: str, owner: str) -> Packet | None:
        """The layer, for its owner; None for anybody else, an unknown name, or what has been forgotten."""
        with self._lock:
            source, found = self._sources.get(token), self._packets.get((token, name))
            if source is None or not hmac.compare_digest(source.owner, owner):
                return None
            self._sources.move_to_end(token)
            if found is not None:
                self._packets.move_to_end((token, name))
                return found
        body = source.make(name)
        return None if body is None else self._keep((token, name), _packet(body))

    def _keep(self, place: tuple[str, str], packet: Packet) -> Packet:
        with self._lock:
            self._packets[place] = packet
            self._packets.move_to_end(place)
            held = sum(len(one.body) for one in self._packets.values())
            while len(self._packets) > 1 and (held > MOST_BYTES or len(self._packets) > MOST_PACKETS):
                held -= len(self._packets.popitem(last=False)[1].body)
        return packet


SHELF = Shelf()
"""Of this server."""


def _packet(body: bytes) -> Packet:
    squeezed = SMALLEST <= len(body) <= LARGEST
    sent = gzip.compress(body, 1, mtime=0) if squeezed else body
    return Packet(sent, f'"{hashlib.sha256(sent).hexdigest()[:32]}"', squeezed)


def offer(reader: str, key: tuple[object, ...], make: Make, *, size: int = 0) -> str:
    """Address on this server's shelf: see `Shelf.offer`."""
    return SHELF.offer(reader, key, make, size=size)


def bundle() -> str:
    """Address of deck.gl."""
    return root.below(f"{ROOT}/deck.js")


def served() -> bool:
    """Whether this reader can be served: `streamlit run` has no routes, and a browser without a name gets nothing."""
    return SHELF.open and owner.named()


def routes() -> list[Route]:
    """Routes of the maps, for the server that will have them."""
    SHELF.open = True
    there = root.below(ROOT)
    return [Route(f"{there}/deck.js", _script), Route(f"{there}/{{token}}/{{name:path}}", _layer)]


async def _layer(request: Request) -> Response:
    token, name = request.path_params["token"], request.path_params["name"]
    reader = sign_in_door.reader(request.headers.get("cookie", ""))
    found = await run_in_threadpool(SHELF.packet, token, name, reader)
    return (
        Response(status_code=404)
        if found is None
        else _answer(request, found, "application/json" if name.endswith(".json") else "application/octet-stream")
    )


async def _script(request: Request) -> Response:
    return _answer(request, await run_in_threadpool(_bundle), "text/javascript")


@cache
def _bundle() -> Packet:
    """deck.gl as pydeck brings it: the browser draws what pydeck describes with the very same version."""
    import pydeck

    file = Path(pydeck.__file__).parent / "nbextension" / "static" / "index.js"
    body = gzip.compress(file.read_bytes(), 6, mtime=0)
    return Packet(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', True)


def _answer(request: Request, packet: Packet, kind: str) -> Response:
    """The packet, or that the browser has it already."""
    squeezed = packet.squeezed and "gzip" in request.headers.get("accept-encoding", "")
    tag = packet.tag if squeezed or not packet.squeezed else f'{packet.tag[:-1]}-plain"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, max-age={AGE}",
        "Vary": "Accept-Encoding, Cookie",
        "X-Content-Type-Options": "nosniff",
    }
    if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    body = packet.body if squeezed or not packet.squeezed else gzip.decompress(packet.body)
    # "identity" keeps the server from compressing what is too large for it to be worth the while
    headers["Content-Encoding"] = "gzip" if squeezed else "identity"
    return Response(body, media_type=kind, headers=headers)
