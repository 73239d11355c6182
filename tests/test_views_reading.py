"""Readings of the share model: views hold the numbers of their frames and say them in words."""

import numpy as np
import pandas as pd
import pytest

from analysis import evidence, robust, share
from analysis.share import checks
from analysis.views import evidence as pictures
from analysis.views import robustness
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from tests.small_panel import SLOPES, draw

EXACT = 1e-9
"""Sums of a few hundred floats."""
SUBSIDY, STATIONS = "subsidy_cny_per_parcel", "log_stations"
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture(scope="module")
def panel():
    return draw()


@pytest.fixture(scope="module")
def fit(panel):
    return share.fit(panel, [SUBSIDY, STATIONS], by="tier", effects=(("platform", "tier"), ("platform", "month")))


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
