"""The pictures of the guide, taken anew from the real app in Chromium: nine pages, two languages, light, 1280 wide.

Run it from the top of the checkout after a page has changed:

    python -m benchmarks.pictures [PAGE ...]
"""

import argparse
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from data.text import LANGUAGES
from pages.ui.setup import find_chromium
from tests.browser import CHROMIUM_FLAGS, ROOT, serving, settle

FOLDER = ROOT / "docs" / "guide" / "pictures"
SIZE = {"width": 1280, "height": 860}
LARGEST = 150_000
"""Bytes of a picture."""
COLOURS = (256, 160, 96, 64, 40, 24)
"""Tried one after another until the picture is small enough."""
PLAN = "n.Plan~m.24~l.duoduo.subsidy.0.05.t3.t4~r.cainiao.match.0.5.w3"
ADDRESSES = {
    "overview": "",
    "share": "share",
    "subsidy": "subsidy",
    "scenario": f"scenario?plan={PLAN}",
    "growth": "growth",
    "map": "map",
    "record": "record",
    "data": "data?tab=contract",
    "present": "present",
}
PINNED = ("tiers", "leaders", "lines")
"""Views of the Overview that the board in the picture holds."""
BROKEN = "[data-testid=stAlertContentError], [data-testid=stException]"
SLOW = 120_000
DRAWN = 2_500
"""Milliseconds in which a map gets its tiles and a board its small pictures, after the page has come to rest."""


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures of the pages named, or of all."""
    parser = argparse.ArgumentParser(description="Take the pictures of the guide anew.")
    parser.add_argument("pages", nargs="*", choices=[*ADDRESSES, []], help="pages (all of them)")
    wanted = parser.parse_args(argv).pages or list(ADDRESSES)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        for lang in LANGUAGES:
            locale = "zh-CN" if lang == "zh" else "en-US"
            context = chromium.new_context(viewport=SIZE, locale=locale, color_scheme="light")
            for name in wanted:
                data = small(taken(context.new_page(), url, name, lang))
                (FOLDER / f"{name}.{lang}.png").write_bytes(data)
                print(f"{name}.{lang}.png {len(data) / 1000:,.0f} kB", flush=True)
            context.close()
        chromium.close()
    return 0


def taken(page: Page, url: str, name: str, lang: str) -> bytes:
    """Screenshot of a page at rest."""
    if name == "present":
        fill_board(page, url, lang)
    opened(page, url, ADDRESSES[name], lang)
    page.wait_for_timeout(DRAWN)
    settle(page, timeout=SLOW)
    if page.locator(BROKEN).count():
        raise RuntimeError(f"{name} ({lang}) shows an error: {page.locator(BROKEN).first.inner_text()}")
    return page.screenshot()


def fill_board(page: Page, url: str, lang: str) -> None:
    """Pin a few views, so that there is a board to look at."""
    opened(page, url, "", lang)
    for key in PINNED:
        page.locator(f".st-key-pin_{key} button").first.click()
        settle(page, timeout=SLOW)


def opened(page: Page, url: str, address: str, lang: str) -> None:
    """Go to an address of the app and wait until it is at rest."""
    page.goto(f"{url}/{address}{'&' if '?' in address else '?'}lang={lang}")
    settle(page, timeout=SLOW)


def small(picture: bytes) -> bytes:
    """The picture with as many colours as its size allows."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    made = b""
    for colours in COLOURS:
        held = io.BytesIO()
        whole.quantize(colours, dither=Image.Dither.NONE).save(held, "PNG", optimize=True)
        made = held.getvalue()
        if len(made) < LARGEST:
            break
    return made


if __name__ == "__main__":
    raise SystemExit(main())
