"""Calendar regressors: the dates behind them, their columns, and which of them are offered."""

import numpy as np
import pandas as pd
import pytest

from analysis.growth import GrowthError, calendar
from analysis.growth.batch import Batch
from analysis.growth.methods import airline
from data import lunar, record

EXACT = 1e-12  # sums of twelfths and twenty-firsts
LIKELIHOOD = 0.005  # half a unit of the last digit in the docstring

# New year's days 2022 to 2033 as excelnotes.com/chinese-new-year lists them.
KNOWN = ["2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"]
KNOWN += ["2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31"]


def months(first: str, last: str) -> pd.PeriodIndex:
    return pd.period_range(first, last, freq="M")


def column(name: str, first: str = "2019-01", last: str = "2026-12") -> pd.Series:
    index = months(first, last)
    return pd.Series(calendar.design(index, [name])[:, 0], index=index)


def test_every_year_has_one_new_year():
    days = lunar.new_years()
    assert days.year.tolist() == list(range(2005, 2046))
    assert days[17:29].tolist() == pd.DatetimeIndex(KNOWN).tolist()
    since = days - pd.DatetimeIndex([f"{year}-01-21" for year in days.year])
    assert since.min() >= pd.Timedelta(0)  # the second new moon after the winter solstice falls from 21 January
    assert since.max() <= pd.Timedelta(days=30)  # to 20 February


def test_lunar_years_are_whole_months_of_the_moon():
    months_of_moon = np.diff(lunar.new_years().to_numpy()) / np.timedelta64(1, "D") / 29.530589
    np.testing.assert_allclose(months_of_moon, np.round(months_of_moon), atol=0.04)  # a day of rounding
    assert set(np.round(months_of_moon)) == {12, 13}


def test_the_dates_are_not_shared():
    days = lunar.new_years()
    days += pd.Timedelta(days=1)
    assert lunar.new_years()[0] == pd.Timestamp("2005-02-09")


def test_the_window_is_shared_by_days():
    """25 January 2020: from 15 January to 4 February are 17 days and 4."""
    found = column("lunar_new_year")
    assert found["2020-01"] == pytest.approx(17 / 21 - 1 / 12, abs=EXACT)
    assert found["2020-02"] == pytest.approx(4 / 21 - 1 / 12, abs=EXACT)
    assert found["2020-03"] == pytest.approx(-1 / 12, abs=EXACT)


@pytest.mark.parametrize("name", ["lunar_new_year", "campaign_618", "double_11"])
def test_every_year_sums_to_zero(name):
    found = column(name, "2005-01", "2045-12")
    np.testing.assert_allclose(found.groupby(found.index.year).sum(), 0.0, atol=EXACT)


def test_campaigns_are_their_months():
    assert column("campaign_618")["2023-06"] == pytest.approx(11 / 12, abs=EXACT)
    assert column("double_11")["2023-11"] == pytest.approx(11 / 12, abs=EXACT)
    assert set(column("double_11").index[column("double_11") > 0].month) == {11}


def test_the_break_is_a_lasting_step():
    found = column("definition_2024")
    assert set(found[:"2023-12"]) == {-1.0}
    assert set(found["2024-01":]) == {0.0}


def test_columns_are_in_the_order_of_the_names():
    index = months("2022-01", "2024-12")
    both = calendar.design(index, ["double_11", "lunar_new_year"])
    assert both.shape == (36, 2)
    np.testing.assert_array_equal(both[:, [1]], calendar.design(index, ["lunar_new_year"]))


def test_nothing_asked_is_nothing_given():
    assert calendar.design(pd.RangeIndex(5), []).shape == (5, 0)


def test_offered_to_two_years_of_months():
    three = ("lunar_new_year", "campaign_618", "double_11")
    assert calendar.offered(months("2022-01", "2023-12")) == three
    assert calendar.offered(months("2022-01", "2023-11")) == ()
    assert calendar.offered(pd.period_range("2000", "2040", freq="Y")) == ()
    assert calendar.offered(pd.RangeIndex(60)) == ()
    assert calendar.offered(months("1995-01", "2020-12")) == ()  # no new year's day is known before 2005


@pytest.mark.parametrize(
    ("first", "last", "given"),
    [
        ("2022-01", "2024-06", True),
        ("2022-01", "2024-05", False),
        ("2023-07", "2026-01", True),
        ("2024-01", "2026-08", False),
    ],
)
def test_a_break_needs_half_a_year_on_each_side(first, last, given):
    found = calendar.offered(months(first, last), breaks=["definition_2024"])
    assert ("definition_2024" in found) == given
    assert "definition_2024" not in calendar.offered(months(first, last))


def test_a_season_absorbs_the_campaigns_alone():
    assert calendar.absorbed(calendar.REGRESSORS, True) == ("campaign_618", "double_11")
    assert calendar.absorbed(calendar.REGRESSORS, False) == ()


@pytest.mark.parametrize(
    ("index", "names", "code"),
    [
        (months("2020-01", "2022-12"), ["easter"], "calendar"),
        (pd.period_range("2000", "2020", freq="Y"), ["double_11"], "calendar"),
        (months("2004-12", "2022-12"), ["lunar_new_year"], "calendar_years"),
        (months("2040-01", "2046-01"), ["lunar_new_year"], "calendar_years"),
    ],
)
def test_what_cannot_be_is_refused(index, names, code):
    with pytest.raises(GrowthError) as error:
        calendar.design(index, names)
    assert error.value.code == code


def test_campaigns_need_no_dates():
    assert calendar.design(months("1999-01", "2050-12"), ["double_11"]).shape == (624, 1)


def likelihood(series: pd.Series, share: np.ndarray) -> float:
    batch = Batch(series.to_numpy()[None], np.arange(len(series), dtype=float), 0, 12, share[:, None], np.zeros(1))
    return float(airline.likelihood(batch, airline.run(batch).params)[0])


def test_the_window_fits_the_nation_best():
    """The figures in the docstring, with windows counted day by day."""
    parcels = record.national_monthly(extend=True)[:"2026-08"]
    days = pd.date_range("2018-12-01", "2026-12-31", freq="D")
    found = {}
    for window in [(10, 10), (14, 14), (20, 15), (7, 7), (10, 15), (0, 6), (7, 0)]:
        off = sum(((days - day).days >= -window[0]) & ((days - day).days <= window[1]) for day in lunar.new_years())
        counted = pd.Series(off / (sum(window) + 1), index=days.to_period("M")).groupby(level=0).sum()
        found[window] = likelihood(parcels, counted[parcels.index].to_numpy())
    assert max(found, key=lambda window: found[window]) == (calendar.BEFORE, calendar.AFTER)
    assert found[10, 10] == pytest.approx(71.12, abs=LIKELIHOOD)
    assert found[14, 14] == pytest.approx(70.74, abs=LIKELIHOOD)
    assert found[20, 15] == pytest.approx(70.62, abs=LIKELIHOOD)
    assert found[7, 7] == pytest.approx(68.14, abs=LIKELIHOOD)
    assert likelihood(parcels, np.zeros(len(parcels))) == pytest.approx(49.31, abs=LIKELIHOOD)
