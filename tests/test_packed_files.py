"""Files of the page are packed once, and are what they were."""

import asyncio
import gzip

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pages.ui import packed_files
from pages.ui.packed_files import PackedFiles

SCRIPT = "let a = 1;\n" * 2_000


@pytest.fixture
def app(tmp_path):
    (tmp_path / "a.js").write_text(SCRIPT, "utf-8")
    (tmp_path / "small.js").write_text("1", "utf-8")
    (tmp_path / "a.png").write_bytes(bytes(5_000))
    return Starlette(
        routes=[Mount("/static", StaticFiles(directory=tmp_path))],
        middleware=[Middleware(GZipMiddleware, compresslevel=1), Middleware(PackedFiles)],
    )


def ask(app, path, **headers):
    """Status, headers and body of a GET."""
    told = {"accept-encoding": "gzip"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in told.items() if value],
    }
    sent = []

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], fields, b"".join(message.get("body", b"") for message in sent[1:])


def test_a_file_is_the_same_the_first_time_and_from_memory(app, monkeypatch):
    first = ask(app, "/static/a.js")
    monkeypatch.setattr(packed_files.gzip, "compress", None)
    assert ask(app, "/static/a.js") == first
    status, headers, body = first
    assert (status, gzip.decompress(body).decode(), headers["content-encoding"]) == (200, SCRIPT, "gzip")
    assert int(headers["content-length"]) == len(body)
    assert headers["vary"] == "Accept-Encoding"


def test_a_browser_that_has_it_is_not_sent_it_again(app):
    tag = ask(app, "/static/a.js")[1]["etag"]
    status, headers, body = ask(app, "/static/a.js", if_none_match=tag)
    assert (status, body, headers["etag"]) == (304, b"", tag)
    assert ask(app, "/static/a.js", if_none_match='"other"')[0] == 200


@pytest.mark.parametrize("headers", [{"accept_encoding": ""}, {"range": "bytes=0-9"}])
def test_who_asks_for_it_unpacked_or_in_part_gets_that(app, headers):
    ask(app, "/static/a.js")
    _, said, body = ask(app, "/static/a.js", **headers)
    assert "content-encoding" not in said
    assert SCRIPT.encode().startswith(body)


@pytest.mark.parametrize(("name", "status"), [("a.png", 200), ("small.js", 200), ("none.js", 404)])
def test_what_does_not_get_smaller_is_passed_on(app, name, status):
    assert [ask(app, f"/static/{name}")[0] for _ in range(2)] == [status, status]


def test_no_more_is_kept_than_there_is_room_for(app, monkeypatch):
    monkeypatch.setattr(packed_files, "MOST", 10)
    assert ask(app, "/static/a.js") == ask(app, "/static/a.js")
