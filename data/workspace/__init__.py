"""What readers keep on the disk of whoever runs the program: markets, scenarios, frozen forecasts, boards and links."""

import os
from pathlib import Path

from data.workspace.boards import Boards, KeptBoard
from data.workspace.ledger import Kept, Ledger
from data.workspace.links import Link, Links
from data.workspace.markets import Workspace
from data.workspace.refusal import WorkspaceError
from data.workspace.shelf import Saved, Shelf
from data.workspace.versions import Holding, MarketEntry, Part, Preview, Provenance, Version, VersionInfo

__all__ = [
    "Boards",
    "Holding",
    "Kept",
    "KeptBoard",
    "Ledger",
    "Link",
    "Links",
    "MarketEntry",
    "Part",
    "Preview",
    "Provenance",
    "Saved",
    "Shelf",
    "Version",
    "VersionInfo",
    "Workspace",
    "WorkspaceError",
    "folder",
]

ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Where it is kept: `POSTHOUSE_WORKSPACE`, or `workspace` beside the program."""
    return Path(os.environ.get("POSTHOUSE_WORKSPACE") or ROOT / "workspace")
