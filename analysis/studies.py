"""Everything that is said about one network's roll-out of subsidies: the estimate and what it is held against."""

from dataclasses import dataclass, replace
from typing import Any

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
from analysis.effect.slope import per_dose, slope

FEW_CONTROLS = 10
"""Below this many control cities their own chance decides the effect."""
SHIFTS = (6, 12)
"""Months by which placebo dates come before the real ones."""
DRAWS = {"never": 499, "not-yet": 199}
"""Random deals by control: "not-yet" takes an estimate for each."""


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
    per_fen : Estimate
        Overall effect per fen of subsidy in force.
    twfe : Estimate
        Two-way fixed effects over the same months: a contrast, not an answer.
    already : float
        Part of that contrast that takes cities already paying as controls.
    placebo : pandas.DataFrame
        Index months earlier: estimate, low, high, treated.
    randomisation : Randomisation or None
        When few cities are treated and their dates can be dealt out: within tiers where these allow, else over all.
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
    per_fen: Estimate
    twfe: Estimate
    already: float
    placebo: pd.DataFrame
    randomisation: Randomisation | None
    near: tuple[str, ...]
    spill_over: Estimate | None
    radius_km: float


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
    compared = replace(rolled, frame=frame)
    fit = compared.att(control=control)
    kinds = decompose(frame, **columns, window=window)
    outcome, fen = frame["outcome"].to_numpy(), 100 * frame["subsidy"].to_numpy()
    return Study(
        roll_out=rolled,
        fit=fit,
        paid_cny=_paid(frame, window),
        per_fen=per_dose(compared, outcome, fen, control=control),
        twfe=twfe(frame, **columns, window=window),
        already=float(kinds.loc["already", "weight"]),
        placebo=placebo(frame, **columns, control=control, shifts=SHIFTS),
        randomisation=_randomised(compared, control) if fit.few_treated else None,
        near=near,
        spill_over=_spill_over(rolled, cities, radius_km) if radius_km else None,
        radius_km=radius_km,
    )


def _rolled(panel: pd.DataFrame, platform: str, **options: Any) -> RollOut:
    if panel["month"].nunique() < 2:
        raise EffectError("one_period", "one month has no before and after: add months")
    return roll_out.frame(panel, platform, **options)


def _randomised(rolled: RollOut, control: str) -> Randomisation | None:
    """Dates dealt out inside tiers, or over all cities where tiers allow too few deals; None where neither can be."""
    for within in ("tier", None):
        try:
            return randomise(
                rolled.frame,
                **rolled.columns,
                control=control,
                window=rolled.window,
                within=within,
                draws=DRAWS[control],
            )
        except EffectError:
            continue
    return None


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
    rows = frame[frame["cohort"].notna()]
    months = (rows["month"].dt.year - rows["cohort"].dt.year) * 12 + rows["month"].dt.month - rows["cohort"].dt.month
    return float(rows[months.between(0, window[1])].groupby("city", observed=True)["subsidy"].mean().mean())


def slopes(panel: pd.DataFrame, platform: str, *, by: str | None, volume: str = "open_parcels") -> pd.DataFrame:
    """Subsidy effect that the network's roll-out shows, log-odds per CNY, by tier ("all" without `by`).

    Net of what rivals paid in answer, which takes back part of the gain. Controls are cities that do not pay yet: in a
    tier few may never pay.

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
        rolled = _rolled(rows, platform, volume=volume, measure="log_odds")
        fit = rolled.att(control="not-yet")
        if fit.few_treated or fit.controls < FEW_CONTROLS:
            return None
        found = slope(rolled, rows, volume=volume)
    except EffectError:
        return None
    return [found.estimate, found.low, found.high, fit.treated]
