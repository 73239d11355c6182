"""What goes over the wire, watched as it passes: how long answers take, files sent and taken.

Streamlit's messages are read, none is changed: `BackMsg` asks for a run, `ForwardMsg` says that one begins, which page
it is, and that it is over. What a run costs is thus what the reader waits, callbacks and queues included.
"""

import time
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.ui import guard, logs, metrics, root

LARGEST = 32_768
"""Bytes above which a message is none of those that are looked for."""
PAGE, FRAGMENT = "page", "fragment"
OVER: dict[int, str] = {
    ForwardMsg.FINISHED_SUCCESSFULLY: PAGE,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY: FRAGMENT,
}
"""Kind of the run that each end of one belongs to."""


@dataclass(slots=True)
class Session:
    """One open page.

    Attributes
    ----------
    asked : float or None
        When the browser first asked for what it still waits for, seconds.
    waiting : float or None
        When it first asked for more while a run was under way: Streamlit runs that next.
    running : bool
        Whether a run is under way.
    page, mark : str
        Page that runs; the session's mark in the log.
    """

    asked: float | None = None
    waiting: float | None = None
    running: bool = False
    page: str = ""
    mark: str = ""

    def ask(self, data: bytes) -> None:
        """Read what the browser sends."""
        message = BackMsg()
        if len(data) <= LARGEST:
            try:
                message.ParseFromString(data)
            except DecodeError:
                return
            if not message.HasField("rerun_script"):
                return
        if self.asked is None:
            self.asked = time.perf_counter()
        elif self.running and self.waiting is None:
            self.waiting = time.perf_counter()

    def answer(self, data: bytes) -> None:
        """Read what the browser is sent."""
        if len(data) > LARGEST:
            return
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "new_session":
                self.running = True
                self.mark = logs.short(message.new_session.initialize.session_id)
            case "navigation":
                found = message.navigation
                names = {one.page_script_hash: one.url_pathname for one in found.app_pages}
                self.page = names.get(found.page_script_hash, "") or guard.HOME
            case "script_finished":
                self._over(message.script_finished)

    def _over(self, status: int) -> None:
        """Note how long it took; a run cut short by the next goes on in that one."""
        self.running = False
        cut = status == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if self.asked is not None and status in OVER:
            seconds = time.perf_counter() - self.asked
            metrics.figures().ran(self.page, OVER[status], seconds)
            logs.event("run", page=self.page, kind=OVER[status], seconds=round(seconds, 3), session=self.mark)
        self.asked, self.waiting = self.asked if cut else self.waiting, None


class Watched:
    """Counts and times what passes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.uploads, self.media = root.below("/_stcore/upload_file/"), root.below("/media/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] == "websocket":
            await self._session(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith((self.uploads, self.media)):
            await self._file(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = Session()

        async def asked() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("bytes"):
                session.ask(message["bytes"])
            return message

        async def answered(message: Message) -> None:
            await send(message)
            if message["type"] == "websocket.send" and message.get("bytes"):
                session.answer(message["bytes"])

        with metrics.figures().sessions.track_inprogress():
            await self.app(scope, asked, answered)

    async def _file(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = 0

        async def read() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return message

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                headers = Headers(raw=message["headers"])
                if scope["method"] == "PUT":
                    metrics.figures().sent(size)
                elif headers.get("content-disposition", "").startswith("attachment") and scope["method"] == "GET":
                    metrics.figures().taken(headers.get("content-type", ""))
            await send(message)

        await self.app(scope, read, answered)
