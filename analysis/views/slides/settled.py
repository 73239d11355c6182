"""The same slides, the same bytes: a file without the moment at which it was packed."""

import io
import re
import zipfile
from datetime import datetime

_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_FIRST = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6


def settled(packed: bytes, made: str) -> bytes:
    """A package (.pptx, and the .xlsx in it) whose parts are as old as `made` (ISO date and minute, UTC) says."""
    when = f"{datetime.fromisoformat(made):%Y-%m-%dT%H:%M:00}Z".encode() if made else b"1980-01-01T00:00:00Z"
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(found, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _STAMPS.sub(rb"\g<1>" + when + rb"\g<2>", content)
            elif entry.filename.endswith(".xlsx"):
                content = settled(content, made)
            _add(new, entry.filename, content)
    return found.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _FIRST)
    stored = name.endswith((".xlsx", ".png", ".jpeg", ".jpg"))
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=_LEVEL)
