"""Who the countryside is reached by: counties by the distance from their seat, people of villages, single counties."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analysis.space import active, demand, rural, rural_plans
from analysis.views import rural as view
from analysis.views.look import Look, View
from data.cities import cities
from data.geo import distance_km
from data.grade import Grade
from data.markets import Market
from pages.ui import cached, inputs, layout, map_deck, outlines, state, told

FARTHEST_KM, DEFAULT_KM = 50.0, 10.0
BY = ("tier", "province")
KINDS = ("units", "counties")
NEAREST = 5
"""Points listed around a county."""
_CLICKS = "rural_clicks"


@dataclass(frozen=True, slots=True)
class Found:
    """Points that count, county-level units with what is near, and both by group."""

    points: pd.DataFrame
    units: pd.DataFrame
    groups: pd.DataFrame


def codes(market: Market, filters: inputs.Filters, place: str) -> tuple[str, ...]:
    """Cities shown; empty for the whole country."""
    found = tuple(cached.city_codes(market, filters)) if place == "all" else (place,)
    return () if len(found) == len(cities()) else found


def points(market: Market, month: pd.Timestamp, who: str, network: str) -> pd.DataFrame:
    """Stations that count at the end of a month, everywhere: those across a border serve too."""
    assert market.stations is not None
    stations = market.stations
    key = (market.version, f"{month:%Y-%m}", who, network if who == "focus" else "")
    return cached.kept("rural_points", key, lambda: rural.points(active(stations, month), who, network))


def people() -> pd.DataFrame:
    """People of the census on the national grid."""
    return cached.kept("people", ("all",), demand.people)


def villages(market: Market, month: pd.Timestamp, who: str, network: str) -> pd.DataFrame:
    """People of villages near the points, by city."""
    key = (market.version, f"{month:%Y-%m}", who, network if who == "focus" else "")
    near = points(market, month, who, network)
    return cached.kept("rural_villages", key, lambda: rural.village_people(people(), near))


def found(
    market: Market, filters: inputs.Filters, who: str, network: str, place: str, *, by: str, km: float, kinds: str
) -> Found:
    """What the part shows for one choice of its controls."""
    near = points(market, filters.month, who, network)
    units = cached.kept("rural_units", (), rural.units)
    units = units[units["kind"] == rural.COUNTY] if kinds == KINDS[1] else units
    key = (market.version, f"{filters.month:%Y-%m}", who, network if who == "focus" else "", km, kinds)
    reached = cached.kept("rural_reach", key, lambda: rural.reach(units, near, within_km=km))
    within = codes(market, filters, place)
    living = villages(market, filters.month, who, network)
    shown = reached[reached["city"].isin(within)] if within else reached
    return Found(near, shown, rural.groups(reached, living, near, by=by, within=within))


def section(look: Look, market: Market, filters: inputs.Filters, *, network: str, place: str) -> None:
    """Controls, both charts, the map of county seats and one county."""
    if market.stations is None:
        st.info(look.say("map.no_stations"), icon=":material/info:")
        return
    whose = {who: look.say(f"rural.who_{who}", name=look.name(network)) for who in rural.WHO}
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="rural_controls"):
        who = inputs.one(look, "rur_who", rural.WHO, label=whose.__getitem__, width=290)
        with st.container(width=230):
            label = look.say("rural.km")
            km = inputs.amount(look, "rur_km", 1.0, FARTHEST_KM, DEFAULT_KM, 1.0, label=label, pattern="%.0f")
        kinds = inputs.switch(look, "rur_kinds", KINDS, label=lambda k: look.say(f"rural.kinds_{k}"))
        by = inputs.switch(look, "rur_by", BY, label=lambda b: look.say(f"rural.by_{b}"))
    seen = found(market, filters, who, network, place, by=by, km=km, kinds=kinds)
    if seen.points.empty:
        month = look.month(filters.month)
        st.info(look.say("rural.no_points", who=whose[who], month=month), icon=":material/info:")
        return
    told.table(look, look.say("pinned.rural_reach", km=f"{km:g}"), [whose[who]])
    own = {"focus": network, "rural": "rural", "chinapost": "chinapost"}.get(who)
    colour = look.theme.colour(own) if own else look.theme.accent
    left, right = st.columns(2, gap="small")
    with left:
        bars = view.counties(
            seen.groups,
            look,
            by=by,
            who=whose[who],
            km=km,
            colour=colour,
            grade=market.grade,
            beside=_counties_published(look, own or who),
        )
        layout.card(look, bars, "rural_counties")
    with right:
        beside = _villages_published(look, own or who, len(seen.points))
        dots = view.villages(seen.groups, look, by=by, who=whose[who], colour=colour, grade=market.grade, beside=beside)
        layout.card(look, dots, "rural_villages")
    _county_map(look, seen, colour, km, market.grade)


def _counties_published(look: Look, who: str) -> str:
    """Counties of Rural Taobao as planned and as last published, beside those of the market."""
    if who != "rural":
        return ""
    rows = cached.kept("rural_ledger", (), rural_plans.ledger)
    row = rows[rows["topic"] == "counties"].iloc[0]
    values = {"n": f"{row['reached']:,.0f}", "planned": f"{row['planned']:,.0f}", "when": look.month(row["reached_at"])}
    return look.say("rural.beside", **values)


def _villages_published(look: Look, who: str, points: int) -> str:
    """Villages as published, beside the people near points of the market: of China Post, or of all networks."""
    rows = cached.kept("rural_figures", (), rural_plans.figures)
    rows = rows[~rows["plan"]].set_index("metric")
    if who == "chinapost":
        post = rows.loc[["share_villages_in_post_express_cooperation"]].sort_values("at")
        first, last = ((f"{row['value']:g}", look.month(row["at"])) for row in (post.iloc[0], post.iloc[-1]))
        return look.say("rural.beside_post", first=first[0], first_at=first[1], last=last[0], last_at=last[1])
    if who not in ("centres", "staffed"):
        return ""
    express, stations = (rows.loc[[name]].iloc[0] for name in ("share_villages_with_express", "village_stations"))
    values = {"share": f"{express['value']:g}", "when": look.month(express["at"]), "n": f"{points:,}"}
    return look.say("rural.beside_express", stations=f"{stations['value']:,.0f}", **values)


def _county_map(look: Look, seen: Found, colour: str, km: float, grade: Grade) -> None:
    """Seats on the map; a click and the list below choose one. After a click the list is a new one."""
    placed = seen.units[seen.units["placed"]].sort_values("nearest_km", ascending=False, kind="stable")
    if placed.empty:
        st.info(look.say("rural.no_seats"), icon=":material/info:")
        return
    title = view.county_finding(seen.units, look, km=km)
    with st.container(border=True, gap="xsmall", key="card_rural_map"):
        caption = look.say("rural.map_caption", km=f"{km:g}", n=f"{len(seen.units) - len(placed):,}")
        alt = look.say("rural.map_alt", title=title, n=f"{len(placed):,}")
        picture = view.county_deck(placed, look, colour=colour, km=km, ground=outlines.addresses()[1])
        ends = (
            (colour, look.say("pinned.reached", km=f"{km:g}")),
            (look.theme.muted, look.say("pinned.not_reached", km=f"{km:g}")),
        )
        table = view.county_table(seen.units, look, km=km)
        shown = View(map_deck.still(look, picture, legend=ends), table, title, caption, alt, grade)
        layout.heading(look, shown, "rural_map")
        click = map_deck.show(look, picture, key="rural_map", alt=alt)
        if click is not None and click.layer == "counties":
            state.put("rur_county", str(click.row["adcode"]), "")
            st.session_state[_CLICKS] = st.session_state.get(_CLICKS, 0) + 1
        names = view.county_names(placed, look)
        of = str(st.session_state.get(_CLICKS, ""))
        chosen = inputs.one(
            look, "rur_county", list(placed.index), label=lambda code: str(names[code]), width=320, of=of
        )
        _one_county(look, placed.loc[chosen], str(names[chosen]), seen.points, km, grade)


def _one_county(look: Look, county: pd.Series, name: str, points: pd.DataFrame, km: float, grade: Grade) -> None:
    """What is nearest to the seat of one county."""
    away = distance_km(county["lat"], county["lon"], points["lat"].to_numpy(), points["lon"].to_numpy())
    near = points.assign(km=away).nsmallest(NEAREST, "km")
    values = {"name": name, "n": f"{county['near']:,}", "km": f"{km:g}", "nearest": f"{county['nearest_km']:,.1f}"}
    said = look.say("rural.one_county", **values)
    st.markdown(said)
    table = pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(p)) for p in near["platform"]],
            look.say("station.format"): [look.say(f"station.format_{f}") for f in near["format"]],
            look.say("rural.away"): near["km"].round(2).to_numpy(),
            look.say("rural.opened"): near["opened"].dt.strftime("%Y-%m-%d").to_numpy(),
        }
    )
    alt, caption = look.say("rural.around", name=name), look.say("pinned.around", n=len(table))
    layout.caption_row(look, View({}, table, said.replace("**", ""), caption, alt, grade), "rural_around")
    st.dataframe(table, alt=alt, key="rural_around", hide_index=True, height="content")
