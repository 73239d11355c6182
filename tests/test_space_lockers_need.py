"""How many sets a service level needs: by hand, against the day itself, and laws."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.economics import STANDARD
from analysis.space.lockers import day, sized
from analysis.space.lockers_market import elsewhere, hand_overs, standing
from analysis.space.lockers_need import JUDGED, MOST_SIZES, Service, curve, curves, needed, sizes, summed
from analysis.space.lockers_rhythm import rhythm

USUAL = rhythm()
ALONE = Service(spread=0.0)


def sets_of(*rows):
    return pd.DataFrame(rows, columns=["city", "cells", "sets"])


STANDING = sets_of(("a", 84, 100), ("b", 84, 50), ("b", 168, 30), ("c", 84, 10))
KNOWN = curves(sizes(STANDING, STANDARD), STANDARD, USUAL)
PARCELS = pd.Series({"a": 4_000.0, "b": 20_000.0, "d": 500.0})


@pytest.mark.parametrize("parcels", [30.0, 70.0, 95.0, 130.0, 210.0, 900.0])
def test_curve_goes_through_the_day(parcels):
    shown = day(STANDARD, USUAL, parcels)
    solved = {"worst": shown.overflow_of_worst_hour, "evening": shown.overflow_of_evening, "day": shown.overflow_of_day}
    for judged in JUDGED:
        assert KNOWN[84].at(parcels, judged) == pytest.approx(solved[judged], rel=0.04, abs=2e-5)


def test_curve_rises_everywhere_and_stays_a_part():
    parcels = np.geomspace(0.01, 1e5, 400)
    for judged in JUDGED:
        for spread in (0.0, 0.5):
            lost = KNOWN[84].at(parcels, judged, spread=spread)
            assert (np.diff(lost) >= -1e-12).all()
            assert lost[0] < 1e-6
            assert 0.99 < lost[-1] <= 1


@pytest.mark.parametrize("judged", JUDGED)
@pytest.mark.parametrize("level", [0.9, 0.99, 0.999])
@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_set_takes_what_just_meets_the_level(judged, level, spread):
    service = Service(level, judged, spread)
    takes = KNOWN[84].takes(service)
    assert KNOWN[84].at(takes, judged, spread=spread) == pytest.approx(1 - level, rel=1e-4)


def test_stricter_asks_leave_less():
    def takes(**changed):
        return KNOWN[84].takes(replace(ALONE, **changed))

    assert takes(level=0.9) > takes(level=0.99) > takes(level=0.999)
    assert takes(judged="evening") > takes(judged="day") > takes(judged="worst")
    assert takes() > takes(spread=0.3) > takes(spread=0.8)
    assert KNOWN[168].takes(ALONE) > 2 * KNOWN[84].takes(ALONE)  # cells together lose less


def test_size_without_cells_never_meets_the_level():
    without = curve(replace(STANDARD, cells=(44, 30, 0)), USUAL)
    assert without.never == pytest.approx(0.12)
    assert without.takes(ALONE) == 0
    assert without.takes(replace(ALONE, level=0.8)) > 0
    assert without.at(1e-9, "day") == pytest.approx(0.12)
    table = needed(PARCELS, STANDING, {84: KNOWN[84], 168: KNOWN[168], 74: without}, without.locker, ALONE)
    assert np.isinf(table.loc["a", "needed"])
    assert np.isinf(table.loc["a", "missing"])
    assert table.loc["c", "needed"] == 0


def test_visit_larger_than_the_cells_of_a_size_never_meets_the_level():
    small = replace(STANDARD, cells=(2, 0, 0), mix=(1.0, 0.0, 0.0))
    found = curve(small, rhythm(small, visit=4))
    assert found.never == pytest.approx(0.5)
    assert found.at(1e-9, "worst") == pytest.approx(0.5)
    assert found.takes(replace(ALONE, level=0.6)) == 0
    assert found.takes(replace(ALONE, level=0.4)) > 0


def test_nobody_is_turned_away_when_nobody_comes():
    locker = replace(STANDARD, peak_share=0.0)
    known = curves(sizes(STANDING, locker), locker, rhythm(locker))
    table = needed(PARCELS, STANDING, known, locker, replace(ALONE, judged="evening"))
    assert known[84].takes(replace(ALONE, judged="evening")) == np.inf
    assert (table["needed"] == 0).all()
    assert table["missing"].to_list() == [-100, -80, -10, 0]


def test_sets_without_cells_take_nothing():
    bare = replace(STANDARD, cells=(0, 0, 0))
    there = sets_of(("a", 0, 5), ("b", 84, 50))
    table = needed(PARCELS, there, curves(sizes(there, bare), bare, USUAL), bare, ALONE)
    assert table["takes"].to_dict() == pytest.approx(
        {"a": 0, "b": 50 * curve(sized(84, bare), USUAL).takes(ALONE), "d": 0}
    )
    assert np.isinf(table["needed"]).all()


@pytest.mark.parametrize("changed", [{"level": 1.0}, {"level": 0.0}, {"judged": "noon"}, {"spread": -0.1}])
def test_service_says_what_is_wrong(changed):
    with pytest.raises(ValueError, match="level within 0 and 1"):
        replace(ALONE, **changed)


def test_needed_by_hand():
    table = needed(PARCELS, STANDING, KNOWN, STANDARD, ALONE)
    one, double = KNOWN[84].takes(ALONE), KNOWN[168].takes(ALONE)
    assert list(table.index) == ["a", "b", "c", "d"]
    assert table["needed"].to_numpy() == pytest.approx([4_000 / one, 20_000 / one, 0, 500 / one])
    takes = [100 * one, 50 * one + 30 * double, 10 * one, 0]
    assert table["takes"].to_numpy() == pytest.approx(takes)
    assert table["missing"].to_numpy() == pytest.approx(table["needed"].to_numpy() - np.array(takes) / one)
    assert list(table["sets"]) == [100, 80, 10, 0]
    assert list(table["cells"]) == [8_400, 9_240, 840, 0]
    assert table.loc["a", "per_set"] == 40
    per_cell = 20_000 / 9_240
    lost = [KNOWN[n].at(per_cell * n, "worst") for n in (84, 168)]
    assert table.loc["b", "overflow_worst"] == pytest.approx(np.average(lost, weights=[50 * 84, 30 * 168]))
    assert table.loc["b", "turnover"] == pytest.approx(per_cell * (1 - table.loc["b", "overflow_day"]))
    assert np.isnan(table.loc["d", "overflow_worst"])
    assert table.loc["c", "overflow_worst"] == 0


def test_adding_what_is_missing_meets_the_level():
    table = needed(PARCELS, STANDING, KNOWN, STANDARD, ALONE)
    more = [(city, 84, n) for city, n in table["missing"].clip(lower=0).apply(np.ceil).astype(int).items() if n]
    added = pd.concat([STANDING, sets_of(*more)], ignore_index=True)
    again = needed(PARCELS, added, KNOWN, STANDARD, ALONE)
    assert (again["missing"] <= 0).all()
    assert again.loc["d", "overflow_worst"] <= 0.01
    short = table["missing"] > 0
    assert (again.loc[short, "missing"] > -1.01).all()


def test_order_and_splitting_change_nothing():
    table = needed(PARCELS, STANDING, KNOWN, STANDARD, Service())
    halves = pd.concat([STANDING.assign(sets=STANDING["sets"] // 2)] * 2).sample(frac=1, random_state=3)
    again = needed(PARCELS[::-1], halves, KNOWN, STANDARD, Service())
    pd.testing.assert_frame_equal(table, again, check_dtype=False)
    double = needed(PARCELS * 2, STANDING.assign(sets=STANDING["sets"] * 2), KNOWN, STANDARD, Service())
    assert double["missing"].to_numpy() == pytest.approx(2 * table["missing"].to_numpy())
    assert double["overflow_day"].to_numpy() == pytest.approx(table["overflow_day"].to_numpy(), nan_ok=True)


def test_groups_do_not_set_off_what_is_spare():
    table = needed(PARCELS, STANDING, KNOWN, STANDARD, ALONE)
    groups = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y"})
    found = summed(table, groups)
    assert found["missing"].to_dict() == pytest.approx({"x": table.loc["b", "missing"], "y": table.loc["d", "missing"]})
    assert found["spare"].to_dict() == pytest.approx({"x": -table.loc["a", "missing"], "y": -table.loc["c", "missing"]})
    assert found["missing"].sum() - found["spare"].sum() == pytest.approx(table["missing"].sum())
    assert found["lacking"].to_dict() == {"x": 1, "y": 1}
    assert found["cities"].to_dict() == {"x": 2, "y": 1}
    lost = np.average(table.loc[["a", "b"], "overflow_day"], weights=PARCELS[["a", "b"]])
    assert found.loc["x", "overflow_day"] == pytest.approx(lost)
    assert np.isnan(found.loc["y", "overflow_day"])


def test_nothing_there_and_nothing_to_hand_over():
    none = sets_of().astype({"cells": int, "sets": int})
    known = curves(sizes(none, STANDARD), STANDARD, USUAL)
    assert list(known) == [84]
    table = needed(PARCELS, none, known, STANDARD, ALONE)
    assert table["missing"].to_numpy() == pytest.approx(table["needed"].to_numpy())
    empty = needed(PARCELS[:0], none, known, STANDARD, ALONE)
    assert empty.empty


def test_many_sizes_are_counted_as_the_nearest_of_a_few():
    many = sets_of(*(("a", n, 10) for n in range(40, 141)))
    known = curves(sizes(many, STANDARD), STANDARD, USUAL)
    assert len(known) <= MOST_SIZES + 1
    assert {84} < set(known) <= set(range(40, 141))
    table = needed(pd.Series({"a": 60_000.0}), many, known, STANDARD, ALONE)
    exact = sum(10 * curve(sized(n), USUAL).takes(ALONE) for n in range(40, 141, 10)) / 11 * 101
    assert table.loc["a", "takes"] == pytest.approx(exact, rel=0.05)


def test_hand_overs_by_hand():
    rows = pd.DataFrame(
        {
            "city": ["a", "a", "a", "b"],
            "platform": ["hivebox", "home", "cainiao", "home"],
            "parcels": [300, 600, 2_100, 30],
        }
    )
    found = hand_overs(rows, days=30)
    assert found.to_dict("index") == {"a": {"handed": 100, "lockers": 10}, "b": {"handed": 1, "lockers": 0}}


def test_standing_by_hand():
    stations = pd.DataFrame(
        {
            "city": pd.Categorical(["a", "a", "a", "b", "b"], ["a", "b", "c"]),
            "platform": ["hivebox", "hivebox", "cainiao", "hivebox", "cainiao"],
            "format": ["locker", "locker", "locker", "locker", "station"],
            "cells": pd.array([84, None, 40, 40, None], "Int64"),
        }
    )
    found = standing(stations, cells=60)
    assert found.to_numpy().tolist() == [["a", 40, 1], ["a", 60, 1], ["a", 84, 1], ["b", 40, 1]]
    assert elsewhere(stations) == 1
    assert standing(stations[:0], cells=60).empty
