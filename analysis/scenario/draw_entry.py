"""Stations that come and go in each draw, on each tier's average."""

from collections.abc import Mapping

import numpy as np

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.scenario.coming import comings
from analysis.scenario.contest import Floats
from analysis.scenario.path import Path
from analysis.scenario.pull import pull

ENTRY_INPUTS = (
    "entry_response_per_1000_cny",
    "handling_fee_cny_per_parcel",
    "variable_cost_cny_per_parcel",
    "ancillary_cny_per_parcel",
    "spread_of_stations",
)
"""Assumptions on which it hangs how many stations come and go."""


def span(key: str, chosen: float) -> tuple[float, float]:
    """Range of an assumption, wide enough for the value chosen."""
    return min(ASSUMPTIONS[key].low, chosen), max(ASSUMPTIONS[key].high, chosen)


class EntryDraws:
    """Change of ln(stations) of each draw (draws, months, tiers, networks).

    That of the point, and what each assumption adds to it: straight from the low end of its range to the point and on
    to the high end.
    """

    def __init__(self, path: Path, values: Mapping[str, Floats]) -> None:
        self.path, self.values = path, values
        self.point = None if path.entry is None else self._average(path.entry)
        self.parts, self.steps = np.zeros((len(values[ENTRY_INPUTS[0]]), 0)), np.zeros((0, 0))
        if self.point is None:
            return
        seen = pull(path.model, path.found, path.gain, path.values, path.growth)
        spans = {key: span(key, path.values[key]) for key in ENTRY_INPUTS if np.ptp(values[key]) > 0}
        ends = [{**path.values, key: end} for key, both in spans.items() for end in both]
        found = comings(path.model, path.found, seen, path.growth, ends)
        steps = [((0.0 if end is None else self._average(end)) - self.point).ravel() for end in found]
        if steps:
            self.parts = np.stack([part for key, ends in spans.items() for part in self._way(key, *ends)], axis=1)
            self.steps = np.stack(steps)

    def _average(self, entry: Floats) -> Floats:
        """Mean over the contestable parcels of a tier (months, tiers, networks)."""
        model = self.path.model
        weight = model.sigma * model.free
        total = model.by_tier(weight)[:, None, :]
        sums = model.by_tier(entry * weight[:, None, :])
        return np.moveaxis(np.divide(sums, total, out=np.zeros_like(sums), where=total > 0), 0, 2)

    def _way(self, key: str, low: float, high: float) -> tuple[Floats, Floats]:
        """How far each draw of an assumption is from its usual value to the low and to the high end, at most 1."""
        drawn, usual = self.values[key], self.path.values[key]
        below = np.clip((usual - drawn) / (usual - low), 0, 1) if usual > low else np.zeros_like(drawn)
        above = np.clip((drawn - usual) / (high - usual), 0, 1) if high > usual else np.zeros_like(drawn)
        return below, above

    def of(self, part: slice) -> Floats | None:
        """Of some draws."""
        if self.point is None:
            return None
        ways = self.parts[part]
        moved = ways @ self.steps if self.steps.size else np.zeros((len(ways), self.point.size))
        return self.point + moved.reshape(-1, *self.point.shape)
