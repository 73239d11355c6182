"""Everything that is said about one network's roll-out of subsidies: the estimate and what it is held against."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.effect import (
    EffectError,
    EffectFit,
    Estimate,
    Randomisation,
    decompose,
    placebo,
    randomise,
    ring,
    roll_out,
    spill_over,
    twfe,
)
from analysis.effect.roll_out import RollOut
from analysis.evidence import roll_out_slope

FEW_CONTROLS = 10
"""Below this many control cities their own chance decides the effect."""
SHIFTS = (6, 12)
"""Months by which placebo dates come before the real ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One roll-out: the estimate, what it is held against, and who is in it. Made by `study`.

    Attributes
    ----------
    roll_out : RollOut
    fit : EffectFit
        In the unit of the measure: log points, or fractions for "share".
    paid_cny : float
        Mean subsidy in force, CNY per parcel, over the treated cities' months inside the window, from the first paid.
    twfe : Estimate
        Two-way fixed effects: a contrast, not an answer.
    already : float
        Part of that contrast that takes cities already paying as controls.
    placebo : pandas.DataFrame
        Index months earlier: estimate, low, high, treated.
    randomisation : Randomisation or None
        When few cities are treated.
    near : tuple of str
        Never-paying cities left out because they lie within `radius_km` of a paying one.
    spill_over : Estimate or None
        Effect on the cities nearby, when they can be compared.
    radius_km : float
        0 for no ring.
    """

    roll_out: RollOut
    fit: EffectFit
    paid_cny: float
    twfe: Estimate
    already: float
    placebo: pd.DataFrame
    randomisation: Randomisation | None
    near: tuple[str, ...]
    spill_over: Estimate | None
    radius_km: float

    @property
    def per_fen(self) -> float:
        """Overall effect per fen of subsidy in force."""
        return self.fit.overall.estimate / (100 * self.paid_cny) if self.paid_cny else np.nan


def study(
    panel: pd.DataFrame,
    platform: str,
    *,
    measure: str,
    control: str,
    cities: pd.DataFrame,
    radius_km: float = 0.0,
    window: tuple[int, int] = (-12, 12),
) -> Study:
    """Effect of having started to pay, with its checks; EffectError where the data cannot carry one.

    `cities` has index city and lat, lon in degrees; `radius_km` leaves out never-paying cities that near to a payer.
    """
    rolled = _rolled(panel, platform, measure=measure, window=window)
    near = _near(rolled, cities, radius_km) if radius_km else ()
    frame = rolled.frame[~rolled.frame["city"].isin(near)]
    columns = rolled.columns
    compared = replace(rolled, frame=frame).att(control=control)
    kinds = decompose(frame, **columns)
    return Study(
        roll_out=rolled,
        fit=compared,
        paid_cny=_paid(frame, window),
        twfe=twfe(frame, **columns),
        already=float(kinds.loc["already", "weight"]),
        placebo=placebo(frame, **columns, control=control, shifts=SHIFTS),
        randomisation=randomise(frame, **columns, window=window) if compared.few_treated else None,
        near=near,
        spill_over=_spill_over(rolled, cities, radius_km) if radius_km else None,
        radius_km=radius_km,
    )


def _rolled(panel: pd.DataFrame, platform: str, **options: Any) -> RollOut:
    if panel["month"].nunique() < 2:
        raise EffectError("one_period", "one month has no before and after: add months")
    return roll_out.frame(panel, platform, **options)


def _near(rolled: RollOut, cities: pd.DataFrame, radius_km: float) -> tuple[str, ...]:
    held = cities.index.isin([*rolled.frame["city"].unique(), *rolled.starts.index])
    return tuple(ring(cities[held], treated=set(rolled.starts.index), radius_km=radius_km))


def _spill_over(rolled: RollOut, cities: pd.DataFrame, radius_km: float) -> Estimate | None:
    """Effect on the cities nearby; None where there are none, or none further away to compare them with."""
    options = rolled.columns
    try:
        found = spill_over(
            rolled.frame, cities, **options, radius_km=radius_km, starts=rolled.starts, window=rolled.window
        )
    except EffectError:
        return None
    return found.overall


def _paid(frame: pd.DataFrame, window: tuple[int, int]) -> float:
    """Mean over treated cities of their mean subsidy from the first paid month to the window's last."""
    return float(_first_year(frame, window).groupby("city", observed=True)["subsidy"].mean().mean())


def _first_year(frame: pd.DataFrame, window: tuple[int, int]) -> pd.DataFrame:
    """Rows of treated cities from the first paid month to the window's last."""
    rows = frame[frame["cohort"].notna()]
    months = (rows["month"].dt.year - rows["cohort"].dt.year) * 12 + rows["month"].dt.month - rows["cohort"].dt.month
    return rows[months.between(0, window[1])]


def slopes(panel: pd.DataFrame, platform: str, *, by: str | None, volume: str = "open_parcels") -> pd.DataFrame:
    """Subsidy effect that the network's roll-out shows, log-odds per CNY, by tier ("all" without `by`).

    Controls are cities that do not pay yet: in a tier few may never pay.

    Returns
    -------
    pandas.DataFrame
        Index group; estimate, low, high, treated. Groups with fewer than ten cities that came to pay, or ten controls,
        are left out.
    """
    groups = [("all", panel)] if by is None else list(panel.groupby(by, observed=True))
    found = {str(name): row for name, rows in groups if (row := _slope(rows, platform, volume)) is not None}
    return pd.DataFrame(found, index=["estimate", "low", "high", "treated"]).T.rename_axis("group")


def _slope(rows: pd.DataFrame, platform: str, volume: str) -> list[float] | None:
    try:
        rolled = _rolled(rows, platform, volume=volume)
        fit = rolled.att(control="not-yet")
    except EffectError:
        return None
    paid, share = _paid(rolled.frame, rolled.window), _share_halfway(rolled, fit)
    if fit.few_treated or fit.controls < FEW_CONTROLS or not paid or not 0 < share < 1:
        return None
    effect = fit.overall
    slope = roll_out_slope((effect.estimate, effect.low, effect.high), subsidy=paid, share=share)
    return [slope.estimate, slope.low, slope.high, fit.treated]


def _share_halfway(rolled: RollOut, fit: EffectFit) -> float:
    """Mean of the share paid for and of what it would have been, over treated cities' months from the first paid."""
    rows = _first_year(rolled.frame, rolled.window)
    share = float(rows["share"].mean())
    return share * (1 + float(np.exp(-fit.overall.estimate))) / 2
