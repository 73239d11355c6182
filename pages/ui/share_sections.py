"""Sections of the Share page: who wins where, and who lost what to whom."""

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from analysis import flows, summary
from analysis.views import area_map, charts, concentration, mix, motion, places
from analysis.views import moves as moving
from analysis.views import standing as pictures
from analysis.views.look import Look
from data.cities import TIERS
from data.grade import Grade, weakest
from data.markets import Market
from pages.ui import area, cached, inputs, layout, state, told
from pages.ui.inputs import Filters

VIEWS = ("standing", "moves", "drivers", "trust", "couriers")
CUTS = ("tier", "region", "province", "city")
PICTURES = ("now", "film", "time")
COUNTS = ("network", "owner")
GROUPS = 9
"""Most groups in the film and the small panels: the largest."""


def header(look: Look, market: Market, view: str) -> None:
    """Title row; the couriers are published, whatever market is in use."""
    if view == "couriers":
        layout.header(look, "share", grade=Grade.ESTIMATED, source=look.say("couriers.source"))
    else:
        layout.header(look, "share", grade=market.grade, source=cached.source(look, market))


def _controls(look: Look, market: Market, filters: Filters) -> tuple[str, str, str, str]:
    """Cut, counted by, picture and city; a city chosen leaves no other cut."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="share_controls"):
        place, counted = _place(look, market, filters), _count(look)
        by, picture = "city", ""
        if place == "all":
            by = inputs.switch(look, "by", CUTS, label=lambda g: look.say(f"{g}.heading"))
            picture = inputs.switch(look, "picture", PICTURES, label=lambda p: look.say(f"view.picture_{p}"))
        else:
            layout.city_link(look, "map", place, cached.city_label(place, look))
    _told(look, filters, place, counted)
    return by, counted, picture, place


def _told(look: Look, filters: Filters, place: str, counted: str, since: str = "") -> None:
    """What is chosen beside the row of filters."""
    city = "" if place == "all" else cached.city_label(place, look)
    told.narrowed(look, filters, {"city": city, "count": look.say(f"market.by_{counted}"), "from": since})


def _place(look: Look, market: Market, filters: Filters) -> str:
    """One city, or all."""
    every = cached.city_codes(market, filters.everywhere())
    asked = state.get("city", area.of_city(), state.one_of(("all", *every)))
    codes = ["all", *cached.city_codes(market, filters)]
    said, first = partial(cached.city_label, look=look), area.of_city()
    place = inputs.one(look, "city", codes, label=said, default=first, collapsed=True, width=170)
    if asked in every and asked not in codes:
        st.caption(
            look.say("view.city_outside", name=cached.city_label(asked, look), where=_where(look, filters, asked))
        )
    return place


def _where(look: Look, filters: Filters, city: str) -> str:
    """The tiers, area or regions that leave the city out."""
    if cached.city_tier(city) not in (filters.tiers or TIERS):
        return look.join(look.term("tier", t) for t in filters.tiers)
    if filters.area and city not in filters.area:
        return area_map.said(filters.area, look)
    return look.join(look.term("region", r) for r in filters.regions)


def _count(look: Look) -> str:
    """Networks or their owners."""
    return inputs.switch(look, "count", COUNTS, label=lambda c: look.say(f"market.by_{c}"))


def _counted(volumes: pd.DataFrame, counted: str, filters: Filters) -> pd.DataFrame:
    """Columns of owners, or of the networks chosen and the remainder; empty rows left out."""
    rows = volumes[volumes.sum(axis=1) > 0]
    return summary.by_owner(rows) if counted == "owner" else summary.keep_networks(rows, filters.networks)


def _present(look: Look, volumes: pd.DataFrame, filters: Filters, where: str) -> Filters:
    """The filters with those networks that have parcels in `volumes`; the others are named in a line."""
    here = tuple(key for key in filters.networks if key in volumes and volumes[key].sum() > 0)
    absent = [look.name(key) for key in filters.networks if key not in here]
    if absent:
        st.caption(look.say("view.absent", name=look.join(absent), where=where, month=look.month(filters.month)))
    return replace(filters, networks=here)


def standing(look: Look, market: Market, filters: Filters) -> None:
    """Who wins where: now, month by month and over time, or in one city."""
    by, counted, picture, place = _controls(look, market, filters)
    if place != "all":
        _one_city(look, market, filters, counted, place)
    elif picture == "now":
        _now(look, market, filters, by, counted)
    else:
        _over_time(look, market, filters, by, counted, picture)


def _now(look: Look, market: Market, filters: Filters, by: str, counted: str) -> None:
    everyone = cached.wide(market, by, filters).rename(index=cached.place_names(by, look))
    everyone = everyone[everyone.sum(axis=1) > 0]
    layout.need_rows(look, everyone)
    everyone = summary.in_order(everyone, by)
    filters = _present(look, everyone, filters, look.say("view.these_places"))
    month = look.month(filters.month)
    volumes = _counted(everyone, counted, filters)
    layout.legend(look, list(volumes))
    left, right = st.columns([3, 2], gap="small")
    with left:
        n, total = pictures.SHOWN_ROWS, len(volumes)
        shown = look.say("view.largest_shown", n=n, total=total) if total > n else ""
        when = captioned(look, look.say("view.heat_caption", month=month), shown)
        full = _counted(everyone, counted, replace(filters, networks=()))
        draw = partial(pictures.heat_table, group=by, caption=when, grade=market.grade, everyone=full)
        view = cached.pictured(market, filters, look, "shares", partial(draw, volumes, look), by, counted)
        layout.card(look, view, "shares")
    with right:
        caption = look.say("view.hhi_caption", month=month)
        owners = summary.by_owner(everyone)
        draw = partial(concentration.bars, everyone, owners, look, group=by, caption=caption, grade=market.grade)
        layout.card(look, cached.pictured(market, filters, look, "hhi", draw, by), "hhi")


def _over_time(look: Look, market: Market, filters: Filters, by: str, counted: str, picture: str) -> None:
    history = cached.history(market, by, filters, most=GROUPS).rename(index=cached.place_names(by, look), level=0)
    layout.need_rows(look, history[history.sum(axis=1) > 0])
    now = cached.wide(market, "tier", filters)
    filters = _present(look, now, filters, look.say("view.these_places"))
    volumes, full = (_counted(history, counted, f) for f in (filters, replace(filters, networks=())))
    layout.legend(look, list(volumes))
    draw = motion.ranked_bars if picture == "film" else pictures.panels
    caption = look.say(f"view.{picture}_caption", month=look.month(filters.month))
    make = partial(draw, volumes, look, group=by, caption=caption, grade=market.grade, everyone=full)
    layout.card(look, cached.pictured(market, filters, look, picture, make, by, counted), picture)


def _one_city(look: Look, market: Market, filters: Filters, counted: str, place: str) -> None:
    rows = cached.city_rows(market, place)
    name, tier, month = cached.city_label(place, look), cached.city_tier(place), look.month(filters.month)
    filters = _present(look, summary.wide(summary.at(rows, filters.month), "city"), filters, name)
    history = _counted(summary.wide(rows[rows["month"] <= filters.month], "month"), counted, filters)
    peers = cached.wide(market, "city", replace(filters.everywhere(), tiers=(tier,)))
    peers = _counted(peers, counted, filters)
    layout.need_rows(look, history[history.index == filters.month])
    layout.legend(look, list(history))
    left, right = st.columns([3, 2], gap="small")
    with left:
        caption = look.say("view.city_over_time", name=name)
        layout.card(look, charts.share_lines(history, look, caption=caption, grade=market.grade), "city_time")
    with right:
        term = look.term("tier", tier)
        view = places.against_tier(
            peers,
            place,
            look,
            name=name,
            tier=term,
            caption=look.say("view.city_caption", tier=term, month=month),
            grade=market.grade,
        )
        layout.card(look, view, "city_tier")
    payers = places.subsidies(summary.at(rows, filters.month), look)
    title = places.subsidy_finding(payers, look, name=name, month=month)
    layout.table_card(
        look,
        payers,
        title=title,
        caption=look.say("view.payers_caption", month=month),
        grade=market.grade,
        key="payers",
    )


def moves(look: Look, market: Market, filters: Filters) -> None:
    """Who lost what to whom between an earlier month and the one chosen."""
    earlier = [f"{m:%Y-%m}" for m in reversed(cached.months(market)) if m < filters.month]
    if not earlier:
        st.info(look.say("moves.one_month"), icon=":material/info:")
        st.stop()
    year_ago = f"{filters.month - pd.DateOffset(years=1):%Y-%m}"
    controls = st.container(horizontal=True, gap="small", vertical_alignment="center", key="moves_controls")
    with controls:
        place, counted = _place(look, market, filters), _count(look)
        st.caption(look.say("input.from"), width="content")
        since = inputs.one(
            look,
            "from",
            earlier,
            label=lambda m: look.month(pd.Timestamp(m)),
            default=year_ago if year_ago in earlier else earlier[-1],
            collapsed=True,
            width=150,
        )
    _told(look, filters, place, counted, look.month(pd.Timestamp(since)))
    volumes = cached.wide(market, "city", filters)
    where = look.say("view.these_places") if place == "all" else cached.city_label(place, look)
    filters = _present(look, volumes if place == "all" else volumes[volumes.index == place], filters, where)
    old = replace(filters, month=pd.Timestamp(since))
    cells = [_cells(market, f, counted, place) for f in (old, filters)]
    for frame in cells:
        layout.need_rows(look, frame)
    cells[0] = cells[0] * (filters.month.days_in_month / old.month.days_in_month)
    moved = flows.source_of_volume(*cells)
    players = list(summary.contested(moved.matrix))
    best = str(moved.net[players].idxmax())
    with controls:
        st.caption(look.say("moves.follow"), width="content")
        mover = inputs.one(look, "mover", players, label=look.name, default=best, collapsed=True, width=170)
    layout.legend(look, list(cells[1]))
    months = {"since": look.month(old.month), "month": look.month(filters.month)}
    scaled = old.month.days_in_month != filters.month.days_in_month
    note = look.say("moves.scaled", days=filters.month.days_in_month, **months) if scaled else ""
    _switching(look, market, moved, mover, months, note)
    _bridge(look, market, moved, mover, [_groups(frame) for frame in cells], months, note)


def _cells(market: Market, filters: Filters, counted: str, place: str) -> pd.DataFrame:
    """Volumes of a month by city and network or owner."""
    volumes = cached.wide(market, "city", filters)
    return _counted(volumes if place == "all" else volumes[volumes.index == place], counted, filters)


def _groups(cells: pd.DataFrame) -> pd.DataFrame:
    """The same by tier."""
    return cells.groupby([cached.city_tier(code) for code in cells.index]).sum()


def captioned(look: Look, first: str, *notes: str) -> str:
    """A caption and those notes after it that have something to say."""
    for note in filter(None, notes):
        first = look.say("view.sentences", first=first, second=note)
    return first


def _switching(look: Look, market: Market, moved: flows.Flows, mover: str, months: dict[str, str], note: str) -> None:
    grade = weakest(market.grade, moved.grade)
    left, right = st.columns([3, 2], gap="small")
    with left:
        caption = captioned(look, look.say("moves.switching_caption", **months), note)
        view = moving.switching(moved, look, per="month", caption=caption, grade=grade, network=mover)
        layout.card(look, view, "switching")
    with right:
        alone = moved.entered + moved.left
        words = look.say("moves.one_date", n=alone) if alone else ""
        caption = captioned(look, look.say("moves.growth_caption", **months), note, words)
        view = moving.growth_or_switching(moved, look, per="month", caption=caption, grade=grade)
        layout.card(look, view, "growth_or_switching")


def _bridge(
    look: Look,
    market: Market,
    moved: flows.Flows,
    mover: str,
    groups: list[pd.DataFrame],
    months: dict[str, str],
    note: str,
) -> None:
    left, right = st.columns([3, 2], gap="small")
    with left:
        caption = captioned(look, look.say("moves.bridge_caption", **months), note)
        view = moving.bridge(moved, mover, look, caption=caption, grade=weakest(market.grade, moved.grade))
        layout.card(look, view, "bridge")
    with right:
        caption = look.say("moves.mix_caption", **months)
        parts = flows.decompose(*groups)
        view = mix.within_and_mix(parts, look, group="tier", caption=caption, grade=market.grade, network=mover)
        layout.card(look, view, "mix")
