"""Study of a roll-out and its figures: the lift put in is found, and every check speaks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import effect, studies
from analysis.effect.implied import implied
from analysis.views import effects, event_study
from analysis.views.look import Look
from analysis.views.reading import minus, p_value
from analysis.views.theme import Theme
from data.grade import Grade
from tests.roll_outs import LIFT, NOISE, TIERS, roll_out_panel

EXACT = 1e-9
"""Sums of a few thousand floats."""
CLOSE = 5 * NOISE
"""Five standard deviations of one cell; averages are far closer."""
SAID = {"caption": "c", "grade": Grade.MODELLED}


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


def test_study_finds_the_lift(found):
    assert found.fit.overall.estimate == pytest.approx(LIFT, abs=CLOSE)
    assert found.paid_cny == pytest.approx(0.08)
    assert found.per_fen.estimate == pytest.approx(LIFT / 8, abs=CLOSE / 8)
    assert found.per_fen.low < LIFT / 8 < found.per_fen.high
    assert abs(found.placebo["estimate"]).max() < CLOSE
    assert found.randomisation is None


def test_few_treated_cities_get_random_deals(places):
    few = study(roll_out_panel(treated=5), places)
    assert few.fit.few_treated
    said = effects.verdicts(few, Look("en", Theme("light")))
    assert any("Only 5 cities" in sentence for sentence in said)


def test_few_treated_cities_are_dealt_with_the_control_chosen(places):
    """Without never-paying cities dates are dealt among those that do not pay yet, and the study is shown."""
    paying = roll_out_panel(cities=9, treated=9)
    found = study(paying, places, control="not-yet")
    assert found.randomisation is not None
    assert len(found.randomisation.draws) == studies.DRAWS["not-yet"]
    assert found.randomisation.statistic == pytest.approx(found.fit.overall.estimate / found.fit.overall.std_error)
    assert found.fit.unmatched
    said = effects.verdicts(found, Look("en", Theme("light")))
    assert any(f"{found.fit.unmatched} combinations" in sentence for sentence in said)


def test_a_study_stands_without_random_deals(places):
    one = roll_out_panel(cities=3, treated=2)
    one["tier"] = one["tier"].mask(one["city"].astype(int) < 3, "Tier 2")
    found = study(one, places)
    assert found.randomisation is None
    assert "cannot be dealt out" in effects.verdicts(found, Look("en", Theme("light")))[0]


def test_dates_are_dealt_inside_tiers_where_they_can_be(places):
    few = study(roll_out_panel(treated=5), places)
    assert few.randomisation.within == "tier"
    alone = roll_out_panel(treated=5)
    alone["tier"] = pd.Categorical(np.where(alone["city"].astype(int) < 5, *TIERS), TIERS, ordered=True)
    assert study(alone, places).randomisation.within == "tier"  # two began in a month of their own
    same = alone.assign(
        subsidy_cny_per_parcel=np.where(
            (alone["city"].astype(int) < 5) & (alone["platform"] == "duoduo") & (alone["month"] >= "2023-03"), 0.08, 0
        )
    )
    found = study(same, places)
    assert found.randomisation.within is None
    said = effects.verdicts(found, Look("en", Theme("light")))
    assert not any("of the same tier" in sentence for sentence in said)


def test_few_controls_are_said(places):
    said = effects.verdicts(study(roll_out_panel(treated=33), places), Look("en", Theme("light")))
    assert any("Only 7 cities" in sentence for sentence in said)


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
    view = event_study.event_study(done, None, look, **SAID)
    line = next(trace for trace in view.figure.data if trace.mode == "lines+markers")
    np.testing.assert_allclose(line.y, effects.shown(done.fit.event[["estimate"]], measure)["estimate"], rtol=EXACT)
    bands = [trace for trace in view.figure.select_traces({"type": "scatter"}) if trace.fill == "toself"]
    assert len(bands) == 2
    assert max(bands[0].y) >= max(bands[1].y)  # all months at once is the wider
    assert len(view.table) == len(done.fit.event)


def test_event_study_title_in_words(found):
    title = event_study.event_study(found, None, Look("en", Theme("light")), **SAID).title
    assert title.startswith("Duoduo carried 4")
    assert "% more parcels a year after it began to pay, when 20 of 20 cities still paid" in title


def test_what_is_still_paid_stands_under_the_curve(panel, places, look):
    """Every second city stops paying half a year after its start."""
    cities = panel["city"].astype(int)
    stops = (cities % 2 == 0) & (panel["month"] >= pd.Timestamp("2023-12-01"))
    left = panel.assign(subsidy_cny_per_parcel=panel["subsidy_cny_per_parcel"].where(~stops, 0.0))
    found = study(left, places)
    view = event_study.event_study(found, None, look, **SAID)
    bars = next(view.figure.select_traces({"type": "bar"}))
    np.testing.assert_allclose(bars.y, 100 * found.roll_out.paid["subsidy"], rtol=EXACT)
    assert list(bars.customdata[-1]) == [10, 20]
    assert bars.y[-1] == pytest.approx(4)
    assert view.table[look.say("effect.still")].iloc[-1] == 10


def test_few_cities_get_no_band_and_lead_with_the_random_deals(places, look):
    few = study(roll_out_panel(treated=4), places)
    view = event_study.event_study(few, None, look, **SAID)
    assert not [trace for trace in view.figure.select_traces({"type": "scatter"}) if trace.fill]
    assert p_value(few.randomisation.p_value) in view.title[:50]
    assert look.say("effect.no_band_caption", n=event_study.FEWEST) in view.caption
    assert look.say("model.low_95") not in view.table
    assert p_value(few.randomisation.p_value) in effects.verdicts(few, look)[0]
    one = study(roll_out_panel(treated=1), places)
    told = event_study.event_study(replace(one, randomisation=None), None, look, **SAID).title
    assert ("interval or a test" if look.lang == "en" else "无法给出区间或检验") in told
    assert "nan" not in effects.contrasts(one, None, look, **SAID).title
    wide = replace(one, twfe=replace(one.twfe, low=-9.0, high=9.0))
    drawn = effects.contrasts(wide, None, look, **SAID)
    assert look.say("effect.cut_caption") in drawn.caption
    assert drawn.figure.layout.xaxis.range[1] < 1000


def test_axis_follows_the_estimates_and_bands_are_cut(found, look):
    event = found.fit.event.assign(band_high=30.0, band_low=-30.0)
    wild = replace(found, fit=replace(found.fit, event=event))
    view = event_study.event_study(wild, None, look, **SAID)
    low, high = view.figure.layout.yaxis.range
    largest = effects.shown(event[["estimate"]], "log_volume")["estimate"].abs().max()
    assert largest < high < 4 * largest
    assert -4 * largest < low < 0
    assert all(low <= value <= high for trace in view.figure.select_traces({"type": "scatter"}) for value in trace.y)
    assert look.say("effect.cut_caption") in view.caption
    assert look.say("effect.cut_caption") not in event_study.event_study(found, None, look, **SAID).caption


@pytest.mark.parametrize("measure", effects.MEASURES)
@pytest.mark.parametrize(("middle", "sign"), [(0.3, "up"), (-0.3, "down"), (0.05, "unclear")])
def test_title_of_the_average_says_its_direction(found, look, measure, middle, sign):
    said = replace(found.fit.overall, estimate=middle, low=middle - 0.1, high=middle + 0.1)
    drawn = replace(found, roll_out=replace(found.roll_out, measure=measure), fit=replace(found.fit, overall=said))
    title = effects.contrasts(replace(drawn, per_fen=said), None, look, **SAID).title
    row = effects.shown(pd.DataFrame([[middle, middle - 0.1, middle + 0.1]], columns=effects.RANGES), measure).iloc[0]
    assert effects.sign_of(row) == sign
    value, low, high = effects.ends(row)
    assert float(low.replace("−", "-")) < float(value) < float(high)
    per_fen = effects.ends(row, 2)
    assert title == look.say(
        f"finding.overall_{measure}_{sign}",
        **{"value": value, "low": low, "high": high, "months": 12},
        **dict(zip(("fen", "fen_low", "fen_high"), per_fen, strict=True)),
    )


def test_interval_without_meaning_is_not_spelt_out():
    row = pd.Series({"estimate": 5.0, "low": -90.0, "high": 1.5e15})
    assert effects.ends(row) == ["5.0", "−90.0", "> 1,000"]
    assert effects.ends(pd.Series({"estimate": 5.0, "low": np.nan, "high": np.nan})) == ["5.0", "–", "–"]


def test_why_the_study_ends_early_is_said(found, look):
    last = found.roll_out.months[1]
    why = look.say("effect.ends", last=look.month(last), n=12)
    assert why in effects.kept(found, look, until=last + pd.DateOffset(months=2))
    assert why not in effects.kept(found, look, until=last)


def test_share_model_stands_beside_the_estimate(found, look):
    model = implied(found.roll_out, pd.Series({"all": LIFT / 0.08}))
    view = event_study.event_study(found, model.event, look, **SAID)
    dashed = next(t for t in view.figure.select_traces({"type": "scatter"}) if t.line.dash == "dash")
    expected = effects.shown(model.event, "log_volume")["estimate"]
    np.testing.assert_allclose(dashed.y, expected, rtol=EXACT)
    assert look.say("effect.row_implied") in effects.contrasts(found, model.overall, look, **SAID).table.index


def test_contrasts_hold_every_row(found, look):
    view = effects.contrasts(found, None, look, **SAID)
    drawn = view.figure.data[0]
    assert len(drawn.x) == 4  # the estimate, two-way fixed effects, two placebo dates
    assert drawn.x[0] == pytest.approx(np.expm1(found.fit.overall.estimate) * 100)
    assert drawn.x[1] == pytest.approx(np.expm1(found.twfe.estimate) * 100)


def test_group_table_has_every_group_once(found, look):
    view = effects.groups(found, look, **SAID)
    drawn = view.figure.data[0]
    assert len(drawn.y) == 5
    cohort, month = found.fit.att_gt.index[-1]
    away = (month.year - cohort.year) * 12 + month.month - cohort.month
    if away in drawn.x:
        row, column = list(drawn.y).index(look.month(cohort)), list(drawn.x).index(away)
        assert drawn.z[row][column] == pytest.approx(np.expm1(found.fit.att_gt["estimate"].iloc[-1]) * 100)


def test_only_groups_with_an_interval_clear_of_zero_count(places, look):
    panel = roll_out_panel(treated=12)  # three cities begin in the first two months each, two in the others
    found = study(panel, places)
    every = found.fit.by_cohort
    assert effects.groups(found, look, **SAID).title == look.say(
        "finding.groups_all",
        name=look.name("duoduo"),
        up=int((every["low"] > 0).sum()),
        down=int((every["high"] < 0).sum()),
        total=5,
        lone=0,
    )
    lone = study(roll_out_panel(treated=6), places)  # two in the first month, one in each other
    title = effects.groups(lone, look, **SAID).title
    assert lone.fit.by_cohort["low"].isna().sum() == 4
    assert title == look.say(
        "finding.groups_lone",
        name=look.name("duoduo"),
        up=int(lone.fit.by_cohort["low"].iloc[0] > 0),
        down=0,
        total=1,
        lone=4,
    )
    single = effects.groups(study(roll_out_panel(treated=5), places), look, **SAID).title
    assert single == look.say("finding.groups_single", name=look.name("duoduo"))


def test_title_says_months_and_the_interval_per_fen(found, look):
    title = effects.contrasts(found, None, look, **SAID).title
    per_fen = [minus(100 * np.expm1(getattr(found.per_fen, end))) for end in ("estimate", "low", "high")]
    assert all(value in title for value in per_fen)
    assert "12" in title


def test_skipped_months_are_said(panel, places, look):
    gap = study(panel[panel["month"] != "2022-03-01"], places)
    assert gap.roll_out.skipped == 2
    assert look.say("effect.skipped", n=2) in effects.kept(gap, look)


def test_every_check_speaks(found, look):
    said = effects.verdicts(found, look)
    assert len(said) == 3
    assert effects.kept(found, look)
    assert list(effects.left_out(found, look).columns) == [look.say("effect.reason"), look.say("effect.cities")]
