"""Remote provinces: what the way costs, what gathering parcels saves, and what a network that pays for it spends."""

import pandas as pd
import streamlit as st

from analysis import summary
from analysis.space import active, rural, rural_remote
from analysis.space.rural_remote import REMOTE
from analysis.views import rural_remote as view
from analysis.views.look import Look
from data.cities import cities
from data.grade import Grade, weakest
from data.markets import Market
from pages.ui import cached, inputs, layout, map_rural_reach, told

MAIN = ("load_alone", "load_together", "truck_cny_per_km", "empty_way_back")
SHORT = {
    "price_cny_per_parcel": "price",
    "origin_cny_per_parcel": "origin",
    "gathering_cny_per_parcel": "gather",
    "last_cny_per_parcel": "last",
    "truck_cny_per_km": "truck",
    "truck_parcels": "full",
    "load_alone": "alone",
    "load_together": "load",
    "empty_way_back": "empty",
    "detour": "detour",
    "van_cny_per_km": "van",
    "van_parcels": "vanful",
    "couriers_alone": "couriers",
}
"""Names in the URL (after "rur_")."""
STEPS = 100
MOST_PAID, PAID_STEP = 2.0, 0.01
COUNTY_KM = 10.0


def section(look: Look, market: Market, filters: inputs.Filters, *, network: str) -> None:
    """Levers, cost by leg, and a table of what each province has."""
    assert market.panel is not None
    hubs = cities()[f"city_{look.lang}"]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="rural_remote_controls"):
        hub = inputs.one(look, "rur_hub", rural_remote.HUBS, label=lambda c: str(hubs[c]), width=180)
        with st.container(width=320):
            label = look.say("rural.paid", name=look.name(network))
            default = rural_remote.highest_payment()
            paid = inputs.amount(look, "rur_pay", 0.0, MOST_PAID, default, PAID_STEP, label=label)
    changed = _levers(look)
    units = cached.kept("rural_units", (), rural.units)
    rows = summary.at(market.panel, filters.month)
    within = map_rural_reach.codes(market, filters, "all")
    rows = rows[rows["city"].isin(within)] if within else rows
    days = filters.month.days_in_month
    table = rural_remote.provinces(rows, units, network, hub=hub, days=days, paid_cny_per_parcel=paid, changed=changed)
    if table.empty:
        st.info(look.say("rural.no_remote"), icon=":material/info:")
        return
    numbers = {f"rural.n_{key}": f"{value:g}" for key, value in changed.items() if value != REMOTE[key].value}
    told.table(look, look.say("pinned.remote"), told.pairs(look, numbers) or [look.say("pinned.defaults")])
    month = look.month(filters.month)
    layout.card(look, view.bars(table, look, hub=str(hubs[hub]), month=month, grade=market.grade), "rural_costs")
    _provinces(look, market, filters, table, network)
    assumed = view.assumed_table(rural_remote.values(changed), look)
    title, caption = look.say("rural.assumed_title"), look.say("rural.assumed_caption")
    layout.table_card(look, assumed, title=title, caption=caption, grade=Grade.ASSUMED, key="rural_assumed")
    st.page_link("pages/scenario.py", label=look.say("rural.to_scenario"), icon=":material/tune:")


def _levers(look: Look) -> dict[str, float]:
    """Every number of the costs; the four that move most in sight."""
    found = {}
    with st.grid(4, min_column_width=170, gap="medium"):
        for key in MAIN:
            found[key] = _slider(look, key)
    rest = [key for key in rural_remote.REMOTE if key not in MAIN]
    fold = st.expander(look.say("rural.more_numbers"), icon=":material/tune:", key="rural_more")
    with fold, st.grid(3, min_column_width=170, gap="medium"):
        for key in rest:
            found[key] = _slider(look, key)
    return found


def _slider(look: Look, key: str) -> float:
    item = rural_remote.REMOTE[key]
    step = round((item.high - item.low) / STEPS, 4)
    label, name = look.say(f"rural.n_{key}"), f"rur_{SHORT[key]}"
    return inputs.amount(look, name, item.low, item.high, item.value, step, label=label, pattern="%.4g")


def _provinces(look: Look, market: Market, filters: inputs.Filters, table: pd.DataFrame, network: str) -> None:
    """Parcels, stations, coverage and money by province."""
    reached = _reached(market, filters)
    sent = rural_remote.sent()
    rows = view.provinces_table(table, reached, sent, look, network=network, km=COUNTY_KM)
    paid, more = float(table["paid_per_month"].sum()), float(table["more"].sum())
    values = {"name": look.name(network), "paid": look.money(paid), "more": look.count(more)}
    title = look.say("rural.remote_table_title" if paid else "rural.remote_table_free", **values)
    caption = look.say("rural.remote_table_caption", km=f"{COUNTY_KM:g}")
    grade = weakest(market.grade, Grade.ASSUMED)
    layout.table_card(look, rows, title=title, caption=caption, grade=grade, key="rural_provinces")


def _reached(market: Market, filters: inputs.Filters) -> pd.DataFrame:
    """Stations, and counties and village people reached by any staffed one, by remote province."""
    columns = ["staffed", "lockers", "part", "5000"]
    if market.stations is None:
        return pd.DataFrame(columns=columns, dtype=float)
    return cached.kept("rural_remote", (market.version, filters.key), lambda: _count(market, filters))[columns]


def _count(market: Market, filters: inputs.Filters) -> pd.DataFrame:
    assert market.stations is not None
    seen = map_rural_reach.found(
        market, filters, "staffed", "", "all", by="province", km=COUNTY_KM, kinds=map_rural_reach.KINDS[0]
    )
    stand = active(market.stations, filters.month)
    lockers = stand[(stand["format"] == rural.LOCKER).to_numpy()]["city"].astype("str").value_counts()
    province = cities()["province_en"]
    by_province = lockers.groupby(province.reindex(lockers.index).to_numpy()).sum()
    groups = seen.groups
    return groups.assign(staffed=groups["points"], lockers=by_province.reindex(groups.index).fillna(0).astype(int))
