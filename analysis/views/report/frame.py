"""A view as a slide-size drawing: finding, caption, the chart, table or words, and the line at the foot. SVG."""

import re
from html import escape
from typing import Any

from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.report.cells import right, written
from analysis.views.report.legend import Entry, legend
from analysis.views.report.lines import fitted, width, wrapped
from analysis.views.report.lines import written as texts
from analysis.views.report.origin import caption, foot
from analysis.views.report.screen import FONTS
from analysis.views.theme import Theme

Size = tuple[int, int]
SLIDE: Size = (1280, 720)
"""Pixels of a picture."""
EDGE, GAP = 48.0, 14.0
TITLES = (32.0, 28.0, 24.0, 21.0)
CAPTION, FOOT, WORDS = 17.0, 12.5, 26.0
LARGER, SMALLEST = 1.45, 0.55
"""How much larger than on the page a chart is drawn, and how much smaller one of many rows at most."""
UNDRAWN = "height", "width", "autosize", "sliders", "updatemenus"
"""Of a layout: what the room decides, and what a reader would press in vain, for the frames of a film stay behind."""
PAGE_HEIGHT = 300
"""Pixels of a chart on the page that says none."""
STRIP, LABEL = 22.0, 14.0
"""Height of a row of the legend, and of its letters."""
ROW, CELL, CELL_GAP, MOST_COLUMNS, WIDEST = 30.0, 15.0, 18.0, 9, 420.0


def figure(one: Pinned) -> dict[str, Any]:
    """Figure of a view without its height: it takes the room it is given."""
    found = one.view.figure
    assert isinstance(found, dict)
    layout = {
        key: value for key, value in found.get("layout", {}).items() if key not in ("height", "width", "autosize")
    }
    font = {**layout.get("font", {}), "family": FONTS}
    return {"data": found["data"], "layout": {**layout, "font": font}}


def factor(one: Pinned, room: float) -> float:
    """How much larger than on the page a chart is drawn in so much height."""
    assert isinstance(one.view.figure, dict)
    height = one.view.figure.get("layout", {}).get("height") or PAGE_HEIGHT
    return max(SMALLEST, min(LARGER, room / float(height)))


class Frame:
    """What stands around the body, and the room that is left for it.

    Attributes
    ----------
    box : tuple of float
        Left, top, width and height of the body, pixels.
    """

    def __init__(self, one: Pinned, look: Look, size: Size, title: str = "") -> None:
        theme = Theme(one.theme)
        wide, high = size
        room = wide - 2 * EDGE
        lines, large = fitted(title or one.view.title, room, bold=True, sizes=TITLES, most=2)
        said = wrapped(caption(one), room, CAPTION, most=2)
        last = wrapped(foot(one, look), room, FOOT, most=2)
        y = EDGE + large * 0.6
        head = texts(lines, EDGE, y, large, colour=theme.text, bold=True)
        y += (len(lines) - 1) * large * 1.3 + CAPTION * 1.75
        head += texts(said, EDGE, y, CAPTION, colour=theme.muted)
        y += (len(said) - 1) * CAPTION * 1.3
        strip, rows = _strip(legend(one), room, theme)
        head += f'<g transform="translate({EDGE:g} {y + GAP:g})">{strip}</g>'
        top = y + GAP + rows * STRIP
        floor = high - EDGE / 2 - (len(last) - 1) * FOOT * 1.3
        self.box = EDGE, top, room, floor - FOOT - GAP - top
        self._one = one
        self._size = size
        self._around = head + texts(last, EDGE, floor, FOOT, colour=theme.muted)
        self._theme = theme

    def svg(self, body: str) -> str:
        """The whole drawing."""
        wide, high = self._size
        view = self._one.view
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{wide}"'
            f' height="{high}" viewBox="0 0 {wide} {high}" font-family="{FONTS}" role="img" xml:lang="{self._one.lang}"'
            f' style="display:block"><title>{escape(view.title)}</title><desc>{escape(view.alt)}</desc>'
            f'<rect width="{wide}" height="{high}" fill="{self._theme.surface}"/>{self._around}{body}</svg>'
        )

    def chart(self, drawn: str, by: float) -> str:
        """A chart that was drawn `by` times smaller than the room."""
        x, y, wide, high = self.box
        inner = f'<svg x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" '
        inner += f'viewBox="0 0 {wide / by:g} {high / by:g}" '
        return re.sub(r"<svg\b[^>]*?>", lambda tag: inner + kept(tag[0]) + ">", renamed(drawn, "c"), count=1)

    def words(self) -> str:
        """The text of an answer, large."""
        x, y, wide, high = self.box
        lines, size = fitted(
            self._one.view.caption, wide, bold=False, sizes=(WORDS, 22.0, 19.0, 16.0), most=int(high / (22 * 1.45))
        )
        return texts(lines, x, y + size, size, colour=self._theme.text, leading=1.45)

    def table(self, look: Look) -> str:
        """As many rows as there is room for, and how many more there are."""
        table = self._one.view.table
        x, y, wide, high = self.box
        shown = table.iloc[:, :MOST_COLUMNS]
        most = int((high - 2 * ROW) / ROW)
        rows = [[str(name) for name in shown], *written(shown.head(most), look)]
        on_right = right(shown)
        widths = _widths(rows, wide)
        marks, left = [], x
        for i, room in enumerate(widths):
            at, anchor = (left + room - CELL_GAP, "end") if on_right[i] else (left, "start")
            for n, row in enumerate(rows):
                line = wrapped(row[i], room - CELL_GAP, CELL, most=1, bold=n == 0)
                ink = self._theme.muted if n == 0 else self._theme.text
                marks.append(texts(line, at, y + n * ROW + ROW * 0.66, CELL, colour=ink, bold=n == 0, anchor=anchor))
            left += room
        rules = "".join(
            f'<line x1="{x:g}" x2="{left:g}" y1="{y + n * ROW:g}" y2="{y + n * ROW:g}" stroke="{self._theme.grid}"/>'
            for n in range(1, len(rows))
        )
        return rules + "".join(marks) + self._more(look, len(rows), len(table) - most, table.shape[1] - MOST_COLUMNS)

    def _more(self, look: Look, rows: int, more: int, columns: int) -> str:
        said = [look.say("report.more_rows", n=f"{more:,}")] if more > 0 else []
        said += [look.say("report.more_columns", n=columns)] if columns > 0 else []
        x, y, *_ = self.box
        return texts([look.text(said)], x, y + rows * ROW + ROW * 0.66, CELL, colour=self._theme.muted)


def _strip(entries: list[Entry], room: float, theme: Theme) -> tuple[str, int]:
    """Colours with their names, side by side, and how many rows they take."""
    marks, x, row = [], 0.0, 0
    for name, colour in entries:
        need = CELL + width(name, LABEL) + CELL_GAP
        if x and x + need > room:
            x, row = 0.0, row + 1
        y = row * STRIP + STRIP * 0.7
        marks.append(f'<rect x="{x:g}" y="{y - 11:g}" width="11" height="11" rx="2" fill="{escape(colour)}"/>')
        marks.append(texts([name], x + CELL + 1, y, LABEL, colour=theme.text))
        x += need
    return "".join(marks), row + 1 if entries else 0


def _widths(rows: list[list[str]], room: float) -> list[float]:
    """Widths of columns: what their texts need, less where all together need too much, never more than there is."""
    need = [
        min(WIDEST, max(width(text, CELL, bold=n == 0) for n, text in enumerate(column)) + CELL_GAP)
        for column in zip(*rows, strict=True)
    ]
    by = min(1.0, room / sum(need))
    return [one * by for one in need]


def kept(tag: str) -> str:
    """Of the tag of a drawing, the names it needs and its class."""
    found = re.findall(r'(?:xmlns(?::\w+)?|class)="[^"]*"', tag)
    return " ".join([*found, 'overflow="hidden"'])


def renamed(svg: str, prefix: str) -> str:
    """A drawing whose marks have names of their own, so that several can stand in one page; the same each time."""
    names = {name: f"{prefix}{n}" for n, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))}
    svg = re.sub(r'\bid="([^"]+)"', lambda found: f'id="{names[found[1]]}"', svg)
    return re.sub(
        r"(url\((?:&quot;|['\"])?#|href=\"#)([^)'\"&]+)",
        lambda found: found[1] + names.get(found[2], found[2]),
        svg,
    )
