"""A view as it was drawn, with where its numbers come from: what boards keep and exports write."""

import gzip
import json
import math
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from io import BytesIO
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.views.look import View
from data.grade import Grade
from data.text import say

FORMAT = 1
LARGEST = 200_000_000
"""Bytes to which a kept view may unpack."""
Kind = Literal["chart", "map", "table", "words"]
MAPS = ("choropleth", "scattergeo")
MISSING = (None, pd.NaT, pd.NA)
_BROKEN = (OSError, EOFError, zlib.error, ValueError, OverflowError, RecursionError)
Network = tuple[str, ...]
"""A network of a user's own: key, English and Chinese name, colours as drawn on a light and on a dark page, owner,
and whatever else it is called."""


class PinnedError(ValueError):
    """What was kept cannot be read by this program."""


@dataclass(frozen=True, slots=True)
class Whence:
    """Where the numbers of a view come from, in the reader's language.

    Attributes
    ----------
    page : str
        Name of the page ("overview").
    source : str
        Data in use, one line.
    version : str
        Version of the market in use: a name that changes whenever its numbers do.
    filters : tuple of str
        What is chosen, each "name: value"; empty for everything.
    scenario : str
        Name, version and link of the plan; empty for none.
    model : str
        How the numbers were made, one line; empty where they are counted.
    assumptions : tuple of str
        Each with its value; only those that matter here.
    interval : str
        What the bands or ranges are ("80 and 95 % of 1,000 draws"); empty for none.
    address : str
        Path and query of the page that shows it.
    made : str
        When it was drawn: ISO date and minute, UTC.
    networks : tuple of Network
        Networks of the user's own that it may name.
    """

    page: str
    source: str
    version: str
    filters: tuple[str, ...] = ()
    scenario: str = ""
    model: str = ""
    assumptions: tuple[str, ...] = ()
    interval: str = ""
    address: str = ""
    made: str = ""
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Pinned:
    """One view in one language and theme.

    Attributes
    ----------
    view : View
        Its figure is a plain dict of lists: empty where the view is a table or words. Words have no table either.
    whence : Whence
    lang, theme : str
        "en" or "zh", "light" or "dark".
    """

    view: View
    whence: Whence
    lang: str
    theme: str

    @property
    def mapped(self) -> bool:
        """Whether it is a map, be it of shapes on plain axes."""
        figure = self.view.figure
        assert isinstance(figure, dict)
        meta = (figure.get("layout") or {}).get("meta") or {}
        return self.kind == "map" or bool(isinstance(meta, dict) and meta.get("map"))

    @property
    def kind(self) -> Kind:
        """What it is, by what it holds."""
        figure = self.view.figure
        assert isinstance(figure, dict)
        if figure.get("data") or figure.get("layout", {}).get("shapes"):
            return "map" if any(trace.get("type") in MAPS for trace in figure["data"]) else "chart"
        return "table" if len(self.view.table) else "words"


def words_view(title: str, text: str, grade: Grade) -> View:
    """A text answer as a view: the finding, and what is said about it."""
    return View({}, pd.DataFrame(), title, text, title, grade)


def pinned(view: View, whence: Whence, *, lang: str, theme: str) -> Pinned:
    """Take a view as it is: figure in plain lists, index of the table in columns of its own.

    What publishing a map of China needs goes with every map.
    """
    figure = view.figure if isinstance(view.figure, dict) else view.figure.to_plotly_json()
    one = Pinned(replace(view, figure=plain(figure), table=flat(view.table)), whence, lang, theme)
    if not one.mapped:
        return one
    notice = say("trap.schematic_outlines", lang)
    return replace(one, whence=replace(whence, assumptions=(*whence.assumptions, notice)))


def plain(value: Any) -> Any:
    """A figure in lists, numbers, texts and None: no arrays, no packed numbers, no dates but ISO texts."""
    if isinstance(value, Mapping):
        if set(value) >= {"bdata", "dtype"}:
            return plain(_unpacked(value))
        return {str(key): plain(one) for key, one in value.items() if key != "template"}
    if isinstance(value, np.ndarray | pd.Series | pd.Index):
        return [plain(one) for one in value.tolist()]
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "to_plotly_json"):
        return plain(value.to_plotly_json())
    return _scalar(value)


def _unpacked(packed: Mapping[str, Any]) -> "np.ndarray":
    found = np.frombuffer(b64decode(packed["bdata"]), dtype=packed["dtype"])
    shape = packed.get("shape")
    return found.reshape([int(n) for n in str(shape).split(",")]) if shape else found


def _scalar(value: Any) -> Any:
    if any(value is one for one in MISSING):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())
        return text.removesuffix("T00:00:00")
    return value if isinstance(value, bool | int | str) else str(value)


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its index, where that means anything, in columns, and every header a text of its own."""
    found = table if isinstance(table.index, pd.RangeIndex) else table.reset_index(names=_index_names(table))
    found = found.set_axis([" · ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in found], axis=1)
    return found.reset_index(drop=True)


def _index_names(table: pd.DataFrame) -> list[str]:
    return [str(name) if name is not None else "" for name in table.index.names]


def pack(one: Pinned) -> bytes:
    """Bytes to keep."""
    view = one.view
    document = {
        "format": FORMAT,
        "lang": one.lang,
        "theme": one.theme,
        "whence": asdict(one.whence),
        "figure": view.figure,
        "table": _table(view.table),
        "title": view.title,
        "caption": view.caption,
        "alt": view.alt,
        "grade": str(view.grade),
    }
    return gzip.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)


def _table(table: pd.DataFrame) -> dict[str, Any]:
    columns = [table.iloc[:, i] for i in range(table.shape[1])]
    return {
        "columns": list(table),
        "kinds": [_kind(column) for column in columns],
        "values": [plain(column) for column in columns],
    }


def _kind(column: pd.Series) -> str:
    """How a column is read back: numbers and dates as they were, anything else as texts."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "int"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    return "date" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"


def unpack(data: bytes) -> Pinned:
    """What `pack` kept.

    Raises
    ------
    PinnedError
        It is damaged, or of a later program.
    """
    try:
        found = json.loads(_unzipped(data))
        if found["format"] != FORMAT:
            raise PinnedError(f"format {found['format']}")
        table, whence = found["table"], found["whence"]
        columns = [_column(kind, values) for kind, values in zip(table["kinds"], table["values"], strict=True)]
        frame = pd.concat(columns, axis=1, keys=table["columns"]) if columns else pd.DataFrame()
        view = View(found["figure"], frame, found["title"], found["caption"], found["alt"], Grade(found["grade"]))
        known = {field.name for field in fields(Whence)}
        given: dict[str, Any] = {key: _fixed(value) for key, value in whence.items() if key in known}
        return Pinned(view, Whence(**given), found["lang"], found["theme"])
    except (*_BROKEN, KeyError, TypeError, AttributeError, IndexError) as error:
        raise PinnedError(str(error)) from error


def _unzipped(data: bytes) -> bytes:
    """Content of a gzip stream, as long as it is not too much."""
    with gzip.open(BytesIO(data)) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise PinnedError(f"more than {LARGEST:,} bytes")
    return content


def _fixed(value: Any) -> Any:
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


def _column(kind: str, values: list[Any]) -> pd.Series:
    if kind == "int" and None not in values:
        return pd.Series(values, dtype="int64")
    if kind in ("int", "number"):
        return pd.Series(values, dtype="float64")
    if kind == "date":
        return pd.to_datetime(pd.Series(values, dtype="object"), format="ISO8601")
    return pd.Series(values, dtype="bool" if kind == "bool" else "object")
