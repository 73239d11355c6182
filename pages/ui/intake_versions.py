"""Versions of a kept market: which is in use, where its numbers came from, and what each save moved."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import pandas as pd
import streamlit as st

from analysis.changes import Changes, compare
from analysis.views import changes as views
from analysis.views.look import Look, View
from data.grade import Grade
from data.markets import Market
from data.workspace import MarketEntry, Provenance, VersionInfo, WorkspaceError
from pages.ui import fits, inputs, intake_files, layout, markets
from pages.ui.intake_times import moment
from pages.ui.owner import owner

if TYPE_CHECKING:
    from analysis.share import ShareFit

_CHANGES = "intake.changes"
AT = ("latest", "same")


def show(look: Look, entry: MarketEntry, market: Market) -> None:
    """List of versions, provenance of the one in use, and what it moved against an earlier one."""
    try:
        infos = markets.workspace().versions(entry.id, owner())
    except WorkspaceError as error:
        st.warning(intake_files.sentence(look, error), icon=":material/warning:")
        return
    here = markets.info()
    if here is None:
        return
    _versions(look, entry, infos, here)
    _provenance(look, here)
    others = [info for info in infos if info.number != here.number]
    if others:
        _changed(look, here, others, market)


def _versions(look: Look, entry: MarketEntry, infos: Sequence[VersionInfo], here: VersionInfo) -> None:
    rows = [
        {
            look.say("keep.version"): info.number,
            look.say("keep.when"): moment(info.created),
            look.say("keep.rows"): look.join(
                look.pair(look.say(f"dataset.{part.dataset}"), f"{part.rows:,}") for part in info.parts
            ),
            look.say("keep.contents"): info.digest,
            look.say("keep.note"): info.note,
            look.say("keep.in_use"): look.say("keep.now") if info.number == entry.current else "",
        }
        for info in reversed(infos)
    ]
    title = look.say("keep.versions_of", name=entry.name, n=len(infos), number=here.number)
    with st.container(border=True, gap="small", key="card_versions"):
        table, caption = pd.DataFrame(rows), look.say("keep.versions_caption")
        layout.heading(look, View({}, table, title, caption, title, Grade.REPORTED), "versions")
        st.dataframe(table, hide_index=True, alt=title, key="versions", height="content")
        numbers = [info.number for info in reversed(infos)]
        number = st.selectbox(
            look.say("keep.look_at"),
            numbers,
            index=numbers.index(here.number),
            format_func=lambda n: look.say("keep.version_n", n=n),
            key=f"version.{entry.id}.{here.number}.{look.lang}",
            width=240,
        )
        if number != here.number:
            markets.choose(entry.id, None if number == entry.current else number)
            st.rerun()


def _provenance(look: Look, info: VersionInfo) -> None:
    """Where every dataset of the version came from, and what was decided on the way."""
    rows = [_source(look, part.dataset, one, added=info.number > 1) for part in info.parts for one in part.provenance]
    layout.table_card(
        look,
        pd.DataFrame(rows),
        title=look.say("keep.provenance", n=len(rows)),
        caption=look.say("keep.provenance_caption"),
        grade=Grade.REPORTED,
        key="provenance",
    )


def _source(look: Look, dataset: str, one: Provenance, *, added: bool) -> dict[str, object]:
    decided = [f"{header} → {column}" for header, column in one.mapping.items() if header != column]
    names = [
        f"{written} → {key or look.say('data.set_aside')}"
        for said in one.names.values()
        for written, key in said.items()
    ]
    return {
        look.say("keep.dataset"): look.say(f"dataset.{dataset}"),
        look.say("keep.file"): " · ".join(filter(None, (one.file, one.sheet))),
        look.say("keep.file_rows"): one.rows,
        look.say("keep.file_kept"): one.kept,
        look.say("keep.file_aside"): one.aside,
        look.say("keep.file_edits"): one.edits,
        look.say("keep.file_how"): look.say(f"data.how_{one.how}") if added else look.say("unit.none"),
        look.say("keep.when"): moment(one.at),
        look.say("keep.file_read"): look.join(filter(None, (one.encoding, one.crs, one.adapter))),
        look.say("keep.file_units"): look.join(look.pair(column, unit) for column, unit in one.units.items()),
        look.say("keep.file_mapping"): look.join(decided),
        look.say("keep.file_names"): look.join(names),
        look.say("keep.file_digest"): one.digest,
        look.say("keep.file_who"): one.who,
    }


def _changed(look: Look, here: VersionInfo, others: Sequence[VersionInfo], market: Market) -> None:
    """What moved between an earlier version and the one in use."""
    numbers = [str(info.number) for info in reversed(others)]
    earlier = [number for number in numbers if int(number) < here.number]
    st.header(look.say("keep.changed"), anchor=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="changed_controls"):
        since = inputs.one(
            look,
            "since",
            numbers,
            label=lambda n: look.say("keep.version_n", n=n),
            default=next(iter(earlier), numbers[0]),
            width=200,
        )
        at = inputs.switch(look, "at_month", AT, label=lambda at: look.say(f"keep.at_{at}"))
    try:
        found = _compared(look, here, int(since), market)
    except WorkspaceError as error:
        st.warning(intake_files.sentence(look, error), icon=":material/warning:")
        return
    keys = {f"{figure}.{of}": (figure, of) for figure, of in views.figures(found, at=at)}
    with st.container(border=True, gap="small", key="card_moved"):
        st.header(views.finding(found, look, at=at), anchor=False)
        st.markdown("\n".join(f"- {line}" for line in views.sentences(found, look)))
    if not keys:
        return
    figure = inputs.one(look, "figure", list(keys), label=lambda key: views.label(keys[key], look), width=320)
    layout.card(look, views.waterfall(found, keys[figure], look, at=at), "changed")
    title = look.say("keep.changed_all", n=since, m=here.number)
    layout.table_card(
        look,
        views.table(found, look, at=at),
        title=title,
        caption=look.say("keep.changed_caption"),
        grade=market.grade,
        key="changed_all",
    )


def _compared(look: Look, here: VersionInfo, since: int, market: Market) -> Changes:
    """Changes since an earlier version, kept for the session while both stay the same."""
    version = markets.workspace().version(here.market, since, owner=owner())
    networks = markets.networks(here.market)
    key = (markets.mark(version.info, networks), market.version)
    if st.session_state.get(_CHANGES, (None,))[0] != key:
        with st.spinner(look.say("keep.comparing")):
            before = markets.build(version, networks)
            found = compare(before, market, fits=(_fit(look, before), _fit(look, market)))
        st.session_state[_CHANGES] = (key, found)
    return cast(Changes, st.session_state[_CHANGES][1])


def _fit(look: Look, market: Market) -> "ShareFit | None":
    """Share model of a market, where it carries one."""
    if market.panel is None:
        return None
    found = fits.share_fit(market, look)
    return None if isinstance(found, str) else found
