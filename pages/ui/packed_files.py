"""Scripts and styles of the page, packed once for all readers instead of once for each visit."""

import asyncio
import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import root

PLACE = "/static/"
"""Where Streamlit's own files are; their names change with what they hold."""
LEVEL = 6
LEAST, MOST = 1_000, 32_000_000
"""Bytes of a file that is packed, and of all that are kept packed."""
Answer = tuple[list[tuple[bytes, bytes]], bytes]


class PackedFiles:
    """Answers a file that was asked for before from memory, packed (gzip); all else is passed on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[str, Answer] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        path = scope.get("path", "").removeprefix(root.path())
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        packs = path.startswith(PLACE) and scope["method"] == "GET" and "gzip" in headers.get("accept-encoding", "")
        if not packs or "range" in headers:
            await self.app(scope, receive, send)
        elif path in self._kept:
            await _say(send, self._kept[path], known=headers.get("if-none-match", ""))
        else:
            await self.app(scope, receive, _Packer(self, path, send))

    def keep(self, path: str, answer: Answer) -> None:
        """Keep an answer as long as there is room."""
        if path not in self._kept and self._bytes + len(answer[1]) <= MOST:
            self._kept[path] = answer
            self._bytes += len(answer[1])


class _Packer:
    """Collects an answer that can be packed, and sends it packed; sends any other on as it comes."""

    def __init__(self, files: PackedFiles, path: str, send: Send) -> None:
        self.files, self.path, self.send = files, path, send
        self.start: Message | None = None
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start" and _packable(message):
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                packed = await asyncio.to_thread(gzip.compress, bytes(self.body), LEVEL, mtime=0)
                answer = (_headers(self.start, len(packed)), packed)
                self.files.keep(self.path, answer)
                await _say(self.send, answer)


def _packable(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    text = kind.startswith("text/") or any(word in kind for word in ("javascript", "json", "svg", "wasm"))
    size = headers.get("content-length", "0")
    return start["status"] == 200 and text and "content-encoding" not in headers and int(size) >= LEAST


def _headers(start: Message, size: int) -> list[tuple[bytes, bytes]]:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(size)
    headers.add_vary_header("Accept-Encoding")
    return headers.raw


async def _say(send: Send, answer: Answer, *, known: str = "") -> None:
    headers, body = answer
    tag = Headers(raw=headers).get("etag", "")
    if tag and known == tag:
        kept = [(name, value) for name, value in headers if name not in (b"content-length", b"content-encoding")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
