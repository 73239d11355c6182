"""What a rerun costs between server and wire: `streamlit run` against the server of `python app.py`.

Writes a page with one slider into a temporary folder, serves it both ways, and moves the slider from a WebSocket
client of its own, so that no browser is in the figure. Run it from the top of the checkout:

    python -m benchmarks.rerun [--runs N]
"""

import argparse
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.browser import ROOT, free_port, wait_for

WARM_UP = 10
SETTLED = 3.0  # seconds after the first answer, until imports and freezing are over
SLIDER = """
import streamlit as st
st.write(st.slider("n", 0, 1000, 0, key="n"))
"""
PAGES = {
    "empty page": SLIDER,
    "empty page, libraries of the app loaded": "import duckdb, pandas, plotly.graph_objects, pydeck" + SLIDER,
}
POSTHOUSE = """
import sys
from pathlib import Path
from pages.ui import server
sys.exit(server.serve(Path({script!r}), {port}, fill=lambda: None))
"""


@contextmanager
def serving(*command: str, port: int) -> Iterator[str]:
    """Serve until the block ends; gives the address of the WebSocket."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, **quiet)
    try:
        wait_for(f"http://127.0.0.1:{port}")
        time.sleep(SETTLED)
        yield f"ws://127.0.0.1:{port}/_stcore/stream"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def until_finished(socket: ClientConnection) -> list[ForwardMsg]:
    """Messages of one run, to its end."""
    messages = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(socket.recv())
        messages.append(message)
        if message.WhichOneof("type") == "script_finished":
            return messages


def slider_of(messages: list[ForwardMsg]) -> str:
    """Widget id of the slider among the messages of a run."""
    return next(m.delta.new_element.slider.id for m in messages if m.delta.new_element.slider.id)


def move(socket: ClientConnection, slider: str, value: int) -> float:
    """Move the slider; milliseconds until the run has ended."""
    message = BackMsg()
    widget = message.rerun_script.widget_states.widgets.add(id=slider)
    widget.double_array_value.data.append(value)
    start = time.perf_counter()
    socket.send(message.SerializeToString())
    until_finished(socket)
    return 1000 * (time.perf_counter() - start)


def rerun_times(address: str, runs: int) -> list[float]:
    """Milliseconds of `runs` moves of the slider, after some that do not count."""
    with connect(address, max_size=None, subprotocols=["streamlit"], compression=None) as socket:
        first = BackMsg()
        first.rerun_script.query_string = ""
        socket.send(first.SerializeToString())
        slider = slider_of(until_finished(socket))
        return [move(socket, slider, value + 1) for value in range(WARM_UP + runs)][WARM_UP:]


def measure(page: str, runs: int) -> dict[str, list[float]]:
    """Milliseconds of each rerun of a page, for both servers, with the same settings."""
    with tempfile.TemporaryDirectory() as name:
        script = Path(name) / "app.py"
        script.write_text(page, "utf-8")
        shutil.copytree(ROOT / ".streamlit", Path(name) / ".streamlit")
        ports = free_port(), free_port()
        ours = ["-c", POSTHOUSE.format(script=str(script), port=ports[0])]
        theirs = ["-m", "streamlit", "run", str(script), "--server.port", str(ports[1])]
        times = {}
        for label, command, port in zip(("python app.py", "streamlit run"), (ours, theirs), ports, strict=True):
            with serving(*command, port=port) as address:
                times[label] = rerun_times(address, runs)
    return times


def ratios(*, quick: bool) -> dict[str, float]:
    """`streamlit run` over `python app.py`: median of a rerun of an empty page."""
    ours, theirs = map(statistics.median, measure(PAGES["empty page"], 30 if quick else 100).values())
    return {"empty": theirs / ours}


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    runs = parser.parse_args().runs
    for title, page in PAGES.items():
        times = measure(page, runs)
        print(title)
        for label, values in times.items():
            print(
                f"  {label:14} median {statistics.median(values):6.1f} ms   min {min(values):6.1f} ms   n {len(values)}"
            )
        ours, theirs = map(statistics.median, times.values())
        print(f"  ratio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
