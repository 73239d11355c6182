"""What a user decided about headers and names, for the next file."""

import json
from collections.abc import Mapping

from data.workspace.base import Tables
from data.workspace.catalogue import mask

HEADERS, NAMES = "headers", "names"
"""Kinds of decisions."""
SCHEMA = "CREATE TABLE decision (owner VARCHAR, kind VARCHAR, key VARCHAR, decided VARCHAR);"


def keep(base: Tables, owner: str, kind: str, key: str, decided: Mapping[str, str]) -> None:
    """Keep decisions beside those made before; a later one takes the place of the earlier.

    A column is that of one header: another header that was it before is forgotten.
    """
    before = kept(base, owner, kind, key)
    if kind == HEADERS:
        meant = set(decided.values()) - {""}
        before = {header: column for header, column in before.items() if column not in meant}
    whole = json.dumps(before | dict(decided), ensure_ascii=False)
    base.execute("DELETE FROM decision WHERE owner = ? AND kind = ? AND key = ?", (mask(owner), kind, key))
    base.execute("INSERT INTO decision VALUES (?, ?, ?, ?)", (mask(owner), kind, key, whole))


def kept(base: Tables, owner: str, kind: str, key: str) -> dict[str, str]:
    """Decisions as last kept; empty for none."""
    select = "SELECT decided FROM decision WHERE owner = ? AND kind = ? AND key = ?"
    found = base.execute(select, (mask(owner), kind, key)).fetchall()
    return dict(json.loads(found[0][0])) if found else {}
