"""The drop zone, how far a long file is, and the list of what was dropped."""

import streamlit as st

from analysis.views.changes_preview import key_words
from analysis.views.look import Look
from data.intake.encodings import ENCODINGS
from data.intake.limits import LARGEST_FILE
from data.intake.refusal import IntakeError
from data.intake.watch import Cancelled, Watch
from data.workspace import WorkspaceError
from pages.ui import intake_state, jobs
from pages.ui.intake_state import Table, Upload
from pages.ui.jobs import Error
from pages.ui.layout import plain

TYPES = ("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "parquet", "zip", "gz", "json", "geojson")
MEGABYTE = 1_000_000


def drop(look: Look) -> None:
    """Zone for several files at once; empty again as soon as they are taken in."""
    st.file_uploader(
        look.say("data.drop"),
        type=list(TYPES),
        accept_multiple_files=True,
        key=intake_state.drop_key(),
        on_change=intake_state.take_in,
        max_upload_size=LARGEST_FILE // MEGABYTE,
        help=look.say("data.drop_help"),
    )


@st.fragment(run_every=jobs.EVERY)
def progress(look: Look) -> None:
    """How far the session's job is, and a way to stop it; the whole page is drawn again once it is over."""
    job = jobs.current()
    if job is None or job.over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="progress"):
        st.progress(job.watch.fraction or 0.0, text=_far(look, job.name, job.watch))
        if job.may_stop:
            st.button(look.say("data.cancel"), key="cancel", on_click=jobs.cancel)


def _far(look: Look, name: str, watch: Watch) -> str:
    """What is being done, how many rows (or megabytes) of it, and how many per cent."""
    rows = watch.stage not in ("opening", "decoding")
    done = f"{watch.count:,}" if rows else f"{watch.count / MEGABYTE:,.0f}"
    parts = [look.say("data.far_rows" if rows else "data.far_bytes", n=done)] if watch.count else []
    fraction = watch.fraction
    parts += [] if fraction is None else [f"{fraction:.0%}"]
    stage = look.say("data.far", stage=look.say(f"stage.{watch.stage}"), name=plain(name))
    return " · ".join([stage, *parts])


def sentence(look: Look, error: Error) -> str:
    """What is wrong and how to mend it."""
    if isinstance(error, IntakeError):
        values = {key: plain(value) for key, value in error.values.items()}
        problem, fix = (look.say(f"{part}.{error.code}", **values) for part in ("problem", "fix"))
        return look.say("view.sentences", first=problem, second=fix)
    if isinstance(error, WorkspaceError):
        values = {key: plain(value) for key, value in error.values.items()}
        if error.code == "conflict":
            values["example"] = plain(key_words(str(error.values["example"]), look))
        return look.say(f"keep.workspace_{error.code}", **values)
    return look.say("data.stopped")


def listing(look: Look) -> None:
    """Every file dropped with its state and a way to remove it: refused ones with their sentence, or their tables."""
    for upload in intake_state.uploads():
        with st.container(horizontal=True, gap="small", key=f"file_{upload.id}"):
            with st.container(gap="xsmall", width="stretch", key=f"about_{upload.id}"):
                _one(look, upload)
            st.button(
                look.say("data.remove"),
                icon=":material/close:",
                type="tertiary",
                key=f"remove_{upload.id}",
                width=90,
                disabled=jobs.held(),
                on_click=intake_state.remove,
                args=(upload,),
            )


def _one(look: Look, upload: Upload) -> None:
    own = [table for table in intake_state.tables() if table.upload is upload]
    state = _state(look, upload, own)
    st.caption(look.say("data.file_state", name=plain(upload.name), n=size(upload.size), state=state))
    if upload.refused is not None:
        said = sentence(look, upload.refused)
        if isinstance(upload.refused, Cancelled):
            st.info(said, icon=":material/info:")
        else:
            st.error(f"**{plain(upload.name)}** {said}")
        _again(look, upload)
        return
    if len(own) > 1:
        _sheets(look, upload, own)
    if upload.opened is not None and upload.opened.empty:
        st.caption(look.say("data.empty_sheets", names=look.join(map(plain, upload.opened.empty))))


def _state(look: Look, upload: Upload, own: list[Table]) -> str:
    """What became of a file: its good rows, what it lacks, or that it was not read."""
    read = [table.found for table in own if table.wanted and table.found is not None]
    lacks = dict.fromkeys(name for table in own if table.wanted for name in table.lacks)
    if upload.refused is not None or any(table.refused for table in own):
        return look.say("data.state_refused")
    if lacks:
        return look.say("data.state_lacks", names=look.join(look.say(f"data.option_{name}") for name in lacks))
    if not read:
        return look.say("data.state_unread")
    kept, rows, made = (sum(counts) for counts in zip(*map(intake_state.counts, read), strict=True))
    words = "data.state_good" if made == kept else "data.state_events"
    return look.say(words, kept=f"{kept:,}", n=f"{rows:,}", rows=f"{made:,}")


def _again(look: Look, upload: Upload) -> None:
    """Try once more, in another encoding where that may be what is wrong."""
    refused = upload.refused
    if not isinstance(refused, IntakeError):
        st.button(look.say("data.read_again"), key=f"again_{upload.id}", on_click=intake_state.reopen, args=(upload,))
    elif refused.code.endswith("encoding"):
        options = [*dict.fromkeys((upload.encoding, "", *ENCODINGS))]
        chosen = st.selectbox(
            look.say("data.as_encoding"),
            options,
            format_func=lambda name: name or look.say("data.as_found"),
            key=f"other_{upload.id}.{upload.encoding}.{look.lang}",
            width=150,
        )
        if chosen != upload.encoding:
            intake_state.reopen(upload, encoding=chosen)
            st.rerun()


def _sheets(look: Look, upload: Upload, own: list[Table]) -> None:
    """Which tables of a workbook or archive are read."""
    names = {table.key: table.sheet.name for table in own}
    chosen = st.multiselect(
        look.say("data.sheets", name=plain(upload.name)),
        list(names),
        [table.key for table in own if table.wanted],
        format_func=names.__getitem__,
        key=f"sheets_{upload.id}",
        width="stretch",
    )
    changed = [table for table in own if table.wanted != (table.key in chosen)]
    for table in changed:
        table.wanted = not table.wanted
    if changed:
        st.rerun()


def size(bytes: int) -> str:
    """Size of a file: 512 B, 12.3 kB, 480.0 MB."""
    for unit, name in ((MEGABYTE, "MB"), (1000, "kB")):
        if bytes >= unit:
            return f"{bytes / unit:,.1f} {name}"
    return f"{bytes} B"
