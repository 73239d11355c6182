"""Long runs over every reader of strangers' files: `python -m benchmarks.fuzz --seconds 600 [--only csv] [--atheris]`.

Each reader gets the same share of the time. A file on which one breaks down, or takes longer than `SLOWEST`, is written
to `--out` and named; the exit code is the number of readers with one. With `--atheris` (a package of its own, not
pinned: Linux, Python up to 3.13) the bytes are led by coverage instead of by `tests/damage.py`.
"""

import argparse
import hashlib
import random
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.damage import damaged
from tests.fuzzing import outcome, readers

SLOWEST = 20.0
"""Seconds that no small file may take."""


def main() -> int:
    """Run, report a line a reader."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=Path("fuzz-faults"))
    parser.add_argument("--atheris", action="store_true")
    asked = parser.parse_args()
    chosen = [name for name in readers() if asked.only in ("", name)]
    if asked.atheris:
        led(chosen[0], asked.seconds)
        return 0
    faults = sum(bool(run(name, asked.seconds / len(chosen), asked.seed, asked.out)) for name in chosen)
    print(f"{faults} of {len(chosen)} readers with faults")
    return faults


def run(name: str, seconds: float, seed: int, out: Path) -> int:
    """Damaged files for one reader; the number of different faults."""
    reader, end, files = readers()[name], time.monotonic() + seconds, 0
    found: dict[str, bytes] = {}
    seen: dict[str, int] = {}
    slowest = 0.0
    while time.monotonic() < end:
        raw = damaged(reader, random.Random(f"{name} {seed} {files}"))
        files += 1
        start = time.monotonic()
        fault, said = tried(name, raw)
        took = time.monotonic() - start
        slowest = max(slowest, took)
        if took > SLOWEST:
            fault = f"{took:.0f} s"
        seen[said] = seen.get(said, 0) + 1
        if fault and fault not in found:
            found[fault] = raw
            keep(out, name, fault, raw)
    told = ", ".join(f"{code} {n}" for code, n in sorted(seen.items(), key=lambda one: -one[1])[:6])
    print(f"{name}: {files:,} files, slowest {slowest:.2f} s, {len(found)} faults; {told}", flush=True)
    return len(found)


def tried(name: str, raw: bytes) -> tuple[str, str]:
    """The fault that bytes bring about, if any, and what became of them otherwise."""
    with ThreadPoolExecutor(1) as beside:
        ran = beside.submit(outcome, readers()[name], raw)
        error = ran.exception()
    if error is not None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}", "fault"
    first = ran.result()
    return "", first.partition("(")[0][:40] if first.startswith("refused") else "read"


def keep(out: Path, name: str, fault: str, raw: bytes) -> None:
    """Write a file that brought a fault about."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name.replace(' ', '-')}-{hashlib.sha256(raw).hexdigest()[:12]}"
    path.write_bytes(raw)
    print(f"{name}: {fault} -> {path}", flush=True)


def led(name: str, seconds: float) -> None:
    """Bytes led by coverage, by atheris."""
    import atheris

    def one(raw: bytes) -> None:
        outcome(readers()[name], raw)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    raise SystemExit(main())
