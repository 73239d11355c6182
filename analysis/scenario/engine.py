"""From changes to the point path.

Only contestable parcels move. With V' = V + b ds + d dln(stations) the new contestable share is
sigma'_j = sigma_j exp(dV_j) / sum_k sigma_k exp(dV_k), so observed shares are the starting point and a zero policy
returns them; captive parcels stay with their network unless a lever routes them elsewhere.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from analysis.scenario.coming import coming
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.guarantees import guaranteed
from analysis.scenario.path import Path
from analysis.scenario.plan import Changes, Worth, worth
from analysis.scenario.pull import pull

NOTHING = Worth({}, {}, {}, {})


BASELINES = 16
"""Markets without levers that are kept, each some megabytes."""


def growth_path(growth_per_year: float, months: int) -> Floats:
    """All parcels over those of the observed month, (months + 1,)."""
    return (1 + growth_per_year) ** (np.arange(months + 1) / 12)


@lru_cache(maxsize=BASELINES)
def baseline(model: MarketModel, months: int, growth_per_year: float, values: tuple[tuple[str, float], ...]) -> Path:
    """The market if nothing changes but its size: shares, subsidies and stations stay.

    Made once for all scenarios that share it, with what follows from it.
    """
    return Path(model, Changes(months), dict(values), growth_path(growth_per_year, months), NOTHING, None, None)


def follow(model: MarketModel, found: Changes, growth: Floats, values: Mapping[str, float]) -> Path:
    """Path under the changes, with stations coming and going as incomes change."""
    gain = valued(model, found, growth, values)
    seen = pull(model, found, gain, values, growth)
    entry = coming(model, found, seen, growth, values)
    return Path(model, found, values, growth, gain, entry, seen.parcels(entry))


def valued(model: MarketModel, found: Changes, growth: Floats, values: Mapping[str, float]) -> Worth:
    """Worth of all changes, guarantees at the parcels that their stations then have."""
    gain = worth(found, model)
    return (
        guaranteed(model, found, gain, values, growth)
        if any(cells.any() for cells in found.guarantee.values())
        else gain
    )


def respond(model: MarketModel, found: Changes, values: Mapping[str, float], month: int) -> Floats:
    """Parcels of one month without growth (networks, cities), stations as the levers leave them."""
    then = found.at(month)
    gain = valued(model, then, np.ones(1), values)
    return pull(model, then, gain, values, np.ones(1)).parcels(None)[:, 0]
