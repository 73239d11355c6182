"""Subsidy games for the tests: drawn at random, or small ones with known answers."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from analysis.rivalry import Game

LAW = settings(max_examples=60, deadline=None)
FEW = settings(max_examples=20, deadline=None)
"""For laws that play whole wars."""


def duel(shares, *, slope=10.0, margin=0.4, captive=0.0, **rest):
    """Game in one market; the last share is an outside option that holds still at no subsidy."""
    size = len(shares)
    spread = np.ones((size, 1))
    spread[-1] = 0
    return Game(
        platforms=(*(f"n{i}" for i in range(size - 1)), "home"),
        groups=("Tier 1",),
        share=np.array(shares, dtype=float)[:, None] / sum(shares),
        parcels=np.array([1e6]),
        captive=1e6 * spread * np.reshape([*np.broadcast_to(captive, size - 1), 0], (size, 1)),
        subsidy=np.zeros((size, 1)),
        slope=np.array([slope]),
        margin=spread * np.reshape([*np.broadcast_to(margin, size - 1), 0], (size, 1)),
        plays=spread[:, 0] > 0,
        **rest,
    )


@st.composite
def games(draw, *, captive=False, budget=False, most=4):
    """Two to four networks and an outside option that holds still, in one to three markets."""
    size, groups = draw(st.integers(2, most)) + 1, draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weight = np.exp(rng.normal(0, draw(st.floats(0, 1.5)), (size, groups)))
    parcels = rng.uniform(1e5, 1e8, groups)
    fixed = rng.uniform(0, 1, (size, groups)) * parcels * draw(st.sampled_from([0.02, 0.3, 2.0])) if captive else 0.0
    plays = np.arange(size) < size - 1
    return Game(
        platforms=tuple(f"n{i}" for i in range(size)),
        groups=tuple(f"g{i}" for i in range(groups)),
        share=weight / weight.sum(axis=0),
        parcels=parcels,
        captive=np.array(fixed),
        subsidy=rng.uniform(0, 0.15, (size, groups)),
        slope=rng.uniform(2, 40, groups),
        margin=rng.uniform(0.02, draw(st.sampled_from([0.3, 1.2])), (size, groups)),
        budget=np.where(plays, rng.uniform(0.001, 0.1, size) * parcels.sum(), np.inf) if budget else np.array(np.inf),
        plays=plays,
    )
