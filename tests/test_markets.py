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


def test_open_spell_stays_in_force_and_spells_add():
    found = market(
        volumes=THREE_MONTHS,
        subsidies=subsidies(
            ("duoduo", FUYANG, "2020-01-01", None, 0.05), ("duoduo", FUYANG, "2020-03-01", "2020-03-31", 0.02)
        ),
    )
    assert cell(found, "2020-02-01", "duoduo")["subsidy_cny_per_parcel"] == pytest.approx(0.05)
    assert cell(found, "2020-03-01", "duoduo")["subsidy_cny_per_parcel"] == pytest.approx(0.07)


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
    assert not panel.duplicated(["month", "city", "platform"]).any()
    pd.testing.assert_frame_equal(panel, market(volumes=shuffled).panel)
