"""Every draw against a run of its own at what was drawn, and what draws vary."""

import dataclasses

import numpy as np
import pytest

from analysis.economics.incomes import top_up
from analysis.scenario import Lever, Projection, Scenario, simulate
from tests.small_scenario import DUODUO, ROUTED, STILL, plan, point

FEW = range(8)
MONTHS = 18
EVERYTHING = (
    Lever("duoduo", 0.05),
    Lever("jd", 0.08, kind="shared_delivery"),
    Lever("jd", 300.0, kind="stations", ramp_months=MONTHS),
    Lever("duoduo", 0.10, "Tier 1", kind="allocation"),
)


def again(found: Projection, d: int) -> Projection:
    """The point path at what was drawn."""
    drawn = found.drawn
    model = dataclasses.replace(found.model, slopes=drawn.slopes[d], density=drawn.density[d])
    values = {key: float(value[d]) for key, value in drawn.values.items()}
    if found.point.entry is None:  # stations that do not come and go do so in no draw
        values |= dict(STILL)
    growth = float(drawn.growth[d, -1] ** (12 / found.scenario.months) - 1)
    scenario = dataclasses.replace(found.scenario, assumptions=tuple(values.items()), growth_per_year=growth)
    return simulate(scenario, model, draws=0)


def shares(volumes: np.ndarray) -> np.ndarray:
    return volumes / volumes.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("levers", "still", "share", "money"),
    [
        # Without stations that come and go shares are exact (single precision). A tier's bill per parcel is the point
        # path's: in a draw its cities win other parts of the tier's parcels, whose subsidies differ.
        ((Lever("duoduo", 0.05),), True, 2e-6, 0.005),
        (EVERYTHING, True, 2e-6, 0.01),
        # Stations come and go on each tier's average, and straight from one end of an assumption to the other.
        ((Lever("duoduo", 0.05),), False, 0.03, 0.05),
        (EVERYTHING, False, 0.08, 0.06),
        ((Lever("duoduo", 6000.0, kind="fee_waiver"),), False, 0.10, 0.03),
        ((Lever("duoduo", 0.1, kind="ancillary"),), False, 0.20, 0.20),
        # A drawn elasticity or price makes a tier's cities larger alike.
        ((Lever("cainiao", 1.0, kind="forwarding"),), True, 0.001, 0.001),
        ((Lever("cainiao", 1.0, kind="forwarding", cities=("000001", "000003")),), True, 0.06, 0.03),
    ],
)
def test_every_draw_is_a_run_of_its_own(levers, still, share, money):
    found = simulate(plan(*levers, months=MONTHS, still=still, growth_per_year=0.05), ROUTED, draws=40, seed=4)
    agree(found, share, money)


def agree(found: Projection, share: float, money: float) -> None:
    """Errors over the largest change at the point, over all networks and tiers; money a month and in all."""
    old, new = (shares(path.volumes[-1]) for path in (found.base, found.point))
    largest, sums = np.abs(new - old).max(), found.accounts
    for d in FEW:
        exact = again(found, d)
        drawn = shares(found.drawn.volumes[d, -1].astype(float))
        assert drawn == pytest.approx(shares(exact.point.volumes[-1]), abs=share * largest)
        for name in ("cost", "profit"):
            point, run = (
                getattr(side, f"{name}_after") - getattr(side, f"{name}_before") for side in (sums, exact.accounts)
            )
            error = getattr(sums, f"{name}_change")[d] - run
            assert np.abs(error[-1]).max() <= money * np.abs(point[-1]).max(), (d, name)
            assert np.abs(error.sum(axis=0)).max() <= money * np.abs(point.sum(axis=0)).max(), (d, name)


@pytest.mark.parametrize("still", [True, False])
def test_a_guarantee_is_worth_what_each_draw_says(still):
    """Fee, spread, growth and slope of the draw, on each tier's average: 40 draws against as many runs."""
    scenario = plan(Lever("duoduo", 150.0, kind="guarantee"), months=MONTHS, still=still, growth_per_year=0.05)
    found = simulate(scenario, ROUTED, draws=40, seed=4)
    runs = [again(found, d) for d in range(40)]
    share = np.array([shares(run.point.volumes[-1].sum(axis=0))[DUODUO] for run in runs])
    drawn = shares(found.drawn.volumes[:, -1].sum(axis=1))[:, DUODUO]
    wide = np.ptp(np.quantile(share, [0.1, 0.9]))
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(share, [0.1, 0.5, 0.9]), abs=0.15 * wide)
    earned = [(run.accounts.profit_after - run.accounts.profit_before)[:, DUODUO].sum() for run in runs]
    assert np.corrcoef(earned, found.accounts.profit_change[:, :, DUODUO].sum(axis=1))[0, 1] > 0.98


def test_three_guarantees_are_settled_together():
    levers = tuple(Lever(name, 200.0, kind="guarantee") for name in ("cainiao", "duoduo", "jd"))
    many = dataclasses.replace(ROUTED, stations=4 * ROUTED.stations)
    for model in (ROUTED, many):
        found = point(plan(*levers, months=2), model)
        gain, worth = found.point.gain.guaranteed, {}
        for j, cells in gain.items():
            after, before = found.point.parcels[j, -1], model.parcels[j]
            each = [parcels / model.stations[j] / 30 for parcels in (after, before)]
            rate = 0.35 + model.subsidy[j]
            levels = model.guarantee[j] + 200, model.guarantee[j]
            new, old = (top_up(g, rate, q, 0.8) / q for g, q in zip(levels, each, strict=True))
            worth[j] = np.abs(cells[-1] - (new - old)).max()
        assert max(worth.values()) < 1e-5  # CNY per parcel


def test_what_a_guarantee_costs_in_a_draw_is_what_a_run_says():
    """Fitted effects alone vary: the worth of a guarantee is the point path's, and parcels move it."""
    scenario = plan(Lever("duoduo", 150.0, kind="guarantee"), months=MONTHS, growth_per_year=0.05)
    agree(simulate(scenario, ROUTED, draws=40, seed=4, vary=("parameters",)), 0.02, 0.01)


@pytest.mark.parametrize("low", [0.0, 0.04])
def test_the_entry_response_is_drawn_from_its_low_end_to_its_high_one(low):
    """At a drawn response of 0 no station comes: the share is that of stations that stay."""
    scenario = plan(Lever("duoduo", 0.1, kind="ancillary"), months=MONTHS, still=False)
    found = simulate(scenario, ROUTED, draws=400, vary=("assumptions",))
    response = found.drawn.values["entry_response_per_1000_cny"]
    won = shares(found.drawn.volumes[:, -1].sum(axis=1))[:, DUODUO] - found.shares.at[("all", "duoduo"), "observed"]
    near = np.abs(response - low).argsort()[:20]
    exact = point(dataclasses.replace(scenario, assumptions=(("entry_response_per_1000_cny", low),)), ROUTED)
    usual = point(scenario, ROUTED)
    expected, most = ((p.shares["point"] - p.shares["observed"])["all", "duoduo"] for p in (exact, usual))
    # Twenty draws near the response, whose other assumptions vary.
    assert won[near].mean() == pytest.approx(expected, abs=0.35 * most)


def test_growth_varies_as_much_as_it_did():
    model = dataclasses.replace(ROUTED, growth=(0.0, 0.05))
    found = simulate(Scenario("grow", (Lever("duoduo", 0.01),), months=24, growth_per_year=0.06), model, draws=4000)
    rate = found.drawn.growth[:, 12] - 1
    assert rate.std() == pytest.approx(0.05, rel=0.05)  # 4,000 draws: 1.1 % is one standard error
    assert rate.mean() == pytest.approx(0.06, abs=0.003)
    assert found.drawn.growth[:, 24] == pytest.approx((1 + rate) ** 2, rel=1e-12)


def test_forwarding_makes_a_drawn_market_larger_by_its_weight_in_the_tier():
    cny, city = 0.2, 1
    lever = Lever("cainiao", cny, kind="forwarding", cities=(ROUTED.cities[city],))
    found = simulate(plan(lever, months=3), ROUTED, draws=60)
    elastic = found.drawn.values["demand_elasticity"] / found.drawn.values["price_cny_per_parcel"]
    parcels = ROUTED.captive + ROUTED.sigma * ROUTED.free
    inside = slice(ROUTED.bounds[0], ROUTED.bounds[1])
    more = parcels[:, city].sum() * (np.exp(elastic * cny * parcels[0, city] / parcels[:, city].sum()) - 1)
    grown = found.drawn.volumes[:, -1].sum(axis=2).astype(float) - np.stack(
        [parcels[:, inside].sum(), parcels[:, ROUTED.bounds[1] :].sum()]
    )
    assert np.ptp(more) > 0.5 * more.mean()
    # The exponential of an average for an average of exponentials: second order in 0.2 of 7.5 CNY; single precision.
    assert grown[:, 0] == pytest.approx(more, rel=0.02, abs=2e-6 * parcels[:, inside].sum())
    assert np.abs(grown[:, 1]).max() < 1e-3 * more.min()


def test_who_neither_gains_nor_loses_has_no_chance_to_gain():
    for levers in ((), (Lever("duoduo", 0.0),)):
        found = simulate(plan(*levers, still=False), ROUTED, draws=30).profit
        assert (found[["total_low_95", "total_high_95"]] == 0).all(axis=None)
        assert (found["chance"] == 0).all()


def test_the_chance_is_the_part_of_draws_with_a_gain():
    found = simulate(plan(Lever("duoduo", 0.04), still=False), ROUTED, draws=300)
    totals = found.accounts.profit_change.sum(axis=1)
    for name, chance in found.profit["chance"].items():
        assert chance == pytest.approx(np.mean(totals[:, ROUTED.platforms.index(name)] > 0))


def test_where_nothing_varies_every_draw_is_the_point_path_with_its_stations_that_come_and_go():
    levers = *EVERYTHING, Lever("jd", 0.1, "Tier 3", kind="ancillary"), Lever("duoduo", 150.0, kind="guarantee")
    found = simulate(plan(*levers, months=MONTHS, still=False, growth_per_year=0.05), ROUTED, draws=2, vary=())
    assert np.abs(found.point.entry).max() > 0.05
    for volumes in found.drawn.volumes * found.drawn.growth[:, :, None, None]:
        assert volumes == pytest.approx(found.point.volumes, rel=2e-6)
    sums = found.accounts
    for name in ("cost", "profit"):
        point = getattr(sums, f"{name}_after") - getattr(sums, f"{name}_before")
        assert getattr(sums, f"{name}_change")[0] == pytest.approx(point, abs=1e-4 * np.abs(point).max())


def test_a_guarantee_of_a_network_without_stations_changes_nothing():
    none = dataclasses.replace(
        ROUTED, stations=np.where(np.arange(len(ROUTED.platforms))[:, None] == DUODUO, 0.0, ROUTED.stations)
    )
    found = simulate(plan(Lever("duoduo", 100.0, kind="guarantee"), months=3), none, draws=5)
    assert shares(found.drawn.volumes[:, -1].astype(float)) == pytest.approx(
        np.broadcast_to(shares(found.base.volumes[-1]), (5, *found.base.volumes[-1].shape)), abs=1e-6
    )
