"""Short links on the disk: one for each address, none for another's, and a note of the day where one was."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from data.text import LANGUAGES, say
from data.workspace import Links, WorkspaceError
from data.workspace.base import ALPHABET
from data.workspace.links import LETTERS, LONGEST_QUERY
from tests.postgres import files_only

QUERY = "city=310100&month=2026-06&tier=Tier+1~Tier+2"


@pytest.fixture
def links(place):
    return Links(place)


def refused(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value


def test_a_link_opens_the_address_it_was_made_of_whoever_asks(links, place):
    before = datetime.now(UTC)
    id = links.make("map", QUERY, owner="ann")
    found = Links(place).open(f" {id.upper()} ")
    assert (found.id, found.page, found.query) == (id, "map", QUERY)
    assert before <= found.made_at <= datetime.now(UTC)


def test_it_is_short_and_of_letters_that_are_not_taken_for_one_another(links):
    made = {links.make("map", f"n={n}", owner="ann") for n in range(50)}
    assert len(made) == 50
    assert {len(id) for id in made} == {LETTERS}
    assert set("".join(made)) <= set(ALPHABET)
    assert len(ALPHABET) ** LETTERS > 10**11


def test_the_same_owner_page_and_query_have_one_link(links):
    first = links.make("map", QUERY, owner="ann")
    assert links.make("map", QUERY, owner="ann") == first
    others = {
        links.make("map", QUERY, owner="bob"),
        links.make("share", QUERY, owner="ann"),
        links.make("map", "", owner="ann"),
    }
    assert len(others | {first}) == 4


def test_the_list_is_ones_own_newest_first(links):
    made = [links.make("map", f"n={n}", owner="ann") for n in range(3)]
    links.make("map", "n=9", owner="bob")
    assert [one.id for one in links.links("ann")] == made[::-1]


@files_only
def test_a_deleted_link_says_when_and_its_address_is_gone(links):
    id = links.make("map", "search=secret", owner="ann")
    stays = links.make("map", QUERY, owner="ann")
    links.delete(id, owner="ann")
    error = refused(lambda: links.open(id))
    assert error.code == "link_deleted"
    assert error.values == {"id": id, "on": datetime.now(UTC).date().isoformat()}
    assert [one.id for one in links.links("ann")] == [stays]
    left = b"".join(part.read_bytes() for part in links.path.parent.iterdir())
    assert b"secret" not in left
    links.delete(id, owner="ann")
    assert refused(lambda: links.open(id)).code == "link_deleted"


def test_an_address_whose_link_was_deleted_gets_another(links):
    first = links.make("map", QUERY, owner="ann")
    links.delete(first, owner="ann")
    second = links.make("map", QUERY, owner="ann")
    assert second != first
    assert links.open(second).query == QUERY
    assert refused(lambda: links.open(first)).code == "link_deleted"


@files_only
def test_a_file_of_before_lets_its_owner_take_over_a_second_link(links):
    for owner in ("ann", "bob"):
        links.make("map", QUERY, owner=owner)
    with closing(sqlite3.connect(links.path)) as base, base:
        base.execute("DROP INDEX link_place")
        base.execute("CREATE UNIQUE INDEX link_state ON link (owner, page, query) WHERE deleted_at = ''")
        base.execute("PRAGMA user_version = 2")
    assert links.take_over("bob", "ann") == 1
    assert len(links.links("ann")) == 2
    assert links.count("bob") == 0


def test_nobody_deletes_anothers(links):
    id = links.make("map", QUERY, owner="ann")
    assert refused(lambda: links.delete(id, owner="bob")).code == "not_your_link"
    assert links.open(id).query == QUERY


@pytest.mark.parametrize("id", ["", "nobody", "x" * 10_000, "' OR 1=1 --", "\ud800", "a\x00b", "链接"])
def test_an_unknown_link_never_was(links, id):
    for _ in range(2):
        assert refused(lambda: links.open(id)).code == "no_link"
        assert refused(lambda: links.delete(id, owner="ann")).code == "no_link"
        links.make("map", QUERY, owner="ann")


@files_only
def test_nothing_is_made_by_looking(links):
    assert links.links("ann") == ()
    assert refused(lambda: links.open("abcdefgh")).code == "no_link"
    assert not links.path.parent.exists()


def test_an_address_that_is_too_long_is_refused(links):
    assert refused(lambda: links.make("map", "x" * (LONGEST_QUERY + 1), owner="ann")).code == "link_too_long"
    long = "x" * LONGEST_QUERY
    assert links.open(links.make("map", long, owner="ann")).query == long


@pytest.mark.parametrize("code", ["no_link", "link_deleted", "not_your_link", "link_too_long"])
def test_every_refusal_has_words_in_both_languages(code):
    values = {"id": "k", "most": "3", "on": "2026-01-02"}
    assert str(WorkspaceError(code, **values))
    assert all(say(f"keep.workspace_{code}", lang, **values) for lang in LANGUAGES)
