"""Which curve a back-test chooses.

The rule: of the curves tried at every origin whose widened 95 % bands held between `LEAST` and `MOST` of the targets
and score no worse (MSIS) than those of seasonal naive, the one with the lowest MASE, if that is below the MASE of
seasonal naive; otherwise seasonal naive. Fewer origins than `trying.ORIGINS` settle nothing: then it is seasonal naive
as well.

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


def benchmark(scores: pd.DataFrame) -> str:
    """What has to be beaten among the rows of `scores`."""
    return next((key for key in BENCHMARKS if key in scores.index), BENCHMARKS[-1])


def keeps(scores: pd.DataFrame, *, origins: int, horizon: int) -> pd.Series:
    """Whether the widened 95 % band of each curve (columns held_95, msis) can be believed and is of use."""
    errors = float(conformal.independent(np.full(horizon, float(origins))).sum())
    held = scores["held_95"].between(LEAST, MOST if errors >= TELLS else 1.0)
    return held & ~(scores["msis"] > scores["msis"].get(benchmark(scores), np.nan))


def choose(scores: pd.DataFrame, *, origins: int, horizon: int) -> tuple[str, str]:
    """Key of the chosen curve and the reason, one of `REASONS`; `scores`: index curve, columns mase, held_95, msis."""
    bar = benchmark(scores)
    if origins < ORIGINS:
        return bar, "too_short"
    beaten = float(scores["mase"].get(bar, np.inf))
    kept = keeps(scores, origins=origins, horizon=horizon) & (scores["mase"] < beaten)
    if not kept.any():
        return bar, "nothing_beats"
    return str(scores["mase"][kept].idxmin()), "beats"
