"""What readers keep on the disk of whoever runs the program: markets, scenarios, frozen forecasts, boards and links."""

from pathlib import Path

from data import settings
from data.workspace.boards import Boards, KeptBoard
from data.workspace.ledger import Kept, Ledger
from data.workspace.links import Link, Links
from data.workspace.markets import Workspace
from data.workspace.postgres import Database, Place, named_place
from data.workspace.refusal import WorkspaceError
from data.workspace.shelf import Saved, Shelf
from data.workspace.versions import Holding, MarketEntry, Part, Preview, Provenance, Version, VersionInfo

__all__ = [
    "Boards",
    "Database",
    "Holding",
    "Kept",
    "KeptBoard",
    "Ledger",
    "Link",
    "Links",
    "MarketEntry",
    "Part",
    "Place",
    "Preview",
    "Provenance",
    "Saved",
    "Shelf",
    "Version",
    "VersionInfo",
    "Workspace",
    "WorkspaceError",
    "folder",
    "named_place",
    "place",
]

JOURNAL = ".restoring"
"""File of a folder in which a restore was cut off: its last steps are taken before anything is read."""


def folder() -> Path:
    """Folder of what is kept on this disk: `POSTHOUSE_WORKSPACE`, or `workspace` beside the program."""
    found = settings.workspace()
    if (found / JOURNAL).exists():
        from data.workspace.keep import swap

        swap.recover(found)
    return found


def place() -> Place:
    """Where it is kept: the database of `POSTHOUSE_DATABASE`, else the folder."""
    address = settings.database()
    return Database(address) if address else folder()
