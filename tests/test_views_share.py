"""Who wins where: pictures hold the numbers they were given, and say in both languages what these show."""

import json
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import summary
from analysis.views import concentration, motion, places, standing
from analysis.views.look import Look
from analysis.views.theme import Theme, contrast
from data.cities import TIERS
from data.grade import Grade
from data.text import LANGUAGES

EXACT = 1e-9
"""Sums of a few hundred floats."""
DRAWN = 0.06
"""Frames hold percentages of two decimals, a dozen of them to a bar."""
LARGEST_FIGURE = 400_000
"""Bytes of JSON that a page may send for one picture."""
NETWORKS = ("cainiao", "duoduo", "hivebox", "home")
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture
def by_tier():
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.integers(10, 900, (6, 4)), index=pd.Index(TIERS, name="tier"), columns=list(NETWORKS))


def history(months=30, groups=TIERS, seed=2):
    index = pd.MultiIndex.from_product([groups, pd.date_range("2023-01-01", periods=months, freq="MS")])
    values = np.random.default_rng(seed).integers(10, 900, (len(index), 4))
    return pd.DataFrame(values, index=index.set_names(["tier", "month"]), columns=list(NETWORKS))


def size(view) -> int:
    return len(view.figure.to_json())


def test_heat_table_holds_the_shares_and_rows_add_to_100(by_tier, look):
    view = standing.heat_table(by_tier, look, group="tier", **SAID)
    drawn = np.asarray(view.figure.data[0].z, float)
    order = list(summary.by_size(by_tier))
    np.testing.assert_allclose(drawn, summary.row_shares(by_tier[order]) * 100, atol=0.1)
    np.testing.assert_allclose(drawn.sum(axis=1), 100, atol=EXACT)
    assert (view.table.sum(axis=1).round(6) == 100).all()
    assert list(view.table) == [look.name(p) for p in order]


def test_heat_table_sorts_networks_and_prints_the_leader_in_bold(by_tier, look):
    view = standing.heat_table(by_tier, look, group="tier", **SAID)
    totals = by_tier[[p for p in NETWORKS if p != "home"]].sum().sort_values(ascending=False)
    assert list(view.table) == [look.name(p) for p in [*totals.index, "home"]]
    bold = [text for text in view.figure.data[1].text if text.startswith("<b>")]
    best = summary.contested(view.table.rename(columns=dict(zip(view.table, [*totals.index, "home"], strict=True))))
    assert bold == [f"<b>{value:.1f}</b>" for value in best.max(axis=1)]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_cell_of_the_heat_table_is_readable(mode):
    steps = Theme(mode).sequential
    for at in np.linspace(0, 1, 51):
        position = at * (len(steps) - 1)
        low, high = steps[int(position)], steps[min(int(position) + 1, len(steps) - 1)]
        mixed = [round(np.interp(position % 1, (0, 1), (int(a, 16), int(b, 16)))) for a, b in pairs(low, high)]
        cell = "#" + "".join(f"{v:02x}" for v in mixed)
        assert contrast(standing.ink(steps, at), cell) >= 4.5, at


def pairs(first: str, second: str):
    return [(first[i : i + 2], second[i : i + 2]) for i in (1, 3, 5)]


def test_a_long_heat_table_shows_the_first_rows_and_keeps_all(look):
    cities = pd.DataFrame(np.arange(1, 121).reshape(40, 3), index=[f"c{i}" for i in range(40)], columns=NETWORKS[:3])
    view = standing.heat_table(summary.in_order(cities, "city"), look, group="city", **SAID)
    assert len(view.figure.data[0].y) == standing.SHOWN_ROWS
    assert view.figure.data[0].y[0] == "c39"
    assert len(view.table) == 40


def test_panels_share_one_scale_and_end_where_the_data_end(look):
    rows = history()
    view = standing.panels(rows, look, group="tier", **SAID)
    shares = summary.row_shares(summary.by_size(rows))
    for i, tier in enumerate(TIERS):
        for k, key in enumerate(shares):
            trace = view.figure.data[i * len(NETWORKS) + k]
            np.testing.assert_allclose(trace.y, shares.loc[tier, key] * 100, atol=0.006)
    assert len({tuple(axis.range) for axis in view.figure.select_yaxes()}) == 1
    assert (view.table.iloc[:, 2:].sum(axis=1).round(6) == 100).all()
    assert size(view) < LARGEST_FIGURE


def test_panels_name_the_largest_gain(look):
    rows = history(months=13)
    rows.loc[:, :] = 100
    rows.loc[("Tier 4", rows.index[-1][1]), "duoduo"] = 500
    title = standing.panels(rows, look, group="tier", **SAID).title
    assert look.name("duoduo") in title
    assert look.term("tier", "Tier 4") in title
    assert f"{500 / 8 - 25:.1f}" in title


@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=5, max_size=5), min_size=1, max_size=4),
    st.integers(0, 2),
)
def test_ranked_segments_tile_the_bar_largest_first(values, last):
    shares = np.asarray(values)
    shares /= shares.sum(axis=1, keepdims=True)
    edges = motion.ranked_edges(shares, last)
    order = np.argsort(edges, axis=1, kind="stable")
    starts, widths = np.take_along_axis(edges, order, 1), np.take_along_axis(shares, order, 1)
    np.testing.assert_allclose(starts, widths.cumsum(axis=1) - widths, atol=EXACT)
    free = widths[:, : shares.shape[1] - last]
    assert (np.diff(free, axis=1) <= EXACT).all()
    for row in order:
        assert list(row[len(row) - last :]) == list(range(len(row) - last, len(row)))


def test_film_holds_every_month_shown(look):
    rows = history(months=92)
    view = motion.ranked_bars(rows, look, group="tier", **SAID)
    frames = view.figure.frames
    assert 1 < len(frames) <= motion.FRAMES
    months = rows.index.get_level_values(1).unique()
    assert frames[-1].name == look.month(months[-1])
    shares = summary.row_shares(summary.by_size(rows)) * 100
    by_name = {look.month(month): month for month in months}
    for frame in frames:
        now = shares.xs(by_name[frame.name], level=1)
        bars = [trace for trace in frame.data if trace.xaxis != "x2"]
        np.testing.assert_allclose(np.array([bar.x for bar in bars]).T, now, atol=0.006)
        np.testing.assert_allclose(sum(np.array(bar.x) for bar in bars), 100, atol=DRAWN)
        league = next(trace for trace in frame.data if trace.xaxis == "x2")
        assert list(league.x) == sorted(league.x, reverse=True)
    assert size(view) < LARGEST_FIGURE


def test_film_starts_at_the_last_month_and_has_a_slider_step_for_each(look):
    view = motion.ranked_bars(history(), look, group="tier", **SAID)
    steps = view.figure.layout.sliders[0].steps
    assert [step.label for step in steps] == [frame.name for frame in view.figure.frames]
    assert [list(step.args[0]) for step in steps] == [[frame.name] for frame in view.figure.frames]
    np.testing.assert_allclose(view.figure.data[0].x, view.figure.frames[-1].data[0].x)
    assert view.figure.layout.sliders[0].active == len(steps) - 1


def test_one_month_is_a_picture_without_controls(look):
    view = motion.ranked_bars(history(months=1), look, group="tier", **SAID)
    assert not view.figure.frames
    assert not view.figure.layout.sliders
    assert standing.panels(history(months=1), look, group="tier", **SAID).title


def test_climber_says_rank_then_and_now(look):
    shares = pd.DataFrame({"cainiao": [0.6, 0.5], "duoduo": [0.1, 0.4], "jd": [0.3, 0.1]})
    title = motion.climber(shares.set_axis(pd.to_datetime(["2024-01-01", "2025-01-01"])), look)
    assert look.name("duoduo") in title
    assert "10.0%" in title
    assert "40.0%" in title
    assert "3" in title
    assert "2" in title


def test_concentration_by_network_and_by_owner(look):
    volumes = pd.DataFrame([[30, 30, 20, 20, 400]], ["Tier 1"], ["cainiao", "duoduo", "hivebox", "rural", "home"])
    owners = summary.by_owner(volumes)
    table = concentration.concentration_table(volumes, owners).iloc[0]
    assert table["hhi"] == pytest.approx(2600)  # 30/30/20/20, the example of the US Department of Justice
    assert table["hhi_owner"] == pytest.approx(3800)  # Cainiao and Rural Taobao have one owner: 50/30/20
    assert table["cr4"] == pytest.approx(1)
    assert table["effective"] == pytest.approx(1e4 / 2600)
    view = concentration.bars(volumes, owners, look, group="tier", **SAID)
    assert view.figure.data[0].x[0] == pytest.approx(2600)
    assert view.figure.data[1].x[0] == pytest.approx(3800)
    assert look.say("band.high") in view.title


@pytest.mark.parametrize(("points", "name"), [(999, "low"), (1000, "moderate"), (1800, "moderate"), (1801, "high")])
def test_bands_of_the_merger_guidelines(points, name, look):
    """US Department of Justice and FTC, Merger Guidelines 2023, section 2.1: above 1,800 is highly concentrated."""
    assert concentration.band(points, look) == look.say(f"band.{name}")


def test_a_heat_table_without_a_network_s_parcel_is_drawn(look):
    volumes = pd.DataFrame({"cainiao": [0, 0], "home": [5, 7]}, index=list(TIERS[:2]))
    assert list(standing.heat_table(volumes, look, group="tier", **SAID).figure.data[0].z[0]) == [0, 100]


def test_city_is_ranked_in_its_tier(look):
    peers = pd.DataFrame({"cainiao": [50, 20, 30], "duoduo": [50, 80, 70]}, index=["a", "b", "c"])
    view = places.against_tier(peers, "b", look, name="B", tier="Tier 3", **SAID)
    assert list(view.figure.data[0].x) == pytest.approx([80, 20])
    assert list(view.figure.data[1].x) == pytest.approx([200 / 3, 100 / 3])
    assert list(view.table[look.say("market.rank")]) == [1, 3]
    assert look.name("duoduo") in view.title
    assert f"{80 - 200 / 3:+.1f}" in view.title


def test_payers_of_a_city(look):
    rows = pd.DataFrame(
        {
            "platform": ["cainiao", "duoduo", "jd"],
            "subsidy_cny_per_parcel": [0.05, 0.08, 0.0],
            "guarantee_cny_per_day": [0.0, 100.0, 0.0],
            "stations": [10, 20, 30],
        }
    )
    table = places.subsidies(rows, look)
    assert list(table.iloc[:, 0]) == [look.name("duoduo"), look.name("cainiao")]
    title = places.subsidy_finding(table, look, name="X", month="M")
    assert "0.08" in title
    assert "2" in title
    none = places.subsidy_finding(table.iloc[:0], look, name="X", month="M")
    assert none == look.say("finding.city_no_subsidy", where="X", month="M")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_view_is_whole(lang, mode, by_tier):
    look = Look(lang, Theme(mode))
    owners = summary.by_owner(by_tier)
    views = (
        standing.heat_table(owners, look, group="tier", **SAID),
        standing.panels(history(), look, group="tier", **SAID),
        motion.ranked_bars(history(), look, group="tier", **SAID),
        concentration.bars(by_tier, owners, look, group="tier", **SAID),
    )
    for view in views:
        assert view.title
        assert len(view.alt) > 20
        assert len(view.table) > 0
        assert isinstance(view.grade, Grade)
        assert json.loads(view.figure.to_json())["data"]
        assert size(view) < LARGEST_FIGURE


def test_names_break_in_the_middle():
    assert standing.two_lines("Home delivery") == "Home<br>delivery"
    assert standing.two_lines("丰巢等快递柜") == "丰巢等<br>快递柜"
    assert standing.two_lines("京东") == "京东"


def test_provinces_and_cities_come_largest_first_tiers_in_their_order(by_tier):
    assert list(summary.in_order(by_tier, "tier").index) == list(TIERS)
    ordered = summary.in_order(by_tier, "city").sum(axis=1)
    assert ordered.is_monotonic_decreasing


def test_history_has_one_row_a_group_and_month():
    panel = pd.DataFrame(
        {
            "month": [datetime(2025, m, 1) for m in (1, 1, 2)],
            "tier": ["Tier 1"] * 3,
            "platform": ["jd", "home", "jd"],
            "parcels": [1, 2, 3],
        }
    )
    table = summary.wide(panel, ["tier", "month"])
    assert table.loc[("Tier 1", pd.Timestamp("2025-02-01"))].to_dict() == {"jd": 3, "home": 0}


def test_who_starts_from_nothing_entered(look):
    shares = pd.DataFrame({"cainiao": [1.0, 0.9, 0.6], "duoduo": [0.0, 0.1, 0.4]})
    shares.index = pd.date_range("2019-01-01", periods=3, freq="MS")
    values = {"name": look.name("duoduo"), "since": look.month(shares.index[1]), "end": "40.0%", "after": 2}
    assert motion.climber(shares, look) == look.say("finding.entered", **values)
    assert look.name("cainiao") in motion.climber(shares, look, among=["cainiao"])


def test_concentration_of_one_row_ranks_nothing(look):
    volumes = pd.DataFrame({"cainiao": [5], "duoduo": [5]}, index=["Tier 3"])
    title = concentration.bars(volumes, volumes, look, group="tier", **SAID).title
    assert title.startswith(look.term("tier", "Tier 3"))
