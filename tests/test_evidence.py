"""Evidence ladder: conversions in closed form, and intervals that never narrow on weaker evidence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import evidence
from data.grade import Grade

EXACT = 1e-12

numbers = st.floats(-20, 20)
widths = st.floats(0, 10)
table = st.tuples(numbers, widths, widths).map(
    lambda t: pd.DataFrame([[t[0], t[0] - t[1], t[0] + t[2]]], ["Tier 3"], list(evidence.COLUMNS))
)


def one(estimate: float, low: float, high: float, group: str = "Tier 3") -> pd.DataFrame:
    return pd.DataFrame([[estimate, low, high]], [group], list(evidence.COLUMNS))


def test_an_assumed_elasticity_becomes_a_slope():
    # eta = b s (1 - S): 0.5 at 0.1 CNY and a share of 0.2 is b = 6.25
    found = evidence.assumed_slope((0.3, 0.5), subsidy=0.1, share=0.2)
    assert (found.low, found.high) == pytest.approx((3.75, 6.25))
    assert found.estimate == pytest.approx(5.0)
    assert (found.rung, found.grade) == ("assumed", Grade.ASSUMED)


@pytest.mark.parametrize(("subsidy", "share"), [(0.0, 0.2), (0.1, 1.0), (0.1, -0.1), (float("nan"), 0.1)])
def test_impossible_conditions_are_refused(subsidy, share):
    with pytest.raises(ValueError, match="subsidy"):
        evidence.assumed_slope((0.1, 0.2), subsidy=subsidy, share=share)


def test_units_cancel():
    yuan = evidence.assumed_slope((0.3, 0.5), subsidy=0.1, share=0.2)
    fen = evidence.assumed_slope((0.3, 0.5), subsidy=10, share=0.2)
    assert fen.estimate == pytest.approx(yuan.estimate / 100)


def test_a_precise_association_is_not_shown_as_the_best_known():
    ladder = evidence.ladder({"association": one(8, 7.9, 8.1), "instrumented": one(9, 7, 11)}).loc["Tier 3"]
    assert ladder.index.tolist() == ["association", "instrumented"]
    assert ladder.loc["instrumented", ["low", "high"]].tolist() == pytest.approx([6.5, 11.5])
    # 1.5 x 0.1 would be narrower than what the instrument gives
    assert ladder.loc["association", ["low", "high"]].tolist() == pytest.approx([5.5, 10.5])
    assert ladder.loc["association", "factor"] == pytest.approx(25)
    assert ladder["best"].tolist() == [False, True]
    assert ladder.loc["association", ["raw_low", "raw_high"]].tolist() == [7.9, 8.1]


def test_alone_each_rung_is_widened_by_its_own_factor():
    for rung, factor in evidence.WIDENING.items():
        row = evidence.ladder({rung: one(5, 4, 7)}).loc[("Tier 3", rung)]
        assert (row["low"], row["high"], row["factor"]) == pytest.approx((5 - factor, 5 + 2 * factor, factor))
    assert list(evidence.WIDENING) == list(evidence.RUNGS)
    assert sorted(evidence.WIDENING.values(), reverse=True) == list(evidence.WIDENING.values())


@given(st.dictionaries(st.sampled_from(evidence.RUNGS), table, min_size=1))
def test_intervals_never_narrow_down_the_ladder(rungs):
    found = evidence.ladder(rungs).loc["Tier 3"]
    down, up = found["estimate"] - found["low"], found["high"] - found["estimate"]
    assert (np.diff(down) <= EXACT * 100).all()
    assert (np.diff(up) <= EXACT * 100).all()
    assert (down >= found["estimate"] - found["raw_low"] - 1e-9).all()
    assert found["best"].tolist() == [False] * (len(found) - 1) + [True]
    assert evidence.best(evidence.ladder(rungs))["Tier 3"].rung == max(rungs, key=evidence.RUNGS.index)


def test_an_unbounded_interval_is_no_evidence():
    ladder = evidence.ladder({"association": one(8, 7, 9), "instrumented": one(9, -np.inf, np.inf)})
    assert ladder.index.tolist() == [("Tier 3", "association")]
    with pytest.raises(ValueError, match="no rung"):
        evidence.ladder({"instrumented": one(9, -np.inf, np.inf)})


def test_groups_stand_on_their_own_rungs():
    both = pd.concat([one(8, 7, 9), one(3, 2, 4, "Tier 1")])
    ladder = evidence.ladder({"association": both, "quasi_experimental": one(9, 8, 10)})
    best = evidence.best(ladder)
    assert (best["Tier 3"].rung, best["Tier 1"].rung) == ("quasi_experimental", "association")
    assert ladder.loc[("Tier 1", "association"), "low"] == pytest.approx(1.5)


def test_pieces_go_in_as_a_frame():
    assumed = evidence.assumed_slope((0.3, 0.5), subsidy=0.1, share=0.2)
    ladder = evidence.ladder({"assumed": evidence.frame(assumed), "association": one(6, 5, 7, "all")})
    assert ladder.loc[("all", "assumed"), "grade"] == Grade.ASSUMED
    assert ladder.loc[("all", "assumed"), ["low", "high"]].tolist() == pytest.approx([2.5, 7.5])


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="unknown"):
        evidence.ladder({"hunch": one(1, 0, 2)})
    with pytest.raises(ValueError, match="hold its estimate"):
        evidence.ladder({"association": one(5, 6, 7)})
    with pytest.raises(ValueError, match="columns"):
        evidence.ladder({"association": one(5, 4, 6).drop(columns="low")})
    with pytest.raises(ValueError, match="lower one first"):
        evidence.assumed_slope((0.5, 0.3), subsidy=0.1, share=0.2)
