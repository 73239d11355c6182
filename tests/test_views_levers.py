"""Levers, rules, inputs and amounts in words, in both languages."""

from itertools import product

import numpy as np
import pytest

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.rivalry import rules
from analysis.scenario import KINDS, MEASURES, Lever, Rule
from analysis.views import amounts
from analysis.views import compare as side
from analysis.views import tornado as tornado_view
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import has

ENGLISH = Look("en", Theme("light"))
CHINESE = Look("zh", Theme("dark"))


@pytest.mark.parametrize(
    ("lever", "said", "zh"),
    [
        (
            Lever("duoduo", 0.05, "Tier 3", ramp_months=3),
            "Duoduo: subsidy +0.05 CNY per parcel in Tier 3, from month 1 over 3 months",
            "多多驿站：三线每件补贴+0.05元，自第1个月起，3个月内逐步到位",
        ),
        (
            Lever("cainiao", -100.0, kind="guarantee", end_month=7),
            "Cainiao: guarantee −100 CNY per station and day everywhere, from month 1, until the end of month 6",
            "菜鸟驿站：全部城市每站每日保底−100元，自第1个月起，至第6个月末",
        ),
        (
            Lever("tuxi", 0.1, kind="cooperation", courier="ZTO", region="West", start_month=2),
            "Tuxi: franchisees of ZTO steer 10 % of its parcels to it in West, from month 2",
            "兔喜生活：West中通加盟商将其10%的包裹导入该网络，自第2个月起",
        ),
        (
            Lever("jd", 5000.0, kind="stations", province="Guangdong", cities=("440100", "440300")),
            "JD: +5,000 stations or lockers in Guangdong, Guangzhou, Shenzhen, from month 1",
            "京东驿站：广东省、广州、深圳站点或快递柜+5,000个，自第1个月起",
        ),
        (
            Lever("jd", 0.1, kind="allocation", cities=("440100", "440300", "310000")),
            "JD: +10 points of the owner’s own orders routed to it in 3 cities, from month 1",
            "京东驿站：3个城市自有订单定向分配+10个百分点，自第1个月起",
        ),
    ],
)
def test_a_lever_in_words(lever, said, zh):
    assert side.describe(lever, ENGLISH) == said
    assert side.describe(lever, CHINESE) == zh


@pytest.mark.parametrize(
    ("lever", "said", "zh"),
    [
        (Lever("jd", 632.4871, kind="stations"), "JD: +632 stations", "站点或快递柜+632个"),
        (Lever("jd", 0.103746), "subsidy +0.104 CNY per parcel", "每件补贴+0.104元"),
        (Lever("jd", 0.00004), "subsidy +0.00004 CNY", "每件补贴+0.00004元"),
        (Lever("jd", 0.3, kind="stations"), "+0.3 stations", "+0.3个"),
        (Lever("jd", 1_234_567.0, kind="stations"), "+1,234,567 stations", "+1,234,567个"),
        (Lever("jd", 0.1, kind="allocation"), "+10 points", "+10个百分点"),
        (Lever("jd", 0.05, ramp_months=1), "from month 1 over 1 month", "1个月内"),
    ],
)
def test_sizes_are_rounded_for_reading_and_nothing_rounds_to_nothing(lever, said, zh):
    assert said in side.describe(lever, ENGLISH)
    assert "1 months" not in side.describe(lever, ENGLISH)
    assert zh in side.describe(lever, CHINESE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_lever_has_words(kind, look):
    said = side.describe(Lever("duoduo", KINDS[kind].high, kind=kind), look)
    assert "{" not in said
    assert all(has(f"{group}.{kind}") for group in ("lever", "lever_help"))
    assert has(f"unit.{KINDS[kind].unit}")


def test_rules_in_words():
    assert side.describe_rule("cainiao", Rule("match", 0.5, 3), ENGLISH) == (
        "Cainiao adds 50 % of the largest rise among the others, 3 months later"
    )
    said = {
        side.describe_rule("jd", Rule(kind, lag_months=lag), look)
        for kind, lag, look in product(rules.KINDS, (1, 2), (ENGLISH, CHINESE))
    }
    assert len(said) == 2 * (1 + 3 * 2)  # a rival that holds still has no lag
    assert "at once" in side.describe_rule("jd", Rule("match", lag_months=0), ENGLISH)
    assert "¥500.00 m" in side.describe_rule("jd", Rule("budget", budget_cny_per_month=5e8), ENGLISH)


@pytest.mark.parametrize("key", [*ASSUMPTIONS, "growth_per_year", "subsidy_effect", "station_effect"])
def test_every_input_has_a_name_a_reason_and_a_unit(key, look):
    assert has(f"assume.{key}")
    assert has(f"assume_help.{key}")
    if key in ASSUMPTIONS:
        unit = ASSUMPTIONS[key].unit
        assert has(f"unit.{tornado_view.SHOWN_UNIT.get(unit, unit)}")


@pytest.mark.parametrize("measure", MEASURES)
def test_amounts_say_their_unit(measure, look):
    up, down = (amounts.amount(measure, value, look) for value in (0.5, -0.5))
    assert up != down
    assert "−" in down
    assert "-" not in down
    assert amounts.amount(measure, np.nan, look) == look.say("unit.none")
    assert "+" not in amounts.amount(measure, 0.0, look, signed=False)
    assert amounts.name(measure, look) in amounts.caption(measure, look, "").replace(
        amounts.inside(amounts.name(measure, look)), amounts.name(measure, look)
    )


def test_amounts_in_english():
    assert amounts.amount("share", 0.0184, ENGLISH) == "+1.84 points"
    assert amounts.amount("cost", -3.2e6, ENGLISH) == "−¥3.20 m a month"
    assert amounts.between("share", 0.01, -0.02, ENGLISH) == "+1.00 to −2.00 points"
    assert amounts.amount("total_profit", 0.0, ENGLISH) == "¥0"


@pytest.mark.parametrize(("low", "high"), [(-3.1, 4.0), (0.0, 1e9), (21.3, 24.9), (-5e-5, 5e-5), (2.0, 2.0)])
def test_ticks_are_few_and_inside(low, high, look):
    found = amounts.ticks(low, high, look)
    assert len(found["tickvals"]) <= amounts.TICKS + 1
    assert all(low - 1e-9 <= tick <= high + 1e-9 * max(abs(high), 1) for tick in found["tickvals"])
    assert len(set(found["ticktext"])) == len(found["ticktext"]) == len(found["tickvals"])


def test_values_of_inputs_are_shown_as_a_reader_takes_them():
    fee = ASSUMPTIONS["margin_cny_per_parcel"].unit
    assert tornado_view.valued(fee, tornado_view.number(fee, 0.21), ENGLISH) == "0.21 CNY per parcel"
    assert tornado_view.number("fraction", 0.036) == "3.6"
    assert tornado_view.number("cny", 20000.0) == "20,000"
    assert tornado_view.number("subsidy_effect", 9.0) == "9.42"  # exp(0.09) - 1
    assert tornado_view.number("station_effect", 0.5) == "4.88"  # sqrt(1.1) - 1
    assert tornado_view.named("subsidy_effect:Tier 3", ENGLISH) == "Effect of a subsidy, Tier 3"
    assert tornado_view.valued("ratio", "0.8", ENGLISH) == "0.8"
