"""What readers keep: markets, saved scenarios and frozen forecasts, on the disk of whoever runs the program."""

import os
from pathlib import Path

from data.workspace.ledger import Kept, Ledger
from data.workspace.markets import Workspace
from data.workspace.refusal import WorkspaceError
from data.workspace.shelf import Saved, Shelf
from data.workspace.versions import Holding, MarketEntry, Part, Preview, Provenance, Version, VersionInfo

__all__ = [
    "Holding",
    "Kept",
    "Ledger",
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
