"""Pictures of a view at slide size, with its finding, caption, source and grade in them."""

from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.report import browser
from analysis.views.report.frame import SLIDE, Frame, Size, factor, figure
from analysis.views.report.screen import Screen


def svg(one: Pinned, look: Look, *, size: Size = SLIDE, title: str = "") -> bytes:
    """Drawing of a view: a file whose lines and letters can be edited.

    Parameters
    ----------
    size : tuple of int
        Pixels.
    title : str
        In place of the finding.

    Raises
    ------
    NoBrowser
        It is a chart or a map, and no browser can draw it. Tables and words need none.
    """
    frame = Frame(one, look, size, title)
    if one.kind == "words":
        return frame.svg(frame.words()).encode()
    if one.kind == "table":
        return frame.svg(frame.table(look)).encode()
    return browser.draw(lambda screen: _chart(screen, one, frame)).encode()


def png(one: Pinned, look: Look, *, size: Size = SLIDE, scale: float = 2, title: str = "") -> bytes:
    """Picture of a view, `scale` times as many pixels as `size` says.

    Raises
    ------
    NoBrowser
        No browser can draw it.
    """
    frame = Frame(one, look, size, title)

    async def work(screen: Screen) -> bytes:
        if one.kind in ("words", "table"):
            body = frame.words() if one.kind == "words" else frame.table(look)
            return await screen.shot(frame.svg(body), *size, scale)
        return await screen.shot(await _chart(screen, one, frame), *size, scale)

    return browser.draw(work)


def chart(one: Pinned, *, width: float, height: float) -> str:
    """SVG of the chart or map of a view alone, as many pixels wide and high, for a page of other make.

    Raises
    ------
    NoBrowser
        No browser can draw it.
    """
    by = factor(one, height)
    return browser.draw(lambda screen: screen.chart(figure(one), width / by, height / by))


async def _chart(screen: Screen, one: Pinned, frame: Frame) -> str:
    *_, wide, high = frame.box
    by = factor(one, high)
    return frame.svg(frame.chart(await screen.chart(figure(one), wide / by, high / by), by))
