"""The real server: browsers that leave in the middle of a save, slow ones, and a stop while something is saved."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from benchmarks.faults_journal import Journal, Outcome, begin
from tests.browser import ROOT, free_port, wait_for
from tests.made_workspace import STORES

SAVING = """
import time
from pathlib import Path
import streamlit as st
from benchmarks.faults_journal import Journal, one
from data.workspace.underway import WRITES
folder, room = Path({folder!r}), Path({room!r})
ids = dict(line.split("=") for line in (room / "ids").read_text().split())
number, store, seconds = int(st.query_params["n"]), st.query_params["store"], float(st.query_params["seconds"])
(room / f"begun-{{number}}").touch()
with WRITES.one():
    time.sleep(seconds)
    code = one(folder, Journal(room / "journal", ids), store, number)
(room / f"done-{{number}}").write_text(code)
st.write(code or "saved")
"""
FLOOD = """
import streamlit as st
for n in range(150):
    st.text(f"{n} " + str(st.query_params) + "x" * 40_000)
st.write(st.slider("n", 0, 1000, 0, key="n"))
"""
SERVE = """
import sys
from pathlib import Path
from pages.ui import server
sys.exit(server.serve(Path({script!r}), {port}, fill=lambda: None))
"""


@contextmanager
def served(script: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve a script as the app is served; address of its WebSocket, and the process."""
    port = free_port()
    code = SERVE.format(script=str(script), port=port)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, **quiet
    )
    try:
        wait_for(f"http://127.0.0.1:{port}")
        time.sleep(2)
        yield f"ws://127.0.0.1:{port}/_stcore/stream", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(40)


def visit(address: str, query: str) -> ClientConnection:
    """Open a session and run the script."""
    socket = connect(address, max_size=None, subprotocols=["streamlit"], compression=None)
    first = BackMsg()
    first.rerun_script.query_string = query
    socket.send(first.SerializeToString())
    return socket


def waited(path: Path, seconds: float = 30) -> bool:
    """Wait for a file."""
    until = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return path.exists()


@contextmanager
def saving() -> Iterator[tuple[Path, Journal, str, "subprocess.Popen[bytes]"]]:
    """A server whose only page saves; its workspace, journal, address and process."""
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        folder, journal = room / "workspace", Journal(room / "journal")
        begin(folder, journal)
        (room / "ids").write_text("\n".join(f"{store}={id}" for store, id in journal.ids.items()))
        (room / "page.py").write_text(SAVING.format(folder=str(folder), room=str(room)))
        with served(room / "page.py") as (address, process):
            yield folder, journal, address, process


def leaving(tries: int) -> Outcome:
    """Close the WebSocket at a random moment of a save."""
    dice, finished = random.Random(4), 0
    with saving() as (folder, journal, address, _):
        for attempt in range(tries):
            n, store = 100 + attempt, STORES[attempt % len(STORES)]
            socket = visit(address, f"n={n}&store={store}&seconds=0.1")
            waited(folder.parent / f"begun-{n}")
            time.sleep(dice.uniform(0, 0.2))
            socket.close()
        finished = sum(waited(folder.parent / f"done-{100 + attempt}") for attempt in range(tries))
        lost = len(journal.lost(folder))
        return Outcome("browser leaves mid-save", tries, len(journal.lines()), lost, f"{finished} saves finished")


def stopped(tries: int) -> Outcome:
    """Stop the server (Ctrl-C, SIGTERM) while a save is under way that takes longer than a page may hold it up."""
    finished, lost, acknowledged = 0, 0, 0
    for attempt in range(tries):
        with saving() as (folder, journal, address, process):
            socket = visit(address, f"n=7&store={STORES[attempt % len(STORES)]}&seconds=6")
            waited(folder.parent / "begun-7")
            process.send_signal(signal.SIGTERM if attempt % 2 else signal.SIGINT)
            process.wait(40)
            socket.close()
            finished += (folder.parent / "done-7").exists()
            lost += len(journal.lost(folder))
            acknowledged += len(journal.lines())
    return Outcome(
        "stop during a save", tries, acknowledged, lost, f"{finished} of {tries} saves finished before the end"
    )


def slow(tries: int) -> Outcome:
    """Ask for page after page and read none of it; what the server holds for that client, and another one's time."""
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "page.py").write_text(FLOOD)
        with served(Path(made) / "page.py") as (address, process):
            _answered(address)
            before, alone = resident(process.pid), _answered(address)
            sockets, sent = [visit(address, "q=0") for _ in range(tries)], 0
            for turn in range(40):
                sent += sum(_asks(socket, turn) for socket in sockets)
                time.sleep(0.1)
            most, beside = resident(process.pid), _answered(address)
            for socket in sockets:
                socket.socket.close()
            time.sleep(3)
            after = resident(process.pid)
            seen = (
                f"{sent} runs of 6 MB asked and none read: server +{most - before:.0f} MB, "
                f"{after - before:+.0f} MB once they left; another reader {1000 * alone:.0f} -> {1000 * beside:.0f} ms"
            )
            return Outcome("slow client", tries, 0, 0, seen)


def _asks(socket: ClientConnection, turn: int) -> int:
    message = BackMsg()
    message.rerun_script.query_string = f"q={turn}"
    try:
        socket.send(message.SerializeToString())
    except ConnectionClosed:
        return 0
    return 1


def _answered(address: str) -> float:
    """Seconds of one visit, to the end of its run."""
    from benchmarks.rerun import until_finished

    start = time.perf_counter()
    with visit(address, "q=0") as socket:
        until_finished(socket)
    return time.perf_counter() - start


def resident(pid: int) -> float:
    """Megabytes of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20
