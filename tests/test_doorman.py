"""The gate before the server, by real requests: long, misdirected and forged ones are refused, files stay inside."""

import asyncio
import http.client
import re
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from data.text import LANGUAGES, say
from pages.ui import layers, outlines, server
from pages.ui.doorman import LONGEST_HEADERS, LONGEST_TARGET, OWN, Doorman, Headers, misdirected
from tests.browser import ROOT

XSRF = "_streamlit_xsrf"
SOURCE = (ROOT / "app.py").read_text("utf-8").splitlines()[0]
"""First line of a file that must not be served."""
CLIMBS = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "....//",
    "%252e%252e%252f",
    "..;/",
    "%c0%ae%c0%ae/",
    "..%00/",
)
ROOMS = (
    "/app/static/",
    "/app/static/geo/",
    "/_map/x/",
    "/static/",
    "/media/",
    "/component/",
    "/_stcore/bidi-components/",
    "/",
)
TARGETS = (
    "app.py",
    "pages/ui/server.py",
    "workspace/markets.duckdb",
    "etc/passwd",
    ".streamlit/config.toml",
    "C:/Windows/win.ini",
)


def ask(url, target, method="GET", headers=None, body=None):
    """Status, headers and body of a request whose target is sent as it is written."""
    place = urlsplit(url)
    wire = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    try:
        wire.putrequest(method, target, skip_host=bool(headers and "Host" in headers), skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            wire.putheader(name, value)
        wire.endheaders(body)
        answer = wire.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        wire.close()


@pytest.fixture(scope="module")
def gate():
    async def here(request):
        return PlainTextResponse("here")

    async def talk(socket: WebSocket):
        await socket.accept()
        await socket.send_text("here")
        await socket.close()

    app = Starlette(routes=[Route("/{rest:path}", here, methods=["GET", "POST"]), WebSocketRoute("/ws", talk)])
    return TestClient(Doorman(app))


def test_long_addresses_and_headers_are_refused_in_both_languages(gate):
    for query, status in (("q" * (LONGEST_TARGET - 2), 200), ("q" * LONGEST_TARGET, 414)):
        assert gate.get(f"/?{query}").status_code == status
    said = gate.get(f"/?{'q' * LONGEST_TARGET}").text
    assert said.splitlines() == [say("door.address_long", lang, most=f"{LONGEST_TARGET:,}") for lang in LANGUAGES]
    assert gate.get("/", headers={"x": "y" * LONGEST_HEADERS}).status_code == 431


def test_a_session_under_a_long_address_is_refused(gate):
    with gate.websocket_connect("/ws") as socket:
        assert socket.receive_text() == "here"
    with pytest.raises(WebSocketDisconnect), gate.websocket_connect(f"/ws?{'q' * LONGEST_TARGET}"):
        pass


@pytest.mark.parametrize("path", [f"{own.rstrip('/')}/x" if own.endswith("/") else own for own in OWN])
def test_routes_that_give_take_nothing(gate, path):
    assert gate.get(path).status_code == 200
    assert gate.post(path, content=b"").status_code == 405
    assert gate.request("GET", path, content=b"x").status_code == 413
    assert gate.request("GET", path, content=iter([b"x"])).status_code == 411


def test_a_refusal_is_plain_text_that_nobody_keeps(gate):
    headers = gate.get(f"/?{'q' * LONGEST_TARGET}").headers
    assert headers["content-type"].startswith("text/plain")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "here", "more", "wrong"),
    [
        ("127.0.0.1:8501", "127.0.0.1", {}, False),
        ("localhost:8501", "127.0.0.1", {}, False),
        ("[::1]:8501", "::1", {}, False),
        ("posthouse.localhost", "127.0.0.1", {}, False),
        ("evil.example:8501", "127.0.0.1", {}, True),
        ("127.0.0.1.evil.example", "127.0.0.1", {}, True),
        ("", "127.0.0.1", {}, True),
        ("posthouse.example", "127.0.0.1", {"x-forwarded-for": "10.0.0.7"}, False),
        ("posthouse.example", "10.0.0.3", {}, False),
    ],
)
def test_a_stranger_s_name_for_this_machine_is_refused(host, here, more, wrong):
    headers = [(name.encode(), value.encode()) for name, value in {"host": host, **more}.items()]
    scope = {"type": "http", "server": (here, 8501), "headers": headers}
    assert misdirected(scope, Headers(scope=scope)) is wrong


def test_the_server_refuses_them_too(url):
    assert ask(url, "/?" + "q" * LONGEST_TARGET)[0] == 414
    assert ask(url, "/", headers={"Host": "evil.example"})[0] == 421
    assert ask(url, "/_map/deck.js", "POST", {"Content-Length": "0"})[0] == 405
    assert ask(url, "/_map/deck.js", "GET", {"Content-Length": "3"}, b"abc")[0] == 413
    status, headers, _ = ask(url, "/")
    assert status == 200
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert not any(re.search(r"\*|https?:|wss?:", sources) for sources in policy.values())


@pytest.mark.parametrize("room", ROOMS)
def test_no_path_leads_out_of_a_folder(url, room):
    for climb in CLIMBS:
        for target in TARGETS:
            for path in (f"{room}{climb * 4}{target}", f"{room}{climb}{target}", f"{room}/{target}"):
                status, _, body = ask(url, path)
                assert status in (200, 400, 403, 404, 405), path
                assert SOURCE.encode() not in body, path
                assert b"root:" not in body, path
                assert status != 200 or b'<div id="root">' in body, path


@pytest.mark.parametrize(
    "path", ["/_map/nobody/0", "/_map/%00/%00", "/_map/" + "a" * 9_000 + "/x", "/_map/a/b/c/d.json"]
)
def test_a_layer_of_nobody_is_not_there(url, path):
    for cookie in ("", "posthouse_owner=" + "a" * 32, "\x01=;;;;=" + "a" * 900):
        assert ask(url, path, headers={"Cookie": cookie})[0] in (400, 404)


def test_own_routes_are_those_that_are_known():
    """A new route of ours is either among those that only give, or is looked at here."""
    app = server.application(ROOT / "app.py", fill=lambda: None)
    ours = [route.path for route in (*outlines.routes(), *layers.routes())]
    assert all(path.startswith(OWN) for path in ours)
    assert any(one.cls is Doorman for one in app._user_middleware), "the doorman stands before everything"


def test_an_upload_needs_the_token_of_the_page(url):
    status, headers, _ = ask(url, "/_stcore/health")
    assert status == 200
    cookie = headers["set-cookie"].split(";")[0]
    assert cookie.startswith(XSRF)
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx\r\n--b--\r\n'
    sent = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(len(body))}
    place = "/_stcore/upload_file/nobody/file"
    token = cookie.partition("=")[2]
    assert ask(url, place, "PUT", sent, body)[0] == 403
    assert ask(url, place, "PUT", {**sent, "Cookie": cookie}, body)[0] == 403
    assert ask(url, place, "PUT", {**sent, "Cookie": cookie, "X-Xsrftoken": "2|00|00|0"}, body)[0] == 403
    assert ask(url, place, "PUT", {**sent, "X-Xsrftoken": token}, body)[0] == 403
    assert ask(url, place, "PUT", {**sent, "Cookie": cookie, "X-Xsrftoken": token}, body)[0] == 400, "no such session"
    assert ask(url, place, "DELETE", {"Content-Length": "0"})[0] == 403


@pytest.mark.parametrize("path", ["/_stcore/health", "/_stcore/host-config", "/media/x", "/_stcore/metrics"])
def test_pages_of_another_origin_are_told_nothing(url, path):
    headers = ask(url, path, headers={"Origin": "https://evil.example"})[1]
    assert "access-control-allow-origin" not in headers


def test_no_other_page_may_steer_this_one(url):
    assert b'"allowedOrigins":[]' in ask(url, "/_stcore/host-config")[2].replace(b" ", b"")


def test_agents_are_not_let_in(url):
    """Streamlit's interface for programs answers that it is off."""
    sent = {"Content-Type": "application/json", "Content-Length": "2"}
    for path in ("/_stcore/agent/interact", "/_stcore/agent/mcp"):
        assert ask(url, path, "POST", sent, b"{}")[0] in (400, 403, 404, 405)


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (None, True),
        ("", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://127.0.0.1.evil.example", False),
    ],
)
def test_a_session_from_a_page_of_another_site_is_refused(url, origin, let_in):
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    given = url if origin == "" else origin
    if let_in:
        with connect(address, origin=given, subprotocols=["streamlit"], open_timeout=60):
            return
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin=given, subprotocols=["streamlit"], open_timeout=60)
    assert refused.value.response.status_code == 403


def test_a_huge_message_ends_its_session_alone(url):
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, origin=url, subprotocols=["streamlit"], open_timeout=60, max_size=None) as wire:
        with suppress(ConnectionClosed):
            wire.send(b"\x00" * (server.MAX_MESSAGE + 1))
        with pytest.raises(ConnectionClosed):
            list(iter(lambda: wire.recv(timeout=60), None))
    assert ask(url, "/_stcore/health")[0] == 200


@pytest.mark.parametrize("junk", [b"", b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x7f", b"{}" * 500])
def test_a_message_that_is_none_does_not_bring_the_server_down(url, junk):
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, origin=url, subprotocols=["streamlit"], open_timeout=60, max_size=None) as wire:
        wire.send(junk)
    assert ask(url, "/_stcore/health")[0] == 200


def test_lifespan_is_none_of_its_business():
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Doorman(inner)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
