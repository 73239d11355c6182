"""Which market a page shows: by its link, in one version or the current one, and never to a stranger."""

import json
import os
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from data.platforms import using
from data.text import LANGUAGES, say
from data.workspace import Shelf, Version, Workspace, WorkspaceError
from pages.ui.layout import plain
from tests.made_market import FILE, NEWCO, parts, with_newco
from tests.test_pages import PAGES, ROOT, SECONDS
from tests.test_pages_networks import drawn
from tests.test_pages_scenario import whole

ANN, BOB = "a" * 32, "b" * 32
OWNER = "owner.session"


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return Workspace(tmp_path)


@pytest.fixture
def market(workspace):
    """Ann's market: a first version without subsidies, and a second one with them."""
    with using((NEWCO,)):
        few, all_ = list(parts("volumes", since="2026-01-01")), list(parts("volumes", "stations", "subsidies"))
        first = workspace.save(owner=ANN, name="South *1*", parts=few, networks=(NEWCO,))
        workspace.save(owner=ANN, market=first.market, parts=all_)
    return first.market


def see(page="overview", *, who=ANN, **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.session_state[OWNER] = who
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    return app if page == "overview" else app.switch_page(f"pages/{page}.py").run()


def heading(app):
    return " ".join(caption.value for caption in app.caption[:3])


def warned(app):
    return " ".join(line.value for line in app.warning)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_market_of_its_link(market, page, lang):
    app = see(page, market=market, lang=lang)
    whole(app)
    assert not app.error
    assert app.query_params["market"] in ([market], market)
    if page not in ("record", "growth", "present"):  # what a board shows was made from data of its own
        assert say("market.source_kept", lang, name=plain("South *1*"), number=2, files=plain(FILE)) in heading(app)


def test_its_networks_come_with_it(market):
    app = see("overview", market=market)
    assert NEWCO.en in app.multiselect(key="network.en.overview").options
    assert json.dumps(NEWCO.en) in drawn(app)


def test_the_link_may_name_a_version(market):
    first, second = see("overview", market=market, data="1"), see("overview", market=market)
    assert "version 1" in heading(first)
    assert "version 2" in heading(second)
    assert first.query_params["data"] in (["1"], "1")
    assert "data" not in second.query_params
    months = [app.selectbox(key="month.en.overview").options for app in (first, second)]
    assert len(months[0]) < len(months[1])


def test_a_new_version_is_seen_at_once(workspace, market):
    app = see("overview", market=market)
    with using((NEWCO,)):
        workspace.save(owner=ANN, market=market, parts=list(parts("volumes", since="2026-01-01")))
    assert "version 3" in heading(app.run())
    workspace.undo(market, ANN)
    assert "version 2" in heading(app.run())


def test_its_networks_may_change_their_colour(workspace, market):
    app = see("overview", market=market)
    assert NEWCO.light in drawn(app)
    workspace.add_network(market, ANN, replace(NEWCO, light="#123456"))
    app.run()
    assert "#123456" in drawn(app)
    assert NEWCO.light not in drawn(app)


def test_a_strangers_link_shows_the_illustrative_market_and_says_why(workspace, market):
    see("overview", market=market)
    for lang in LANGUAGES:
        app = see("overview", who=BOB, market=market, lang=lang)
        whole(app)
        why = say("keep.workspace_not_your_market", lang, id=market)
        assert say("market.stands_in", lang, why=why) in warned(app)
        assert say("market.source_demo", lang) in heading(app)
        assert "South" not in heading(app)
        assert json.dumps(NEWCO.en) not in drawn(app)


def test_a_market_is_shared_and_taken_back_while_it_is_open(workspace, market):
    workspace.share(market, ANN, True)
    app = see("overview", who=BOB, market=market)
    assert "South" in heading(app)
    assert not app.warning
    workspace.share(market, ANN, False)
    app.run()
    assert "South" not in heading(app)
    assert json.dumps(NEWCO.en) not in drawn(app)
    assert say("keep.workspace_not_your_market", "en", id=market) in warned(app)


def test_a_deleted_market_is_gone_from_every_page(workspace, market):
    app = see("overview", market=market)
    workspace.delete(market, ANN)
    app.run()
    assert "South" not in heading(app)
    assert say("keep.workspace_no_market", "en", id=market) in warned(app)
    app.switch_page("pages/share.py").run()
    whole(app)
    assert say("market.source_demo", "en") in heading(app)


@pytest.mark.parametrize("id", ["nosuchmarket2", "../../etc", "[x](http://evil)", "' or 1=1 --", "0" * 500, "南"])
def test_a_link_to_nothing_is_said(workspace, market, id):
    app = see("overview", market=id, data="99999999999999999999")
    whole(app)
    assert say("market.stands_in", "en", why="").strip() in warned(app)
    assert "evil)" not in warned(app)


def test_a_version_that_is_not_there_is_said(market):
    app = see("overview", market=market, data="9")
    assert say("keep.workspace_no_version", "en", number=9) in warned(app)


def test_a_damaged_workspace_is_said(workspace, market):
    workspace.path.write_bytes(b"not a database")
    app = see("overview", market=market)
    whole(app)
    assert say("market.stands_in", "en", why="").strip() in warned(app)


def test_plans_on_a_market_are_ones_own_and_outlast_its_versions(workspace, market, tmp_path):
    workspace.share(market, ANN, True)
    app = see("scenario", market=market)
    app.button(key="save_plan").click().run()
    whole(app)
    with using((NEWCO,)):
        workspace.save(owner=ANN, market=market, parts=list(parts("volumes", since="2026-01-01")))
    lists = {who: see("scenario", who=who, market=market, section="saved") for who in (ANN, BOB)}
    assert [bool(app.radio) for app in lists.values()] == [True, False]
    kept = (tmp_path / "scenarios.sqlite3").read_bytes()
    assert ANN.encode() not in kept
    assert Shelf(tmp_path).saved("local") == ()


def test_no_market_is_a_market_of_files_of_this_session(market):
    app = see("overview", market=market)
    app.session_state["intake.market"] = with_newco()
    app.run()
    assert say("market.source_upload", "en", files=plain("a.csv")) in heading(app)


def test_a_workspace_at_rest_is_not_asked_again(workspace, market, monkeypatch):
    asked = []
    version = Workspace.version
    monkeypatch.setattr(Workspace, "version", lambda *given, **options: asked.append(1) or version(*given, **options))
    workspace.share(market, ANN, True)
    os.utime(workspace.path, (1e9, 1e9))
    app = see("overview", who=BOB, market=market)
    for _ in range(3):
        app.run()
    assert len(asked) == 1
    workspace.share(market, ANN, False)
    app.run()
    assert len(asked) == 2
    assert say("keep.workspace_not_your_market", "en", id=market) in warned(app)


def test_the_list_names_ones_own_and_those_that_others_share(workspace, market):
    with using((NEWCO,)):
        theirs = workspace.save(owner=BOB, name="North", parts=list(parts("volumes")), networks=(NEWCO,))
        workspace.save(owner=BOB, name="Hidden", parts=list(parts("volumes")), networks=(NEWCO,))
    workspace.share(theirs.market, BOB, True)
    app = see("overview")
    app.session_state["market_box"] = True
    app.run()
    box = app.selectbox(key="market_picked.en.")
    assert box.options == [say("market.illustrative", "en"), "South *1*", say("market.shared_name", "en", name="North")]
    box.select(market).run()
    whole(app)
    assert "South" in heading(app)
    assert app.query_params["market"] == market
    assert not app.session_state["market_box"]


def test_leaving_the_files_of_a_session_uses_the_market_picked(market):
    app = see("overview")
    app.session_state["intake.market"] = with_newco()
    app.session_state["market_box"] = True
    app.run()
    box = app.selectbox(key="market_picked.en.session")
    assert box.value == "session"
    box.select(market).run()
    assert "South" in heading(app)
    assert "intake.market" not in app.session_state


def test_rows_that_go_while_they_are_read_are_said(workspace, market, monkeypatch):
    def gone(*_):
        raise WorkspaceError("no_market", id=market)

    monkeypatch.setattr(Version, "table", gone)
    app = see("overview", market=market)
    whole(app)
    assert say("market.source_demo", "en") in heading(app)
    assert say("keep.workspace_no_market", "en", id=market) in warned(app)
