"""Files damaged in ways that keep some of their shape: fields, values, members, bytes; the same for the same seed."""

import io
import json
import random
import zipfile
from collections.abc import Iterator
from typing import Any

from tests.fuzzing import Reader

TOKENS = (
    *(
        b'"',
        b"'",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"=1+1",
        b"-",
        b"{",
        b"}",
        b"[",
        b"]",
        b"null",
    ),
    *(b"1e999", b"-1", b"9" * 400, b"NaN", b"Infinity", b"true", b"<!DOCTYPE x>", b"&lt;", b"../", b"%00", b"\\u0000"),
    *(
        "月".encode(),
        "１２".encode(),
        "菜鸟".encode(),
        "杭州".encode(),
        b"_d800_",
        b"_10ffff_",
        b"~",
        b".",
        b"[" * 3000,
    ),
    *(b'{"a":' * 3000, b"2024-13-45", b"0000-00", b"a" * 5000, b"\x1a", b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"\x85"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, 10**400, "", "x" * 3000, [], {}, [[]], {"": 0}, "\0", "NaN", 1.5, "1", -(10**30)),
    *([1, 2, 3], "2024-01", "\ud800", "=1+1", [None] * 50, {"a": {"b": {"c": []}}}),
)


def damaged(reader: Reader, draw: random.Random) -> bytes:
    """A file that the reader takes, damaged in a way of its shape, or as any bytes may be."""
    raw = draw.choice(reader.seeds)
    if reader.shape == "json" and draw.random() < 0.7:
        return _json(raw, draw)
    if reader.shape == "zip" and draw.random() < 0.8:
        return _zip(raw, draw)
    if reader.shape == "text" and draw.random() < 0.5:
        return _lines(raw, draw)
    return _bytes(raw, draw)


def _bytes(raw: bytes, draw: random.Random) -> bytes:
    made = bytearray(raw)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(made) + 1)
        match draw.randrange(6):
            case 0:
                made[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                made[at:at] = draw.choice(TOKENS)
            case 2:
                del made[at : at + draw.randint(1, 40)]
            case 3:
                made[at:at] = made[at : at + draw.randint(1, 80)] * draw.choice((1, 2, 60))
            case 4:
                made[at : at + 4] = draw.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\x80"))
            case _:
                del made[at:]
    return bytes(made)


def _lines(raw: bytes, draw: random.Random) -> bytes:
    """Fields and lines of a text moved, repeated, emptied or replaced."""
    mark = draw.choice((b"\n", b",", b"~", b".", b"-"))
    parts = raw.split(mark)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(parts))
        match draw.randrange(5):
            case 0:
                parts[at] = draw.choice(TOKENS)
            case 1:
                parts[at:at] = [parts[at]] * draw.choice((1, 2, 300))
            case 2:
                parts[at] = b""
            case 3:
                draw.shuffle(parts)
            case _:
                parts[at] += draw.choice(TOKENS)
    return mark.join(parts)


def _json(raw: bytes, draw: random.Random) -> bytes:
    """A document with one to three of its values replaced, taken out, repeated or wrapped."""
    document = json.loads(raw)
    for _ in range(draw.randint(1, 3)):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw.choice(places)
        match draw.randrange(5):
            case 0 | 1:
                holder[key] = draw.choice(VALUES)
            case 2:
                del holder[key]
            case 3:
                holder[key] = [holder[key]] * draw.choice((1, 3, 40))
            case _ if isinstance(holder, dict):
                holder[draw.choice(("", "x", "type", "format", "name"))] = draw.choice(VALUES)
            case _:
                holder[key] = {"x": holder[key]}
    return json.dumps(document, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def _zip(raw: bytes, draw: random.Random) -> bytes:
    """An archive with a member damaged, renamed, repeated or taken out; the archive itself is whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen, how = draw.choice(names), draw.randrange(5)
        for name in names:
            content = old.read(name)
            if name == chosen and how == 0:
                continue
            if name == chosen and how == 1:
                name = draw.choice(
                    ("../../x.csv", "/etc/x", "C:\\x.csv", "CON", "a\0b", "x" * 5000, "", "a/b/../c.csv")
                )
            new.writestr(zipfile.ZipInfo(name), _bytes(content, draw) if name == chosen and how > 1 else content)
    return out.getvalue()
