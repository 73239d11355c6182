"""Sections of the subsidy page: who pays what where, and what a roll-out did."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis import landscape as payments
from analysis.views import effects, event_study, subsidies
from analysis.views.look import Look, View
from data.grade import weakest
from data.markets import Market
from pages.ui import answers, cached, fits, inputs, layout, published, state, told

if TYPE_CHECKING:
    from analysis.studies import Study

CONTROLS = ("never", "not-yet")
FARTHEST_KM = 300.0
"""Widest ring around paying cities."""


def landscape(look: Look, market: Market, filters: inputs.Filters) -> None:
    """Subsidies through time and in the month chosen, by network and tier."""
    months, rows = fits.payments(market, filters), fits.month_rows(market, filters)
    layout.need_rows(look, rows)
    wanted = [payer for payer in fits.payers(market) if payer in (filters.networks or (payer,))]
    months = months[months.index.get_level_values("platform").isin(wanted)]
    rows = rows[rows["platform"].isin(wanted)]
    now = payments.by_tier(rows)
    layout.need_rows(look, now)
    left, right = st.columns([3, 2], gap="small")
    with left:
        _over_time(look, market, filters, months)
    with right:
        _spread(look, market, filters, rows)
    left, right = st.columns([3, 2], gap="small")
    with left:
        _month(look, market, filters, "subsidy_month", partial(subsidies.month_table, now), "subsidy.month_caption")
    with right:
        _month(look, market, filters, "subsidy_bill", partial(subsidies.bills, now), "subsidy.bill_caption")
        _map_link(look, _top(months))


def _month(look: Look, market: Market, filters: inputs.Filters, key: str, draw: Callable[..., View], said: str) -> None:
    caption = look.say(said, month=look.month(filters.month))
    make = partial(draw, look, caption=caption, grade=market.grade)
    layout.card(look, cached.pictured(market, filters, look, key, make), key)


def _over_time(look: Look, market: Market, filters: inputs.Filters, months: pd.DataFrame) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key="card_subsidy_time"):
        show = inputs.switch(look, "show", subsidies.SHOW, label=lambda s: look.say(f"subsidy.show_{s}"))
        caption = look.say(f"subsidy.{show}_caption", month=look.month(filters.month))
        draw = partial(subsidies.over_time, months, look, show=show, caption=caption, grade=market.grade)
        layout.chart(look, cached.pictured(market, filters, look, "subsidy_time", draw, show), "subsidy_time")


def _spread(look: Look, market: Market, filters: inputs.Filters, rows: pd.DataFrame) -> None:
    figures = published.figures()
    ends = [figures[figures["metric"] == f"subsidy_per_parcel_{end}"].iloc[0] for end in ("low", "high")]
    month, name = look.month(filters.month), look.term("subject", ends[0]["subject"])
    draw = partial(
        subsidies.spread,
        payments.paid(rows),
        look,
        published=(float(ends[0]["value"]), float(ends[1]["value"])),
        source=str(ends[0]["source_title"]),
        caption=look.say("subsidy.spread_caption", month=month, name=name),
        grade=market.grade,
    )
    layout.card(look, cached.pictured(market, filters, look, "subsidy_spread", draw), "subsidy_spread")


def _top(months: pd.DataFrame) -> str:
    """Network that pays most on its average parcel in the last month."""
    last = months["average"].unstack("month").iloc[:, -1]
    return str(last.fillna(0.0).idxmax())


def _map_link(look: Look, network: str) -> None:
    if st.button(look.say("subsidy.on_map"), icon=":material/map:", key="subsidy_on_map"):
        state.put("measure", "subsidy", "leader")
        state.put("focus", network, "duoduo")
        st.switch_page("pages/map.py")


def effect(look: Look, market: Market, filters: inputs.Filters) -> None:
    """What starting to pay did to the network's share: the estimate, its checks, and what the share model implies.

    The data are those known in the month chosen, of the tiers and regions chosen; the network is a control of its own.
    """
    found, network, measure = _study(look, market, filters)
    if isinstance(found, str):
        said = look.say(f"effect_error.{found}", name=look.name(network))
        early = filters.month < cached.months(market)[-1]
        why = " " + look.say("effect.cut_month", month=look.month(filters.month)) if early else ""
        answers.callout(look, said + why, "no_effect", grade=market.grade)
        return
    told.study(look, found)
    implied = fits.implied(market, look, found)
    grade = weakest(market.grade, found.fit.grade)
    left, right = st.columns([3, 2], gap="small")
    with left:
        caption = look.say(f"effect.event_caption_{measure}", name=look.name(network))
        months = implied.event if implied else None
        layout.card(look, event_study.event_study(found, months, look, caption=caption, grade=grade), "event_study")
    with right, st.container(border=True, height="stretch", gap="xsmall", key="card_contrasts"):
        caption = look.say("effect.contrast_caption", months=found.roll_out.window[1])
        view = effects.contrasts(found, implied.overall if implied else None, look, caption=caption, grade=grade)
        layout.chart(look, view, "contrasts")
        verdicts = effects.verdicts(found, look)
        with answers.pinnable(
            look, "verdicts", look.say("pinned.effect_says", name=look.name(network)), verdicts, grade
        ):
            st.markdown("\n".join(f"- {sentence}" for sentence in verdicts))
    left, right = st.columns([3, 2], gap="small")
    with left:
        caption = look.say("effect.groups_caption")
        layout.card(look, effects.groups(found, look, caption=caption, grade=grade), "groups")
    with right:
        layout.table_card(
            look,
            effects.left_out(found, look),
            title=look.say("effect.who"),
            caption=effects.kept(found, look, until=filters.month),
            grade=grade,
            key="left_out",
        )


def _study(look: Look, market: Market, filters: inputs.Filters) -> "tuple[Study | str, str, str]":
    """Network, outcome, comparison and ring chosen, and what they give."""
    payers = fits.payers(market)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="effect_controls"):
        network = inputs.one(look, "payer", payers, label=look.name, default="duoduo", width=170)
        measure = inputs.one(
            look, "outcome", effects.MEASURES, label=lambda m: look.say(f"effect.measure_{m}"), width=190
        )
        control = inputs.one(look, "control", CONTROLS, label=lambda c: look.say(f"effect.control_{c}"), width=240)
        with st.container(width=260):
            radius = inputs.amount(
                look, "ring", 0.0, FARTHEST_KM, 0.0, 50.0, label=look.say("input.ring"), pattern="%.0f"
            )
    more = {"payer": look.name(network), "outcome": look.say(f"effect.measure_{measure}")}
    told.narrowed(look, filters, more | {"control": look.say(f"effect.control_{control}")})
    found = fits.study(market, filters, look, platform=network, measure=measure, control=control, radius=radius)
    return found, network, measure
