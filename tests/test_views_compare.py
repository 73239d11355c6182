"""Plans of different length side by side: one month, and every bill with its interval."""

import pandas as pd
import pytest

from analysis import share
from analysis.scenario import Lever, Scenario, market_model, simulate
from analysis.scenario.compare import common, compare
from analysis.views import amounts
from analysis.views import compare as side
from data.grade import Grade
from tests.small_panel import draw

PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier"), month="2025-06-01")
ATTACK = Scenario("Attack", (Lever("duoduo", 0.05, "Tier 3"), Lever("duoduo", 0.02, "Tier 1")), months=4)
SOFTLY = Scenario("Softly", ATTACK.levers[:1], months=6)
SAID = {"caption": "Test market.", "grade": Grade.MODELLED}


@pytest.fixture(scope="module")
def projections():
    return [simulate(plan, MODEL, draws=50) for plan in (ATTACK, SOFTLY)]


def test_only_the_longer_plan_is_cut(projections):
    first, second = common(projections)
    assert first is projections[0]
    assert list(second.months) == list(first.months)
    assert second.draws == 50
    pd.testing.assert_frame_equal(second.path(), projections[1].path().loc[: first.months[-1]])
    assert common([]) == ()


def test_plans_of_different_length_are_compared_in_the_same_month_and_it_is_said(projections, look):
    short = simulate(Scenario("Softly", SOFTLY.levers, months=4), MODEL, draws=50)
    frame = compare(projections, platform="duoduo")
    alone = compare([short], platform="duoduo")
    pd.testing.assert_frame_equal(frame["Softly"], alone["Softly"])
    month = look.month(projections[0].months[-1])
    table = side.table(frame, look)
    assert month in str(table.index.name)
    assert look.say("explain.total_over", n=4) in table.index
    for measure in ("share", "total_profit"):
        view = side.bars(projections, look, platform="duoduo", measure=measure, **SAID)
        assert look.say("explain.cut", month=month, names="Softly") in view.caption
        alike = side.bars([projections[0]], look, platform="duoduo", measure=measure, **SAID)
        assert look.say("explain.cut", month=month, names="Attack") not in alike.caption


def test_every_bill_has_an_interval_and_one_that_does_not_change_says_so(look):
    jd = simulate(Scenario("jd", (Lever("jd", 0.02),), months=4), MODEL, draws=50)
    frame = compare([jd, simulate(Scenario("none", months=4), MODEL, draws=50)], platform="duoduo")
    low, value, high = (frame.at["cost", ("jd", end)] for end in ("low_95", "value", "high_95"))
    assert low < value < high < 0  # its parcels fall, and what it pays on them
    table = side.table(frame, look)
    row = list(table.index).index(amounts.name("cost", look)) + 1
    assert table["none"].iloc[row] == look.say("explain.no_change")
    assert table["jd"].iloc[row] != look.say("explain.no_change")
