"""Pieces of a chart's XML: lines, fills, points, words and bars of error."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from analysis.views.slide import Ink
from analysis.views.slides.colours import read
from analysis.views.slides.spec import Error, Label, Marker, Pen, Run, Series, Written
from analysis.views.slides.text import POINT, SPOKEN, clean

DASHES = {"dot": "sysDot", "dash": "dash", "dashdot": "dashDot", "longdash": "lgDash", "longdashdot": "lgDashDot"}
HATCHES = {
    "/": "wdUpDiag",
    "\\": "wdDnDiag",
    "x": "openDmnd",
    "-": "ltHorz",
    "|": "ltVert",
    "+": "lgGrid",
    ".": "pct20",
}
STROKES, PALE = 0.45, 165
"""Part of a colour that is left in the strokes on it, so that words stay legible, and least channel of a pale one."""
NOTHING = "<a:noFill/>"
SHOWN = (
    '<c:showLegendKey val="0"/><c:showVal val="{}"/><c:showCatName val="0"/><c:showSerName val="0"/>'
    '<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
)
UNLED = (
    '<c:extLst><c:ext uri="{CE6537A1-D6FC-4f65-9D91-7224C49458BB}" '
    'xmlns:c15="http://schemas.microsoft.com/office/drawing/2012/chart"><c15:showLeaderLines val="0"/></c:ext>'
    "</c:extLst>"
)
"""No thin lines from points to their words."""


def solid(colour: str) -> str:
    """Fill of one CSS colour; none for an empty one."""
    if not colour:
        return NOTHING
    hexed, alpha = read(colour)
    if alpha == 0:
        return NOTHING
    seen = f'<a:alpha val="{round(alpha * 100_000)}"/>' if alpha < 1 else ""
    return f'<a:solidFill><a:srgbClr val="{hexed}">{seen}</a:srgbClr></a:solidFill>'


def hatched(colour: str, pattern: str) -> str:
    """Fill of strokes on a CSS colour, in Plotly's shape, for what must be told apart without colour.

    They are dark on a pale colour, pale on any other.
    """
    base = read(colour)[0]
    channels = [int(base[at : at + 2], 16) for at in (0, 2, 4)]
    towards = 0 if min(channels) > PALE else 255
    strokes = "".join(f"{round(towards + (one - towards) * STROKES):02X}" for one in channels)
    front = f'<a:fgClr><a:srgbClr val="{strokes}"/></a:fgClr><a:bgClr><a:srgbClr val="{base}"/></a:bgClr>'
    return f'<a:pattFill prst="{HATCHES.get(pattern, "wdUpDiag")}">{front}</a:pattFill>'


def line(pen: Pen | None) -> str:
    """Outline (`a:ln`), or none."""
    if pen is None or not pen.colour or pen.width <= 0:
        return f"<a:ln>{NOTHING}</a:ln>"
    dash = DASHES.get(pen.dash)
    dashes = f'<a:prstDash val="{dash}"/>' if dash else ""
    return f'<a:ln w="{round(pen.width * POINT)}" cap="flat">{solid(pen.colour)}{dashes}<a:round/></a:ln>'


def shape(fill: str, pen: Pen | None) -> str:
    """Fill (XML) and outline of a series, a point or a plot."""
    return f"<c:spPr>{fill}{line(pen)}</c:spPr>"


def point(marker: Marker | None) -> str:
    """How points of a line look."""
    if marker is None:
        return '<c:marker><c:symbol val="none"/></c:marker>'
    size = min(max(round(marker.size), 2), 72)
    pen = Pen(marker.edge, 1.0) if marker.edge else None
    dress = shape(solid(marker.fill), pen)
    return f'<c:marker><c:symbol val="{marker.symbol}"/><c:size val="{size}"/>{dress}</c:marker>'


class Words:
    """Words inside a chart: language, fonts, colours."""

    def __init__(self, ink: Ink, lang: str) -> None:
        self.ink, self.lang = ink, lang

    def properties(self, tag: str, size: float, colour: str, *, bold: bool = False) -> str:
        """Properties of words (`a:defRPr`, `a:rPr`...): points, hex colour."""
        faces = (("latin", self.ink.latin), ("ea", self.ink.east_asian))
        fonts = "".join(f"<a:{name} typeface={quoteattr(face)}/>" for name, face in faces if face)
        spoken = f' lang="{SPOKEN[self.lang]}"' if tag == "rPr" else ""
        given = f'sz="{round(size * 100)}" b="{int(bold)}"'
        return f'<a:{tag}{spoken} {given}><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>{fonts}</a:{tag}>'

    def all(self, size: float, colour: str, *, bold: bool = False) -> str:
        """Properties of all words of an axis, a legend or a series (`c:txPr`)."""
        default = self.properties("defRPr", size, colour, bold=bold)
        turned = '<a:bodyPr rot="0" vert="horz"/>'
        return f"<c:txPr>{turned}<a:lstStyle/><a:p><a:pPr>{default}</a:pPr><a:endParaRPr/></a:p></c:txPr>"

    def rich(self, runs: Sequence[Run], size: float, colour: str, *, align: str = "ctr") -> str:
        """Words with colours of their own (`c:rich`); each line end begins a paragraph."""
        paragraphs, at = [""], 0
        for run in runs:
            hexed = read(run.colour)[0] if run.colour else colour
            for number, part in enumerate(run.text.split("\n")):
                if number:
                    paragraphs.append("")
                    at += 1
                if part:
                    dress = self.properties("rPr", size, hexed, bold=run.bold)
                    paragraphs[at] += f"<a:r>{dress}<a:t>{escape(clean(part))}</a:t></a:r>"
        begin = f'<a:pPr algn="{align}">{self.properties("defRPr", size, colour)}</a:pPr>'
        body = "".join(f"<a:p>{begin}{one}</a:p>" for one in paragraphs)
        return (
            f'<c:rich><a:bodyPr wrap="none" lIns="25400" rIns="25400" tIns="0" bIns="0"/><a:lstStyle/>{body}</c:rich>'
        )

    def labels(self, series: Series, size: float) -> str:
        """Words at the points of a series (`c:dLbls`), or none."""
        if not series.labels and series.written is None:
            return ""
        ones = "".join(self._label(at, label, size) for at, label in sorted(series.labels.items()))
        rest = SHOWN.format(0) if series.written is None else self._written(series.written, size)
        return f"<c:dLbls>{ones}{rest}{UNLED}</c:dLbls>"

    def _label(self, at: int, label: Label, size: float) -> str:
        if label.format:
            return self._live(at, label, size)
        if not label.runs:
            return f'<c:dLbl><c:idx val="{at}"/><c:delete val="1"/></c:dLbl>'
        moved = ""
        if label.dx or label.dy:
            place = f'<c:x val="{label.dx:.5f}"/><c:y val="{label.dy:.5f}"/>'
            moved = f"<c:layout><c:manualLayout>{place}</c:manualLayout></c:layout>"
        text = f"<c:tx>{self.rich(label.runs, size, self.ink.text, align='l')}</c:tx>"
        dress = f"<c:spPr>{NOTHING}<a:ln>{NOTHING}</a:ln></c:spPr>"
        place = f'<c:dLblPos val="{label.place}"/>'
        return f'<c:dLbl><c:idx val="{at}"/>{moved}{text}{dress}{place}{SHOWN.format(1)}</c:dLbl>'

    def _live(self, at: int, label: Label, size: float) -> str:
        """The value of one point in a format of its own."""
        first = label.runs[0] if label.runs else Run("")
        written = Written(label.format, label.place, first.colour)
        return f'<c:dLbl><c:idx val="{at}"/>{self._written(written, size, bold=first.bold)}</c:dLbl>'

    def _written(self, written: Written, size: float, *, bold: bool = False) -> str:
        dress = f"<c:spPr>{NOTHING}<a:ln>{NOTHING}</a:ln></c:spPr>"
        colour = read(written.colour)[0] if written.colour else self.ink.text
        words = self.all(size, colour, bold=bold)
        form = f'<c:numFmt formatCode={quoteattr(written.format)} sourceLinked="0"/>'
        return f'{form}{dress}{words}<c:dLblPos val="{written.place}"/>{SHOWN.format(1)}'


def numbers(values: Sequence[float | None], form: str = "General") -> str:
    """Values as they are kept beside the workbook; None is left out."""
    points = "".join(
        f'<c:pt idx="{at}"><c:v>{float(value)!r}</c:v></c:pt>' for at, value in enumerate(values) if value is not None
    )
    return f'<c:formatCode>{escape(form)}</c:formatCode><c:ptCount val="{len(values)}"/>{points}'


def error(found: Error | None, refs: tuple[str, str] | None, *, scatter: bool) -> str:
    """Bars of error of a series; `refs` are the cells of their lengths (plus, minus)."""
    if found is None:
        return ""
    along = f'<c:errDir val="{found.along}"/>' if scatter else ""
    cap = f'<c:noEndCap val="{int(not found.cap)}"/>'
    dress = f"<c:spPr>{line(found.pen)}</c:spPr>"
    sides = ""
    for tag, values, ref in zip(("plus", "minus"), (found.plus, found.minus), refs or ("", ""), strict=True):
        inner = f"<c:numCache>{numbers(values)}</c:numCache>"
        sides += f"<c:{tag}><c:numRef><c:f>{ref}</c:f>{inner}</c:numRef></c:{tag}>"
    kind = '<c:errBarType val="both"/><c:errValType val="cust"/>'
    return f"<c:errBars>{along}{kind}{cap}{sides}{dress}</c:errBars>"
