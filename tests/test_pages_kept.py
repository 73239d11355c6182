"""Kept plans on the Scenario page: versions, names, what of an uploaded market is kept, what is gone after a delete."""

import pytest

from analysis.scenario import KINDS, Lever, Scenario
from analysis.scenario.files import to_json, to_link
from analysis.scenario.rerun import restore as restored
from analysis.views.compare import describe
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.cities import cities
from data.platforms import PLATFORMS
from data.text import say
from data.workspace import Shelf
from pages.ui.layout import plain
from tests.test_pages import PILOTS, start
from tests.test_pages_scenario import PLAN, TIER_3, figures, plan, warnings, whole
from tests.uploads import use


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def test_a_plan_is_kept_in_versions_and_opened_by_its_id(workspace):
    app = start("scenario", plan=PLAN)
    app.button(key="save_plan").click().run()
    app.slider(key=TIER_3).set_value(0.08).run()
    app.button(key="save_plan").click().run()
    whole(app)
    kept = Shelf(workspace).saved("local")
    assert [(one.name, one.version) for one in kept] == [("War", 2)]
    again = start("scenario", saved=kept[0].id)
    assert plan(again) == plan(app)
    assert figures(again) == figures(app)


def test_kept_plans_are_branched_renamed_and_archived(workspace):
    app = start("scenario", plan=PLAN, section="saved")
    app.button(key="save_plan").click().run()
    app.button(key="do_branch").click().run()
    whole(app)
    shelf = Shelf(workspace)
    copy = say("plan.copy_of", "en", name="War")
    assert {one.name for one in shelf.saved("local")} == {"War", copy}
    field = next(f for f in app.text_input if f.key.startswith("new_name."))
    field.set_value("Third").run()
    app.button(key="do_rename").click().run()
    assert "Third" in {one.name for one in shelf.saved("local")}
    app.button(key="do_archive").click().run()
    whole(app)
    assert len(shelf.saved("local")) == len(shelf.saved("local", archived=True)) == 1


def test_a_folder_that_cannot_be_written_is_said(workspace, monkeypatch):
    blocked = workspace / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(blocked))
    app = start("scenario", plan=PLAN)
    app.button(key="save_plan").click().run()
    whole(app)
    assert any(plain("scenarios.sqlite3") in toast.value for toast in app.toast)


def uploaded(link=PLAN):
    """The page on an uploaded market; the second is the name of its session."""
    app = start("data")
    use(app, PILOTS["five cities with all"])
    app.query_params["plan"] = link
    app.query_params["section"] = "saved"
    return app.switch_page("pages/scenario.py").run(), app.session_state["intake.owner"]


def test_plans_on_an_uploaded_market_are_on_the_list_of_their_session_alone(workspace):
    app, _ = uploaded()
    app.button(key="save_plan").click().run()
    whole(app)
    assert Shelf(workspace).saved("local") == ()
    assert not any("War" in option for option in start("scenario").selectbox(key="open_plan").options)
    assert any("War" in option for option in app.selectbox(key="open_plan").options)


def test_nothing_of_an_uploaded_market_is_kept_unless_it_is_ticked(workspace):
    app, session = uploaded()
    app.button(key="save_plan").click().run()
    whole(app)
    shelf = Shelf(workspace)
    kept = shelf.open(app.query_params["saved"])
    assert shelf.snapshot(kept) == b""
    assert say("keep.moved_unknown", "en") in [header.value for header in app.header]
    app.checkbox(key="keep_market").check().run()
    app.button(key="save_plan").click().run()
    whole(app)
    assert len(restored(shelf.snapshot(shelf.open(kept.id))).cities) == 5
    assert say("keep.moved_same", "en") in [header.value for header in app.header]
    left = b"".join(part.read_bytes() for part in workspace.iterdir())
    assert session.encode() not in left


def test_a_branch_in_another_session_gets_neither_the_market_nor_the_name_of_the_first(workspace):
    app, session = uploaded()
    app.checkbox(key="keep_market").check().run()
    app.button(key="save_plan").click().run()
    shelf = Shelf(workspace)
    copy = shelf.branch(app.query_params["saved"], owner="local", name="Copy")
    assert shelf.snapshot(copy) == b""
    assert session not in copy.data_version
    again = start("scenario", saved=copy.id, section="saved")
    whole(again)
    assert say("keep.moved_unknown", "en") in [header.value for header in again.header]


def test_a_plan_is_deleted_for_good_after_a_second_press(workspace):
    app = start("scenario", plan=PLAN, section="saved")
    app.button(key="save_plan").click().run()
    (kept,) = Shelf(workspace).saved("local")
    assert any("War" in text.value for text in app.markdown if say("plan.delete_what", "en", name="War") == text.value)
    app.button(key="do_delete").click().run()
    whole(app)
    assert Shelf(workspace).saved("local") == ()
    assert "saved" not in app.query_params
    assert say("plan.missing", "en", id=kept.id) in warnings(start("scenario", saved=kept.id))


def test_a_name_that_is_taken_gives_a_plan_of_its_own(workspace):
    start("scenario", plan=PLAN).button(key="save_plan").click().run()
    second = start("scenario", plan=PLAN + "~l.jd.subsidy.0.02")
    second.button(key="save_plan").click().run()
    whole(second)
    kept = Shelf(workspace).saved("local")
    assert {(one.name, one.version) for one in kept} == {("War", 1), ("War (2)", 1)}
    assert say("plan.saved_beside", "en", name="War") in second.toast[0].value
    assert plan(second).name == "War (2)"
    second.slider(key=TIER_3).set_value(0.08).run()
    second.button(key="save_plan").click().run()
    assert {(one.name, one.version) for one in Shelf(workspace).saved("local")} == {("War", 1), ("War (2)", 2)}
    assert plan(second).version == 2
    opened = start("scenario", saved=next(one.id for one in kept if one.name == "War"))
    opened.text_input(key="plan.name").set_value("Peace").run()
    opened.button(key="save_plan").click().run()
    assert {one.name for one in Shelf(workspace).saved("local")} == {"War", "War (2)", "Peace"}


def test_an_older_version_opens_with_its_number(workspace):
    app = start("scenario", plan=PLAN, section="saved")
    for _ in range(2):
        app.button(key="save_plan").click().run()
    assert plan(app).version == 2
    app.selectbox(key="version").set_value(1).run()
    app.button(key="open_version").click().run()
    assert plan(app).version == 1


def test_a_plan_too_long_for_a_link_is_said_and_not_linked(workspace):
    levers = tuple(
        Lever(name, 0.01, kind=kind, cities=tuple(cities().index[::2])) for name in PLATFORMS for kind in KINDS
    )
    kept = Shelf(workspace).save(
        to_json(Scenario("Long", levers)), owner="local", name="Long", market="illustrative", data_version="v"
    )
    app = start("scenario", saved=kept.id)
    whole(app)
    assert plan(app).levers == levers
    assert "plan" not in app.query_params
    assert say("plan.no_link", "en") in warnings(app)


def test_a_place_that_the_market_lacks_is_named():
    app, _ = uploaded(to_link(Scenario("", (Lever("duoduo", 0.05, province="Guangdong"), Lever("duoduo", 0.01)))))
    whole(app)
    lost = describe(Lever("duoduo", 0.05, province="Guangdong"), Look("en", Theme("light")))
    assert any(plain(say("plan.absent", "en", levers=lost)) in text for text in warnings(app))
