"""Sharing with nobody, with people by name, with whoever has the link, with everyone here."""

from contextlib import contextmanager

import pytest

from data.people import NOBODY, Person, Role, acting_as
from data.workspace import Boards, Ledger, Part, Shelf, Workspace, WorkspaceError, grants
from pages.ui import markets
from tests.postgres import files_only
from tests.small_volumes import volumes

ANN = Person("Ann", "ann@example.com", Role.ANALYST, "A" * 32)
BOB = Person("Bob", "bob@example.com", Role.VIEWER, "B" * 32)
EVE = Person("Eve", "", Role.ANALYST, "E" * 32)
OUT = Person("Max", "max@example.com", Role.NOBODY, "F" * 32)
ADA = Person("Ada", "ada@example.com", Role.ADMIN, "D" * 32)
KINDS = ("market", "board", "scenario")


def part(month="2026-07"):
    return Part("volumes", volumes([(month, "330100", "cainiao", 5.0)]))


class Things:
    """One thing of Ann's of a kind, and how another one comes to it."""

    def __init__(self, kind, place):
        self.kind = kind
        self.store = {"market": Workspace, "board": Boards, "scenario": Shelf}[kind](place)
        with acting_as(ANN):
            match kind:
                case "market":
                    self.id = self.store.save(owner=ANN.owner, parts=[part()], name="mine").market
                case "board":
                    self.id = self.store.save("{}", owner=ANN.owner, name="mine").id
                case _:
                    said = {"name": "mine", "market": "m", "data_version": "1"}
                    self.id = self.store.save("{}", owner=ANN.owner, **said).id

    def share(self, level, *people, by=ANN, owner=ANN.owner):
        with acting_as(by):
            return self.store.allow(self.id, level, owner=owner, people=people)

    def read(self, person):
        """Whether a person can open it, and whether it is on his list."""
        with acting_as(person):
            try:
                match self.kind:
                    case "market":
                        self.store.version(self.id, owner=person.owner).table("volumes")
                    case "board":
                        self.store.open(self.id, asker=person.owner)
                    case _:
                        self.store.versions(self.id)
            except WorkspaceError:
                opened = False
            else:
                opened = True
            return opened, self.id in self.store.given()


@pytest.fixture(params=KINDS)
def thing(request, place):
    return Things(request.param, place)


def refusal(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_what_is_saved_is_private_until_it_is_shared_and_again_when_it_is_taken_back(thing):
    nobody = [(False, False)] * 4
    others = (BOB, EVE, OUT, NOBODY)
    assert thing.read(ANN)[0]
    assert [thing.read(one) for one in others] == nobody
    thing.share("people", " Bob@Example.COM ", "max@example.com")
    assert [thing.read(one) for one in others] == [(True, True), *nobody[1:]]
    thing.share("here")
    assert [thing.read(one)[0] for one in others] == [True, True, False, False]
    thing.share("private")
    assert [thing.read(one) for one in others] == nobody
    assert thing.read(ANN)[0]


def test_whoever_has_the_link_finds_a_board_or_a_plan_on_no_list(place):
    for kind in ("board", "scenario"):
        thing = Things(kind, place)
        thing.share("link")
        assert [thing.read(one) for one in (BOB, EVE)] == [(True, False)] * 2
        with acting_as(ANN):
            assert thing.store.access(thing.id, owner=ANN.owner) == grants.Access("link")


@pytest.mark.parametrize("level", [grants.PRIVATE, grants.PEOPLE, grants.HERE])
def test_its_owner_sees_how_it_is_shared_and_nobody_else(thing, level):
    people = ("bob@example.com", "ann@x.org") if level == grants.PEOPLE else ()
    thing.share(level, *people)
    with acting_as(ANN):
        assert thing.store.access(thing.id, owner=ANN.owner) == grants.Access(level, tuple(sorted(people)))
    with acting_as(BOB):
        assert refusal(lambda: thing.store.access(thing.id, owner=BOB.owner)) == thing.store.FOREIGN
        assert refusal(lambda: thing.store.access("z" * 13, owner=BOB.owner)) == thing.store.UNKNOWN


def test_only_its_owner_shares_and_only_as_an_analyst(thing):
    assert refusal(lambda: thing.share("here", by=BOB)) == "may_not"
    assert refusal(lambda: thing.share("here", by=EVE, owner=EVE.owner)) == thing.store.FOREIGN
    assert refusal(lambda: thing.share("here", by=ADA, owner=ADA.owner)) == thing.store.FOREIGN
    assert [thing.read(one)[0] for one in (BOB, EVE, ADA)] == [False] * 3


def test_an_administrator_takes_back_and_deletes_without_reading(thing):
    thing.share("people", "bob@example.com")
    with acting_as(ADA):
        thing.store.take_back(thing.id)
    assert not thing.read(BOB)[0]
    assert not thing.read(ADA)[0]
    assert thing.read(ANN)[0]
    with acting_as(ADA):
        thing.store.take_away(thing.id)
        assert refusal(lambda: thing.store.take_away(thing.id)) == thing.store.UNKNOWN
    assert not thing.read(ANN)[0]


@files_only
def test_no_address_stays_when_the_thing_goes(thing):
    thing.share("people", "bob@example.com")
    with acting_as(ADA):
        thing.store.take_away(thing.id)
    kept = [file.read_bytes() for file in thing.store.path.parent.iterdir()]
    assert not [1 for one in kept if b"bob@example.com" in one]
    with thing.store._base.open() as base:
        assert base.execute("SELECT count(*) FROM granted").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("level", "people", "code"),
    [
        ("people", (), "no_people"),
        ("people", ("bob",), "no_email"),
        ("people", ("*@example.com",), "no_email"),
        ("people", ("=a@example.com",), "no_email"),
        ("people", tuple(f"x{n}@example.com" for n in range(101)), "too_many_people"),
    ],
)
def test_what_names_nobody_is_refused(level, people, code):
    assert refusal(lambda: grants.checked(level, people)) == code
    with pytest.raises(ValueError, match="all"):
        grants.checked("all", ())


@contextmanager
def signed_out():
    with acting_as(None):
        yield


def test_plans_of_before_stay_open_to_whoever_has_their_link(place):
    shelf = Shelf(place)
    with signed_out():
        old = shelf.save("{}", owner="local", name="old", market="m", data_version="1").id
    with acting_as(BOB):
        assert shelf.open(old).name == "old"
    with acting_as(ADA):
        shelf.take_back(old)
    with acting_as(BOB):
        assert refusal(lambda: shelf.open(old)) == "not_found"
    with signed_out():
        assert refusal(lambda: shelf.open(old)) == "not_found"


def test_the_owner_of_a_plan_about_a_market_brought_closes_it_and_still_reads_it(place):
    shelf, whose = Shelf(place), markets.keeper_of(ANN.owner, "m")
    with acting_as(ANN):
        id = shelf.save("{}", owner=whose, name="plan", market="m", data_version="1").id
        for level in ("link", "private", "people", "link", "here", "private"):
            named = ("bob@example.com",) if level == "people" else ()
            shelf.allow(id, level, owner=whose, people=named)
            assert shelf.access(id, owner=whose) == grants.Access(level, named)
            assert shelf.open(id).id == id
            assert [one.id for one in shelf.saved(whose)] == [id]
            with acting_as(EVE):
                assert (level in ("link", "here")) == (not shut_to_eve(shelf, id))
    with acting_as(ADA):
        shelf.take_back(id)
    with acting_as(ANN):
        assert shelf.open(id).id == id


def shut_to_eve(shelf, id):
    try:
        return not shelf.open(id)
    except WorkspaceError:
        return True


def test_a_plan_that_was_open_by_its_link_before_is_closed_by_its_owner(place):
    shelf, before, after = Shelf(place), markets.keeper_of("a" * 32, "m"), markets.keeper_of(ANN.owner, "m")
    with signed_out():
        id = shelf.save("{}", owner=before, name="plan", market="m", data_version="1").id
    with acting_as(ANN):
        shelf.take_over(before, after)
        assert shelf.access(id, owner=after) == grants.Access("link")
    with acting_as(BOB):
        assert shelf.open(id).id == id
    with acting_as(ADA):
        shelf.take_back(id)
    with acting_as(BOB):
        assert refusal(lambda: shelf.open(id)) == "not_found"
    with acting_as(ANN):
        assert shelf.open(id).id == id
        assert shelf.access(id, owner=after) == grants.Access()


def test_what_is_given_comes_with_one_question_and_at_its_latest(place):
    for kind in ("board", "scenario"):
        thing, closed = Things(kind, place), Things(kind, place)
        thing.share("people", "bob@example.com")
        with acting_as(BOB):
            assert [one.id for one in thing.store.received()] == [thing.id]
        thing.share("here")
        closed.share("link" if kind == "scenario" else "private")
        with acting_as(EVE):
            assert [one.id for one in thing.store.received()] == [thing.id]
        for nobody in (OUT, NOBODY):
            with acting_as(nobody):
                assert thing.store.received() == ()


def test_what_was_everyone_s_is_for_administrators_to_change(place):
    shelf, ledger = Shelf(place), Ledger(place)
    with signed_out():
        plan = shelf.save("{}", owner="local", name="old", market="m", data_version="1").id
        forecast = ledger.add("{}", owner="local", title="old").id
    with acting_as(ANN):
        assert refusal(lambda: ledger.remove(forecast, owner="local")) == "may_not"
        assert refusal(lambda: ledger.take_away(forecast)) == "may_not"
        assert refusal(lambda: shelf.delete(plan, owner="local")) == "may_not"
        assert refusal(lambda: shelf.has(plan)) == "may_not"
        assert [one.id for one in shelf.saved("local")] == [plan]
    with acting_as(ADA):
        assert ledger.has(forecast)
        ledger.take_away(forecast)
        assert not ledger.has(forecast)
        assert refusal(lambda: ledger.take_away(forecast)) == "no_forecast"
        shelf.take_back(plan)
    with acting_as(ANN):
        assert shelf.saved("local") == ()
        assert ledger.list("local") == ()
