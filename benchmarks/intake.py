"""Checking a file against scanning it and against pandas, in one run: python -m benchmarks.intake [--rows N].

Each figure is a process of its own, so that its peak of memory is its own. The file: month, city, network, parcels,
source of the orders and a column of the user's own, 10 million rows, about 500 MB; a clean one, and one with a fault
in 0.1 % of the rows, of five kinds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import intake_rivals, intake_work

ROWS = 10_000_000
FEWER_ROWS = 1_000_000
PANDERA_ROWS = 100_000
RUNS = 3


def measured(work: str, *arguments: str, runs: int = RUNS) -> tuple[float, float, str]:
    """Median seconds, peak resident MB, and what it said, of `work` in processes of their own."""
    found = []
    for _ in range(runs):
        command = [sys.executable, "-m", "benchmarks.intake_one", work, *arguments]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found.append(json.loads(said.splitlines()[-1]))
        time.sleep(0.2)
    found.sort(key=lambda one: one["seconds"])
    middle = found[len(found) // 2]
    return middle["seconds"], max(one["peak_mb"] for one in found), middle["said"]


def ratios(*, quick: bool) -> dict[str, float]:
    """A million rows: reading and checking over the bare scan, clean and faulty; pandas by hand over the latter."""
    runs = 2 if quick else RUNS
    with tempfile.TemporaryDirectory() as folder:
        measured("files", str(FEWER_ROWS), folder, runs=1)
        steps = (("scan", "clean"), ("read", "clean"), ("read", "dirty"), ("pandas_by_hand", "dirty"))
        taken = [measured(work, f"{folder}/{file}.csv", folder, runs=runs)[0] for work, file in steps]
    scan, clean, dirty, pandas = taken
    return {"clean": clean / scan, "dirty": dirty / scan, "pandas": pandas / dirty}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--pandera", action="store_true", help="also pandera, on a slice")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured("files", str(options.rows), folder, runs=1)
        files = {kind: Path(folder) / f"{kind}.csv" for kind in ("clean", "dirty", "gb18030")}
        size = files["clean"].stat().st_size / 1e6
        print(f"{options.rows:,} rows, {size:,.0f} MB\n")
        print("| step | s | times the scan | peak MB | found |\n|---|---|---|---|---|")
        scan = 0.0
        for title, work, file in intake_work.STEPS:
            seconds, peak, said = measured(work, str(files[file]), folder)
            scan = scan or seconds
            print(f"| {title} | {seconds:.2f} | {seconds / scan:.2f} | {peak:,.0f} | {said} |", flush=True)
        if options.pandera:
            part = intake_work.part(files["dirty"], PANDERA_ROWS)
            seconds, peak, said = measured("pandera", str(part), folder, runs=1)
            times = seconds * options.rows / PANDERA_ROWS / scan
            title = f"{intake_rivals.PANDERA}, {PANDERA_ROWS:,} rows"
            print(f"| {title} | {seconds:.1f} | {times:,.0f} in proportion | {peak:,.0f} | {said} |")


if __name__ == "__main__":
    main()
