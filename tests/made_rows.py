"""Good rows of a file in canonical types, made by hand."""

import datetime as dt

import pyarrow as pa

TYPES = {"month": "date", "start": "date", "end": "date", "opened": "date", "closed": "date"}
LABELS = ("city", "platform", "format", "origin")


def table(columns, records):
    """Table of records (tuples in the order of `columns`) with rows from 2 on; dates as ISO text or None."""
    found = {"row": pa.array(range(2, len(records) + 2), pa.int64())}
    for place, name in enumerate(columns):
        cells = [record[place] for record in records]
        if name in TYPES:
            found[name] = pa.array([cell and dt.date.fromisoformat(cell) for cell in cells], pa.date32())
        elif name in LABELS:
            found[name] = pa.array(cells, pa.string()).dictionary_encode()
        else:
            found[name] = pa.array(cells, pa.int64() if name == "parcels" else None)
    return pa.table(found)


def volumes(records):
    """Volumes of (month, city, platform, parcels) or (..., origin)."""
    whole = [record if len(record) == 5 else (*record, "") for record in records]
    days = [(f"{month}-01", *rest) for month, *rest in whole]
    return table(("month", "city", "platform", "parcels", "origin"), days)


def months(first, count):
    """Texts of `count` months from "2024-01" on."""
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}" for n in range(count)]


def line(first, parcels, *, city="330100", platform="jd", origin=""):
    """Records of one series, a month each; None leaves a month out."""
    dated = zip(months(first, len(parcels)), parcels, strict=True)
    return [(month, city, platform, cell, origin) for month, cell in dated if cell is not None]
