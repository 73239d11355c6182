"""The door before every page where sign-in is configured, and who is signed in beside the language."""

from collections.abc import Callable

import streamlit as st

from analysis.views.look import Look
from data.people import Role
from data.untrusted import unmarked as plain
from pages.ui import inputs, owner, people, people_take_over, text
from pages.ui.sign_in_door import CODES, ENTRY

_HAD = "sign_in.had"
"""Session value: somebody was signed in."""


def door(dress: Callable[[Look], None]) -> None:
    """Let pass whoever may see the pages, and note whose the session is; for all others the run ends here.

    Parameters
    ----------
    dress : callable
        Gives the page its title, icon and logo.
    """
    owner.note()
    if not people.configured():
        return
    if people.let_in():
        st.session_state[_HAD] = True
        st.query_params.pop(ENTRY, None)
        return
    from pages.ui import layout

    look = text.look()
    dress(look)
    _drawn(look)
    layout.footer(look)
    st.stop()


def _drawn(look: Look) -> None:
    """Name of the product, why the reader is here, and one button."""
    with st.columns([1, 2, 1])[1], st.container(border=True, gap="medium", key="door"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="door_head"):
            with st.container(width="stretch", gap=None):
                st.title(look.say("sign_in.name"), anchor=False)
                st.caption(look.say("app.tagline"))
            inputs.change_language(look)
        _why(look)
        if people.settings().problem:
            return
        person = people.person()
        known = person is not None and bool(person.owner)
        words = "sign_in.other" if known else "sign_in.do"
        st.button(look.say(words), type="primary", icon=":material/login:", key="sign_in", on_click=_go, args=(known,))
        st.caption(look.say("sign_in.how"))


def _go(known: bool) -> None:
    """To the provider; whoever is signed in under an address that is not let in is signed out first."""
    if known:
        st.logout()
    else:
        st.login(provider())


def provider() -> str | None:
    """Name of the provider in the secrets; None where the table `auth` itself says all."""
    said = people.settings().auth
    named = [name for name, value in said.items() if isinstance(value, dict) and "client_id" in value]
    return None if "client_id" in said or not named else named[0]


def _why(look: Look) -> None:
    """What keeps the reader out, where there is something to say."""
    settings, person = people.settings(), people.person()
    here = (st.context.url or "").partition("//")[2].partition("/")[0]
    there = settings.origin.partition("//")[2]
    if settings.problem:
        st.error(look.say(f"sign_in.problem_{settings.problem}"), icon=":material/error:")
    elif person is not None and person.owner and person.role is Role.NOBODY:
        words = "sign_in.not_let_in" if person.email else "sign_in.unverified"
        st.error(look.say(words, email=plain(person.email)), icon=":material/block:")
    elif (code := st.query_params.get(ENTRY, "")) in CODES:
        st.warning(look.say(f"sign_in.{code}"), icon=":material/warning:")
    elif here and here != there:
        st.warning(look.say("sign_in.elsewhere", address=settings.origin), icon=":material/link:")
    elif st.session_state.get(_HAD) or st.user.get("is_logged_in"):
        st.info(look.say("sign_in.ended"), icon=":material/schedule:")


def who(look: Look) -> None:
    """Who is signed in, what he may do, and the way out; nothing where nobody has to sign in."""
    person = people.person()
    if person is None:
        return
    name = plain(person.name) or look.say("sign_in.somebody")
    with st.popover(name, icon=":material/person:", key="who", on_change="rerun") as box:
        if not box.open:
            return
        st.markdown(f"**{name}**")
        if person.email:
            st.caption(plain(person.email))
        role = person.role.name.lower()
        st.caption(look.pair(look.say(f"people.role_{role}"), look.say(f"people.role_{role}_may")))
        people_take_over.offer(look)
        st.button(look.say("sign_in.out"), icon=":material/logout:", key="sign_out", on_click=st.logout)


def need(look: Look, action: str) -> bool:
    """Whether the reader may do something here; where not, a sentence says what it takes."""
    if people.may(action):
        return True
    st.info(look.say(f"people.need_{action}"), icon=":material/lock:")
    return False
