"""Views of the countryside: findings computed from the numbers, tables that hold what is drawn, nothing averaged."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.space import rural, rural_living, rural_plans, rural_remote
from analysis.views import rural as reach_view
from analysis.views import rural_living as living_view
from analysis.views import rural_plans as plans_view
from analysis.views import rural_remote as remote_view
from analysis.views.look import Look, percent
from analysis.views.theme import Theme, rgb
from data.grade import Grade

SENT = 1e-4
"""Four digits are sent to the browser."""
FIGURES = rural_plans.figures()
POINTS = pd.DataFrame({"lat": [30.3, 31.2, 36.0], "lon": [120.2, 121.5, 103.8], "city": ["330100", "310000", "620100"]})
UNITS = rural.units()
REACHED = rural.reach(UNITS, POINTS, within_km=60.0)
PEOPLE = pd.DataFrame(
    {"city": ["330100", "330100", "620100"], "lat": [30.3, 30.34, 35.0], "lon": [120.2, 120.2, 103.0]}
)
VILLAGES = rural.village_people(PEOPLE.assign(rural=[100.0, 300.0, 600.0]), POINTS)
MONTH = pd.DataFrame(
    {"city": ["540100", "650100"], "platform": ["duoduo", "duoduo"], "parcels": [1_000_000, 3_000_000]}
)
COSTS = rural_remote.provinces(MONTH, UNITS, "duoduo", hub="610100", days=31, paid_cny_per_parcel=0.12)


def groups(by):
    return rural.groups(REACHED, VILLAGES, POINTS, by=by)


def traces(view):
    figure = view.figure
    return figure["data"]


@pytest.mark.parametrize("topic", rural_plans.TOPICS)
def test_every_published_figure_is_drawn_and_in_the_table(topic, look):
    view = plans_view.timeline(FIGURES, look, topic=topic)
    rows = FIGURES[FIGURES["topic"] == topic]
    drawn = [y for t in traces(view) if t["mode"] == "markers" for y in t["y"]]
    assert sorted(drawn) == pytest.approx(sorted(rows.loc[~rows["plan"], "value"]))
    ends = {t["y"][-1] for t in traces(view) if t["line" if "line" in t else "marker"].get("dash") == "dot"}
    assert ends == set(rows.loc[rows["plan"], "value"])
    assert len(view.table) == len(rows)
    assert view.table[look.say("record.source")].ne("").all()
    assert view.grade is Grade.REPORTED
    json.dumps(view.figure)


def test_the_two_sources_of_village_points_stand_side_by_side(look):
    view = plans_view.timeline(FIGURES, look, topic="points")
    assert "346,000" in view.title
    assert "427,000" in view.title
    pairs = [t["y"] for t in traces(view) if t["name"] == look.say("rural.conflict")]
    assert [346_000.0, 427_000.0] in pairs
    assert not any(abs(y - 386_500) < 1 for t in traces(view) for y in t["y"])


def test_the_plan_of_2018_is_said_to_contradict_itself(look):
    title = plans_view.timeline(FIGURES, look, topic="centres").title
    assert all(number in title for number in ("30,000", "150,000", "60,000", "20%", "50%"))


def test_the_market_is_drawn_beside_the_centres_alone(look):
    months = pd.date_range("2024-01-01", periods=3, freq="MS")
    today = pd.Series([3000.0, 2000.0, 1000.0], months)
    view = plans_view.timeline(FIGURES, look, topic="centres", today=today, grade=Grade.MODELLED)
    assert traces(view)[0]["y"] == [3000.0, 2000.0, 1000.0]
    assert look.say("grade.modelled") in view.caption
    other = plans_view.timeline(FIGURES, look, topic="counties", today=today)
    assert [3000.0, 2000.0, 1000.0] not in [t["y"] for t in traces(other)]


def test_the_ledger_says_lower_bounds(look):
    rows = rural_plans.ledger(FIGURES)
    table = plans_view.ledger_table(rows, look)
    said = table[look.say("rural.part")].tolist()
    assert sorted(said) == sorted(["≥ 30%", "≥ 50%", "≥ 20%", "70%", "95%"])
    assert "5" in plans_view.ledger_finding(rows, look)
    met = plans_view.ledger_finding(rows.assign(part=1.0), look)
    assert met == look.say("rural.ledger_met", n=5, total=5)


@pytest.mark.parametrize("by", ["tier", "province"])
def test_counties_and_their_bounds(by, look):
    table = groups(by)
    view = reach_view.counties(table, look, by=by, who="X", km=60.0, colour="#112233", grade=Grade.MODELLED)
    whole = table.loc["all"]
    assert percent(whole["part"], 0) in view.title
    dots = traces(view)[1]
    assert dots["y"][0] == look.say("rural.all")
    assert dots["x"][0] == pytest.approx(whole["part"] * 100, abs=SENT)
    assert len(dots["y"]) == len(table) == len(view.table)
    assert view.table[look.say("rural.placed")].iloc[-1] == whole["placed"]
    assert view.grade is Grade.MODELLED
    json.dumps(view.figure)


def test_village_people_near_and_far(look):
    view = reach_view.villages(groups("tier"), look, by="tier", who="X", colour="#112233", grade=Grade.REPORTED)
    near, far = (VILLAGES[r].sum() / VILLAGES["rural"].sum() for r in rural.VILLAGE_RADII_M)
    assert percent(near, 0) in view.title
    assert percent(far, 0) in view.title
    assert (near, far) == (pytest.approx(0.1), pytest.approx(0.4))
    assert view.grade is Grade.MODELLED


def test_map_and_table_of_counties_hold_the_same(look):
    placed = REACHED[REACHED["placed"]]
    deck = json.loads(reach_view.county_deck(placed, look, colour="#112233", km=60.0).to_json())
    marks = next(layer for layer in deck["layers"] if layer["id"] == "counties")
    assert len(marks["data"]) == len(placed)
    assert sum(mark["near"] > 0 for mark in marks["data"]) == placed["reached"].sum()
    table = reach_view.county_table(REACHED, look, km=60.0)
    assert len(table) == 2846
    assert table[look.say("rural.nearest")].notna().sum() == len(placed)
    far = reach_view.county_finding(REACHED, look, km=60.0)
    assert f"{REACHED['nearest_km'].max():,.0f}" in far
    nobody = rural.reach(UNITS, POINTS.head(0), within_km=60.0)
    assert reach_view.county_finding(nobody, look, km=60.0) == look.say("rural.no_points_near")


def test_names_of_counties_are_in_the_reader_s_language():
    english, chinese = (reach_view.county_names(UNITS, Look(lang, Theme("light"))) for lang in ("en", "zh"))
    assert chinese["330127"] == "淳安县 · 杭州"
    assert english["330127"].endswith(" · Hangzhou")
    assert english.notna().all()
    ruled = UNITS.index[UNITS["city"] == ""][0]
    assert " · " in chinese[ruled]
    assert english["110101"] == "Dongcheng · Beijing"
    assert english["110105"] == "朝阳区 (Chaowai) · Beijing"


def test_bars_add_up_to_the_cost(look):
    view = remote_view.bars(COSTS, look, hub="H", month="M", grade=Grade.MODELLED)
    sums = np.sum([t["x"] for t in traces(view)], axis=0)
    wanted = COSTS[["alone", "together"]].to_numpy().ravel()
    assert sums == pytest.approx(wanted, abs=SENT * len(traces(view)))
    assert view.grade is Grade.ASSUMED
    short = COSTS[COSTS["short"] > 0]
    assert len(short) == sum(f"¥{v:.2f}" in view.title for v in short["short"]) > 0
    json.dumps(view.figure)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_legs_are_told_apart(mode):
    fills = remote_view.shades(Look("en", Theme(mode)))
    channels = np.array([rgb(fill)[:3] for fill in fills], float)
    apart = np.linalg.norm(channels[:, None] - channels[None], axis=-1)[np.triu_indices(len(fills), 1)]
    assert len(fills) == len(rural_remote.LEGS)
    assert apart.min() > 60


def test_title_says_when_every_parcel_pays(look):
    rich = COSTS.assign(short=0.0)
    view = remote_view.bars(rich, look, hub="H", month="M", grade=Grade.MODELLED)
    saved, least, most = look.money(COSTS["saved_per_month"].sum()), COSTS["saved"].min(), COSTS["saved"].max()
    assert view.title == look.say("rural.remote_pays", saved=saved, least=f"{least:.2f}", most=f"{most:.2f}")


def test_table_of_provinces_survives_a_market_without_stations(look):
    none = pd.DataFrame(columns=["staffed", "lockers", "part", "5000"], dtype=float)
    table = remote_view.provinces_table(COSTS, none, rural_remote.sent(), look, network="duoduo", km=10.0)
    assert len(table) == 2
    assert table[look.say("rural.staffed")].isna().all()
    assert table[look.say("rural.cost_alone")].tolist() == COSTS["alone"].round(2).tolist()


def test_every_assumption_of_the_way_is_listed_with_its_grade(look):
    table = remote_view.assumed_table(rural_remote.values(), look)
    assert len(table) == len(rural_remote.REMOTE)
    grades = table[look.say("grade.heading")].tolist()
    assert grades.count(look.say("grade.reported")) == 1
    assert set(grades) == {look.say("grade.reported"), look.say("grade.assumed")}


@pytest.mark.parametrize(
    ("changed", "said"),
    [({}, "loses"), ({"wages_cny_per_month": 500.0}, "earns"), ({"variable_cny_per_parcel": 0.9}, "never")],
)
def test_title_says_whether_the_point_lives(changed, said, look):
    village = rural_living.village()
    village = replace(village, station=replace(village.station, **changed))
    view = living_view.profit(village, look, who="X", grade=Grade.ASSUMED)
    money = abs(float(rural_living.profit_cny_per_month(village)))
    values = {"who": "X", "n": f"{village.people:,.0f}", "amount": look.money(money)}
    need = float(rural_living.needed_people(village))
    more = {} if said == "never" else {"need": f"{need:,.0f}"}
    assert view.title == look.say(f"rural.{said}", **values, **more)
    assert len(view.table) == len(rural_living.sharing())
    json.dumps(view.figure)


def test_lines_cross_zero_where_the_dots_stand(look):
    village = rural_living.village("agent")
    view = living_view.profit(village, look, who="X", grade=Grade.ASSUMED)
    *lines, dots = traces(view)
    crossing = [float(np.interp(0.0, line["y"], line["x"])) for line in lines if line["y"][-1] > 0 > line["y"][0]]
    assert sorted(crossing) == pytest.approx(sorted(dots["x"]), rel=1e-3)
    assert len(crossing) == 3


def test_needed_says_from_how_many_couriers(look):
    village = rural_living.village("agent")
    poor = living_view.needed(village, look, grade=Grade.ASSUMED)
    assert look.say("rural.not_enough", villages="1.1", times="5.2") == poor.title
    larger = replace(village, people=2000.0)
    first = int((rural_living.table(larger)["needed_people"] <= 2000.0).to_numpy().argmax()) + 1
    who = living_view.sharers(first, look)
    assert living_view.needed(larger, look, grade=Grade.ASSUMED).title == look.say("rural.enough", who=who)
    station = replace(village.station, variable_cny_per_parcel=0.9)
    never = living_view.needed(replace(village, station=station), look, grade=Grade.ASSUMED)
    assert never.title == look.say("rural.never_enough")
    assert traces(never)[0]["x"] == []


def test_the_village_is_drawn_over_the_bars(look):
    view = living_view.needed(rural_living.village("agent"), look, grade=Grade.ASSUMED)
    (rule,) = view.figure["layout"]["shapes"]
    assert rule["layer"] == "above"
    assert rule["line"]["dash"] == "dash"


def test_couriers_say_of_which_periods_their_shares_are(look):
    rows = rural_living.couriers()
    said = living_view.couriers_finding(look)
    assert rows["period"].nunique() > 1
    assert all(period in said for period in rows["period"])
    assert f"{rows['share'].sum() * 100:.1f}%" in said
