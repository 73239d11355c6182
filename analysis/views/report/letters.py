"""Letters of a PDF: where a typeface draws a character and its radical alike, Chromium notes the radical.

A reader who searches for 月 would not find it, and a copy would hold ⽉. The tables that turn glyphs into letters are
added once more, mended, at the end of the file, as the format provides for changes.
"""

import re
import unicodedata
import zlib

RADICALS = dict(
    zip(
        "⺌⺍⺕⺗⺙⺝⺟⺠⺢⺣⺤⺥⺫⺬⺮⺯⺳⺶⺷⺼⺾⻁⻂⻄⻅⻆⻈⻉⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "小小彐心攵月母民水火爪爪罒示竹糸网羊羊肉艹虎衤西见角讠贝车辶辶辶阝钅長长长门青韦页风飞食饣饣马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
"""Radicals of the supplement with the characters that look like them."""
OBJECT = re.compile(rb"(\d+) 0 obj\n<<([^>]*)/Length (\d+)([^>]*)>> stream\r?\n")
TARGET = re.compile(r"<([0-9A-F]{4})>(?=\n)")
ROW = re.compile(r"<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]{4})>\n")
BLOCK = re.compile(r"\d+ beginbfrange\n((?:<[^\n]*\n)*)endbfrange")
FIRST, LAST = 0x2E80, 0x2FDF
"""Radicals of both blocks."""


def plain(letter: str) -> str:
    """The character that a radical stands for; any other letter as it is."""
    if not FIRST <= ord(letter) <= LAST:
        return letter
    return RADICALS.get(letter) or unicodedata.normalize("NFKC", letter)


def mended(pdf: bytes) -> bytes:
    """The same document, in which every letter is the one that is meant."""
    changed: dict[int, bytes] = {}
    for found in OBJECT.finditer(pdf):
        number, length = int(found[1]), int(found[3])
        packed = pdf[found.end() : found.end() + length]
        if b"FlateDecode" in found[2] + found[4] and b"/Type" not in found[2] + found[4]:
            table = _unpacked(packed)
            if "beginbf" in table and (better := _table(table)) != table:
                changed[number] = zlib.compress(better.encode("latin-1"), 9)
    return _with(pdf, changed) if changed else pdf


def _unpacked(packed: bytes) -> str:
    try:
        return zlib.decompress(packed).decode("latin-1")
    except zlib.error:
        return ""


def _table(table: str) -> str:
    """A table of glyphs and letters; a row of several glyphs becomes one for each where a radical is among them."""
    table = BLOCK.sub(_rows, table)
    return TARGET.sub(lambda found: f"<{ord(plain(chr(int(found[1], 16)))):04X}>", table)


def _rows(block: re.Match[str]) -> str:
    rows = []
    for first, last, letter in ROW.findall(block[1]):
        letters = range(int(letter, 16), int(letter, 16) + int(last, 16) - int(first, 16) + 1)
        if all(plain(chr(one)) == chr(one) for one in letters):
            rows.append(f"<{first}> <{last}> <{letter}>\n")
            continue
        for n, one in enumerate(letters):
            glyph = f"<{int(first, 16) + n:0{len(first)}X}>"
            rows.append(f"{glyph} {glyph} <{one:04X}>\n")
    return f"{len(rows)} beginbfrange\n{''.join(rows)}endbfrange"


def _with(pdf: bytes, changed: dict[int, bytes]) -> bytes:
    """A document with later versions of some of its objects at its end."""
    trailer = re.search(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", pdf, re.DOTALL)
    if trailer is None:
        return pdf
    out = bytearray(pdf)
    places = [b"0 1\n0000000000 65535 f \n"]
    for number, packed in sorted(changed.items()):
        places.append(f"{number} 1\n{len(out):010d} 00000 n \n".encode())
        out += f"{number} 0 obj\n<</Filter /FlateDecode\n/Length {len(packed)}>> stream\n".encode()
        out += packed + b"\nendstream\nendobj\n"
    start = len(out)
    out += b"xref\n" + b"".join(places)
    out += b"trailer\n<<" + trailer[1] + b"\n/Prev " + trailer[2] + b">>\nstartxref\n" + str(start).encode()
    return bytes(out) + b"\n%%EOF\n"
