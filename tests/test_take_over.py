"""What a browser kept before anybody signed in, and who makes it his own."""

from data import boundaries
from data.people import acting_as
from data.workspace import Boards, Ledger, Links, Shelf, Workspace, WorkspaceError
from pages.ui import markets, people_take_over
from tests.postgres import files_only
from tests.test_grants import ANN, BOB, EVE, part, refusal


@files_only
def test_what_a_browser_kept_changes_hands_once(place, monkeypatch):
    monkeypatch.setattr(people_take_over, "place", lambda: place)
    monkeypatch.setattr(boundaries, "hand_over", lambda before, owner: None)
    before, me = "a" * 32, ANN.owner
    workspace, boards, shelf, ledger, links = (kind(place) for kind in (Workspace, Boards, Shelf, Ledger, Links))
    market = workspace.save(owner=before, parts=[part()], name="mine").market
    theirs = workspace.save(owner=EVE.owner, parts=[part()], name="hers").market
    workspace.share(theirs, EVE.owner, True)
    workspace.remember(before, "volumes", "k", {"a": "city"})
    boards.save("{}", owner=before, name="talk")
    keep = {"market": "m", "data_version": "1"}
    shelf.save("{}", owner=markets.keeper_of(before, market), name="plan", **keep)
    shelf.save("{}", owner=markets.keeper_of(before, theirs), name="about hers", **keep)
    shelf.save("{}", owner="local", name="of all", **keep)
    ledger.add("{}", owner=markets.keeper_of(before, market), title="forecast")
    ids = {links.make("share", "a=1", owner=owner) for owner in (before, me)}
    with acting_as(BOB):
        assert refusal(lambda: people_take_over.take_over(before, BOB.owner)) == "may_not"
    with acting_as(ANN):
        assert people_take_over.take_over(before, me) == 6
        assert people_take_over.take_over(before, me) == 0
        assert workspace.version(market, owner=me).table("volumes").num_rows == 1
        assert workspace.recall(me, "volumes", "k") == {"a": "city"}
        assert [one.name for one in boards.boards(me)] == ["talk"]
        assert [one.name for one in shelf.saved(markets.keeper_of(me, market))] == ["plan"]
        assert [one.title for one in ledger.list(markets.keeper_of(me, market))] == ["forecast"]
        assert [one.name for one in shelf.saved(markets.keeper_of(me, theirs))] == ["about hers"]
        assert {one.id for one in links.links(me)} == ids
        assert {links.open(id).query for id in ids} == {"a=1"}
    assert workspace.markets(before) == ()
    assert boards.boards(before) == ()


@files_only
def test_where_outlines_cannot_be_handed_over_all_is_offered_again(place, monkeypatch):
    monkeypatch.setattr(people_take_over, "place", lambda: place)
    boards = Boards(place)
    boards.save("{}", owner="a" * 32, name="talk")

    def full(before, owner):
        raise WorkspaceError("full", path="x")

    monkeypatch.setattr(boundaries, "hand_over", full)
    with acting_as(ANN):
        assert refusal(lambda: people_take_over.take_over("a" * 32, ANN.owner)) == "full"
    assert boards.count("a" * 32) == 1
