"""Readings of the share model: views hold the numbers of their frames and say them in words."""

import numpy as np
import pandas as pd
import pytest

from analysis import captive, evidence, responses, robust, share
from analysis.share import checks
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


@pytest.mark.parametrize("elastic", [False, True])
def test_response_table_holds_the_matrix(fit, rows, look, elastic):
    matrix = responses.matrix(rows, fit, SUBSIDY, tier="Tier 3", step=None if elastic else 0.01)
    options = {"network": "duoduo", "driver": SUBSIDY, "elastic": elastic, "tier": "Tier 3"}
    view = reading.response_table(matrix, look, **options, **SAID)
    np.testing.assert_allclose(view.figure.data[0].z, matrix * (1 if elastic else 100), rtol=EXACT)
    assert look.name("duoduo") in view.title
    nothing = reading.response_table(matrix * 0, look, **options, **SAID)
    assert nothing.title == look.say(
        "finding.response_none", tier=look.term("tier", "Tier 3"), name=look.name("duoduo")
    )


def test_diversion_table_leaves_the_diagonal_empty(fit, rows, look):
    ratios = responses.diversion(rows, fit)
    view = reading.diversion_table(ratios, look, tier="Tier 3", **SAID)
    drawn = np.array(view.figure.data[0].z, dtype=float)
    assert np.isnan(np.diag(drawn)).all()
    off = ~np.eye(len(ratios), dtype=bool)
    np.testing.assert_allclose(drawn[off], ratios.to_numpy()[off] * 100, rtol=EXACT)


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
    assert reading.points_per_unit(given, slopes, "Tier 3") * slopes["Tier 3"] == pytest.approx(given["points"])
    assert reading.points_per_unit(given, slopes * 0, "Tier 3") is None


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
def ways(long_panel, long_fit):
    return robust.compare(long_panel, long_fit, SUBSIDY)


def test_every_estimator_is_near_the_truth(ways):
    """Ten per cent of log noise a cell, 24 cities: five standard errors of the least exact estimator are 2."""
    assert not ways.failures
    table = ways.estimates["estimate"].unstack("way")
    for way in ("log-centred", "poisson", "fractional"):
        np.testing.assert_allclose(table[way].to_numpy(), list(SLOPES.values()), atol=2.0)
    assert set(table) == set(robust.WAYS)


def test_plot_of_estimators_holds_every_estimate(ways, look):
    view = robustness.estimators(ways, look, driver=SUBSIDY, **SAID)
    dots = [trace for trace in view.figure.data if trace.error_x.array is not None]
    drawn = np.array([trace.x for trace in dots])
    np.testing.assert_allclose(drawn.ravel(), ways.estimates["estimate"], rtol=EXACT)
    assert len(view.table) == len(ways.estimates)


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
    weak = robust.instrumented(long_panel, long_fit, SUBSIDY).instrumented.conditional_f < robust.STRONG
    assert weak.any()
    assert len(tables.get("instrumented", [])) == (~weak).sum()


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
