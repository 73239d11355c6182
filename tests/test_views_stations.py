"""Views of station economics: the figures hold the numbers of the station and the market they were given."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.economics import DAYS, STANDARD, STATIONS, break_even, capacity, evening_overflow, profit
from analysis.views import station_market, stations
from data import record
from data.cities import TIERS
from data.grade import Grade
from data.platforms import FORMATS
from data.text import catalogue

EXACT = 1e-9
ROUNDED = 0.5
"""Tables round CNY a month and parcels a day to whole numbers."""
SENT = 1e-4
"""Four digits are sent to the browser."""
SAID = {"caption": "c", "grade": Grade.ASSUMED}
PAID = replace(STATIONS["station"], subsidy_cny_per_parcel=0.07, guarantee_cny_per_day=100.0, sd_per_day=0.0)
EARNS = replace(PAID, parcels_per_day=2000.0)


@pytest.mark.parametrize("station", [*STATIONS.values(), PAID, EARNS], ids=lambda s: f"{s.format}-{s.parcels_per_day}")
def test_items_add_up_to_the_profit(station, look):
    items = stations.items(station)
    assert sum(items.values()) == pytest.approx(float(profit(station)) * DAYS)
    view = stations.profit_bars(station, look, who="X", **SAID)
    bars = view.figure["data"][0]
    assert bars["measure"][-1] == "total"
    assert bars["y"][-1] == pytest.approx(sum(items.values()), abs=SENT)
    assert sum(bars["y"][:-1]) == pytest.approx(bars["y"][-1], abs=ROUNDED * len(items))
    assert len(view.table) == len(bars["x"])
    assert view.title.count("X") == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "station.loses"),
        ({"parcels_per_day": 3000.0}, "station.earns"),
        ({"variable_cny_per_parcel": 0.9}, "station.loses_each"),
        ({"variable_cny_per_parcel": 0.9, "guarantee_cny_per_day": 800.0}, "station.earns_each"),
    ],
    ids=str,
)
def test_title_says_whether_it_lives(changed, said, look):
    station = replace(STATIONS["station"], sd_per_day=0.0, **changed)
    view = stations.profit_bars(station, look, who="X", **SAID)
    amount = abs(float(profit(station)) * DAYS)
    lives = f"{break_even(station):,.0f}"
    text = look.say(said, who="X", amount=look.money(amount), parcels=f"{station.parcels_per_day:,.0f}", lives=lives)
    assert view.title == text


def test_a_locker_has_upkeep_for_wages(look):
    names = {stations.item_name("wages", STATIONS[format], look) for format in ("locker", "station")}
    assert len(names) == 2


@pytest.mark.parametrize("add_on", [False, True])
def test_crossing_is_where_the_lines_meet(add_on, look):
    station = replace(PAID, add_on=add_on)
    view = stations.by_parcels(station, look, **SAID)
    bare, guarantee, subsidy, ring = view.figure["data"]
    expected = 100 / 0.07 if add_on else 100 / (0.35 + 0.07)
    assert ring["x"][0] == pytest.approx(expected, abs=SENT)
    x = np.asarray(guarantee["x"])
    ahead = np.asarray(guarantee["y"]) > np.asarray(subsidy["y"]) + SENT
    assert ahead[x < expected].all()
    assert not ahead[x > expected].any()
    assert ring["y"][0] == pytest.approx(np.interp(expected, x, subsidy["y"]), abs=1.0)
    alone = replace(station, subsidy_cny_per_parcel=0.0, guarantee_cny_per_day=0.0)
    np.testing.assert_allclose(bare["y"], profit(alone, x) * DAYS, atol=DAYS * SENT)
    assert f"{expected:,.0f}" in view.title
    assert "1,429" in view.title


def test_nothing_paid_is_compared_with_the_published_offers(look):
    view = stations.by_parcels(STATIONS["station"], look, **SAID)
    assert "¥100" in view.title
    assert "0.07" in view.title


def test_no_margin_and_no_parcels_are_drawn(look):
    for changed in ({"variable_cny_per_parcel": 0.9}, {"parcels_per_day": 0.0, "sd_per_day": 0.0}):
        station = replace(STATIONS["station"], **changed)
        assert stations.by_parcels(station, look, **SAID).title
        assert stations.profit_bars(station, look, who="X", **SAID).title
        assert len(stations.figures(station, look)) == 5


def test_key_figures(look):
    found = [
        kpi.value for kpi in stations.figures(replace(EARNS, guarantee_cny_per_day=0.0, takeover_cny=60000.0), look)
    ]
    month = (2000 * 0.24 - 7300 / 30) * 30
    assert found[0] == look.money(month)
    assert found[1] == look.say("station.a_day", n=f"{7300 / 30 / 0.24:,.0f}")
    assert found[2] == look.money(month + 5000)
    assert found[3] == "¥0.000"
    assert found[4] == look.say("station.months", n=f"{60000 / month:,.0f}")
    loses = stations.figures(STATIONS["station"], look)[4].value
    assert loses == look.say("station.never")
    slow = replace(EARNS, takeover_cny=1e6)
    assert stations.figures(slow, look)[4].value == look.say("station.ten_years")


@pytest.mark.parametrize("format", FORMATS)
def test_every_default_has_its_source(format, look):
    table = stations.sources(format, record.load(), look)
    graded = table[table[look.say("grade.heading")] == look.say("grade.reported")]
    assert (graded[look.say("record.source")] != "").all()
    assert len(table) == 9
    assert not table.isna().any(axis=None)


def test_the_row_that_prints_the_default_is_named():
    item = next(i for f, i in stations.declared("station").items() if f == "takeover_cny")
    assert stations.origin(item, record.load())["value"] == item.value


def test_formats_side_by_side(look):
    table = station_market.types(look)
    assert len(table) == len(FORMATS)
    lives = table[look.say("station.kpi_break_even")]
    back = table[look.say("station.back_from", months=station_market.BACK_IN_MONTHS)]
    assert (back >= lives).all()
    found = station_market.types_finding(look)
    assert f"{lives.max():,}" in found
    assert f"{lives.min():,}" in found


@pytest.fixture
def cells():
    index = pd.MultiIndex.from_tuples(
        [("cainiao", TIERS[0]), ("cainiao", TIERS[3]), ("cainiao", "all"), ("duoduo", TIERS[3]), ("duoduo", "all")],
        names=["platform", "tier"],
    )
    return pd.DataFrame(
        {
            "stations": [100.0, 300.0, 400.0, 100.0, 100.0],
            "parcels_per_day": [2000.0, 900.0, 1175.0, 2500.0, 2500.0],
            "subsidy_cny_per_parcel": [0.0, 0.02, 0.01, 0.06, 0.06],
            "guarantee_cny_per_day": [0.0, 5.0, 4.0, 60.0, 60.0],
            "median": [2000.0, -3000.0, -2500.0, 4000.0, 4000.0],
            "below": [0.2, 0.8, 0.65, 0.25, 0.25],
        },
        index=index,
    )


@pytest.mark.parametrize("show", station_market.SHOW)
def test_heat_table_of_networks(cells, show, look):
    view = station_market.networks(cells, look, show=show, **SAID)
    drawn = view.figure.data[0]
    assert list(drawn.y) == [look.name("cainiao"), look.name("duoduo")]
    assert len(drawn.x) == 3
    assert drawn.z[0][1] == cells.loc[("cainiao", TIERS[3]), show]
    assert np.isnan(drawn.z[1][0])
    assert len(view.table) == len(cells)
    if show == "below":
        assert "57%" in view.title  # (400 x 0.65 + 100 x 0.25) / 500
    else:
        assert look.name("duoduo") in view.title


@pytest.mark.parametrize("show", station_market.SHOW)
def test_lockers_above_capacity_are_marked(cells, show, look):
    lockers = cells.rename(index={"duoduo": "hivebox"}, level="platform")
    parcels, staffed = lockers["parcels_per_day"], lockers.index.get_level_values("platform") != "hivebox"
    few = lockers.assign(parcels_per_day=parcels.where(staffed, 60.0))
    for found, marked in ((lockers, True), (few, False)):
        view = station_market.networks(found, look, show=show, **SAID)
        assert list(view.figure.data[0].y) == [
            look.name("cainiao"),
            look.name("hivebox") + station_market.MARK * marked,
        ]
        assert (station_market.MARK in view.caption) == marked
        column = view.table[look.say("station.above_capacity")]
        assert list(column != "") == [False, False, False, marked, marked]


def test_income_above_capacity_is_not_told_as_earned(look):
    locker = replace(STATIONS["locker"], parcels_per_day=142.0, sd_per_day=0.0)
    takes = capacity(STANDARD)
    title = stations.profit_bars(locker, look, who="X", takes=takes, **SAID).title
    kept = float(profit(locker, takes)) * DAYS
    assert kept < 0 < float(profit(locker))
    assert look.money(kept, signed=True) in title
    assert f"{takes:,.0f}" in title
    fits = stations.profit_bars(replace(locker, parcels_per_day=takes), look, who="X", takes=takes, **SAID).title
    assert look.say("station.loses", who="X", amount=look.money(-kept), parcels="70", lives="85") == fits


def test_the_hours_said_make_the_parcels_fit(look):
    said = station_market.beyond(STANDARD, look, 142.0)
    hours = STANDARD.hours_in_cell * capacity(STANDARD) / 142
    assert f"{hours:.1f}" in said
    assert capacity(replace(STANDARD, hours_in_cell=hours)) == pytest.approx(142, rel=1e-6)
    assert "90.6" in said  # 29.9 million cells in 330,000 sets, prospectus of May 2024
    assert "142" in said


def test_cells_of_a_set_are_those_of_the_record():
    rows = record.load()
    last = rows[(rows["network"] == "hivebox") & (rows["period"] == "2024-05-31")].set_index("metric")["value"]
    assert last["locker_cells"] / last["locker_sets"] == pytest.approx(station_market.CELLS_PER_SET)


def test_formats_say_that_a_set_of_lockers_cannot_live(look):
    said = station_market.types_caption(look)
    assert f"{capacity(STANDARD):,.0f}" in said
    assert f"{break_even(STATIONS['locker']):,.0f}" in said


def test_words_of_the_station_are_those_of_the_scenario():
    """One word for one thing in Chinese."""
    other = ("派件费", "操作成本", "附加收入", "房租", "工资", "保本", "网点", "单票", "接手价", "件均")
    texts = {key: entry["zh"] for key, entry in catalogue().items() if key.startswith("station.")}
    assert len(texts) > 80
    assert {key: text for key, text in texts.items() if any(word in text for word in other)} == {}


def test_a_market_of_lockers_alone_is_named(cells, look):
    lockers = cells.rename(index={"cainiao": "hivebox"}, level="platform").drop("duoduo", level="platform")
    view = station_market.networks(lockers, look, show="below", **SAID)
    assert view.title == look.say("station.networks_lockers", part="65%")
    assert station_market.networks(lockers, look, show="median", **SAID).title


def test_evening_rush(look):
    observed = pd.Series({TIERS[0]: 75.0, TIERS[4]: 160.0})
    view = station_market.rush(STANDARD, look, observed=observed, **SAID)
    line, dots = view.figure.data
    np.testing.assert_allclose(line.y, 100 * evening_overflow(STANDARD, np.asarray(line.x)), rtol=EXACT)
    np.testing.assert_allclose(dots.y, 100 * evening_overflow(STANDARD, [75.0, 160.0]), rtol=EXACT)
    assert look.term("tier", TIERS[4]) in view.title
    alone = station_market.rush(STANDARD, look, observed=pd.Series(dtype=float), **SAID)
    assert "84" in alone.title
