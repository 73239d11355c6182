"""Trouble made for real, and what it costs: `python -m benchmarks.faults [NAME ...] [--tries N]`.

Every save is written to a journal once it was acknowledged; "lost" counts the lines of the journal that are not in the
workspace afterwards as they were saved, and half-written versions that can be read. Disks need root (they are mounted),
clocks need libfaketime, the last one PostgreSQL.
"""

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks import faults_disk, faults_postgres, faults_processes, faults_served
from benchmarks.faults_journal import Outcome

FAULTS: dict[str, tuple[Callable[[int], Outcome], int]] = {
    "kill": (faults_processes.kill, 100),
    "restore": (faults_processes.kill_restore, 50),
    "full": (faults_disk.full, 40),
    "readonly": (faults_disk.read_only, 20),
    "corrupt": (faults_disk.corrupt, 50),
    "writers": (faults_processes.writers, 10),
    "clock": (faults_processes.clock, 10),
    "leaving": (faults_served.leaving, 50),
    "stop": (faults_served.stopped, 4),
    "memory": (faults_processes.memory, 10),
    "slow": (faults_served.slow, 5),
    "postgres": (faults_postgres.away, 10),
}
"""What makes each, and how often by default."""


def main() -> int:
    """Print the table; 1 where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FAULTS)}; all by default")
    parser.add_argument("--tries", type=int, help="how often each strikes")
    given = parser.parse_args()
    strange = sorted({*given.names} - FAULTS.keys())
    if strange:
        parser.error(f"there is no {', '.join(strange)}")
    print("| fault | tries | acknowledged | lost | seen by the user | seconds |")
    print("|---|---:|---:|---:|---|---:|", flush=True)
    lost = 0
    for name in given.names or FAULTS:
        strike, tries = FAULTS[name]
        start = time.perf_counter()
        found = strike(given.tries or tries)
        took = time.perf_counter() - start
        row = (found.fault, found.tries, found.acknowledged, found.lost, found.seen, f"{took:.0f}")
        print(f"| {' | '.join(map(str, row))} |", flush=True)
        lost += found.lost
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
