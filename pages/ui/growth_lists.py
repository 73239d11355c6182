"""The growth page beyond one series: all tiers at once, the league of all series, the ledger of frozen forecasts."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.growth import GrowthError, calendar
from analysis.growth.frozen import Forecast, ForecastFileError, from_json
from analysis.growth.ledger import Scored, score
from analysis.views import growth, growth_league, growth_ledger, growth_tiers
from analysis.views.look import Look, View
from data.cities import REGIONS, TIERS
from data.grade import Grade, weakest
from data.markets import Market
from data.people import EVERYONE
from data.workspace import Kept, WorkspaceError
from pages.ui import answers, area, cached, fits, growth_state, inputs, layout, markets, people, series, told
from pages.ui.inputs import Filters

if TYPE_CHECKING:
    from analysis.growth.coherent import Coherent

Progress = Callable[[int, int], None]
Entry = tuple[Forecast, Scored, pd.Series]
ALL = "all"
MONTHS = 12
LEAGUE = ("series", "trend", "value", "year_on_year", "verdict", "outlook", "chosen", "grade", "growth")
"""First columns of the league; the others follow."""
MOST_ROWS, HIGHEST = 20, 740
"""Rows of the league in sight, and its pixels where it scrolls."""


def tiers_part(look: Look, market: Market) -> None:
    """Nation, tiers and networks, forecast so that parts add up."""
    cached.need_volumes(market, look)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="growth_pick"):
        names = (ALL, *cached.networks(market))
        said = {ALL: look.say("growth.all_networks")}
        network = inputs.one(look, "focus", names, label=lambda n: said.get(n) or look.name(n), width=220)
        regions = inputs.some(look, "region", REGIONS, label=lambda r: look.term("region", r), collapsed=False)
        months = [f"{month:%Y-%m}" for month in reversed(cached.months(market))]
        month = inputs.one(look, "month", months, label=lambda m: look.month(pd.Timestamp(m)), width=130)
        years = inputs.one(look, "years", growth.HORIZONS[:3], default="2", width=170)
        cities = area.chip(look)
        shows = inputs.switch(look, "tiers_show", ("parcels", "share"), label=lambda s: look.say(f"growth.show_{s}"))
    filters = Filters(pd.Timestamp(month), (), regions, (), cities)
    told.of_market(look, market)
    told.narrowed(look, filters, {"focus": said.get(network) or look.name(network), "years": years})
    told.table(look, look.say("pinned.coherent", years=years))
    volumes = _volumes(market, filters)
    layout.need_rows(look, volumes)
    effects = growth_state.calendar_effects(look, calendar.offered(volumes.index))
    ahead = MONTHS * int(years)
    key = ("coherent", market.version, filters.key, ahead, effects)
    found = fits.slow(key, partial(_coherent, volumes, ahead, effects), look.say("growth.adding_up"))
    if isinstance(found, GrowthError):
        st.warning(look.say(f"growth_error.{found.code}", **found.values), icon=":material/warning:")
        return
    grade = weakest(market.grade, Grade.ESTIMATED)
    of = None if network == ALL else network
    layout.card(look, growth_tiers.tiers(found, look, network=of, share=shows == "share", grade=grade), "tiers")
    layout.card(look, growth_tiers.nation(found, look, grade=grade), "nation")
    lines = growth_tiers.held(found, look)
    if lines:
        with answers.pinnable(look, "held", look.say("growth.part_tiers"), lines, grade):
            for line in lines:
                st.caption(line)


def _volumes(market: Market, filters: Filters) -> pd.DataFrame:
    """Parcels by month in rows, tier and network in columns; those that never had any are left out."""
    table = cached.history(market, "tier", filters, most=len(TIERS)).unstack(level=0)
    table = table.swaplevel(axis=1).sort_index(axis=1, level=0, sort_remaining=False)
    table.columns = pd.MultiIndex.from_tuples([(str(t), str(n)) for t, n in table.columns], names=["tier", "network"])
    table = table.loc[:, table.sum() > 0]
    return table.set_axis(pd.PeriodIndex(table.index, freq="M", name="month"))


def _coherent(
    volumes: pd.DataFrame, ahead: int, effects: tuple[str, ...], progress: Progress
) -> "Coherent | GrowthError":
    from analysis.growth.coherent import coherent

    try:
        return coherent(volumes, horizon=ahead, curves=growth.menu(stock=False), calendar=effects, progress=progress)
    except GrowthError as error:
        return error


def league_part(look: Look, market: Market) -> None:
    """Every series with its verdict; a row that is chosen opens."""
    choices = series.choices(look, market)
    groups = series.GROUPS if market.panel is not None else series.GROUPS[:1]
    group = inputs.switch(look, "league", groups, label=lambda g: look.say(f"growth.league_{g}"))
    places = {where.text(): where for where in series.league(group, choices)}
    stocks = {name for name, where in places.items() if choices[where.key].stock}
    told.chosen(look, {"league": look.say(f"growth.league_{group}")})
    told.table(look, look.say("pinned.league"))
    key = ("league", group, "" if group == "record" else market.version)
    table = fits.slow(key, partial(_league, market, places, stocks), look.say("growth.league_busy"))
    words = {name: series.placed(choices[where.key], where, look) for name, where in places.items()}
    shown = growth_league.table(
        table,
        look,
        labels={name: words[name].label for name in table.index},
        units={name: words[name].unit for name in table.index},
        grades={name: words[name].grade for name in table.index},
    )
    with st.container(border=True, gap="xsmall", key="card_growth_league"):
        caption, grade = look.say("growth.league_caption"), weakest(*(words[n].grade for n in table.index))
        title = growth_league.finding(table, look)
        layout.heading(look, View({}, shown, title, caption, title, grade), "league")
        picked = st.dataframe(
            shown,
            hide_index=True,
            alt=look.say("growth.part_league"),
            key="growth_league",
            height="content" if len(shown) <= MOST_ROWS else HIGHEST,
            column_config=_columns(look),
            column_order=list(dict.fromkeys([*(look.say(f"league.{name}") for name in LEAGUE), *shown])),
            on_select="rerun",
            selection_mode="single-row",
        )
    if rows := picked.selection.rows:
        growth_state.go(look, places[str(table.index[rows[0]])])
        st.rerun()


def _league(market: Market, places: dict[str, series.Where], stocks: set[str], progress: Progress) -> pd.DataFrame:
    """Back-tests of series, those with the same menu and months ahead together."""
    from analysis.growth.league import league

    every = {name: series.values(where, market) for name, where in places.items()}
    batches: dict[tuple[bool, int], dict[str, pd.Series]] = {}
    for name, values in every.items():
        months = growth_state.months_tested(growth_state.spacing(values))
        batches.setdefault((name in stocks, months), {})[name] = values
    calendars = {
        name: calendar.offered(values.dropna().index, breaks=series.breaks(places[name].key))
        for name, values in every.items()
        if name not in stocks
    }
    tables: list[pd.DataFrame] = []
    for (stock, months), batch in batches.items():
        told = partial(_tell, progress, sum(map(len, tables)), len(batch), len(every))
        menu = growth.menu(stock=stock)
        tables.append(league(batch, horizon=months, curves=menu, calendars=calendars, progress=told))
    return pd.concat(tables).loc[list(every)]


def _tell(progress: Progress, before: int, batch: int, every: int, done: int, of: int) -> None:
    """Say how many series are done, in the middle of a batch."""
    progress(before + batch * done // of, every)


def _columns(look: Look) -> dict[str, Any]:
    kinds: dict[str, Callable[..., Any]] = {
        "line": st.column_config.LineChartColumn,
        "number": st.column_config.NumberColumn,
    }
    found: dict[str, Any] = {}
    for header, facts in growth_league.columns(look).items():
        rest = {name: value for name, value in facts.items() if name != "kind"}
        found[header] = kinds.get(facts["kind"], st.column_config.TextColumn)(**rest)
    return found


def ledger_part(look: Look, market: Market) -> None:
    """Frozen forecasts and how they fared."""
    try:
        entries, wrong = _entries(look, market)
    except WorkspaceError as error:
        st.warning(growth_state.why(look, error), icon=":material/warning:")
        return
    for text in wrong:
        st.warning(text, icon=":material/warning:")
    if not entries:
        st.info(look.say("ledger.none"), icon=":material/info:")
        return
    names = {kept.id: look.say("ledger.row", name=kept.title, when=f"{kept.made_at:%Y-%m-%d}") for kept in entries}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="ledger_pick"):
        chosen = inputs.one(look, "frozen", list(map(str, names)), label=lambda i: names[i], width=460)
        kept = next(one for one in entries if one.id == chosen)
        forecast, scored, values = entries[kept]
        _open(look, market, kept, forecast)
        _remove(look, kept)
    unit = growth_state.unit_of(look, forecast.series, kept, market)
    told.chosen(look, {"frozen": names[chosen]})
    told.frozen(look, forecast)
    view = growth_ledger.scored(forecast, scored, values, look, unit=unit)
    layout.card(look, view, "frozen")
    notes = growth_ledger.notes(scored, look)
    if notes:
        with answers.pinnable(look, "frozen_notes", view.title, notes, forecast.grade):
            for line in notes:
                st.caption(line)
    table = growth_ledger.table([(f, s) for f, s, _ in entries.values()], look)
    private = "private_kept" if markets.lasting(market) else "private"
    caption = look.say("ledger.by_all" if kept.owner == EVERYONE else f"ledger.{private}")
    layout.table_card(
        look,
        table,
        title=look.say("ledger.all", n=len(entries)),
        caption=caption,
        grade=weakest(*(f.grade for f, _, _ in entries.values())),
        key="ledger",
    )


def _entries(look: Look, market: Market) -> tuple[dict[Kept, Entry], list[str]]:
    """Frozen forecasts that can be read and scored, and a sentence about each of the others."""
    found: dict[Kept, Entry] = {}
    wrong = []
    for kept in growth_state.frozen(market):
        entry = _entry(look, market, kept)
        if isinstance(entry, str):
            wrong.append(look.say("ledger.unread", name=layout.plain(kept.title), why=entry))
        else:
            found[kept] = entry
    return found, wrong


def _entry(look: Look, market: Market, kept: Kept) -> Entry | str:
    """A forecast with its score and the series today, or what is wrong with it."""
    try:
        forecast = from_json(kept.document)
        values = growth_state.values_of(look, forecast.series, kept, market)
        return look.say("ledger.gone") if values is None else (forecast, score(forecast, values), values)
    except ForecastFileError as error:
        return look.say(f"ledger.file_{error.code}", **{k: layout.plain(v) for k, v in error.values.items()})
    except GrowthError as error:
        return look.say(f"growth_error.{error.code}", **error.values)


def _open(look: Look, market: Market, kept: Kept, forecast: Forecast) -> None:
    """A way to the series as it was forecast, unless it is of another market than the one in use."""
    where = series.read(forecast.series)
    here = not where.of_market or kept.owner == growth_state.owner(market, where)
    if here and st.button(look.say("ledger.open"), icon=":material/trending_up:", key="open_its_series"):
        growth_state.go(look, where, forecast)
        st.rerun()


def _remove(look: Look, kept: Kept) -> None:
    """A way to take it off the ledger; what was everyone's before people signed in is for administrators to take."""
    of_all = people.configured() and kept.owner == EVERYONE
    if people.configured() and not people.may("administer" if of_all else "delete"):
        return
    with st.popover(look.say("ledger.remove"), icon=":material/delete:", key="remove_box"):
        st.write(look.say("ledger.remove_what", name=layout.plain(kept.title)))
        if st.button(look.say("ledger.do_remove"), key="do_remove"):
            try:
                if of_all:
                    growth_state.ledger().take_away(kept.id)
                else:
                    growth_state.ledger().remove(kept.id, owner=kept.owner)
            except WorkspaceError as error:
                st.warning(growth_state.why(look, error), icon=":material/warning:")
                return
            st.rerun()
