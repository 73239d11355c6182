"""The server: what it sends, what it says, and that the settings beside app.py reach the browser."""

import gc
import subprocess
import sys
import threading
import tomllib
import urllib.request

import pytest

from data.platforms import OUTSIDE, PLATFORMS
from pages.ui import server, setup
from tests.browser import ROOT, free_port, interrupt, running, settle, wait_for

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def fetch(address: str, *, encoding: str = "gzip") -> tuple[bytes, dict[str, str]]:
    request = urllib.request.Request(address, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), {key.lower(): value for key, value in answer.headers.items()}


def test_bundles_are_compressed_and_kept(url):
    start, _ = fetch(url + "/", encoding="identity")
    script = start.decode().split('src="./static/js/')[1].split('"')[0]
    body, headers = fetch(f"{url}/static/js/{script}")
    assert headers["content-encoding"] == "gzip"
    assert body[:2] == b"\x1f\x8b"
    assert "immutable" in headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["inter-latin-wght-normal.woff2", "topojson/world_110m.json", "logo.svg", "favicon.png"]
)
def test_own_files_are_served(url, name):
    _, headers = fetch(f"{url}/app/static/{name}")
    assert "text/html" not in headers["content-type"]


def test_it_says_where_it_is_and_stops_quietly():
    port = free_port()
    with running("-m", "pages.ui.server", "--port", str(port)) as process:
        wait_for(f"http://127.0.0.1:{port}")
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert interrupt(process) == 0
        assert process.stderr.read() == ""


def test_a_taken_port_is_one_sentence(url):
    port = url.rpartition(":")[2]
    command = [sys.executable, "-m", "pages.ui.server", "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} of {setup.HOST} cannot be used")
    assert done.stderr.count("\n") == 1


def test_warming_opens_the_gate_then_fills_then_freezes():
    happened = []
    before = gc.get_freeze_count()
    try:
        server.warm(lambda: happened.append("open"), lambda: happened.append("fill"))
        frozen = gc.get_freeze_count() - before
    finally:
        gc.unfreeze()
    assert happened == ["open", "fill"]
    assert frozen > 10_000


def test_the_gate_opens_even_when_an_import_fails(monkeypatch):
    opened = threading.Event()
    monkeypatch.setattr(server, "HEAVY", ("posthouse_no_such_module",))
    with pytest.raises(ModuleNotFoundError):
        server.warm(opened.set, lambda: None)
    assert opened.is_set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chart_colours_are_the_networks_in_their_order(theme):
    colours = CONFIG["theme"][theme]["chartCategoricalColors"]
    networks = [getattr(platform, theme) for platform in PLATFORMS.values() if platform.key != OUTSIDE]
    assert len(colours) >= 10
    assert colours == networks[: len(colours)]
    assert len(CONFIG["theme"][theme]["chartSequentialColors"]) == 10
    assert len(CONFIG["theme"][theme]["chartDivergingColors"]) == 10


def test_nothing_in_the_settings_points_outside():
    text = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    assert "//" not in text
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorLinks"] is False
    assert CONFIG["server"]["address"] == setup.HOST


@pytest.mark.browser
def test_theme_and_font_reach_the_browser(page):
    opened = page("/", color_scheme="dark")
    app = opened.get_by_test_id("stApp")
    dark = CONFIG["theme"]["dark"]["backgroundColor"]
    wanted = "rgb({}, {}, {})".format(*(int(dark[i : i + 2], 16) for i in (1, 3, 5)))
    assert app.evaluate("e => getComputedStyle(e).backgroundColor") == wanted
    assert app.evaluate("e => getComputedStyle(e).fontFamily").startswith("Inter")
    assert opened.evaluate("document.fonts.check('14px Inter')")


@pytest.mark.browser
def test_streamlit_run_works_as_well(browser, tmp_path):
    port = free_port()
    with running("-m", "streamlit", "run", "app.py", "--server.port", str(port), log=tmp_path / "log"):
        wait_for(f"http://127.0.0.1:{port}")
        opened = browser.new_page()
        opened.goto(f"http://127.0.0.1:{port}")
        settle(opened)
        assert opened.get_by_role("heading", level=1).count() == 1
        assert opened.get_by_test_id("stException").count() == 0
        opened.close()
