"""How long ten slides take: native charts, tables and maps, against ten pictures of the same views pasted in.

The pictures are made the way Plotly's manual says: `Figure.write_image`, which starts kaleido's Chromium each time, and
`plotly.io.write_images`, which starts it once for all. Run it from the top of the checkout:

    python -m benchmarks.export [--runs N] [--rounds N]
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import plotly.graph_objects as go
import plotly.io as pio
import pytest
from pptx import Presentation
from pptx.util import Inches

from analysis.views.look import Look
from analysis.views.slide import Slide, slide_of
from analysis.views.slides import deck
from analysis.views.theme import Theme
from tests.quiet_rooms import caught

ROOMS = (("overview", {}, ()), ("share", {}, ()), ("subsidy", {}, ()), ("scenario", {}, ()), ("growth", {}, ()))
WIDE, HIGH, SCALE = 1280, 720, 2
COUNT, LIMIT = 10, 2.0
TOPOLOGY = Path(__file__).resolve().parents[1] / "static" / "topojson"


def ten(lang: str) -> list[Slide]:
    """Ten charts of the illustrative market, as a board hands them over."""
    rooms = caught(ROOMS, lang=lang, monkeypatch=pytest.MonkeyPatch())
    views = [view for room in rooms for view in room.views.values() if view.kind == "chart"]
    assert len(views) >= COUNT
    return [slide_of(view) for view in views[:COUNT]]


def native(slides: Sequence[Slide]) -> bytes:
    """Charts that can be edited."""
    return deck(slides, Look(slides[0].one.lang, Theme("light")), name="Board")


def pasted(pictures: Sequence[Path]) -> bytes:
    """A picture a slide."""
    show = Presentation()
    show.slide_width, show.slide_height = Inches(13.333), Inches(7.5)
    for picture in pictures:
        show.slides.add_slide(show.slide_layouts[6]).shapes.add_picture(str(picture), 0, 0, width=show.slide_width)
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def figures(slides: Sequence[Slide]) -> list[go.Figure]:
    """The same charts as Plotly's own objects, with their titles."""
    return [go.Figure(slide.one.view.figure).update_layout(title=slide.title) for slide in slides]


def one_by_one(charts: Sequence[go.Figure], folder: Path) -> bytes:
    """`Figure.write_image` for each."""
    paths = [folder / f"{at}.png" for at in range(len(charts))]
    for chart, path in zip(charts, paths, strict=True):
        chart.write_image(path, width=WIDE, height=HIGH, scale=SCALE)
    return pasted(paths)


def together(charts: Sequence[go.Figure], folder: Path) -> bytes:
    """`plotly.io.write_images` for all."""
    paths = [folder / f"{at}.png" for at in range(len(charts))]
    pio.write_images(fig=list(charts), file=paths, width=WIDE, height=HIGH, scale=SCALE)
    return pasted(paths)


def timed(work: Callable[[], bytes], runs: int) -> tuple[float, int]:
    """Median seconds, and bytes of the file."""
    seconds, size = [], 0
    for _ in range(runs):
        start = time.perf_counter()
        size = len(work())
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), size


def measure(lang: str, runs: int, rounds: int) -> None:
    """Print what ten slides take in one language."""
    slides = ten(lang)
    charts = figures(slides)
    native(slides)
    own, size = timed(partial(native, slides), runs)
    print(f"{lang}: {COUNT} native slides {own:.2f} s, {size / 1e3:,.0f} kB (limit {LIMIT:g} s: {own < LIMIT})")
    with TemporaryDirectory() as folder:
        for name, work in (("write_images", together), ("write_image", one_by_one)):
            other, size = timed(partial(work, charts, Path(folder)), rounds)
            print(f"    {name} and pasted {other:.1f} s, {size / 1e3:,.0f} kB: {other / own:.0f} times as long")


def ratios(*, quick: bool) -> dict[str, float]:
    """`plotly.io.write_images` and pasted, over native; none where kaleido is not there."""
    if find_spec("kaleido") is None:
        return {}
    pio.defaults.topojson = str(TOPOLOGY)
    slides = ten("en")
    charts = figures(slides)
    native(slides)
    with TemporaryDirectory() as folder:
        theirs, _ = timed(partial(together, charts, Path(folder)), 1)
    return {"together": theirs / timed(partial(native, slides), 3 if quick else 5)[0]}


def main() -> None:
    """Measure both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="decks of native charts")
    parser.add_argument("--rounds", type=int, default=1, help="decks of pictures")
    asked = parser.parse_args()
    pio.defaults.topojson = str(TOPOLOGY)
    for lang in ("en", "zh"):
        measure(lang, asked.runs, asked.rounds)


if __name__ == "__main__":
    main()
