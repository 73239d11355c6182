"""Uploads of the map: a file of demand points or flows, read and checked, for this session and nobody else."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analysis.views import findings
from analysis.views.look import Look
from data import extras
from data.intake import Intake, IntakeError, read
from data.intake.canonical import frame
from data.intake.crs import CRS
from pages.ui import intake_contract, intake_files, people
from pages.ui.layout import plain
from pages.ui.owner import owner

TYPES = ("csv", "tsv", "txt", "xlsx", "xls", "parquet", "zip", "gz")
MOST_MB = 25
MOST_SHOWN = 200
"""Findings listed on the page."""


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A file that this session has brought.

    Attributes
    ----------
    name : str
        Of the file.
    raw : bytes
        As it came, to be read again in other coordinates.
    crs : str
        Coordinates it was read in.
    found : Intake or None
        What became of it.
    refused : IntakeError or None
        Why it is no table.
    table : DataFrame
        Good rows in WGS-84, canonical columns of its dataset.
    """

    name: str
    raw: bytes
    crs: str
    found: Intake | None
    refused: IntakeError | None
    table: pd.DataFrame

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells its rows from those of another file, and of another reader."""
        return (owner(), "" if self.found is None else self.found.digest, self.crs)


def brought(kind: str) -> Brought | None:
    """The session's file of `kind` (demand or flows) where it has one with good rows."""
    held = _held(kind)
    return held if held is not None and len(held.table) else None


def take(kind: str, name: str, raw: bytes, crs: str = CRS[0]) -> None:
    """Read a file and keep it for the session, in the place of an earlier one."""
    dataset = extras.EXTRAS[kind]
    try:
        found: Intake | None = read(raw, dataset, name=name, crs=crs)
        refused = None
    except IntakeError as error:
        found, refused = None, error
    table = pd.DataFrame() if found is None else extras.good(frame(found.rows_of, dataset), kind, crs)
    st.session_state[_place(kind)] = Brought(name, raw, crs, found, refused, table)


def drop(kind: str) -> None:
    """Forget the session's file of `kind`."""
    st.session_state.pop(_place(kind), None)
    st.session_state[_turn(kind)] = st.session_state.get(_turn(kind), 0) + 1


def upload(look: Look, kind: str) -> None:
    """Expander in which a file of `kind` (demand or flows) is brought, looked at and taken away again."""
    held = _held(kind)
    if not people.may("upload"):
        return
    with st.expander(
        look.say(f"demand.{kind}"), icon=":material/upload_file:", expanded=held is not None, key=f"extra_{kind}"
    ):
        st.caption(look.say(f"demand.{kind}_about"))
        if held is None:
            _drop_zone(look, kind)
        else:
            _state(look, kind, held)


def _drop_zone(look: Look, kind: str) -> None:
    key = f"extra_drop_{kind}.{st.session_state.get(_turn(kind), 0)}"

    def taken() -> None:
        file = st.session_state[key]
        if file is not None:
            take(kind, file.name, file.getvalue())

    st.file_uploader(
        look.say("demand.drop"), type=list(TYPES), key=key, on_change=taken, max_upload_size=MOST_MB, width="stretch"
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            look.say("data.template_csv"),
            data=lambda: intake_contract.as_csv(extras.EXTRAS[kind], look.lang),
            file_name=f"posthouse-{kind}.csv",
            mime="text/csv",
            key=f"extra_template_{kind}",
            on_click="ignore",
        )
        st.caption(look.say("demand.private"), width="content")


def _state(look: Look, kind: str, held: Brought) -> None:
    """What was found, the coordinates it is read in, every finding in words, and the way to take it away."""
    _outcome(look, kind, held)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = f"extra_crs_{kind}.{st.session_state.get(_turn(kind), 0)}"
        st.selectbox(
            look.say("demand.crs"),
            CRS,
            index=CRS.index(held.crs),
            key=key,
            width=180,
            on_change=lambda: take(kind, held.name, held.raw, st.session_state[key]),
        )
        st.button(
            look.say("demand.take_away"),
            icon=":material/delete:",
            key=f"extra_away_{kind}",
            on_click=drop,
            args=(kind,),
        )
        st.caption(look.say("demand.private"), width="content")
    if held.found is not None and len(held.found.problems):
        st.markdown(findings.title(held.found.problems, look))
        listed = findings.table(held.found.problems.head(MOST_SHOWN), look)
        st.dataframe(listed, hide_index=True, alt=look.say("demand.problems"), key=f"extra_problems_{kind}")


def _outcome(look: Look, kind: str, held: Brought) -> None:
    name = plain(held.name)
    if held.refused is not None:
        st.error(look.pair(name, intake_files.sentence(look, held.refused)))
        return
    found = held.found
    assert found is not None
    if held.table.empty:
        st.error(look.say(f"demand.{kind}_nothing", name=name))
        return
    said = [look.say(f"demand.{kind}_used", name=name, kept=f"{len(held.table):,}", rows=f"{found.rows:,}")]
    if kind == "demand":
        without = found.kept - len(held.table)
        said += [look.say("demand.no_amount", n=f"{without:,}")] if without else []
        blank = held.table[["people", "parcels_per_day"]].isna().any()
        said += [look.say(f"demand.filled_{column}") for column, some in blank.items() if some]
    if found.crs_guess:
        said.append(look.say("demand.crs_guess", crs=found.crs_guess))
    st.success(look.text(said), icon=":material/check_circle:")


def _held(kind: str) -> Brought | None:
    held: Brought | None = st.session_state.get(_place(kind))
    return held


def _place(kind: str) -> str:
    return f"extra.{kind}"


def _turn(kind: str) -> str:
    return f"extra_turn.{kind}"
