"""The log: every write of every store, in its own transaction, refused to whoever only reads."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.people import NOBODY, Person, Role, acting_as
from data.platforms import Platform
from data.text import LANGUAGES, say
from data.workspace import Boards, Ledger, Links, Part, Shelf, Workspace, WorkspaceError, audit
from data.workspace.refusal import MESSAGES
from tests.postgres import files_only
from tests.small_volumes import volumes

NETWORK = Platform("yunxi", "Yunxi", "云喜", "Yunxi", "station", "#123456", "#abcdef", ())
VIEWER = Person("Vera", "vera@example.com", Role.VIEWER, "B" * 32)
ADMIN = Person("Ada", "ada@example.com", Role.ADMIN, "C" * 32)
STORES = {"market": Workspace, "board": Boards, "scenario": Shelf, "forecast": Ledger, "link": Links}
ROOM = Path(__file__).resolve().parents[1] / "data" / "workspace"


def part(month="2026-07"):
    return Part("volumes", volumes([(month, "330100", "cainiao", 5.0)]))


def writes(place):
    """Every write of every store: what the log calls it, and a call that does it on ann's things, made anew."""
    workspace, boards, shelf, ledger, links = (kind(place) for kind in STORES.values())
    return [*of_markets(workspace), *of_boards(boards), *of_plans(shelf), *of_others(ledger, links)]


def of_markets(workspace):
    def market(*, versions=1):
        first = workspace.save(owner="ann", parts=[part()], name="Secret market")
        for _ in range(versions - 1):
            workspace.save(owner="ann", parts=[part("2026-08")], market=first.market)
        return first.market

    def undone():
        found = market(versions=2)
        workspace.undo(found, "ann")
        return found

    return [
        ("market.save", lambda: "", lambda _: workspace.save(owner="ann", parts=[part()], name="x")),
        ("market.save", market, lambda id: workspace.save(owner="ann", parts=[part()], market=id)),
        ("market.undo", lambda: market(versions=2), lambda id: workspace.undo(id, "ann")),
        ("market.redo", undone, lambda id: workspace.redo(id, "ann")),
        ("market.rename", market, lambda id: workspace.rename(id, "ann", "Another")),
        ("market.share", market, lambda id: workspace.share(id, "ann", True)),
        ("market.share", market, lambda id: workspace.allow(id, "people", owner="ann", people=["b@c.de"])),
        ("market.delete", market, lambda id: workspace.delete(id, "ann")),
        ("market.network", market, lambda id: workspace.add_network(id, "ann", NETWORK)),
        ("market.remember", lambda: "", lambda _: workspace.remember("ann", "volumes", "k", {"a": "city"})),
        ("market.remember", lambda: "", lambda _: workspace.remember_names("ann", "city", {"a": "330100"})),
        ("market.take_over", market, lambda _: workspace.take_over("ann", "bob")),
    ]


def of_boards(boards):
    def board():
        return boards.save("{}", owner="ann", name="Secret board").id

    return [
        ("board.save", lambda: "", lambda _: boards.save("{}", owner="ann", name="x")),
        ("board.save", board, lambda id: boards.save("{}", owner="ann", id=id)),
        ("board.rename", board, lambda id: boards.rename(id, "Another", owner="ann")),
        ("board.share", board, lambda id: boards.share(id, owner="ann", shared=True)),
        ("board.share", board, lambda id: boards.allow(id, "here", owner="ann")),
        ("board.delete", board, lambda id: boards.delete(id, owner="ann")),
        ("board.take_over", board, lambda _: boards.take_over("ann", "bob")),
    ]


def of_plans(shelf):
    keep = {"owner": "ann", "name": "Secret plan", "market": "m", "data_version": "1"}

    def plan():
        return shelf.save("{}", **keep).id

    def archived():
        return shelf.archive(plan(), owner="ann").id

    return [
        ("scenario.save", lambda: "", lambda _: shelf.save("{}", **keep)),
        ("scenario.save", plan, lambda id: shelf.save("{}", id=id, **keep)),
        ("scenario.branch", plan, lambda id: shelf.branch(id, owner="ann", name="x")),
        ("scenario.rename", plan, lambda id: shelf.rename(id, "Another", owner="ann")),
        ("scenario.archive", plan, lambda id: shelf.archive(id, owner="ann")),
        ("scenario.restore", archived, lambda id: shelf.restore(id, owner="ann")),
        ("scenario.share", plan, lambda id: shelf.allow(id, "private", owner="ann")),
        ("scenario.delete", plan, lambda id: shelf.delete(id, owner="ann")),
        ("scenario.take_over", plan, lambda _: shelf.take_over("ann", "bob")),
    ]


def of_others(ledger, links):
    def forecast():
        return ledger.add("{}", owner="ann", title="Secret forecast").id

    def link():
        return links.make("share", f"n={datetime.now(UTC).timestamp()}", owner="ann")

    return [
        ("forecast.save", lambda: "", lambda _: ledger.add("{}", owner="ann", title="x")),
        ("forecast.delete", forecast, lambda id: ledger.remove(id, owner="ann")),
        ("forecast.take_over", forecast, lambda _: ledger.take_over("ann", "bob")),
        ("link.save", lambda: "", lambda _: links.make("map", "a=1", owner="ann")),
        ("link.delete", link, lambda id: links.delete(id, owner="ann")),
        ("link.take_over", link, lambda _: links.take_over("ann", "bob")),
    ]


def log(place, kind="board"):
    return STORES[kind](place).activity("ann", "bob")


def refusal(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_every_write_adds_one_row_without_names_and_none_is_for_whoever_only_reads(place):
    for what, make, do in writes(place):
        id, kind = make(), what.partition(".")[0]
        before = log(place, kind)
        with acting_as(VIEWER):
            assert refusal(lambda do=do, id=id: do(id)) == "may_not", what
        with acting_as(NOBODY):
            assert refusal(lambda do=do, id=id: do(id)) == "signed_out", what
        do(id)
        (row,) = [entry for entry in log(place, kind) if entry not in before]
        assert f"{row.kind}.{row.what}" == what
        assert row.thing == id or not id or what.endswith(("save", "branch", "take_over")), what
        assert (row.who, row.name) == (row.whose, ""), what
        assert datetime.now(UTC) - row.at < timedelta(hours=1)
    told = repr([log(place, kind) for kind in STORES])
    assert not [words for words in ("Secret", "Another", "b@c.de", "'ann'") if words in told]


def test_every_method_that_opens_a_store_for_writing_is_among_those_tried(tmp_path):
    """A write that is added to a store and not tried above is found by its name in the code."""
    tried = ast.unparse(ast.parse(Path(__file__).read_text("utf-8")))
    inner = {"_change", "_changing", "_move", "_keep", "_hand_over", "take_back", "take_away"}
    for name in ("boards", "shelf", "ledger", "links", "markets", "shared"):
        tree = ast.parse((ROOM / f"{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name not in inner:
                writing = "open(write=True)" in ast.unparse(node)
                assert not writing or f".{node.name}(" in tried, (name, node.name)


def recorded_and_broken(boards, id):
    with boards._base.open(write=True) as base:
        audit.record(base, "board.save", id, owner="ann")
        raise ZeroDivisionError


def test_a_write_that_fails_leaves_no_row(place):
    boards = Boards(place)
    id = boards.save("{}", owner="ann", name="talk").id
    before = log(place)
    assert refusal(lambda: boards.save("{}", owner="ann", id=id, after=7)) == "board_moved_on"
    assert refusal(lambda: boards.save("{}", owner="ann", id=id, digests=["0" * 64])) == "no_board_part"
    with pytest.raises(ZeroDivisionError):
        recorded_and_broken(boards, id)
    assert log(place) == before


def test_each_sees_what_concerns_him_and_an_administrator_all(tmp_path):
    boards = Boards(tmp_path)
    with acting_as(Person("Ann", "", Role.ANALYST, "ann")):
        mine = boards.save("{}", owner="ann", name="mine").id
    with acting_as(Person("Bob", "", Role.ANALYST, "bob")):
        boards.save("{}", owner="bob", name="his")
        assert refusal(lambda: boards.take_back(mine)) == "may_not"
        assert refusal(lambda: boards.take_away(mine)) == "may_not"
        assert [entry.name for entry in boards.activity("bob")] == ["Bob"]
    with acting_as(ADMIN):
        boards.take_away(mine)
        assert [entry.name for entry in boards.activity(ADMIN.owner)] == ["Ada", "Bob", "Ann"]
    seen = [(entry.name, entry.what) for entry in boards.activity("ann")]
    assert seen == [("Ada", "take_away"), ("Ann", "save")]
    assert refusal(lambda: boards.open(mine, asker="ann")) == "no_board"


def test_old_rows_go(tmp_path, monkeypatch):
    boards = Boards(tmp_path)
    boards.save("{}", owner="ann", name="old")
    with boards._base.open(write=True) as base:
        base.execute("UPDATE audit SET moment = '2020-01-01T00:00:00+00:00'")
    monkeypatch.setenv(audit.DAYS, "0")
    boards.save("{}", owner="ann", name="new")
    assert len(boards.activity("ann")) == 2
    monkeypatch.setenv(audit.DAYS, "nonsense")
    assert audit.kept_days() == audit.KEPT_DAYS
    boards.save("{}", owner="ann", name="newer")
    assert len(boards.activity("ann")) == 2


def test_nothing_but_age_takes_a_row_out_of_the_log():
    public = {name for name in vars(audit) if not name.startswith("_")}
    assert {name for name in public if callable(getattr(audit, name)) and name.islower()} >= {"record", "activity"}
    changing = [line for line in (ROOM / "audit.py").read_text("utf-8").splitlines() if "UPDATE " in line]
    assert changing == []
    for file in ROOM.rglob("*.py"):
        text = file.read_text("utf-8")
        assert file.name == "audit.py" or "FROM audit" not in text, file
        assert "UPDATE audit" not in text, file


@files_only
def test_a_file_of_before_gets_its_log(place):
    for name, kind in STORES.items():
        store = kind(place)
        assert store.activity("ann") == (), name


@pytest.mark.parametrize("code", ["may_not", "signed_out", "no_email", "no_people", "too_many_people"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_refusals_are_said(code, lang):
    assert code in MESSAGES
    assert say(f"keep.workspace_{code}", lang, email="x", most=3)
