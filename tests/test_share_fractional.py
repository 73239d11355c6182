"""Fractional logit of shares: equal to a binomial regression with dummies, laws, and refusals."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis import share
from analysis.share.absorb import group
from analysis.share.fractional import fit_fraction
from tests.small_panel import draw

DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
DUMMIES = 1e-6  # two iterations, each to its own tolerance
SAME = 1e-8  # the same iteration on other rows or units


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw(cities=16, months=5, seed=3)


def shares(panel: pd.DataFrame) -> np.ndarray:
    return (panel["parcels"] / panel.groupby(["city", "month"], observed=True)["parcels"].transform("sum")).to_numpy()


def dense(outcome: np.ndarray, rows: pd.DataFrame, columns: list[str]):
    """Binomial regression with a dummy for each level, errors by city, and its number of columns."""
    dummies = [pd.get_dummies(rows[c]).iloc[:, min(1, k) :] for k, c in enumerate(columns)]
    design = np.column_stack([rows[DRIVERS], *dummies]).astype(float)
    model = sm.GLM(outcome, design, family=sm.families.Binomial())
    kwds = {"groups": group(rows, "city").codes}
    return model.fit(tol=1e-13, maxiter=100, cov_type="cluster", cov_kwds=kwds), design.shape[1]


def test_stacked_shares_equal_a_binomial_regression_with_dummies(panel):
    found = fit_fraction(panel, None, DRIVERS, effects=("platform", "city"))
    wide, columns = dense(shares(panel), panel, ["platform", "city"])
    assert found.params.to_numpy() == pytest.approx(wide.params[:2], rel=DUMMIES)
    # The 16 cities are the clusters and count as one constant.
    factor = np.sqrt((len(panel) - columns) / (len(panel) - columns + 15))
    assert found.std_errors.to_numpy() == pytest.approx(wide.bse[:2] * factor, rel=DUMMIES)
    assert (found.nobs, found.clusters, found.platform) == (len(panel), 16, None)


def test_one_network_equals_a_binomial_regression_on_its_rows(panel):
    rows = panel[panel["platform"] == "cainiao"].reset_index(drop=True)
    outcome = shares(panel)[panel["platform"] == "cainiao"]
    found = fit_fraction(panel, "cainiao", DRIVERS, effects=("month",))
    wide, _ = dense(outcome, rows, ["month"])
    assert found.params.to_numpy() == pytest.approx(wide.params[:2], rel=DUMMIES)
    assert found.std_errors.to_numpy() == pytest.approx(wide.bse[:2], rel=DUMMIES)
    assert (found.df == 15).all()


def test_leaf_blotch():
    # Data of Wedderburn (1974), percent of leaf area, ten varieties (rows) at nine sites, as in McCullagh and Nelder
    # (1989, 9.2.4); the variety and site effects are those of statsmodels' quasi-binomial regression.
    text = """0.05 0 1.25 2.5 5.5 1 5 5 17.5  0 0.05 1.25 0.5 1 5 0.1 10 25  0 0.05 2.5 0.01 6 5 5 5 42.5
    0.1 0.3 16.6 3 1.1 5 5 5 50  0.25 0.75 2.5 2.5 2.5 5 50 25 37.5  0.05 0.3 2.5 0.01 8 5 10 75 95
    0.5 3 0 25 16.5 10 50 50 62.5  1.3 7.5 20 55 29.5 5 25 75 95  1.5 1 37.5 5 20 50 50 75 95
    1.5 12.7 26.25 40 43.5 75 75 75 95"""
    affected = np.array(text.split(), dtype=float) / 100
    variety, site = (part.ravel() for part in np.indices((10, 9)))
    leaves = pd.DataFrame({"variety": variety, "site": site, "platform": "affected", "parcels": affected})
    healthy = leaves.assign(platform="healthy", parcels=1 - affected)
    both = pd.concat([leaves, healthy], ignore_index=True)
    names = [f"v{k}" for k in range(1, 10)]
    both = both.assign(**{name: (both["variety"] == k + 1).astype(float) for k, name in enumerate(names)})
    found = fit_fraction(both, "affected", names, market=("variety", "site"), effects=("site",), cluster=None)
    design = np.column_stack([both[names][:90], pd.get_dummies(site)]).astype(float)
    wide = sm.GLM(affected, design, family=sm.families.Binomial()).fit(tol=1e-13, maxiter=100, cov_type="HC0")
    assert found.params.to_numpy() == pytest.approx(wide.params[:9], rel=DUMMIES)
    assert found.std_errors.to_numpy() == pytest.approx(wide.bse[:9] * np.sqrt(90 / 72), rel=DUMMIES)
    assert found.clusters == found.nobs == 90


def test_order_units_and_names_do_not_matter(panel):
    found = fit_fraction(panel, None, DRIVERS, by="tier", effects=("city",))
    other = panel.sample(frac=1, random_state=2).assign(
        parcels=lambda rows: rows["parcels"] / 1000, subsidy_cny_per_parcel=lambda rows: 100 * rows[DRIVERS[0]]
    )
    again = fit_fraction(other, None, DRIVERS, by="tier", effects=("city",))
    ratio = (found.params / again.params).unstack()
    assert ratio[DRIVERS[0]].to_numpy() == pytest.approx(100, rel=SAME)
    assert ratio[DRIVERS[1]].to_numpy() == pytest.approx(1, rel=SAME)
    assert (again.params / again.std_errors).to_numpy() == pytest.approx(
        (found.params / found.std_errors).to_numpy(), rel=1e-6
    )


def test_it_agrees_with_the_share_model_where_one_rival_is_left(panel):
    """With two networks the shares are a logit in the difference of their drivers: both models say the same."""
    pair = panel[panel["platform"].isin(["cainiao", "duoduo"])]
    pair = pair.assign(platform=pair["platform"].cat.remove_unused_categories())
    wide = pair.pivot(index=["city", "month"], columns="platform", values=DRIVERS[0])
    gap = (wide["cainiao"] - wide["duoduo"]).rename("gap")
    rows = pair.join(gap, on=["city", "month"])
    logit = fit_fraction(rows, "cainiao", ["gap"])
    counts = share.fit(
        pair.assign(
            parcels=pair["parcels"] / pair.groupby(["city", "month"], observed=True)["parcels"].transform("sum")
        ),
        DRIVERS[:1],
        estimator="poisson",
    )
    assert logit.params["gap"] == pytest.approx(counts.params[DRIVERS[0]], rel=1e-6)


def test_networks_that_are_everything_or_nothing_somewhere_are_left_out(panel):
    alone = panel.assign(parcels=panel["parcels"].where((panel["city"] != "000002") | (panel["platform"] == "jd"), 0.0))
    found = fit_fraction(alone, "jd", DRIVERS, effects=("city",))
    assert found.dropped == 5
    rest = fit_fraction(alone[alone["city"] != "000002"], "jd", DRIVERS, effects=("city",))
    assert found.params.to_numpy() == pytest.approx(rest.params.to_numpy(), rel=SAME)
    every = panel.assign(parcels=panel["parcels"].where(panel["platform"] == "jd", 0.0))
    with pytest.raises(share.ShareError, match="every share is 0 or 1"):
        fit_fraction(every, "jd", DRIVERS)


def test_the_panel_is_not_changed(panel):
    before = panel.copy(deep=True)
    fit_fraction(panel, "jd", DRIVERS, by="tier")
    pd.testing.assert_frame_equal(panel, before)


def test_odd_requests_are_refused(panel):
    with pytest.raises(ValueError, match="no rows of 'mail'"):
        fit_fraction(panel, "mail", DRIVERS)
    with pytest.raises(ValueError, match="without any parcels"):
        fit_fraction(panel.assign(parcels=0.0), "jd", DRIVERS)
    with pytest.raises(ValueError, match="no column price"):
        fit_fraction(panel, "jd", ["price"])
    split = panel.assign(sign=np.where(panel["platform"] == "jd", np.sign(shares(panel) - 0.1), 0.0))
    above = split.assign(parcels=split["parcels"].where((split["platform"] != "jd") | (split["sign"] > 0), 0.0))
    with pytest.raises(share.ShareError, match="sign separates"):
        fit_fraction(above, "jd", ["sign"])
