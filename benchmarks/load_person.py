"""One person at a page, as a browser is to the server: cookies, the WebSocket, Streamlit's messages, a lever moved.

Only what times are taken from is parsed: where a slider is, whether a chart or a figure is another, when a run ends.
"""

import asyncio
import math
import time
import urllib.request
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import cycle
from random import Random
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

XSRF = "_streamlit_xsrf"
PATIENCE = 60.0
"""Seconds after which an answer that has not come is an error."""
KEPT = 8
"""Large messages that a browser keeps, so that they need not be sent again."""
CHANGES = (1, 2, 1, 3, 1, 4, 2, 5, 3, 2)
"""Steps away from where the slider stood, one after another: never the same twice running."""


class LoadError(RuntimeError):
    """The server said or did something that a reader would see as broken."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a lever.

    Attributes
    ----------
    at : float
        Seconds since the epoch at which it was sent.
    result, end : float
        Seconds to the first changed chart or figure, and to the end of the run; 0 where the next move came before.
    kilobytes, messages : float, int
        What came.
    """

    at: float
    result: float
    end: float
    kilobytes: float
    messages: int


@dataclass(slots=True)
class Seen:
    """What is on the screen, as far as it matters."""

    sliders: dict[str, tuple[Slider, str]] = field(default_factory=dict)
    shown: dict[tuple[int, ...], str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    page: str = ""
    query: str = ""

    def take(self, message: ForwardMsg) -> bool:
        """Note what a message brings; whether it changes a chart or a figure."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "ref_hash":
            return self._changed(tuple(message.metadata.delta_path), message.ref_hash)
        elif kind == "delta":
            return self._element(message)
        return False

    def _element(self, message: ForwardMsg) -> bool:
        if message.metadata.cacheable and message.hash not in self.kept:
            self.kept = [*self.kept, message.hash][-KEPT:]
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "slider":
                self.sliders[element.slider.id] = element.slider, message.delta.fragment_id
            case "plotly_chart" | "html" | "metric":
                return self._changed(tuple(message.metadata.delta_path), message.hash)
            case "exception":
                raise LoadError(element.exception.message)
        return False

    def _changed(self, path: tuple[int, ...], mark: str) -> bool:
        before = self.shown.get(path)
        self.shown[path] = mark
        return before is not None and before != mark


class Person:
    """Somebody with a page open.

    Parameters
    ----------
    url : str
        Of the server, without a path.
    page : str
        Page of the address ("scenario").
    number : int
        Chooses which slider is moved first, and when.
    """

    def __init__(self, url: str, page: str, number: int) -> None:
        self.url, self.page, self.random = url.rstrip("/"), page, Random(number)
        self.seen = Seen()
        self.socket: ClientConnection
        self.steps = cycle(CHANGES)

    async def open(self) -> Move:
        """Load the page and run it for the first time."""
        cookies = await asyncio.to_thread(_cookies, self.url, self.page)
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        self.socket = await connect(
            f"{scheme}://{parts.netloc}/_stcore/stream",
            origin=self.url,
            subprotocols=["streamlit", *([cookies[XSRF]] if XSRF in cookies else [])],
            additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
            compression=None,
            max_size=None,
        )
        message = BackMsg()
        message.rerun_script.page_name = self.page
        self._context(message)
        return await self._run(message)

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()

    async def again(self) -> Move:
        """Run the page once more with nothing changed."""
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_script_hash = self.seen.query, self.seen.page
        message.rerun_script.cached_message_hashes.extend(self.seen.kept)
        self._context(message)
        return await self._run(message)

    async def move(self, until: float = math.inf) -> Move:
        """Move one slider and wait until the run has ended, or until a moment (`time.perf_counter`) after its result.

        Nobody waits for intervals before he moves on: a run that has not ended then is cut short by the next move.
        """
        if not self.seen.sliders:
            raise LoadError("there is no slider on the page")
        slider, fragment = self.random.choice(list(self.seen.sliders.values()))
        value = self._next(slider)
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.seen.query, self.seen.page, fragment
        state.cached_message_hashes.extend(self.seen.kept)
        for other, _ in self.seen.sliders.values():
            widget = state.widget_states.widgets.add(id=other.id)
            widget.double_array_value.data.extend([value] if other.id == slider.id else _values(other))
        self._context(message)
        self.seen.sliders[slider.id] = _at(slider, value), fragment
        return await self._run(message, until)

    def _next(self, slider: Slider) -> float:
        """Another place for the slider: some steps from zero, towards the end that is farther from it."""
        now, step = _values(slider)[0], slider.step or 1.0
        end = slider.max if slider.max >= -slider.min else slider.min
        for steps in self.steps:
            value = round(steps * step * (1 if end > 0 else -1), 6)
            if abs(value - now) > step / 2 and slider.min <= value <= slider.max:
                return value
        raise LoadError("a slider without room")

    def _context(self, message: BackMsg) -> None:
        context = message.rerun_script.context_info
        context.timezone, context.timezone_offset, context.locale = "Asia/Shanghai", -480, "en-US"
        context.url, context.color_scheme = f"{self.url}/{self.page}", "light"

    async def _run(self, message: BackMsg, until: float = math.inf) -> Move:
        """Send, and read to the end of the run; what an earlier run still sends before it begins is not its own."""
        at, start = time.time(), time.perf_counter()
        await self.socket.send(message.SerializeToString())
        result, size, count, begun = 0.0, 0, 0, False
        while True:
            wait = min(until - time.perf_counter(), PATIENCE) if result else PATIENCE
            try:
                data = await asyncio.wait_for(self.socket.recv(decode=False), max(wait, 0.0))
            except TimeoutError:
                if wait < PATIENCE:
                    return Move(at, result, 0.0, size / 1e3, count)
                raise
            size, count = size + len(data), count + 1
            found = ForwardMsg.FromString(data)
            kind, changed = found.WhichOneof("type"), self.seen.take(found)
            begun = begun or kind == "new_session"
            if changed and begun and not result:
                result = time.perf_counter() - start
            if kind == "script_finished" and begun and found.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if found.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise LoadError("the script could not be compiled")
                return Move(at, result, time.perf_counter() - start, size / 1e3, count)


def _values(slider: Slider) -> list[float]:
    return list(slider.value or slider.default) if slider.set_value else list(slider.default)


def _at(slider: Slider, value: float) -> Slider:
    """The slider where it was put."""
    moved = Slider()
    moved.CopyFrom(slider)
    moved.set_value = True
    moved.value[:] = [value]
    return moved


def _cookies(url: str, page: str) -> dict[str, str]:
    """Cookies that a browser has once it has loaded the page and asked the server for its settings."""
    found: dict[str, str] = {}
    for path in (page, "_stcore/health", "_stcore/host-config"):
        cookie = "; ".join(f"{name}={value}" for name, value in found.items())
        request = urllib.request.Request(f"{url}/{path}", headers={"Cookie": cookie} if cookie else {})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            for header in answer.headers.get_all("Set-Cookie") or ():
                found |= {name: morsel.coded_value for name, morsel in SimpleCookie(header).items()}
    return found


FAULTS = (LoadError, OSError, TimeoutError, WebSocketException)
"""What counts as an error of the server."""
