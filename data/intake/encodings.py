"""Which encoding a text is in. Nothing is ever guessed as Latin-1, which reads anything and means nothing."""

import codecs
import mmap
import re
from contextlib import suppress
from pathlib import Path

from data.intake.lines import lines_before
from data.intake.plausible import PLAUSIBLE, plausibility
from data.intake.refusal import IntakeError

ENCODINGS = ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5")
"""Encodings a file may be read in; GBK and GB2312 are parts of GB18030."""
WHOLE = 8_000_000
"""Bytes up to which a file is looked at as a whole; a larger one at its head, middle and tail."""
_OTHER_NAMES = {
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "ansi": "gb18030", "utf-8-sig": "utf-8", "utf8": "utf-8",
    "cp950": "big5", "utf16": "utf-16",
}  # fmt: skip
_CODECS = {"gb18030": ("gbk", "gb18030"), "big5": ("cp950", "big5hkscs")}
"""Codecs of an encoding: the usual part of it, decoded faster, then all of it."""
_CONTROL = bytes(set(range(9)) | set(range(14, 32)) | {127})
_MOST_CONTROLS = 0.001
_SAMPLE = 1 << 18
_BINARY_SAMPLE = 100_000
_PADDING = b"\0\x1a"
_FEW = 60
_BEYOND = bytes(range(128, 256))
_LINES = 20_000
_SHOWN = "UTF-8, GB18030, Big5, UTF-16"


def known(encoding: str) -> str:
    """Return the one of ENCODINGS that a name means.

    Raises
    ------
    IntakeError
        It means none of them.
    """
    name = _OTHER_NAMES.get(encoding.lower(), encoding.lower())
    if name not in ENCODINGS:
        raise IntakeError("unknown_encoding", encoding=encoding, known=", ".join(ENCODINGS))
    return name


def decode_whole(raw: bytes, encoding: str) -> str:
    """Decode bytes that end with a character.

    Raises
    ------
    UnicodeDecodeError
        They are not in `encoding`, one of ENCODINGS.
    """
    *usual, whole = _CODECS.get(encoding, (encoding,))
    for codec in usual:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode(whole)


def decoded(raw: bytes, encoding: str) -> str | None:
    """Text of bytes that end with a character, None when they are not in `encoding`."""
    try:
        return decode_whole(raw, encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def samples(path: Path) -> list[bytes]:
    """Content of a file, or whole lines of its head, middle and tail when it is large."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= WHOLE:
            return [file.read()]
        parts = []
        for start in (0, size // 2, size - _SAMPLE):
            file.seek(start)
            part = file.read(_SAMPLE)
            first = part.find(b"\n") + 1 if start else 0
            last = part.rfind(b"\n") + 1 or len(part)
            parts.append(part[first:last])
    return parts


def detect(path: Path) -> tuple[str, ...]:
    """Every encoding in which a text makes sense, the likeliest first.

    Raises
    ------
    IntakeError
        It is no text, makes sense in none of ENCODINGS, or is UTF-8 but for some lines.
    """
    parts = samples(path)
    parts[-1] = parts[-1].rstrip(_PADDING)
    head = parts[0]
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise IntakeError("no_encoding", known=_SHOWN)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if b"\0" in head[:_BINARY_SAMPLE]:
        return _wide(head[: _BINARY_SAMPLE // 2 * 2])
    if any(len(part) - len(part.translate(None, _CONTROL)) > _MOST_CONTROLS * len(part) + 1 for part in parts):
        raise IntakeError("binary")
    return _narrow(path, b"".join(parts))


def _wide(head: bytes) -> tuple[str, ...]:
    texts = {}
    for name in ("utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            texts[name] = codecs.getincrementaldecoder(name)().decode(head)
    scores = _plausible(texts)
    if not scores:
        raise IntakeError("binary")
    return scores


def _narrow(path: Path, raw: bytes) -> tuple[str, ...]:
    is_utf8 = decoded(raw, "utf-8") is not None
    if is_utf8 and (raw.isascii() or len(raw) - len(raw.translate(None, _BEYOND)) > _FEW):
        return ("utf-8",)
    texts = {name: text for name in ("gb18030", "big5") if (text := decoded(raw, name)) is not None}
    others = _plausible(texts)
    if is_utf8:
        return ("utf-8", *others)
    _refuse_mixed(path, raw, likeliest=others[0] if others else "")
    if not others:
        raise IntakeError("no_encoding", known=_SHOWN)
    return others


def _plausible(texts: dict[str, str]) -> tuple[str, ...]:
    """Encodings whose text makes sense, the likeliest first."""
    scores = {name: plausibility(text) for name, text in texts.items() if re.search(r"[\n\r,;\t|]", text)}
    return tuple(name for name in sorted(scores, key=lambda n: -scores[n]) if scores[name] >= PLAUSIBLE)


def _refuse_mixed(path: Path, raw: bytes, *, likeliest: str) -> None:
    """Refuse a text that is UTF-8 but for some lines, and one of another encoding with some lines in UTF-8."""
    lines = [line for line in raw.split(b"\n", _LINES)[:_LINES] if not line.isascii()]
    wide = [line for line in lines if _is_utf8(line)]
    if len(wide) > len(lines) / 2:
        odd = next((line for line in lines if decoded(line, "utf-8") is None), None)
    else:
        odd = next(iter(wide), None)
    if odd is not None and wide:
        main = "UTF-8" if len(wide) > len(lines) / 2 else likeliest or "GB18030"
        raise IntakeError("mixed_encoding", row=str(line_of(path, odd)), encoding=main)


def _is_utf8(line: bytes) -> bool:
    text = decoded(line, "utf-8")
    return text is not None and plausibility(text) >= PLAUSIBLE and sum(character > "\x7f" for character in text) > 1


def line_of(path: Path, line: bytes) -> int:
    """Number of the first line that holds some bytes."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = max(content.find(line), 0)
    return lines_before(path, at) + 1
