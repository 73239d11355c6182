"""Waterfall, tornado, tipping points and scenarios side by side: views hold the numbers they say."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from analysis import share
from analysis.scenario import MEASURES, Lever, Rule, Scenario, market_model, simulate
from analysis.scenario.attribution import attribute
from analysis.scenario.compare import common, compare, differences
from analysis.scenario.tipping import tipping
from analysis.scenario.tornado import tornado, uncertainty
from analysis.views import amounts
from analysis.views import compare as side
from analysis.views import tipping as tipping_view
from analysis.views import tornado as tornado_view
from analysis.views.look import Look
from analysis.views.theme import Theme
from analysis.views.waterfall import waterfall
from data.grade import Grade
from tests.small_panel import draw

DRAWN = 1e-9  # figures hold the same floats times 100
PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier"), month="2025-06-01")
PLAN = Scenario(
    "Attack",
    (Lever("duoduo", 0.05, "Tier 3"), Lever("duoduo", 0.02, "Tier 1"), Lever("duoduo", 40.0, kind="guarantee")),
    rules=(("cainiao", Rule("match", 0.5, 1)),),
    months=4,
    assumptions=(("margin_cny_per_parcel", 0.25),),
)
SOFT = dataclasses.replace(PLAN, name="Softly", levers=PLAN.levers[:1], rules=(), months=6)
BRIEF = 45
"""Characters of a cell that are read where four plans stand beside each other."""
ROW = 180
"""Characters of a row that are read at 1280 pixels."""
SAID = {"caption": "Test market.", "grade": Grade.MODELLED}
ENGLISH = Look("en", Theme("light"))


@pytest.fixture(scope="module")
def split():
    return attribute(PLAN, MODEL, platform="duoduo")


@pytest.fixture(scope="module")
def hangs():
    return tornado(PLAN, MODEL, platform="duoduo", measure="total_profit")


@pytest.fixture(scope="module")
def projections():
    return [simulate(plan, MODEL, draws=50) for plan in (PLAN, SOFT)]


def chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def test_waterfall_leads_from_the_share_now_to_the_share_then(split, look):
    view = waterfall(split, PLAN, look, **SAID)
    bars = view.figure.data[0]
    assert list(bars.measure) == ["absolute", "relative", "relative", "relative", "total"]
    np.testing.assert_allclose(bars.y[:4], np.array([split.start, *split.parts]) * 100, rtol=DRAWN)
    assert view.figure.layout.xaxis.type == "category"
    end = simulate(PLAN, MODEL, draws=0).shares.at[("all", "duoduo"), "point"]
    assert bars.text[-1] == f"{end * 100:.2f}%"
    assert len(set(bars.x)) == len(bars.x)
    assert len(view.table) == 5
    assert view.table.iloc[-1, -1] == bars.text[-1]
    assert look.name("duoduo") in view.title
    assert look.say("explain.order_shapley") in view.caption


def test_waterfall_says_order_and_cut_axis(look):
    small = dataclasses.replace(PLAN, levers=(Lever("duoduo", 0.002), Lever("jd", 0.002, start_month=2)), rules=())
    view = waterfall(attribute(small, MODEL, platform="duoduo", order="given"), small, look, **SAID)
    assert look.say("explain.order_given") in view.caption
    assert look.say("explain.axis_cut") in view.caption
    assert view.figure.layout.yaxis.range[0] > 0
    assert look.name("jd") in "".join(view.table.iloc[:, 0])
    many = dataclasses.replace(small, levers=tuple(Lever("jd", 0.01, start_month=n) for n in range(1, 10)), months=1)
    drawn = waterfall(attribute(many, MODEL, platform="duoduo"), many, look, **SAID)
    assert look.say("explain.order_drawn", n=128) in drawn.caption


def test_waterfall_of_a_change_starts_at_zero(look):
    found = attribute(PLAN, MODEL, platform="duoduo", measure="cost")
    view = waterfall(found, PLAN, look, **SAID)
    assert list(view.figure.data[0].measure) == ["relative"] * 3 + ["total"]
    low, high = view.figure.layout.yaxis.range
    assert low <= 0 <= high
    assert look.say("explain.axis_cut") not in view.caption


def test_waterfall_of_one_lever_and_of_none(look):
    one = dataclasses.replace(SOFT, levers=SOFT.levers)
    assert "%" not in waterfall(attribute(one, MODEL, platform="duoduo"), one, look, **SAID).title
    none = Scenario("nothing")
    view = waterfall(attribute(none, MODEL, platform="duoduo"), none, look, **SAID)
    assert view.title == look.say(
        "explain.waterfall_none", name=look.name("duoduo"), measure=amounts.inside(amounts.name("share", look))
    )


def test_tornado_draws_what_matters_and_counts_the_rest(hangs, look):
    view = tornado_view.tornado(hangs, look, platform="duoduo", measure="total_profit", **SAID)
    low, high = view.figure.data
    top = hangs.head(len(low.y))
    matters = int((hangs["span"] > tornado_view.MATTERS * hangs["span"].max()).sum())
    np.testing.assert_allclose(np.array(low.base) + np.array(low.x), top["low"], rtol=DRAWN)
    np.testing.assert_allclose(np.array(high.base) + np.array(high.x), top["high"], rtol=DRAWN)
    assert len(view.table) == matters > len(low.y) - 1
    assert tornado_view.named(str(hangs.index[0]), look) in view.title
    assert look.say("explain.left_out_n", n=len(hangs) - matters) in view.caption
    assert view.grade is Grade.ASSUMED
    assert {*low.marker.pattern.shape} >= {"", "/"}
    assert tornado_view.span_of(hangs.iloc[0], look) in low.y[0]


def test_tornado_of_nothing(look):
    found = tornado(Scenario("nothing"), MODEL, platform="duoduo", measure="share")
    view = tornado_view.tornado(found, look, platform="duoduo", measure="share", **SAID)
    assert view.table.empty
    assert view.title == look.say("explain.tornado_none", name=look.name("duoduo"), measure=amounts.name("share", look))


def test_sources_of_uncertainty_side_by_side(look):
    found = uncertainty(PLAN, MODEL, platform="duoduo", measure="total_profit", draws=100)
    view = tornado_view.uncertainty(found, look, platform="duoduo", measure="total_profit", **SAID)
    bars = view.figure.data[0]
    np.testing.assert_allclose(bars.x, found["width"], rtol=DRAWN)
    np.testing.assert_allclose(bars.base, found["low_95"], rtol=DRAWN)
    assert len(view.table) == 4
    wide = found["width"].drop("all").idxmax()
    low, high = found.loc[wide, ["low_95", "high_95"]]
    assert amounts.between("total_profit", low, high, look) in view.title
    assert view.grade is Grade.ASSUMED
    none = found.assign(low_95=0.0, high_95=0.0, width=0.0, point=0.0)
    said = tornado_view.uncertainty(none, look, platform="duoduo", measure="share", **SAID).title
    assert amounts.inside(amounts.name("share", look)) in said


def test_tips_are_said_in_plain_words():
    plan = dataclasses.replace(SOFT, months=4, levers=(Lever("duoduo", 0.03, "Tier 3"),))
    found = tipping(plan, MODEL, platform="duoduo", against=(PLAN,))
    tip = next(tip for tip in found if tip.key == "margin_cny_per_parcel" and not tip.other)
    value = f"{tip.value:.3g}"
    said = tipping_view.sentence(tip, ENGLISH, "total_profit")
    assert said == (
        f"the plan stops paying when the margin of a network before subsidies falls below {value} CNY per parcel"
        " (assumed 0.25)"
    )
    up = dataclasses.replace(tip, flips="up", change=-tip.change, grade=Grade.REPORTED)
    assert tipping_view.sentence(up, ENGLISH, "profit").endswith(f"rises above {value} CNY per parcel (now 0.25)")
    assert "share of parcels" in tipping_view.sentence(tip, ENGLISH, "share")
    rank = dataclasses.replace(tip, other="Attack")
    assert "“Attack” becomes the better plan" in tipping_view.sentence(rank, ENGLISH, "total_profit")


def test_tips_as_a_table(look):
    plan = dataclasses.replace(SOFT, months=4, levers=(Lever("duoduo", 0.03, "Tier 3"),))
    found = tipping(plan, MODEL, platform="duoduo")
    view = tipping_view.tips(found, look, measure="total_profit")
    assert len(view.table) == len(view.sentences) == len(found) > 0
    turns = view.table[look.say("explain.answer")]
    assert turns[0] == look.say(f"explain.outcome_total_profit_{found[0].flips}")
    assert all(turn in words.lower() for turn, words in zip(turns, view.sentences, strict=True))
    assert view.table.map(len).max().sum() < ROW
    inside = [tip for tip in found if tip.within]
    assert tipping_view.sentence(inside[0], look, "total_profit") in view.title
    outside = tuple(dataclasses.replace(tip, within=False) for tip in found)
    assert tipping_view.tips(outside, look, measure="profit").title == look.say(
        "explain.tips_safe", tip=tipping_view.sentence(found[0], look, "profit")
    )
    none = tipping_view.tips((), look, measure="profit")
    assert none.title == look.say("explain.tips_none")
    assert none.grade is Grade.MODELLED
    endless = dataclasses.replace(found[0], default=0.0, relative=float("inf"))
    assert tipping_view.tips([endless], look, measure="share").table[look.say("explain.change")][0] == "–"


def test_scenarios_side_by_side(projections, look):
    frame = compare([*projections, *projections], platform="duoduo")
    table = side.table(frame, look)
    drawn = frame["Attack"]["low_95"].notna().sum()
    assert table.shape == (len(MEASURES) + drawn, 4)
    assert not table.map(lambda cell: "nan" in cell).any(axis=None)
    change = projections[0].shares.loc[("all", "duoduo")]
    assert table.iloc[0, 0] == amounts.amount("share", change["point"] - change["observed"], look)
    low, high = (amounts.bare("share", change[end] - change["observed"], look) for end in ("low_95", "high_95"))
    assert table.iloc[1, 0] == look.say("explain.to", low=low, high=high)
    assert table.index[1] == look.say("explain.ends")
    assert len(max(table.index, key=len)) + table.map(len).max().sum() < ROW


def test_without_draws_there_are_no_rows_of_intervals(look):
    table = side.table(compare([simulate(PLAN, MODEL, draws=0)], platform="duoduo"), look)
    assert len(table) == len(MEASURES)


def test_bars_of_shares_by_tier(projections, look):
    view = side.bars(projections, look, platform="duoduo", **SAID)
    baseline, *plans = view.figure.data
    np.testing.assert_allclose(baseline.y, projections[0].shares.xs("duoduo", level=1)["observed"] * 100, rtol=DRAWN)
    for bars, projection in zip(plans, common(projections), strict=True):
        rows = projection.shares.xs("duoduo", level=1)
        np.testing.assert_allclose(bars.y, rows["point"] * 100, rtol=DRAWN)
        up = np.maximum(rows["high_95"] - rows["point"], 0.0)
        np.testing.assert_allclose(bars.error_y.array, up * 100, rtol=1e-6, atol=1e-9)
    assert view.figure.layout.showlegend
    assert {bars.marker.pattern.shape for bars in plans} == {"", "/"}
    assert view.table.shape == (3, 3)
    assert "Attack" in view.title
    assert "Softly" in view.title


@pytest.mark.parametrize("measure", ["total_profit", "station_income", "cost_per_point"])
def test_bars_of_another_measure(measure, projections, look):
    view = side.bars(projections, look, platform="duoduo", measure=measure, **SAID)
    values = compare(projections, platform="duoduo").loc[measure].xs("value", level=1)
    np.testing.assert_allclose(view.figure.data[0].y, values, rtol=DRAWN)
    assert amounts.name(measure, look) in view.title
    assert chinese(view.title + view.caption) == (look.lang == "zh")


def test_bars_of_what_has_no_value_and_of_equals(projections, look):
    lost = simulate(Scenario("lost", (Lever("jd", 0.1),)), MODEL, draws=0)
    view = side.bars([lost], look, platform="duoduo", measure="cost_per_point", **SAID)
    said = {"measure": amounts.name("cost_per_point", look), "name": look.name("duoduo")}
    assert view.title == look.say("explain.compare_none", **said)
    same = side.bars([projections[0]] * 2, look, platform="duoduo", **SAID)
    assert len(set(same.table.columns)) == 3
    assert len(side.bars(projections[:1], look, platform="duoduo", **SAID).figure.data) == 2


def test_inputs_that_differ(look):
    title, table = side.inputs(differences([PLAN, SOFT]), look)
    assert len(table) == 4
    assert "4" in title
    names = table[look.say("explain.input")].to_list()
    assert len(set(names)) == 4
    assert any(look.term("tier", "Tier 1") in name for name in names)
    said = look.say("explain.brief", change=f"+0.02{'元/件' if look.lang == 'zh' else ' CNY per parcel'}", when="|")
    assert any(cell.startswith(said.split("|")[0]) for cell in table["Attack"])
    assert table["Attack"].map(len).max() < BRIEF
    assert look.say("explain.no_lever") in table["Softly"].to_list()
    assert {"4", "6"} <= {*table["Attack"], *table["Softly"]}
    assert side.inputs(differences([PLAN, PLAN]), look)[0] == look.say("explain.differ_none")
    cheap = dataclasses.replace(PLAN, name="cheap", assumptions=(), growth_per_year=0.05)
    _, table = side.inputs(differences([PLAN, cheap]), look)
    assert len(table) == 2
    assert isinstance(table, pd.DataFrame)
    one = dataclasses.replace(PLAN, name="one", months=9)
    assert side.inputs(differences([PLAN, one]), look)[0] == look.say("explain.differ_1")


def test_a_source_too_narrow_to_see_is_marked_with_its_range(look):
    found = uncertainty(PLAN, MODEL, platform="duoduo", measure="share", draws=50)
    at = found["point"].iloc[0]
    found.loc["growth", ["low_95", "high_95", "width"]] = at, at + 1e-6, 1e-6
    view = tornado_view.uncertainty(found, look, platform="duoduo", measure="share", **SAID)
    mark = view.figure.data[1]
    assert look.say("explain.vary_growth") in mark.y
    assert amounts.between("share", at, at + 1e-6, look) in mark.text
    wide = tornado_view.uncertainty(
        found.assign(low_95=0.0, high_95=1.0, width=1.0), look, platform="duoduo", measure="share", **SAID
    )
    assert len(wide.figure.data[1].y) == 0


def test_parts_that_differ_in_their_time_alone_are_told_apart(look):
    plan = Scenario("waves", tuple(Lever("duoduo", 0.01, "Tier 3", start_month=n) for n in (1, 2)), months=3)
    bars = waterfall(attribute(plan, MODEL, platform="duoduo"), plan, look, **SAID).figure.data[0]
    parts = [text.replace("\u200b", "").replace("<br>", " ") for text in bars.x[1:-1]]
    assert len(set(parts)) == 2
