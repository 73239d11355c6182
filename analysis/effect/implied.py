"""What a fitted share model says of the same roll-out, to be set beside the estimate."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effect.design import Floats
from analysis.effect.inference import Estimate
from analysis.effect.roll_out import RollOut
from analysis.share.result import critical


@dataclass(frozen=True, slots=True, eq=False)
class Implied:
    """Effect of the subsidies paid, by the share model, in the unit of the roll-out's outcome.

    Attributes
    ----------
    event : pandas.DataFrame
        Index months since the first subsidy, from 0: estimate, std_error, low, high.
    overall : Estimate
        Average over treated cities of their own average after the first subsidy, as `EffectFit.overall`.
    """

    event: pd.DataFrame
    overall: Estimate


def implied(
    rolled: RollOut,
    slopes: pd.Series,
    covariance: pd.DataFrame | None = None,
    *,
    freedom: Floats | None = None,
    level: float = 0.95,
) -> Implied:
    """Observed shares against those of the share model had the network paid nothing, rivals paying what they paid.

    With S observed at subsidy s, the share without it is S0 = S e^(-bs) / (1 - S + S e^(-bs)); the effect is
    ln S - ln S0, to first order b s (1 - S), or S - S0 for shares.

    Parameters
    ----------
    rolled : RollOut
    slopes : pandas.Series
        Log-odds per CNY per parcel by tier, or one for "all" (`ShareFit.slope`).
    covariance : pandas.DataFrame, optional
        Of the slopes, labelled alike; errors follow by the delta method. None takes them as known.
    freedom : (slopes,) float64, optional
        Degrees of freedom of each slope (`ShareFit.freedom`); intervals take the least of those used. Infinite by
        default.
    """
    if rolled.measure == "answer":
        raise ValueError("the share model says nothing of what rivals pay: choose log_share, share or log_volume")
    cells = rolled.frame.dropna(subset="cohort")
    months = cells["month"].dt.year * 12 + cells["month"].dt.month
    event = (months - cells["cohort"].dt.year * 12 - cells["cohort"].dt.month).rename("event")
    used = event.between(0, rolled.window[1])
    cells, event = cells[used], event[used]
    groups = pd.Index(["all"] * len(cells)) if list(slopes.index) == ["all"] else pd.Index(cells["tier"].astype(str))
    place = pd.Index(slopes.index.astype(str)).get_indexer(groups)
    if (place < 0).any():
        raise ValueError(f"no slope for {groups[place < 0][0]}: fit the share model on a panel that has this tier")
    effect, gradient = _effect(cells, slopes.to_numpy(np.float64)[place], rolled.measure)
    parts = np.zeros((len(cells), len(slopes)))
    parts[np.arange(len(cells)), place] = gradient
    spread = np.zeros((len(slopes),) * 2) if covariance is None else covariance.to_numpy(np.float64)
    df = np.inf if freedom is None else float(freedom[np.unique(place)].min())
    half = float(critical(level, np.array([df]))[0])
    by_event = _averaged(effect, parts, event.array, spread, half)
    by_city = cells.groupby("city", observed=True)["city"].transform("size").to_numpy(np.float64)
    weight = 1 / by_city / (1 / by_city).sum() * len(cells)
    whole = _averaged(effect * weight, parts * weight[:, None], np.zeros(len(cells)), spread, half).iloc[0]
    return Implied(by_event.rename_axis("event"), Estimate(*map(float, whole)))


def _effect(cells: pd.DataFrame, slope: Floats, measure: str) -> tuple[Floats, Floats]:
    """Effect of each cell's subsidy and its derivative in the slope."""
    share, subsidy = (cells[name].to_numpy(np.float64) for name in ("share", "subsidy"))
    left = share * np.exp(-slope * subsidy)
    without = left / (1 - share + left)
    if measure == "share":
        return share - without, subsidy * without * (1 - without)
    return np.log(share) - np.log(without), subsidy * (1 - without)


def _averaged(effect: Floats, parts: Floats, keys: object, covariance: Floats, errors: float) -> pd.DataFrame:
    """Means by key with intervals `errors` standard errors to each side."""
    means = pd.DataFrame(np.column_stack([effect, parts])).groupby(np.asarray(keys)).mean()
    gradient = means.iloc[:, 1:].to_numpy()
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", gradient, covariance, gradient), 0.0))
    half = errors * error
    estimate = means[0]
    return pd.DataFrame({"estimate": estimate, "std_error": error, "low": estimate - half, "high": estimate + half})
