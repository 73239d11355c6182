"""The link to what is on the screen: what it holds, what it says it cannot hold, and what becomes of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analysis.scenario import Lever
from data.cities import cities
from data.text import LANGUAGES, say
from data.workspace import Boards, Links, folder
from pages.ui import links, map_upload, owner, scenario_state
from pages.ui.layout import plain
from tests.made_board import OTHER, READER, three
from tests.made_board import opened as visited
from tests.test_pages import start
from tests.test_pages_versions import FEBRUARY, JANUARY, save, tab

HEX = re.compile("[0-9a-f]{32}")


def opened(app, page="overview"):
    """Open the window behind the button of the header."""
    app.session_state[f"link.box.{page}"] = True
    app.run()
    assert not app.exception
    return app


def addresses(app):
    return [code.value for code in app.code if code.value.startswith(("/", "http"))]


def made(app, page="overview"):
    """Id of the short link of what is on the screen."""
    opened(app, page).button(key="link_make").click().run()
    return addresses(app)[-1].rpartition("link=")[2]


def said(app):
    return " ".join(caption.value for caption in app.caption)


def seen(app):
    return [header.value for header in app.header], [table.value.to_csv() for table in app.dataframe]


def warned(app):
    return [warning.value for warning in app.warning]


def test_what_is_drawn_for_a_link_waits_until_it_is_asked_for():
    app = start()
    assert say("link.link", "en") in [box.proto.popover.label for box in app.get("popover")]
    assert not app.code
    assert not Links(folder()).links("nobody")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_short_link_restores_the_page_in_another_session(lang):
    app = start("overview", month="2024-06", tier="Tier 3~Tier 4", lang=lang)
    id = made(app)
    found = start("overview", link=id)
    assert seen(found) == seen(start("overview", month="2024-06", tier="Tier 3~Tier 4", lang=lang))
    assert found.title[0].value == say("page.overview", lang)
    assert links.ENTRY not in found.query_params


def test_the_readers_own_language_stays():
    id = made(start("overview", month="2024-06", lang="zh"))
    found = start("overview", link=id, lang="en")
    assert (found.title[0].value, found.selectbox[0].value) == (say("page.overview", "en"), "2024-06")


def test_the_month_is_written_out_though_it_is_the_last_one():
    app = opened(start())
    (address,) = addresses(app)
    assert f"month={app.selectbox[0].value}" in address
    assert "month" not in start().query_params


def test_a_page_without_a_month_has_none_in_its_link():
    app = opened(start("record", search="jd"), "record")
    (address,) = addresses(app)
    assert "search=jd" in address
    assert "month" not in address


def test_the_same_state_has_one_link_and_another_has_another():
    app = start("overview", tier="Tier 5")
    first = made(app)
    assert "link_make" not in [button.key for button in app.button]
    again = opened(start("overview", tier="Tier 5"))
    assert HEX.fullmatch(again.session_state["owner.session"])
    assert made(start("overview", tier="Tier 1")) != first


def test_a_link_taken_back_says_so_and_the_page_is_as_it_is_at_first():
    app = start("overview", tier="Tier 3")
    id = made(app)
    app.button(key=f"link_gone_{id}").click().run()
    assert not app.exception
    assert len(addresses(app)) == 1
    for lang in LANGUAGES:
        found = start("overview", link=id, lang=lang)
        on = datetime.now(UTC).date().isoformat()
        sentences = [say("keep.workspace_link_deleted", lang, id=id, on=plain(on)), say("link.default", lang)]
        assert warned(found) == [("" if lang == "zh" else " ").join(sentences)]
        assert seen(found) == seen(start("overview", lang=lang))


@pytest.mark.parametrize("id", ["zzzzzzzz", "", "链接", "a b<script>", "[a](//b.co)"])
def test_an_unknown_link_is_named_until_the_reader_turns_the_page(id):
    app = start("overview", link=id)
    (warning,) = warned(app)
    assert say("keep.workspace_no_link", "en", id=plain(id[:13])) in warning
    assert not app.exception
    assert warned(app.run()) == [warning]
    assert warned(app.switch_page("pages/record.py").run()) == []


def test_a_link_to_another_page_turns_to_that_one():
    id = Links(folder()).make("record", "search=jd", owner="ann")
    found = start("overview", link=id)
    assert (found.title[0].value, found.text_input[0].value) == (say("page.record", "en"), "jd")


def test_a_link_to_a_page_that_is_no_more_stays_where_it_is():
    found = start("overview", link=Links(folder()).make("weather", "tier=Tier+3", owner="ann"))
    assert (found.title[0].value, found.multiselect[0].value) == (say("page.overview", "en"), ["Tier 3"])


def test_a_market_is_linked_in_the_version_that_is_seen():
    app = save(start("data"), *JANUARY, name="pinned.csv")
    market, who = app.query_params["market"], app.session_state["owner.session"]
    (address,) = addresses(opened(app, "data"))
    assert f"data=1&market={market}" in address
    assert say("link.private", "en") in said(app)
    id = made(app, "data")
    save(tab(app, "upload"), *FEBRUARY, name="more.csv", how="append")
    found = Links(folder()).open(id)
    assert (found.page, f"market={market}" in found.query, "data=1" in found.query) == ("data", True, True)
    assert who not in found.query


def test_data_of_the_session_alone_are_not_promised():
    app = start("data")
    rows = "month,city,platform,parcels\n2026-01,330100,cainiao,10\n2026-01,330100,jd,30\n"
    app.file_uploader[0].set_value([("mine.csv", rows.encode(), "text/csv")]).run()
    app.button(key="session_only").click().run()
    assert say("link.session_data", "en") in said(opened(app, "data"))
    assert say("link.session_data", "en") not in said(opened(start()))


def test_files_of_the_map_that_only_this_session_has_are_named():
    assert {kind: map_upload._place(kind) for kind in ("demand", "flows")} == links.FILES
    app = opened(start("map"), "map")
    assert say("link.session_files", "en", files=say("demand.flows", "en")) not in said(app)
    app.session_state[links.FILES["flows"]] = None
    assert say("link.session_files", "en", files=say("demand.flows", "en")) in said(app.run())


def test_a_plan_that_no_address_holds_is_not_promised():
    app = opened(start("scenario"), "scenario")
    assert links.PLAN == scenario_state.ENTRY
    assert say("link.long_plan", "en") not in said(app)
    plan = app.session_state["scenario.plan"]
    codes = tuple(str(code) for code in cities().index[:300])
    levers = tuple(Lever("duoduo", 0.001 * n, cities=codes) for n in range(1, 13))
    app.session_state["scenario.plan"] = replace(plan, levers=levers)
    del app.query_params[links.PLAN]
    assert say("link.long_plan", "en") in said(app.run())


def test_the_readers_name_is_in_no_address():
    app = opened(start("overview", tier="Tier 1"))
    made(app)
    assert not any(HEX.search(address) for address in addresses(app))
    assert owner.is_name(app.session_state["owner.session"])


def test_what_cannot_be_kept_says_why_and_the_full_address_is_there(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    app = start("overview", tier="Tier 1")
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path / "file" / "kept"))
    opened(app).button(key="link_make").click().run()
    assert not app.exception
    assert len(addresses(app)) == 1
    assert any("POSTHOUSE_WORKSPACE" in error.value for error in app.error)


def test_a_link_to_a_board_promises_no_more_than_others_may_see():
    kept = three()

    def told(reader=READER, **query):
        app = visited("present", board=kept.id, reader=reader, **query)
        return said(opened(app, "present"))

    assert say("board.link_private", "en") in told()
    assert say("link.holds", "en") not in told()
    Boards(folder()).share(kept.id, owner=READER, shared=True)
    assert say("board.link_shared", "en") in told()
    assert say("board.link_shared", "en") in told(OTHER)
    Boards(folder()).save(kept.document, owner=READER, id=kept.id)
    assert say("board.link_old", "en") in told(at="1")
    assert say("link.no_board", "en") in said(opened(visited("present", reader="c" * 32), "present"))


def test_the_oldest_of_many_links_can_be_taken_back():
    shelf = Links(folder())
    ids = [shelf.make("record", f"search={n}", owner=READER) for n in range(links.STEP + 1)]
    app = opened(visited("overview"))

    def listed():
        return [button.key for button in app.button if button.key.startswith("link_gone_")]

    assert f"link_gone_{ids[0]}" not in listed()
    app.button(key="link_older").click().run()
    assert len(listed()) == links.STEP + 1
    assert "link_older" not in [button.key for button in app.button]
    app.button(key=f"link_gone_{ids[0]}").click().run()
    assert [one.id for one in shelf.links(READER)] == ids[:0:-1]
