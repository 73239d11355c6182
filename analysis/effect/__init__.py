"""Effect of a roll-out that starts at different times: staggered difference-in-differences.

Group-time effects and their averages follow Callaway and Sant'Anna (2021), without covariates. Nothing compares with
units that are already treated, which is what makes two-way fixed effects go wrong when effects grow or differ.
"""

from analysis.effect.contrast import decompose, twfe
from analysis.effect.errors import EffectError
from analysis.effect.fit import FEW_TREATED, EffectFit, att
from analysis.effect.inference import Estimate, Pretest
from analysis.effect.permute import Randomisation, placebo, randomise
from analysis.effect.ring import distance_km, ring, spill_over

__all__ = [
    "FEW_TREATED",
    "EffectError",
    "EffectFit",
    "Estimate",
    "Pretest",
    "Randomisation",
    "att",
    "decompose",
    "distance_km",
    "placebo",
    "randomise",
    "ring",
    "spill_over",
    "twfe",
]
