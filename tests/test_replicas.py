"""Two replicas behind nginx, as docs/deploy/nginx.conf sets it up, below a base path and on one shared workspace."""

import os
import re
import subprocess

import pytest
import websockets.exceptions
from playwright.sync_api import expect
from websockets.sync.client import connect

from benchmarks import replicas
from benchmarks.replicas import CONFIG, behind_nginx, configured
from data.text import say
from tests.browser import REQUIRED, SETTLE, settle
from tests.test_browser_data import drop
from tests.test_browser_links import made
from tests.test_serve import fetch

pytestmark = pytest.mark.browser

BASE = "/tool"
NO_NGINX = "No nginx. Debian: apt-get install -y nginx."
PROBED = ("/_stcore/health", "/_stcore/host-config")
FILE = "月份,城市,平台,业务量\n2024-01,杭州市,菜鸟,3\n2024-02,杭州市,菜鸟,4\n"


@pytest.fixture(scope="module")
def pair():
    """Two replicas behind nginx; without nginx the test is skipped, or fails where CI=true."""
    if replicas.nginx() is None:
        if REQUIRED:
            pytest.fail(NO_NGINX)
        pytest.skip(NO_NGINX)
    with behind_nginx(2, base=BASE) as found:
        yield found


@pytest.fixture
def visit(browser, pair):
    """Open pages in one browser; fails the test when something was not found, or a page did what it may not.

    Streamlit finds its base path by asking below the page first.
    """
    context = browser.new_context(locale="en-US")
    wrong = []

    def look(answer):
        if answer.status >= 400 and not (answer.status == 404 and answer.url.endswith(PROBED)):
            wrong.append((answer.status, answer.url))

    context.on("response", look)
    context.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)

    def open_page(address):
        opened = context.new_page()
        opened.goto(address)
        settle(opened)
        return opened

    yield open_page
    context.close()
    assert wrong == []


def figure(pair, n, name):
    """A figure of one replica."""
    text = fetch(f"{pair.direct(n)}{BASE}/metrics")[1].decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])


def at(pair):
    """The replica at which a page is open."""
    (found,) = [
        n
        for n, process in enumerate(pair.processes)
        if process.poll() is None and figure(pair, n, "posthouse_sessions")
    ]
    return found


def test_what_is_saved_at_one_replica_is_found_at_the_other(pair, visit):
    first = visit(f"{pair.direct(0)}{BASE}/record?search=locker")
    link = made(first, "en")
    assert link.startswith(f"{pair.direct(0)}{BASE}/record?link=")
    assert figure(pair, 0, 'posthouse_saves_total{kind="link.save"}') == 1
    first.close()
    for place in (pair.direct(1), pair.url.removesuffix(BASE)):
        other = visit(link.replace(pair.direct(0), place))
        expect(other.get_by_label(say("input.search", "en"))).to_have_value("locker")
        other.close()


def test_a_file_passes_and_stays_with_its_reader(pair, visit, tmp_path):
    (tmp_path / "volumes.csv").write_text(FILE, "utf-8")
    page = visit(f"{pair.url}/data")
    drop(page, tmp_path / "volumes.csv")
    expect(page.locator(".st-key-save button")).to_be_enabled(timeout=2 * SETTLE)
    settle(page)
    assert figure(pair, at(pair), "posthouse_uploaded_bytes_total") >= len(FILE.encode())
    assert page.get_by_test_id("stException").count() == 0
    page.close()


def test_maps_find_all_they_need_below_the_base_path(pair, visit):
    asked = []
    page = visit(f"{pair.url}/record")
    page.context.on("response", lambda answer: asked.append((answer.status, answer.url.partition("?")[0])))
    with page.expect_response(f"{pair.url}/_map/deck.js"):
        page.goto(f"{pair.url}/map")
    page.goto("about:blank")  # what it would draw is looked at elsewhere
    assert (200, f"{pair.url}/_map/deck.js") in asked
    assert [url for _, url in asked if not url.startswith((f"{pair.url}/", "about:", "blob:", "data:"))] == []
    assert fetch(f"{pair.url}/app/static/geo/provinces.geojson")[0] == 200
    page.close()


def test_a_killed_replica_is_replaced_by_the_other(pair, visit):
    page = visit(f"{pair.url}/record?search=locker")
    gone = at(pair)
    pair.kill(gone)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
    )
    settle(page, timeout=2 * SETTLE)
    expect(page.get_by_label(say("input.search", "en"))).to_have_value("locker")
    assert at(pair) == 1 - gone
    page.reload()
    settle(page)
    expect(page.get_by_label(say("input.search", "en"))).to_have_value("locker")
    page.close()


def test_sessions_pass_and_those_of_other_sites_do_not(pair):
    there = pair.url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(there, origin=pair.url.removesuffix(BASE), proxy=None) as session:
        assert session.response.status_code == 101
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        connect(there, origin="https://evil.example", proxy=None)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/_stcore/metrics"])
def test_health_and_figures_do_not_pass(pair, path):
    assert fetch(pair.url + path)[0] == 404


def test_the_configuration_is_right_with_a_certificate_too(tmp_path):
    if replicas.nginx() is None:
        pytest.skip(NO_NGINX)
    made_by = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "1",
    ]
    files = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run([*made_by, *files, "-subj", "/CN=posthouse"], check=True, capture_output=True)
    text = (
        CONFIG.read_text("utf-8")
        .replace("/etc/ssl/posthouse", str(tmp_path))
        .replace("listen 443", "listen 127.0.0.1:8443")
    )
    (tmp_path / "posthouse.conf").write_text(text, "utf-8")
    (tmp_path / "nginx.conf").write_text(replicas.MAIN.format(folder=tmp_path), "utf-8")
    command = [replicas.nginx(), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr


def test_replicas_and_port_are_all_that_is_put_in():
    text = configured((1001, 1002, 1003), 1000)
    assert re.findall(r"server 127\.0\.0\.1:(\d+)", text) == ["1001", "1002", "1003"]
    assert "listen 127.0.0.1:1000;" in text
    assert "ssl" not in text
    kept = CONFIG.read_text("utf-8")
    for directive in ("hash $posthouse_reader consistent", "proxy_read_timeout 1h", "client_max_body_size 1000m"):
        assert directive in text
        assert directive in kept
