"""Driving the real app: start its server, open Chromium, wait until a page has come to rest."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Request

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = os.environ.get("CI") == "true"
START = 60.0
"""Seconds until the server must answer; a first start may have to build the illustrative market."""
SETTLE = 30_000
"""Milliseconds until a page must have come to rest."""
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
)
RESTS = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const rests = app && app.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState === 'CONNECTED' && !document.querySelector('[data-stale=true]');
    if (!rests) { window.__restsSince = 0; return false; }
    window.__restsSince = window.__restsSince || performance.now();
    return performance.now() - window.__restsSince > 250;
}"""


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
def running(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a Python command as a process group of its own, interrupted at the end (what is left of it is killed)."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            interrupt(process)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def interrupt(process: subprocess.Popen[str], *, seconds: float = 15) -> int:
    """Press Ctrl-C in the terminal of a process started by `running`; its exit code."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def settle(page: Page, *, timeout: float = SETTLE) -> None:
    """Wait until the script has ended, nothing is stale, and that for 250 ms.

    A widget's run may not have begun yet when this is called: expect its result as well.
    """
    page.wait_for_function(RESTS, timeout=timeout)


def leaves(request: Request, url: str) -> bool:
    """Whether a request goes anywhere but to the server under test."""
    return not request.url.startswith((url, url.replace("http", "ws", 1), "data:", "blob:"))
