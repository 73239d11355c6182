"""Series of the record: the best figure of each date, national months on one definition, lockers, shares."""

import numpy as np
import pandas as pd
import pytest

from data import record

PRINTED = 1e-9
"""Relative: figures are read, not computed."""
ROUNDED = 0.003
"""Relative: a year's months are each rounded to 0.1 of 100 million parcels, some are differences of such sums."""
SHARE = 0.003 + 1e-12
"""Published and derived shares differ by up to 0.3 of a point, as both are rounded."""


def test_every_listed_series_can_be_charted():
    table = record.series_list()
    assert table["key"].is_unique
    assert (table["n"] >= 2).all()
    for row in table.itertuples():
        rows = record.series(row.key)
        assert len(rows) == row.n
        assert rows["at"].is_monotonic_increasing
        assert rows["at"].is_unique
        assert rows["value"].notna().all()
        assert (rows["at"].iloc[0], rows["at"].iloc[-1]) == (row.first, row.last)
        assert not rows["kind"].isin(["plan", "forecast"]).any()


def test_series_takes_the_final_figure_and_can_show_all():
    key = "express_volume.industry.china.year.100-million-parcels"
    best, every = record.series(key), record.series(key, every=True)
    assert best.set_index("period")["value"]["2024"] == 1750.8
    assert sorted(every[every["period"] == "2024"]["value"]) == [1745, 1750.8]


def test_unknown_series_says_where_to_look():
    with pytest.raises(ValueError, match="series_list"):
        record.series("no.such")


# national months


def test_national_months_on_the_2024_basis():
    monthly = record.national_monthly()
    assert monthly.index.freqstr == "M"
    assert (str(monthly.index[0]), str(monthly.index[-1])) == ("2023-01", "2026-08")
    assert monthly["2023-01"] == pytest.approx(7.95e9, rel=PRINTED)
    assert monthly["2024-01"] == pytest.approx(14.70e9, rel=PRINTED)
    assert monthly[monthly.isna()].index.astype(str).to_list() == ["2026-01", "2026-02"]


@pytest.mark.parametrize(("year", "total"), [("2023", 144.1e9), ("2024", 175.08e9), ("2025", 198.95e9)])
def test_months_add_up_to_the_published_year(year, total):
    """State Post Bureau: 175.08 bn (2024, +21.5 %), 198.95 bn (2025)."""
    assert record.national_monthly()[year].sum() == pytest.approx(total, rel=ROUNDED)


@pytest.mark.parametrize(
    ("year", "total"), [("2019", 63.52e9), ("2020", 83.36e9), ("2021", 108.3e9), ("2022", 110.58e9)]
)
def test_printed_months_add_up_to_the_published_year(year, total):
    assert record.national_monthly(basis="printed")[year].sum() == pytest.approx(total, rel=ROUNDED)


def test_split_keeps_the_published_sum():
    split = record.national_monthly(combined="split")
    assert split["2026-01":"2026-02"].sum() == pytest.approx(30.49e9, rel=PRINTED)
    assert split["2026-01"] / split["2026-02"] == pytest.approx(31 / 28, rel=PRINTED)
    assert not split.isna().any()
    assert record.combined_months()["parcels"].to_list() == pytest.approx([30.49e9])


def test_extension_scales_earlier_months_by_one_ratio():
    printed, longer = record.national_monthly(basis="printed"), record.national_monthly(extend=True)
    assert str(longer.index[0]) == "2019-01"
    ratio = (longer / printed)[:"2022-12"]
    assert ratio.to_numpy() == pytest.approx(np.full(48, 1441.0 / 1320.7), rel=ROUNDED)
    pd.testing.assert_series_equal(longer["2023-01":], record.national_monthly())


def test_growth_of_2024_is_the_published_one():
    """+21.5 % on a comparable basis against +32.6 % of the raw levels."""
    monthly, printed = record.national_monthly(), record.national_monthly(basis="printed")
    assert monthly["2024"].sum() / monthly["2023"].sum() - 1 == pytest.approx(0.215, abs=0.002)
    assert printed["2024"].sum() / printed["2023"].sum() - 1 == pytest.approx(0.326, abs=0.003)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="printed"):
        record.national_monthly(basis="2030")
    with pytest.raises(ValueError, match="split"):
        record.national_monthly(combined="guess")


def test_locker_counts_leave_out_forecast_and_conflict():
    sets = record.locker_sets()
    assert sets.to_list() == [129_000, 170_000, 200_000, 250_000, 272_000, 406_000]
    assert sets.index.is_monotonic_increasing
    assert str(sets.index[-1].date()) == "2019-12-31"


def test_company_shares_agree_with_each_other():
    shares = record.company_shares()
    assert shares["share"].between(0, 1).all()
    zto = shares[(shares["company"] == "ZTO") & shares["published"] & (shares["period"] == "2023")]
    assert zto["share"].to_list() == pytest.approx([0.229], rel=PRINTED)
    both = shares.groupby(["company", "period", "basis"])["share"].agg(["count", "max", "min"])
    both = both[both["count"] > 1]
    assert len(both) >= 5
    assert (both["max"] - both["min"]).max() <= SHARE


def test_a_level_said_of_two_years_stands_between_them_not_at_an_end_that_may_be_ahead():
    villages = record.series("village_stations.industry.china.level.stations")
    vague = villages.loc[villages["period"] == "about 2025-26", "at"]
    assert vague.tolist() == [pd.Timestamp("2025-12-31")]
