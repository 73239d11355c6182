"""The countryside: plans and what was reached, counties and villages, remote provinces, one village point."""

import pandas as pd

from analysis import summary
from analysis.space import rural_plans
from analysis.views import rural_plans as plans_view
from analysis.views.look import Look
from data.grade import Grade
from data.markets import Market
from pages.ui import cached, inputs, layout, map_rural_living, map_rural_reach, map_rural_remote

PARTS = ("plans", "reach", "remote", "living")


def section(look: Look, market: Market, filters: inputs.Filters, *, network: str, place: str) -> None:
    """One question about the countryside at a time; `network` is in focus, `place` is a city's adcode or "all"."""
    part = inputs.switch(look, "rur_part", PARTS, label=lambda p: look.say(f"rural.part_{p}"))
    if part == "plans":
        _plans(look, market)
    elif part == "reach":
        map_rural_reach.section(look, market, filters, network=network, place=place)
    elif part == "remote":
        map_rural_remote.section(look, market, filters, network=network)
    else:
        map_rural_living.section(look)


def _plans(look: Look, market: Market) -> None:
    figures = cached.kept("rural_figures", (), rural_plans.figures)
    names = plans_view.topics(look)
    topic = inputs.switch(look, "rur_topic", list(names), label=names.__getitem__)
    view = plans_view.timeline(figures, look, topic=topic, today=_centres(market), grade=market.grade)
    layout.card(look, view, f"rural_{topic}")
    rows = rural_plans.ledger(figures)
    title, table = plans_view.ledger_finding(rows, look), plans_view.ledger_table(rows, look)
    caption = look.say("rural.ledger_caption")
    layout.table_card(look, table, title=title, caption=caption, grade=Grade.REPORTED, key="rural_ledger")


def _centres(market: Market) -> pd.Series | None:
    """Centres of Rural Taobao by month; None where the market has no such network."""
    if market.panel is None:
        return None
    table = cached.kept("rural_centres", (market.version,), lambda: _stations(market))
    return table["rural"] if "rural" in table and table["rural"].any() else None


def _stations(market: Market) -> pd.DataFrame:
    assert market.panel is not None
    return summary.wide(market.panel, "month", value="stations")
