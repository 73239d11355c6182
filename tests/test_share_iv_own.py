"""Drivers with instruments of their own: what is wrong with one tier's instruments stays with that tier."""

import numpy as np
import pytest

from analysis.share import iv

SAME = 1e-8  # the same numbers by another route, through cross-products of condition 1e4


def two_for_each(rng: np.random.Generator, *, invalid: float) -> dict[str, np.ndarray]:
    """Three tiers of forty clusters, each with two instruments; one of the first tier moves the outcome itself."""
    tiers, held, each = 3, 40, 10
    clusters, tier = np.repeat(np.arange(tiers * held), each), np.repeat(np.arange(tiers), held * each)
    z = rng.normal(size=(2, tier.size))
    u = rng.normal(size=tier.size) + 0.3 * rng.normal(size=tiers * held)[clusters]
    x = 0.5 * z.sum(axis=0) + 0.7 * u + rng.normal(size=tier.size)
    inside = tier == np.arange(tiers)[:, None]
    own = np.repeat(np.eye(tiers, dtype=bool), 2, axis=1)
    y = x + u + np.where(inside[0], invalid * z[1], 0.0)
    zs = np.concatenate([z * part for part in inside])
    return {"y": y, "w": np.empty((0, y.size)), "x": x * inside, "z": zs, "clusters": clusters, "own": own}


@pytest.mark.parametrize("invalid", [0.0, 0.3])
def test_an_invalid_instrument_of_one_tier_leaves_the_sets_of_the_others_alone(invalid):
    rng, covered, empty = np.random.default_rng(8), [], []
    for _ in range(400):
        data = two_for_each(rng, invalid=invalid)
        found = iv.two_stage(data["y"], data["w"], data["x"], data["z"], clusters=data["clusters"], own=data["own"])
        covered.append([found.anderson_rubin(tier, held=40).holds(1.0) for tier in range(3)])
        empty.append(found.anderson_rubin(2, held=40).kind == "empty")
    first, *others = np.mean(covered, axis=0)
    assert all(0.92 <= share <= 0.98 for share in others)  # binomial error 0.011
    assert first < 0.6 if invalid else first > 0.92
    assert np.mean(empty) < 0.05


def test_own_instruments_give_the_set_and_the_f_of_the_tier_alone():
    data = two_for_each(np.random.default_rng(9), invalid=0.3)
    joint = iv.two_stage(data["y"], data["w"], data["x"], data["z"], clusters=data["clusters"], own=data["own"])
    rows = data["x"][2] != 0
    alone = iv.two_stage(
        data["y"][rows],
        data["w"][:, rows],
        data["x"][2:, rows],
        data["z"][4:, rows],
        clusters=data["clusters"][rows] - 80,
    )
    n, c, width = rows.size, 120, 2
    factor = (c / (c - 1) * (n - 1) / (n - width - 2)) / (40 / 39 * (n / 3 - 1) / (n / 3 - width))
    assert joint.conditional_f[2] * factor == pytest.approx(alone.first_stage[0], rel=SAME)
    mine, theirs = joint.anderson_rubin(2, held=40), alone.anderson_rubin()
    assert (mine.low, mine.high) == pytest.approx((theirs.low, theirs.high), abs=0.02 * (theirs.high - theirs.low))


def test_with_one_instrument_each_nothing_is_left_to_leave_out():
    """The tiers share exogenous drivers, so nothing is block-diagonal; each set still holds its own estimate."""
    rng = np.random.default_rng(10)
    data = two_for_each(rng, invalid=0.0)
    w = rng.normal(size=(2, data["y"].size)) + data["x"].sum(axis=0) + data["z"].sum(axis=0)
    shared = data["z"][::2] + 0.2 * rng.normal(size=w.shape[1])
    options = {"clusters": data["clusters"]}
    every = iv.two_stage(data["y"] + w[0], w, data["x"], shared, **options)
    own = iv.two_stage(data["y"] + w[0], w, data["x"], shared, own=np.eye(3, dtype=bool), **options)
    assert own.conditional_f == pytest.approx(every.conditional_f, rel=1e-6)
    for tier in range(3):
        mine, theirs = own.anderson_rubin(tier), every.anderson_rubin(tier)
        assert mine.holds(own.params[tier])
        assert mine.parts[0] == pytest.approx(theirs.parts[0], rel=1e-5)
