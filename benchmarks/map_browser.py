"""The Map page with a million stations in Chromium, beside the same points through `st.pydeck_chart`."""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from pages.ui.setup import find_chromium
from tests.browser import CHROMIUM_FLAGS, free_port, running, wait_for

VISITS = 3
ZOOMS = 7
PATIENCE = 180_000
RIVAL = """
import pydeck, streamlit as st
from benchmarks.map_stations import million

@st.cache_resource
def points():
    return million()[["lon", "lat"]]

layer = pydeck.Layer("ScatterplotLayer", data=points(), get_position="[lon, lat]", get_radius=300)
view = pydeck.ViewState(longitude=104, latitude=36, zoom=3)
st.pydeck_chart(pydeck.Deck(layers=[layer], map_provider=None, initial_view_state=view))
st.write("sent")
"""
DRAWN = "() => Number(document.querySelector('.posthouse-map .map')?.dataset.drawn ?? 0) > 0"
STAGE = "document.querySelector('.posthouse-map .map').dataset"


def first_pixels(page: Page, url: str) -> float:
    """Seconds from the address to the drawn prefectures."""
    start = time.perf_counter()
    page.goto(f"{url}/map")
    page.wait_for_function(f"() => {STAGE[:-8]}?.dataset.stage === 'regions'", timeout=PATIENCE)
    return time.perf_counter() - start


def zooms(page: Page) -> dict[str, float]:
    """Seconds from the press that reaches a new layer to its first frame, by layer."""
    taken = {}
    for _ in range(ZOOMS):
        before = page.evaluate(f"() => {STAGE}.stage")
        start = time.perf_counter()
        page.locator(".posthouse-map .in").click()
        try:
            page.wait_for_function(f"before => {STAGE}.stage !== before", arg=before, timeout=4_000)
        except TooLate:
            continue
        stage = page.evaluate(f"() => {STAGE}.stage")
        taken.setdefault(str(stage), time.perf_counter() - start)
        page.wait_for_timeout(600)
    return taken


def every(page: Page) -> tuple[float, float]:
    """Seconds to the draw call of every station at once, as the page itself measures it, and to the pixels."""
    start = time.perf_counter()
    page.locator(".posthouse-map .all").click()
    page.wait_for_function(f"() => {STAGE}.everyMs", timeout=PATIENCE)
    return float(page.evaluate(f"() => {STAGE}.everyMs")) / 1e3, time.perf_counter() - start


def rival(page: Page, url: str) -> float:
    """Seconds until the canvas of `st.pydeck_chart` has been given its points and drawn a frame."""
    start = time.perf_counter()
    page.goto(url)
    page.get_by_text("sent").wait_for(timeout=PATIENCE)
    page.wait_for_selector("[data-testid=stDeckGlJsonChart] canvas", timeout=PATIENCE)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.perf_counter() - start


def browse() -> None:
    """Measure and print."""
    port, other = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = Path(folder) / "rival.py"
        script.write_text(RIVAL, "utf-8")
        command = ("-m", "streamlit", "run", str(script), "--server.port", str(other), "--server.headless", "true")
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        with running("-m", "benchmarks.map_stations", "--port", str(port)):
            wait_for(url)
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            cold, *warm = (first_pixels(page, url) for _ in range(VISITS + 1))
            print(f"map page to first pixels: first {cold:.2f} s, then {statistics.median(warm):.2f} s")
            page.wait_for_timeout(1_500)
            for stage, took in zooms(page).items():
                print(f"  zoom to layer {stage:10} {1e3 * took:8,.0f} ms from the press to its frame")
            page.locator(".posthouse-map .home").click()
            page.wait_for_timeout(1_500)
            drawn, seen = every(page)
            print(f"every station: {drawn:.2f} s to the draw call, {seen:.2f} s with software rendering")
            page.close()
        with running(*command):
            wait_for(f"http://127.0.0.1:{other}")
            took = rival(chromium.new_page(), f"http://127.0.0.1:{other}")
            print(f"st.pydeck_chart of the same points: {took:.1f} s to a frame")
        chromium.close()
