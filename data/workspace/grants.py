"""With whom a thing is shared: nobody, whoever has its link, people by their e-mail, or everyone here.

Addresses are kept as they are: their owner must see with whom he shares, and take one back. They go with the thing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from data import people
from data.workspace import audit
from data.workspace.refusal import WorkspaceError

PRIVATE, LINK, PEOPLE, HERE = LEVELS = ("private", "link", "people", "here")
MOST_PEOPLE = 100
SCHEMA = """
CREATE TABLE IF NOT EXISTS granted (thing TEXT NOT NULL, whom TEXT NOT NULL);
"""
_ALL, _LINK, _CLOSED = "*", "~", "="
"""Instead of an address: everyone here; whoever has the link; and, before the digest of an owner, nobody but him."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a thing beside its owner.

    Attributes
    ----------
    level : str
        One of LEVELS.
    people : tuple of str
        E-mail addresses, where the level is "people".
    """

    level: str = PRIVATE
    people: tuple[str, ...] = ()


def read(base: Any, thing: str) -> Access:
    """Whom a thing is given to, whatever flag it has besides."""
    given = _whoms(base, thing)
    if _ALL in given:
        return Access(HERE)
    named = tuple(sorted(one for one in given if one != _LINK and not one.startswith(_CLOSED)))
    return Access(PEOPLE, named) if named else Access()


def given(base: Any, thing: str, flag: bool = False) -> bool:
    """Whether a thing is given to whoever acts: by name, as to everyone here, or because its `flag` opens it."""
    mine = _mine()
    return bool(mine and (flag or mine & _whoms(base, thing)))


def let_in() -> bool:
    """Whether whoever acts may read what is shared at all."""
    return people.may(people.acting(), "view")


def listed(base: Any) -> tuple[str, ...]:
    """Ids of all that is given to whoever acts."""
    mine = sorted(_mine())
    rows = base.execute(f"SELECT DISTINCT thing FROM granted WHERE whom IN ({_places(mine)})", mine)
    return tuple(str(row[0]) for row in rows.fetchall())


def among_given() -> tuple[str, tuple[str, ...]]:
    """Condition on the ids of a question that all that is given to whoever acts meets, and its values."""
    mine = tuple(sorted(_mine()))
    return f"id IN (SELECT thing FROM granted WHERE whom IN ({_places(mine)}))", mine


def close(base: Any, thing: str) -> None:
    """Keep a new thing of a signed-in person from whoever merely has its link."""
    person = people.acting()
    if person is not None:
        shut_for(base, thing, person.owner)


def claim(base: Any, thing: str) -> None:
    """Note that a thing is that of whoever acts; one that whoever had its link could open stays so."""
    person, whoms = people.acting(), _whoms(base, thing)
    if person is not None and _CLOSED + audit.digest(person.owner) not in whoms:
        if not _marked(whoms):
            _add(base, thing, _LINK)
        shut_for(base, thing, person.owner)


def shut(base: Any, thing: str) -> bool:
    """Whether a thing is closed to whoever merely has its link."""
    whoms = _whoms(base, thing)
    return _marked(whoms) and _LINK not in whoms


def by_link(base: Any, thing: str, owner: str, on: bool) -> None:
    """Open a thing to whoever has its link, or close it; to all but `owner` where nobody ever claimed it."""
    base.execute("DELETE FROM granted WHERE thing = ? AND whom = ?", (thing, _LINK))
    marked = _marked(_whoms(base, thing))
    if on and marked:
        _add(base, thing, _LINK)
    elif not on and not marked:
        shut_for(base, thing, owner)


def shut_for(base: Any, thing: str, owner: str) -> None:
    """Close a thing to all but an owner and those to whom it is given."""
    _add(base, thing, _CLOSED + audit.digest(owner))


def closed(base: Any, thing: str) -> bool:
    """Whether a thing is closed to whoever acts."""
    return _marked(whoms := _whoms(base, thing)) and not whoms & _keys()


def closed_among(base: Any, things: str, values: Sequence[object]) -> set[str]:
    """Those of the things, given as a question for their ids, that are closed to whoever acts."""
    found: dict[str, set[str]] = {}
    for thing, whom in base.execute(f"SELECT thing, whom FROM granted WHERE thing IN ({things})", values).fetchall():
        found.setdefault(str(thing), set()).add(str(whom))
    keys = _keys()
    return {thing for thing, whoms in found.items() if _marked(whoms) and not whoms & keys}


def put(base: Any, thing: str, access: Access) -> None:
    """Give a thing to these and no others."""
    marks = [one for one in _whoms(base, thing) if one == _LINK or one.startswith(_CLOSED)]
    drop(base, thing)
    whom = {HERE: [_ALL], PEOPLE: list(access.people)}.get(access.level, [])
    for one in [*marks, *whom]:
        _add(base, thing, one)


def drop(base: Any, thing: str) -> None:
    """Forget whom a thing was given to."""
    base.execute("DELETE FROM granted WHERE thing = ?", (thing,))


def checked(level: str, emails: Collection[str]) -> Access:
    """Access as it is kept.

    Raises
    ------
    WorkspaceError
        "no_email" with the first `email` that is none, "too_many_people", "no_people".
    ValueError
        The level is none.
    """
    if level not in LEVELS:
        raise ValueError(f"{level} is not one of {', '.join(LEVELS)}")
    if level != PEOPLE:
        return Access(level)
    wrong = next((one for one in emails if not people.read_email(one)), None)
    if wrong is not None:
        raise WorkspaceError("no_email", email=wrong[: people.LONGEST_EMAIL])
    named = tuple(sorted({people.read_email(one) for one in emails}))
    if not named:
        raise WorkspaceError("no_people")
    if len(named) > MOST_PEOPLE:
        raise WorkspaceError("too_many_people", most=MOST_PEOPLE)
    return Access(level, named)


def _add(base: Any, thing: str, whom: str) -> None:
    base.execute("INSERT INTO granted (thing, whom) VALUES (?, ?)", (thing, whom))


def _places(values: Collection[str]) -> str:
    """Places of values in a list of SQL, which is never empty."""
    return ", ".join("?" * len(values)) or "NULL"


def _marked(whoms: set[str]) -> bool:
    """Whether these name an owner."""
    return any(one.startswith(_CLOSED) for one in whoms)


def _keys() -> set[str]:
    """What in the table opens a closed thing to whoever acts."""
    person = people.acting()
    own = {_CLOSED + audit.digest(person.owner)} if person is not None and person.owner else set()
    return own | ({_LINK} if let_in() else set()) | _mine()


def _whoms(base: Any, thing: str) -> set[str]:
    rows = base.execute("SELECT whom FROM granted WHERE thing = ?", (thing,)).fetchall()
    return {str(row[0]) for row in rows}


def _mine() -> set[str]:
    """What in the table means whoever acts."""
    person = people.acting()
    return ({_ALL, "" if person is None else person.email} - {""}) if let_in() else set()
