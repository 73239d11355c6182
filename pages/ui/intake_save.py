"""Taking the good rows: into a new market or the next version of one, after a look at what that would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import cast

import streamlit as st

from analysis.views.look import Look
from data.intake.found import Intake
from data.intake.remember import header_key
from data.intake.watch import Watch
from data.platforms import Platform, added
from data.workspace import Part, Preview, VersionInfo, Workspace, WorkspaceError
from data.workspace.base import LONGEST_NAME
from data.workspace.versions import How, OnConflict
from pages.ui import intake, intake_files, intake_mend, intake_state, jobs, markets
from pages.ui.intake_state import Choices, Table
from pages.ui.intake_whence import provenance
from pages.ui.layout import plain
from pages.ui.owner import owner

_PREVIEWS, _ABOUT = "intake.previews", "intake.about"
MOST_PREVIEWS = 4
"""Previews that are kept while nothing changes."""
HOWS: tuple[How, ...] = ("replace", "append")
CONFLICTS: tuple[OnConflict, ...] = ("error", "new", "old")


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the good rows go.

    Attributes
    ----------
    market : str
        Id, "" for a new one.
    name : str
        Of a new market.
    how : str
        "replace" the datasets of the market, or "append" to them.
    on_conflict : str
        What an append does with keys that are there with other values.
    note : str
        What the reader wrote about the version.
    """

    market: str
    name: str
    how: How
    on_conflict: OnConflict
    note: str


def ready() -> list[tuple[Table, Intake]]:
    """Tables that hold a good row."""
    return [(table, table.found) for table in intake_state.wanted() if table.found is not None and table.found.kept]


def card(look: Look) -> Aim | None:
    """Where the good rows go and the buttons that take them there; None without any."""
    rows = ready()
    if not rows:
        return None
    with st.container(border=True, gap="small", key="card_save"):
        with st.container(gap="small"):  # one block: the buttons keep their place whether or not it warns
            aim, may_save = _asked(look, rows)
        with st.container(horizontal=True, gap="small"):
            words = "data.save_next" if aim.market else "data.save_new"
            if st.button(look.say(words), type="primary", key="save", icon=":material/save:", disabled=not may_save):
                save(look, aim)
            if st.button(look.say("data.session_only"), key="session_only", help=look.say("data.session_only_help")):
                session_only(look, rows)
    return aim


def _asked(look: Look, rows: Sequence[tuple[Table, Intake]]) -> tuple[Aim, bool]:
    """What is there to save, where the reader wants it, and whether nothing is left to be decided."""
    kept = sum(len(found.rows_of) for _, found in rows)
    aside = sum(found.rows - found.kept for _, found in rows)
    title = "data.take" if aside else "data.take_all"
    st.header(look.say(title, kept=f"{kept:,}", aside=f"{aside:,}"), anchor=False)
    _warned(look, [found for _, found in rows])
    aim = _aim(look, rows)
    may_save = _moved(look, aim)
    left = [plain(table.upload.name) for table in intake_state.wanted() if not (table.found and table.found.kept)]
    if left:
        st.caption(look.say("data.not_taken", names=look.join(dict.fromkeys(left))))
    return aim, may_save


def _warned(look: Look, found: Sequence[Intake]) -> None:
    """How many of the rows taken carry a warning."""
    rows = sum(map(warned, found))
    least = any((one.problems["code"] == "more_of_this").any() for one in found)
    if rows:
        words = "data.with_warnings_least" if least else "data.with_warnings"
        st.caption(f":material/warning: {look.say(words, n=f'{rows:,}')}")


def warned(found: Intake) -> int:
    """Rows taken that carry a warning."""
    problems = found.problems
    rows = problems.loc[(problems["severity"] == "warning") & (problems["row"] > found.header_row), "row"]
    return int(rows[~rows.isin(found.set_aside["row"])].nunique())


def _moved(look: Look, aim: Aim) -> bool:
    """Say what would be lost, and which rows are held with other values; whether nothing is left to be decided."""
    drafts = sum(intake_mend.unchecked(table, found) for table, found in ready())
    if drafts:
        st.warning(look.say("data.unchecked", n=f"{drafts:,}"), icon=":material/warning:")
    found = preview(look, aim)
    if found is None:
        return not drafts
    gone, clashes = (int(found.rows[name].sum()) for name in ("gone", "conflicts"))
    if gone:
        st.warning(look.say("data.would_lose", n=f"{gone:,}"), icon=":material/warning:")
    if not clashes or aim.on_conflict != "error":
        return not drafts
    st.warning(look.say("data.must_choose", n=f"{clashes:,}"), icon=":material/warning:")
    return False


def _aim(look: Look, rows: Sequence[tuple[Table, Intake]]) -> Aim:
    missing = markets.problem()
    gone = markets.chosen() if missing is not None and missing.code == "no_market" else ""
    own = {entry.id: entry.name for entry in markets.listing() if entry.owned and entry.id != gone}
    left, right = st.columns(2, gap="small", vertical_alignment="bottom")
    options = ["", *own]
    chosen = markets.chosen()
    key = f"into.{look.lang}"
    if st.session_state.get(key, "") not in options:
        st.session_state.pop(key)
    market = left.selectbox(
        look.say("data.into"),
        options,
        index=options.index(chosen) if chosen in own else 0,
        format_func=lambda id: own.get(id, look.say("data.new_market")),
        key=key,
    )
    if market and market != chosen:
        _turn_to(market)
    if market:
        with right:
            how = _how(look, market, rows)
        return Aim(market, "", how, _on_conflict(look, rows, how), _note(look))
    stem = PurePath(rows[0][0].upload.name).stem[:LONGEST_NAME]
    name = right.text_input(look.say("data.market_name"), stem, max_chars=LONGEST_NAME, key=f"market_name.{look.lang}")
    return Aim("", name, "replace", _on_conflict(look, rows, "replace"), _note(look))


def _how(look: Look, market: str, rows: Sequence[tuple[Table, Intake]]) -> How:
    """Whether the rows replace those of the market or are added: added at first where a replacement would lose some."""
    key, about = f"how.{look.lang}", (look.lang, market, *(table.key for table, _ in rows))
    if st.session_state.get(_ABOUT) != about or key not in st.session_state:
        whole = preview(look, Aim(market, "", "replace", "new", ""))
        st.session_state[_ABOUT] = about
        st.session_state[key] = "append" if whole is not None and whole.rows["gone"].sum() else "replace"
    return st.selectbox(look.say("data.how"), HOWS, format_func=lambda how: look.say(f"data.how_{how}"), key=key)


def _turn_to(market: str) -> None:
    """Use the market that the rows go into; names unknown so far may be those of its networks."""
    markets.choose(market)
    for table, found in ready():
        if len(found.names):
            table.decide(table.choices)
    st.rerun()


def _on_conflict(look: Look, rows: Sequence[tuple[Table, Intake]], how: How) -> OnConflict:
    """What becomes of keys that are there already, where rows are added to others."""
    datasets = [found.dataset for _, found in rows]
    if how == "replace" and len(set(datasets)) == len(datasets):
        return "error"
    return st.selectbox(
        look.say("data.conflict"),
        CONFLICTS,
        format_func=lambda one: look.say(f"data.conflict_{one}"),
        key=f"conflict.{look.lang}",
    )


def _note(look: Look) -> str:
    return st.text_input(look.say("data.note"), key=f"note.{look.lang}", max_chars=LONGEST_NAME)


def parts(rows: Sequence[tuple[Table, Intake]], how: How) -> list[Part]:
    """What is to be saved; the second file of a dataset is added to the first."""
    made: list[Part] = []
    for table, found in rows:
        again = any(part.dataset == found.dataset for part in made)
        part_how: How = "append" if again else how
        made.append(Part(found.dataset, found.rows_of, part_how, found.set_aside, provenance(table, found)))
    return made


def preview(look: Look, aim: Aim) -> Preview | None:
    """What the save would change in a market that is there; None for a new one, or when it cannot be told."""
    rows = ready()
    if not aim.market or not rows:
        return None
    keep: OnConflict = "old" if aim.on_conflict == "old" else "new"
    key = (aim.market, markets.info(), aim.how, keep, tuple((table.key, table.turn) for table, _ in rows))
    kept: list[tuple[object, Preview]] = st.session_state.setdefault(_PREVIEWS, [])
    found = next((one for asked, one in kept if asked == key), None)
    if found is None:
        try:
            given = parts(rows, aim.how)
            found = markets.workspace().preview(owner=owner(), parts=given, market=aim.market, on_conflict=keep)
        except WorkspaceError as error:
            st.warning(intake_files.sentence(look, error), icon=":material/warning:")
            return None
        kept.append((key, found))
        del kept[:-MOST_PREVIEWS]
    return found


def save(look: Look, aim: Aim) -> None:
    """Save the good rows as a version; the page goes to it, or says why it could not be saved."""
    rows, workspace, who = ready(), markets.workspace(), owner()
    given, new = parts(rows, aim.how), networks(rows)
    decided = [(found.dataset, table.sheet.header, found.mapping, table.choices) for table, found in rows]

    def work(watch: Watch) -> VersionInfo:
        watch.report("saving")
        info = workspace.save(
            owner=who,
            parts=given,
            market=aim.market or None,
            name=aim.name,
            note=aim.note,
            on_conflict=aim.on_conflict,
            networks=new,
        )
        _remember(workspace, who, decided)
        return info

    def then(saved: object) -> None:
        if isinstance(saved, WorkspaceError) and saved.code == "no_market":
            return
        if not isinstance(saved, VersionInfo):
            intake_state.notice("error", intake_files.sentence(look, cast(jobs.Error, saved)))
            return
        intake_state.taken([table for table, _ in rows])
        st.session_state.pop(_PREVIEWS, None)
        markets.choose(saved.market)
        intake_state.notice("saved", look.say("data.saved", name=plain(saved.name), number=saved.number))

    size = sum(part.table.nbytes for part in given)
    jobs.start(aim.name or look.say("data.next_version"), work, then, size=size, may_stop=False)
    st.rerun()


def networks(rows: Sequence[tuple[Table, Intake]]) -> tuple[Platform, ...]:
    """Networks that the rows speak of and not everyone has."""
    columns = [found.rows_of["platform"].combine_chunks() for _, found in rows]
    used = {key for column in columns for key in column.dictionary.to_pylist()}
    return tuple(one for one in (*added(), *intake_state.networks()) if one.key in used)


def _remember(
    workspace: Workspace, who: str, decided: Sequence[tuple[str, tuple[str, ...], dict[str, str], Choices]]
) -> None:
    """Keep what was decided, for the next file with the same headers."""
    for dataset, headers, mapping, choices in decided:
        workspace.remember(who, dataset, header_key(headers), {**mapping, **choices.mapping})
        for column, names in choices.names.items():
            workspace.remember_names(who, column, names)


def session_only(look: Look, rows: Sequence[tuple[Table, Intake]]) -> None:
    """Use the good rows on every page of this session, without writing them anywhere."""
    found = [one for _, one in rows]
    twice = intake.repeated(found)
    if twice:
        names = look.join(look.say(f"dataset.{dataset}") for dataset in twice)
        intake_state.notice("error", look.say("data.rows_twice", datasets=names))
    else:
        intake.use(found, networks(rows))
    st.rerun()
