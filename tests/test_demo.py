import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from data import demo, geo
from data.cities import cities
from data.demo import anchors as demo_anchors
from data.demo import grid as demo_grid
from data.demo import model as demo_model
from data.demo import positions as demo_positions
from data.demo import roll_out as demo_roll_out
from data.demo import subsidies as demo_subsidies
from data.platforms import OUTSIDE, PLATFORMS, Platform, using
from data.text import has

SUBSIDY_ROUNDING = 1e-9
"""The panel rounds averages over days to ten decimals."""
FARTHEST_KM = 700.0
"""Seat to the farthest towns of the largest prefectures of the west: Bayanhot to Ejin is 640 km."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "built"
    demo.build(folder)
    return folder


@pytest.fixture(scope="module")
def market(built):
    return demo.load(built)


def test_two_builds_are_the_same_bytes(built, tmp_path):
    demo.build(tmp_path)
    for file in built.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name


@pytest.fixture
def quick(built, monkeypatch):
    """Builds copy the files of one real build."""

    def write(folder):
        for dataset in demo.DATASETS:
            shutil.copy(built / f"{dataset}.parquet", folder)
        return {}

    monkeypatch.setattr(demo, "_write", write)


@pytest.mark.usefixtures("quick")
def test_load_replaces_a_broken_folder_and_leaves_nothing_else(tmp_path):
    (tmp_path / "panel.parquet").write_text("broken")
    (tmp_path / "manifest.json").write_text("{}")
    assert not demo.ready(tmp_path)
    assert demo.load(tmp_path).panel is not None
    assert demo.ready(tmp_path)
    files = [*(f"{dataset}.parquet" for dataset in demo.DATASETS), "manifest.json"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(files)


@pytest.mark.usefixtures("quick")
def test_two_builders_at_once_do_not_disturb_each_other(built, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: demo.load(tmp_path).version, range(4)))
    assert set(found) == {demo.load(built).version}


def test_files_of_other_code_are_not_ready(built, monkeypatch):
    assert demo.ready(built)
    monkeypatch.setattr(demo, "inputs", lambda: "other code")
    assert not demo.ready(built)


def test_scale(market):
    assert market.panel["city"].nunique() == len(cities()) == 337
    assert market.panel["month"].nunique() == 92
    assert market.panel["month"].min() == pd.Timestamp("2019-01-01")
    assert market.panel["month"].max() == pd.Timestamp("2026-08-01")
    assert set(market.panel["platform"].unique()) == set(PLATFORMS)
    assert 500_000 < len(market.stations) < 800_000
    assert 300_000 < len(market.panel) < 375_000


def test_national_totals_equal_the_record(market):
    found = market.panel.groupby("month")["parcels"].sum()
    pd.testing.assert_series_equal(found, demo.national_totals(), check_names=False)
    totals = demo.national_totals()
    # State Post Bureau bulletins, 100 million parcels: 2023-12 is 145.5 on the 2024 definition, 2025-12 is 182.1
    assert totals["2023-12-01"] == 14_550_000_000
    assert totals["2025-12-01"] == 18_210_000_000
    assert totals["2026-01-01"] + totals["2026-02-01"] == 30_490_000_000


def test_earlier_years_are_raised_by_the_ratio_of_2023():
    # 2019-11: 71.2 hundred million as published
    assert demo.national_totals()["2019-11-01"] == pytest.approx(71.2e8 * 1441.0 / 1320.8, rel=1e-3)
    assert demo.national_totals()["2019-11-01"] > 71.2e8


@pytest.fixture(scope="module")
def anchor_rows(market):
    return demo_anchors.anchors(market).set_index("name")


@pytest.mark.parametrize("name", [anchor.name for anchor in demo_anchors.ANCHORS])
def test_anchor_is_held(anchor_rows, name):
    row = anchor_rows.loc[name]
    assert row["low"] <= row["value"] <= row["high"]


def test_tolerances_are_tight_enough_to_fail(anchor_rows):
    wide = (anchor_rows["high"] > 1.35 * anchor_rows["low"]) & anchor_rows["unit"].isin(
        ["lockers", "stations", "centres"]
    )
    assert not (wide & (anchor_rows.index != "branded_2025")).any()
    assert len(anchor_rows) >= 12


def test_panel_counts_the_roll_out_that_was_drawn(market):
    counts = demo_roll_out.counts()[-len(demo_grid.published()) :]
    for n, key in enumerate(demo_grid.networks()):
        total = market.panel[market.panel["platform"] == key].groupby("month")["stations"].sum()
        drawn = pd.Series(counts[:, :, n].sum(axis=1), demo_grid.published().to_timestamp())
        assert (total == drawn[drawn.index.isin(total.index)].to_numpy()).all(), key


def test_panel_has_the_subsidies_that_were_drawn(market):
    paid = demo_subsidies.in_force(demo_grid.published())
    panel = market.panel
    month = (panel["month"].dt.year - 2019) * 12 + panel["month"].dt.month - 1
    network = panel["platform"].astype(str).map({key: n for n, key in enumerate(demo_grid.networks())})
    expected = paid[month, panel["city"].cat.codes, network]
    assert np.abs(panel["subsidy_cny_per_parcel"] - expected).max() < SUBSIDY_ROUNDING


def test_stations_close_after_they_open_and_have_unique_names(market):
    closed = market.stations.dropna(subset="closed")
    assert (closed["closed"] > closed["opened"]).all()
    assert market.stations["station_id"].is_unique


def test_lockers_alone_have_cells(market):
    has_cells = market.stations["cells"].notna()
    assert (has_cells == (market.stations["format"] == "locker")).all()
    assert (market.stations["cells"].dropna() % 84 == 0).all()


def test_stations_lie_in_their_city(market):
    table = cities().loc[market.stations["city"].astype(str)]
    north = (market.stations["lat"].to_numpy() - table["lat"].to_numpy()) * demo_positions.KM_PER_DEGREE
    east = (market.stations["lon"].to_numpy() - table["lon"].to_numpy()) * demo_positions.KM_PER_DEGREE
    assert np.hypot(north, east * np.cos(np.radians(table["lat"].to_numpy()))).max() < FARTHEST_KM


def test_even_odd_rule_on_a_square_with_a_hole():
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], dtype=float)
    hole = np.array([[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]], dtype=float)
    lon, lat = np.array([0.5, 2.0, 5.0]), np.array([0.5, 2.0, 2.0])
    assert geo.inside(lon, lat, [square, hole]).tolist() == [True, False, False]


def test_subsidies_are_inside_the_published_range(market):
    assert market.subsidies["subsidy_cny_per_parcel"].between(0.05, 0.12).all()
    ended = market.subsidies.dropna(subset="end")
    assert (ended["end"] >= ended["start"]).all()


def test_every_network_on_offer_has_orders_free_to_choose(market):
    assert (market.panel["open_parcels"] > 0).all()


def test_captive_orders_go_to_the_owners_network(market):
    last = market.volumes[market.volumes["month"] == market.volumes["month"].max()]
    by_origin = last.groupby(["origin", "platform"])["parcels"].sum().unstack()
    share = by_origin.div(by_origin.sum(axis=1), axis=0)
    for key, origin in (("cainiao", "Alibaba"), ("duoduo", "Pinduoduo"), ("jd", "JD")):
        assert share.loc[origin, key] > share.loc["other", key] + 0.02


def test_shares_meet_the_assumed_ones_at_the_base_month():
    months = pd.PeriodIndex(["2025-06"], freq="M")
    assert demo_model.trend(months) == pytest.approx(0.0)
    # published target of ten per cent at most (Intelligent express cabinet review, 2017-08)
    assert demo_model.share_of_parcels("2017-08")["hivebox"] == pytest.approx(0.10, abs=0.01)
    assert demo_model.share_of_parcels("2017-08").sum() == pytest.approx(1.0)


def test_free_shares_add_to_one_and_are_zero_without_stations():
    months = demo_grid.published()[[0, 50, 91]]
    drawn = demo_model.choice(months)
    assert drawn.free.sum(axis=2) == pytest.approx(1.0)
    counts = demo_roll_out.counts()[demo_grid.history().get_indexer(months)]
    off = (counts == 0) & (np.arange(counts.shape[2]) < counts.shape[2] - 1)
    assert (drawn.free[off] == 0).all()
    assert (drawn.captive[off] == 0).all()


def test_whole_numbers_add_to_their_total_and_stay_near():
    weights = np.random.default_rng(1).random((50, 7))
    totals = np.arange(50) * 1_000_003
    whole = demo_grid.to_total(weights, totals)
    assert (whole.sum(axis=1) == totals).all()
    exact = weights / weights.sum(axis=1, keepdims=True) * totals[:, None]
    assert np.abs(whole - exact).max() < 1


def test_a_new_network_without_assumptions_changes_nothing():
    before = demo_grid.networks()
    new = Platform("newcomer", "Newcomer", "新来者", "Newcomer", "station", "#123456", "#abcdef")
    with using((new,)):
        assert demo_grid.networks() == before
        assert "newcomer" not in set(demo.assumptions()["item"])
        assert demo_subsidies.in_force(demo_grid.published()).shape == (92, 337, len(before))
    assert before[-1] == OUTSIDE


def test_truth_is_by_tier_and_cannot_be_changed():
    assert list(demo.TRUE.subsidy) == list(demo.TRUE.density)
    with pytest.raises(TypeError):
        demo.TRUE.subsidy["Tier 1"] = 0.0
    with pytest.raises(AttributeError):
        demo.TRUE.shock_sd = 0.0


def test_constants_are_relative_to_home_delivery():
    table = demo.constants()
    home = table[table["platform"] == OUTSIDE]
    assert (home["value"] == 0).all()
    assert set(table["kind"]) == {"tier", "month"}
    assert not table.duplicated(["kind", "at", "platform"]).any()


def test_assumptions_are_all_filled_and_say_how_far_to_trust_them():
    table = demo.assumptions()
    assert (table.drop(columns="item") != "").all(axis=None)
    assert not table.duplicated(["key", "item", "value"]).any()
    assert {"subsidy_effect", "density_effect", "january_2026", "stations", "campaign"} <= set(table["key"])


def test_every_assumption_and_anchor_has_words(anchor_rows):
    table = demo.assumptions()
    keys = {f"assumption.{key}" for key in table["key"]} | {f"reason.{key}" for key in table["reason"]}
    keys |= {f"unit.{unit}" for unit in (*table["unit"], *anchor_rows["unit"])}
    keys |= {f"anchor.{name}" for name in anchor_rows.index}
    assert {key for key in keys if not has(key)} == set()
