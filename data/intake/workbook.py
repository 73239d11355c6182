"""Workbooks opened: sheets as UTF-8 text on disk, record n being row n."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from data.intake.clean import clean_name
from data.intake.limits import MOST_TABLES
from data.intake.plain import Options, sheet_of
from data.intake.refusal import IntakeError
from data.intake.sheet import Sheet
from data.intake.sheets import ENCRYPTED
from data.intake.survey import Marks, survey
from data.intake.watch import Cancelled, Watch

_SCRIPT = Path(__file__).with_name("sheets.py")
_NO_TABLE = ("empty_file", "header_only")
_POLL = 0.2
_LONGEST = 900.0
"""Seconds until a workbook is given up."""


def open_workbook(path: Path, kind: str, options: Options) -> tuple[list[Sheet], list[str]]:
    """Open a workbook of kind "xlsx" or "xls": its sheets with a table, hidden ones too, and the names of the others.

    Raises
    ------
    IntakeError
        It is damaged, asks for a password, has too many sheets, or would not fit in memory.
    Cancelled
        The watch was stopped.
    """
    marks = survey(path, options.watch) if kind == "xlsx" else []
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    names = _written(path, folder, marks, options.watch)
    if len(names) > MOST_TABLES:
        raise IntakeError("too_many_tables", tables=f"{len(names):,}", limit=f"{MOST_TABLES:,}")
    found, empty, refused = [], [], []
    for n, name in enumerate(names):
        try:
            found.append(sheet_of(folder / f"{n}.csv", "xlsx", options, name=clean_name(name)))
        except IntakeError as error:
            empty.append(clean_name(name))
            refused += [] if error.code in _NO_TABLE else [error]
    if refused and not found:
        raise refused[0]
    return found, empty


def _written(path: Path, folder: Path, marks: list[Marks], watch: Watch | None) -> list[str]:
    """Names of the sheets, which another process writes to `folder`."""
    places = [([(*place, text) for place, text in sheet.errors.items()], sheet.percents) for sheet in marks]
    asked = json.dumps({"path": str(path), "folder": str(folder), "marks": places, "limit": MOST_TABLES})
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-I", str(_SCRIPT)], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as child:
        told = _told(child, asked.encode(), watch)
    if child.returncode == ENCRYPTED:
        raise IntakeError("encrypted")
    if child.returncode:
        raise IntakeError("broken_workbook")
    return list(json.loads(told))


def _told(child: "subprocess.Popen[bytes]", asked: bytes, watch: Watch | None) -> bytes:
    """What a process says to what it is asked; it ends with the watch, or when it takes too long."""
    waited, told = 0.0, None
    while told is None:
        try:
            told, _ = child.communicate(asked if not waited else None, timeout=_POLL)
        except subprocess.TimeoutExpired:
            waited += _POLL
            if (watch and watch.stopped) or waited > _LONGEST:
                child.kill()
    if watch and watch.stopped:
        raise Cancelled
    return told
