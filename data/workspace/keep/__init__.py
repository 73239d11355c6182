"""Trouble: looking a workspace through, good copies, backups, and the way back from both."""

from data.workspace.keep.archive import Manifest
from data.workspace.keep.drill import Drill, drill
from data.workspace.keep.good import Copy, Finding, check, copies, last_good
from data.workspace.keep.mending import Mended, Offer, mend, offer
from data.workspace.keep.places import backup, digests, restore
from data.workspace.keep.swap import recover

__all__ = [
    "Copy",
    "Drill",
    "Finding",
    "Manifest",
    "Mended",
    "Offer",
    "backup",
    "check",
    "copies",
    "digests",
    "drill",
    "last_good",
    "mend",
    "offer",
    "recover",
    "restore",
]
