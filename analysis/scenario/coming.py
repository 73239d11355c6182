"""Stations come and go as their incomes change."""

from functools import cache

import numpy as np

from analysis.scenario.contest import Floats
from analysis.scenario.engine import Path

PAYBACK_MONTHS = 24.0
"""Months over which an entrant counts a waived fee as income."""
ENTRY_MONTHS = 12
"""Months over which stations come and go once their income has changed."""
ROUNDS = 20
AT_REST = 1e-4
"""Change of ln(stations) from one repetition to the next at which it is settled."""


def settled_entry(path: Path, base: Path) -> Floats | None:
    """Change of ln(stations) that follows from changed incomes (months, tiers, networks); None when nothing follows.

    The response works off over `ENTRY_MONTHS`; a waived fee counts as income over `PAYBACK_MONTHS`. More stations share
    the parcels, which takes income away again: solved by repetition on each tier's average market.
    """
    response = path.values["entry_response_per_1000_cny"] / 1000
    if not response or not path.found.touched:
        return None
    waived = np.zeros(path.volumes.shape)
    for j, cells in path.found.waiver.items():
        waived[:, :, j] = (
            path.model.by_tier(cells * path.model.offered[j]) / np.diff(path.model.bounds) / PAYBACK_MONTHS
        )
    usual, staffed = base.earned(base.volumes, base.tier_stations), base.tier_stations > 0
    entry, late = np.zeros(path.volumes.shape), _late(len(usual))
    for _ in range(ROUNDS):
        earned = path.earned(path.tilted(entry), path.tier_stations * np.exp(entry))
        goal = np.where(staffed, response * (earned - usual + waived), 0.0)
        before, entry = entry, (late @ goal.reshape(len(goal), -1)).reshape(goal.shape)
        if np.abs(entry - before).max() < AT_REST:
            break
    return entry


@cache
def _late(months: int) -> Floats:
    """Weights (months, months) of the mean over the `ENTRY_MONTHS` before each month."""
    lag = np.subtract.outer(np.arange(months), np.arange(months))
    return np.where((lag > 0) & (lag <= ENTRY_MONTHS), 1 / ENTRY_MONTHS, 0.0)
