"""A projection in words and figures: headlines, sources, cautions, one table, and a simulated war through all of it."""

import json
from dataclasses import replace

import pytest

from analysis import scenario as engine
from analysis import share
from analysis.rivalry.rules import Rule
from analysis.scenario import Caution
from analysis.scenario.levers import Lever, Scenario
from analysis.views import projection, scenario_path
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from tests.made_projection import LOSS, MOVED, NOTHING, POINT, TIERS, VIEWS, WAR, Made
from tests.small_panel import draw


@pytest.mark.parametrize("made", [WAR, LOSS, Made(MOVED, growth=1.02)], ids=["won", "lost", "grown"])
def test_sources_add_to_the_change(made, look):
    won = projection.won_from(made, "duoduo")
    volumes = made.volumes.xs("all", level=0).loc["duoduo"]
    assert won.sum() * 30 == pytest.approx(volumes["point"] - volumes["observed"], rel=1e-9)
    view = projection.sources(made, look, platform="duoduo")
    assert view.table.iloc[:, 1].sum() == pytest.approx(100)
    assert (look.say("projection.new_demand") in view.table.index) == (made.growth > 1)


def test_the_assumption_behind_the_sources_is_said():
    look = Look("en", Theme("light"))
    assert "assumption" in projection.sources(WAR, look, platform="duoduo").caption


def test_kpis_hold_the_headlines(look):
    share, cost, each, profit, income, below = projection.kpis(WAR, look, platform="duoduo", tier="Tier 3")
    assert (share.value, len(share.trend)) == ("28.0%", 13)
    assert "+3.0" in share.delta
    assert "2.6" in share.versus
    assert cost.delta == look.money(6e6, signed=True)
    assert look.money(5e6) in cost.versus
    assert each.value == look.money(6e6 / 2.4)
    assert "78%" in profit.versus
    assert income.value == look.money(3040)
    assert "-3.0" in below.delta
    assert [figure.good for figure in (share, cost, profit, income, below)] == [True, None, True, True, False]
    assert projection.kpis(NOTHING, look, platform="duoduo")[0].good is None
    assert {share.grade, cost.grade} == {Grade.MODELLED}
    assert {profit.grade, income.grade, below.grade} == {Grade.ASSUMED}


def test_kpis_without_draws_cost_or_stations(look):
    figures = projection.kpis(POINT, look, platform="home")
    assert len(figures) == 3
    assert figures[0].versus == look.say("projection.versus")
    assert figures[2].value == look.say("unit.none")
    assert all("nan" not in f"{f.value}{f.delta}{f.versus}" for f in figures)


CODES = {
    "outside_observed_range": {"platform": "duoduo", "low": 0.05, "high": 0.12, "new_low": 0.1, "new_high": 0.2},
    "clipped_at_zero": {"platform": "duoduo", "cities": 3},
    "not_offered": {"platform": "jd", "tier": "Tier 1"},
    "interval_includes_zero": {"group": "Tier 1"},
    "captive_limit": {"platform": "duoduo"},
    "assumed_orders": {"platform": "duoduo"},
    "closed_all": {"platform": "duoduo", "cities": 2},
    "unsettled": {"platform": "cainiao"},
    "doubtful_margin": {"platform": "cainiao"},
    "no_owner": {"platform": "tuxi"},
}


@pytest.mark.parametrize("code", CODES)
def test_every_caution_has_words(code, look):
    made = replace(WAR, warnings=(Caution(code, CODES[code]),))
    (said,) = projection.cautions(made, look)
    assert "{" not in said
    assert look.name(str(CODES[code].get("platform", ""))) in said


def test_cautions_that_differ_by_place_are_one(look):
    warnings = tuple(Caution("interval_includes_zero", {"group": tier}) for tier in TIERS)
    (said,) = projection.cautions(replace(WAR, warnings=warnings), look)
    assert look.join(look.term("tier", tier) for tier in TIERS) in said


def test_table_holds_everything_once(look):
    table = projection.table(WAR, look)
    assert len(table) == 3 * 13 * 5
    key = [look.say(f"projection.column_{name}") for name in ("tier", "month", "platform")]
    assert not table.duplicated(key).any()
    column = {name: look.say(f"projection.column_{name}") for name in ("share_after", "parcels_after", "cost_after")}
    last = table[table[key[1]] == "2027-08"]
    assert last[column["parcels_after"]].notna().all()
    assert table[column["parcels_after"]].notna().sum() == len(last)
    assert table.groupby(key[:2])[column["share_after"]].sum().to_numpy() == pytest.approx(100, abs=0.005)
    assert set(table.loc[table[column["cost_after"]].notna(), key[0]]) == {look.say("market.total")}
    assert set(table[look.say("grade.heading")]) == {look.say("grade.modelled")}


@pytest.fixture(scope="module")
def real():
    panel = draw()
    fit = share.fit(panel, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
    model = engine.market_model(panel, fit, month="2025-06-01")
    war = Scenario("war", (Lever("duoduo", 0.04, "Tier 3"),), rules=(("cainiao", Rule("match", 0.5, lag_months=3)),))
    return engine.simulate(war, model, draws=50)


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "map"])
def test_a_simulated_war_fits_every_view(name, real, look):
    view = VIEWS[name](real, look, platform="duoduo")
    json.dumps(view.figure, allow_nan=False)
    assert "nan" not in f"{view.title}{view.alt}"
    assert {"path": "Duoduo", "subsidies": "Cainiao"}.get(name, "") in view.title or look.lang == "zh"


def test_a_simulated_war_has_headlines_sources_and_a_table(real, look):
    figures = projection.kpis(real, look, platform="duoduo")
    assert len(figures) == 6
    won = projection.won_from(real, "duoduo")
    gain = engine.measure(real, "parcels", "duoduo") / 30
    assert won.sum() == pytest.approx(gain, rel=1e-9)
    assert figures[0].value in scenario_path.path(real, look, platform="duoduo").title
    assert len(projection.table(real, look)) == 3 * 13 * 4
    each = engine.measure(real, "cost_per_point", "duoduo")
    assert figures[2].value == look.money(each)
