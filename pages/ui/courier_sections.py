"""Section of the Share page on the courier companies that publish."""

import streamlit as st

from analysis import couriers as couriers_model
from analysis.views import couriers as drawn
from analysis.views import moves as moving
from analysis.views.look import Look
from pages.ui import inputs, layout, published, told
from pages.ui.share_sections import captioned


def couriers(look: Look) -> None:
    """The courier companies of the record: shares, concentration, and who lost what to whom between two years."""
    left, right = st.columns([3, 2], gap="small")
    with left:
        annual, restated, figures = (published.courier_table(name) for name in ("annual", "restated", "figures"))
        steps = {name: published.courier_table(name) for name in ("changes", "growth")}
        view = drawn.shares(annual, restated, figures, look, caption=look.say("couriers.shares_caption"), **steps)
        layout.card(look, view, "courier_shares")
    with right:
        found = published.courier_table("concentration")
        view = drawn.concentration(found, look, caption=look.say("couriers.hhi_caption"))
        layout.card(look, view, "courier_hhi")
    years = sorted(int(year) for year in annual.index)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="courier_controls"):
        st.caption(look.say("couriers.compare"), width="content")
        start = st.container(width="content")
        st.caption("–", width="content")
        until = _year(look, "until_year", years[:0:-1])
        first = couriers_model.BREAK - 1 if until >= couriers_model.BREAK else years[0]
        with start:
            since = _year(look, "since_year", [year for year in reversed(years) if first <= year < until])
        st.caption(look.say("couriers.one_side"), width="content")
    moved = published.courier_flows(since, until)
    words = {"since": drawn.year_of(since, 12, look), "month": drawn.year_of(until, 12, look)}
    told.chosen(look, {"since_year": str(since), "until_year": str(until)})
    part = drawn.in_part(moved, figures, look, (since, until))
    left, right = st.columns([3, 2], gap="small")
    with left:
        absent = drawn.in_the_rest(moved, annual, figures, look, (since, until))
        caption = captioned(look, look.say("couriers.switching_caption", **words), absent, part)
        view = moving.switching(moved, look, per="year", caption=caption, grade=moved.grade)
        layout.card(look, view, "courier_switching")
    with right:
        caption = captioned(look, look.say("moves.growth_caption", **words), part)
        view = moving.growth_or_switching(moved, look, per="year", caption=caption, grade=moved.grade)
        layout.card(look, view, "courier_growth")


def _year(look: Look, name: str, years: list[int]) -> int:
    return int(inputs.one(look, name, [str(year) for year in years], collapsed=True, width=100))
