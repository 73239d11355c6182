"""Who may do what: people, their roles, and the rules that give the roles out.

Without sign-in there are no people: whoever opens the program does what he likes with what is his.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

HOURS = 12
"""After which whoever signed in signs in again."""
CALLBACK = "/oauth2callback"
"""End of the one address to which the provider sends back."""
SHORTEST_SECRET = 32
"""Characters with which cookies are signed."""
UNREADABLE = "cannot be read: nobody is let in"
LONGEST_EMAIL = 254
LONGEST_NAME = 120
GROUP = "group:"
"""Before the name of a group in the rules."""
EVERYONE = "local"
"""Owner of what is kept about the illustrative market where nobody signs in: everyone who opens the program."""
NONE = "none"
"""In the place of a role: is not let in."""
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\*=]+@[^@\s<>\"',;:()\[\]\\*=]+")


class Role(IntEnum):
    """What a person is here; each may do what those before may."""

    NOBODY = 0
    VIEWER = 1
    ANALYST = 2
    ADMIN = 3


NEEDS = {
    "view": Role.VIEWER,
    "export": Role.VIEWER,
    "save": Role.ANALYST,
    "upload": Role.ANALYST,
    "share": Role.ANALYST,
    "delete": Role.ANALYST,
    "administer": Role.ADMIN,
}
"""The least role for each action. View, export: what is one's own, shared with one, or everyone's; levers of scenarios.
Save, upload, share, delete: what is one's own. Administer: see the activity of all, take back and delete theirs."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in.

    Attributes
    ----------
    name : str
        As the provider shows it; the e-mail where it shows none.
    email : str
        In small letters; "" where the provider has not verified it.
    role : Role
    owner : str
        Under which his things are kept: see `owner_of`.
    """

    name: str
    email: str
    role: Role
    owner: str = ""


NOBODY = Person("", "", Role.NOBODY)
"""Where sign-in is asked for and nobody has signed in."""


def may(person: Person | None, action: str) -> bool:
    """Whether a person may do something; without sign-in (None) everyone may, with his own things."""
    return action != "administer" if person is None else person.role >= NEEDS[action]


def owner_of(issuer: str, subject: str) -> str:
    """Name under which the things of a signed-in person are kept: 32 hexadecimal digits of a SHA-256.

    They are in capitals and begin with a letter, so that no name which a browser brings in its cookie is one of them.
    """
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return ("abcdef"[int(digest[0], 16) % 6] + digest[1:32]).upper()


def read_email(text: object) -> str:
    """An address as it is compared, in small letters; "" for what is none.

    Letters beyond ASCII stay as they are: some of their small forms are letters of ASCII.
    """
    line = text.strip() if isinstance(text, str) else ""
    if len(line) > LONGEST_EMAIL or not line.isprintable() or not _EMAIL.fullmatch(line):
        return ""
    return line.lower() if line.isascii() else line


@dataclass(frozen=True, slots=True)
class Rules:
    """Who has which role; the closest rule counts: the address, else the groups, else the domain, else all others.

    Attributes
    ----------
    emails, domains, groups : mapping of str to Role
        Role by address, by what follows its @, and by group.
    others : Role
        Of whoever no rule is about; NOBODY lets none of them in.
    claim : str
        Under which the provider lists a person's groups.
    hours : float
        How long a sign-in lasts.
    """

    emails: Mapping[str, Role] = field(default_factory=dict)
    domains: Mapping[str, Role] = field(default_factory=dict)
    groups: Mapping[str, Role] = field(default_factory=dict)
    others: Role = Role.NOBODY
    claim: str = "groups"
    hours: float = HOURS

    def role(self, claims: Mapping[str, Any]) -> Role:
        """Role of whoever the provider says this of; an address that it has not verified matches no rule."""
        email = verified(claims)
        if email in self.emails:
            return self.emails[email]
        named = claims.get(self.claim)
        mine = [self.groups[one] for one in _texts(named) if one in self.groups]
        if mine:
            return max(mine)
        return self.domains.get(email.partition("@")[2], self.others) if email else self.others


def check(auth: Mapping[str, Any]) -> None:
    """Look through the table `auth` of the secrets.

    Raises
    ------
    ValueError
        It lacks something; the message says what, and no secret.
    """
    lacks = [name for name in ("redirect_uri", "cookie_secret") if not auth.get(name)]
    if not any("client_id" in one for one in (auth, *auth.values()) if isinstance(one, Mapping)):
        lacks.append("client_id")
    if lacks:
        raise ValueError(f"[auth] lacks {', '.join(lacks)}: nobody is let in")
    address = urlsplit(str(auth["redirect_uri"]))
    if address.scheme not in ("http", "https") or not address.netloc or not address.path.endswith(CALLBACK):
        raise ValueError(f"[auth] redirect_uri must be an address that ends in {CALLBACK}: nobody is let in")
    if len(str(auth["cookie_secret"])) < SHORTEST_SECRET:
        raise ValueError(f"[auth] cookie_secret must have {SHORTEST_SECRET} characters or more: nobody is let in")


def rules(settings: Mapping[str, Any]) -> Rules:
    """Rules of the table `posthouse` of the secrets.

    Raises
    ------
    ValueError
        A role, a rule or a number that is none; the message names it.
    """
    found: dict[str, dict[str, Role]] = {"emails": {}, "domains": {}, "groups": {}}
    others = Role.NOBODY
    for key, value in dict(settings.get("roles") or {}).items():
        role, rule = _role(value, key), str(key).strip()
        if rule == "default":
            others = role
        elif rule.startswith(GROUP):
            found["groups"][rule.removeprefix(GROUP).strip()] = role
        elif rule.startswith("*@") and read_email(f"x{rule[1:]}"):
            found["domains"][read_email(f"x{rule[1:]}").partition("@")[2]] = role
        elif read_email(rule):
            found["emails"][read_email(rule)] = role
        else:
            raise ValueError(f"[posthouse.roles] {key!r} is no e-mail, no *@domain, no {GROUP}name and not default")
    hours = settings.get("hours", HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 720:
        raise ValueError(f"[posthouse] hours = {hours!r}: give a number above 0 and up to 720")
    return Rules(**found, others=others, claim=str(settings.get("groups", "groups")), hours=float(hours))


def _role(value: object, key: object) -> Role:
    names = {NONE: Role.NOBODY} | {role.name.lower(): role for role in Role if role}
    if value not in names:
        raise ValueError(f"[posthouse.roles] {key!r} = {value!r}: give one of {', '.join(names)}")
    return names[str(value)]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def verified(claims: Mapping[str, Any]) -> str:
    """Address that the provider has verified, as it is compared; "" for none."""
    return read_email(claims.get("email")) if claims.get("email_verified") in (True, "true") else ""


def described(claims: Mapping[str, Any], rules: Rules, *, now: float) -> Person:
    """The person whom the provider says this of, at a time (seconds, Unix); NOBODY after the hours of a sign-in."""
    issuer, subject, begun = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not (isinstance(issuer, str) and isinstance(subject, str) and issuer and subject):
        return NOBODY
    if isinstance(begun, bool) or not isinstance(begun, int | float) or not -300 < now - begun < rules.hours * 3600:
        return NOBODY
    email = verified(claims)
    said = next((one for one in (claims.get("name"), email) if isinstance(one, str) and one.strip()), "")
    shown = "".join(mark if mark.isprintable() else " " for mark in said)
    return Person(" ".join(shown.split())[:LONGEST_NAME], email, rules.role(claims), owner_of(issuer, subject))


@dataclass(slots=True)
class _Acting:
    """Who acts: whom a piece of code says (in a tuple, for it may be None), else the one of the session."""

    here: ContextVar[tuple[Person | None] | None] = field(
        default_factory=lambda: ContextVar("person_here", default=None)
    )
    session: Callable[[], Person | None] = lambda: None


_acting = _Acting()


def provide(person: Callable[[], Person | None]) -> None:
    """Ask `person` who acts, wherever no `acting_as` says it."""
    _acting.session = person


def acting() -> Person | None:
    """Who acts; None without sign-in."""
    here = _acting.here.get()
    return _acting.session() if here is None else here[0]


@contextmanager
def acting_as(person: Person | None) -> Iterator[None]:
    """Inside, and in this thread alone, it is `person` who acts."""
    token = _acting.here.set((person,))
    try:
        yield
    finally:
        _acting.here.reset(token)
