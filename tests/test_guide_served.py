"""The guide over HTTP: addresses, headers, what is not there, and the links that pages show to it."""

from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from analysis.views.guide import HOME
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import LANGUAGES, say
from pages.ui import guide, root
from tests.browser import ROOT

SECONDS = 120


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(guide, "_OPEN", [])
    return TestClient(Starlette(routes=guide.routes()), follow_redirects=False)


@pytest.mark.parametrize(
    ("path", "accepts", "lang"),
    [
        ("/guide", "en", "en"),
        ("/guide/", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("/guide/zh", "en", "zh"),
        ("/guide/", "fr", "en"),
    ],
)
def test_the_way_in(client, path, accepts, lang):
    answer = client.get(path, headers={"accept-language": accepts})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/guide/{lang}/{HOME}"


def test_a_chapter_is_asked_for_once(client):
    answer = client.get("/guide/en/share")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    again = client.get("/guide/en/share", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/guide/en/share?theme=dark").headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chapter_that_is_none(client, lang):
    answer = client.get(f"/guide/{lang}/nothing")
    assert answer.status_code == 404
    assert say("guide.unknown_title", lang) in answer.text
    assert "nothing" in answer.text
    assert client.get("/guide/fr/share").status_code == 404


def test_only_pictures_of_the_guide_are_sent(client):
    for name in ("..%2f..%2foverview.png", "%2e%2e%2foverview.png", "overview.en.svg", "x.y.png", ".en.png"):
        assert client.get(f"/guide/pictures/{name}").status_code == 404
    answer = client.get("/guide/pictures/overview.en.png")
    assert answer.headers["content-type"] == "image/png"


def test_style_and_search(client):
    assert client.get("/guide/assets/guide.css").headers["content-type"].startswith("text/css")
    assert "share#wild" in client.get("/guide/en/search?q=wild+bootstrap").text
    assert client.get("/guide/zh/search").status_code == 200


def test_below_a_base_path(monkeypatch):
    monkeypatch.setattr(root, "below", lambda address: f"/tool{address}")
    monkeypatch.setattr(guide, "_OPEN", [])
    client = TestClient(Starlette(routes=guide.routes()), follow_redirects=False)
    assert client.get("/tool/guide/").headers["location"].startswith("/tool/guide/")
    text = client.get("/tool/guide/en/share").text
    assert 'href="/' not in text
    assert 'src="/' not in text
    assert guide.address(Look("zh", Theme("dark")), "share", "hhi") == "/tool/guide/zh/share?theme=dark#hhi"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_lead_to_their_chapter_and_views_to_their_place(monkeypatch, lang):
    monkeypatch.setattr(guide, "served", lambda: True)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.query_params["lang"] = lang
    app.run()
    assert not app.exception
    (link,) = [node.proto for node in app.get("link_button") if "/guide/" in node.proto.url]
    assert link.url == f"/guide/{lang}/overview?theme=light"
    assert link.label == say("guide.link", lang)
    marks = [unescape(node.proto.body) for node in app.get("html") if "/guide/" in node.proto.body]
    for key in ("figures", "tiers", "leaders", "lines", "league"):
        assert any(f'href="/guide/{lang}/overview?theme=light#{key}"' in mark for mark in marks), key


def test_nothing_leads_there_where_it_is_not_served():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run()
    assert not app.get("link_button")
    assert not [node for node in app.get("html") if "/guide/" in node.proto.body]
