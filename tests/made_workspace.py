"""A small workspace with something of every kind in it, and what a program that is told to save says of its saves."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from data.workspace import Boards, Ledger, Links, Part, Place, Shelf, Workspace
from data.workspace.versions import Provenance
from tests.small_volumes import volumes

OWNER = "ann"
STORES = ("markets", "scenarios", "boards", "forecasts", "links")


def fill(folder: Path) -> dict[str, str]:
    """Keep two of everything in a folder; ids by store."""
    return {store: save(folder, store, 2, save(folder, store, 1)) for store in STORES} | {"outlines": outlines(folder)}


def outlines(folder: Path) -> str:
    """Outlines of one reader."""
    content = b'{"type":"FeatureCollection","features":[]}'
    digest = hashlib.sha256(content).hexdigest()[:32]
    (folder / "boundaries").mkdir(exist_ok=True)
    (folder / "boundaries" / f"{digest}.geojson").write_bytes(content)
    (folder / "boundaries" / f"{'0' * 32}.json").write_text(json.dumps({"province": digest}))
    return digest


def save(folder: Place, store: str, n: int, id: str | None = None) -> str:
    """Save version `n`, whose contents tell it from all others; its id."""
    return {"markets": _market, "scenarios": _scenario, "boards": _board, "forecasts": _forecast, "links": _link}[
        store
    ](folder, n, id)


def _market(folder: Place, n: int, id: str | None) -> str:
    rows = [("2026-07", "330100", "cainiao", float(n)), ("2026-08", "330100", "duoduo", float(n + 1))]
    part = Part(
        "volumes", volumes(rows), "replace", pd.DataFrame({"city": [f"nowhere {n}"]}), Provenance(file=f"{n}.csv")
    )
    return Workspace(folder).save(owner=OWNER, parts=[part], market=id, name="m", note=f"n{n}").market


def _scenario(folder: Place, n: int, id: str | None) -> str:
    saved = Shelf(folder).save(
        document(n), owner=OWNER, name="s", market="m", data_version="1", snapshot=document(-n).encode(), id=id
    )
    return saved.id


def _board(folder: Place, n: int, id: str | None) -> str:
    part = document(n).encode() * 20
    parts = {hashlib.sha256(part).hexdigest(): part}
    return Boards(folder).save(document(n), owner=OWNER, name="b", id=id, parts=parts).id


def _forecast(folder: Place, n: int, id: str | None) -> str:
    return Ledger(folder).add(document(n), owner=OWNER, title=f"f{n}").id


def _link(folder: Place, n: int, id: str | None) -> str:
    return Links(folder).make("share", f"n={n}", owner=OWNER)


def document(n: int) -> str:
    """Text that no other number gives."""
    return json.dumps({"n": n, "filler": hashlib.sha256(str(n).encode()).hexdigest() * 8})


def holds(folder: Place, store: str, id: str, n: int) -> bool:
    """Whether what was acknowledged as save `n` is there, as it was."""
    if store == "markets":
        found = next((one for one in Workspace(folder).versions(id, OWNER) if one.note == f"n{n}"), None)
        if found is None:
            return False
        rows = Workspace(folder).version(id, found.number, owner=OWNER).table("volumes").to_pylist()
        return [row["parcels"] for row in rows] == [float(n), float(n + 1)]
    if store == "scenarios":
        kept = [one for one in Shelf(folder).versions(id) if one.document == document(n)]
        return bool(kept) and Shelf(folder).snapshot(kept[0]) == document(-n).encode()
    if store == "boards":
        part = document(n).encode() * 20
        kept = any(one.document == document(n) for one in Boards(folder).versions(id, asker=OWNER, most=100_000))
        return kept and Boards(folder).part(hashlib.sha256(part).hexdigest(), board=id, asker=OWNER) == part
    if store == "forecasts":
        return Ledger(folder).get(id).document == document(n)
    return Links(folder).open(id).query == f"n={n}"
