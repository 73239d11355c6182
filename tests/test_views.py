"""Figures hold the numbers they were given, and every view carries its words, table and grade."""

import numpy as np
import pandas as pd
import pytest

from analysis import growth as growth_model
from analysis import summary
from analysis.views import charts, concentration, drivers, growth, kpis, maps
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.cities import TIERS
from data.grade import Grade
from data.text import LANGUAGES

EXACT = 1e-9
"""Sums of a few hundred floats."""
MONTHS = pd.date_range("2024-01-01", periods=20, freq="MS")
NETWORKS = ("cainiao", "duoduo", "hivebox", "home")
FOUR = ["cainiao", "duoduo", "hivebox", "jd"]


@pytest.fixture
def by_tier():
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.integers(10, 900, (6, 4)), index=pd.Index(TIERS, name="tier"), columns=list(NETWORKS))


@pytest.fixture
def over_time():
    rng = np.random.default_rng(2)
    return pd.DataFrame(rng.integers(100, 900, (20, 4)), index=pd.Index(MONTHS, name="month"), columns=list(NETWORKS))


def test_share_by_draws_the_shares(by_tier, look):
    view = charts.share_by(by_tier, look, group="tier", caption="c", grade=Grade.MODELLED)
    drawn = np.array([trace.x for trace in view.figure.data])
    np.testing.assert_allclose(drawn.sum(axis=0), 100, atol=EXACT)
    np.testing.assert_allclose(drawn.T, summary.row_shares(by_tier) * 100, atol=EXACT)
    assert [trace.name for trace in view.figure.data] == [look.name(p) for p in NETWORKS]


def test_tables_add_to_exactly_100(by_tier, look):
    table = charts.share_by(by_tier, look, group="tier", caption="c", grade=Grade.MODELLED).table
    assert (table.round(1).sum(axis=1).round(6) == 100.0).all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_views_say_something(by_tier, over_time, lang):
    look = Look(lang, Theme("dark"))
    for view in (
        charts.share_by(by_tier, look, group="tier", caption="c", grade=Grade.MODELLED),
        concentration.bars(by_tier, summary.by_owner(by_tier), look, group="tier", caption="c", grade=Grade.MODELLED),
        charts.share_lines(over_time, look, caption="c", grade=Grade.REPORTED),
    ):
        assert view.title
        assert len(view.alt) > 20
        assert len(view.table) > 0
        assert isinstance(view.grade, Grade)


def test_finding_names_the_leader(look):
    volumes = pd.DataFrame({"cainiao": [5, 5, 1], "duoduo": [1, 1, 5]}, index=list(TIERS[:3]))
    title = charts.share_by(volumes, look, group="tier", caption="", grade=Grade.MODELLED).title
    assert look.name("cainiao") in title
    assert look.term("tier", "Tier 2") in title
    assert "2" in title


def test_concentration_draws_the_index(look):
    volumes = pd.DataFrame([[30, 30, 20, 20, 400]], index=["Tier 1"], columns=[*FOUR, "home"])
    owners = summary.by_owner(volumes)
    view = concentration.bars(volumes, owners, look, group="tier", caption="", grade=Grade.MODELLED)
    assert view.figure.data[0].x[0] == pytest.approx(2600)  # example of the US Department of Justice


def test_lines_label_every_network_without_overlap(over_time, look):
    view = charts.share_lines(over_time, look, caption="", grade=Grade.MODELLED)
    heights = sorted(a.y for a in view.figure.layout.annotations)
    assert len(heights) == len(NETWORKS)
    assert min(np.diff(heights)) > 0.5


def test_filtered_networks_leave_a_remainder(by_tier):
    kept = summary.keep_networks(by_tier, ["duoduo"])
    assert list(kept) == ["duoduo", summary.REMAINDER, "home"]
    assert (kept["home"] == by_tier["home"]).all()
    assert (kept.sum(axis=1) == by_tier.sum(axis=1)).all()


def test_owner_view_keeps_totals(by_tier):
    both = by_tier.assign(rural=1)
    owners = summary.by_owner(both)
    assert (owners["Alibaba"] == both["cainiao"] + 1).all()
    assert (owners.sum(axis=1) == both.sum(axis=1)).all()


def test_kpis_compare_with_a_year_ago(over_time, look):
    stations = pd.Series(np.arange(100.0, 120.0), index=MONTHS)
    price = pd.Series([8.0, 7.5], index=[MONTHS[6], MONTHS[18]])
    figures = kpis.headline(over_time, stations, price, look, Grade.MODELLED)
    assert len(figures) == 5
    assert figures[1].delta == f"{(119 / 107 - 1) * 100:+.1f}%"
    assert figures[4].grade is Grade.REPORTED
    assert figures[4].value == "¥7.50"


def test_league_is_sorted_and_adds_up(over_time, look):
    table = charts.league(over_time, look)
    shares = table[look.say("market.share")]
    assert shares.is_monotonic_decreasing
    assert shares.sum() == pytest.approx(1, abs=EXACT)


def shares_frame(gain):
    now = pd.Series([0.4, 0.3, 0.2, 0.1], index=list(NETWORKS))
    then = now + np.array([-gain / 2, gain, -gain / 4, -gain / 4])
    return pd.DataFrame({"observed": now, "point": then, "low_95": then - 0.01, "high_95": then + 0.01})


def test_before_after_draws_both_and_adds_to_100(look):
    view = drivers.before_after(shares_frame(0.04), look, changed="duoduo", caption="", grade=Grade.MODELLED)
    bars = next(trace.x for trace in view.figure.data if trace.type == "bar")
    marks = next(trace.x for trace in view.figure.data if trace.type == "scatter")
    assert sum(bars) == pytest.approx(100)
    assert sum(marks) == pytest.approx(100)
    assert (view.table.iloc[:, :2].sum().round(6) == 100.0).all()
    assert "+4.00" in view.title


def test_no_change_is_said(look):
    view = drivers.before_after(shares_frame(0.0), look, changed="duoduo", caption="", grade=Grade.MODELLED)
    assert view.title == look.say("finding.scenario_same")


@pytest.fixture
def stations():
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "lon": rng.uniform(100, 120, 5000),
            "lat": rng.uniform(25, 40, 5000),
            "platform": rng.choice(NETWORKS[:3], 5000),
            "tier": pd.Categorical(rng.choice(TIERS, 5000), TIERS, ordered=True),
        }
    )


def test_grid_counts_every_station(stations):
    cells = maps.grid(stations, "duoduo")
    assert cells["all"].sum() == len(stations)
    assert cells["own"].sum() == (stations["platform"] == "duoduo").sum()
    assert not cells.duplicated(["lon", "lat"]).any()


def test_decks_ask_no_tile_server(stations, look):
    for deck in (
        maps.density_map(maps.grid(stations, "duoduo"), look, "duoduo"),
        maps.city_map(stations, look, "duoduo"),
    ):
        text = deck.to_json()
        assert "http" not in text
        assert '"mapProvider": null' in text or "mapProvider" not in text


def test_station_table_counts_every_station(stations, look):
    table = maps.station_table(stations, look)
    assert table[look.say("market.total")].sum() == len(stations)


def test_axis_is_in_the_words_of_the_language():
    assert Look("en", Theme("light")).short(2.5e9) == "2.5 bn"
    assert Look("zh", Theme("light")).short(2.5e9) == "25亿"
    assert Look("en", Theme("light")).short(200_000) == "200 k"
    assert Look("en", Theme("light")).short(0) == "0"


@pytest.mark.parametrize(
    ("values", "monthly", "said"),
    [
        (np.geomspace(1e6, 2e6, 12), True, "Too short to say: 12 months"),
        (np.geomspace(2e6, 1e6, 40), True, "Past, Jan 2020 to Apr 2023 (log-linear fit): −19."),
        (1e6 / (1 + np.exp(-0.25 * (np.arange(60) - 20))), False, "Flat at 999.79 k"),
        (1e6 / (1 + np.exp(-0.25 * (np.arange(30) - 20))), False, "Ceiling of"),
        (np.geomspace(1e6, 2e6, 40), False, "Ceiling not identified"),
    ],
)
def test_growth_title_says_what_the_data_can_tell(values, monthly, said):
    noise = 1 + 0.004 * np.cos(7 * np.arange(len(values)))
    series = pd.Series(values * noise, index=pd.period_range("2020-01", periods=len(values), freq="M"))
    fitted, trend = growth_model.fit(series, "logistic"), growth_model.fit(series, "log-linear")
    look = Look("en", Theme("light"))
    assert growth.finding(series, fitted, look, "parcels", trend=trend, monthly=monthly).startswith(said)


def test_an_unconfirmed_ceiling_is_no_finding():
    values = 1e6 / (1 + np.exp(-0.25 * (np.arange(30) - 20))) * (1 + 0.004 * np.cos(7 * np.arange(30)))
    series = pd.Series(values, index=pd.period_range("2020-01", periods=30, freq="M"))
    title = growth.finding(
        series, growth_model.fit(series, "logistic"), Look("en", Theme("light")), "", confirmed=False
    )
    assert title.startswith("Ceiling not confirmed")


def test_titles_of_a_narrow_filter_name_what_is_seen(by_tier):
    look = Look("en", Theme("light"))
    one_row = charts.share_by(by_tier.iloc[[2]], look, group="tier", caption="", grade=Grade.MODELLED).title
    assert "Tier 2" in one_row
    assert "all city tiers" not in one_row
    one_network = summary.keep_networks(by_tier, ["duoduo"])
    title = charts.share_by(one_network, look, group="tier", caption="", grade=Grade.MODELLED).title
    assert title.startswith("Duoduo holds")


def test_an_absent_network_is_shown_as_zero(by_tier):
    kept = summary.keep_networks(by_tier, ["rural"])
    assert (kept["rural"] == 0).all()
    assert (kept.sum(axis=1) == by_tier.sum(axis=1)).all()


def test_a_market_where_only_home_delivery_has_parcels_is_drawn(look):
    volumes = pd.DataFrame({"cainiao": [0, 0], "home": [5, 7]}, index=pd.Index(MONTHS[:2], name="month"))
    tiers = volumes.set_axis(TIERS[:2])
    view = concentration.bars(tiers, summary.by_owner(tiers), look, group="tier", caption="", grade=Grade.REPORTED)
    assert list(view.figure.data[0].x) == [10_000, 10_000]
    none = pd.Series(dtype=float, index=pd.DatetimeIndex([]))
    assert kpis.headline(volumes, none, none, look, Grade.REPORTED)


def test_the_leader_of_all_is_named_when_a_filter_hides_it(look):
    volumes = pd.DataFrame({"cainiao": [9, 9], "duoduo": [2, 3], "jd": [1, 4], "home": [20, 20]}, index=list(TIERS[:2]))
    kept = summary.keep_networks(volumes, ["duoduo", "jd"])
    view = charts.share_by(kept, look, group="tier", caption="", grade=Grade.MODELLED, everyone=volumes)
    assert view.title == look.say("finding.leads_everywhere", name=look.name("cainiao"), groups=look.say("tier.all"))


def test_no_network_without_a_parcel_leads(look):
    volumes = pd.DataFrame({"cainiao": [0, 0], "duoduo": [0, 0], "home": [5, 7]}, index=list(TIERS[:2]))
    view = charts.share_by(volumes, look, group="tier", caption="", grade=Grade.REPORTED)
    assert view.title == look.say("finding.no_network")
    assert look.name("cainiao") not in view.alt


def test_one_network_over_time_is_not_called_the_largest(over_time, look):
    view = charts.share_lines(summary.keep_networks(over_time, ["duoduo"]), look, caption="", grade=Grade.MODELLED)
    assert look.name("duoduo") in view.title
    assert look.name(summary.REMAINDER) not in view.title


def test_a_network_that_never_had_a_parcel_did_not_move(over_time, look):
    title = charts.share_lines(over_time.assign(rural=0), look, caption="", grade=Grade.MODELLED).title
    assert look.name("rural") not in title
