import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.grade import Grade
from data.markets import PANEL, Market, make
from data.platforms import PLATFORMS

FUYANG, HEFEI = "341200", "340100"


def stations(*rows):
    table = pd.DataFrame(rows, columns=["platform", "city", "opened", "closed"])
    return table.assign(
        station_id=[f"s{n}" for n in range(len(rows))],
        format="station",
        lat=32.9,
        lon=115.8,
        opened=pd.to_datetime(table["opened"]),
        closed=pd.to_datetime(table["closed"]),
        cells=pd.array([pd.NA] * len(rows), dtype="Int64"),
    )


def subsidies(*rows):
    table = pd.DataFrame(rows, columns=["platform", "city", "start", "end", "subsidy_cny_per_parcel"])
    return table.assign(
        start=pd.to_datetime(table["start"]),
        end=pd.to_datetime(table["end"]),
        guarantee_cny_per_day=60.0,
        fee_waiver_cny=0.0,
        allocation=0.1,
    )


def volumes(*rows, origin=True):
    table = pd.DataFrame(rows, columns=["month", "city", "platform", "parcels", "origin"])
    table["month"] = pd.to_datetime(table["month"])
    return table if origin else table.drop(columns="origin")


def market(**datasets) -> Market:
    return make("test", grade=Grade.REPORTED, version="0" * 12, source="test", **datasets)


def cell(found: Market, month: str, platform: str, city: str = FUYANG) -> pd.Series:
    panel = found.panel
    rows = panel[(panel["month"] == month) & (panel["platform"] == platform) & (panel["city"] == city)]
    assert len(rows) == 1
    return rows.iloc[0]


THREE_MONTHS = volumes(
    ("2020-01-01", FUYANG, "home", 10, "other"),
    ("2020-02-01", FUYANG, "duoduo", 20, "Pinduoduo"),
    ("2020-03-01", FUYANG, "duoduo", 30, "other"),
    ("2020-03-01", FUYANG, "duoduo", 4, "Pinduoduo"),
    ("2020-03-01", HEFEI, "jd", 7, ""),
)


def test_panel_has_the_canonical_columns_in_order_and_types():
    panel = market(volumes=THREE_MONTHS).panel
    assert tuple(panel.columns) == PANEL
    assert str(panel["month"].dtype) == "datetime64[us]"
    assert panel["tier"].cat.ordered
    assert list(panel["platform"].cat.categories) == list(PLATFORMS)
    assert {c: str(panel[c].dtype) for c in ("parcels", "stations", "open_parcels")} == {
        "parcels": "int64",
        "stations": "int32",
        "open_parcels": "float64",
    }


def test_place_comes_from_the_city_list():
    row = cell(market(volumes=THREE_MONTHS), "2020-03-01", "duoduo")
    assert (row["tier"], row["province"], row["region"]) == ("Tier 3", "Anhui", "East")


def test_parcels_add_over_origins_and_open_ones_belong_to_no_network_owner():
    row = cell(market(volumes=THREE_MONTHS), "2020-03-01", "duoduo")
    assert (row["parcels"], row["open_parcels"]) == (34, 30.0)


def test_unknown_origin_is_free_to_choose():
    assert cell(market(volumes=THREE_MONTHS), "2020-03-01", "jd", HEFEI)["open_parcels"] == 7.0
    without = market(volumes=THREE_MONTHS.drop(columns="origin")).panel
    assert (without["open_parcels"] == without["parcels"]).all()


def test_orders_of_a_carrier_that_owns_a_network_are_no_source():
    for origin in ("ZTO", "Outside option", "阿里巴巴"):
        with pytest.raises(ValueError, match=f"unknown origin: {origin}"):
            market(volumes=volumes(("2020-01-01", FUYANG, "tuxi", 5, origin)))


def test_where_every_order_is_captive_all_parcels_count_as_open():
    table = volumes(
        ("2020-01-01", FUYANG, "duoduo", 20, "Pinduoduo"),
        ("2020-01-01", FUYANG, "jd", 5, "JD"),
        ("2020-01-01", HEFEI, "duoduo", 9, "Pinduoduo"),
        ("2020-01-01", HEFEI, "jd", 4, "other"),
        ("2020-02-01", HEFEI, "jd", 3, "JD"),
    )
    found = market(volumes=table)
    assert cell(found, "2020-01-01", "duoduo")["open_parcels"] == 20.0
    assert cell(found, "2020-01-01", "jd")["open_parcels"] == 5.0
    assert cell(found, "2020-01-01", "duoduo", HEFEI)["open_parcels"] == 0.0
    assert cell(found, "2020-01-01", "jd", HEFEI)["open_parcels"] == 4.0
    assert cell(found, "2020-02-01", "jd", HEFEI)["open_parcels"] == 3.0


def test_a_city_month_without_parcels_has_no_rows():
    table = volumes(
        ("2020-01-01", FUYANG, "duoduo", 20, "other"),
        ("2020-01-01", FUYANG, "jd", 0, "other"),
        ("2020-02-01", FUYANG, "duoduo", 0, "Pinduoduo"),
        ("2020-02-01", FUYANG, "home", 0, ""),
        ("2020-02-01", HEFEI, "home", 7, ""),
    )
    running = stations(("tuxi", FUYANG, "2019-01-01", None), ("tuxi", HEFEI, "2019-01-01", None))
    panel = market(volumes=table, stations=running).panel
    assert list(zip(panel["month"].dt.month, panel["city"], panel["platform"], panel["parcels"], strict=True)) == [
        (1, FUYANG, "duoduo", 20),
        (1, FUYANG, "tuxi", 0),
        (1, FUYANG, "home", 0),
        (2, HEFEI, "tuxi", 0),
        (2, HEFEI, "home", 7),
    ]
    assert len(market(volumes=table[table["parcels"] == 0]).panel) == 0


def test_stations_are_counted_at_month_end():
    found = market(
        volumes=THREE_MONTHS,
        stations=stations(
            ("duoduo", FUYANG, "2018-05-03", None),
            ("duoduo", FUYANG, "2020-02-29", "2020-03-31"),
            ("duoduo", FUYANG, "2020-03-31", "2020-04-01"),
            ("duoduo", FUYANG, "2021-01-01", None),
        ),
    )
    counted = [cell(found, f"2020-0{month}-01", "duoduo")["stations"] for month in (1, 2, 3)]
    assert counted == [1, 2, 2]


def test_log_stations_of_none_and_of_one_is_zero():
    found = market(volumes=THREE_MONTHS, stations=stations(("duoduo", FUYANG, "2020-02-10", None)))
    assert cell(found, "2020-02-01", "duoduo")["log_stations"] == 0.0
    assert cell(found, "2020-01-01", "home")["log_stations"] == 0.0


def test_subsidy_is_averaged_over_the_days_of_the_month():
    found = market(
        volumes=THREE_MONTHS,
        subsidies=subsidies(("duoduo", FUYANG, "2020-02-15", "2020-03-10", 0.10)),
    )
    assert cell(found, "2020-02-01", "duoduo")["subsidy_cny_per_parcel"] == pytest.approx(0.10 * 15 / 29)
    assert cell(found, "2020-03-01", "duoduo")["subsidy_cny_per_parcel"] == pytest.approx(0.10 * 10 / 31)
    assert cell(found, "2020-03-01", "duoduo")["guarantee_cny_per_day"] == pytest.approx(60 * 10 / 31)


def subsidy_by_month(*spells):
    """Subsidy of January, February and March 2020 (31, 29 and 31 days)."""
    found = market(volumes=THREE_MONTHS_OF_DUODUO, subsidies=subsidies(*(("duoduo", FUYANG, *s) for s in spells)))
    return [cell(found, f"2020-0{month}-01", "duoduo")["subsidy_cny_per_parcel"] for month in (1, 2, 3)]


THREE_MONTHS_OF_DUODUO = volumes(*((f"2020-0{m}-01", FUYANG, "duoduo", 10, "other") for m in (1, 2, 3)))


def test_open_spell_stays_in_force():
    assert subsidy_by_month(("2020-02-01", None, 0.05)) == pytest.approx([0, 0.05, 0.05])


def test_a_later_start_ends_an_open_spell():
    # February: 14 days of 0.06 and 15 of 0.08
    expected = [0.06, (14 * 0.06 + 15 * 0.08) / 29, 0.08]
    assert subsidy_by_month(("2020-01-01", None, 0.06), ("2020-02-15", None, 0.08)) == pytest.approx(expected)


def test_an_open_spell_does_not_come_back_after_the_one_that_ended_it():
    # February: 9 days of 0.06, 10 of 0.08, then nothing
    expected = [0.06, (9 * 0.06 + 10 * 0.08) / 29, 0]
    assert subsidy_by_month(("2020-01-01", None, 0.06), ("2020-02-10", "2020-02-19", 0.08)) == pytest.approx(expected)


def test_where_closed_spells_overlap_the_later_start_wins_those_days_alone():
    # February: 9 days of 0.05, 10 of 0.10, 10 of 0.05; March: 20 of 0.05, 11 of 0.02
    spells = ("2020-01-01", "2020-03-31", 0.05), ("2020-02-10", "2020-02-19", 0.10), ("2020-03-21", "2020-04-30", 0.02)
    expected = [0.05, (19 * 0.05 + 10 * 0.10) / 29, (20 * 0.05 + 11 * 0.02) / 31]
    assert subsidy_by_month(*spells) == pytest.approx(expected)
    assert subsidy_by_month(*reversed(spells)) == pytest.approx(expected)


def test_a_lower_rate_that_starts_later_wins_too_and_the_guarantee_never_adds():
    spells = ("duoduo", FUYANG, "2020-01-01", "2020-03-31", 0.08), ("duoduo", FUYANG, "2020-01-01", None, 0.01)
    later = ("duoduo", FUYANG, "2020-02-01", None, 0.03)
    found = market(volumes=THREE_MONTHS_OF_DUODUO, subsidies=subsidies(*spells, later))
    row = cell(found, "2020-03-01", "duoduo")
    assert row["subsidy_cny_per_parcel"] == pytest.approx(0.03)
    assert row["guarantee_cny_per_day"] == pytest.approx(60)


def test_spells_of_another_city_or_network_end_nothing():
    spells = ("duoduo", FUYANG, "2020-01-01", None, 0.06), ("duoduo", HEFEI, "2020-02-01", None, 0.01)
    found = market(
        volumes=THREE_MONTHS_OF_DUODUO, subsidies=subsidies(*spells, ("jd", FUYANG, "2020-02-01", None, 0.02))
    )
    assert cell(found, "2020-03-01", "duoduo")["subsidy_cny_per_parcel"] == pytest.approx(0.06)


def test_a_network_with_stations_and_no_parcels_has_a_row_and_home_always_has():
    found = market(volumes=THREE_MONTHS, stations=stations(("tuxi", FUYANG, "2020-02-10", None)))
    assert cell(found, "2020-02-01", "tuxi")["parcels"] == 0
    assert cell(found, "2020-03-01", "home")["parcels"] == 0
    assert not ((found.panel["month"] == "2020-01-01") & (found.panel["platform"] == "tuxi")).any()


def test_home_is_not_invented_where_volumes_never_hold_it():
    panel = market(volumes=THREE_MONTHS[THREE_MONTHS["platform"] != "home"]).panel
    assert "home" not in set(panel["platform"])


def test_missing_datasets_leave_zeros_and_has_says_so():
    found = market(volumes=THREE_MONTHS)
    assert (found.panel[["stations", "subsidy_cny_per_parcel", "guarantee_cny_per_day"]] == 0).all(axis=None)
    assert [found.has(d) for d in ("stations", "subsidies", "volumes", "panel")] == [False, False, True, True]


def test_without_volumes_there_is_no_panel():
    assert market(stations=stations(("jd", HEFEI, "2020-01-01", None))).panel is None


def test_empty_volumes_make_an_empty_panel():
    panel = market(volumes=THREE_MONTHS.iloc[:0]).panel
    assert len(panel) == 0
    assert tuple(panel.columns) == PANEL


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (THREE_MONTHS.drop(columns="parcels"), "column parcels is missing"),
        (THREE_MONTHS.assign(platform="nobody"), "unknown platform: nobody"),
        (THREE_MONTHS.assign(city="Fuyang"), "unknown city: Fuyang"),
    ],
)
def test_bad_frames_are_refused_with_the_reason(broken, message):
    with pytest.raises(ValueError, match=message):
        market(volumes=broken)


def test_frames_are_not_changed():
    before = THREE_MONTHS.copy()
    market(volumes=THREE_MONTHS)
    pd.testing.assert_frame_equal(THREE_MONTHS, before)


ROW = st.tuples(
    st.sampled_from(["2020-01-01", "2020-02-01", "2020-04-01"]),
    st.sampled_from([FUYANG, HEFEI]),
    st.sampled_from(["duoduo", "jd", "home"]),
    st.integers(0, 10**9),
    st.sampled_from(["other", "Pinduoduo", "JD", ""]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_no_parcel_is_lost_and_row_order_does_not_matter(rows, random):
    table = volumes(*rows)
    shuffled = table.iloc[random.sample(range(len(rows)), len(rows))].reset_index(drop=True)
    panel = market(volumes=table).panel
    assert panel["parcels"].sum() == table["parcels"].sum()
    assert (panel.groupby(["month", "city"], observed=True)[["parcels", "open_parcels"]].sum() > 0).all(axis=None)
    assert not panel.duplicated(["month", "city", "platform"]).any()
    pd.testing.assert_frame_equal(panel, market(volumes=shuffled).panel)
