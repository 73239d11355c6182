"""Parts of the Scenario page that explain: rivals at either margin, and a budget whose levers go into the plan."""

import re

import pytest

from data.text import LANGUAGES, say
from tests.test_pages import charts, start

NEAR = 0.2
"""Points: tiles show the middle of the draws to one decimal, the budget the estimate."""
PLAN = "n.War~m.6~l.duoduo.subsidy.0.05.t3"


def said(app):
    return " ".join(element.value for element in (*app.caption, *app.header, *app.markdown))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_war_is_played_at_the_margin_chosen_and_says_which(lang):
    app = start("scenario", section="rivals", plan=PLAN, lang=lang)
    assert not app.exception
    assert say("plan.war_why_still", lang) in said(app)
    assert say("plan.war_on_implied", lang, caption="") in said(app)
    implied = [chart.alt for chart in charts(app)]
    app = start("scenario", section="rivals", plan=f"{PLAN}~a.margin_cny_per_parcel.0.45", rests="assumed", lang=lang)
    assert not app.exception
    assert say("plan.war_on_assumed", lang, caption="", margin="0.45") in said(app)
    assert say("plan.war_why_still", lang) not in said(app)
    assert [chart.alt for chart in charts(app)] != implied


def test_levers_of_a_budget_go_into_the_plan():
    app = start("scenario", section="budget", plan=PLAN)
    promised = next(note.value for note in app.caption if note.value.startswith(say("budget.then", "en").split("{")[0]))
    app.button(key="budget_put").click().run()
    assert not app.exception
    tiles = next(html.proto.body for html in app.get("html") if 'role="group"' in html.proto.body)
    told, shown = (float(re.search(r"([0-9.]+)%", text)[1]) for text in (promised, tiles.split("Share of")[1]))
    assert told == pytest.approx(shown, abs=NEAR)
    levers = app.session_state["scenario.plan"].levers
    assert len(levers) > 1
    assert {(lever.platform, lever.kind) for lever in levers} == {("duoduo", "subsidy")}
