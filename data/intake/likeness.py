"""How much a header nobody knows is like a column, by its spelling and by the cells under it."""

import difflib
import re
from collections.abc import Callable
from functools import cache, partial

import pandas as pd

from data import places, platforms
from data.contract import Column
from data.intake import units
from data.intake.found import Guess
from data.intake.spelling import fold

LIKE = 0.65
"""Least likeness, of spelling or of cells, at which a column is offered."""
ALONE = {
    "parcels": (
        "签收量 签收件量 签收件数 签收数 入库量 入库件量 入库件数 入库数 出库量 出库件量 出库数 到件量 到件数 "
        "到站量 代收量 投递量 妥投量 数量 quantity qty signed_parcels arrivals"
    ),
}
"""Headers of which a file may have several that differ: used when there is one alone."""
_OFFERED = {
    "station_id": "站点名称 站点名 驿站名称 驿站名 网点名称 门店名称 门店名 柜机名称 名称 station_name store_name name",
    "city": "地区 区域 区县 所属区县 所属地区 城区 area region district",
    "lat": "lat_gcj02 gcj02_lat bd09_lat lat_bd09 gcj_lat bd_lat",
    "lon": "lng_gcj02 gcj02_lng bd09_lng lng_bd09 gcj_lng bd_lng lon_gcj02 gcj02_lon",
    "parcels": "揽收量 揽件量 揽收件量 收件量 寄件量",
    "month": "统计日期 时间 日 time day",
}
"""Headers that may mean a column or something near it."""
_EDIT, _LIKELY, SURE = 0.95, 0.9, 0.9
"""What a likeness of spelling is worth at most, what one of cells, and what a header of `ALONE`."""
_INSIDE, _NEAR = 0.75, 0.7
"""What a known header inside a longer one is worth, and one of `_OFFERED`."""


def without_place(header: str) -> str:
    """Header without the position that made it unique."""
    return re.sub(r" #\d+$", "", header)


def bare(header: str) -> str:
    """Folded header without its position and unit."""
    return fold(units.split(without_place(header))[0])


@cache
def folded(words: str) -> tuple[str, ...]:
    """Folded words of a list with a space between them."""
    return tuple(fold(word) for word in words.split())


def offers(strange: list[str], spare: list[Column], sample: pd.DataFrame | None) -> dict[str, Guess]:
    """Offer each strange header the spare column it is most like.

    Parameters
    ----------
    strange : list of str
        Headers that no column goes by.
    spare : list of Column
        Columns without a header.
    sample : DataFrame, optional
        Some rows as text under the headers.
    """
    scores = [
        (max(_alike(header, column), _alike_cells(header, column, sample)), header, column.name)
        for header in strange
        for column in spare
    ]
    best = {header: (score, name) for score, header, name in sorted(scores, key=lambda one: one[0]) if score >= LIKE}
    return {
        header: Guess(header, "", round(score, 2), "similar", suggest=name) for header, (score, name) in best.items()
    }


def _alike(header: str, column: Column) -> float:
    """Likeness of spelling, 0 to 1."""
    text = bare(header)
    known = folded(f"{column.name} {column.aliases}")
    if text in folded(ALONE.get(column.name, "")):
        return SURE
    if text in folded(_OFFERED.get(column.name, "")):
        return _NEAR
    if any(len(name) > 1 and not name.isascii() and name in text for name in known):
        return _INSIDE
    near = difflib.get_close_matches(text, known, n=1, cutoff=LIKE / _EDIT)
    return _EDIT * difflib.SequenceMatcher(None, near[0], text).ratio() if near else 0.0


def _alike_cells(header: str, column: Column, sample: pd.DataFrame | None) -> float:
    """Part of the filled cells of a sample that are what the column holds, 0 where anything may be a cell of it."""
    kind = _kind(column)
    if sample is None or header not in sample or kind is None:
        return 0.0
    written = sample[header].fillna("").astype("str").unique()
    cells = [cell for cell in written if platforms.resolve_source(cell) != ""]  # "", "-", "n/a", "未知" say nothing
    return kind[0] * sum(map(kind[1], cells)) / len(cells) if cells else 0.0


def _kind(column: Column) -> tuple[float, Callable[[str], bool]] | None:
    """What cells of a column say at most, and how one is told; None where anything may be a cell of it."""
    if column.type in _KINDS:
        return _LIKELY, _KINDS[column.type]
    if column.unit == "degree":
        return _LIKELY, partial(_is_degree, column)
    return (_NEAR, _is_count) if column.type == "integer" and column.required else None


def _is_degree(column: Column, cell: str) -> bool:
    low, high = column.low or 0.0, column.high or 0.0
    return bool(re.fullmatch(r"[0-9]{1,3}\.[0-9]{3,}", cell)) and low <= float(cell) <= high


def _is_count(cell: str) -> bool:
    return bool(re.fullmatch(r"[0-9][0-9,]*(\.0+)?", cell))


def _is_city(cell: str) -> bool:
    return places.read(cell).problem in ("", "renamed_city", "ambiguous_city")


def _is_source(cell: str) -> bool:
    return bool(platforms.resolve_source(cell)) and not platforms.resolve(cell)


def _is_month(cell: str) -> bool:
    digits = "".join(mark if mark.isdecimal() else " " for mark in cell).split()
    year = digits[0] if digits else ""
    return 4 <= len(year) <= 8 and 2000 <= int(year[:4]) <= 2099 and (len(digits) > 1 or len(year) in (6, 8))


_KINDS: dict[str, Callable[[str], bool]] = {
    "city": _is_city,
    "platform": lambda cell: platforms.resolve(cell) is not None,
    "origin": _is_source,
    "month": _is_month,
    "date": _is_month,
}
"""Types whose cells can be told from others."""
