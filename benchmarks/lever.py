"""From a key press on a lever to the new chart, in Chromium: `python -m benchmarks.lever`.

Prints the median of the lever (a fragment of the Share page) beside the same press of a filter that reruns the whole
page, and their ratio; then cold and warm opening of every page.
"""

import statistics
import time

from playwright.sync_api import Page, sync_playwright

from pages.ui.setup import find_chromium
from tests.browser import CHROMIUM_FLAGS, free_port, running, settle, wait_for

PRESSES = 15
PAGES = ("", "share", "growth", "map", "record", "data")
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


def main() -> None:
    """Measure and print."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start = time.perf_counter()
    with running("-m", "pages.ui.server", "--port", str(port)), sync_playwright() as playwright:
        wait_for(url)
        print(f"health after {time.perf_counter() - start:.2f} s")
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        opening(page, url)
        page.goto(f"{url}/share?view=drivers")
        settle(page)
        fragment, full = statistics.median(lever(page)), statistics.median(whole_page(page))
        print(f"lever {fragment:.0f} ms, whole page {full:.0f} ms, ratio {fragment / full:.2f}")
        chromium.close()


if __name__ == "__main__":
    main()
