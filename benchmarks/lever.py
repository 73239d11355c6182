"""From a key press on a lever to the new chart, in Chromium: `python -m benchmarks.lever`.

Prints the median of a lever of the Scenario page beside that of a bare Streamlit page with one slider and one chart,
in turns in the same run, and their ratio; then a lever of the Share page beside a filter that reruns that page; then
cold and warm opening of every page.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from pages.ui.setup import find_chromium
from tests.browser import CHROMIUM_FLAGS, free_port, running, settle, wait_for

PRESSES = 15
ROUNDS = 3
PAGES = ("", "share", "scenario", "growth", "map", "record", "data")
BARE = """
import streamlit as st

level = st.slider("Level", -0.15, 0.15, 0.0, 0.01, key="level")
lines = [[40 + i * 5 + level * 30 * k for k in range(13)] for i in range(8)]
data = [{"type": "scatter", "mode": "lines", "x": list(range(13)), "y": line} for line in lines]
with st.container(key="bare"):
    st.plotly_chart({"data": data, "layout": {"height": 300}})
"""
LINES = "[...document.querySelectorAll('CHART .scatterlayer path')].map(p => p.getAttribute('d')).join()"
MOVED = """lines => new Promise(done => {
    const look = () => {
        const now = LINES;
        if (now && now !== lines) requestAnimationFrame(() => done(true));
        else requestAnimationFrame(look);
    };
    look();
})"""
DRAWN = """title => new Promise(done => {
    const start = performance.now();
    const look = () => {
        const heads = [...document.querySelectorAll('.st-key-what_if h2')].map(h => h.innerText).join();
        if (heads !== title) requestAnimationFrame(() => done(performance.now() - start));
        else requestAnimationFrame(look);
    };
    look();
})"""
TITLE = "[...document.querySelectorAll('.st-key-what_if h2')].map(h => h.innerText).join()"


def lever(page: Page) -> list[float]:
    """Milliseconds from each press of an arrow key to the changed finding of the what-if."""
    page.locator(".st-key-s5-en-share input[type=range]").focus()
    times = []
    for press in range(PRESSES):
        before = page.evaluate(TITLE)
        start = time.perf_counter()
        page.keyboard.press("ArrowRight" if press < PRESSES / 2 else "ArrowLeft")
        page.evaluate(DRAWN, before)
        times.append(1000 * (time.perf_counter() - start))
        page.wait_for_timeout(300)
    return times


def chart_lever(page: Page, slider: str, chart: str) -> list[float]:
    """Milliseconds from each press of an arrow key on `slider` to other lines in `chart`."""
    lines = LINES.replace("CHART", chart)
    page.locator(f"{slider} input[type=range]").focus()
    times = []
    for press in range(PRESSES):
        before = page.evaluate(lines)
        start = time.perf_counter()
        page.keyboard.press("ArrowRight" if press < PRESSES / 2 else "ArrowLeft")
        page.evaluate(MOVED.replace("LINES", lines), before)
        times.append(1000 * (time.perf_counter() - start))
        settle(page)
    return times


def beside_bare(page: Page, bare: Page, url: str, bare_url: str) -> tuple[float, float]:
    """Median milliseconds of a lever of the Scenario page and of a bare page, measured in turns."""
    page.goto(f"{url}/scenario")
    bare.goto(bare_url)
    for opened in (page, bare):
        settle(opened, timeout=90_000)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours += chart_lever(page, ".st-key-lever-duoduo-subsidy-t5", ".st-key-outcome")
        theirs += chart_lever(bare, ".st-key-level", ".st-key-bare")
    return statistics.median(ours), statistics.median(theirs)


def whole_page(page: Page) -> list[float]:
    """Milliseconds from switching the rows of the share chart, which reruns the page, to the changed chart."""
    times = []
    for name in ("Region", "City tier") * 5:
        title = page.locator(".st-key-card_shares h2").inner_text()
        start = time.perf_counter()
        page.get_by_role("radio", name=name, exact=True).click()
        page.wait_for_function("t => document.querySelector('.st-key-card_shares h2').innerText !== t", arg=title)
        times.append(1000 * (time.perf_counter() - start))
        settle(page)
    return times


def opening(page: Page, url: str) -> None:
    """Time to the drawn page, first and second visit."""
    for name in PAGES:
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            page.goto(f"{url}/{name}")
            settle(page, timeout=90_000)
            taken.append(time.perf_counter() - start - 0.25)
        print(f"open {name or 'overview':9} first {taken[0]:.2f} s, then {statistics.median(taken[1:]):.2f} s")


@contextmanager
def opened() -> Iterator[tuple[Browser, str, str]]:
    """Chromium, the address of the app, and that of a bare page with one slider and one chart."""
    port, bare_port = free_port(), free_port()
    url, bare_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{bare_port}"
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = Path(folder) / "bare.py"
        script.write_text(BARE, "utf-8")
        command = ("-m", "streamlit", "run", str(script), "--server.port", str(bare_port), "--server.headless", "true")
        with running("-m", "pages.ui.server", "--port", str(port)), running(*command):
            wait_for(url)
            print(f"health after {time.perf_counter() - start:.2f} s")
            wait_for(bare_url)
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
            yield chromium, url, bare_url
            chromium.close()


def two(chromium: Browser, url: str, bare_url: str) -> tuple[float, float, Page]:
    """Medians of the Scenario page's lever and of the bare page's, and a page of the app to go on with."""
    page, bare = (chromium.new_page(viewport={"width": 1280, "height": 800}) for _ in range(2))
    ours, theirs = beside_bare(page, bare, url, bare_url)
    bare.close()
    return ours, theirs, page


def ratios(*, quick: bool) -> dict[str, float]:
    """From a key on a lever of the Scenario page to its chart, over the same on a bare page."""
    with opened() as (chromium, url, bare_url):
        ours, theirs, _ = two(chromium, url, bare_url)
    return {"bare": ours / theirs}


def main() -> None:
    """Measure and print."""
    with opened() as (chromium, url, bare_url):
        ours, theirs, page = two(chromium, url, bare_url)
        print(f"scenario lever {ours:.0f} ms, bare page {theirs:.0f} ms, ratio {ours / theirs:.2f}")
        page.goto(f"{url}/share?view=drivers")
        settle(page)
        fragment = statistics.median(lever(page))
        page.goto(f"{url}/share")
        settle(page)
        full = statistics.median(whole_page(page))
        print(f"share lever {fragment:.0f} ms, whole page {full:.0f} ms, ratio {fragment / full:.2f}")
        opening(page, url)


if __name__ == "__main__":
    main()
