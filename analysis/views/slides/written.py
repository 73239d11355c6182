"""Words, rules and bands of a figure that are no series: text boxes, lines and rectangles at their places."""

from collections.abc import Sequence
from typing import Any

from analysis.views.slides.marks import Words, line, solid
from analysis.views.slides.panels import Panel, Trace, listed, number, runs
from analysis.views.slides.read_bars import PIXEL
from analysis.views.slides.spec import Chart, Pen, Run
from analysis.views.slides.stage import Stage, broken, legends
from analysis.views.slides.text import LINE, POINT, width

SCHEMAS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
Made = Sequence[tuple[Panel, Chart]]
SQUARE = "■"
BEYOND = 0.02


def rules(figure: Trace, made: Made, where: Stage, shapes: Any, *, below: bool) -> tuple[Any, ...]:
    """Lines and rectangles of a figure, in one group."""
    found = (
        _rule(shape, made, where)
        for shape in listed(figure.get("layout", {}).get("shapes"))
        if (shape.get("layer") != "above" and _wide(shape)) is below and shape.get("visible") is not False
    )
    return _group(shapes, [part for part in found if part])


def _wide(shape: Trace) -> bool:
    return shape.get("type") == "rect" or shape.get("layer") == "below"


def _rule(shape: Trace, made: Made, where: Stage) -> str:
    ends = [_place(shape, made, where, end) for end in "01"]
    (x0, y0), (x1, y1) = ends
    if x0 is None or y0 is None or x1 is None or y1 is None or shape.get("type") not in ("line", "rect"):
        return ""
    left, top, wide, high = where.plot
    xs = sorted(min(max(x, left), left + wide) for x in (x0, x1))
    ys = sorted(min(max(y, top), top + high) for y in (y0, y1))
    if (x0 == x1 and not left - 1 <= x0 <= left + wide + 1) or (y0 == y1 and not top - 1 <= y0 <= top + high + 1):
        return ""
    box = round(xs[0]), round(ys[0]), round(xs[1] - xs[0]), round(ys[1] - ys[0])
    given = shape.get("line") or {}
    thick = number(given.get("width"))
    pen = Pen(
        str(given.get("color") or "#0b1220"),
        (2.0 if thick is None else thick) * PIXEL,
        str(given.get("dash") or "solid"),
    )
    if shape["type"] == "line":
        return _element("cxnSp", "line", box, "", line(pen))
    fill = _faint(str(shape.get("fillcolor") or ""), number(shape.get("opacity")))
    return _element("sp", "rect", box, fill, line(pen))


def _faint(colour: str, opacity: float | None) -> str:
    if opacity is None or opacity >= 1 or not colour.startswith("#"):
        return solid(colour)
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return solid(f"rgba({red},{green},{blue},{opacity})")


def _element(tag: str, form: str, box: tuple[int, int, int, int], fill: str, edge: str) -> str:
    kind = "Cxn" if tag == "cxnSp" else "Sp"
    place = f'<a:xfrm><a:off x="{box[0]}" y="{box[1]}"/><a:ext cx="{box[2]}" cy="{box[3]}"/></a:xfrm>'
    dress = f'<p:spPr>{place}<a:prstGeom prst="{form}"><a:avLst/></a:prstGeom>{fill}{edge}</p:spPr>'
    named = f'<p:nv{kind}Pr><p:cNvPr id="@ID@" name="{form}"/><p:cNv{kind}Pr/><p:nvPr/></p:nv{kind}Pr>'
    return f"<p:{tag}>{named}{dress}</p:{tag}>"


def _group(shapes: Any, parts: Sequence[str]) -> tuple[Any, ...]:
    if not parts:
        return ()
    from pptx.oxml import parse_xml

    group = shapes.add_group_shape()
    first = int(group.shape_id) + 1
    body = "".join(part.replace("@ID@", str(first + at), 1) for at, part in enumerate(parts))
    for element in parse_xml(f"<p:spTree {SCHEMAS}>{body}</p:spTree>"):
        group._element.append(element)
    group._element.recalculate_extents()
    return (group,)


def _place(given: Trace, made: Made, where: Stage, end: str = "") -> tuple[float | None, float | None]:
    """Where on the slide a note or an end of a shape is (EMU); None for nowhere."""
    xref, yref = str(given.get("xref") or "x"), str(given.get("yref") or "y")
    left, top, wide, high = where.plot
    x, y = given.get(f"x{end}"), given.get(f"y{end}")
    across = _paper(x, left, wide) if xref == "paper" else _on(made, where, xref, x, 0)
    if yref == "paper":
        part = number(y)
        return across, None if part is None else top + (1 - part) * high
    return across, _on(made, where, yref, y, 1)


def _paper(value: Any, start: float, length: float) -> float | None:
    part = number(value)
    return None if part is None else start + part * length


def _on(made: Made, where: Stage, ref: str, value: Any, side: int) -> float | None:
    axis, _, domain = ref.partition(" ")
    found = next(((p, c) for p, c in made if (p.y if side else p.x) == axis), None)
    if found is None:
        return None
    panel, chart = found
    left, top, wide, high = where.inner(panel)
    part = number(value) if domain else (chart.at_y if side else chart.at_x)(value)
    if part is None or not -BEYOND - 1 < part < 2 + BEYOND:
        return None
    return top + (1 - part) * high if side else left + part * wide


def words(
    figure: Trace, made: Made, where: Stage, shapes: Any, pen: Words, used: Sequence[Trace]
) -> tuple[tuple[Any, ...], int]:
    """Notes of a figure that name no line, in one group, and how many had no place."""
    parts, lost = [], 0
    for note in listed(figure.get("layout", {}).get("annotations")):
        if note.get("visible") is False or not note.get("text") or any(note is one for one in used):
            continue
        x, y = _place(note, made, where)
        if x is None or y is None:
            lost += 1
        else:
            parts.append(_note(note, x, y, where, pen))
    legend = legends(made)
    if legend:
        parts.append(_legend(legend, where, pen))
    return _group(shapes, parts), lost


def _note(note: Trace, x: float, y: float, where: Stage, pen: Words) -> str:
    font = note.get("font") or {}
    size = where.size if (number(font.get("size")) or 12) >= 12 else where.size - 1
    lines = broken(note["text"])
    wide = (max(width(one, size) for one in lines) * 1.08 + 4) * POINT
    high = len(lines) * size * LINE * POINT
    across, up = _anchors(note)
    x += (number(note.get("xshift")) or 0) * PIXEL * POINT - wide * across
    y -= (number(note.get("yshift")) or 0) * PIXEL * POINT + high * (1 - up)
    box_left, box_top, box_wide, box_high = where.box
    x = min(max(x, box_left), box_left + box_wide - wide)
    y = min(max(y, box_top), box_top + box_high - high)
    colour = str(font.get("color") or "")
    said = tuple(Run(run.text, run.colour or colour, run.bold) for run in runs(str(note["text"])))
    align = {0.0: "l", 0.5: "ctr", 1.0: "r"}[across] if len(lines) == 1 else str(note.get("align") or "center")[0]
    return _text((round(x), round(y), round(wide), round(high)), said, size, pen, {"c": "ctr"}.get(align, align))


def _anchors(note: Trace) -> tuple[float, float]:
    """Parts of a note left of and below its place."""
    across = {"left": 0.0, "center": 0.5, "right": 1.0}.get(str(note.get("xanchor")))
    up = {"bottom": 0.0, "middle": 0.5, "top": 1.0}.get(str(note.get("yanchor")))
    if across is None:
        across = _nearest(note.get("x")) if note.get("xref") == "paper" else 0.5
    if up is None:
        up = _nearest(note.get("y")) if note.get("yref") == "paper" else 0.5
    return across, up


def _nearest(part: Any) -> float:
    found = number(part) or 0.0
    return 0.0 if found < 1 / 3 else 1.0 if found > 2 / 3 else 0.5


def _legend(entries: Sequence[tuple[str, str]], where: Stage, pen: Words) -> str:
    said = [run for name, colour in entries for run in (Run(f"{SQUARE} ", colour), Run(f"{name}    "))]
    left, top, wide, _ = where.box
    return _text((left, top, wide, round(where.size * LINE * POINT)), said, where.size, pen, "l")


def _text(box: tuple[int, int, int, int], said: Sequence[Run], size: float, pen: Words, align: str) -> str:
    inner = pen.rich(said, size, pen.ink.text, align=align)
    inner = inner.replace("<c:rich>", "").replace("</c:rich>", "").replace(' wrap="none"', ' wrap="none" anchor="ctr"')
    inner = inner.replace('lIns="25400" rIns="25400"', 'lIns="0" rIns="0"')
    place = f'<a:xfrm><a:off x="{box[0]}" y="{box[1]}"/><a:ext cx="{box[2]}" cy="{box[3]}"/></a:xfrm>'
    dress = f'<p:spPr>{place}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>'
    named = '<p:nvSpPr><p:cNvPr id="@ID@" name="note"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
    return f"<p:sp>{named}{dress}<p:txBody>{inner}</p:txBody></p:sp>"
