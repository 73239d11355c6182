"""Captive and contestable parcels: measured against the known truth, assumed by network, and what neither may do."""

import numpy as np
import pandas as pd
import pytest

from analysis import captive
from analysis.captive import ASSUMED
from data import demo
from data.cities import cities
from data.grade import Grade
from data.markets import make
from data.platforms import PLATFORMS

WHOLE_PARCELS = 1e-7  # allocation recovered from whole parcels: rounding of 0.5 in 1e6 or more orders
NOISE = 1e-3  # share of a network's parcels that rounding to whole parcels may show as captive
ORDERS = 1_000_000
CITY = str(cities().index[0])


@pytest.fixture(scope="module")
def market():
    return demo.load()


def small(rate: float) -> pd.DataFrame:
    """One city: 1,000,000 orders each of Alibaba, Pinduoduo and others; Cainiao gets `rate` of Alibaba's first."""
    free = {"cainiao": 0.2, "duoduo": 0.3, "home": 0.5}
    rows = [
        ("2025-01-01", CITY, name, origin, ORDERS * (r * (name == "cainiao") + (1 - r) * share))
        for origin, r in (("Alibaba", rate), ("Pinduoduo", 0.0), ("other", 0.0))
        for name, share in free.items()
    ]
    table = pd.DataFrame(rows, columns=["month", "city", "platform", "origin", "parcels"])
    return table.assign(month=pd.to_datetime(table["month"]), parcels=table["parcels"].round().astype("int64"))


def test_the_allocation_is_measured_exactly():
    found = captive.allocation(small(0.25)).droplevel("month")
    assert found.loc["cainiao", "allocation"] == pytest.approx(0.25, abs=1e-6)
    assert found.loc["cainiao", "routed"] == pytest.approx(0.25 * ORDERS, abs=1)
    assert found.loc["duoduo", "allocation"] == pytest.approx(0, abs=1e-6)
    assert found["cities"].tolist() == [1, 1]


def test_the_illustrative_market_gives_back_its_true_allocation(market):
    table = captive.allocation(market.volumes)
    for key, knots in demo.TRUE.allocation.items():
        found = table.xs(key, level="platform")["allocation"]
        dates = pd.DatetimeIndex([month for month, _ in knots])
        truth = np.interp(_months(found.index), _months(dates), [value for _, value in knots])
        assert np.abs(found.to_numpy() - truth).max() < WHOLE_PARCELS, key
    assert table.xs("rural", level="platform")["allocation"].abs().max() < WHOLE_PARCELS


def _months(dates):
    return dates.year * 12 + dates.month


def test_only_networks_of_owners_who_sell_hold_captive_parcels(market):
    late = market.panel[market.panel["month"] == market.panel["month"].max()]
    table = captive.by_group(late, "tier")
    names = table.index.get_level_values("platform").astype(str)
    routed = {key for key, path in demo.TRUE.allocation.items() if path}
    others = table[~names.isin(list(routed))]
    assert others["captive_share"].max() < NOISE
    assert table[names.isin(list(routed))]["captive_share"].min() > 0.01
    assert captive.known(late)
    assert captive.grade(late) is Grade.ESTIMATED


def test_captive_parcels_are_the_routed_ones():
    volumes = small(0.25).assign(
        city=pd.Categorical([CITY] * 9), platform=lambda t: pd.Categorical(t["platform"], list(PLATFORMS))
    )
    panel = make("m", grade=Grade.REPORTED, version="v", source="s", volumes=volumes).panel
    found = captive.split(panel).set_index(panel["platform"].astype(str))
    assert found["captive"].to_dict() == pytest.approx({"cainiao": 0.25 * ORDERS, "duoduo": 0, "home": 0}, abs=2)
    assert found.sum(axis=1).to_numpy() == pytest.approx(panel["parcels"].to_numpy())


def test_parts_add_to_parcels_and_are_never_negative(market):
    rows = market.panel[market.panel["month"] >= "2026-01"]
    found = captive.split(rows)
    assert found.index.equals(rows.index)
    assert (found.to_numpy() >= 0).all()
    assert found.sum(axis=1).to_numpy() == pytest.approx(rows["parcels"].to_numpy(), rel=1e-12)


def unknown(market) -> pd.DataFrame:
    late = market.panel[market.panel["month"] == market.panel["month"].max()]
    return late.assign(open_parcels=late["parcels"].astype(float))


def test_without_sources_the_split_is_assumed(market):
    panel = unknown(market)
    assert not captive.known(panel)
    assert not captive.known(panel.drop(columns="open_parcels"))
    assert captive.grade(panel) is Grade.ASSUMED
    assert captive.split(panel)["captive"].sum() == 0
    found = captive.by_group(panel, "tier", {"cainiao": 0.4})
    shares = found.groupby("platform", observed=True)["captive_share"].agg(["min", "max"])
    assert shares.loc["cainiao"].tolist() == pytest.approx([0.4, 0.4])
    assert shares.drop("cainiao").to_numpy().max() == 0


def test_a_measured_split_is_not_overruled(market):
    rows = market.panel[market.panel["month"] == market.panel["month"].max()]
    pd.testing.assert_frame_equal(captive.split(rows), captive.split(rows, kappa={"home": 1.0}))


@pytest.mark.parametrize("kappa", [{"cainiao": 1.2}, {"cainiao": -0.1}, {"nobody": 0.1}, {"jd": float("nan")}])
def test_a_part_outside_0_to_1_is_refused(market, kappa):
    with pytest.raises(ValueError, match="kappa"):
        captive.split(unknown(market), kappa=kappa)


def test_volumes_without_sources_have_no_allocation():
    with pytest.raises(ValueError, match="origin"):
        captive.allocation(small(0.1).drop(columns="origin"))
    assert captive.allocation(small(0.1).assign(origin="other")).empty


HALF_HOLDERS = {"cainiao": 0.3, "duoduo": 0.3, "jd": 0.3}


@pytest.mark.parametrize("kappa", [HALF_HOLDERS, HALF_HOLDERS | {"duoduo": 0.5}])
@pytest.mark.parametrize("home", [False, True])
def test_an_assumed_split_is_the_one_asked(market, kappa, home):
    """Without home delivery every network here has captive parcels: open parcels alone cannot tell them any more."""
    panel = unknown(market)
    kept = [*HALF_HOLDERS, "home"] if home else [*HALF_HOLDERS]
    panel = panel[panel["platform"].isin(kept)]
    assumed = captive.assume(panel, kappa)
    assert not captive.known(assumed)
    assert captive.grade(assumed) is Grade.ASSUMED
    assert ASSUMED not in panel
    found = captive.by_group(assumed, "month")["captive_share"].droplevel(0)
    assert {name: found[name] for name in kept} == pytest.approx({"home": 0.0} | kappa if home else kappa)
    expected = panel["parcels"] * (1 - panel["platform"].astype(str).map(kappa).fillna(0.0))
    np.testing.assert_allclose(assumed["open_parcels"], expected)


def test_a_measured_panel_is_not_assumed_over(market):
    late = market.panel[market.panel["month"] == market.panel["month"].max()]
    assert captive.assume(late, HALF_HOLDERS) is late
