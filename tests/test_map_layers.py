"""Layers over HTTP: each for one reader, made once, not sent again."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette

from data.networks import make
from data.platforms import PLATFORMS, using
from pages.ui import layers
from pages.ui.layers import Shelf
from pages.ui.owner import COOKIE

ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def shelf(monkeypatch):
    found = Shelf()
    monkeypatch.setattr(layers, "SHELF", found)
    return found


@pytest.fixture
def site(shelf):
    return Starlette(routes=layers.routes())


def get(site, path, reader=ME, **headers):
    """Answer of the routes to a browser: status_code, headers, content (no longer gzip)."""
    given = {"cookie": f"{COOKIE}={reader}", "accept-encoding": "gzip", **headers}
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(key.encode(), value.encode()) for key, value in given.items() if value],
        "app": site,
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as alone:  # a browser test may have left a running loop in this thread
        alone.submit(asyncio.run, site(scope, receive, send)).result()
    found = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    content = gzip.decompress(body) if found.get("content-encoding") == "gzip" and body else body
    return SimpleNamespace(status_code=sent[0]["status"], headers=found, content=content)


def counted(body=b"x" * 5_000):
    calls = []

    def make(name):
        calls.append(name)
        return body if name == "all" else None

    return SimpleNamespace(make=make, calls=calls, body=body)


def test_a_layer_reaches_its_reader(site, shelf):
    source = counted()
    url = shelf.offer(ME, ("stations", "v1"), source.make)
    answer = get(site, f"{url}/all")
    assert answer.status_code == 200
    assert answer.content == source.body
    assert answer.headers["content-encoding"] == "gzip"


def test_nobody_else_gets_it(site, shelf):
    url = shelf.offer(ME, ("stations", "v1"), counted().make)
    assert get(site, f"{url}/all").status_code == 200
    assert get(site, f"{url}/all", reader=OTHER).status_code == 404
    assert get(site, f"{url}/all", reader="nonsense").status_code == 404
    assert get(site, f"{url}/all", cookie="").status_code == 404


def test_two_readers_of_one_thing_have_two_addresses(shelf):
    assert shelf.offer(ME, ("k",), counted().make) != shelf.offer(OTHER, ("k",), counted().make)
    assert shelf.offer(ME, ("k",), counted().make) == shelf.offer(ME, ("k",), counted().make)
    assert shelf.offer(ME, ("k",), counted().make) != shelf.offer(ME, ("l",), counted().make)


def test_it_is_made_once_and_not_sent_again(site, shelf):
    source = counted()
    url = shelf.offer(ME, ("k",), source.make)
    first = get(site, f"{url}/all")
    again = get(site, f"{url}/all", **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert get(site, f"{url}/all", **{"if-none-match": '"other"'}).status_code == 200
    assert source.calls == ["all"]


def test_a_browser_that_takes_no_gzip_gets_plain_bytes(site, shelf):
    source = counted()
    url = shelf.offer(ME, ("k",), source.make)
    answer = get(site, f"{url}/all", **{"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "identity"
    assert answer.content == source.body


@pytest.mark.parametrize("name", ["", "none", "../all", "all/1", "%2e%2e/all"])
def test_a_name_that_is_not_there_is_said_so(site, shelf, name):
    url = shelf.offer(ME, ("k",), counted().make)
    assert get(site, f"{url}/{name}").status_code == 404


def test_what_was_never_offered_is_not_there(site):
    assert get(site, f"{layers.ROOT}/{'0' * 32}/all").status_code == 404


def test_the_oldest_go_when_there_is_no_room(site, shelf, monkeypatch):
    monkeypatch.setattr(layers, "MOST_BYTES", 12_000)
    sources = [counted(bytes([i]) * layers.SMALLEST * 5) for i in range(4)]
    monkeypatch.setattr(layers, "LARGEST", 10)
    urls = [shelf.offer(ME, (i,), source.make) for i, source in enumerate(sources)]
    for url in urls:
        assert get(site, f"{url}/all").status_code == 200
    assert get(site, f"{urls[-1]}/all").status_code == 200
    assert get(site, f"{urls[0]}/all").status_code == 200
    assert [len(source.calls) for source in sources] == [2, 1, 1, 1]


def test_sources_are_forgotten_in_turn(shelf, monkeypatch):
    monkeypatch.setattr(layers, "MOST_SOURCES", 2)
    tokens = [shelf.offer(ME, (i,), counted().make).rpartition("/")[2] for i in range(3)]
    assert shelf.packet(tokens[0], "all", ME) is None
    assert shelf.packet(tokens[2], "all", ME) is not None


def test_one_reader_does_not_throw_out_another(shelf, monkeypatch):
    monkeypatch.setattr(layers, "MOST_SOURCES", 3)
    mine = shelf.offer(ME, ("mine",), counted().make).rpartition("/")[2]
    for i in range(10):
        shelf.offer(OTHER, (i,), counted().make)
    assert shelf.packet(mine, "all", ME) is not None


def test_what_is_used_stays(shelf, monkeypatch):
    monkeypatch.setattr(layers, "MOST_SOURCES", 2)
    first, second = (shelf.offer(ME, (i,), counted().make).rpartition("/")[2] for i in range(2))
    assert shelf.packet(first, "all", ME) is not None
    shelf.offer(ME, (2,), counted().make)
    assert shelf.packet(first, "all", ME) is not None
    assert shelf.packet(second, "all", ME) is None


def test_what_sources_hold_is_counted(shelf, monkeypatch):
    monkeypatch.setattr(layers, "MOST_BYTES", 1_000)
    tokens = [shelf.offer(ME, (i,), counted().make, size=400).rpartition("/")[2] for i in range(3)]
    assert [shelf.packet(token, "all", ME) is None for token in tokens] == [True, False, False]


def test_plain_and_squeezed_bytes_have_tags_of_their_own(site, shelf):
    url = shelf.offer(ME, ("k",), counted().make)
    squeezed, plain = get(site, f"{url}/all"), get(site, f"{url}/all", **{"accept-encoding": "identity"})
    assert squeezed.headers["etag"] != plain.headers["etag"]
    again = get(site, f"{url}/all", **{"accept-encoding": "identity", "if-none-match": plain.headers["etag"]})
    assert again.status_code == 304
    assert "Cookie" in again.headers["vary"]


def test_a_layer_knows_the_networks_of_whoever_offered_it(site, shelf):
    own = make("Wanjia Station")
    with using((own,)):
        url = shelf.offer(ME, ("own",), lambda name: PLATFORMS[own.key].en.encode())
    assert get(site, f"{url}/name").content.decode() == own.en


def test_the_drawing_library_is_the_one_pydeck_brings(site):
    first = get(site, f"{layers.ROOT}/deck.js")
    assert first.headers["content-type"].startswith("text/javascript")
    assert b"createDeck" in first.content
    assert get(site, f"{layers.ROOT}/deck.js", **{"if-none-match": first.headers["etag"]}).status_code == 304


def test_the_same_bytes_have_the_same_tag():
    one, other = layers._packet(b"y" * 4_000), layers._packet(b"y" * 4_000)
    assert one == other
    assert gzip.decompress(one.body) == b"y" * 4_000
    assert layers._packet(b"y").tag != one.tag
