"""Pictures of coverage and white space: titles computed, shares add to 100, tables complete, colours apart."""

import numpy as np
import pandas as pd
import pytest

from analysis.space.coverage import RADII_M, SERVED, parts, served
from analysis.space.served_cells import served_cells
from analysis.space.white_space import by_city, terms, white_space
from analysis.views import coverage as views
from analysis.views import served as served_views
from analysis.views import white_space as white_views
from analysis.views.look import Look, percent
from analysis.views.theme import Theme
from data.grade import Grade
from data.platforms import OUTSIDE, PLATFORMS
from tests.made_space import CITIES, coverage, demand, stations
from tests.test_space_white_space import month_rows

SUBJECT = views.Subject("duoduo", "people", 1000)
NAMES = {"310000": "Shanghai", "330100": "Hangzhou", "331100": "Lishui"}
OPTIONS = {"caption": "A caption", "grade": Grade.MODELLED}


def tables(by):
    return coverage(demand(), stations(), by=(by,)), coverage(demand(), stations(), by=())


def of(table, network, radius_m, kind="any"):
    rows = table[(table["network"] == network) & (table["kind"] == kind) & (table["radius_m"] == radius_m)]
    return float(rows["people_share"].iloc[0])


def dots(look, *, by="city", subject=SUBJECT, shown=3):
    table, whole = tables(by)
    return views.by_group(table, whole, look, subject=subject, group=by, names=NAMES, shown=shown, **OPTIONS)


def heat(look, *, by="city", subject=SUBJECT, shown=6):
    table, whole = tables(by)
    return views.networks(table, whole, look, subject=subject, group=by, names=NAMES, shown=shown, **OPTIONS)


def test_reach_names_the_network_its_best_rival_and_all(look):
    view, (_, whole) = dots(look), tables("city")
    rivals = {p: of(whole, p, 1000) for p in ("cainiao", "jd", "hivebox")}
    best = max(rivals, key=rivals.get)
    said = [look.name("duoduo"), percent(of(whole, "duoduo", 1000)), look.name(best), percent(rivals[best])]
    assert all(text in view.title for text in [*said, percent(of(whole, "all", 1000))])
    assert view.grade is Grade.MODELLED
    assert len(view.alt) > 20


def test_reach_has_a_row_for_every_group_and_radius(look):
    view, (table, _) = dots(look), tables("city")
    assert len(view.table) == len(CITIES) * len(RADII_M)
    own = view.table.iloc[:, 2].to_numpy()
    rows = table[(table["network"] == "duoduo") & (table["kind"] == "any")]
    np.testing.assert_allclose(own, (rows.sort_values(["city", "radius_m"])["people_share"] * 100).round(1))


def test_reach_draws_some_and_lists_all(look):
    view = dots(look, shown=1)
    assert len(view.table) == len(CITIES) * len(RADII_M)
    marks = [trace for trace in view.figure.data if trace.mode == "markers"]
    assert len(marks) == 3 * len(RADII_M)
    assert all(list(trace.y) == ["Shanghai"] for trace in marks)


def test_reach_by_tier_speaks_the_language(look):
    labels = dots(look, by="tier", shown=6).table.iloc[:, 0]
    assert set(labels) == {look.term("tier", tier) for tier in ("Tier 1", "New Tier 1", "Tier 4")}


def test_a_network_without_stations_reaches_nobody(look):
    subject = views.Subject("yunda", "people", 1000)
    assert percent(0.0) in dots(look, subject=subject).title
    assert look.name("yunda") in heat(look, subject=subject).title


def test_one_network_alone_has_no_rival(look):
    alone = stations()[lambda rows: rows["platform"] == "duoduo"]
    table, whole = coverage(demand(), alone, by=("city",)), coverage(demand(), alone, by=())
    view = views.by_group(table, whole, look, subject=SUBJECT, group="city", names=NAMES, shown=3, **OPTIONS)
    assert percent(0.0) in view.title


def test_networks_in_the_order_of_their_reach(look):
    view, (_, whole) = heat(look), tables("city")
    rows = next(trace for trace in view.figure.data if trace.type == "heatmap")
    networks = [p for p in PLATFORMS if look.name(p) in rows.y]
    ranked = sorted(networks, key=lambda p: -of(whole, p, 1000))
    assert list(rows.y)[-len(networks) :] == [look.name(p) for p in ranked]
    assert look.name(ranked[0]) in view.title
    first = np.asarray(rows.z)[list(rows.y).index(look.name(ranked[0])), 0]
    assert first == pytest.approx(of(whole, ranked[0], 1000) * 100)


def test_networks_table_has_every_group_though_the_picture_has_some(look):
    view = heat(look, shown=1)
    assert view.table.index.tolist() == [look.say("cover.everywhere"), *NAMES.values()]
    assert len(view.figure.data[0].x) == 2


def test_networks_of_one_city_by_radius(look):
    _, whole = tables("city")
    names = {str(metres): views.radius(look, metres) for metres in RADII_M}
    view = views.networks(whole, whole, look, subject=SUBJECT, group="radius_m", names=names, shown=6, **OPTIONS)
    assert view.table.index.tolist() == list(names.values())
    assert view.table[look.name("duoduo")].tolist() == [round(of(whole, "duoduo", m) * 100, 1) for m in RADII_M]


def test_lengths_are_said_in_the_unit_that_suits_them():
    assert [views.radius(Look("en", Theme("light")), m) for m in (300, 1000, 3000)] == ["300 m", "1 km", "3 km"]
    assert views.radius(Look("zh", Theme("light")), 1000) == "1公里"


def amounts():
    points, found = demand(), stations()
    return parts(points, served(points, found, "duoduo", 300), weight="people", by=("city",)).rename(index=NAMES)


def test_bars_add_to_100(look):
    rows = amounts()
    view = served_views.bars(rows, look, subject=SUBJECT, heading="City", of="Hangzhou", **OPTIONS)
    np.testing.assert_allclose(view.table.sum(axis=1), 100)
    assert sum(trace.x[0] for trace in view.figure.data) == pytest.approx(100)
    shares = rows.loc["Hangzhou"] / rows.loc["Hangzhou"].sum()
    assert all(percent(value) in view.title for value in shares)
    assert list(view.table) == [served_views.label(look, key, "duoduo") for key in SERVED]


def test_a_bar_of_nothing_is_left_out(look):
    rows = pd.concat([amounts(), pd.DataFrame(0.0, ["Empty"], list(SERVED))])
    view = served_views.bars(rows, look, subject=SUBJECT, heading="City", of="Shanghai", **OPTIONS)
    assert "Empty" not in view.table.index


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("network", [p for p in PLATFORMS if p != OUTSIDE])
def test_colours_of_who_serves_are_told_apart(network, mode):
    fills = list(served_views.colours(Theme(mode), network).values())
    assert fills[0] == Theme(mode).colour(network)
    channels = np.array([[int(fill[i : i + 2], 16) for i in (1, 3, 5)] for fill in fills], float)
    apart = np.linalg.norm(channels[:, None] - channels[None], axis=-1)[np.triu_indices(len(SERVED), 1)]
    assert apart.min() > 40
    assert np.ptp(channels[2]) > 60  # lockers alone are no second grey


def cells(weight="people"):
    points, found = demand(), stations()
    return served_cells(points, served(points, found, "duoduo", 300), weight=weight, resolution=8, most=100)


def test_map_has_a_layer_of_cells_over_the_land(look):
    found, ground = cells(), "own.geojson"
    picture = served_views.served_map(found, look, subject=SUBJECT, ground=ground)
    assert picture.layers[0].data == ground
    assert [layer.id for layer in picture.layers] == ["land", "served", "sites"]
    assert picture.layers[2].data == []
    ringed = served_views.served_map(found, look, subject=SUBJECT, ground=ground, sites=found.head(3))
    assert len(ringed.layers[2].data) == 3
    marks = picture.layers[1].data
    assert len(marks) == len(found)
    assert {mark["city"] for mark in marks} <= set(CITIES)
    assert max(abs(mark["o"] + mark["r"] + mark["l"] + mark["x"] - 100) for mark in marks) <= 2
    fills = served_views.colours(look.theme, "duoduo")
    first = found["first"].astype(str).iloc[-1]
    red = int(fills[first][1:3], 16)
    assert marks[-1]["c"][0] == red
    assert marks[0]["c"][3] < marks[-1]["c"][3]
    assert "http" not in picture.to_json().replace("app/static", "")


def test_map_as_numbers(look):
    found = cells()
    table = served_views.map_table(found, look, subject=SUBJECT, cities=[NAMES[city] for city in found["city"]])
    assert len(table) == len(found)
    assert table.iloc[:, 2].is_monotonic_decreasing
    np.testing.assert_allclose(table.iloc[:, 3:7].sum(axis=1), 100, atol=0.2)
    title = served_views.map_finding(found, look, subject=SUBJECT)
    assert percent(float((found["first"] == "nobody").mean()), 0) in title


def ranked():
    points, found = demand(), stations()
    by_whom, paid = served(points, found, "duoduo", 300), terms(month_rows(), "duoduo")
    places = by_city(points, by_whom).join(paid)
    options = {"resolution": 8, "most": 30}
    return places, white_space(points, found, by_whom, paid, "duoduo", **options)


def test_cities_in_the_order_of_their_white_space(look):
    places, _ = ranked()
    tiers = dict.fromkeys(CITIES, "Tier 1")
    subject = views.Subject("duoduo", "people", 300)
    view = white_views.cities(places, look, subject=subject, names=NAMES, tiers=tiers, **OPTIONS)
    assert view.table.iloc[:, 1].tolist() == [NAMES[city] for city in places.index]
    assert view.table.iloc[:, 0].tolist() == [1, 2, 3]
    assert NAMES[places.index[0]] in view.title
    drawn = sum(np.asarray(trace.x) for trace in view.figure.data)
    np.testing.assert_allclose(drawn, places["white_parcels_per_day"])


def test_cells_say_what_a_new_station_would_win_and_need(look):
    _, found = ranked()
    title, caption = white_views.cell_words(found, look, network="duoduo", reach_m=1000, names=NAMES)
    best = found.iloc[0]
    assert f"{best['expected_parcels_per_day']:,.0f}" in title
    assert str(int((found["profit_cny_per_month"] > 0).sum())) in title
    assert views.radius(look, 1000) in caption
    table = white_views.cell_table(found, look, network="duoduo", names=NAMES)
    assert table.iloc[:, 0].tolist() == list(range(1, len(found) + 1))
    assert {look.say("field.lat"), look.say("field.lon")} <= set(table)
    assert {look.say("cover.screened"), look.say("cover.break_even")} <= set(table)
    assert not table.isna().any().any()


def test_cells_of_one_city_are_told_apart_by_their_position(look):
    _, found = ranked()
    title, _ = white_views.cell_words(found, look, network="duoduo", reach_m=1000)
    assert f"{found['lat'].iloc[0]:.3f}, {found['lon'].iloc[0]:.3f}" in title
    table = white_views.cell_table(found, look, network="duoduo")
    assert list(table)[1:3] == [look.say("field.lat"), look.say("field.lon")]
    assert look.say("market.city") not in table
    assert look.say("cover.expected") in table


def test_a_cell_pays_by_its_profit_and_not_by_parcels_that_no_station_can_take(look):
    """Parcels for three stations, none of which lives on those that it can handle."""
    _, found = ranked()
    full = found.assign(margin=3.0, profit_cny_per_month=-1.0)
    title, _ = white_views.cell_words(full, look, network="duoduo", reach_m=1000, names=NAMES)
    none = {"en": "would pay in 0 of", "zh": "新站可盈利的约有0个"}
    assert none[look.lang] in title


def test_no_cells_are_said_so(look):
    _, found = ranked()
    title, _ = white_views.cell_words(found.iloc[:0], look, network="duoduo", reach_m=1000, names=NAMES)
    assert look.name("duoduo") in title
    assert white_views.cell_table(found.iloc[:0], look, network="duoduo", names=NAMES).empty
