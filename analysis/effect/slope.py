"""From the effect of having started to pay to the effect of a yuan paid."""

import numpy as np
import pandas as pd

from analysis.effect.design import Floats, read
from analysis.effect.errors import EffectError
from analysis.effect.fit import overall
from analysis.effect.inference import Estimate
from analysis.effect.roll_out import SUBSIDY, RollOut

STEPS = 30
"""Most steps of Newton's method; three or four are enough where there is a solution."""
CLOSE = 1e-10
"""Log-odds per CNY."""
FARTHEST = 300.0
"""Log-odds that no subsidy can be worth: beyond it the search has run away."""


def per_dose(rolled: RollOut, effect: Floats, dose: Floats, *, control: str) -> Estimate:
    """Effect on `effect` over effect on `dose` (a value for each row of the frame), by the delta method.

    Errors are those of what the dose leaves unexplained: the two effects and their covariance in one.
    """
    ratio = _overall(rolled, effect, control).estimate / (given := _overall(rolled, dose, control).estimate)
    if not given > 0:
        raise EffectError("no_dose", "cities that began to pay did not pay more than the others: nothing to divide by")
    left = _overall(rolled, effect - ratio * dose, control)
    return Estimate(ratio, left.std_error / given, ratio + left.low / given, ratio + left.high / given)


def _overall(rolled: RollOut, outcome: Floats, control: str) -> Estimate:
    design = read(rolled.frame.assign(outcome=outcome), **rolled.columns)
    return overall(design, control=control, window=rolled.window)


def slope(rolled: RollOut, panel: pd.DataFrame, *, control: str = "not-yet", volume: str = "open_parcels") -> Estimate:
    """Log-odds per CNY: the slope at which paying cities would have moved like the others, had nobody paid.

    Under the logit the odds of the network against its rivals without any subsidy are V e^(-bs) over the sum of
    V_k e^(-b s_k): rivals that answer take back part of what the subsidy brought. At the true b a roll-out has no
    effect on them. To first order b is the effect on the log-odds over the effect on what the network pays less what
    its rivals pay on average.

    Parameters
    ----------
    rolled : RollOut
        With measure "log_odds".
    panel : pandas.DataFrame
        That `rolled` was made of.
    control : str
    volume : str
        Parcels that the network and its rivals compete for.
    """
    if rolled.measure != "log_odds":
        raise ValueError(f"the slope is read from log-odds, not from {rolled.measure}: frame with measure='log_odds'")
    rows = panel[(panel["platform"] != rolled.platform) & panel["month"].between(*rolled.months)]
    places = pd.MultiIndex.from_frame(rolled.frame[["city", "month"]])
    at = places.get_indexer(pd.MultiIndex.from_frame(rows[["city", "month"]]))
    at, rows = at[at >= 0], rows[at >= 0]
    parcels, paid = rows[volume].to_numpy(np.float64), rows[SUBSIDY].to_numpy(np.float64)
    odds, subsidy = (rolled.frame[name].to_numpy(np.float64) for name in ("outcome", "subsidy"))
    own = odds + np.log(np.bincount(at, parcels, len(places)))
    most, found = max(float(subsidy.max()), float(paid.max(initial=0.0))), 0.0
    for _ in range(STEPS):
        if abs(found) * most > FARTHEST:
            break
        bare = parcels * np.exp(-found * paid)
        rivals, cost = (np.bincount(at, values, len(places)) for values in (bare, bare * paid))
        step = per_dose(rolled, own - found * subsidy - np.log(rivals), subsidy - cost / rivals, control=control)
        if abs(step.estimate) < CLOSE:
            return Estimate(found, step.std_error, found + step.low, found + step.high)
        found += step.estimate
    raise EffectError("no_slope", "no slope undoes the effect: rivals' subsidies outweigh the network's own")
