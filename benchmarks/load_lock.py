"""Who holds the interpreter lock of a process, and in which functions: samples of py-spy (`pip install py-spy`)."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

RATE = 100
"""Samples a second."""


@dataclass(slots=True)
class Held:
    """Samples in which some thread held the lock; none where nothing could be sampled.

    Attributes
    ----------
    stacks : list of (tuple of str, int)
        Functions, the outermost first, and in how many samples they were seen so.
    """

    stacks: list[tuple[tuple[str, ...], int]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds on the lock."""
        return sum(count for _, count in self.stacks) / RATE


@contextmanager
def sampled(pid: int) -> Iterator[Held]:
    """Sample a process until the block ends; the answer is there after it.

    The process stands still while it is looked at: read as it runs, half of what pandas does is never seen.
    """
    held, program = Held(), shutil.which("py-spy")
    if program is None:
        yield held
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "samples"
        command = [program, "record", "--gil", "--format", "raw", "--rate", str(RATE)]
        command += ["--duration", "unlimited", "--output", str(out), "--pid", str(pid)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        sampler = subprocess.Popen(command, **quiet, env={**os.environ, "TERM": "dumb"})
        try:
            yield held
        finally:
            sampler.send_signal(signal.SIGINT)
            sampler.wait(30)
        if out.exists():
            held.stacks = stacks(out.read_text("utf-8"))


def stacks(text: str) -> list[tuple[tuple[str, ...], int]]:
    """A file of folded stacks: functions joined by ";", a blank, a count."""
    parts = (line.rpartition(" ") for line in text.splitlines() if line)
    return [(tuple(frames.split(";")), int(count)) for frames, _, count in parts if count.isdigit()]
