"""Shapes of maps as PowerPoint keeps them: outlines, squares, dots and lines, each with its name, in one group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from analysis.views.slides.colours import read
from analysis.views.slides.conic import Points
from analysis.views.slides.text import Box, Hand, describe, fill, unmarked

UNIT = 635
"""EMU of a step of an outline: a twentieth of a point."""
_SCHEMAS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours of a shape as CSS; "" for none. `wide` is that of its edge, points."""

    fill: str = ""
    edge: str = ""
    wide: float = 0.4


def group(shapes: Any, parts: Sequence[str], *, name: str, alt: str) -> Any:
    """Put shapes (each from `outline`, `square`, `dot` or `track`) into one group; the group."""
    from pptx.oxml import parse_xml

    found = shapes.add_group_shape()
    first = int(found.shape_id) + 1
    body = "".join(part.replace("@ID@", str(first + at), 1) for at, part in enumerate(parts))
    for element in parse_xml(f"<p:spTree {_SCHEMAS}>{body}</p:spTree>"):
        found._element.append(element)
    found._element.recalculate_extents()
    describe(found, alt, name=name)
    return found


def outline(rings: Iterable[Points], paint: Paint, *, name: str, alt: str = "", closed: bool = True) -> str:
    """A region, or an open line, through points in EMU; "" where nothing is left of it."""
    steps = [ring for ring in (_steps(ring) for ring in rings) if len(ring) > (2 if closed else 1)]
    if not steps:
        return ""
    whole = np.concatenate(steps)
    corner, size = whole.min(axis=0), np.maximum(np.ptp(whole, axis=0), 1)
    ends = "<a:close/>" if closed else ""
    paths = "".join(_path(ring - corner) + ends for ring in steps)
    style = "" if closed else ' fill="none"'
    return _shape(_box(corner, size), _custom(size, paths, style), paint, name=name, alt=alt)


def _steps(ring: Points) -> "np.ndarray":
    whole = np.rint(ring / UNIT).astype(np.int64)
    return whole[np.append(True, (np.diff(whole, axis=0) != 0).any(axis=1))] if len(whole) else whole


def _path(ring: "np.ndarray") -> str:
    (x, y), *rest = ring.tolist()
    drawn = "".join(f'<a:lnTo><a:pt x="{x}" y="{y}"/></a:lnTo>' for x, y in rest)
    return f'<a:moveTo><a:pt x="{x}" y="{y}"/></a:moveTo>{drawn}'


def square(box: Box, paint: Paint, *, name: str, alt: str = "") -> str:
    """A rectangle."""
    return _shape(box, '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>', paint, name=name, alt=alt)


def dot(centre: Sequence[float], across: float, paint: Paint, *, name: str, alt: str = "") -> str:
    """A disc of so many points across, its centre in EMU."""
    side = round(across * 12_700)
    box = (round(centre[0] - side / 2), round(centre[1] - side / 2), side, side)
    return _shape(box, '<a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom>', paint, name=name, alt=alt)


def dots(marks: Sequence[tuple[Sequence[float], float]], paint: Paint, *, name: str) -> str:
    """Discs of one colour, each a centre (EMU) and points across, as one shape."""
    radii = np.array([across * 12_700 / 2 for _, across in marks])[:, None]
    centres = np.array([centre for centre, _ in marks], dtype=np.float64)
    corner = np.floor((centres - radii).min(axis=0) / UNIT)
    size = np.ceil((centres + radii).max(axis=0) / UNIT) - corner
    starts = np.rint((centres - radii * [1, 0]) / UNIT - corner).astype(np.int64).tolist()
    paths = "".join(
        f'<a:moveTo><a:pt x="{x}" y="{y}"/></a:moveTo>'
        f'<a:arcTo wR="{radius}" hR="{radius}" stAng="10800000" swAng="21600000"/><a:close/>'
        for (x, y), radius in zip(starts, np.rint(radii[:, 0] / UNIT).astype(np.int64).tolist(), strict=True)
    )
    return _shape(_box(corner, size), _custom(size, paths), paint, name=name, alt=name)


def _box(corner: "np.ndarray", size: "np.ndarray") -> Box:
    left, top, width, height = (int(side) * UNIT for side in (*corner, *size))
    return left, top, width, height


def _custom(size: "np.ndarray", paths: str, style: str = "") -> str:
    return (
        '<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/>'
        f'<a:pathLst><a:path w="{int(size[0])}" h="{int(size[1])}"{style}>{paths}</a:path></a:pathLst></a:custGeom>'
    )


def _shape(box: Box, geometry: str, paint: Paint, *, name: str, alt: str) -> str:
    left, top, width, height = box
    line = f'<a:ln w="{round(paint.wide * 12_700)}">{_solid(paint.edge)}</a:ln>'
    told = f"name={quoteattr(unmarked(name) or '-')} descr={quoteattr(unmarked(alt).replace(chr(10), ' '))}"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="@ID@" {told}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>'
        f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f"{geometry}{_solid(paint.fill)}{line}</p:spPr></p:sp>"
    )


def _solid(colour: str) -> str:
    if not colour:
        return "<a:noFill/>"
    digits, opacity = read(colour)
    if opacity == 0:
        return "<a:noFill/>"
    faded = f'<a:alpha val="{round(opacity * 100_000)}"/>' if opacity < 1 else ""
    return f'<a:solidFill><a:srgbClr val="{digits}">{faded}</a:srgbClr></a:solidFill>'


def lettered(shape: Any, text: str, hand: Hand) -> None:
    """Write in the middle of a shape that `square` made."""
    from pptx.oxml import parse_xml

    inset = 'lIns="0" rIns="0" tIns="0" bIns="0"'
    body = parse_xml(f'<p:txBody {_SCHEMAS}><a:bodyPr wrap="square" {inset} anchor="ctr"/><a:p/></p:txBody>')
    fill(body, text, hand)
    shape.append(body)
