"""Near twins: a brand split in two and a shared shock are found, independent networks are not; red bus, blue bus."""

import numpy as np
import pandas as pd
import pytest

from analysis import share
from analysis.share import checks, twins
from tests.small_panel import NAMES, draw

DRIVERS = ("subsidy_cny_per_parcel", "log_stations")
CITIES = 120  # correlation of independent noise over 720 markets: standard error 0.04
SAMPLING = 0.15


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw(cities=CITIES, months=6, seed=11)


def fitted(panel: pd.DataFrame) -> share.ShareFit:
    return share.fit(panel, DRIVERS, by="tier")


def rival(panel: pd.DataFrame, *, split: float, noise: float, seed: int = 0) -> pd.DataFrame:
    """Panel with Duoduo split in two brands that keep its taste and shocks, each with some noise of its own."""
    rng = np.random.default_rng(seed)
    names = [*NAMES, "tuxi"]
    old = panel.assign(platform=panel["platform"].cat.set_categories(names))
    mine = old["platform"] == "duoduo"
    twin = old[mine].assign(platform=pd.Categorical(["tuxi"] * mine.sum(), names))
    parts = np.exp(rng.normal(0, noise, (2, mine.sum())))
    old.loc[mine, "parcels"] *= (1 - split) * parts[0]
    return pd.concat([old, twin.assign(parcels=twin["parcels"] * split * parts[1])], ignore_index=True)


def test_independent_networks_are_no_twins(panel):
    found = twins.pairs(panel, fitted(panel))
    assert len(found) == 6
    assert found["corrected"].abs().max() < SAMPLING
    # residuals add to 0 in a market of four: uncorrected, independence looks like -1/3
    assert found["correlation"].mean() == pytest.approx(-1 / 3, abs=0.03)
    assert twins.find(panel, fitted(panel)).empty


def test_one_brand_split_in_two_is_found(panel):
    two = rival(panel, split=0.4, noise=0.05)
    found = twins.find(two, fitted(two))
    assert found[["first", "second"]].to_numpy().tolist() == [["duoduo", "tuxi"]]
    assert found["corrected"].iloc[0] > 0.8
    assert found["markets"].iloc[0] == CITIES * 6
    check = checks.near_twins(two, fitted(two))
    assert (check.code, check.passed) == ("twins", False)
    assert {check.values["first"], check.values["second"]} == {"duoduo", "tuxi"}


def crowd() -> pd.DataFrame:
    """Eight networks of tastes and shocks of their own."""
    names = [*NAMES, "tuxi", "mama", "sto", "yunda"]
    rng = np.random.default_rng(7)
    c, t, j = (part.ravel() for part in np.indices((CITIES, 6, len(names))))
    rows = pd.DataFrame({"city": c, "month": t, "platform": np.array(names)[j], "tier": "Tier 3"})
    drivers = {DRIVERS[0]: rng.uniform(0, 0.12, c.size), DRIVERS[1]: rng.normal(3, 1, c.size)}
    utility = 6 * drivers[DRIVERS[0]] + 0.5 * drivers[DRIVERS[1]] + rng.normal(0, 0.2, c.size)
    return rows.assign(**drivers, parcels=np.exp(utility + rng.normal(0, 0.2, (CITIES, len(names)))[c, j]))


def test_a_shared_shock_is_found():
    rows = crowd()
    assert twins.find(rows, fitted(rows)).empty
    shock = pd.Series(np.random.default_rng(2).normal(0, 0.5, CITIES * 6))
    market = rows.groupby(["city", "month"], observed=True).ngroup()
    both = rows["platform"].isin(["cainiao", "jd"])
    moved = rows.assign(parcels=rows["parcels"] * np.exp(market.map(shock) * both))
    found = twins.find(moved, fitted(moved))
    assert found[["first", "second"]].to_numpy().tolist() == [["cainiao", "jd"]]


def test_the_red_bus_takes_from_everyone_as_the_logit_has_it():
    # a network with half the market, listed twice: 2/3 together, though nothing was won (Debreu 1960)
    rows = draw(cities=4, months=2, seed=3, slopes={"Tier 3": 9.0})
    fit = share.fit(rows, DRIVERS)
    market = rows[(rows["city"] == "000000") & (rows["month"] == "2025-01-01")].head(2)
    same = market.assign(platform=market["platform"].iloc[0], **{d: market[d].iloc[0] for d in DRIVERS})
    assert fit.predict(same).tolist() == pytest.approx([0.5, 0.5])
    assert fit.predict(pd.concat([same, same.head(1)], ignore_index=True)).tolist() == pytest.approx([1 / 3] * 3)


def test_units_order_and_names_do_not_matter(panel):
    two = rival(panel, split=0.4, noise=0.05)
    found = twins.pairs(two, fitted(two))
    shuffled = two.assign(parcels=two["parcels"] / 1000).sample(frac=1, random_state=1)
    again = twins.pairs(shuffled, fitted(shuffled))
    assert again["corrected"].to_numpy() == pytest.approx(found["corrected"].to_numpy(), abs=1e-8)


def test_too_few_markets_or_networks_give_no_pair():
    few = draw(cities=4, months=6, seed=5)
    assert twins.pairs(few, fitted(few)).empty
    two = draw(cities=40, months=2, seed=5)
    two = two[two["platform"].isin(["cainiao", "home"])]
    assert twins.pairs(two, fitted(two)).empty
    assert checks.near_twins(two, fitted(two)).values == {"reason": "few_networks"}


def test_another_panel_is_refused(panel):
    with pytest.raises(ValueError, match="other rows"):
        twins.pairs(panel.iloc[:-4].reset_index(drop=True), fitted(panel))


def test_a_handful_of_cities_is_no_evidence_of_twins_however_many_their_months():
    few = draw(cities=10, months=36, seed=5)
    assert len(few) > 10 * 30
    assert twins.pairs(few, fitted(few)).empty
    many = draw(cities=14, months=36, seed=5)
    assert len(twins.pairs(many, fitted(many))) == 6
