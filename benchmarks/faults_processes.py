"""Processes: killed in the middle, two at once, clocks that jump, too little memory."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults_disk import told
from benchmarks.faults_journal import Journal, Outcome, begin, child, go_on, half_written
from data.workspace import keep
from tests.browser import ROOT

LONGEST = 0.4  # seconds of a life
FAKETIME = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
JUMPS = ("-20y", "+10y", "-400d", "+1d", "-1h")
SAVING = """
import sys
from pathlib import Path
from benchmarks.faults_journal import Journal, go_on
folder, path, seed, first, most, *ids = sys.argv[1:]
journal = Journal(Path(path), dict(one.split("=") for one in ids))
print(go_on(Path(folder), journal, int(seed), int(first), int(most)))
"""
READING = """
import os, sys
from pathlib import Path
import duckdb, pandas, pyarrow
from data.intake import read
from data.intake.refusal import IntakeError
if sys.argv[2]:
    Path(sys.argv[2], "cgroup.procs").write_text(str(os.getpid()))
try:
    found = read(Path(sys.argv[1]), "volumes", name="big.csv")
    print("read", len(found.rows_of["parcels"]))
except (IntakeError, MemoryError) as error:
    print("refused", getattr(error, "code", "no_memory"))
"""
MEGABYTES = (1000, 700, 500, 300)
PATIENCE = 90  # seconds for a file


def kill(tries: int) -> Outcome:
    """Kill a process in the middle of its saves, in all stores."""
    dice, lost, half = random.Random(1), 0, 0
    with tempfile.TemporaryDirectory() as made:
        folder, journal = Path(made) / "workspace", Journal(Path(made) / "journal")
        begin(folder, journal)
        for attempt in range(tries):
            since, first = len(journal.lines()), journal.next_number()
            with child(lambda seed=attempt, first=first: go_on(folder, journal, seed, first)) as number:
                time.sleep(dice.uniform(0.005, LONGEST))
                os.kill(number, signal.SIGKILL)
            lost += len(journal.lost(folder, since))
            half += half_written(folder, journal)
        lost = max(lost, len(journal.lost(folder)))
        wrong = keep.check(folder, keep=False)
        seen = f"{half} half-written seen, check: {wrong or 'sound'}"
        return Outcome("kill -9 while saving", tries, len(journal.lines()), lost + half, seen)


def kill_restore(tries: int) -> Outcome:
    """Kill a restore at any moment: the old or the new workspace is there, whole."""
    dice, said, lost = random.Random(5), Counter[str](), 0
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        old, new = (Journal(room / name) for name in ("old.journal", "new.journal"))
        begin(room / "old", old)
        begin(room / "new", new)
        go_on(room / "new", new, 1, 10, 20)
        go_on(room / "old", old, 1, 10, 20)
        keep.backup(room / "new", room / "new.zip")
        start = time.perf_counter()
        keep.restore(room / "new.zip", room / "measured")
        took = time.perf_counter() - start
        for _ in range(tries):
            shutil.rmtree(room / "at", ignore_errors=True)
            shutil.copytree(room / "old", room / "at")
            with child(lambda: keep.restore(room / "new.zip", room / "at", replace=True)) as number:
                time.sleep(dice.uniform(0.5, 1.5) * took)
                os.kill(number, signal.SIGKILL)
            keep.recover(room / "at")
            gone = [len(journal.lost(room / "at")) for journal in (old, new)]
            lost += min(gone)
            said["old whole" if not gone[0] else "new whole" if not gone[1] else "MIXED"] += 1
        return Outcome("kill -9 while restoring", tries, len(old.lines()), lost, told(said))


def writers(tries: int) -> Outcome:
    """Several processes save at once, in all stores."""
    said = Counter[str]()
    with tempfile.TemporaryDirectory() as made:
        folder, journal = Path(made) / "workspace", Journal(Path(made) / "journal")
        begin(folder, journal)
        for attempt in range(tries):
            first = journal.next_number()
            started = [_saving(folder, journal, attempt * 9 + n, first + n * 100_000, 12) for n in range(2)]
            for process in started:
                out, _ = process.communicate(timeout=300)
                said[out.decode().strip() or "failed"] += 1
        lost = len(journal.lost(folder)) + half_written(folder, journal)
        refused = ", ".join(f"refusals {words} x{n}" for words, n in said.items())
        return Outcome("two writers", tries, len(journal.lines()), lost, refused)


def _saving(
    folder: Path, journal: Journal, seed: int, first: int, most: int, env: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a process that saves."""
    ids = [f"{store}={id}" for store, id in journal.ids.items()]
    command = [sys.executable, "-c", SAVING, str(folder), str(journal.path), str(seed), str(first), str(most), *ids]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, **(env or {})})


def clock(tries: int) -> Outcome:
    """Let the clock jump years back and forth between saves, and keep good copies meanwhile."""
    library = next((path for path in FAKETIME if Path(path).exists()), None)
    if library is None:
        return Outcome("clock jumps", 0, 0, 0, "libfaketime is not installed")
    with tempfile.TemporaryDirectory() as made:
        folder, journal = Path(made) / "workspace", Journal(Path(made) / "journal")
        begin(folder, journal)
        for attempt in range(tries):
            jump = {"LD_PRELOAD": library, "FAKETIME": JUMPS[attempt % len(JUMPS)], "DONT_FAKE_MONOTONIC": "1"}
            _saving(folder, journal, attempt, journal.next_number(), 8, jump).communicate(timeout=120)
            check = [sys.executable, "-m", "data.workspace", "check"]
            given = {**os.environ, **jump, "POSTHOUSE_WORKSPACE": str(folder)}
            subprocess.run(check, cwd=ROOT, env=given, check=True, capture_output=True)
        latest = all(_latest(folder, journal, store) for store in ("scenarios", "boards"))
        copies = [len(keep.copies(folder, f"{store}.sqlite3")) for store in ("scenarios", "boards")]
        seen = f"latest by number: {latest}; good copies {copies}"
        return Outcome("clock jumps", tries, len(journal.lines()), len(journal.lost(folder)), seen)


def _latest(folder: Path, journal: Journal, store: str) -> bool:
    """Whether what opens without a number is the version saved last."""
    from data.workspace import Boards, Shelf
    from tests.made_workspace import OWNER, document

    last = [n for name, _, n in journal.lines() if name == store][-1]
    kept = Shelf(folder) if store == "scenarios" else Boards(folder)
    found = kept.open(journal.ids[store], **({} if store == "scenarios" else {"asker": OWNER}))
    return bool(found.document == document(last))


def memory(tries: int) -> Outcome:
    """Read a large file in a container that has little memory, the files that it reads counted too."""
    said = Counter[str]()
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "big.csv"
        large(file)
        for attempt in range(tries):
            given = MEGABYTES[attempt % len(MEGABYTES)]
            with container(given) as group:
                said[f"{given} MB: {_read(file, group)}"] += 1
        size = file.stat().st_size / 2**20
        file.unlink()
        left = len(list(Path(made).iterdir()))
        return Outcome("memory pressure", tries, 0, 0, f"file of {size:.0f} MB; {told(said)}; {left} files left behind")


def _read(file: Path, group: Path) -> str:
    """How the reading of a file ended."""
    command = [sys.executable, "-c", READING, str(file), str(group)]
    spill = {**os.environ, "TMPDIR": str(file.parent)}
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, env=spill, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"not done after {PATIENCE} s"
    return done.stdout.strip() or f"DIED {done.returncode} {' '.join(done.stderr.strip().splitlines()[-1:])}"


def large(file: Path) -> None:
    """Volumes of every city, network and month."""
    from data import cities
    from data.platforms import BUILT_IN

    months = [f"{year}-{month:02}" for year in range(2000, 2026) for month in range(1, 13)]
    with file.open("w") as out:
        out.write("month,city,platform,parcels\n")
        for city in cities.cities().index[:330]:
            out.writelines(f"{month},{city},{one},{len(month) * 1000}\n" for one in BUILT_IN for month in months)


@contextmanager
def container(megabytes: int) -> Iterator[Path]:
    """A control group with so much memory; needs root."""
    first, second = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    group = (first if first.is_dir() else second) / f"posthouse-faults-{os.getpid()}"
    group.mkdir()
    try:
        limit = "memory.limit_in_bytes" if first.is_dir() else "memory.max"
        (group / limit).write_text(str(megabytes * 2**20))
        yield group
    finally:
        group.rmdir()
