"""Charts of a file edited as PowerPoint edits them: a cell of the workbook, then every cache from its own cells."""

import io
import re
import zipfile
from datetime import date
from functools import cache

from pptx.oxml.ns import qn
from python_calamine import CalamineWorkbook

EPOCH = date(1899, 12, 30)


def edited(found, cell, value) -> list[tuple[str, int, float, float]]:
    """Write a number into a cell; (series, point, before, after) of each point of a value that is then another."""
    part = found.part.chart_workbook.xlsx_part
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(part.blob)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name.endswith("sheet1.xml"):
                body, count = re.subn(rf'(<c r="{cell}"[^>]*><v>)[^<]*'.encode(), rb"\g<1>%d" % value, body)
                assert count == 1
            new.writestr(name, body)
    rows = _rows(packed.getvalue())
    changed = []
    for one in found._chartSpace.iter(qn("c:ser")):
        told = one.find(qn("c:yVal"))
        told = one.find(qn("c:val")) if told is None else told
        ref = next(told.iter(qn("c:f")))
        name = "".join(v.text or "" for v in one.find(qn("c:tx")).iter(qn("c:v")))
        for at, before, after in _cells(ref, rows):
            if before != after:
                changed.append((name, at, before, after))
    return changed


def compared(found) -> list[tuple[str, object, object]]:
    """Every cell that a chart refers to: where it is, what it says, and what the chart keeps of it."""
    rows = _rows(found.part.chart_workbook.xlsx_part.blob)
    refs = [ref for ref in found._chartSpace.iter(qn("c:f")) if not ref.getnext().tag.endswith("multiLvlStrCache")]
    assert refs
    return [(f"{ref.text} {at}", after, before) for ref in refs for at, before, after in _cells(ref, rows)]


def live(found) -> dict[int, str]:
    """Number formats of the labels of the first series that show their value, by point."""
    one = next(found._chartSpace.iter(qn("c:ser")))
    labels = one.find(qn("c:dLbls"))
    count = len(list(next(one.find(qn("c:val")).iter(qn("c:numCache"))).iter(qn("c:pt"))))
    shown = {}
    if labels.find(qn("c:showVal")).get("val") == "1":
        shown = dict.fromkeys(range(count), labels.find(qn("c:numFmt")).get("formatCode"))
    for label in labels.findall(qn("c:dLbl")):
        at, form = int(label.find(qn("c:idx")).get("val")), label.find(qn("c:numFmt"))
        shown.pop(at, None)
        if form is not None and label.find(qn("c:tx")) is None and label.find(qn("c:showVal")).get("val") == "1":
            shown[at] = form.get("formatCode")
    return shown


def _cells(ref, rows) -> list[tuple[int, object, object]]:
    """Points of a cache beside the cells that it refers to."""
    column, first, last = re.fullmatch(r"Sheet1!\$([A-Z]+)\$(\d+)(?::\$\1\$(\d+))?", ref.text).groups()
    kept = ref.getnext()
    points = {int(point.get("idx")): point.find(qn("c:v")).text or "" for point in kept.findall(qn("c:pt"))}
    size = int(kept.find(qn("c:ptCount")).get("val"))
    assert size == int(last or first) - int(first) + 1
    numbers = kept.tag.endswith("numCache")
    found = []
    for at in range(size):
        row, place = int(first) - 1 + at, _place(column)
        cell = rows[row][place] if row < len(rows) and place < len(rows[row]) else ""
        cell = float((cell - EPOCH).days) if isinstance(cell, date) else cell
        text = points.get(at, "")
        found.append((at, float(text) if numbers and text else text, cell))
    return found


def _place(column: str) -> int:
    place = 0
    for letter in column:
        place = place * 26 + ord(letter) - 64
    return place - 1


@cache
def _rows(blob: bytes) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(blob)).get_sheet_by_index(0).to_python(skip_empty_area=False)
