"""Rows of a save on their way into a market: joined to those that are there, and told where they came from."""

from collections.abc import Sequence
from dataclasses import replace

from data.workspace import catalogue, contents, merge
from data.workspace.base import Tables
from data.workspace.refusal import WorkspaceError
from data.workspace.versions import Holding, OnConflict, Part, Provenance


def take(base: Tables, owner: str, held: Holding | None, parts: Sequence[Part], on_conflict: OnConflict) -> Holding:
    """Keep the rows of a dataset once its parts are taken in."""
    dataset = parts[0].dataset
    earlier = contents.get(base, held.digest) if held and parts[0].how == "append" else None
    made = merge.taken(earlier, parts, on_conflict)
    table, found = made.table, made.clash
    assert table is not None
    if found.keys and on_conflict == "error":
        raise WorkspaceError("conflict", dataset=dataset, rows=found.keys, example=" + ".join(found.example))
    files = held.provenance if held else ()
    for part in parts:
        files = (*(files if part.how == "append" else ()), _stamped(base, owner, part))
    packed = contents.put_onto(base, table, held.digest if held else "", made.stays)
    return Holding(dataset, packed.plain.num_rows, packed.digest, files, 0)


def _stamped(base: Tables, owner: str, part: Part) -> Provenance:
    """Keep the rows set aside; the provenance says who saved, how, and where those rows are."""
    whence, who = part.provenance, catalogue.mask(owner)[: catalogue.FIGURES]
    return replace(whence, who=who, how=part.how, set_aside=contents.put_aside(base, part.aside))
