"""Driving the real app: start its server, open Chromium, wait until a page has come to rest."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = os.environ.get("CI") == "true"
START = 120.0
"""Seconds until the server must answer; a first start may have to build the illustrative market."""
SETTLE = 120_000
"""Milliseconds until a page must have come to rest, or must show what is expected of it, on a busy machine."""
LOOK = 100
"""Milliseconds between two looks at whether it has: a look at every frame costs a core of its own."""
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # pages are put together without WebGL, which has no graphics card to run on here
    "--disable-gpu-rasterization",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
)
UNHEARD = 30_000
"""Milliseconds after which a run that was asked for and has not begun is not waited for."""
ASKS = """(asking, beginning) => {
    const has = (data, field) => {
        const bytes = new Uint8Array(data.buffer || data, data.byteOffset || 0, data.byteLength);
        let at = 0;
        const number = () => {
            let sum = 0, scale = 1, byte;
            do { byte = bytes[at++]; sum += (byte & 127) * scale; scale *= 128; } while (byte > 127);
            return sum;
        };
        while (at < bytes.length) {
            const tag = number(), size = number();
            if (tag >> 3 === field) return true;
            if ((tag & 7) === 2) at += size;
        }
        return false;
    };
    const send = WebSocket.prototype.send, heard = new WeakSet();
    WebSocket.prototype.send = function (data) {
        if (has(data, asking)) window.__asked = performance.now();
        if (!heard.has(this)) {
            heard.add(this);
            this.addEventListener('message', event => {
                if (!has(event.data, beginning)) return;
                window.__asked = 0;
                window.__begun = (window.__begun ?? 0) + 1;
            });
        }
        return send.call(this, data);
    };
}"""
NOTING = f"({ASKS})({BackMsg.RERUN_SCRIPT_FIELD_NUMBER}, {ForwardMsg.NEW_SESSION_FIELD_NUMBER})"
"""For a page before its scripts: notes when it asked for a run whose beginning it has not been told, and how many
have begun."""
RESTS = f"""() => {{
    const app = document.querySelector('[data-testid=stApp]');
    const drawn = chart => chart.querySelector('.main-svg');
    const asked = window.__asked && performance.now() - window.__asked < {UNHEARD};
    const rests = app && !asked && app.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState === 'CONNECTED'
        && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')
        && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(drawn);
    if (!rests) {{ window.__restsSince = 0; return false; }}
    window.__restsSince = window.__restsSince || performance.now();
    return performance.now() - window.__restsSince > 250;
}}"""


def free_port() -> int:
    """Return a port of this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, *, seconds: float = START) -> None:
    """Wait until a server answers that it is healthy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url + "/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {seconds:.0f} s")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Address of a server of its own, whose workspace and log are in `folder`."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTHOUSE_WORKSPACE", str(folder / "workspace"))
        with running("-m", "pages.ui.server", "--port", str(port), log=folder / "log"):
            wait_for(address)
            yield address


@contextmanager
def running(*command: str, log: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a Python command as a process group of its own; interrupted at the end, and killed if that does not help.

    Its output goes to `log`, or to pipes for commands that say little.
    """
    with ExitStack() as stack:
        out = stack.enter_context(log.open("w", encoding="utf-8")) if log else subprocess.PIPE
        error = subprocess.STDOUT if log else subprocess.PIPE
        command = (sys.executable, *command)
        process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=out, stderr=error, start_new_session=True)
        stack.enter_context(process)
        try:
            yield process
        finally:
            if process.poll() is None:
                interrupt(process)


def interrupt(process: subprocess.Popen[str], *, seconds: float = 60) -> int:
    """Press Ctrl-C in the terminal of a process started by `running`; its exit code."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def settle(page: Page, *, timeout: float = SETTLE) -> None:
    """Wait until the script has ended, everything is drawn, nothing is stale, and that for 250 ms.

    A run that was asked for counts, whether or not it has begun. What a page asks for later by itself (a slider
    200 ms after the key) may not have been asked for yet when this is called: expect its result as well.
    """
    page.wait_for_function(RESTS, timeout=timeout, polling=LOOK)


def leaves(request: Request, url: str) -> bool:
    """Whether a request goes anywhere but to the server under test."""
    return not request.url.startswith((url, url.replace("http", "ws", 1), "data:", "blob:"))


def clear(page: Page, heard: Callable[[Request], None]) -> None:
    """Leave the page's context as that of a browser that was never used, but for what it has fetched."""
    context = page.context
    context.remove_listener("request", heard)
    context.unroute_all()
    context.set_offline(False)
    session = context.new_cdp_session(context.pages[0] if context.pages else context.new_page())
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    for one in context.pages:
        one.close()
    context.clear_cookies()
    context.clear_permissions()
