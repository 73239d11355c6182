"""What is said and drawn of an allocation, in both languages, and the section of the page."""

import dataclasses

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from analysis import share
from analysis.budget import BudgetError, allocate, frontier, levers, problem, retrace
from analysis.scenario import Scenario, market_model, simulate
from analysis.views import budget as views
from data.grade import Grade
from tests.small_panel import draw
from tests.test_budget import BOTH, three

POORER = 1e9
"""More than anything in these markets can use."""
PANEL = draw()
FIT = share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
MODEL = market_model(PANEL, FIT, month="2025-06-01")


def test_bars_are_the_money_and_the_title_names_the_tier(look):
    found = allocate(three(instruments=BOTH), 1e8)
    view = views.allocation(found, look, grade=Grade.ASSUMED)
    bars = view.figure["data"]
    np.testing.assert_allclose(bars[0]["x"], found.spend[:, 0], atol=1e-3)
    np.testing.assert_allclose(bars[1]["x"], found.spend[:, 1], atol=1e-3)
    assert view.grade == Grade.ASSUMED
    tier = found.problem.groups[int(found.spend.sum(axis=1).argmax())]
    part = found.spend.sum(axis=1).max() / found.spent
    assert look.term("tier", tier) in view.title
    assert f"{part * 100:.0f}%" in view.title
    assert all(look.term("tier", t) in view.alt for t in found.problem.groups)


@pytest.mark.parametrize("budget", [1e7, 1e9])
def test_bars_of_stations_alone_hold_all_the_money_beside_them(look, budget):
    found = allocate(three(instruments=("stations",)), budget)
    view = views.allocation(found, look)
    drawn = np.sum([bar["x"] for bar in view.figure["data"]], axis=0)
    np.testing.assert_allclose(drawn, found.spend.sum(axis=1), atol=1e-3)
    assert found.spend[:, 0].sum() > 0
    assert len(view.figure["layout"]["xaxis"]["tickvals"]) > 1


def test_the_conditions_hold_in_words_and_the_number_is_in_the_table(look):
    found = allocate(three(), 1e8)
    said = views.trust(found, retrace(allocate(problem(MODEL, "duoduo"), 1e6), MODEL), look)[0]
    assert said == look.say("budget.kkt", residual=look.say("budget.exact"))
    assert float(views.table(found, look)[look.say("budget.col_kkt")].iloc[0]) == pytest.approx(
        found.kkt_residual, rel=0.5, abs=1e-300
    )
    off = dataclasses.replace(found, kkt_residual=0.012)
    assert "1.20%" in views.trust(off, retrace(allocate(problem(MODEL, "duoduo"), 1e6), MODEL), look)[0]


def test_the_plan_s_own_numbers_stand_beside_the_button(look):
    wanted = allocate(problem(MODEL, "duoduo"), 1e6)
    planned = simulate(Scenario("p", levers(wanted), months=3), MODEL, draws=0)
    said = views.then(planned, look, platform="duoduo")
    assert f"{planned.shares.at[('all', 'duoduo'), 'point'] * 100:.2f}%" in said
    assert look.month(planned.months[-1]) in said
    assert look.money(float(planned.cost.at["duoduo", "change"]), signed=True) in said


def test_only_subsidies_draw_one_bar(look):
    view = views.allocation(allocate(three(), 1e8), look)
    assert len(view.figure["data"]) == 1
    assert look.say("budget.col_opened") not in view.table


@pytest.mark.parametrize(
    ("budget", "key"), [(1e6, "budget.all_in"), (4e7, "budget.most_in"), (8e8, "budget.largest_in")]
)
def test_titles_say_all_most_or_largest(look, budget, key):
    found = allocate(three(), budget)
    spend = found.spend.sum(axis=1)
    tier = look.term("tier", found.problem.groups[int(spend.argmax())])
    part = f"{spend.max() / spend.sum() * 100:.0f}%"
    assert views.title(found, look) == look.say(key, tier=tier, part=part)


def test_money_that_is_kept_is_said(look):
    poor = allocate(three(objective="profit", value_cny_per_parcel=np.full(3, 0.05)), 1e8)
    assert views.title(poor, look) == look.say("budget.keep_all")
    assert views.shadow(poor, look) == look.say("budget.left_profit", left=look.money(1e8))
    for objective, worth in (("parcels", 1.0), ("profit", 50.0)):
        rich = allocate(three(objective=objective, value_cny_per_parcel=np.full(3, worth)), 1e10)
        assert views.shadow(rich, look) == look.say("budget.left_ceiling", left=look.money(rich.left))
    assert views.title(allocate(three(), 0), look) == look.say("budget.nothing")


def test_one_more_million_in_words(look):
    found = allocate(three(), 1e8)
    more = allocate(three(), 1.01e8).gained.sum() - found.gained.sum()
    assert views.shadow(found, look) == look.say("budget.shadow_parcels", more=look.count(more, 2))
    profit = allocate(three(objective="profit"), 1e8)
    gained = allocate(profit.problem, 1.01e8).value - profit.value
    assert look.money(gained) in views.shadow(profit, look)


def test_the_table_can_be_worked_out_by_hand(look):
    found = allocate(three(instruments=BOTH), 1e8)
    table, p = views.table(found, look), found.problem

    def column(name):
        return table[look.say(f"budget.col_{name}")].to_numpy()

    raised = column("slope") * column("added") + column("density") * np.log1p(column("opened") / column("stations"))
    odds = p.share0 / (1 - p.share0) * np.exp(raised)
    np.testing.assert_allclose(odds / (1 + odds) * 100, column("share_after"), atol=0.01)
    carried = column("contestable") * found.share + column("captive")
    paid = carried * (column("subsidy_before") + column("added")) - p.carried * column("subsidy_before")
    np.testing.assert_allclose(paid, column("spend_subsidy"), atol=2e4)
    np.testing.assert_allclose(column("spend_subsidy") + column("spend_stations"), column("spend"), atol=2)
    assert set(column("bound_subsidy")) <= {look.say(f"budget.bound_{b}") for b in ("free", "floor", "ceiling")}


def test_a_held_share_is_said_in_the_table(look):
    found = allocate(three(least_share=np.array([0.3, 0.0, 0.0])), 1e8)
    assert views.table(found, look)[look.say("budget.col_bound_subsidy")].iloc[0] == look.say("budget.bound_held")


def test_frontier_marks_the_budget_and_compares(look):
    problem_, budget = three(), 3e8
    found = allocate(problem_, budget)
    points = frontier(problem_, [0, 1e8, budget, 6e8])
    view = views.curve(found, points, look)
    best, plain, mark = view.figure["data"]
    assert mark["x"] == [budget]
    assert mark["y"][0] == best["y"][2] == pytest.approx(points.loc[budget, "share"] * 100, abs=1e-4)
    assert all(a >= b for a, b in zip(best["y"], plain["y"], strict=True))
    gap = (points.loc[budget, "share"] - points.loc[budget, "even_share"]) * 100
    assert f"{gap:.2f}" in view.title
    assert look.money(found.spent) in view.title
    assert len(view.table) == len(points)


def test_the_frontier_says_when_bounds_cost_more_than_they_win_or_nothing_is_spent(look):
    held = three(least_share=np.array([0.4, 0.0, 0.0]))
    found = allocate(held, 1.5e8)
    title = views.curve(found, frontier(held, [1.5e8]), look).title
    assert "少" in title if look.lang == "zh" else "less than" in title
    poor = three(objective="profit", value_cny_per_parcel=np.full(3, 0.05))
    name = look.name("duoduo")
    view = views.curve(allocate(poor, 1e8), frontier(poor, [0, 1e8]), look)
    before = f"{poor.carried.sum() / poor.whole.sum() * 100:.1f}%"
    assert view.title == look.say("budget.frontier_none", name=name, before=before)


def test_trust_tells_conditions_gap_retrace_and_ceilings(look):
    found = allocate(problem(MODEL, "duoduo", ceiling_cny=0.08), POORER)
    said = views.trust(found, retrace(found, MODEL), look)
    assert said[1] == look.say("budget.gap_none")
    assert look.term("tier", "Tier 1") in said[-1]
    loose = three(captive=np.array([3e9, 5e7, 2e7]), share0=np.array([0.03, 0.3, 0.25]), ceiling=np.full(3, 2.0))
    certified = allocate(loose, 2.2e9)
    assert views.trust(certified, retrace(found, MODEL), look)[1] == look.say(
        "budget.gap", gap=look.count(certified.gap)
    )


def test_retraced_shares_in_per_cent(look):
    traced = retrace(allocate(problem(MODEL, "duoduo"), 1e6), MODEL)
    table = views.retraced_table(traced, look)
    assert table.index[-1] == look.say("market.total")
    assert len(table.columns) == 6
    np.testing.assert_allclose(table.iloc[:, :4].astype(float), traced.iloc[:, :4] * 100, atol=5e-4)
    assert table.iloc[-1, 4] == look.money(traced.at["all", "paid_allocated"])
    assert table.iloc[-1, 5] == look.money(traced.at["all", "paid_simulated"])
    apart, row = traced.assign(difference=0.01), traced.loc["all"]
    said = views.trust(allocate(problem(MODEL, "duoduo"), 1e6), apart, look)[2]
    allocated, simulated = (f"{row[name] * 100:.2f}%" for name in ("allocated", "simulated"))
    assert said == look.say("budget.retraced", allocated=allocated, simulated=simulated)


def test_money_is_retraced_in_words_and_openings_are_told_apart(look):
    found = allocate(problem(MODEL, "duoduo", instruments=BOTH, life_months=24.0), 1e6)
    traced = retrace(found, MODEL)
    row, said = traced.loc["all"], views.trust(found, traced, look)
    allocated, simulated = (look.money(row[f"paid_{name}"]) for name in ("allocated", "simulated"))
    assert allocated != simulated
    assert look.say("budget.retraced_paid", allocated=allocated, simulated=simulated) in said
    money = {"spread": look.money(row["opening_allocated"]), "billed": look.money(row["opening_simulated"])}
    assert look.say("budget.retraced_opening", months="24", **money) in said
    assert len(views.retraced_table(traced, look).columns) == 8
    same = traced.assign(paid_simulated=traced["paid_allocated"], opening_allocated=0.0)
    told = views.trust(found, same, look)
    assert told[3] == look.say("budget.retraced_paid_same", simulated=allocated)
    assert len(told) == len(said) - 1


def test_leaving_the_observed_range_is_cautioned(look):
    found = allocate(problem(MODEL, "duoduo"), POORER)
    assert "0.300" in views.extrapolated(found, MODEL.observed_range, look)
    assert not views.extrapolated(allocate(problem(MODEL, "duoduo"), 1e5), MODEL.observed_range, look)


def test_refusals_name_the_tier_and_the_money(look):
    with pytest.raises(BudgetError) as dear:
        allocate(three(least_share=np.array([0.0, 0.6, 0.0])), 1e7)
    said = views.refusal(dear.value, three(), look)
    assert look.term("tier", "Tier 2") in said
    assert look.money(dear.value.values["total"]) in said
    with pytest.raises(BudgetError) as far:
        allocate(three(least_share=np.array([0.9, 0.0, 0.0])), 1e12)
    assert "90.1%" in views.refusal(far.value, three(), look)  # of all parcels: 0.9 of 1,000 m and 10 m captive ones
    with pytest.raises(BudgetError) as gone:
        problem(MODEL, "duoduo", tiers=["Tier 5"])
    assert look.name("duoduo") in views.refusal(gone.value, None, look)


def script():
    """The section alone on a page."""
    import streamlit as st

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from data.grade import Grade
    from pages.ui import budget_sections
    from tests.test_views_budget import MODEL, Scenario, simulate

    given = budget_sections.budget(
        Look("en", Theme("light")),
        MODEL,
        "duoduo",
        {},
        Grade.MODELLED,
        planned=lambda levers: simulate(Scenario("p", levers, months=1), MODEL, draws=0),
    )
    st.session_state["given"] = given


def test_the_section_asks_allocates_and_gives_its_levers():
    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    page.number_input(key="budget_amount.en").set_value(1.0).run()
    assert not page.exception
    assert page.session_state["given"] is None
    assert any("CNY" in caption.value for caption in page.caption)
    page.button(key="budget_put").click().run()
    wanted = allocate(problem(MODEL, "duoduo"), 1e6)
    pulled = {lever.tier: lever.change for lever in page.session_state["given"]}
    assert pulled == pytest.approx({t: a for t, a in zip(wanted.problem.groups, wanted.added, strict=True) if a > 1e-9})


def test_a_year_is_twelve_months_and_an_impossible_share_is_explained():
    page = AppTest.from_function(script, default_timeout=60)
    page.query_params["budget_period"] = "year"
    page.query_params["budget_amount"] = "12"
    page.run()
    page.button(key="budget_put").click().run()
    wanted = allocate(problem(MODEL, "duoduo"), 1e6)
    assert sum(lever.change for lever in page.session_state["given"]) == pytest.approx(wanted.added.sum())
    page.slider[1].set_value(90.0).run()
    assert not page.exception
    assert "Tier 1" in page.error[0].value
