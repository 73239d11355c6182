"""Boards on the disk: versions, parts kept once, owners and sharing, edits that meet, deletion, damage."""

import hashlib
import sqlite3
import threading

import pytest

from data.text import LANGUAGES, say
from data.workspace import Boards, WorkspaceError
from data.workspace.base import LARGEST, LONGEST_NAME
from data.workspace.boards import FILE
from tests.postgres import files_only


@pytest.fixture
def boards(place):
    return Boards(place)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def parts(*data):
    return {digest(one): one for one in data}


def save(boards, document="{}", *, owner="ann", name="talk", **more):
    return boards.save(document, owner=owner, name=name, **more)


def refusal(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_every_save_is_a_version_and_each_can_be_opened(boards):
    first = save(boards, "one", parts=parts(b"a"))
    second = boards.save("two", owner="ann", id=first.id, after=1, parts=parts(b"b"), digests=[digest(b"a")])
    assert (first.id, first.version, first.versions) == (second.id, 1, 1)
    assert (second.version, second.versions, second.name, second.document) == (2, 2, "talk", "two")
    assert boards.open(first.id, asker="ann") == second
    assert boards.open(first.id.upper(), 1, asker="ann").document == "one"
    assert [one.document for one in boards.versions(first.id, asker="ann")] == ["one", "two"]
    assert [one.version for one in boards.versions(first.id, asker="ann", most=1)] == [2]
    assert second.saved_at.utcoffset().total_seconds() == 0
    assert [boards.part(digest(data), board=first.id, asker="ann") for data in (b"a", b"b")] == [b"a", b"b"]


def test_to_go_back_is_to_save_what_was(boards):
    first = save(boards, "one", parts=parts(b"a"))
    boards.save("two", owner="ann", id=first.id, after=1)
    back = boards.save(first.document, owner="ann", id=first.id, after=2, digests=[digest(b"a")])
    assert (back.version, back.document) == (3, "one")
    assert [one.document for one in boards.versions(first.id, asker="ann")] == ["one", "two", "one"]


def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(boards):
    first = save(boards, "one")
    boards.save("two", owner="ann", id=first.id, after=1)
    late = {"owner": "ann", "id": first.id, "after": 1, "name": "other", "parts": parts(b"late")}
    assert refusal(lambda: boards.save("late", **late)) == "board_moved_on"
    kept = boards.open(first.id, asker="ann")
    assert (kept.version, kept.name, kept.document) == (2, "talk", "two")
    assert refusal(lambda: boards.part(digest(b"late"), board=first.id, asker="ann")) == "no_board_part"
    assert boards.save("two", owner="ann", id=first.id).version == 3


def test_of_edits_that_meet_one_is_taken_and_the_others_know(boards):
    first, outcomes = save(boards, "0"), []

    def edit(text):
        try:
            outcomes.append(boards.save(text, owner="ann", id=first.id, after=1).document)
        except WorkspaceError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=edit, args=(str(n),)) for n in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("board_moved_on") == 5
    (taken,) = set(outcomes) - {"board_moved_on"}
    assert boards.open(first.id, asker="ann").document == taken


@files_only
def test_a_part_is_kept_once_whoever_refers_to_it(boards, tmp_path):
    for owner in ("ann", "bob"):
        kept = save(boards, owner=owner, parts=parts(b"same"))
        boards.save("again", owner=owner, id=kept.id, parts=parts(b"same"))
    with sqlite3.connect(tmp_path / "kept" / FILE) as base:
        assert base.execute("SELECT count(*) FROM part").fetchone() == (1,)
    base.close()


def test_a_part_under_a_wrong_digest_is_a_mistake(boards):
    with pytest.raises(ValueError, match="digest"):
        save(boards, parts={digest(b"a"): b"b"})
    assert boards.boards("ann") == ()


def test_nobody_takes_a_part_by_its_digest_alone(boards):
    save(boards, parts=parts(b"secret"))
    assert refusal(lambda: save(boards, owner="bob", digests=[digest(b"secret")])) == "no_board_part"
    assert boards.boards("bob") == ()
    own = save(boards, owner="bob")
    assert refusal(lambda: boards.part(digest(b"secret"), board=own.id, asker="bob")) == "no_board_part"
    copied = save(boards, digests=[digest(b"secret")])
    assert boards.part(digest(b"secret"), board=copied.id, asker="ann") == b"secret"


def test_only_its_owner_opens_a_board_until_it_is_shared(boards):
    kept = save(boards, parts=parts(b"a"))
    reads = (
        lambda: boards.open(kept.id, asker="bob"),
        lambda: boards.versions(kept.id, asker="bob"),
        lambda: boards.part(digest(b"a"), board=kept.id, asker="bob"),
    )
    changes = (
        lambda: boards.save("x", owner="bob", id=kept.id),
        lambda: boards.rename(kept.id, "his", owner="bob"),
        lambda: boards.share(kept.id, owner="bob", shared=True),
        lambda: boards.delete(kept.id, owner="bob"),
    )
    assert {refusal(call) for call in (*reads, *changes)} == {"no_board"}
    assert boards.share(kept.id, owner="ann", shared=True).shared
    assert [call() is not None for call in reads] == [True] * 3
    assert {refusal(call) for call in changes} == {"not_your_board"}
    boards.share(kept.id, owner="ann", shared=False)
    assert refusal(reads[0]) == "no_board"
    assert boards.boards("bob") == ()


def test_others_are_shown_the_newest_version_of_a_shared_board_and_nothing_that_was_taken_off(boards):
    kept = save(boards, "with the secret", parts=parts(b"secret", b"open"))
    newest = boards.save("without", owner="ann", id=kept.id, digests=[digest(b"open")])
    boards.share(kept.id, owner="ann", shared=True)
    assert [boards.open(kept.id, at, asker="bob").document for at in (None, newest.version)] == ["without"] * 2
    assert [one.document for one in boards.versions(kept.id, asker="bob")] == ["without"]
    assert boards.part(digest(b"open"), board=kept.id, asker="bob") == b"open"
    assert refusal(lambda: boards.open(kept.id, 1, asker="bob")) == "no_board_version"
    assert refusal(lambda: boards.part(digest(b"secret"), board=kept.id, asker="bob")) == "no_board_part"
    assert boards.open(kept.id, 1, asker="ann").document == "with the secret"
    assert boards.part(digest(b"secret"), board=kept.id, asker="ann") == b"secret"


def test_a_private_a_deleted_and_an_unknown_board_are_told_alike(boards):
    private, deleted = save(boards), save(boards, name="gone")
    boards.delete(deleted.id, owner="ann")
    for id in (private.id, deleted.id, "2" * 13):
        with pytest.raises(WorkspaceError) as error:
            boards.open(id, asker="bob")
        assert (error.value.code, error.value.values) == ("no_board", {"id": id})


@files_only
def test_what_is_deleted_is_gone_from_the_disk_and_what_others_use_stays(boards):
    first = save(boards, "secret words", parts=parts(b"secret picture", b"shared picture"))
    boards.save("secret words 2", owner="ann", id=first.id)
    other = save(boards, "mine", owner="bob", parts=parts(b"shared picture"))
    boards.delete(first.id, owner="ann")
    assert refusal(lambda: boards.open(first.id, asker="ann")) == "no_board"
    assert refusal(lambda: boards.delete(first.id, owner="ann")) == "no_board"
    assert boards.part(digest(b"shared picture"), board=other.id, asker="bob") == b"shared picture"
    left = b"".join(part.read_bytes() for part in boards.path.parent.iterdir())
    assert b"secret" not in left
    assert b"shared picture" in left


def test_the_list_begins_with_the_board_changed_last(boards):
    first, second = save(boards, name="a"), save(boards, name="b")
    assert [one.id for one in boards.boards("ann")] == [second.id, first.id]
    changed = boards.save("x", owner="ann", id=first.id)
    assert boards.boards("ann") == (changed, second)
    boards.rename(second.id, "z", owner="ann")
    assert [one.name for one in boards.boards("ann")] == ["a", "z"]


def test_names_of_one_owner_are_told_apart(boards):
    kept = [save(boards) for _ in range(3)]
    assert [one.name for one in kept] == ["talk", "talk (2)", "talk (3)"]
    assert save(boards, owner="bob").name == "talk"
    assert boards.rename(kept[2].id, "  talk ", owner="ann").name == "talk (3)"
    assert boards.rename(kept[0].id, "talk", owner="ann").name == "talk"
    assert boards.save("{}", owner="ann", id=kept[1].id, name="new   name").name == "new name"
    longest = [save(boards, name="y" * LONGEST_NAME).name for _ in range(2)]
    assert len(set(longest)) == 2
    assert max(map(len, longest)) <= LONGEST_NAME


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\x00b", "\ud800", None])
def test_a_new_board_needs_a_name(boards, name):
    assert refusal(lambda: save(boards, name=name)) == "no_board_name"
    kept = save(boards)
    if name is not None:
        assert refusal(lambda: boards.rename(kept.id, name, owner="ann")) == "no_board_name"
        assert refusal(lambda: boards.save("{}", owner="ann", id=kept.id, name=name)) == "no_board_name"


@pytest.mark.parametrize("id", ["", "nobody", "x" * 10_000, "' OR 1=1 --", "\ud800", "a\x00b", "看板"])
def test_an_unknown_id_is_no_board(boards, id):
    for _ in range(2):
        assert refusal(lambda: boards.open(id, asker="ann")) == "no_board"
        assert refusal(lambda: boards.part(digest(b"a"), board=id, asker="ann")) == "no_board"
        save(boards)


@pytest.mark.parametrize("version", [0, -1, 2, 10**30])
def test_an_unknown_version_says_so(boards, version):
    kept = save(boards)
    assert refusal(lambda: boards.open(kept.id, version, asker="ann")) == "no_board_version"


def test_too_large_is_refused(boards):
    assert refusal(lambda: save(boards, "x" * (LARGEST + 1))) == "board_too_large"
    assert refusal(lambda: save(boards, parts=parts(b"x" * (LARGEST + 1)))) == "board_too_large"
    assert boards.boards("ann") == ()


@files_only
def test_nothing_is_made_by_looking(boards):
    assert boards.boards("ann") == ()
    assert refusal(lambda: boards.open("abc", asker="ann")) == "no_board"
    assert not boards.path.parent.exists()


@files_only
def test_a_damaged_file_says_so(boards):
    boards.path.parent.mkdir()
    boards.path.write_bytes(b"no database" * 100)
    assert refusal(lambda: boards.boards("ann")) == "damaged"
    assert refusal(lambda: save(boards)) == "damaged"


CODES = [
    "no_board",
    "not_your_board",
    "no_board_name",
    "no_board_version",
    "no_board_part",
    "board_moved_on",
    "board_too_large",
]


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_has_words_in_both_languages(code):
    values = {"id": "k", "most": "3", "number": "2"}
    assert str(WorkspaceError(code, **values))
    assert all(say(f"keep.workspace_{code}", lang, **values) for lang in LANGUAGES)
