"""Bands of a scenario hold the truth as often as they say, over simulated markets."""

import numpy as np

from analysis import share
from analysis.scenario import Lever, Scenario, market_model, simulate
from tests.small_panel import SLOPES, draw

MARKETS = 500
# Binomial error of 500 markets at 95 %: 1.0 point; clustered intervals with 24 cities a tier fall short by about one.
LEAST, MOST = 0.92, 0.97


def test_the_95_percent_band_holds_the_true_share():
    scenario = Scenario(
        "truth", (Lever("duoduo", 0.05),), months=1, assumptions=(("entry_response_per_1000_cny", 0.0),)
    )
    held = {"Tier 1": 0, "Tier 3": 0}
    for seed in range(MARKETS):
        panel = draw(cities=80, months=4, seed=seed)
        fit = share.fit(panel, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
        model = market_model(panel, fit, month="2025-04-01")
        found = simulate(scenario, model, draws=300, seed=seed, vary=("parameters",)).shares
        truth = np.array([SLOPES[t] for t in model.groups])[model.group]
        weight = model.sigma.copy()
        weight[1] *= np.exp(truth * 0.05)
        volume = model.by_tier(model.free * weight / weight.sum(axis=0))
        for t, tier in enumerate(model.tiers):
            low, high = found.loc[(tier, "duoduo"), ["low_95", "high_95"]]
            held[tier] += low <= volume[1, t] / volume[:, t].sum() <= high
    coverage = {tier: count / MARKETS for tier, count in held.items()}
    assert all(LEAST <= part <= MOST for part in coverage.values()), coverage
