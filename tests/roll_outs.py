"""A network that starts to pay in some cities, with a known effect."""

import numpy as np
import pandas as pd

LIFT = 0.4
"""Log points that paying adds in the panel drawn below."""
NOISE = 0.02
TIERS = ("Tier 2", "Tier 3")
NETWORKS = ("cainiao", "duoduo", "home")


def roll_out_panel(cities=40, months=36, treated=20, seed=0):
    """Duoduo starts to pay 8 fen in the first `treated` cities between month 14 and 18; log volumes rise by LIFT."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product(
        [range(cities), range(months), NETWORKS], names=["city", "time", "platform"]
    ).to_frame(index=False)
    start = np.where(np.arange(cities) < treated, 14 + np.arange(cities) % 5, months)
    pays = (rows["platform"] == "duoduo") & (rows["time"] >= start[rows["city"]])
    base = rng.normal(0, 0.3, (cities, len(NETWORKS)))[rows["city"], rows["platform"].map(NETWORKS.index)]
    log = 10 + base + 0.01 * rows["time"] + LIFT * pays + rng.normal(0, NOISE, len(rows))
    return pd.DataFrame(
        {
            "month": pd.date_range("2022-01-01", periods=months, freq="MS")[rows["time"]],
            "city": pd.Categorical.from_codes(rows["city"], [f"{n:06d}" for n in range(cities)]),
            "platform": pd.Categorical(rows["platform"], NETWORKS),
            "tier": pd.Categorical(np.array(TIERS)[rows["city"] % 2], TIERS, ordered=True),
            "parcels": np.exp(log),
            "open_parcels": np.exp(log),
            "subsidy_cny_per_parcel": np.where(pays, 0.08, 0.0),
            "guarantee_cny_per_day": np.where(pays, 50.0, 0.0),
        }
    )
