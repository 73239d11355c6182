"""Which curve a back-test chooses.

The rule: of the curves tried at every origin whose widened 95 % bands held between `LEAST` and `MOST` of the targets,
the one with the lowest MASE, if that is below the MASE of seasonal naive; otherwise seasonal naive. Fewer origins than
`trying.ORIGINS` settle nothing: then it is seasonal naive as well.

`MOST` applies once the trial has `TELLS` independent errors: fewer would rarely show the one in a hundred that falls
outside a band of 99 %.
"""

import numpy as np
import pandas as pd

from analysis.growth import conformal
from analysis.growth.trying import ORIGINS

LEAST, MOST = 0.85, 0.99
TELLS = 100
BENCHMARKS = ("seasonal naive", "naive")
"""What has to be beaten: the second where dates are uneven, so that no season is a year ago."""
REASONS = ("beats", "nothing_beats", "too_short")


def keeps(held: pd.Series, *, origins: int, horizon: int) -> pd.Series:
    """Whether held 95 % coverage, one row a curve, is that of a band to be believed."""
    errors = float(conformal.independent(np.full(horizon, float(origins))).sum())
    return held.between(LEAST, MOST if errors >= TELLS else 1.0)


def choose(scores: pd.DataFrame, *, origins: int, horizon: int) -> tuple[str, str]:
    """Key of the chosen curve and the reason, one of `REASONS`; `scores` has index curve, columns mase, held_95."""
    benchmark = next((key for key in BENCHMARKS if key in scores.index), BENCHMARKS[-1])
    if origins < ORIGINS:
        return benchmark, "too_short"
    beaten = float(scores["mase"].get(benchmark, np.inf))
    kept = keeps(scores["held_95"], origins=origins, horizon=horizon) & (scores["mase"] < beaten)
    if not kept.any():
        return benchmark, "nothing_beats"
    return str(scores["mase"][kept].idxmin()), "beats"
