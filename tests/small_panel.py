"""A small market drawn from the attraction model itself, with known coefficients."""

import numpy as np
import pandas as pd

NAMES = ("cainiao", "duoduo", "jd", "home")
SLOPES = {"Tier 1": 4.0, "Tier 3": 9.0}
DENSITY = 0.5


def draw(
    *, cities: int = 48, months: int = 6, seed: int = 0, slopes: dict[str, float] = SLOPES, noise: float = 0.1
) -> pd.DataFrame:
    """Panel rows (cities x months x networks); subsidies 0 or 0.05-0.12 CNY, none for home delivery."""
    rng = np.random.default_rng(seed)
    shape = (cities, months, len(NAMES))
    tier = np.array(list(slopes))[np.arange(cities) % len(slopes)]
    subsidy = np.where(rng.random(shape) < 0.6, rng.uniform(0.05, 0.12, shape), 0.0)
    stations = rng.integers(2, 200, shape)
    subsidy[..., -1], stations[..., -1] = 0.0, 1
    slope = np.array([slopes[t] for t in tier])[:, None, None]
    utility = slope * subsidy + DENSITY * np.log(stations) + np.array([0.5, 0.0, -0.3, 1.5])
    utility += rng.normal(0, 2 * noise, (cities, 1, len(NAMES))) + rng.normal(0, noise, shape)
    attraction = np.exp(utility)
    total = rng.uniform(2e6, 2e7, (cities, 1, 1))
    c, t, j = (part.ravel() for part in np.indices(shape))
    return pd.DataFrame(
        {
            "month": pd.date_range("2025-01-01", periods=months, freq="MS")[t],
            "city": pd.Categorical.from_codes(c, [f"{n:06d}" for n in range(cities)]),
            "platform": pd.Categorical.from_codes(j, list(NAMES)),
            "parcels": (total * attraction / attraction.sum(axis=2, keepdims=True)).ravel(),
            "subsidy_cny_per_parcel": subsidy.ravel(),
            "log_stations": np.log(stations).ravel(),
            "tier": pd.Categorical(tier[c], list(slopes), ordered=True),
            "region": "East",
        }
    )
