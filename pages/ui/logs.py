"""The log: one line an event, without anything that names a person, a file or what somebody looks at.

With `POSTHOUSE_LOG=json` every line is one JSON object, those of the libraries included; else lines to be read by
people, and tracebacks with them.
"""

import hashlib
import json
import logging
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import streamlit as st
from streamlit import config, logger
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data import settings
from pages.ui import guard

NAME = "posthouse"
ROOT = Path(__file__).resolve().parents[2]
FRAMES = 6
"""Last places of the program that a line about an error names."""
FIELDS = ("page", "kind", "seconds", "code", "session", "reference", "where", "on")
"""What an event may say beside its name."""
_PLAIN = re.compile(r"[\w %.,:;()\[\]=-]*")
"""Wording of a library that holds nothing of anyone's."""
_SALT = secrets.token_bytes(16)
_LOG = logging.getLogger(NAME)
_TOLD = "Uncaught app execution"
"""How Streamlit begins the traceback of an error that `uncaught` says with its reference."""


def as_json() -> bool:
    """Whether lines are JSON."""
    return settings.log() == "json"


class Line(logging.LogRecord):
    """A record that reads as one line of JSON; of others' messages only the wording is kept, not what is filled in."""

    def getMessage(self) -> str:
        """Return the line."""
        when = datetime.fromtimestamp(self.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"time": when, "level": self.levelname.lower()}
        told = self.__dict__.get("told")
        if told is not None:
            return json.dumps(line | told, ensure_ascii=False)
        wording = str(self.msg).partition("\n")[0]
        line |= {"event": "log", "logger": self.name, "said": wording if _PLAIN.fullmatch(wording) else ""}
        error = self.__dict__.get("raised")
        at = {"where": [f"{_short_name(self.pathname)}:{self.lineno} {self.funcName}"]}
        return json.dumps(line | (at if error is None else {"code": type(error).__name__, "where": places(error)}))


def _record(*parts: Any, **more: Any) -> Line:
    """A record whose exception is named, and not written out: its message may hold anything."""
    record = Line(*parts, **more)
    if record.exc_info:
        record.__dict__["raised"] = record.exc_info[1]
        record.exc_info = record.exc_text = record.stack_info = None
    return record


def begin() -> None:
    """Write to the standard error from here on, in the format that is set."""
    if as_json():
        logging.setLogRecordFactory(_record)
        logging.captureWarnings(True)
        config.set_option("logger.messageFormat", "%(message)s")
        logger.update_formatter()
        sys.excepthook = _fell
        threading.excepthook = lambda fallen: _fell(fallen.exc_type, fallen.exc_value, fallen.exc_traceback)
        logging.getLogger("streamlit.error_util").addFilter(lambda record: not str(record.msg).startswith(_TOLD))
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s" if as_json() else "%(asctime)s %(levelname)s %(message)s"))
    for name in (NAME, "py.warnings") if as_json() else (NAME,):
        logging.getLogger(name).handlers[:] = [handler]
    _LOG.setLevel(logging.INFO if as_json() else logging.WARNING)
    _LOG.propagate = False


def event(name: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Write one line.

    Parameters
    ----------
    name : str
        What happened, one word or a few with "_".
    level : int
        Of `logging`; below a warning only JSON is written.
    **fields
        Those of `FIELDS`; empty ones are left out.
    """
    if not _LOG.isEnabledFor(level):
        return
    strange = fields.keys() - set(FIELDS)
    if strange:
        raise ValueError(*strange)
    said = {key: fields[key] for key in FIELDS if fields.get(key) not in (None, "", [])}
    words = " ".join([name, *(f"{key}={value}" for key, value in said.items())])
    _LOG.log(level, "%s", words, extra={"told": {"event": name} | said})


def short(session: str) -> str:
    """A session's mark in the log of this process: tells lines of one from those of another, and no more."""
    return hashlib.blake2b(session.encode(), key=_SALT, digest_size=6).hexdigest()


def places(error: BaseException) -> list[str]:
    """Where an error came up, the last places of this program first, else of its libraries: file, line, function."""
    every = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in every if Path(frame.filename).is_relative_to(ROOT)] or list(every)
    return [f"{_short_name(frame.filename)}:{frame.lineno} {frame.name}" for frame in ours[: -FRAMES - 1 : -1]]


def _short_name(name: str) -> str:
    path = Path(name)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else f"{path.parent.name}/{path.name}"


def failed(error: BaseException, *, count: Callable[[str], None], on: str = "") -> str:
    """Write that something went wrong; the reference under which whoever runs the program finds the line."""
    reference, code = secrets.token_hex(4).upper(), type(error).__name__
    count(code)
    context = get_script_run_ctx(suppress_warning=True)
    session = "" if context is None else short(context.session_id)
    page = "" if context is None else guard.page()
    said = {"page": page, "code": code, "session": session, "reference": reference, "on": on}
    event("error", level=logging.ERROR, where=places(error), **said)
    return reference


class Unforeseen(Exception):
    """What a reader is told of an error that nobody foresaw: a reference, and nothing of the error itself."""

    def __init__(self, title: str, said: str) -> None:
        super().__init__(said)
        self.alternate_name = title


def show(reference: str) -> None:
    """Tell the reader, in place of what could not be drawn."""
    from pages.ui import text

    look = text.look()
    st.exception(Unforeseen(look.say("served.failed"), look.say("served.reference", reference=reference)))


def _fell(kind: type[BaseException], error: BaseException | None, _: TracebackType | None) -> None:
    """A thread, or the program, ended with an error."""
    event("fell", level=logging.ERROR, code=kind.__name__, where=[] if error is None else places(error))
