"""Charts written as parts of a presentation: their XML, and the workbook that PowerPoint opens to change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from analysis.views.slides import marks, scales
from analysis.views.slides.marks import Words, hatched, numbers, shape, solid
from analysis.views.slides.sheet import Sheet, day_number, sheet_of
from analysis.views.slides.spec import Chart, Pen, Series
from analysis.views.slides.text import Box, clean

NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
GROUPS = (("area", False), ("area", True), ("bar", False), ("bar", True), ("line", False), ("xy", False))
"""Kinds of series, on hidden axes of their own or not, in the order in which they lie above each other."""
TAGS = {"area": "areaChart", "bar": "barChart", "line": "lineChart", "xy": "scatterChart"}
AXES = ((10, 20), (30, 40))
"""Numbers of the axes, and of the hidden ones."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What python-pptx asks of the data of a chart."""

    chart: Chart
    words: Words
    size: float
    sheet: Sheet

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook."""
        return self.sheet.blob

    def xml_bytes(self, chart_type: object) -> bytes:
        """The chart itself."""
        return _xml(self.chart, self.words, self.size, self.sheet).encode()


def add(shapes: Any, box: Box, chart: Chart, words: Words, size: float) -> Any:
    """Write a chart, its words in so many points, into its box (EMU); the graphic frame."""
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Emu

    left, top, width, height = (Emu(side) for side in box)
    data: Any = _Part(chart, words, size, sheet_of(chart))
    return shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, left, top, width, height, data)


def _xml(chart: Chart, words: Words, size: float, sheet: Sheet) -> str:
    groups = [
        _group(chart, kind, ones, words, size, sheet, second=second)
        for kind, second in GROUPS
        if (ones := [one for one in chart.series if (one.kind, one.second) == (kind, second)])
    ]
    plot = _layout(chart) + "".join(groups) + scales.axes(chart, words, size, AXES)
    legend = _legend(chart, words, size) if chart.legend else ""
    return (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><c:chartSpace {NAMESPACES}>"
        '<c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>'
        f"<c:plotArea>{plot}{shape(marks.NOTHING, None)}</c:plotArea>{legend}"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"{shape(marks.NOTHING, None)}{words.all(size, words.ink.text)}</c:chartSpace>"
    )


def _layout(chart: Chart) -> str:
    left, top, width, height = chart.inner
    sides = f'<c:x val="{left:.5f}"/><c:y val="{top:.5f}"/><c:w val="{width:.5f}"/><c:h val="{height:.5f}"/>'
    edge = '<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
    return f"<c:layout><c:manualLayout>{edge}{sides}</c:manualLayout></c:layout>"


def _group(
    chart: Chart, kind: str, ones: Sequence[Series], words: Words, size: float, sheet: Sheet, *, second: bool
) -> str:
    """Series of one kind on one pair of axes."""
    stacked = kind == "area" or (kind == "bar" and chart.stacked and not second)
    grouping = "stacked" if stacked else "clustered" if kind == "bar" else "standard"
    begin = f'<c:grouping val="{grouping}"/><c:varyColors val="0"/>'
    end = ""
    if kind == "bar":
        overlap = 100 if stacked or chart.overlaid or second else 0
        begin = f'<c:barDir val="{"bar" if chart.lying else "col"}"/>' + begin
        end = f'<c:gapWidth val="{chart.gap}"/><c:overlap val="{overlap}"/>'
    elif kind == "line":
        end = '<c:marker val="1"/>'
    elif kind == "xy":
        begin = '<c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>'
    body = "".join(_series(chart, one, words, size, sheet) for one in ones)
    pair = "".join(f'<c:axId val="{axis}"/>' for axis in AXES[int(second)])
    return f"<c:{TAGS[kind]}>{begin}{body}{end}{pair}</c:{TAGS[kind]}>"


def _series(chart: Chart, one: Series, words: Words, size: float, sheet: Sheet) -> str:
    at = next(index for index, other in enumerate(chart.series) if other is one)
    cells = sheet.cells[at]
    name = f'<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(clean(one.name))}</c:v></c:pt></c:strCache>'
    body = f'<c:idx val="{at}"/><c:order val="{at}"/><c:tx><c:strRef><c:f>{cells.name}</c:f>{name}</c:strRef></c:tx>'
    scatter = one.kind == "xy"
    body += _dress(one)
    body += words.labels(one, size)
    body += marks.error(one.error, cells.errors, scatter=scatter)
    values = f"<c:numRef><c:f>{cells.values}</c:f><c:numCache>{numbers(one.values)}</c:numCache></c:numRef>"
    if scatter:
        xs = f"<c:numRef><c:f>{cells.xs}</c:f><c:numCache>{numbers(one.xs)}</c:numCache></c:numRef>"
        body += f'<c:xVal>{xs}</c:xVal><c:yVal>{values}</c:yVal><c:smooth val="0"/>'
    else:
        body += f"<c:cat>{_categories(chart, cells.xs)}</c:cat><c:val>{values}</c:val>"
        body += '<c:smooth val="0"/>' if one.kind == "line" else ""
    return f"<c:ser>{body}</c:ser>"


def _dress(one: Series) -> str:
    """Colours of a series and of its points."""
    if one.kind in ("line", "xy"):
        found = f"<c:spPr>{marks.line(one.pen)}</c:spPr>{marks.point(one.marker)}"
        for at, marker in sorted(one.markers.items()):
            found += f'<c:dPt><c:idx val="{at}"/>{marks.point(marker)}<c:bubble3D val="0"/></c:dPt>'
        return found
    whole = one.hatched[0] if one.kind == "area" and one.hatched else ""
    found = shape(hatched(one.fill, whole) if whole else solid(one.fill), _edge(one.edge))
    if one.kind == "bar":
        found += '<c:invertIfNegative val="0"/>'
        for at, fill in enumerate(one.fills):
            striped = one.hatched[at] if at < len(one.hatched) else ""
            edge = one.edges[at] if at < len(one.edges) else one.edge
            dress = shape(hatched(fill, striped) if striped else solid(fill), _edge(edge))
            found += f'<c:dPt><c:idx val="{at}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/>{dress}</c:dPt>'
    return found


def _edge(colour: str) -> Pen | None:
    return Pen(colour, 0.75) if colour else None


def _categories(chart: Chart, ref: str) -> str:
    """Names, days or numbers along the axis."""
    found = chart.categories
    if chart.x.kind == "date":
        days = numbers([day_number(one) for one in found], chart.x.format)
        return f"<c:numRef><c:f>{ref}</c:f><c:numCache>{days}</c:numCache></c:numRef>"
    if found and isinstance(found[0], tuple):
        return _levels([one for one in found if isinstance(one, tuple)], ref)
    if found and isinstance(found[0], int | float):
        values = numbers([one for one in found if isinstance(one, int | float)], chart.x.format)
        return f"<c:numRef><c:f>{ref}</c:f><c:numCache>{values}</c:numCache></c:numRef>"
    points = "".join(_point(at, str(one)) for at, one in enumerate(found))
    inner = f'<c:strCache><c:ptCount val="{len(found)}"/>{points}</c:strCache>'
    return f"<c:strRef><c:f>{ref}</c:f>{inner}</c:strRef>"


def _levels(found: Sequence[tuple[str, str]], ref: str) -> str:
    """Names in groups."""
    inner = "".join(_point(at, one[1]) for at, one in enumerate(found))
    outer = "".join(_point(at, one[0]) for at, one in enumerate(found) if not at or found[at - 1][0] != one[0])
    levels = f'<c:ptCount val="{len(found)}"/><c:lvl>{inner}</c:lvl><c:lvl>{outer}</c:lvl>'
    return f"<c:multiLvlStrRef><c:f>{ref}</c:f><c:multiLvlStrCache>{levels}</c:multiLvlStrCache></c:multiLvlStrRef>"


def _point(at: int, text: str) -> str:
    return f'<c:pt idx="{at}"><c:v>{escape(clean(text))}</c:v></c:pt>'


def _legend(chart: Chart, words: Words, size: float) -> str:
    """What the colours mean, above the plot; only series that have an entry on screen."""
    gone = "".join(
        f'<c:legendEntry><c:idx val="{at}"/><c:delete val="1"/></c:legendEntry>'
        for at, one in enumerate(_drawn(chart))
        if not one.legend
    )
    return f'<c:legend><c:legendPos val="t"/>{gone}<c:overlay val="0"/>{words.all(size, words.ink.text)}</c:legend>'


def _drawn(chart: Chart) -> list[Series]:
    """Series in the order in which a legend counts them."""
    return [one for group in GROUPS for one in chart.series if (one.kind, one.second) == group]
