"""Roles and the rules that give them out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.runtime.secrets import Secrets

from data import people
from data.people import NEEDS, NOBODY, Person, Role, Rules, acting, acting_as, may, owner_of, read_email, rules
from data.platforms import carry
from pages.ui import owner
from pages.ui import people as signed

NOW = 1_800_000_000.0
CLAIMS = {"iss": "https://id.example", "sub": "7", "iat": NOW - 60, "name": "Ann", "email": "Ann@Example.com"}
VERIFIED = {**CLAIMS, "email_verified": True}
ROLES = {
    "ann@example.com": "viewer",
    "*@example.com": "analyst",
    "group:planners": "admin",
    "group:guests": "viewer",
    "default": "none",
}
AUTH = {"redirect_uri": "https://h.example/oauth2callback", "cookie_secret": "s" * 32, "client_id": "x"}


def made(**more):
    return rules({"roles": ROLES, **more})


def who(role):
    return Person("Ann", "ann@example.com", role, "A" * 32)


@pytest.mark.parametrize("action", NEEDS)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_those_before_may(action, role):
    assert may(who(role), action) == (role >= NEEDS[action])
    assert role == Role.NOBODY or may(who(role), action) >= may(who(Role(role - 1)), action)


def test_viewers_read_analysts_write_administrators_see_all():
    allowed = {role: {action for action in NEEDS if may(who(role), action)} for role in Role}
    assert allowed[Role.NOBODY] == set()
    assert allowed[Role.VIEWER] == {"view", "export"}
    assert allowed[Role.ANALYST] - allowed[Role.VIEWER] == {"save", "upload", "share", "delete"}
    assert allowed[Role.ADMIN] - allowed[Role.ANALYST] == {"administer"}


def test_without_sign_in_everyone_does_what_he_likes_with_what_is_his():
    assert {action for action in NEEDS if not may(None, action)} == {"administer"}


@pytest.mark.parametrize(
    ("more", "role"),
    [
        ({"email": "ann@example.com"}, Role.VIEWER),
        ({"email": " ANN@example.COM "}, Role.VIEWER),
        ({"email": "bob@example.com"}, Role.ANALYST),
        ({"email": "bob@sub.example.com"}, Role.NOBODY),
        ({"email": "bob@notexample.com"}, Role.NOBODY),
        ({"email": "bob@example.com", "groups": ["guests"]}, Role.VIEWER),
        ({"email": "bob@example.com", "groups": ["guests", "planners"]}, Role.ADMIN),
        ({"email": "x@y.org", "groups": "planners"}, Role.ADMIN),
        ({"email": "x@y.org", "groups": {"planners": 1}}, Role.NOBODY),
        ({"email": "x@y.org"}, Role.NOBODY),
        ({"email": "ann@example.com", "groups": ["planners"]}, Role.VIEWER),
        ({"email": "\u212aate@example.com"}, Role.ANALYST),
        ({"email": "a@b@example.com"}, Role.NOBODY),
        ({"email": None}, Role.NOBODY),
    ],
)
def test_the_closest_rule_counts(more, role):
    assert made().role({**VERIFIED, **more}) == role


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 1.5, [True]])
def test_an_address_that_is_not_verified_matches_nothing(verified):
    assert made().role({**CLAIMS, "email_verified": verified}) == Role.NOBODY
    assert made().role({**CLAIMS, "email_verified": verified, "groups": ["planners"]}) == Role.ADMIN
    assert people.described({**CLAIMS, "email_verified": verified}, made(), now=NOW).email == ""


def test_all_others_are_kept_out_unless_a_default_is_given():
    assert rules({}).role(VERIFIED) == Role.NOBODY
    assert rules({"roles": {"default": "viewer"}}).role({}) == Role.VIEWER
    assert rules({"groups": "roles", "roles": {"group:a": "admin"}}).role({"roles": ["a"]}) == Role.ADMIN


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": {"ann@example.com": "boss"}},
        {"roles": {"ann@example.com": 3}},
        {"roles": {"example.com": "admin"}},
        {"roles": {"*": "admin"}},
        {"roles": {"*@": "admin"}},
        {"roles": {"*@*": "admin"}},
        {"hours": 0},
        {"hours": "12"},
        {"hours": True},
    ],
)
def test_what_is_no_rule_is_refused(wrong):
    with pytest.raises(ValueError, match="posthouse"):
        rules(wrong)


def test_a_sign_in_lasts_some_hours():
    for age, there in ((0, True), (3599, True), (3601, False), (-200, True), (-400, False)):
        found = people.described({**VERIFIED, "iat": NOW - age}, made(hours=1), now=NOW)
        assert (found is not NOBODY) == there
    for iat in (None, "x", True):
        assert people.described({**VERIFIED, "iat": iat}, made(), now=NOW) is NOBODY
    assert people.described({**VERIFIED, "sub": ""}, made(), now=NOW) is NOBODY
    assert people.described({}, made(), now=NOW) is NOBODY


def test_a_name_is_shown_on_one_line():
    found = people.described({**VERIFIED, "name": " Ann\n\u202e  A " + "x" * 500}, made(), now=NOW)
    assert found.name.startswith("Ann A x")
    assert len(found.name) == people.LONGEST_NAME
    assert people.described({**VERIFIED, "name": ""}, made(), now=NOW).name == "ann@example.com"


@given(st.text(), st.text())
def test_no_name_of_a_browser_is_that_of_a_person(issuer, subject):
    found = owner_of(issuer, subject)
    assert len(found) == 32
    assert int(found, 16) >= 0
    assert not owner.is_name(found)
    assert found == owner_of(issuer, subject) != owner_of(issuer + "x", subject)


@given(st.text())
def test_an_address_is_read_the_same_twice(text):
    found = read_email(text)
    assert read_email(found) == found
    assert not found or ("@" in found and not set(found) & set("*= \n"))


def test_who_acts_goes_along_into_a_thread():
    assert acting() is None
    with acting_as(who(Role.VIEWER)):
        work = carry(acting)
        with acting_as(None):
            assert acting() is None
        assert acting() == who(Role.VIEWER)
    assert acting() is None
    assert work() == who(Role.VIEWER)


@pytest.mark.parametrize(
    ("auth", "posthouse", "problem"),
    [
        ({}, {}, ""),
        (AUTH, {"roles": ROLES}, ""),
        ({}, {"roles": ROLES}, "auth"),
        ({**AUTH, "redirect_uri": "https://h.example/"}, {}, "auth"),
        ({**AUTH, "redirect_uri": "/oauth2callback"}, {}, "auth"),
        ({**AUTH, "cookie_secret": "short"}, {}, "auth"),
        ({name: AUTH[name] for name in ("redirect_uri", "cookie_secret")}, {}, "auth"),
        (AUTH, {"roles": {"all": "admin"}}, "rules"),
    ],
)
def test_secrets_that_are_wrong_let_nobody_in(auth, posthouse, problem, caplog):
    found = signed.read(auth, posthouse)
    assert found.problem == problem
    assert bool(caplog.records) == bool(problem)
    if problem:
        assert AUTH["cookie_secret"] not in caplog.text
        assert caplog.records[0].told == {"event": "nobody_let_in", "code": problem}


def test_a_secrets_file_that_cannot_be_read_lets_nobody_in(tmp_path, monkeypatch):
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n", "utf-8")
    monkeypatch.setattr(signed.config, "get_option", lambda name: [str(broken)])
    monkeypatch.setattr(type(signed.st.secrets), "load_if_toml_exists", lambda self: False)
    assert signed.settings.__wrapped__().problem == "secrets"
    broken.unlink()
    assert signed.settings.__wrapped__() == signed.Settings()


@pytest.mark.parametrize("contents", [b'[auth]\ncookie_secret = "\xff"\n', None])
def test_secrets_that_streamlit_breaks_down_on_let_nobody_in_and_break_nothing(contents, tmp_path, monkeypatch, caplog):
    broken = tmp_path / "secrets.toml"
    if contents is None:
        broken.mkdir()  # as unreadable as a file of another account, which root would read
    else:
        broken.write_bytes(contents)
    secrets = Secrets()
    monkeypatch.setattr(signed.config, "get_option", lambda name: [str(broken)])
    monkeypatch.setattr(signed.st, "secrets", secrets)
    assert signed.settings.__wrapped__().problem == "secrets"
    assert str(broken) in caplog.text
    assert secrets.load_if_toml_exists()
    assert secrets.get("auth") is None


def test_a_sign_in_that_was_ended_is_nobody_s(monkeypatch):
    monkeypatch.setattr(signed, "settings", lambda: signed.Settings(AUTH, Rules(others=Role.ANALYST)))
    monkeypatch.setattr(signed.time, "time", lambda: NOW)
    one = {**VERIFIED, "nonce": "one"}
    assert signed.described(one).role == Role.ANALYST
    signed.end(one)
    assert signed.described({**one, "origin": "elsewhere"}) is NOBODY
    for another in ({"nonce": "two"}, {"iat": NOW - 59}, {"sub": "8"}, {"iss": "https://other.example"}):
        assert signed.described({**one, **another}).role == Role.ANALYST
