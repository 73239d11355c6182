"""What a new version moved: by hand, and laws that hold of any two versions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.changes import AT, PARTS, UNITS, Changes, compare, headline
from analysis.changes_rows import overlap
from data.grade import Grade
from data.platforms import Platform
from tests.small_versions import JAN, MONTHS, drawn, market, restated, stations, subsidies, volumes

EXACT = 1e-12
"""Parts that are differences of the same floats."""
FEW = settings(max_examples=6, deadline=None)
SEEDS = st.integers(0, 10_000)


def parts(found: pd.DataFrame) -> pd.DataFrame:
    return found[list(PARTS)]


def total(found: pd.DataFrame, figure: str, of: str = "") -> list[float]:
    return found.loc[(figure, of), ["before", *PARTS, "after"]].tolist()


def test_a_month_is_new_and_a_cell_is_restated():
    before = market(volumes=volumes(("2025-01", "duoduo", 10), ("2025-01", "jd", 30)))
    rows = (("2025-01", "duoduo", 12), ("2025-01", "jd", 30), ("2025-02", "duoduo", 20), ("2025-02", "jd", 30))
    found = compare(before, market(volumes=volumes(*rows)))
    assert total(found.latest, "parcels") == [40, 2, 8, 0, 50]
    assert total(found.latest, "share", "duoduo") == pytest.approx([0.25, 12 / 42 - 0.25, 0.4 - 12 / 42, 0, 0.4])
    assert total(found.same, "parcels") == [40, 2, 0, 0, 42]
    assert (found.month_before, found.month_after, found.month_same) == (JAN, MONTHS[1], JAN)
    assert found.rows.loc["volumes"].to_dict() == {"added": 2, "changed": 1, "gone": 0, "same": 1}
    assert found.months["changed"].tolist() == [1, 0]
    assert found.came.months == (MONTHS[1],)
    assert not found.left


def test_what_is_gone_counts_as_restated():
    """The latest month is taken back: the version ends a month earlier."""
    rows = [("2025-01", "jd", 30), ("2025-02", "jd", 50)]
    found = compare(market(volumes=volumes(*rows)), market(volumes=volumes(rows[0])))
    assert total(found.latest, "parcels") == [50, -20, 0, 0, 30]
    assert total(found.same, "parcels") == [30, 0, 0, 0, 30]
    assert found.left.months == (MONTHS[1],)
    assert found.rows.loc["volumes", "gone"] == 1


def test_a_new_network_is_new_data_and_said_not_to_be_in_the_earlier_version():
    before = market(volumes=volumes(("2025-01", "jd", 30)))
    after = market(volumes=volumes(("2025-01", "jd", 30), ("2025-01", "duoduo", 10)))
    found = compare(before, after)
    assert total(found.latest, "share", "duoduo") == [0, 0, 0.25, 0, 0.25]
    assert total(found.latest, "share", "jd") == [1, 0, -0.25, 0, 0.75]
    assert found.latest["state"].loc[[("share", "duoduo"), ("share", "jd")]].tolist() == ["not_before", ""]
    assert found.came.networks == ("duoduo",)


def test_versions_without_a_common_row_cannot_be_split():
    found = compare(market(volumes=volumes(("2025-01", "jd", 30))), market(volumes=volumes(("2025-02", "jd", 50))))
    assert found.month_same is None
    assert found.same.empty
    assert total(found.latest, "parcels")[0::4] == [30, 50]
    assert parts(found.latest.loc[["parcels"]])[["restated", "new"]].isna().all(axis=None)
    assert found.latest.loc[("parcels", ""), "state"] == "no_overlap"


def test_what_only_one_version_holds_is_said():
    rows = volumes(("2025-01", "jd", 30))
    there = stations(("jd", "2024-05-01", None), ("jd", "2024-06-01", "2025-01-20"))
    found = compare(market(volumes=rows), market(volumes=rows, stations=there))
    assert found.latest.loc[("stations", ""), "state"] == "not_before"
    assert found.latest.loc[("stations", ""), "after"] == 1
    back = compare(market(volumes=rows, stations=there), market(volumes=rows))
    assert back.latest.loc[("stations", ""), "state"] == "not_after"
    assert back.rows.loc["stations"].to_dict() == {"added": 0, "changed": 0, "gone": 2, "same": 0}


def test_a_station_that_closes_is_a_changed_row():
    rows = volumes(("2025-01", "jd", 30))
    opened, closed = (stations(("jd", "2024-05-01", end), ("jd", "2024-05-01", None)) for end in (None, "2025-01-05"))
    found = compare(market(volumes=rows, stations=opened), market(volumes=rows, stations=closed))
    assert found.rows.loc["stations"].to_dict() == {"added": 0, "changed": 1, "gone": 0, "same": 1}
    assert total(found.latest, "stations") == [2, -1, 0, 0, 1]


def test_an_origin_that_is_learnt_of_one_network_moves_nothing():
    known = volumes(("2025-01", "jd", 100)).assign(origin="JD")
    plain = volumes(("2025-01", "cainiao", 100)).assign(origin="")
    learnt = pd.concat([plain.assign(parcels=60, origin="Alibaba"), plain.assign(parcels=40, origin="Pinduoduo")])
    before, after = (market(volumes=pd.concat([known, one])) for one in (plain, learnt))
    for one, other in ((before, after), (after, before)):
        found = compare(one, other)
        assert total(found.latest, "parcels") == [200, 0, 0, 0, 200]
        assert found.rows.loc["volumes"].to_dict() == {"added": 0, "changed": 0, "gone": 0, "same": 2}
    half = learnt.assign(origin=["Alibaba", ""])
    found = compare(market(volumes=pd.concat([known, half])), after)
    assert found.rows.loc["volumes"].to_dict() == {"added": 0, "changed": 0, "gone": 0, "same": 2}
    moved = learnt.assign(origin=["JD", "Pinduoduo"])
    found = compare(after, market(volumes=pd.concat([known, moved])))
    assert found.rows.loc["volumes"].to_dict() == {"added": 1, "changed": 0, "gone": 1, "same": 2}


def test_origins_are_compared_by_cell_where_one_version_has_none():
    plain = volumes(("2025-01", "jd", 30))
    split = pd.concat([plain.assign(parcels=20, origin="JD"), plain.assign(parcels=10, origin="other")])
    found = compare(market(volumes=plain), market(volumes=split))
    assert found.rows.loc["volumes"].to_dict() == {"added": 0, "changed": 0, "gone": 0, "same": 1}
    assert not parts(found.latest).to_numpy().any()
    more = compare(market(volumes=split.iloc[:1]), market(volumes=split))
    assert more.rows.loc["volumes"].to_dict() == {"added": 1, "changed": 0, "gone": 0, "same": 1}
    assert total(more.latest, "parcels") == [20, 0, 10, 0, 30]


def test_networks_of_its_own_are_compared():
    own = Platform("yzb", "Yizhan", "驿站宝", "Yizhan", "station", "#102030", "#a0b0c0")
    rows = (("2025-01", "yzb", 10), ("2025-01", "jd", 30), ("2025-02", "yzb", 20), ("2025-02", "jd", 20))
    before, after = volumes(*rows[:2]), volumes(("2025-01", "yzb", 15), *rows[1:])
    found = compare(*(market(volumes=table, networks=(own,)) for table in (before, after)))
    assert total(found.latest, "share", "yzb") == pytest.approx([0.25, 1 / 3 - 0.25, 0.5 - 1 / 3, 0, 0.5])
    assert headline(market(volumes=after, networks=(own,))).at[("networks", ""), "value"] == 2


def test_subsidies_are_means_over_parcels():
    rows = volumes(("2025-01", "jd", 30), ("2025-01", "duoduo", 10), ("2025-01", "home", 60))
    paid = subsidies(("duoduo", "2025-01-01", 0.2))
    found = headline(market(volumes=rows, subsidies=paid))
    assert found["value"].loc[[("subsidy", ""), ("bill", ""), ("guarantee", "")]].tolist() == [0.05, 2.0, 15.0]
    assert "subsidy" not in headline(market(volumes=rows)).index.get_level_values("figure")


def test_headline_numbers_by_hand():
    rows = [("2024-01", "jd", 40), ("2025-01", "jd", 60), ("2025-01", "duoduo", 20), ("2025-01", "home", 20)]
    found = headline(market(volumes=volumes(*rows)))
    expected = {
        ("parcels", ""): 100,
        ("growth", ""): 1.5,
        ("share", "duoduo"): 0.2,
        ("share", "jd"): 0.6,
        ("share", "home"): 0.2,
        ("hhi", ""): 6250,  # networks alone: 75 and 25 per cent
        ("cities", ""): 1,
        ("networks", ""): 2,
    }
    assert found["value"].to_dict() == pytest.approx(expected)
    assert found["unit"].tolist() == [UNITS[figure] for figure, _ in expected]
    assert set(found["grade"]) == {Grade.REPORTED}
    assert ("growth", "") not in headline(market(volumes=volumes(*rows)), month=pd.Timestamp("2024-01-01")).index


def test_a_month_that_is_not_there_is_refused():
    found = market(volumes=volumes(("2025-01", "jd", 30)))
    with pytest.raises(ValueError, match="2024-07"):
        headline(found, month=pd.Timestamp("2024-07-01"))
    with pytest.raises(ValueError, match="2024-07"):
        compare(found, found, month=pd.Timestamp("2024-07-01"))
    with pytest.raises(ValueError, match="earliest"):
        compare(found, found).at("earliest")


def test_a_restated_month_can_be_looked_at():
    rows = [("2025-01", "jd", 30), ("2025-02", "jd", 50)]
    found = [
        compare(market(volumes=volumes(*rows)), market(volumes=volumes(("2025-01", "jd", 33), rows[1])), month=month)
        for month in (None, JAN)
    ]
    assert [total(one.same, "parcels") for one in found] == [[50, 0, 0, 0, 50], [30, 3, 0, 0, 33]]


def test_stations_are_those_of_the_panel():
    """Some close in the fourth month."""
    found = restated(drawn(6), 6)
    months = found.panel.groupby("month")["stations"].sum()
    assert months.iloc[0] > months.iloc[-1] > 0
    for month in (MONTHS[0], MONTHS[2], MONTHS[3], MONTHS[-1]):
        assert headline(found, month=month).at[("stations", ""), "value"] == months[month]


def test_markets_without_volumes_have_their_stations_alone():
    found = headline(market(stations=stations(("jd", "2024-05-01", None), ("jd", "2024-06-09", None))))
    assert found["value"].to_dict() == {("stations", ""): 2}
    assert found["month"].tolist() == [pd.Timestamp("2024-06-01")]
    assert headline(market()).empty
    assert compare(market(), market()).latest.empty


@FEW
@given(SEEDS)
def test_identical_versions_move_nothing(seed):
    found = compare(drawn(seed), drawn(seed))
    for which in AT:
        assert not parts(found.at(which)).to_numpy().any()
        assert (found.at(which)["state"] == "").all()
    assert not found.rows[["added", "changed", "gone"]].to_numpy().any()


@FEW
@given(SEEDS)
def test_new_months_alone_restate_nothing(seed):
    whole = drawn(seed)
    found = compare(drawn(seed, months=13), whole)
    assert not found.latest["restated"].to_numpy().any()
    assert not parts(found.same).to_numpy().any()
    assert found.latest.loc[("parcels", ""), "new"] != 0
    assert found.came.months == (whole.panel["month"].max(),)


@FEW
@given(SEEDS)
def test_restated_rows_alone_are_no_new_data(seed):
    found = compare(drawn(seed), restated(drawn(seed), seed))
    for which in AT:
        assert not found.at(which)["new"].to_numpy().any()
        assert not found.at(which)["model"].to_numpy().any()
    assert not found.rows[["added", "gone"]].to_numpy().any()
    assert found.latest.loc[("parcels", ""), "restated"] != 0


@FEW
@given(SEEDS)
def test_parts_add_up(seed):
    found = mixed(seed)
    for which in AT:
        table = found.at(which)
        sums = table[["before", *PARTS]].sum(axis=1, skipna=False)
        np.testing.assert_allclose(sums, table["after"], rtol=EXACT, atol=EXACT)
        assert len(table) > 8
    assert found.rows.loc["volumes"].gt(0).all()


def mixed(seed: int, *, shuffle: bool = False) -> Changes:
    """Rows gone, restated and new at once."""
    before, after = drawn(seed, months=13), restated(drawn(seed), seed)
    kept = [
        market(volumes=m.volumes.iloc[skip:], stations=m.stations, subsidies=m.subsidies)
        for m, skip in ((before, 0), (after, 3))
    ]
    if shuffle:
        kept = [
            market(
                **{
                    name: getattr(m, name).sample(frac=1, random_state=seed)
                    for name in ("volumes", "stations", "subsidies")
                }
            )
            for m in kept
        ]
    return compare(*kept)


@FEW
@given(SEEDS)
def test_the_order_of_rows_is_irrelevant(seed):
    one, other = mixed(seed), mixed(seed, shuffle=True)
    for which in AT:
        pd.testing.assert_frame_equal(one.at(which), other.at(which), rtol=EXACT, atol=EXACT)
    pd.testing.assert_frame_equal(one.rows, other.rows)


def test_a_panel_is_made_only_where_neither_version_has_it():
    before, whole = drawn(1, months=13), drawn(1)
    changed = market(volumes=whole.volumes.assign(parcels=7), stations=whole.stations, subsidies=whole.subsidies)
    assert overlap(before, whole).common is before
    assert overlap(whole, changed).common is changed
    mixed = overlap(before, changed).common
    assert (mixed.panel["month"].max(), mixed.panel["parcels"].max()) == (MONTHS[12], 7)


def test_inputs_stay_as_they_are():
    before, after = drawn(1, months=13), drawn(1)
    kept = [m.volumes.copy() for m in (before, after)]
    compare(before, after)
    for m, copy in zip((before, after), kept, strict=True):
        pd.testing.assert_frame_equal(m.volumes, copy)
