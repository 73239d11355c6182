"""Tables of responses and diversion: views hold the numbers of their frames, and say their sign and interval."""

import numpy as np
import pandas as pd
import pytest

from analysis import responses, share
from analysis.views import reading
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from data.text import LANGUAGES
from tests.small_panel import draw

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
def rows(panel):
    return panel[(panel["month"] == panel["month"].max()) & (panel["tier"] == "Tier 3")]


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
