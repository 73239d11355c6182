"""Outlines of the reader's own in place of the built-in ones: brought, looked at, used, removed."""

from functools import partial
from hashlib import sha256
from typing import Any

import streamlit as st

from analysis.views.look import Look
from data import boundaries
from data.boundaries import BoundaryError, Found
from data.workspace import WorkspaceError
from pages.ui import cached, layers, layout, outlines, people
from pages.ui.owner import owner

SHOWN = 8
"""Codes named in a sentence."""


_PROBLEM, _TURN = "nat_outlines.problem", "nat_outlines.turn"


def shape(city: str) -> dict[str, Any] | None:
    """Geometry of a city (adcode) in the reader's own outlines; None where the built-in ones are drawn."""
    digest = outlines.own().get("prefectures", "")
    return (
        cached.kept("outlines_city", (owner(), digest, city), partial(boundaries.shape, digest, city))
        if digest
        else None
    )


def popover(look: Look) -> None:
    """Button behind which outlines are brought, used and removed, with what to know about publishing a map."""
    with st.popover(look.say("nation.outlines"), icon=":material/map_search:", type="tertiary", key="nat_outlines"):
        st.caption(look.say("nation.outlines_notice"))
        if not layers.served():
            st.info(look.say("nation.outlines_unserved"), icon=":material/info:")
            return
        for level in boundaries.used(owner()):
            _in_use(look, level)
        problem: WorkspaceError | None = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            st.error(look.say(f"keep.workspace_{problem.code}", **problem.values), icon=":material/error:")
        if not people.may("upload"):
            return
        file = st.file_uploader(
            look.say("nation.outlines_file"),
            type=["geojson", "json"],
            max_upload_size=boundaries.LARGEST // 2**20,
            key=f"nat_outlines_file_{st.session_state.get(_TURN, 0)}",
        )
        if file is not None:
            _brought(look, file.getvalue())


def _in_use(look: Look, level: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"nat_used_{level}"):
        st.markdown(look.say("nation.outlines_used", level=look.say(f"nation.level_{level}")), width="stretch")
        label = look.say("nation.outlines_remove")
        st.button(label, key=f"nat_remove_{level}", on_click=_remove, args=(level,))


def _brought(look: Look, raw: bytes) -> None:
    found = cached.kept_large("outlines", (owner(), sha256(raw).hexdigest()), partial(_checked, raw))
    if isinstance(found, BoundaryError):
        st.error(look.say(f"nation.boundary_{found.code}", **found.values), icon=":material/error:")
        return
    if not found.missing or len(found.known) >= len(found.missing):
        st.success(_finding(look, found), icon=":material/check:")
    else:
        st.warning(_finding(look, found), icon=":material/warning:")
    for key, codes in (("missing", found.missing), ("unknown", found.unknown)):
        if codes:
            shown = look.join(layout.plain(code) for code in codes[:SHOWN])
            st.caption(look.say(f"nation.outlines_{key}", n=len(codes), codes=shown))
    if found.left_out:
        st.caption(look.say("nation.outlines_left_out", n=found.left_out))
    if boundaries.used(owner()).get(found.level) != found.digest:
        label = look.say("nation.outlines_use")
        st.button(label, type="primary", key="nat_use", on_click=_use, args=(found,))


def _checked(raw: bytes) -> Found | BoundaryError:
    """What is in the file, or why it is refused: both are kept, for neither is to be worked out at every click."""
    try:
        return boundaries.check(raw)
    except BoundaryError as error:
        return error.with_traceback(None)


def _use(found: Found) -> None:
    """Draw with these outlines, and let go of the file; what fails is said at the next drawing."""
    try:
        boundaries.keep(found, owner())
    except WorkspaceError as error:
        st.session_state[_PROBLEM] = error
    else:
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _remove(level: str) -> None:
    try:
        boundaries.remove(level, owner())
    except WorkspaceError as error:
        st.session_state[_PROBLEM] = error


def _finding(look: Look, found: Found) -> str:
    total = len(found.known) + len(found.missing)
    return look.say(f"nation.found_{found.level}", n=len(found.known), total=total)
