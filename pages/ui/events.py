"""Parcel events that lie on the operator's disk or cluster: counted there, looked at here, made a market of."""

import uuid
from pathlib import PurePath

import pandas as pd
import streamlit as st

from analysis.views import events as views
from analysis.views.look import Look, View
from data import settings
from data.engine import Counted, EngineError
from data.engine.run import STEPS
from data.grade import Grade
from pages.ui import events_state, guard, intake_state, layout, people, quiet, state, whence
from pages.ui.intake_desk import desk
from pages.ui.intake_state import Upload
from pages.ui.layout import plain

EVERY = 0.5
"""Seconds between two looks at a count that runs."""


def offered() -> bool:
    """Whether the operator has named parcel events."""
    return bool(settings.events())


def show(look: Look) -> None:
    """Engine and its state, then what was counted last; a clear message where there is nothing to ask."""
    room = events_state.room()
    running, counted = room.watch is not None, room.counted
    _engine(look, counted, running=running)
    if running and quiet.catching() is None:
        _progress(look)
    if counted is None:
        return
    if counted.volumes.empty:
        st.info(look.say("events.none_good"), icon=":material/info:")
        _checks(look, counted)
        return
    whence.tell(
        source=views.source(counted, look),
        model=look.say("events.model"),
        version=counted.at.strftime("%Y-%m-%d %H:%M"),
    )
    left, right = st.columns(2, gap="small")
    with left:
        layout.card(look, views.months(counted, look), "events_months")
    with right:
        if counted.hours.empty:
            st.info(look.say("events.no_hours"), icon=":material/info:")
        else:
            layout.card(look, views.hours(counted, look), "events_hours")
    _checks(look, counted)
    _panel(look, counted)
    table, title = views.waits(counted, look)
    caption = look.say("events.caption_waits")
    layout.table_card(look, table, title=title, caption=caption, grade=Grade.REPORTED, key="events_waits")


def _engine(look: Look, counted: Counted | None, *, running: bool) -> None:
    """Which engine, whether it answers, and what can be asked of it."""
    away = None if running else events_state.away()
    with st.container(border=True, gap="small", key="card_engine"):
        name = look.say("events.engine_spark" if settings.engine().startswith("sc://") else "events.engine_duck")
        up = "events.counting" if running else "events.up" if away is None else "events.away"
        st.header(look.say(up, engine=name), anchor=False)
        st.caption(views.source(counted, look) if counted is not None else look.say("events.not_counted"))
        problem = away or events_state.room().problem
        if problem is not None:
            st.error(sentence(look, problem), icon=":material/cloud_off:")
        may = people.may("upload")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if problem is not None:
                st.button(look.say("events.retry"), key="events_retry", on_click=_again, args=(away is None and may,))
            elif may and not running:
                words = "events.count" if counted is None else "events.count_again"
                st.button(
                    look.say(words),
                    key="events_count",
                    type="primary" if counted is None else "secondary",
                    on_click=events_state.begin,
                )
            if may and counted is not None and not counted.volumes.empty:
                rows = _rows(look, counted)
                st.button(
                    look.say("events.make_market"),
                    key="events_market",
                    type="primary",
                    help=look.say("events.make_market_help"),
                    on_click=make_market,
                    args=(look, rows),
                )


def _rows(look: Look, counted: Counted) -> pd.DataFrame:
    """What a market is made of: whole months, unless the reader wants the others too; where none is, this is said."""
    rows, whole, told = counted.volumes, counted.whole, views.cut(counted, look)
    if len(whole) < len(rows):
        return whole if st.checkbox(look.say("events.whole"), value=True, key="events_whole", help=told) else rows
    if counted.partial:
        st.caption(told, width="content")
    return rows


def _again(count: bool) -> None:
    """Look again whether the engine answers, and count again."""
    events_state.room().problem = None
    if count:
        events_state.begin()


@st.fragment(run_every=EVERY)
def _progress(look: Look) -> None:
    """What the count does now, and a way to stop it; the whole page is drawn again once it is over."""
    watch = events_state.room().watch
    if watch is None:
        st.rerun()
    step = STEPS.index(watch.stage) if watch.stage in STEPS else 0
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="events_progress"):
        st.progress(step / len(STEPS), text=look.say(f"events.step_{STEPS[step]}"))
        if people.may("upload"):
            st.button(look.say("data.cancel"), key="events_cancel", on_click=events_state.cancel)


def sentence(look: Look, problem: EngineError) -> str:
    """What keeps the engine from answering, and what to do."""
    values = {key: plain(value) for key, value in problem.values.items()}
    if "where" in values:  # where the operator keeps things is nobody else's business
        values["where"] = plain(PurePath(problem.values["where"]).name)
    return look.say(f"events.problem_{problem.code}", **values)


def _checks(look: Look, counted: Counted) -> None:
    table, title = views.checks(counted, look)
    caption = look.say("events.caption_checks")
    layout.table_card(look, table, title=title, caption=caption, grade=Grade.REPORTED, key="events_checks")


def _panel(look: Look, counted: Counted) -> None:
    """First rows of the panel; it is pinned as it stands."""
    table = views.head(counted, look)
    title = look.say("events.panel", rows=f"{len(counted.panel):,}")
    caption = look.say("events.caption_panel", n=len(table))
    with st.container(border=True, gap="xsmall", key="card_events_panel"):
        layout.heading(look, View({}, table, title, caption, title, Grade.REPORTED), "events_panel")
        st.dataframe(table, hide_index=True, alt=title, key="events_panel", height="content")


def make_market(look: Look, rows: pd.DataFrame) -> None:
    """Lay counts on the reader's desk as a file of volumes: read, checked, named and saved as any other."""
    id = uuid.uuid4().hex[:8]
    path = desk().folder.path / id
    rows.to_csv(path, index=False, encoding="utf-8")
    name = f"events-{rows['month'].min()}-{rows['month'].max()}.csv"
    intake_state.uploads().append(Upload(id, name, path, path.stat().st_size))
    state.put("tab", "upload", "upload")
    st.session_state[f"tab.{look.lang}.{guard.page()}"] = "upload"
