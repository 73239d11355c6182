"""How long files of views take: `python -m benchmarks.export_files [--runs N]`, from the top of the checkout.

A picture once warm, beside Plotly's own `Figure.to_image`, which starts a Chromium for each; then ten views as HTML,
PDF, Excel and CSV, with their sizes.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import plotly.io as pio

from analysis.views.look import Look
from analysis.views.report import browser, html, images, pdf, sheets
from analysis.views.slide import Slide
from analysis.views.theme import Theme
from benchmarks.export import TOPOLOGY, ten

LIMIT, MOST_BYTES = 0.5, 5_000_000
"""Seconds of a warm picture; bytes of ten views in one HTML page."""
ALONE = 3
"""Views that Plotly alone draws, for it takes seconds each."""


def seconds(work: Callable[[], object], runs: int) -> float:
    """Median."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def pictures(slides: Sequence[Slide], look: Look, runs: int) -> None:
    """PNG and SVG of each view, beside the same figures by Plotly alone."""
    start = time.perf_counter()
    images.png(slides[0].one, look)
    print(f"first picture, browser started: {time.perf_counter() - start:.2f} s")
    png = [seconds(lambda one=slide.one: images.png(one, look), runs) for slide in slides]
    svg = [seconds(lambda one=slide.one: images.svg(one, look), runs) for slide in slides]
    pio.defaults.topojson = str(TOPOLOGY)
    figures = [go.Figure(slide.one.view.figure, skip_invalid=True) for slide in slides[:ALONE]]
    alone = statistics.median(
        seconds(lambda one=figure: one.to_image("png", width=1280, height=720, scale=2), 1) for figure in figures
    )
    for name, times in (("PNG 2560 x 1440", png), ("SVG", svg)):
        middle, worst = statistics.median(times), max(times)
        print(
            f"{name:16} median {middle:.2f} s, slowest of {len(times)} views {worst:.2f} s;"
            f" Figure.to_image {alone:.2f} s, {alone / middle:.1f} times as long; under {LIMIT} s: {worst < LIMIT}"
        )


def files(slides: Sequence[Slide], look: Look, runs: int) -> None:
    """All views in one file of each kind."""
    kinds: dict[str, Callable[[], bytes]] = {
        "HTML": lambda: html(slides, look, name="Board"),
        "PDF": lambda: pdf(slides, look, name="Board"),
        "Excel": lambda: sheets.workbook(slides, look, name="Board"),
        "CSV, one view": lambda: sheets.csv(slides[0].one, look),
    }
    for name, make in kinds.items():
        size = len(make())
        print(f"{name:16} {seconds(make, runs):.2f} s, {size / 1e6:.2f} MB for {len(slides)} views")
        assert name != "HTML" or size < MOST_BYTES


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    for lang in ("en", "zh"):
        look, slides = Look(lang, Theme("light")), ten(lang)
        print(f"ten views, {lang}")
        pictures(slides, look, runs)
        files(slides, look, runs)
    browser.shut()


if __name__ == "__main__":
    main()
