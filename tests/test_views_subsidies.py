"""Subsidy landscape: figures hold the numbers of the frames they were given."""

import numpy as np
import pandas as pd
import pytest

from analysis import landscape
from analysis.views import heat, subsidies
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from tests.roll_outs import roll_out_panel

EXACT = 1e-9
"""Sums of a few thousand floats."""
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture(scope="module")
def panel():
    return roll_out_panel()


def test_bill_and_averages_are_of_parcels(panel):
    months = landscape.by_month(panel)
    bill = (panel["parcels"] * panel["subsidy_cny_per_parcel"]).groupby(panel["month"]).sum()
    np.testing.assert_allclose(months["bill"].groupby("month").sum(), bill, rtol=EXACT)
    assert "home" not in months.index.get_level_values("platform")
    last = months.loc[(panel["month"].max(), "duoduo")]
    own = panel[(panel["month"] == panel["month"].max()) & (panel["platform"] == "duoduo")]
    assert last["average"] == pytest.approx(np.average(own["subsidy_cny_per_parcel"], weights=own["parcels"]))
    assert (last["paying"], last["present"], last["part"]) == (20, 40, 0.5)


def test_month_by_tier_counts_cities_once(panel):
    now = landscape.by_tier(panel[panel["month"] == panel["month"].max()])
    assert now.loc["duoduo", "paying"].sum() == 20
    assert now.loc["duoduo", "median"].to_list() == [0.08, 0.08]
    assert now.loc["duoduo", "guarantee"].to_list() == [50, 50]
    assert now.loc["cainiao", "median"].isna().all()


def test_payers_are_those_that_ever_pay(panel):
    assert landscape.payers(panel) == ["duoduo"]


@pytest.mark.parametrize("show", subsidies.SHOW)
def test_heat_map_holds_every_month(panel, look, show):
    months = landscape.by_month(panel)
    view = subsidies.over_time(months, look, show=show, **SAID)
    drawn = view.figure.data[0]
    wide = months[show].unstack("month").loc[["cainiao", "duoduo"]]
    np.testing.assert_allclose(drawn.z, wide * 100, rtol=EXACT)
    assert list(drawn.y) == [look.name("cainiao"), look.name("duoduo")]
    assert look.name("duoduo") in view.title
    assert len(view.table) == 36


def test_a_month_without_subsidies_is_said(panel, look):
    before = panel[panel["month"] < "2023-01-01"]
    view = subsidies.over_time(landscape.by_month(before), look, show="average", **SAID)
    assert view.title == look.say("finding.subsidy_nobody", month=look.month(before["month"].max()))
    now = landscape.by_tier(before[before["month"] == before["month"].max()])
    assert subsidies.bills(now, look, **SAID).title == look.say("finding.subsidy_nobody_here")
    assert subsidies.month_table(now, look, **SAID).title == look.say("finding.subsidy_nobody_here")


def test_month_table_says_median_and_cities(panel, look):
    now = landscape.by_tier(panel[panel["month"] == panel["month"].max()])
    view = subsidies.month_table(now, look, **SAID)
    drawn = view.figure.data[0]
    assert drawn.z[list(drawn.y).index(look.name("duoduo"))] == pytest.approx([8, 8])
    assert drawn.text[list(drawn.y).index(look.name("duoduo"))][0] == "<b>8.0</b><br>10/20"
    assert len(view.table) == len(now)
    assert view.title == look.say(
        "finding.subsidy_month", name=look.name("duoduo"), n=20, total=40, tier=look.term("tier", "Tier 2")
    )


def test_the_widest_tier_is_named_only_among_several(panel, look):
    one = panel[(panel["month"] == panel["month"].max()) & (panel["tier"] == "Tier 3")]
    for rows in (one, one.assign(tier=one["tier"].astype(str))):
        title = subsidies.month_table(landscape.by_tier(rows), look, **SAID).title
        assert title == look.say(
            "finding.subsidy_month_one", name=look.name("duoduo"), n=10, total=20, tier=look.term("tier", "Tier 3")
        )


def test_money_is_said_one_way(panel, look):
    rows = panel[panel["month"] == panel["month"].max()]
    now, months = landscape.by_tier(rows), landscape.by_month(panel)
    paid = subsidies.spread(landscape.paid(rows), look, published=(0.05, 0.12), source="s", **SAID)
    average = subsidies.over_time(months, look, show="average", **SAID)
    bills = subsidies.bills(now, look, **SAID)
    for view in (paid, average, bills, subsidies.month_table(now, look, **SAID)):
        assert "¥" not in view.figure.to_json() + view.title + view.alt
    assert look.say("effect.fen_unit").strip() in average.title
    assert sorted(set(paid.figure.data[0].x)) == pytest.approx([0.5 * n for n in range(25)])
    assert ("CNY" if look.lang == "en" else "元") in bills.title


def test_bills_add_up(panel, look):
    rows = panel[panel["month"] == panel["month"].max()]
    view = subsidies.bills(landscape.by_tier(rows), look, **SAID)
    total = (rows["parcels"] * rows["subsidy_cny_per_parcel"]).sum()
    assert sum(view.figure.data[0].x) == pytest.approx(total, rel=EXACT)


def test_histogram_counts_every_payer_and_the_part_inside(look):
    paid = pd.DataFrame({"subsidy_cny_per_parcel": [0.05, 0.12, 0.08, 0.03]})
    view = subsidies.spread(paid, look, published=(0.05, 0.12), source="s", **SAID)
    assert sum(view.figure.data[0].y) == len(paid)
    assert "75%" in view.title
    nobody = subsidies.spread(paid.iloc[:0], look, published=(0.05, 0.12), source="s", **SAID)
    assert nobody.title == look.say("finding.subsidy_nobody_here")


def test_two_sided_colours_have_the_page_in_the_middle():
    for mode in ("light", "dark"):
        scale = heat.two_sided(Look("en", Theme(mode)))
        assert scale[2] == [0.5, Theme(mode).surface]


def test_a_bill_is_estimated_at_best(panel, look):
    rows = landscape.by_tier(panel[panel["month"] == panel["month"].max()])
    for grade, shown in ((Grade.REPORTED, Grade.ESTIMATED), (Grade.MODELLED, Grade.MODELLED)):
        assert subsidies.bills(rows, look, caption="c", grade=grade).grade is shown
