"""What the pages show to each role, and sharing, the log and the door as readers use them."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from data import people as acting
from data.people import NOBODY, Person, Role
from data.text import LANGUAGES, say
from data.untrusted import unmarked
from data.workspace import Boards, Ledger, Links, Part, Shelf, Workspace, WorkspaceError, place
from data.workspace.grants import Access
from pages.ui import people, people_activity, scenarios
from pages.ui.people import Settings
from tests.made_board import board, pin, seen
from tests.small_volumes import volumes
from tests.test_pages import ROOT, SECONDS

AUTH = {"redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "s" * 32, "client_id": "x"}
VERA = Person("Vera *V*", "vera@example.com", Role.VIEWER, "B" * 32)
ANN = Person("Ann", "ann@example.com", Role.ANALYST, "A" * 32)
ADA = Person("Ada", "ada@example.com", Role.ADMIN, "D" * 32)
MAX = Person("Max", "max@elsewhere.org", Role.NOBODY, "F" * 32)


@pytest.fixture
def sign(monkeypatch):
    """Sign somebody in, for every session."""
    real = people.person

    def signed(person, settings=None):
        monkeypatch.setattr(people, "settings", lambda: settings or Settings(AUTH))
        monkeypatch.setattr(people, "person", lambda: person)
        acting.provide(lambda: people.person())

    yield signed
    acting.provide(real)


@pytest.fixture(autouse=True)
def own_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))


def opened(page="", **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for key, value in query.items():
        app.query_params[key] = value
    app = (app.switch_page(f"pages/{page}.py") if page else app).run()
    assert not app.exception
    return app


def said(app):
    kinds = (app.info, app.warning, app.error, app.success, app.caption, app.markdown)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def keys(app):
    return {str(button.key) for button in app.button}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("person", "problem", "query", "words"),
    [
        (NOBODY, "", {}, "how"),
        (NOBODY, "", {"sign_in": "away"}, "away"),
        (NOBODY, "", {"sign_in": "refused"}, "refused"),
        (NOBODY, "", {"sign_in": "stale"}, "stale"),
        (MAX, "", {}, "not_let_in"),
        (NOBODY, "rules", {}, "problem_rules"),
        (NOBODY, "secrets", {}, "problem_secrets"),
        (NOBODY, "auth", {}, "problem_auth"),
    ],
)
def test_whoever_is_not_let_in_sees_the_door_and_why(sign, lang, person, problem, query, words):
    sign(person, Settings(AUTH, problem=problem))
    app = opened(lang=lang, **query)
    told = say(f"sign_in.{words}", lang, **({"email": "\0"} if words == "not_let_in" else {}))
    assert told.partition("\0")[2] in said(app)
    assert [title.value for title in app.title] == ["Posthouse"]
    assert keys(app) == (set() if problem else {"sign_in"})


def test_a_short_link_is_not_followed_before_the_door_is_passed(sign):
    sign(ANN)
    id = Links(place()).make("share", "market=secret&city=310000", owner=ANN.owner)
    sign(NOBODY)
    app = opened(link=id)
    assert app.query_params["link"] == id
    assert "market" not in app.query_params


def test_a_viewer_reads_and_is_told_what_more_would_take(sign):
    sign(VERA)
    app = opened("data")
    assert say("people.need_upload", "en") in said(app)
    assert not app.file_uploader
    assert not {key for key in keys(app) if key.startswith(("pin_", "save"))}
    page = opened("present")
    assert "board_make" not in keys(page)


def test_an_analyst_pins_uploads_and_sees_what_he_wrote(sign):
    sign(ANN)
    board(pin("one", seen("en")), owner=ANN.owner)
    app = opened("data", tab="activity")
    table = app.dataframe[0].value
    assert table.iloc[0, 1:4].tolist() == ["You", "Board", "Saved"]
    assert table.iloc[0, 4] == "Pitch"
    assert "pin_activity" in keys(app)
    assert not {"take_back", "take_away"} & keys(app)


def test_a_board_is_shared_with_people_by_name_and_taken_back_by_an_administrator(sign):
    sign(ANN)
    kept = board(pin("one", seen("en")), owner=ANN.owner)
    app = opened("present", board=kept.id)
    app.radio(key=f"share_level.{kept.id}.private.en").set_value("people").run()
    app.text_area(key=f"share_people.{kept.id}.0").set_value("Vera@Example.com；bad").run()
    app.button(key=f"share_do.{kept.id}").click().run()
    assert "bad is no e-mail address" in said(app).replace("\\", "")
    app.text_area(key=f"share_people.{kept.id}.0").set_value("Vera@Example.com").run()
    app.button(key=f"share_do.{kept.id}").click().run()
    assert say("people.now_people", "en", n=1) in said(app)
    shelf = Boards(place())
    assert shelf.access(kept.id, owner=ANN.owner) == Access("people", ("vera@example.com",))
    sign(VERA)
    app = opened("present", board=kept.id)
    assert say("board.of_others", "en", number=1) in said(app)
    assert "board_copy" not in keys(app)
    sign(ADA)
    app = opened("data", tab="activity")
    assert {"take_back", "take_away"} <= keys(app)
    app.button(key="take_back").click().run()
    assert say("activity.done_take_back", "en") in said(app)
    sign(VERA)
    assert shelf.given() == ()


def test_an_administrator_deletes_by_its_id_what_no_log_tells_of(sign, monkeypatch):
    sign(ANN)
    old = Ledger(place()).add("{}", owner=ANN.owner, title="old").id
    sign(ADA)
    monkeypatch.setattr(people_activity, "entries", list)
    app = opened("data", tab="activity")
    app.text_input(key="administer_id").set_value(f" {old} ").run()
    app.button(key="take_back").click().run()
    assert say("activity.no_thing", "en", id=old) in said(app)
    app.button(key="take_away").click().run()
    assert say("activity.done_take_away", "en") in said(app)
    assert Ledger(place()).list(ANN.owner) == ()


def test_plans_of_one_s_own_stay_on_the_list_where_those_of_others_cannot_be_had(sign, monkeypatch):
    sign(ANN)
    own = scenarios.shelf().save("{}", owner=ANN.owner, name="mine", market="m", data_version="1")
    base = SimpleNamespace(private=False)

    def away(self):
        raise WorkspaceError("away", path="x")

    monkeypatch.setattr(scenarios, "owner", lambda base: ANN.owner)
    monkeypatch.setattr(Shelf, "received", away)
    assert [one.id for one in scenarios.kept(base)] == [own.id]


def test_a_market_is_shared_with_everyone_here(sign):
    sign(ANN)
    part = Part("volumes", volumes([("2026-07", "330100", "cainiao", 5.0), ("2026-08", "330100", "duoduo", 5.0)]))
    id = Workspace(place()).save(owner=ANN.owner, parts=[part], name="Ann's").market
    app = opened("data", tab="markets", market=id)
    app.radio(key=f"share_level.{id}.private.en").set_value("here").run()
    app.button(key=f"share_do.{id}").click().run()
    sign(VERA)
    assert [one.name for one in Workspace(place()).markets(VERA.owner, shared=True)] == ["Ann's"]
    app = opened("data", tab="markets", market=id)
    assert "delete" not in keys(app)


def test_who_is_signed_in_is_plain_text(sign):
    sign(VERA)
    app = opened("record")
    assert unmarked(VERA.name) in {one.proto.popover.label for one in app.get("popover")}


def test_without_sign_in_nothing_of_it_is_there():
    app = opened("data")
    assert not {"sign_in", "sign_out", "who"} & keys(app)
    assert app.file_uploader
