"""Handing a board over: what, in which language, which slides; built beside the page, then one button to take it."""

from collections.abc import Sequence

import streamlit as st

from analysis.views.look import Look
from data.intake.watch import Cancelled, Watch
from data.text import LANGUAGES
from data.workspace import KeptBoard
from pages.ui import board_exported, board_variants, boards, inputs, jobs, layout, text
from pages.ui.board_exported import FORMATS, Built, Refused, Wanted
from pages.ui.board_slides import Shown
from pages.ui.owner import owner

TEMPLATES = ("pptx", "potx", "pptm", "potm")
LARGEST_TEMPLATE = 40
"""Megabytes."""
_BUILT, _PROBLEM = "exports.built", "exports.problem"


def panel(look: Look, kept: KeptBoard, every: Sequence[Shown]) -> None:
    """Everything that leaves the app: choices on the left, what was built on the right."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        wanted = _choices(look, kept, every)
    with right:
        _build(look, wanted)
        _built(look, kept)


def _choices(look: Look, kept: KeptBoard, every: Sequence[Shown]) -> Wanted:
    what = inputs.switch(look, "format", tuple(FORMATS), label=lambda one: look.say(f"board.format_{one}"))
    st.caption(look.say(f"board.format_{what}_help"))
    lang = inputs.switch(look, "to", _languages(look), label=text.LANGUAGE_NAMES.__getitem__)
    some = _some(look, kept, every)
    template = _template(look) if what == "pptx" else None
    mask = st.toggle(look.say("board.mask"), key="export_mask", help=look.say("board.mask_help"))
    grey = st.toggle(look.say("board.grey"), key="export_grey", help=look.say("board.grey_help"))
    _lacking(look, kept, some, lang)
    return Wanted(what, lang, kept, tuple(one.pin for one in some), owner(), template, mask, grey)


def _languages(look: Look) -> tuple[str, ...]:
    """The reader's own first."""
    return tuple(sorted(LANGUAGES, key=lambda lang: lang != look.lang))


def _some(look: Look, kept: KeptBoard, every: Sequence[Shown]) -> list[Shown]:
    """Slides chosen; all where none is."""
    names = {one.pin.id: f"{n}. {one.name or look.say('board.untitled')}" for n, one in enumerate(every, 1)}
    key = f"export_pins.{kept.id}"
    if any(id not in names for id in st.session_state.get(key, ())):
        st.session_state[key] = [id for id in st.session_state[key] if id in names]
    chosen = st.multiselect(
        look.say("board.which"),
        list(names),
        format_func=names.__getitem__,
        key=key,
        placeholder=look.say("board.which_all", n=len(names)),
    )
    return [one for one in every if not chosen or one.pin.id in chosen]


def _template(look: Look) -> bytes | None:
    """The reader's own master and fonts, for as long as the page is open."""
    file = st.file_uploader(
        look.say("board.template"),
        type=list(TEMPLATES),
        key="export_template",
        max_upload_size=LARGEST_TEMPLATE,
        help=look.say("board.template_help"),
    )
    return file.getvalue() if file is not None else None


def _lacking(look: Look, kept: KeptBoard, some: Sequence[Shown], lang: str) -> None:
    """Slides that are there only in another language go as they are; they are named."""
    other = [one.name for one in some if one.lacks(lang)]
    if other and board_variants.filling(kept.id):
        st.caption(look.say("board.still_drawing"))
    else:
        _named(look, "board.other_language", "translate", other)


def _named(look: Look, key: str, icon: str, titles: Sequence[str]) -> None:
    """A warning that names slides, where there are any."""
    if titles:
        names = look.few([layout.plain(title) for title in titles])
        st.warning(look.say(key, n=len(titles), names=names), icon=f":material/{icon}:")


def _build(look: Look, wanted: Wanted) -> None:
    st.button(
        look.say("board.build", what=look.say(f"board.format_{wanted.format}"), n=len(wanted.pins)),
        type="primary",
        icon=":material/ios_share:",
        key="export_build",
        disabled=jobs.current(jobs.BOARD) is not None,
        on_click=_start,
        args=(look, wanted),
    )


def _start(look: Look, wanted: Wanted) -> None:
    for key in (_BUILT, _PROBLEM):
        st.session_state.pop(key, None)

    def work(watch: Watch) -> object:
        return board_exported.build(wanted, look, watch)

    def then(found: object) -> None:
        if isinstance(found, Built):
            st.session_state[_BUILT] = found
        elif isinstance(found, Cancelled):
            boards.notice("info", look.say("board.export_stopped"))
        else:
            st.session_state[_PROBLEM] = found.said if isinstance(found, Refused) else look.say("board.export_failed")

    name = look.say("board.exporting", what=look.say(f"board.format_{wanted.format}"))
    jobs.begin(name, work, then, kind=jobs.BOARD)


def _built(look: Look, kept: KeptBoard) -> None:
    """The file that was built last from this board, or why there is none."""
    if problem := st.session_state.get(_PROBLEM):
        st.error(layout.plain(problem), icon=":material/error:")
    built: Built | None = st.session_state.get(_BUILT)
    if built is None or built.board != kept.id:
        return
    st.success(look.say("board.built", name=layout.plain(built.name), n=built.slides), icon=":material/check:")
    _named(look, "board.lost", "warning", built.lost)
    _named(look, "board.in_other_language", "translate", built.other)
    st.download_button(
        look.say("board.download", size=f"{len(built.data) / 1e6:.1f}"),
        data=built.data,
        file_name=built.name,
        mime=built.mime,
        icon=":material/download:",
        key="export_download",
        on_click="ignore",
    )
