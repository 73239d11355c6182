"""Colours of a figure as a file wants them."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

_FUNCTION = re.compile(r"rgba?\(([^)]*)\)")


def read(colour: str) -> tuple[str, float]:
    """Hex without "#" and opacity (0-1) of a CSS colour: #rgb, #rrggbb, rgb() or rgba()."""
    found = _FUNCTION.fullmatch(colour.strip())
    if found:
        parts = [float(part) for part in found[1].split(",")]
        return "".join(f"{round(part):02X}" for part in parts[:3]), parts[3] if len(parts) > 3 else 1.0
    digits = colour.strip().lstrip("#")
    digits = "".join(2 * one for one in digits) if len(digits) == 3 else digits
    return (digits.upper(), 1.0) if re.fullmatch("[0-9A-Fa-f]{6}", digits) else ("000000", 1.0)


def scaled(values: Sequence[float | None], scale: Sequence[Sequence[Any]], low: float, high: float) -> list[str | None]:
    """Colour (as `read` takes it) of each value on a Plotly colour scale; None where there is no value."""
    stops = np.array([float(place) for place, _ in scale])
    if any(read(str(colour))[1] == 0 for _, colour in scale):
        return [None if value is None else "rgba(0,0,0,0)" for value in values]
    inks = np.array([[int(read(str(colour))[0][at : at + 2], 16) for at in (0, 2, 4)] for _, colour in scale])
    places = np.array([np.nan if value is None else float(value) for value in values])
    places = np.clip((places - low) / ((high - low) or 1.0), 0, 1)
    known = np.nan_to_num(places)
    mixed = np.stack([np.interp(known, stops, channel) for channel in inks.T], axis=-1)
    hexes = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in np.rint(mixed).astype(int).tolist()]
    return [None if np.isnan(place) else colour for place, colour in zip(places, hexes, strict=True)]
