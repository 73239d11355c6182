"""Couriers on published figures: the rule of the best figure, the break of 2024, bounds. Figures as in the record."""

import numpy as np
import pandas as pd
import pytest

from analysis import couriers, market
from data.grade import Grade

PRINTED = 1e-4  # shares are printed to 0.01 points
EXACT = 1e-12


def test_one_figure_a_company_and_year_and_rows_add_to_one():
    table = couriers.annual()
    assert list(table.index) == list(range(2018, 2026))
    assert set(table) == {"ZTO", "YTO", "STO", "Yunda", "J&T (China)", "SF", couriers.REST}
    assert table.sum(axis=1).to_numpy() == pytest.approx(1, abs=EXACT)
    assert (table[couriers.REST] > 0).all()


@pytest.mark.parametrize(
    ("year", "company", "share", "grade", "months"),
    [
        (2020, "ZTO", 0.204, Grade.REPORTED, 12),  # its annual report 2020, against 0.2039 from volumes
        (2023, "ZTO", 0.229, Grade.REPORTED, 12),  # 22.9 % in its results of 2023
        (2023, "STO", 0.1326, Grade.REPORTED, 12),  # 13.26 % in its annual report 2023
        (2024, "J&T (China)", 0.1131, Grade.ESTIMATED, 12),  # evidence B before C
        (2020, "Yunda", 0.1769, Grade.ESTIMATED, 1),  # one month is all there is
        (2025, "STO", 0.1314, Grade.ESTIMATED, 12),  # the full year, though a part of it is better evidence
        (2025, "SF", 0.0839, Grade.ESTIMATED, 11),  # eleven months, though a quarter is reported
    ],
)
def test_the_best_figure_is_taken(year, company, share, grade, months):
    found = couriers.figures().loc[(year, company)]
    assert found["share"] == pytest.approx(share, abs=EXACT)
    assert (found["grade"], found["months"], found["part_year"]) == (grade, months, months < 12)
    assert couriers.annual().loc[year, company] == found["share"]


def test_parts_of_a_year_that_do_not_overlap_are_joined():
    found = couriers.figures().loc[(2025, "ZTO")]
    assert (found["periods"], found["months"]) == ("2025-Q1, 2025-Q2, 2025-Q3", 9)
    # 85.0 + 98.0 + 95.7 hundred million parcels of 1,450.8 in the nation, January to September 2025
    assert found["share"] == pytest.approx((85.0 + 98.0 + 95.7) / 1450.8, abs=PRINTED)


def test_2023_is_restated_by_the_nations_parcels_on_both_definitions():
    nation = couriers.nation()
    # State Post Bureau: 132.07 billion printed for 2023, 175.08 for 2024 "up 21.5 %", hence 144.1 on the new count
    assert nation.loc[2023, "printed"] == pytest.approx(132.07e9)
    assert nation.loc[2024, "present"] / nation.loc[2023, "present"] == pytest.approx(1.215, abs=1e-3)
    restated = couriers.annual(restated=True)
    assert restated.loc[2023, "ZTO"] == pytest.approx(0.229 * 1320.7 / 1441.0, abs=PRINTED)
    assert restated.loc[2024:].equals(couriers.annual().loc[2024:])
    assert restated.sum(axis=1).to_numpy() == pytest.approx(1, abs=EXACT)


def test_no_change_is_taken_across_the_break_but_on_2023_as_restated():
    change, restated = couriers.changes(), couriers.annual(restated=True)
    both = ["ZTO", "YTO", "STO", "Yunda", "J&T (China)"]
    step = restated.loc[2024] - restated.loc[2023]
    assert change.loc[2024, both].to_numpy() == pytest.approx(step[both].to_numpy(), abs=EXACT)
    assert change.loc[2023, "ZTO"] == pytest.approx(0.229 - 0.221, abs=EXACT)
    # on the printed figures ZTO would have lost 3.5 points in a year in which it lost 1.6
    assert change.loc[2024, "ZTO"] == pytest.approx(-0.016, abs=1e-3)


def test_a_share_times_the_nation_grows_as_the_company_says():
    growth, restated = couriers.growth(), couriers.annual(restated=True)
    for company, stated in (("ZTO", 0.126), ("YTO", 0.253), ("Yunda", 0.2614)):
        row = growth.loc[(2024, company)]
        assert (row["growth"], bool(row["stated"])) == (pytest.approx(stated), True)
        implied = restated.loc[2024, company] / restated.loc[2023, company] * (1 + row["national"]) - 1
        assert implied == pytest.approx(stated, abs=0.005)  # shares are rounded to 0.01-0.1 points of 13-23


@pytest.mark.parametrize(("before", "after"), [(2018, 2019), (2019, 2020), (2020, 2021), (2021, 2022), (2022, 2023)])
def test_flows_name_only_companies_with_half_a_year_in_both_years(before, after):
    months = couriers.figures()["months"].unstack()
    found = couriers.source_of_volume(before, after)
    fair = (months.loc[[before, after]] >= couriers.FAIR_MONTHS).all()
    assert set(found.before.index) == {couriers.REST, *fair[fair].index}
    assert found.after.sum() == pytest.approx(couriers.nation().loc[after, "printed"])


def test_two_single_months_are_no_year_won():
    """STO printed a month of 2021 and two of 2022: no 1.8 billion parcels a year come from that."""
    found = couriers.source_of_volume(2021, 2022)
    assert list(found.before.index) == ["ZTO", "SF", couriers.REST]
    zto = (0.221 - 0.206) * couriers.nation().loc[2022, "printed"]
    assert found.net["ZTO"] == pytest.approx(zto, rel=1e-9)


def test_concentration_knows_only_figures_of_half_a_year():
    found, table = couriers.concentration(), couriers.annual(only_fair=True)
    assert found["companies"].tolist() == [1, 5, 2, 2, 2, 5, 5, 5]
    assert found["known"].to_numpy() == pytest.approx(1 - table[couriers.REST].to_numpy())
    every = couriers.annual().drop(columns=couriers.REST)
    for year in (2018, 2020, 2021, 2022):
        low = 1e4 * (every.loc[year] ** 2).sum()
        assert found.loc[year, "hhi_low"] < low < found.loc[year, "hhi_high"]  # what single months would make it
        assert found.loc[year, "largest"] >= every.loc[year].drop("ZTO").max()  # a company may be as large as it was


def test_a_single_month_is_not_compared_with_a_year():
    change = couriers.changes()
    assert change.loc[[2020, 2021, 2022], ["STO", "YTO", "Yunda"]].isna().all(axis=None)
    assert change.loc[2019, "ZTO"] == pytest.approx(0.191 - 0.168, abs=EXACT)


def test_concentration_is_bounded_and_the_bounds_hold_the_known():
    found, table = couriers.concentration(), couriers.annual(only_fair=True)
    assert (found["hhi_low"] < found["hhi_high"]).all()
    assert (found["cr"] <= found["cr_high"] + EXACT).all()
    known = table.drop(columns=couriers.REST).loc[2024].dropna()
    assert found.loc[2024, "hhi_low"] == pytest.approx(1e4 * (known**2).sum())
    low, high = market.hhi_bounds(known, fringe=float(1 - known.sum()), largest=0.1131)
    assert (found.loc[2024, "hhi_low"], found.loc[2024, "hhi_high"]) == pytest.approx((low, high))
    assert found["known"].to_numpy() == pytest.approx(1 - table[couriers.REST].to_numpy())


def test_a_company_missing_that_year_may_be_as_large_as_in_the_nearest_one():
    found = couriers.concentration()
    # J&T is not known in 2019 and 2025, and larger elsewhere than the smallest known one (SF)
    assert found.loc[2019, "largest"] == pytest.approx(0.1164)
    assert found.loc[2025, "largest"] == pytest.approx(0.1131)


def test_flows_stay_on_one_side_of_the_break():
    found = couriers.source_of_volume(2023, 2024)
    assert "SF" not in found.before.index  # no figure in either year: part of the rest
    assert (found.before + found.growth + found.net).to_numpy() == pytest.approx(found.after.to_numpy())
    assert found.after.sum() == pytest.approx(175.08e9)
    assert found.net["ZTO"] < 0 < found.net["J&T (China)"]
    assert couriers.source_of_volume(2019, 2023).before["ZTO"] == pytest.approx(0.191 * 63.52e9)
    for years in ((2022, 2024), (2019, 2025), (2017, 2019)):
        with pytest.raises(ValueError, match="cannot be compared"):
            couriers.source_of_volume(*years)


def test_volumes_are_parcels_of_whole_years():
    found = couriers.volumes()
    assert found.loc[2024, "ZTO"] == pytest.approx(34.0e9)  # 34.0 billion, annual results 2024
    assert found.loc[2023, "STO"] == pytest.approx(17.507e9)  # 17.507 billion, annual report 2023
    assert np.isnan(found.loc[2024, "STO"])
    share = found.loc[2023].dropna() / couriers.nation().loc[2023, "printed"]
    printed = couriers.annual().loc[2023, share.index]
    assert share.to_numpy() == pytest.approx(printed.to_numpy(), abs=5e-4)


def test_callers_get_copies():
    mine = couriers.figures()
    mine["share"] = 0.0
    assert (couriers.figures()["share"] > 0).all()
    pd.testing.assert_frame_equal(couriers.annual(), couriers.annual())
