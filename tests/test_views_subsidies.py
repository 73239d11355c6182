"""Subsidy landscape and effect of a roll-out: figures hold the numbers of the frames they were given."""

import numpy as np
import pandas as pd
import pytest

from analysis import effect, landscape, studies
from analysis.effect.implied import implied
from analysis.views import effects, heat, subsidies
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from data.text import LANGUAGES

EXACT = 1e-9
"""Sums of a few thousand floats."""
LIFT = 0.4
"""Log points that paying adds in the panel drawn below."""
NOISE = 0.02
CLOSE = 5 * NOISE
"""Five standard deviations of one cell; averages are far closer."""
TIERS = ("Tier 2", "Tier 3")
NETWORKS = ("cainiao", "duoduo", "home")
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture(params=LANGUAGES)
def look(request):
    return Look(request.param, Theme("light"))


def roll_out_panel(cities=40, months=36, treated=20, seed=0):
    """Duoduo starts to pay 8 fen in the first `treated` cities between month 14 and 18; log volumes rise by LIFT."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product(
        [range(cities), range(months), NETWORKS], names=["city", "time", "platform"]
    ).to_frame(index=False)
    start = np.where(np.arange(cities) < treated, 14 + np.arange(cities) % 5, months)
    pays = (rows["platform"] == "duoduo") & (rows["time"] >= start[rows["city"]])
    base = rng.normal(0, 0.3, (cities, len(NETWORKS)))[rows["city"], rows["platform"].map(NETWORKS.index)]
    log = 10 + base + 0.01 * rows["time"] + LIFT * pays + rng.normal(0, NOISE, len(rows))
    return pd.DataFrame(
        {
            "month": pd.date_range("2022-01-01", periods=months, freq="MS")[rows["time"]],
            "city": pd.Categorical.from_codes(rows["city"], [f"{n:06d}" for n in range(cities)]),
            "platform": pd.Categorical(rows["platform"], NETWORKS),
            "tier": pd.Categorical(np.array(TIERS)[rows["city"] % 2], TIERS, ordered=True),
            "parcels": np.exp(log),
            "open_parcels": np.exp(log),
            "subsidy_cny_per_parcel": np.where(pays, 0.08, 0.0),
            "guarantee_cny_per_day": np.where(pays, 50.0, 0.0),
        }
    )


@pytest.fixture(scope="module")
def panel():
    return roll_out_panel()


@pytest.fixture(scope="module")
def places():
    """A row of cities a tenth of a degree of latitude (11.1 km) apart, as the panel numbers them."""
    return pd.DataFrame({"lat": 30 + 0.1 * np.arange(40), "lon": 110.0}, index=[f"{n:06d}" for n in range(40)])


def study(panel, places, **options):
    return studies.study(panel, "duoduo", **{"measure": "log_volume", "control": "never", "cities": places} | options)


@pytest.fixture(scope="module")
def found(panel, places):
    return study(panel, places)


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
    np.testing.assert_allclose(drawn.z, wide * (100 if show == "part" else 1), rtol=EXACT)
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


def test_study_finds_the_lift(found):
    assert found.fit.overall.estimate == pytest.approx(LIFT, abs=CLOSE)
    assert found.paid_cny == pytest.approx(0.08)
    assert found.per_fen == pytest.approx(LIFT / 8, abs=CLOSE)
    assert abs(found.placebo["estimate"]).max() < CLOSE
    assert found.randomisation is None


def test_few_treated_cities_get_random_deals(places):
    few = study(roll_out_panel(treated=5), places)
    assert few.fit.few_treated
    assert few.randomisation is not None
    said = effects.verdicts(few, Look("en", Theme("light")))
    assert any("Only 5 cities" in sentence for sentence in said)


def test_few_controls_are_said(places):
    few = study(roll_out_panel(treated=33), places)
    assert few.fit.controls == 7
    assert any("Only 7 cities" in sentence for sentence in effects.verdicts(few, Look("en", Theme("light"))))


def test_ring_leaves_neighbours_out(panel, places):
    near = study(panel, places, radius_km=35.0)
    assert near.near == ("000020", "000021", "000022")
    assert near.fit.controls == 17
    assert near.spill_over is not None
    assert abs(near.spill_over.estimate) < CLOSE


def test_one_month_is_refused_with_a_code(panel, places):
    with pytest.raises(effect.EffectError) as refused:
        study(panel[panel["month"] == panel["month"].max()], places)
    assert refused.value.code == "one_period"


def test_slope_of_the_roll_out_is_the_log_odds_per_cny(panel):
    """Volumes of one network rise by LIFT at 8 fen: log-odds against the others rise by as much."""
    slopes = studies.slopes(panel, "duoduo", by="tier")
    assert list(slopes.index) == list(TIERS)
    assert slopes["estimate"].to_numpy() == pytest.approx(LIFT / 0.08, rel=0.1)
    assert (slopes["low"] < LIFT / 0.08).all()
    assert studies.slopes(panel, "cainiao", by="tier").empty
    assert list(studies.slopes(panel, "duoduo", by=None).index) == ["all"]


@pytest.mark.parametrize("measure", effects.MEASURES)
def test_event_study_draws_the_event_path(panel, places, look, measure):
    done = study(panel, places, measure=measure)
    view = effects.event_study(done, None, look, **SAID)
    line = next(trace for trace in view.figure.data if trace.mode == "lines+markers")
    np.testing.assert_allclose(line.y, effects.shown(done.fit.event[["estimate"]], measure)["estimate"], rtol=EXACT)
    bands = [trace for trace in view.figure.data if trace.fill == "toself"]
    assert len(bands) == 2
    assert max(bands[0].y) >= max(bands[1].y)  # all months at once is the wider
    assert len(view.table) == len(done.fit.event)


def test_event_study_title_in_words(found):
    title = effects.event_study(found, None, Look("en", Theme("light")), **SAID).title
    assert title.startswith("Duoduo carried 4")
    assert "% more parcels a year after it began to pay" in title


def test_share_model_stands_beside_the_estimate(found, look):
    model = implied(found.roll_out, pd.Series({"all": LIFT / 0.08}))
    view = effects.event_study(found, model.event, look, **SAID)
    dashed = next(trace for trace in view.figure.data if trace.line.dash == "dash")
    expected = effects.shown(model.event, "log_volume")["estimate"]
    np.testing.assert_allclose(dashed.y, expected, rtol=EXACT)
    rows = effects.contrasts(found, model.overall, look, **SAID)
    assert look.say("effect.row_implied") in rows.table.index


def test_contrasts_hold_every_row(found, look):
    view = effects.contrasts(found, None, look, **SAID)
    drawn = view.figure.data[0]
    assert len(drawn.x) == 4  # the estimate, two-way fixed effects, two placebo dates
    assert drawn.x[0] == pytest.approx(np.expm1(found.fit.overall.estimate) * 100)
    assert drawn.x[1] == pytest.approx(np.expm1(found.twfe.estimate) * 100)


def test_group_table_has_every_group_once(found, look):
    view = effects.groups(found, look, **SAID)
    assert len(view.figure.data[0].y) == 5
    cohort, month = found.fit.att_gt.index[-1]
    away = (month.year - cohort.year) * 12 + month.month - cohort.month
    drawn = view.figure.data[0]
    if away in drawn.x:
        row, column = list(drawn.y).index(look.month(cohort)), list(drawn.x).index(away)
        assert drawn.z[row][column] == pytest.approx(np.expm1(found.fit.att_gt["estimate"].iloc[-1]) * 100)


def test_every_check_speaks(found, look):
    said = effects.verdicts(found, look)
    assert len(said) == 3
    assert effects.kept(found, look)
    assert list(effects.left_out(found, look).columns) == [look.say("effect.reason"), look.say("effect.cities")]
