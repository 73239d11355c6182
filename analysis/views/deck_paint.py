"""How the layers of a deck paint their marks, as Plotly wants it said."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

Colour = str | list[str]


def marker(layer: Any, rows: pd.DataFrame, pixels: float) -> dict[str, Any]:
    """Discs of metres, within their least and most pixels."""
    given = getattr(layer, "get_radius", 1)
    metres = rows[column(given)].to_numpy(float) if isinstance(given, str) else np.full(len(rows), float(given))
    radius = metres / 1000 * pixels
    radius = np.clip(radius, getattr(layer, "radius_min_pixels", 0), getattr(layer, "radius_max_pixels", np.inf))
    sizes = np.round(2 * radius, 1)
    filled = getattr(layer, "filled", True)
    fill: Colour = _fills(layer.get_fill_color, rows) if filled else "rgba(0,0,0,0)"
    stroked = getattr(layer, "stroked", False)
    line = {"width": getattr(layer, "line_width_min_pixels", 1), "color": css(layer.get_line_color)} if stroked else {}
    size: float | list[float] = float(sizes[0]) if len(set(sizes)) == 1 else sizes.tolist()
    return {"size": size, "color": fill, "opacity": 1, "line": line or {"width": 0}}


def _fills(given: Any, rows: pd.DataFrame) -> Colour:
    """The colour of all marks, that of a column, or one put together of numbers and columns ("[24, 72, 209, a]")."""
    if not isinstance(given, str):
        return css(given)
    name = column(given)
    if not name.startswith("["):
        return _each(map(tuple, rows[name]))
    parts = [part.strip() for part in name.strip("[]").split(",")]
    return _each(zip(*(rows[part] if part in rows else [float(part)] * len(rows) for part in parts), strict=True))


def _each(colours: Iterable[tuple[float, ...]]) -> list[str]:
    """CSS colours, each of them written once."""
    written: dict[tuple[float, ...], str] = {}
    return [written.get(one) or written.setdefault(one, css(one)) for one in colours]


def column(accessor: str) -> str:
    """Name of the column that an accessor of pydeck reads."""
    return accessor.removeprefix("@@=")


def css(channels: Sequence[float]) -> str:
    """CSS colour of red, green, blue and, where given, alpha (0-255)."""
    red, green, blue, *rest = channels
    return f"rgba({red:g},{green:g},{blue:g},{round((rest[0] if rest else 255) / 255, 3):g})"
