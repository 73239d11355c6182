"""A projection month by month and its stations: lines where the numbers are, answers dated, payback named."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.rivalry.rules import Rule
from analysis.scenario.levers import Lever, Scenario
from analysis.views import plain, scenario_path, station_effect
from analysis.views.look import Look
from analysis.views.outcome import cny
from analysis.views.theme import Theme
from tests.made_projection import MONTHS, MOVED, NOTHING, POINT, SCENARIO, SENT, WAR, Made


def test_path_draws_the_levered_network_answers_and_movers(look):
    view = scenario_path.path(WAR, look, platform="duoduo", tier="Tier 3")
    lines = [t for t in view.figure["data"] if "fill" not in t]
    solid = {t["hovertemplate"].split(" <b>")[0]: t["y"] for t in lines if "dash" not in t["line"]}
    assert set(solid) == {look.name(name) for name in ("duoduo", "cainiao", "tuxi", "home")}
    wanted = WAR.path("Tier 3")["point"].xs("duoduo", level=1) * 100
    np.testing.assert_allclose(solid[look.name("duoduo")], wanted, atol=SENT)
    dashed = [t["y"] for t in lines if t["line"].get("dash") == "dash"]
    np.testing.assert_allclose(dashed[-1], 25.0, atol=SENT)
    assert len(view.figure["data"]) == 4 * 4
    assert (view.table.iloc[:, :-1].sum(axis=1).round(6) == 100).all()


def test_path_without_draws_has_no_bands_and_no_interval(look):
    view = scenario_path.path(POINT, look, platform="duoduo")
    assert not any("fill" in trace for trace in view.figure["data"])
    assert "95" not in view.title + view.caption
    assert "2.4" in view.title
    banded = scenario_path.path(WAR, look, platform="duoduo")
    assert banded.title.startswith(view.title)
    assert "95 %: 2.0" in banded.title or "95%区间：2.0" in banded.title


def test_bands_lie_around_the_line():
    look = Look("en", Theme("dark"))
    found = plain.grid(WAR.path())
    traces = scenario_path.path(WAR, look, platform="duoduo").figure["data"]
    wide, narrow = (np.array(t["y"]).reshape(2, -1) for t in traces[6:8])
    point = found.of("point", "duoduo") * 100
    high, low = wide[0], wide[1][::-1]
    assert (low[1:] < narrow[1][::-1][1:]).all()
    assert (narrow[0][1:] < high[1:]).all()
    assert (low <= point + SENT).all()
    assert (point <= high + SENT).all()


def test_a_grid_keeps_its_place_whatever_the_order_of_rows():
    frame = WAR.path().sample(frac=1, random_state=1).iloc[3:]
    found, whole = plain.grid(frame), plain.grid(WAR.path())
    known = np.isfinite(found.columns["point"])
    assert (~known).sum() == 3
    np.testing.assert_array_equal(found.columns["point"][known], whole.columns["point"][known])


def test_the_first_answer_is_dated(look):
    title = scenario_path.subsidies(WAR, look, platform="duoduo").title
    assert look.name("cainiao") in title
    assert look.month(MONTHS[4]) in title
    assert "+0.020" in title
    assert look.name("tuxi") not in scenario_path.subsidies(WAR, look, platform="duoduo").alt
    assert look.name("cainiao") not in scenario_path.subsidies(WAR, look, platform="duoduo", tier="Tier 1").title
    alone = replace(WAR, scenario=Scenario("alone", SCENARIO.levers))
    view = scenario_path.subsidies(alone, look, platform="duoduo")
    assert look.name("cainiao") not in view.title
    assert len(view.figure["data"]) == 2


def test_an_average_that_moves_by_mix_is_no_change_of_subsidy(look):
    opening = Made(MOVED, scenario=Scenario("open", (Lever("duoduo", 50.0, "Tier 3", kind="stations"),)), paying=())
    title = scenario_path.subsidies(opening, look, platform="duoduo").title
    assert title == look.say("projection.subsidies_mix")
    assert scenario_path.subsidies(NOTHING, look, platform="duoduo").title == look.say("projection.subsidies_same")
    cut = replace(NOTHING, scenario=Scenario("cut", (Lever("jd", -0.02),)), cut=-0.02)
    assert scenario_path.subsidies(cut, look, platform="jd").title == look.say("projection.subsidies_same")


def test_two_planned_changes_are_no_answer(look):
    both = Scenario("both", (*SCENARIO.levers, Lever("jd", 0.02)), rules=(("jd", Rule("match", 0.5)),))
    title = scenario_path.subsidies(replace(WAR, scenario=both, cut=0.02, paying=(1,)), look, platform="duoduo").title
    names = look.few([look.name("duoduo"), look.name("jd")])
    assert title == look.say("projection.subsidies_several", names=names)


@pytest.mark.parametrize("made", [WAR, NOTHING], ids=["war", "nothing"])
@pytest.mark.parametrize("platform", ["duoduo", "jd"])
def test_ticks_differ(made, platform, look):
    for view in (scenario_path.subsidies, scenario_path.money):
        layout = view(made, look, platform=platform).figure["layout"]
        for axis in ("yaxis", "yaxis2"):
            texts = layout.get(axis, {"ticktext": []})["ticktext"]
            assert len(set(texts)) == len(texts)
            assert not any("-" in text or "¥−" in text for text in texts)
    assert len(scenario_path.subsidies(made, look, platform="jd").figure["layout"]["yaxis"]["ticktext"]) > 2


def test_months_of_profit_have_a_scale_of_their_own(look):
    figure = scenario_path.money(replace(WAR, profit_by_month=(0, *[2e5] * 12)), look, platform="duoduo").figure
    bars, paid, _ = figure["data"]
    low, high = figure["layout"]["yaxis2"]["range"]
    assert bars["yaxis"] == "y2"
    assert max(bars["y"]) > 0.8 * (high - low)
    assert figure["layout"]["yaxis"]["range"][1] > max(paid["y"]) > 100 * high


def test_the_middle_of_the_draws_is_said_beside_the_point(look):
    middle = look.say("projection.money_draws", total=cny(look, 1e7, with_sign=True))
    assert middle in scenario_path.money(WAR, look, platform="duoduo").caption
    assert middle not in scenario_path.money(POINT, look, platform="duoduo").caption
    said = scenario_path.money(WAR, look, platform="duoduo").caption
    assert "。 " not in said


@pytest.mark.parametrize(
    ("by_month", "key", "said"),
    [
        ((0, *[-5e6] * 4, *[4e6] * 8), "money_back", MONTHS[9]),
        ((0, *[-5e6] * 12), "money_not_yet", MONTHS[12]),
        ((0, *[3e6] * 12), "money_at_once", MONTHS[12]),
        ((0, 9e6, *[-2e6] * 5, *[4e6] * 6), "money_back", MONTHS[7]),
    ],
)
def test_the_month_of_payback_is_named(by_month, key, said, look):
    view = scenario_path.money(replace(WAR, profit_by_month=by_month), look, platform="duoduo")
    assert look.month(said) in view.title
    assert cny(look, abs(sum(by_month))) in view.title
    bars, paid, earned = view.figure["data"]
    np.testing.assert_allclose(np.cumsum(bars["y"]), earned["y"])
    assert paid["y"][-1] == pytest.approx(12 * 6e6)
    fixed = look.say(f"projection.{key}").rpartition("}")[2].strip() or look.say(f"projection.{key}").partition("{")[0]
    assert fixed.strip() in view.title


def test_incomes_show_before_and_after(look):
    view = station_effect.incomes(WAR, look, platform="duoduo")
    _, before, after = view.figure["data"]
    assert (set(before["x"]), set(after["x"])) == ({2800.0}, {3040.0})
    assert look.money(240) in view.title
    assert "15%" in view.title
    assert look.say("projection.incomes_none", name=look.name("home")) == (
        station_effect.incomes(WAR, look, platform="home").title
    )


def test_opened_leave_out_the_total_and_name_it_in_the_title(look):
    view = station_effect.opened(WAR, look, platform="duoduo")
    assert view.figure["data"][0]["x"] == [40.0, 40.0]
    assert "80" in view.title
    assert "4.0%" in view.title
    assert {"en": "80 fewer", "zh": "减少80"}[look.lang] in (
        station_effect.opened(replace(WAR, opened=-40.0), look, platform="duoduo").title
    )


def test_counts_follow_the_stations_month_by_month(look):
    view = station_effect.counts(WAR, look, platform="duoduo")
    without, with_levers = view.figure["data"][-2:]
    np.testing.assert_allclose(without["y"], 2000.0)
    np.testing.assert_allclose(with_levers["y"], np.linspace(2000, 2080, 13), atol=SENT)
    assert view.title == station_effect.opened(WAR, look, platform="duoduo").title
    assert list(view.table.iloc[-1, [0, -1]]) == [2080, 2000]
    one_tier = station_effect.counts(WAR, look, platform="duoduo", tier="Tier 3")
    assert one_tier.figure["data"][-1]["y"][-1] == 1040.0
