"""Readings of the share model: views hold the numbers of their frames and say them in words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import captive, evidence, responses, robust, share, ways
from analysis.share import checks, nested
from analysis.share.result import critical
from analysis.views import evidence as pictures
from analysis.views import reading, robustness
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from data.text import LANGUAGES
from tests.small_panel import NAMES, SLOPES, draw

EXACT = 1e-9
"""Sums of a few hundred floats."""
SUBSIDY, STATIONS = "subsidy_cny_per_parcel", "log_stations"
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture(params=LANGUAGES)
def look(request):
    return Look(request.param, Theme("light"))


@pytest.fixture(scope="module")
def panel():
    return draw()


@pytest.fixture(scope="module")
def fit(panel):
    return share.fit(panel, [SUBSIDY, STATIONS], by="tier", effects=(("platform", "tier"), ("platform", "month")))


@pytest.fixture(scope="module")
def month(panel):
    return panel[panel["month"] == panel["month"].max()]


@pytest.fixture(scope="module")
def rows(month):
    return month[month["tier"] == "Tier 3"]


@pytest.fixture(scope="module")
def responded(fit, month):
    return {
        driver: fit.elasticities(month, driver, step=reading.STEPS[driver], logged=driver in reading.LOGGED)
        for driver in (SUBSIDY, STATIONS)
    }


@pytest.mark.parametrize("driver", [SUBSIDY, STATIONS])
def test_one_more_draws_points_of_share(responded, look, driver):
    view = reading.one_more(responded[driver], look, driver=driver, network="duoduo", **SAID)
    expected = responded[driver].xs("duoduo", level=1)
    np.testing.assert_allclose(view.figure.data[0].x, expected["points"], rtol=EXACT)
    assert look.name("duoduo") in view.title
    assert len(view.table) == len(SLOPES)
    assert view.table[look.say("reading.words")].str.len().gt(20).all()


def row(points, low, high):
    return pd.Series({"points": points, "points_low": low, "points_high": high})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (row(0.31, 0.18, 0.44), "lifts Duoduo’s share in Tier 3 by 0.31 points (95 %: 0.18 to 0.44)."),
        (row(-0.31, -0.44, -0.18), "lowers Duoduo’s share in Tier 3 by 0.31 points (95 %: 0.18 to 0.44)."),
        (row(0.10, -0.05, 0.25), "no clear effect on Duoduo’s share in Tier 3: 0.10 points (95 %: −0.05 to 0.25)."),
    ],
)
def test_sentence_says_sign_and_interval(values, said):
    look = Look("en", Theme("light"))
    sentence = reading.sentence(values, look, driver=SUBSIDY, network="duoduo", group="Tier 3")
    assert sentence.startswith("One more fen per parcel")
    assert sentence.endswith(said)


def test_captive_bars_add_to_all_parcels(month, look):
    split = captive.by_group(month, "month", {"cainiao": 0.25}).droplevel(0)
    view = reading.captive_bars(split[["captive", "contestable"]], look, measured=False, **SAID)
    drawn = [np.array(trace.x) for trace in view.figure.data]
    parcels = month.groupby("platform", observed=True)["parcels"].sum()[list(NAMES)]
    np.testing.assert_allclose(sum(drawn), parcels, rtol=EXACT)
    assert "25%" in view.title
    free = captive.by_group(month, "month").droplevel(0)[["captive", "contestable"]]
    assert reading.captive_bars(free, look, measured=False, **SAID).title == look.say("finding.captive_unknown")


def test_twins_are_named_or_nothing_is_said(look):
    assert reading.twins([], look) == ""
    assert look.name("tuxi") in reading.twins([("tuxi", "mama")], look)


def test_ladder_draws_raw_and_widened_intervals(fit, look):
    tables = {
        "association": fit.estimates(SUBSIDY),
        "quasi_experimental": pd.DataFrame({"estimate": [9.0], "low": [7.0], "high": [11.0]}, ["Tier 3"]),
    }
    rungs = evidence.ladder(tables).loc["Tier 3"]
    view = pictures.ladder(rungs, look, scale=0.1, tier="Tier 3", driver=SUBSIDY, caption="c", data=Grade.MODELLED)
    assert look.say("evidence.quasi_experimental_long") in view.title
    assert "0.90" in view.title
    lines = [trace for trace in view.figure.data if trace.mode == "lines"]
    assert len(lines) == 4
    widened, raw = lines[1], lines[3]  # of the association
    assert widened.x[0] <= raw.x[0]
    assert widened.x[1] >= raw.x[1]
    assert view.grade is Grade.MODELLED
    assert len(pictures.rung_notes(rungs, look)) == 2


def test_points_per_unit_undo_the_coefficient(fit, responded):
    given = responded[SUBSIDY].loc[("Tier 3", "duoduo")]
    slopes = fit.slope(SUBSIDY)[0]
    assert reading.points_per_unit(given, slopes["Tier 3"]) * slopes["Tier 3"] == pytest.approx(given["points"])
    assert reading.points_per_unit(given, 0.0) is None


@pytest.fixture(scope="module")
def long_panel():
    return draw(cities=24, months=14)


@pytest.fixture(scope="module")
def long_fit(long_panel):
    return share.fit(long_panel, [SUBSIDY, STATIONS], by="tier", effects=(("platform", "tier"), ("platform", "month")))


def test_every_check_has_a_sentence(long_panel, long_fit, look):
    card = checks.run(long_panel, long_fit, data_version="v")
    table = pictures.card_table(card, look, cities={})
    assert len(table) == len(card.checks) == 8
    assert table[look.say("reading.words")].str.len().gt(10).all()
    assert str(len(card.passed)) in pictures.card_title(card, look)


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize(
    "code", ["collinear", "persistent", "influence", "poisson", "tiers", "hold_out", "twins", "few_clusters"]
)
def test_verdicts_differ(code, passed, look):
    everything = {"driver": SUBSIDY, "group": "Tier 3", "lowest": "Tier 3", "highest": "Tier 5", "city": "110000"}
    everything |= {"log_centred": 1.0, "poisson": 2.0, "low": 1.0, "high": 2.0, "months": 6}
    everything |= {"first": "tuxi", "second": "mama", "clustered": "city"}
    said = {
        verdict: pictures.check_sentence(checks.Check(code, verdict, 1.0, 2.0, everything), look, cities={})
        for verdict in (passed, not passed)
    }
    assert said[True] != said[False]
    aside = checks.Check(code, None, np.nan, np.nan, {"reason": "few_months"})
    assert look.term("why", "few_months") in pictures.check_sentence(aside, look, cities={})


@pytest.fixture(scope="module")
def compared(long_panel, long_fit):
    return ways.compare(long_panel, long_fit, SUBSIDY)


def test_every_estimator_is_near_the_truth(compared):
    """Ten per cent of log noise a cell, 24 cities: five standard errors of the least exact estimator are 2."""
    assert compared.failures == {"nested": "rho_outside"}  # the truth has no nests: rho is 0, its estimate just below
    assert -0.2 < compared.nesting.rho < 0
    assert compared.nesting.plausible
    table = compared.estimates["estimate"].unstack("way")
    for way in ("log-centred", "poisson", "fractional"):
        np.testing.assert_allclose(table[way].to_numpy(), list(SLOPES.values()), atol=2.0)
    assert set(table) == set(ways.WAYS)


def test_slow_estimators_are_held_against_the_same_months(long_panel, long_fit, compared, look):
    late = long_panel[long_panel["month"] > long_panel["month"].max() - pd.DateOffset(months=12)]
    counts = share.fit(
        late, long_fit.drivers, by="tier", effects=long_fit.effects, constants=False, estimator="poisson"
    )
    plain = share.fit(late, long_fit.drivers, by="tier", effects=long_fit.effects, constants=False)
    for table, fitted in ((compared.estimates, counts), (compared.references, plain)):
        expected = fitted.estimates(SUBSIDY)["estimate"].to_numpy()
        np.testing.assert_allclose(table.loc["poisson", "estimate"], expected, rtol=EXACT)
    assert compared.months == {"poisson": 12, "fractional": 12}
    np.testing.assert_array_equal(compared.references.loc["instrumented"], compared.references.loc["log-centred"])
    view = robustness.estimators(compared, look, driver=SUBSIDY, **SAID)
    assert "12" in view.caption
    short = long_panel[long_panel["month"] < "2026-01-01"]
    whole = ways.compare(short, share.fit(short, long_fit.drivers, by="tier", effects=long_fit.effects), SUBSIDY)
    assert not whole.months
    assert robustness.estimators(whole, look, driver=SUBSIDY, **SAID).caption == "c"


def test_rho_is_said_with_its_interval(compared, look):
    said = robustness.nesting(compared, look)
    for value in (compared.nesting.rho, compared.nesting.low, compared.nesting.high):
        assert reading.minus(value) in said
    odd = replace(compared, nesting=replace(compared.nesting, rho=-0.5, low=-0.7, high=-0.3, plausible=False))
    assert "−0.50" in robustness.nesting(odd, look)
    assert robustness.nesting(odd, look)[:8] != said[:8]
    assert robustness.nesting(replace(compared, nesting=None), look) == ""


def crowded(panel: pd.DataFrame, slope: float) -> tuple[pd.DataFrame, share.ShareFit]:
    """The panel with parcels of a city's stations moved by how dense the other stations are, and its fit."""
    stations = panel["log_stations"].where(panel["platform"] != "home", 0.0)
    rest = stations.groupby([panel["city"], panel["month"]], observed=True).transform("sum") - stations
    moved = panel.assign(parcels=panel["parcels"] * np.exp(slope * rest.where(panel["platform"] != "home", 0.0)))
    effects = (("platform", "tier"), ("platform", "month"))
    return moved, share.fit(moved, [SUBSIDY, STATIONS], by="tier", effects=effects)


def test_the_nested_logit_stands_beside_the_others_in_their_unit(long_panel):
    moved, fit = crowded(long_panel, -0.1)
    found = ways.compare(moved, fit, SUBSIDY)
    nest = nested.fit_nested(moved, fit.drivers, by="tier", effects=(("platform", "tier"), ("platform", "month")))
    assert 0 <= found.nesting.rho < 1
    assert found.nesting == ways.Nesting(nest.rho, nest.rho_low, nest.rho_high, True)
    room = nested.rivalry(moved, nest.nests, by="tier")
    free = fit.freedom(SUBSIDY)
    expected = nest.response(
        SUBSIDY, rivalry=room, factor=pd.Series((1 + 1 / free) * (1 - 1 / fit.clusters), room.index)
    )
    table = found.estimates.loc["nested"]
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=EXACT)
    half = critical(0.95, free) * expected["std_error"]
    np.testing.assert_allclose(table["high"] - table["low"], 2 * half, rtol=EXACT)


def test_a_nested_logit_that_is_none_fails_with_its_reason(long_panel):
    found = ways.compare(*crowded(long_panel, 0.2), SUBSIDY)
    assert found.nesting.rho < 0
    assert not found.nesting.plausible
    assert found.failures["nested"] == "rho_outside"
    assert "nested" not in found.estimates.index.get_level_values("way")


def test_plot_of_estimators_holds_every_estimate(compared, look):
    view = robustness.estimators(compared, look, driver=SUBSIDY, **SAID)
    dots = [trace for trace in view.figure.data if trace.error_x.array is not None]
    drawn = np.array([trace.x for trace in dots])
    np.testing.assert_allclose(drawn.ravel(), compared.estimates["estimate"], rtol=EXACT)
    assert len(view.table) == len(compared.estimates)


def test_instruments_are_read_out(long_panel, long_fit, look):
    one = robust.instrumented(long_panel, long_fit, SUBSIDY)
    table = pictures.instruments_table(one, SUBSIDY, look)
    assert list(table.index) == [look.term("tier", tier) for tier in SLOPES]
    assert look.say("instrument.overid_none") in pictures.instruments_notes(one, look)
    own = long_panel.assign(signal=long_panel[SUBSIDY] + np.random.default_rng(1).normal(0, 0.01, len(long_panel)))
    assert robust.own_columns(own) == ["signal"]
    strong = robust.instrumented(own, long_fit, SUBSIDY, ("signal", "tier"))
    assert (strong.instrumented.conditional_f > robust.STRONG).all()
    assert look.say("instrument.overid_none") not in pictures.instruments_notes(strong, look)
    np.testing.assert_allclose(strong.estimates(SUBSIDY)["estimate"], list(SLOPES.values()), atol=2.0)


def test_anderson_rubin_sets_in_words():
    look = Look("en", Theme("light"))
    assert pictures.anderson_rubin(((1.0, 2.5),), look) == "1.00 – 2.50"
    assert pictures.anderson_rubin(((-np.inf, 1.0), (3.0, np.inf)), look) == "−∞ – 1.00 ∪ 3.00 – ∞"
    assert pictures.anderson_rubin((), look) == look.say("instrument.ar_empty")


def test_weak_instruments_are_no_rung(long_panel, long_fit):
    tables = robust.rungs(long_panel, long_fit, "duoduo")
    strong = robust.strong(robust.instrumented(long_panel, long_fit, SUBSIDY), SUBSIDY)
    assert not strong.all()
    assert len(tables.get("instrumented", [])) == strong.sum()


def test_few_cities_are_bootstrapped(long_panel, long_fit, look):
    few = robust.few_cities(long_panel, long_fit, SUBSIDY, draws=199)
    assert list(few.index) == list(SLOPES)
    assert (few["cities"] == 12).all()
    assert (few["wild_low"] < few["estimate"]).all()
    assert (few["wild_high"] > few["estimate"]).all()
    assert len(robustness.wild_table(few, look)) == 2
    assert robustness.wild_title(few, look)
    many = draw(cities=80)
    fitted = share.fit(many, [SUBSIDY], by="tier")
    assert robust.few_cities(many, fitted, SUBSIDY).empty


def test_only_clear_tiers_are_named_as_clear():
    look = Look("en", Theme("light"))
    few = pd.DataFrame({"wild_p": [0.2, 0.01]}, ["Tier 1", "Tier 3"])
    said = robustness.wild_title(few, look)
    assert "Tier 3" in said
    assert "Tier 1" not in said
    nothing = robustness.wild_title(few.assign(wild_p=0.5), look)
    assert "Tier 1" in nothing
    assert "Tier 3" in nothing


def test_influence_shows_the_largest_first(long_panel, long_fit, look):
    changes = checks.influence(long_panel, long_fit, SUBSIDY)
    view = robustness.influence(changes, look, cities={}, **SAID)
    drawn = np.abs(np.array(view.figure.data[0].x))
    assert (np.diff(drawn) <= 0).all()
    assert drawn[0] == pytest.approx(changes.abs().max().max())
    assert len(drawn) == robustness.CITIES


def test_quantiles_of_normal_residuals_lie_on_the_diagonal(long_panel, long_fit, look):
    quantiles = robust.quantiles(long_panel, long_fit)
    assert list(quantiles) == list(SLOPES)
    # noise of the panel is normal: an inner quantile of some 700 residuals strays by less than a fifth
    inner = quantiles.loc[-1.5:1.5]
    assert (inner.sub(inner.index.to_numpy(), axis=0).abs() < 0.2).all().all()
    view = robustness.quantile_lines(quantiles, look, **SAID)
    np.testing.assert_allclose(view.figure.data[1].y, quantiles["Tier 1"], rtol=EXACT)


@pytest.mark.parametrize(("factor", "key"), [(1.0, "tails"), (1.5, "tails_heavy"), (0.5, "tails_light")])
def test_tails_are_named(factor, key):
    look = Look("en", Theme("light"))
    normal = pd.Index(np.linspace(-2.5, 2.5, 11), name="normal")
    view = robustness.quantile_lines(pd.DataFrame({"Tier 3": factor * normal.to_numpy()}, normal), look, **SAID)
    assert view.title == look.say(f"finding.{key}", tier="Tier 3", ratio=f"{factor:.2f}")


def test_chinese_sentence_is_chinese():
    look = Look("zh", Theme("light"))
    said = reading.sentence(row(0.31, 0.18, 0.44), look, driver=SUBSIDY, network="duoduo", group="Tier 3")
    assert said == "每件多补1分钱，多多驿站在三线的份额提高0.31个百分点（95%区间：0.18至0.44）。"
