"""Which curve a back-test chooses.

The rule: of the curves tried at every origin whose widened 95 % bands held at least `LEAST` of the targets and score no
worse (MSIS) than those of seasonal naive, the one with the lowest MASE, if that is below the MASE of seasonal naive;
otherwise seasonal naive. Fewer origins than `trying.ORIGINS` settle nothing: then it is seasonal naive as well. Where
seasonal naive could not be tried, naive takes its place.

Bands that are too wide need no limit of their own: MSIS counts their width.
"""

import numpy as np
import pandas as pd

from analysis.growth.testing.trying import ORIGINS

LEAST = 0.85
BENCHMARKS = ("seasonal naive", "naive")
"""What has to be beaten: the second where the first could not be tried."""
REASONS = ("beats", "nothing_beats", "too_short")


def benchmark(scores: pd.DataFrame) -> str:
    """What has to be beaten among the rows of `scores`."""
    return next((key for key in BENCHMARKS if key in scores.index), BENCHMARKS[-1])


def keeps(scores: pd.DataFrame) -> pd.Series:
    """Whether the widened 95 % band of each curve (columns held_95, msis) can be believed and is of use."""
    return (scores["held_95"] >= LEAST) & ~(scores["msis"] > scores["msis"].get(benchmark(scores), np.nan))


def choose(scores: pd.DataFrame, *, origins: int) -> tuple[str, str]:
    """Key of the chosen curve and the reason, one of `REASONS`; `scores`: index curve, columns mase, held_95, msis."""
    bar = benchmark(scores)
    if origins < ORIGINS:
        return bar, "too_short"
    kept = keeps(scores) & (scores["mase"] < scores["mase"].get(bar, np.nan))
    if not kept.any():
        return bar, "nothing_beats"
    return str(scores["mase"][kept].idxmin()), "beats"
