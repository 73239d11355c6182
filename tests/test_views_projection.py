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
from analysis.views.outcome import BLANK, JOINED, between, cny, in_points, number, signed, told
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
    assert cost.delta == cny(look, 6e6, with_sign=True)
    assert cny(look, 5e6) in cost.versus
    assert cny(look, 12 * 6e6, with_sign=True) in cost.versus
    assert each.value == cny(look, 6e6 / 2.4)
    assert "78%" in profit.versus
    assert income.value == cny(look, 3040)
    assert "−3.0" in below.delta
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


def test_profit_is_the_middle_of_the_draws_or_the_point(look):
    assert sum(WAR.profit_by_month) != WAR.middle
    loss = replace(WAR, profit_by_month=(0, *[-8e6] * 12))
    _, _, _, profit, *_ = projection.kpis(loss, look, platform="duoduo")
    assert profit.delta == cny(look, 1e7, with_sign=True)
    assert profit.value == cny(look, 3e6, with_sign=True)
    assert cny(look, -1e7) in profit.versus
    assert cny(look, 4e7) in profit.versus
    _, _, _, undrawn, *_ = projection.kpis(replace(loss, draws=0), look, platform="duoduo")
    assert undrawn.delta == cny(look, -96e6)
    assert undrawn.versus == look.say("projection.in_total")
    assert undrawn.good is True


def test_a_market_without_stations_gets_dashes_and_the_reason(look):
    *_, income, below = projection.kpis(replace(WAR, before_stations=0.0), look, platform="duoduo")
    assert {income.value, below.value} == {look.say("unit.none")}
    assert {income.delta, below.delta} == {None}
    assert {income.versus, below.versus} == {look.say("projection.no_station_data")}


def test_the_first_stations_of_a_network_have_nothing_to_compare_with(look):
    class Entered(Made):
        @property
        def station_income(self):
            rows = super().station_income
            columns = ["stations_before", "income_before", "below_before"]
            rows.loc[(slice(None), "duoduo"), columns] = [0.0, float("nan"), float("nan")]
            return rows

    *_, income, below = projection.kpis(Entered(MOVED), look, platform="duoduo")
    assert (income.value, income.delta) == (cny(look, 3040), None)
    assert (below.value, below.versus) == ("15.0%", look.say("projection.no_stations_without"))


def test_the_cities_of_the_plan_are_said_where_they_are_not_all(look):
    share, *_ = projection.kpis(replace(WAR, local=(0.071, 0.098)), look, platform="duoduo")
    assert {"en": "in the cities of the plan: 7.1% → 9.8%", "zh": "方案所涉城市：7.1% → 9.8%"}[
        look.lang
    ] in share.versus
    whole = tuple(WAR.shares.loc[("Tier 3", "duoduo"), ["observed", "point"]])
    share, *_ = projection.kpis(replace(WAR, local=whole), look, platform="duoduo", tier="Tier 3")
    assert share.versus == projection.kpis(WAR, look, platform="duoduo", tier="Tier 3")[0].versus
    other, *_ = projection.kpis(replace(WAR, local=(0.071, 0.098)), look, platform="jd")
    assert "7.1" not in other.versus


def test_small_changes_have_their_digits_in_common(look):
    small = told(look, 0.28, 0.0961, 0.46)
    assert small["points"] == "0.28"
    assert {"en": "0.10 to 0.46", "zh": "0.10至0.46"}[look.lang] in small["between"]
    share = projection.kpis(NOTHING, look, platform="duoduo")[0]
    assert look.say("unit.points_signed", value="0.0") == share.delta
    assert share.versus == look.say("projection.versus")


def test_an_interval_without_width_is_about(look):
    assert {"en": "about 73.3", "zh": "约73.3"}[look.lang] in between(look, 73.31, 73.33)
    assert between(look, 73.31, 73.39).count("73") == 2
    assert between(look, float("nan"), 1.0) == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [(-0.0, "0.0"), (-0.001, "0.00"), (-0.04, "−0.04"), (-1.24, "−1.2"), (2.0, "2.0")],
)
def test_zero_has_no_sign(value, said):
    assert number(value) == said
    assert signed(value) == (f"+{said}" if value > 0 else said)


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (41_144_600.0, "¥41.14 m", "¥4,114万"),
        (-28_139_000.0, "−¥28.14 m", "−¥2,814万"),
        (265_300_000.0, "¥265.3 m", "¥2.65亿"),
        (9_999.7, "¥10 k", "¥1万"),
        (-0.3, "¥0", "¥0"),
    ],
)
def test_money_has_four_figures_and_stays_on_one_line(value, en, zh, look):
    said = cny(look, value)
    assert said.replace(JOINED, "").replace(BLANK, " ") == {"en": en, "zh": zh}[look.lang]
    assert " " not in said
    assert (JOINED in said) == said.startswith("−")


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


def test_ten_years_of_growth_say_the_same_everywhere(real, look):
    long = Scenario("long", (Lever("duoduo", 0.05, "Tier 3"),), months=120, growth_per_year=0.2)
    found = engine.simulate(long, real.model, draws=40)
    share, *_ = projection.kpis(found, look, platform="duoduo")
    change = told(look, *in_points(found.shares.loc[("all", "duoduo")]))
    title = scenario_path.path(found, look, platform="duoduo").title
    assert change["points"] in title
    assert change["between"] in title
    assert share.value in title
    assert share.delta == look.say("unit.points_signed", value=f"+{change['points']}")
    assert projection.main_sources(found, look, "duoduo") in projection.sources(found, look, platform="duoduo").title
    won = projection.won_from(found, "duoduo")
    assert won.sum() > 0
    assert won.drop(projection.NEW_DEMAND, errors="ignore").min() > 0
    whole = found.volumes.loc["all", "point"].sum() / 30
    assert won.sum() / whole * 100 == pytest.approx(in_points(found.shares.loc[("all", "duoduo")])[0], rel=1e-9)


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
    assert figures[2].value == cny(look, each)
