"""Stations come and go as their incomes change."""

import numpy as np

from analysis.scenario.contest import Floats
from analysis.scenario.engine import Path

PAYBACK_MONTHS = 24.0
"""Months over which an entrant counts a waived fee as income."""
ENTRY_MONTHS = 12
"""Months over which stations come and go once their income has changed."""
ROUNDS = 6
"""Repetitions after which the coming and going of stations changes by less than a thousandth."""


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
    entry = np.zeros(path.volumes.shape)
    for _ in range(ROUNDS):
        earned = path.earned(path.tilted(entry), path.tier_stations * np.exp(entry))
        entry = _worked_off(np.where(staffed, response * (earned - usual + waived), 0.0))
    return entry


def _worked_off(goal: Floats) -> Floats:
    """Mean of the goal over the `ENTRY_MONTHS` before each month."""
    steps = np.cumsum(goal, axis=0) / ENTRY_MONTHS
    late = np.zeros_like(steps)
    late[1:] = steps[:-1]
    late[ENTRY_MONTHS + 1 :] -= steps[: -ENTRY_MONTHS - 1]
    return late
