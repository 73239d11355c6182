"""Pages while the team's database is away: they say so, and show all that they can without it."""

import pytest

from data.text import say
from data.workspace import postgres_pool
from tests.test_pages import start

SECRET = "hunter2"
NAME = "127.0.0.1:1/kept"


@pytest.fixture(autouse=True)
def away(monkeypatch):
    monkeypatch.setenv("POSTHOUSE_DATABASE", f"postgresql://ann:{SECRET}@{NAME}")
    monkeypatch.setattr(postgres_pool, "PATIENCE_SECONDS", 0.0)


def everything(app):
    return " ".join(
        str(one.value) for one in (*app.markdown, *app.error, *app.warning, *app.info, *app.caption, *app.toast)
    )


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("overview", {"market": "abcdefghjkmnp"}),
        ("overview", {"link": "abcdefgh"}),
        ("data", {}),
        ("scenario", {"section": "saved", "saved": "abcdefghjkmnp"}),
        ("growth", {"topic": "ledger"}),
        ("present", {"board": "abcdefghjkmnp"}),
    ],
    ids=("market", "link", "data", "scenario", "growth", "present"),
)
def test_no_page_breaks(page, query):
    app = start(page, lang="en", **query)
    assert not app.exception
    assert app.title[0].value == say(f"page.{page}", "en")
    shown = everything(app)
    assert SECRET not in shown
    if query and page != "data":
        assert say("keep.workspace_away", "en", path="").partition("cannot")[2] in shown
