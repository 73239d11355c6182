"""What a team's server adds: where it listens and below which path, who is let in, headers, and how it stops."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pages.ui import base_path, caching, health, people, root, server, server_gates, setup
from pages.ui.server_gates import TOKEN, Inner, Names, Origins
from tests.browser import ROOT, free_port, running, wait_for
from tests.conftest import POLICY

OWN = ("/", "/static/js/{script}", "/app/static/logo.svg", "/_stcore/health", "/healthz", "/nowhere.txt")


def fetch(address, **headers):
    """Status, body and headers; a refusal is an answer too."""
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), {key.lower(): value for key, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        return error.code, error.read(), {key.lower(): value for key, value in error.headers.items()}


def client(*middleware, host="127.0.0.1"):
    """A small app behind gates; `host` is where its visitor is."""

    async def here(request):
        return PlainTextResponse("here")

    async def page(request):
        return PlainTextResponse("page", media_type="text/html")

    async def talk(socket):
        await socket.accept()
        await socket.close()

    app = Starlette(routes=[Route("/page", page), Route("/{rest:path}", here), WebSocketRoute("/_stcore/stream", talk)])
    for gate in middleware:
        app.add_middleware(gate)
    return TestClient(app, client=(host, 50_000))


@pytest.fixture
def base():
    """Serve below /tool for one test."""
    root.use("tool/")
    yield "/tool"
    root.use("")


@pytest.mark.parametrize(
    ("text", "wanted"), [("", ""), ("/", ""), ("tool", "/tool"), ("/tool/", "/tool"), ("//a//b.c_~-/", "/a/b.c_~-")]
)
def test_a_base_path_has_one_form(text, wanted):
    assert root.cleaned(text) == wanted


@pytest.mark.parametrize("text", ["a b", "/tool?x", "/../x", "<script>", "%2f", "工具"])
def test_what_no_address_begins_with_is_refused(text):
    with pytest.raises(base_path.BaseError):
        root.cleaned(text)


def test_every_address_of_ours_is_below_the_base_path(base, look):
    from pages.ui import boards, layers, metrics, outlines

    routes = [*outlines.routes(), *layers.routes(), *health.routes(), *metrics.routes()]
    assert all(route.path.startswith("/tool/") for route in routes)
    assert layers.bundle() == "/tool/_map/deck.js"
    assert layers.Shelf().offer("a" * 32, ("key",), lambda name: None).startswith("/tool/_map/")
    assert boards.path(look, "abc").startswith("/tool/present?board=abc")
    assert boards.address("overview", {}, "en") == "/tool/?lang=en"
    assert boards.address("map", {"city": "1"}, "en") == "/tool/map?city=1&lang=en"


def test_a_wrong_base_path_is_one_sentence(capsys):
    assert server.main(["--port", str(free_port()), "--base", "a b"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("signed_in", "host", "warned"),
    [(False, "0.0.0.0", True), (True, "0.0.0.0", False), (False, "127.0.0.1", False), (False, "localhost", False)],
)
def test_listening_to_others_without_sign_in_is_said(monkeypatch, capsys, signed_in, host, warned):
    monkeypatch.setattr(server, "serve", lambda script, port, *, host, base: 0)
    monkeypatch.setattr(people, "configured", lambda: signed_in)
    assert server.main(["--port", str(free_port()), "--host", host]) == 0
    said = capsys.readouterr().err
    assert ("without sign-in" in said) == warned
    assert said.count("\n") == warned


def test_the_command_hands_on_where_to_listen(monkeypatch):
    asked = []
    monkeypatch.setattr(setup, "environment", lambda root: "python")
    monkeypatch.setattr(setup, "build", lambda python, root: None)
    monkeypatch.setattr(setup, "supervise", lambda command: asked.append(command) or 0)
    port = str(free_port())
    assert setup.main(["--port", port, "--base", "/tool"]) == 0
    assert asked == [["python", "-m", "pages.ui.server", "--port", port, "--host", setup.HOST, "--base", "/tool"]]


@pytest.mark.parametrize("path", server_gates.INNER)
def test_health_and_figures_are_for_this_machine_or_a_token(monkeypatch, path):
    assert client(Inner).get(path).status_code == 200
    assert client(Inner, host="::1").get(path).status_code == 200
    assert client(Inner, host="10.1.2.3").get(path).status_code == 404
    assert client(Inner, host="10.1.2.3").get(path + "/").status_code == 404
    for name in server_gates.PASSED_ON:
        assert client(Inner).get(path, headers={name: "10.1.2.3"}).status_code == 404
    monkeypatch.setenv(TOKEN, "secret of a probe")
    asked = client(Inner, host="10.1.2.3")
    assert asked.get(path, headers={"Authorization": "Bearer secret of a probe"}).status_code == 200
    assert asked.get(path, headers={"Authorization": "Bearer guessed"}).status_code == 404
    assert asked.get(path, headers={"Authorization": ""}).status_code == 404


def test_an_unset_token_opens_nothing(monkeypatch):
    monkeypatch.setenv(TOKEN, "")
    assert client(Inner, host="10.1.2.3").get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_behind_a_base_path_they_are_kept_too(base):
    assert client(Inner, host="10.1.2.3").get("/tool/readyz").status_code == 404


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (None, True),
        ("http://testserver", True),
        ("http://testserver:80", True),
        ("https://testserver", True),
        ("http://testserver:81", False),
        ("https://evil.example", False),
        ("http://localhost:3000", False),
        ("http://127.0.0.1", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_session_comes_from_a_page_of_this_server(origin, let_in):
    headers = {} if origin is None else {"Origin": origin}
    if let_in:
        with client(Origins).websocket_connect("/_stcore/stream", headers=headers):
            return
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client(Origins).websocket_connect("/_stcore/stream", headers=headers),
    ):
        pass
    assert refused.value.code == 1008


def test_the_name_of_a_browser_is_secure_over_tls_alone():
    plain = client(Names).get("/page").headers["set-cookie"]
    secure = client(Names).get("https://testserver/page").headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "Secure" not in plain
    assert secure.endswith("; Secure")
    assert "set-cookie" not in client(Names).get("/else").headers


def test_a_foreign_page_opens_no_session_and_sends_no_file(url):
    import websockets.exceptions
    from websockets.sync.client import connect

    there = url.replace("http", "ws", 1) + "/_stcore/stream"
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        connect(there, origin="https://evil.example", proxy=None)
    assert refused.value.response.status_code == 403
    connect(there, origin=url, proxy=None).close()
    request = urllib.request.Request(f"{url}/_stcore/upload_file/a/b", data=b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=60)


@pytest.mark.parametrize("path", OWN)
def test_every_answer_says_what_a_page_may_do(url, path):
    script = fetch(url + "/")[1].decode().split('src="./static/js/')[1].split('"')[0]
    _, _, headers = fetch(url + path.format(script=script))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"] == caching.policy()
    assert "'unsafe-inline'" not in headers["content-security-policy"].split("script-src")[1].split(";")[0]
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers


def test_pages_are_asked_for_anew_and_bundles_are_not(url):
    _, page, headers = fetch(url + "/")
    assert headers["cache-control"] == "private, no-cache"  # it brings the browser's own name
    script = page.decode().split('src="./static/js/')[1].split('"')[0]
    assert "immutable" in fetch(f"{url}/static/js/{script}")[2]["cache-control"]
    assert fetch(f"{url}/app/static/logo.svg")[2]["cache-control"] == "public, max-age=3600"
    status, _, headers = fetch(f"{url}/media/{'0' * 64}.csv")
    assert (status, headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    ("path", "said", "wanted"),
    [
        ("/media/a.csv", {"content-disposition": "attachment; filename=a.csv"}, "private, no-store"),
        ("/media/a.png", {}, "private, max-age=86400"),
        ("/guide/en", {"content-type": "text/html; charset=utf-8", "cache-control": "public, max-age=60"}, ""),
        ("/x", {"cache-control": "private, no-cache"}, ""),
        ("/x", {}, "no-cache"),
    ],
)
def test_files_that_are_taken_are_kept_by_nobody(path, said, wanted):
    from starlette.datastructures import MutableHeaders

    assert caching._kept(path, 200, MutableHeaders(said)) == wanted


@pytest.mark.browser
def test_a_script_that_got_into_a_page_does_not_run_and_is_noticed(browser, url):
    opened, said = browser.new_page(), []
    opened.on("console", lambda one: said.append(one.text))
    opened.goto(url + "/nowhere")
    ran = opened.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.ran = true";
                   document.head.append(script); return window.ran === true; }"""
    )
    opened.close()
    assert not ran
    assert any(POLICY in text for text in said)


SMALL = """
import sys
from pathlib import Path
from pages.ui import server
server.HEAVY, server.DRAIN = (), 6.0
sys.exit(server.serve(Path({script!r}), {port}, base="tool", fill=lambda: None))
"""


def test_sigterm_says_not_ready_first_and_then_stops(tmp_path):
    script, port = tmp_path / "page.py", free_port()
    script.write_text("import streamlit as st\nst.write('here')\n", "utf-8")
    code = SMALL.format(script=str(script), port=port)
    with running("-c", code, log=tmp_path / "log") as process:
        address = f"http://127.0.0.1:{port}/tool"
        wait_for(address)
        assert fetch(f"http://127.0.0.1:{port}/healthz")[0] == 404
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        status, body, _ = fetch(f"{address}/readyz")
        assert (status, json.loads(body)["parts"]["running"]["state"]) == (503, "stopping")
        assert fetch(f"{address}/healthz")[0] == 200
        assert process.wait(60) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_libraries_of_figures_and_databases_wait_until_they_are_needed():
    code = (
        "import sys; from pages.ui import server, cached; print(*({'prometheus_client', 'psycopg'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
