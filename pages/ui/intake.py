"""Upload boxes, what is wrong with each file, and the reader's own market."""

import uuid

import streamlit as st

from analysis.views import problems
from analysis.views.look import Look
from data import intake
from data.grade import Grade
from data.intake import Intake, IntakeError
from data.markets import Market, make
from data.schema import DATASETS, template_csv
from pages.ui.layout import plain

SHOWN = 500
"""Problems listed on the page; the download has all."""
_FILES, _MARKET, _CHOICE, _OWNER = "intake.files", "intake.market", "intake.choice", "intake.owner"
CHOICES = ("illustrative", "yours")


def own_market() -> Market | None:
    """The market of this session's own files, when the reader has chosen it."""
    return st.session_state.get(_MARKET) if st.session_state.get(_CHOICE) == "yours" else None


def _owner() -> str:
    """Random name of this session: part of every cache key of its files, so that no other session can meet them."""
    return st.session_state.setdefault(_OWNER, uuid.uuid4().hex)


def market_switch(look: Look) -> None:
    """Illustrative market or the reader's own, once there is one."""
    st.caption(look.say("data.private"))
    if _MARKET not in st.session_state:
        return
    if st.session_state[_MARKET].panel is None:
        st.info(look.say("market.needs", dataset=look.say("dataset.volumes")), icon=":material/info:")
    st.session_state.setdefault("market_choice", st.session_state.get(_CHOICE, CHOICES[0]))
    chosen = st.segmented_control(
        look.say("input.market"),
        CHOICES,
        format_func=lambda c: look.say(f"market.{c}"),
        key="market_choice",
        required=True,
    )
    if chosen != st.session_state.get(_CHOICE, CHOICES[0]):
        st.session_state[_CHOICE] = chosen
        st.rerun()


def box(look: Look, dataset: str) -> None:
    """Upload box of one dataset with its template."""
    columns = look.join(DATASETS[dataset].columns)
    key = f"file_{dataset}"
    st.file_uploader(
        look.say("data.box", dataset=look.say(f"dataset.{dataset}")),
        type=["csv", "tsv", "txt"],
        key=key,
        help=look.say("data.box_help", columns=columns),
        on_change=_changed,
        args=(dataset, key),
    )
    st.download_button(
        look.say("data.template"),
        data=lambda: template_csv(dataset),
        file_name=f"posthouse-{dataset}.csv",
        mime="text/csv",
        key=f"template_{dataset}",
        on_click="ignore",
    )


def _changed(dataset: str, key: str) -> None:
    """Read the file just put in, or forget the one just taken out."""
    file = st.session_state[key]
    files = st.session_state.setdefault(_FILES, {})
    files.pop(dataset, None)
    if file is not None:
        files[dataset] = (file.name, _read(file.getvalue(), dataset))
    _remake()


def _forget(dataset: str) -> None:
    st.session_state[_FILES].pop(dataset)
    _remake()


def _read(content: bytes, dataset: str) -> Intake | IntakeError:
    try:
        return intake.read(content, dataset)
    except IntakeError as error:
        return error


def _remake() -> None:
    """Market of all files that hold a good row; without one the illustrative market is back in use."""
    files = st.session_state[_FILES]
    read = {d: (name, found) for d, (name, found) in files.items() if isinstance(found, Intake) and found.kept}
    st.session_state.pop("market_choice", None)
    if not read:
        st.session_state.pop(_MARKET, None)
        st.session_state.pop(_CHOICE, None)
        return
    digest = "-".join(found.digest[:8] for _, found in read.values())
    st.session_state[_MARKET] = make(
        "yours",
        grade=Grade.REPORTED,
        version=f"{_owner()}-{digest}",
        source=", ".join(name for name, _ in read.values()),
        **{dataset: found.table for dataset, (_, found) in read.items()},
    )
    st.session_state[_CHOICE] = "yours"


def report(look: Look, dataset: str) -> None:
    """What was read and every problem, with downloads of the problems and of the rows set aside."""
    if dataset not in st.session_state.get(_FILES, {}):
        return
    file, found = st.session_state[_FILES][dataset]
    name = plain(file)
    if isinstance(found, IntakeError):
        values = {key: plain(value) for key, value in found.values.items()}
        problem, fix = (look.say(f"{part}.{found.code}", **values) for part in ("problem", "fix"))
        st.error(f"**{name}** {look.say('view.sentences', first=problem, second=fix)}")
    else:
        _summary(look, dataset, name, found)
    st.button(look.say("data.remove", name=name), on_click=_forget, args=(dataset,), key=f"remove_{dataset}")
    if isinstance(found, Intake) and len(found.problems):
        _problems(look, dataset, name, found)


def _summary(look: Look, dataset: str, name: str, found: Intake) -> None:
    label = f"{look.say(f'dataset.{dataset}')} · {name}"
    aside = found.rows - found.kept
    if aside:
        st.warning(look.say("data.taken", name=label, kept=f"{found.kept:,}", n=f"{found.rows:,}", aside=f"{aside:,}"))
    else:
        st.success(look.say("data.fine", name=label, n=f"{found.rows:,}"))
    columns = look.join(f"{plain(h)} → {column}" for h, column in found.mapping.items() if h != column)
    st.caption(look.say("data.encoding", encoding=found.encoding, columns=columns or "–"))


def _problems(look: Look, dataset: str, name: str, found: Intake) -> None:
    title = look.say("data.problems", name=name)
    st.header(title, anchor=False)
    if len(found.problems) > SHOWN:
        st.caption(look.say("data.more_problems", shown=SHOWN, n=f"{len(found.problems):,}"))
    st.dataframe(
        problems.table(found.problems.head(SHOWN), look), hide_index=True, alt=title, key=f"problems_{dataset}"
    )
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            look.say("data.problems_csv"),
            data=lambda: intake.problems_csv(found, look.say),
            mime="text/csv",
            file_name=f"problems-{dataset}.csv",
            key=f"problems_csv_{dataset}",
            on_click="ignore",
        )
        if found.rows > found.kept:
            st.download_button(
                look.say("data.aside_csv"),
                data=lambda: intake.set_aside_csv(found),
                mime="text/csv",
                file_name=f"aside-{dataset}.csv",
                key=f"aside_csv_{dataset}",
                on_click="ignore",
            )
