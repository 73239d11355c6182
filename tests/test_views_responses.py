"""What one more of a driver does, and to whom: views hold the numbers of their frames, and say sign and interval."""

import numpy as np
import pandas as pd
import pytest

from analysis import captive, responses, share
from analysis.views import reading
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from tests.small_panel import NAMES, SLOPES, draw

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


@pytest.mark.parametrize("elastic", [False, True])
def test_response_table_holds_the_matrix(fit, rows, look, elastic):
    matrix = responses.matrix(rows, fit, SUBSIDY, tier="Tier 3", step=None if elastic else 0.01)
    slope = fit.estimates(SUBSIDY).loc["Tier 3"]
    options = {"network": "duoduo", "driver": SUBSIDY, "elastic": elastic, "tier": "Tier 3", "slope": slope}
    view = reading.response_table(matrix, look, **options, **SAID)
    np.testing.assert_allclose(view.figure.data[0].z, matrix * (1 if elastic else 100), rtol=EXACT)
    assert look.name("duoduo") in view.title
    nothing = reading.response_table(matrix * 0, look, **options, **SAID)
    assert nothing.title == look.say(
        "finding.response_none", tier=look.term("tier", "Tier 3"), name=look.name("duoduo")
    )


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((5.0, 4.0, 6.0), "One more fen brings Duoduo 5.00 % more parcels in Tier 3 (95 %: 4.00 to 6.00) and costs JD"),
        (
            (-5.0, -6.0, -4.0),
            "One more fen costs Duoduo 5.00 % of its parcels in Tier 3 (95 %: 4.00 to 6.00) and brings",
        ),
        ((5.0, -1.0, 11.0), "no clear effect on Duoduo’s parcels in Tier 3: 5.00 % (95 %: −1.00 to 11.00)"),
        ((-5.0, -11.0, 1.0), "no clear effect on Duoduo’s parcels in Tier 3: −5.00 % (95 %: −11.00 to 1.00)"),
    ],
)
@pytest.mark.parametrize("elastic", [False, True])
def test_finding_of_the_responses_keeps_the_sign_and_says_the_interval(ends, said, elastic):
    """A network that loses parcels when it pays more is not told as one that wins them."""
    names = ["duoduo", "cainiao", "jd"]
    cells = pd.DataFrame([[1.0, -0.1, -0.1], [-0.2, 1.0, -0.2], [-0.4, -0.3, 1.0]], names, names)
    slope = pd.Series(dict(zip(("estimate", "low", "high"), ends, strict=True)))
    matrix = cells * slope["estimate"] * (1 if elastic else 0.01)
    options = {"network": "duoduo", "driver": SUBSIDY, "elastic": elastic, "tier": "Tier 3", "slope": slope}
    title = reading.response_table(matrix, Look("en", Theme("light")), **options, **SAID).title
    interval = said[said.index("(95 %") : said.index(")") + 1]
    assert interval in title
    assert elastic or said in title
    assert ("no clear effect" in title) is ("no clear effect" in said)
    assert ("2.00 %" in title and "JD" in title) is ("no clear effect" not in said)
    assert ("fewer" in title or "costs Duoduo" in title) is (ends[2] < 0)


def test_diversion_table_leaves_the_diagonal_empty_and_rows_add_to_a_hundred(fit, rows, look):
    ratios = responses.diversion(rows, fit)
    view = reading.diversion_table(ratios, look, tier="Tier 3", **SAID)
    drawn = np.array(view.figure.data[0].z, dtype=float)
    assert np.isnan(np.diag(drawn)).all()
    off = ~np.eye(len(ratios), dtype=bool)
    np.testing.assert_allclose(drawn[off], ratios.to_numpy()[off] * 100, atol=0.1)


def test_shown_diversion_adds_to_a_hundred(look):
    """Thirds and sevenths, each rounded on its own, would not: 33 + 33 + 33."""
    names = ["cainiao", "duoduo", "jd", "home"]
    parts = [[0, 1, 1, 1], [2, 0, 2, 3], [1, 1, 0, 1], [0, 0, 0, 0]]
    ratios = pd.DataFrame(parts, names, names, dtype=float)
    ratios = ratios.div(ratios.sum(axis=1).where(lambda total: total > 0, 1.0), axis=0)
    view = reading.diversion_table(ratios, look, tier="Tier 3", **SAID)
    whole = [[int(cell or 0) for cell in row] for row in view.figure.data[0].text]
    assert [sum(row) for row in whole] == [100, 100, 100, 0]
    assert view.table.sum(axis=1).tolist() == pytest.approx([100, 100, 100, 0])


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


def test_points_per_unit_undo_the_coefficient(fit, responded):
    given = responded[SUBSIDY].loc[("Tier 3", "duoduo")]
    slopes = fit.slope(SUBSIDY)[0]
    assert reading.points_per_unit(given, slopes["Tier 3"]) * slopes["Tier 3"] == pytest.approx(given["points"])
    assert reading.points_per_unit(given, 0.0) is None


def test_chinese_sentence_is_chinese():
    look = Look("zh", Theme("light"))
    said = reading.sentence(row(0.31, 0.18, 0.44), look, driver=SUBSIDY, network="duoduo", group="Tier 3")
    assert said == "每件多补1分钱，多多驿站在三线的份额提高0.31个百分点（95%区间：0.18至0.44）。"
