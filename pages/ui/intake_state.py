"""Files that the reader has dropped and what was decided about each table in them, for as long as the session lasts."""

import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data.intake.adapters import ADAPTERS
from data.intake.crs import CRS
from data.intake.found import Intake
from data.intake.sheet import Opened, Sheet
from pages.ui import jobs
from pages.ui.intake_desk import desk
from pages.ui.jobs import Error

if TYPE_CHECKING:
    from data.platforms import Platform

FORGOTTEN = "?"
"""Stands for what a name means when an earlier decision about it was taken back."""
_DROP, _NOTICE = "intake.drop", "intake.notice"


@dataclass(slots=True, eq=False)
class Upload:
    """One file.

    Attributes
    ----------
    id : str
    name : str
        As the reader knows it.
    path : Path
        Copy in the session's folder.
    size : int
        Bytes.
    encoding : str
        Chosen by the reader, "" for the one found.
    header_row : int
        The same: record number of the header, 0 for the one found.
    opened : Opened or None
        Its tables, once it was opened.
    refused : IntakeError, WorkspaceError, Cancelled or None
        Why it could not be.
    """

    id: str
    name: str
    path: Path
    size: int
    encoding: str = ""
    header_row: int = 0
    opened: Opened | None = None
    refused: Error | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader decided about a table; arguments of `data.intake.read`.

    Attributes
    ----------
    dataset : str
        Key of DATASETS.
    adapter : str
        Kind of file it is brought from; "" for a dataset as it is.
    options : mapping of str to str
        What such a file does not say.
    crs : str
        System of its coordinates.
    mapping : mapping of str to str
        Header to column, "" to leave it out.
    units : mapping of str to str
        Column to the unit its cells are in.
    names : mapping of str to mapping of str to str
        By column, written text to the key meant, "" to set such rows aside.
    edits : mapping of (int, str) to str
        Row and header to the text that replaces the cell.
    add_up : bool
        Whether rows of one key are added up.
    fill_down : tuple of str
        Headers under which a blank cell means the one above.
    """

    dataset: str
    adapter: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    crs: str = CRS[0]
    mapping: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    edits: Mapping[tuple[int, str], str] = field(default_factory=dict)
    add_up: bool = False
    fill_down: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Table:
    """One table of a file.

    Attributes
    ----------
    key : str
        Upload and place in it.
    upload : Upload
    sheet : Sheet
    choices : Choices
    wanted : bool
        Whether it is read.
    found : Intake or None
        What became of it, once read.
    refused : IntakeError, WorkspaceError, Cancelled or None
        Why it could not be.
    turn : int
        How often something was decided: part of the keys of what edits it, which then start afresh.
    recalled : mapping of str to mapping of str to str
        By column, what was decided about names of earlier files.
    drafts : dict of (int, str) to str
        Cells as changed on the page, row and header, which were not checked yet.
    laid : dict of (int, str) to str
        Those that were there when the table that edits them was drawn first.
    """

    key: str
    upload: Upload
    sheet: Sheet
    choices: Choices
    wanted: bool
    found: Intake | None = None
    refused: Error | None = None
    turn: int = 0
    recalled: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    drafts: dict[tuple[int, str], str] = field(default_factory=dict)
    laid: dict[tuple[int, str], str] = field(default_factory=dict)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the reader must still say before the table can be read."""
        kind = ADAPTERS.get(self.choices.adapter)
        return tuple(name for name in kind.options if not self.choices.options.get(name)) if kind else ()

    def decide(self, choices: Choices) -> None:
        """Change what was decided; the table is read again."""
        self.choices, self.turn = choices, self.turn + 1
        self.found = self.refused = None


def uploads() -> list[Upload]:
    """Files dropped and not yet saved or removed, oldest first."""
    return desk().uploads


def tables() -> list[Table]:
    """Tables of the files that could be opened, in order."""
    return desk().tables


def wanted() -> list[Table]:
    """Tables that are read."""
    return [table for table in tables() if table.wanted]


def counts(found: Intake) -> tuple[int, int, int]:
    """Rows or records that are kept, of how many, and the rows that they make."""
    return found.kept, found.rows, len(found.rows_of)


def put(upload: Upload, made: list[Table]) -> None:
    """Put the tables of a file in the place of those it had."""
    desk().tables = [table for table in tables() if table.upload is not upload] + made


def networks() -> "tuple[Platform, ...]":
    """Networks added for the files dropped, which the next save adds to its market."""
    return desk().networks


def add_network(network: "Platform") -> None:
    """Add a network for the files dropped."""
    desk().networks = (*networks(), network)


def drop_network(key: str) -> None:
    """Take back a network added for the files dropped."""
    desk().networks = tuple(network for network in networks() if network.key != key)


def drop_key() -> str:
    """Key of the drop zone: a new one after every drop, so that it is empty again."""
    return f"drop.{st.session_state.get(_DROP, 0)}"


def take_in() -> None:
    """Copy what lies in the drop zone to the session's folder, and empty the zone."""
    files: list[UploadedFile] = st.session_state[drop_key()]
    for file in files:
        id = uuid.uuid4().hex[:8]
        path = desk().folder.path / id
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        uploads().append(Upload(id, file.name, path, file.size))
    st.session_state[_DROP] = st.session_state.get(_DROP, 0) + 1


def remove(upload: Upload) -> None:
    """Forget a file and its tables."""
    jobs.stop()
    uploads().remove(upload)
    desk().tables = [table for table in tables() if table.upload is not upload]
    upload.path.unlink(missing_ok=True)
    shutil.rmtree(parts(upload), ignore_errors=True)


def taken(saved: Sequence[Table]) -> None:
    """Forget the files whose tables have all been saved, and the networks that came with them; the others stay."""
    rest = {table.upload.id for table in wanted() if table not in saved}
    for upload in {table.upload.id: table.upload for table in saved}.values():
        if upload.id not in rest:
            remove(upload)
    desk().networks = ()


def parts(upload: Upload) -> Path:
    """Folder of the tables of a file."""
    return upload.path.with_suffix(".d")


def reopen(upload: Upload, *, encoding: str = "", header_row: int = 0) -> None:
    """Open a file again, in the encoding and with the header row that the reader names ("", 0: as found)."""
    upload.encoding, upload.header_row = encoding, header_row
    upload.opened = upload.refused = None


def notice(kind: str, text: str) -> None:
    """Something to say at the next drawing of the page: "check", "saved", "info" or "error"."""
    st.session_state[_NOTICE] = (kind, text)


def noticed() -> tuple[str, str] | None:
    """What is to be said, once."""
    return st.session_state.pop(_NOTICE, None)


def just_saved() -> bool:
    """Whether a version was saved since the last drawing."""
    return st.session_state.get(_NOTICE, ("", ""))[0] == "saved"
