"""A long panel as matrices: units x periods, with the period in which each unit is first treated."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effect.errors import EffectError
from analysis.share.absorb import group

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Columns(TypedDict):
    """Names of the columns that every estimate needs."""

    outcome: str
    unit: str
    time: str
    cohort: str


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A balanced panel.

    Attributes
    ----------
    outcome : (units, periods) float64
    start : (units,) int64
        Position of the first treated period; `periods` for units not treated inside the panel.
    weight : (units,) float64
        Mean 1.
    clusters : (units,) int64
    times, units : pandas.Index
    dropped : dict of str to int
        Units left out: "incomplete" (some period is missing) and "already_treated" (no period before).
    """

    outcome: Floats
    start: Ints
    weight: Floats
    clusters: Ints
    times: pd.Index
    units: pd.Index
    dropped: dict[str, int]

    @property
    def never(self) -> Flags:
        """Units not treated inside the panel."""
        return self.start >= len(self.times)

    def keep(self, units: Flags, code: str) -> "Design":
        """Leave the other units out and count them under `code`; units keep their order."""
        gone = int((~units).sum())
        if not gone:
            return self
        clusters = np.unique(self.clusters[units], return_inverse=True)[1]
        weight = self.weight[units]
        return Design(
            self.outcome[units],
            self.start[units],
            weight / weight.mean() if weight.size else weight,
            clusters.astype(np.int64),
            self.times,
            self.units[units],
            self.dropped | {code: self.dropped.get(code, 0) + gone},
        )


def read(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    cluster: str | None = None,
    weight: str | None = None,
    before: int = 1,
) -> Design:
    """Matrices of a long panel; units without `before` periods before treatment are left out and counted.

    A unit is treated from the first period at or after its cohort; an empty cohort, or one after the last period, is
    never treated inside the panel. Units that miss a period are left out and counted.
    """
    names = (outcome, unit, time, cohort, *(name for name in (cluster, weight) if name))
    missing = [name for name in names if name not in panel]
    if missing:
        raise ValueError(f"the panel has no column {', '.join(missing)}: it has {', '.join(map(str, panel.columns))}")
    values = panel[outcome].to_numpy(np.float64)
    if np.isinf(values).any():
        raise EffectError(
            "not_finite", f"{outcome!r} is infinite in {int(np.isinf(values).sum())} rows (a logarithm of zero?): drop"
        )
    units, times = group(panel, unit), group(panel, time)
    if times.size < 2:
        raise EffectError("one_period", "the panel has one period: a difference needs two or more")
    cells = units.codes * times.size + times.codes
    table = np.full(units.size * times.size, np.nan)
    table[cells] = values
    if np.bincount(cells).max() > 1:
        raise EffectError("repeated", "a unit has two rows in one period: add them up first")
    first = _first_rows(units.codes, units.size)
    made = Design(
        table.reshape(units.size, times.size),
        _start(panel[cohort], units.codes, first, times.labels),
        _constant(panel, weight, first),
        np.arange(units.size) if cluster is None else group(panel, cluster).codes[first],
        times.labels,
        units.labels,
        {},
    )
    made = made.keep(np.isfinite(made.outcome.sum(axis=1)), "incomplete")
    return _checked(made.keep(made.start >= before, "already_treated"))


def _first_rows(codes: Ints, size: int) -> Ints:
    first = np.empty(size, dtype=np.int64)
    first[codes[::-1]] = np.arange(codes.size)[::-1]
    return first


def _start(cohort: pd.Series, codes: Ints, first: Ints, times: pd.Index) -> Ints:
    own = cohort.iloc[first]
    never = own.isna().to_numpy()
    same = cohort.to_numpy() == own.to_numpy()[codes]
    if not (same | (cohort.isna().to_numpy() & never[codes])).all():
        raise EffectError("cohort_varies", f"{cohort.name!r} changes inside a unit: give the first treated period")
    start = np.full(first.size, len(times), dtype=np.int64)
    start[~never] = times.searchsorted(own[~never].to_numpy())
    return start


def _constant(panel: pd.DataFrame, weight: str | None, first: Ints) -> Floats:
    if weight is None:
        return np.ones(first.size)
    values = panel[weight].to_numpy(np.float64)[first]
    if not (values > 0).all() or not np.isfinite(values).all():
        raise ValueError(f"weight {weight!r} must be positive and finite in every unit: drop the others")
    return values / values.mean()


def _checked(design: Design) -> Design:
    gone = ", ".join(f"{count} {code}" for code, count in design.dropped.items()) or "none left out"
    if not len(design.units):
        code = "no_before" if design.dropped.get("already_treated") else "unbalanced"
        raise EffectError(code, f"no unit is left ({gone}): choose a window in which units are complete and untreated")
    if design.never.all():
        code = "no_before" if design.dropped.get("already_treated") else "no_treated"
        raise EffectError(code, f"no unit is first treated inside the panel ({gone}): widen the window")
    return design
