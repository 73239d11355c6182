"""All ratios in one command: `python -m benchmarks [--quick] [--write FILE]`, from the top of the checkout.

Each module of `benchmarks/ratios.toml` is measured in a process of its own and its ratios are compared with those found
before. What looks like a regression is measured up to three times more, and the best counts. Exit code 1: a ratio got
worse by more than its factor. Seconds are compared with nothing.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.ratios import FILE, Kept, better_of, kept, rewritten, shown

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("streamlit", "numpy", "pandas", "pyarrow", "duckdb", "scipy", "statsmodels", "plotly", "uvicorn")
HEAD = ("ratio", "now", "found", "fails beyond", "verdict", "tells more")
ROUNDS = 4
"""Times a ratio is measured before it is called a regression."""


def measured(module: str, *, quick: bool) -> dict[str, float] | None:
    """Ratios of one module, from a process of its own; None where it broke down, which is said."""
    command = [sys.executable, "-m", "benchmarks", "--one", module, *(["--quick"] if quick else [])]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{module} broke down: {(done.stderr.splitlines() or ['no word'])[-1]}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {f"{module}.{name}": value for name, value in found.items()}


def all_of(wanted: Sequence[Kept], *, quick: bool) -> tuple[dict[str, float | None], set[str]]:
    """The value of each ratio, and modules that broke down; what looks like a regression is measured again."""
    seen: dict[str, list[float]] = {one.key: [] for one in wanted}
    broken: set[str] = set()
    for module in dict.fromkeys(one.module for one in wanted):
        mine = [one for one in wanted if one.module == module]
        for _ in range(ROUNDS):
            start = time.perf_counter()
            found = measured(module, quick=quick)
            if found is None:
                broken.add(module)
            for key, value in (found or {}).items():
                seen.setdefault(key, []).append(value)
            print(f"{module}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
            if all(one.verdict(better_of(one, seen[one.key])) != "regression" for one in mine):
                break
    return {one.key: better_of(one, seen[one.key]) for one in wanted}, broken


def table(wanted: Iterable[Kept], values: Mapping[str, float | None]) -> list[str]:
    """Markdown, a line a ratio."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    for one in wanted:
        value = values.get(one.key)
        now = "–" if value is None else shown(value)
        good = "more is better" if one.better == "more" else "less is better"
        cells = (f"{one.name} ({good})", now, shown(one.found), shown(one.limit), one.verdict(value))
        lines.append(f"| {' | '.join(cells)} | `{one.command}` |")
    return lines


def machine() -> str:
    """What it was measured on: processor, cores, memory, system."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"
    )


def versions() -> str:
    """Python and the packages that speed hangs on."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)])


def commit() -> str:
    """The commit, and whether anything was changed since."""
    asked = ("git", "-C", str(ROOT))
    head = subprocess.run((*asked, "rev-parse", "--short=12", "HEAD"), capture_output=True, text=True, check=False)
    changes = subprocess.run((*asked, "status", "--porcelain"), capture_output=True, text=True, check=False)
    return (head.stdout.strip() or "no commit") + (" with changes" if changes.stdout.strip() else "")


def report(wanted: Sequence[Kept], values: Mapping[str, float | None]) -> str:
    """The page that is printed and written."""
    told = (f"Machine: {machine()}", f"Versions: {versions()}", f"Commit: {commit()}, {time.strftime('%Y-%m-%d')}")
    return "\n".join(("# Ratios", "", *(f"{line}  " for line in told), "", *table(wanted, values), ""))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, compare; 1 where something got worse by more than its factor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="what fits into a minute and a half")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the table as markdown")
    parser.add_argument("--only", nargs="+", metavar="MODULE", help="only these modules")
    parser.add_argument("--keep", action="store_true", help="write what was found into ratios.toml")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.one:
        print(json.dumps(importlib.import_module(f"benchmarks.{asked.one}").ratios(quick=asked.quick)))
        return 0
    wanted = [one for one in kept() if one.quick or not asked.quick]
    wanted = [one for one in wanted if not asked.only or one.module in asked.only]
    values, broken = all_of(wanted, quick=asked.quick)
    said = report(wanted, values)
    print(said)
    if asked.write:
        asked.write.write_text(said, "utf-8")
    if asked.keep:
        known = {key: value for key, value in values.items() if value is not None}
        FILE.write_text(rewritten(FILE.read_text("utf-8"), known), "utf-8")
    worse = [one for one in wanted if one.verdict(values[one.key]) == "regression"]
    for one in worse:
        now = values[one.key] or float("nan")
        print(f"{one.key} is {shown(now)}: it may not pass {shown(one.limit)}", file=sys.stderr)
    missing = [one.key for one in wanted if values[one.key] is None and (asked.quick or one.module in broken)]
    for key in missing:
        print(f"{key} was not measured", file=sys.stderr)
    return 1 if worse or missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
