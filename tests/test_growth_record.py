"""What back-tests say of published series: the table in docs/growth.md."""

import pytest

from analysis.growth import GrowthError, calendar
from analysis.growth.trials import backtest
from analysis.views import growth
from data import demo
from pages.ui import growth_state, series

SCORE = 0.03  # of MASE: optima of weakly identified curves stop at another digit on another machine
RECORD = "record.parcel_volume.{}.china.{}.100-million-parcels"
SETTLED = {
    "national_monthly": ("richards", 0.38, 0.54),
    "national_monthly_extended": ("richards", 0.51, 0.87),
    "record.express_volume.industry.china.year.100-million-parcels": ("gompertz", 2.46, 6.81),
    "record.revenue_per_parcel.industry.china.month_filled.cny-per-parcel": ("log-linear", 0.34, 0.61),
    RECORD.format("yto", "month"): ("log-linear", 1.11, 1.61),
    RECORD.format("sto", "month"): ("log-linear", 0.64, 2.26),
}
NOTHING = (
    "record.market_share_volume_derived.yto.china.month.percent",
    "record.express_volume_by_distance.intra-city.china.year.100-million-parcels",
)
SHORT = (RECORD.format("yunda", "month"), RECORD.format("zto", "quarter"), RECORD.format("zto", "year"), "lockers")


def trial_of(key):
    """As the page tests it."""
    values, stock = series.values(series.Where(key), demo.load()), key == "lockers"
    flow = not stock and ".year." not in key
    effects = calendar.offered(values.dropna().index, breaks=series.breaks(key)) if flow else ()
    where = growth_state.spacing(values)
    horizon = where.clock.steps(growth_state.months_tested(where) / growth_state.YEAR)
    return backtest(values, growth.menu(stock=stock, even=where.even), horizon, calendar=effects)


@pytest.mark.parametrize(("key", "said"), SETTLED.items(), ids=SETTLED)
def test_what_beats_repeating_last_year(key, said):
    found = trial_of(key)
    chosen, mase, naive = said
    assert (found.chosen, found.reason) == (chosen, "beats")
    assert found.scores.at[chosen, "mase"] == pytest.approx(mase, abs=SCORE)
    assert found.scores.at["seasonal naive", "mase"] == pytest.approx(naive, abs=SCORE)
    assert 0.85 <= found.scores.at[chosen, "held_95"] <= 1


@pytest.mark.parametrize("key", NOTHING)
def test_where_nothing_beats_it(key):
    found = trial_of(key)
    assert (found.chosen, found.reason) == ("seasonal naive", "nothing_beats")


@pytest.mark.parametrize("key", SHORT)
def test_where_figures_are_too_few_to_settle_it(key):
    found = trial_of(key)
    assert (found.chosen, found.reason) == ("seasonal naive", "too_short")


def test_four_counts_of_village_stations_are_no_back_test():
    with pytest.raises(GrowthError) as refused:
        trial_of("record.village_stations.industry.china.level.stations")
    assert (refused.value.code, refused.value.values["got"]) == ("too_few", 4)
