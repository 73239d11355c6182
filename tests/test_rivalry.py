"""Best answers: closed form, two peaks with captive parcels, budgets, and the places where nothing moves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import lambertw

from analysis.rivalry import (
    Game,
    Rule,
    best_response,
    best_responses,
    first_order,
    profit_at,
    shares_at,
    spend_at,
)
from analysis.rivalry.best_response import answer
from tests.games import LAW, duel, games

ZERO = 1e-10
"""CNY per parcel: the first-order condition, solved to rounding."""
GAIN = 1e-12
"""Part of profit: rounding of a sum."""
ROUNDING = 1e-12
"""Exact in real numbers."""
SPENT = 1e-9
"""Part of a budget: root of the spending."""


def with_answer(game, row, best):
    subsidy = game.subsidy.copy()
    subsidy[row] = best
    return subsidy


@LAW
@given(st.one_of(games(), games(captive=True)))
def test_best_answer_meets_its_condition_or_the_floor(game):
    for row in range(len(game.platforms)):
        at = with_answer(game, row, best_response(game, row, game.subsidy))
        short = first_order(game, at)[row]
        floor = at[row] <= game.floor
        assert (np.abs(short[~floor]) < ZERO).all()
        assert (short[floor] <= ZERO).all()


@LAW
@given(games(captive=True))
def test_nothing_on_a_fine_grid_earns_more(game):
    best = best_response(game, 0, game.subsidy)
    ours = profit_at(game, with_answer(game, 0, best))[0]
    for group in range(len(game.groups)):
        for paid in np.linspace(0, game.margin[0, group] * 1.01, 301):
            other = best.copy()
            other[group] = paid
            assert profit_at(game, with_answer(game, 0, other))[0] <= ours * (1 + GAIN)


@LAW
@given(games())
def test_closed_form_is_lamberts(game):
    # m - s = (1 + W(e^(d + b m - 1))) / b with d the log-odds at a subsidy of 0: Li and Huh (2011), Manufacturing &
    # Service Operations Management 13(4), on prices under the logit.
    best = best_response(game, 0, game.subsidy)
    others = 1 - game.share[0]
    lean = np.log(game.share[0] / others) - game.slope * game.subsidy[0]
    known = game.margin[0] - (1 + lambertw(np.exp(lean + game.slope * game.margin[0] - 1)).real) / game.slope
    np.testing.assert_allclose(best, np.maximum(known, 0), atol=ROUNDING)


def test_huge_margins_do_not_overflow():
    game = duel([1, 1, 1], slope=1000.0, margin=50.0)
    best = best_response(game, "n0", game.subsidy)
    at = with_answer(game, 0, best)
    assert 0.01 < best[0] < 0.02
    assert np.abs(first_order(game, at)[0]) < ZERO * 50
    assert np.isfinite(shares_at(game, at)).all()


def test_the_higher_of_two_peaks_is_taken():
    # Few contestable parcels are won at first: profit falls, rises and falls again, and the margin decides.
    answers = {}
    for margin in (0.40, 0.60):
        game = duel([0.02, 0.98], slope=15.0, margin=margin, captive=0.3)
        grid = np.linspace(0, margin, 20001)
        earned = [profit_at(game, np.array([[s], [0]]))[0] for s in grid]
        peaks = np.flatnonzero((np.diff(earned)[:-1] > 0) & (np.diff(earned)[1:] <= 0)) + 1
        assert len(peaks) == 1
        assert earned[0] > earned[1]
        best = best_response(game, 0, game.subsidy)[0]
        assert best == pytest.approx(grid[np.argmax(earned)], abs=margin / 20000)
        answers[margin] = best
    assert answers[0.40] == 0
    assert answers[0.60] > 0.3


def test_floor_where_a_subsidy_moves_nothing():
    game = Game(
        platforms=("a", "b", "c"),
        groups=("no effect", "wrong sign", "all captive", "absent", "alone", "lively"),
        share=np.array([[0.5, 0.5, 0, 0, 1, 0.5], [0.5, 0.5, 0, 0.6, 0, 0.5], [0, 0, 0, 0.4, 0, 0]]),
        parcels=np.array([1e6, 1e6, 0, 1e6, 1e6, 1e6]),
        captive=np.array(1e5),
        subsidy=np.full((3, 6), 0.07),
        slope=np.array([0, -5.0, 10, 10, 10, 10]),
        margin=np.array(0.9),
        offered=np.array([[True, True, True, False, True, True]] * 3),
    )
    best, at_once = best_response(game, "a", game.subsidy), best_responses(game, game.subsidy)
    assert best[:5].tolist() == [0, 0, 0, 0.07, 0]
    assert best[5] > 0.2
    np.testing.assert_allclose(at_once[0], best, atol=ROUNDING)
    assert at_once[2, 5] == 0


@LAW
@given(games(captive=True))
def test_all_at_once_is_one_by_one(game):
    at_once = best_responses(game, game.subsidy)
    for row, plays in enumerate(game.plays):
        alone = best_response(game, row, game.subsidy) if plays else game.subsidy[row]
        np.testing.assert_allclose(at_once[row], alone, atol=ZERO)


@LAW
@given(games(budget=True))
def test_budgets_bind_by_the_book(game):
    for row in np.flatnonzero(game.plays):
        best, multiplier = answer(game, int(row), game.subsidy)
        at = with_answer(game, row, best)
        spent = spend_at(game, at)[row]
        assert spent <= game.budget[row] * (1 + SPENT)
        assert multiplier >= 0
        assert multiplier == 0 or spent == pytest.approx(game.budget[row], rel=SPENT)
        pressed = np.zeros(len(game.platforms))
        pressed[row] = multiplier
        short = first_order(game, at, pressed)[row]
        assert (np.abs(short[best > 0]) < ZERO).all()
        assert (short[best <= 0] <= ZERO).all()


@LAW
@given(games(captive=True, budget=True))
def test_budgets_hold_with_captive_parcels(game):
    free = replace(game, budget=np.array(np.inf))
    nothing = with_answer(game, 0, np.zeros(len(game.groups)))
    for row in (0, 1):
        best, multiplier = answer(game, row, game.subsidy)
        at = with_answer(game, row, best)
        assert spend_at(game, at)[row] <= game.budget[row] * (1 + SPENT)
        without = best_response(free, row, game.subsidy)
        if spend_at(game, with_answer(game, row, without))[row] <= game.budget[row]:
            assert multiplier == 0
            np.testing.assert_array_equal(best, without)
    earned = profit_at(game, with_answer(game, 0, best_response(game, 0, game.subsidy)))[0]
    assert earned >= profit_at(game, nothing)[0] * (1 - GAIN)


@LAW
@given(st.floats(0.01, 0.9), st.floats(0.02, 2.0), st.floats(0.1, 1.2), st.floats(3.0, 40.0), st.floats(0.02, 1.0))
def test_in_one_market_a_budget_with_captive_parcels_is_spent_best(share, captive, margin, slope, part):
    game = duel([share, 1 - share], slope=slope, margin=margin, captive=captive)
    free = best_response(game, 0, game.subsidy)
    budget = part * spend_at(game, with_answer(game, 0, free))[0]
    poor = replace(game, budget=np.array([budget, np.inf]))
    best, _ = answer(poor, 0, game.subsidy)
    grid = np.linspace(0, margin, 1501)
    volume = 1e6 * (1 / (1 + (1 - share) / share * np.exp(-slope * grid)) + captive)
    affordable = volume * grid <= budget
    ours = profit_at(game, with_answer(game, 0, best))[0]
    assert (volume * (margin - grid))[affordable].max() <= ours * (1 + SPENT)


def test_the_multiplier_is_what_one_more_cny_brings():
    game = replace(duel([0.4, 0.3, 0.3], margin=0.9), budget=np.array([4e4, np.inf, np.inf]))
    step = 1.0
    more = replace(game, budget=game.budget + step)
    (least, multiplier), (most, after) = (answer(g, 0, g.subsidy) for g in (game, more))
    gained = profit_at(game, with_answer(game, 0, most))[0] - profit_at(game, with_answer(game, 0, least))[0]
    assert multiplier > after > 0
    assert after < gained / step < multiplier


def test_a_budget_of_nothing_and_one_below_the_floor():
    game = replace(duel([0.4, 0.3, 0.3], margin=0.9), budget=np.array([0.0, np.inf, np.inf]))
    best, multiplier = answer(game, 0, game.subsidy)
    assert best.tolist() == [0]
    pressed = first_order(game, game.subsidy, np.array([multiplier, 0, 0]))
    assert pressed[0, 0] == pytest.approx(0, abs=ZERO)
    best, multiplier = answer(replace(game, floor=0.05), 0, game.subsidy)
    assert best.tolist() == [0.05]
    assert multiplier == np.inf


def test_money_that_would_not_help_is_left_over():
    # The upper peak costs more than the budget, and what the budget buys earns less than paying nothing.
    game = duel([0.02, 0.98], slope=15.0, margin=0.6, captive=0.3)
    assert best_response(game, 0, game.subsidy)[0] > 0
    poor = replace(game, budget=np.array([1e4, np.inf]))
    assert best_response(poor, 0, game.subsidy).tolist() == [0]
    rich = replace(game, budget=0.97 * spend_at(game, with_answer(game, 0, best_response(game, 0, game.subsidy))))
    best, multiplier = answer(rich, 0, game.subsidy)
    assert spend_at(game, with_answer(game, 0, best))[0] == pytest.approx(rich.budget[0], rel=SPENT)
    assert multiplier > 0


@LAW
@given(games())
def test_shares_add_up_and_are_exact_at_the_start(game):
    assert (shares_at(game, game.subsidy) == game.share).all()
    moved = shares_at(game, game.subsidy + np.linspace(0, 0.2, len(game.platforms))[:, None])
    np.testing.assert_allclose(moved.sum(axis=0), 1, atol=ROUNDING)
    assert ((moved > 0) & (moved < 1)).all()
    assert (moved[-1] >= game.share[-1]).all()
    assert (moved[0] <= game.share[0]).all()


def test_profit_and_spending_by_hand():
    game = duel([0.25, 0.25, 0.5], margin=0.3, captive=[0.1, 0.2])
    at = np.full((3, 1), 0.1)
    np.testing.assert_allclose(profit_at(game, at), [0.35e6 * 0.2, 0.45e6 * 0.2, -0.5e6 * 0.1], rtol=ROUNDING)
    np.testing.assert_allclose(spend_at(game, at), [0.35e5, 0.45e5, 0.5e5], rtol=ROUNDING)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slope": np.ones(3)}, r"slope has shape \(3,\): give \(1,\)"),
        ({"margin": np.ones((2, 2))}, "margin has shape"),
        ({"share": np.full((3, 1), 0.5)}, "add to 1"),
        ({"share": np.full((3, 1), np.nan)}, "add to 1"),
        ({"parcels": np.array([-1.0])}, "negative"),
        ({"platforms": ("a",)}, "two or more"),
    ],
)
def test_games_that_make_no_sense_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(duel([1, 1, 1]), **change)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"kind": "angry"}, "no rule"),
        ({"kind": "match", "share": 3.0}, "share to match"),
        ({"kind": "best_response", "lag_months": 0}, "lag"),
        ({"kind": "budget", "budget_cny_per_month": -1.0}, "budget"),
    ],
)
def test_rules_that_make_no_sense_are_refused(given_, words):
    with pytest.raises(ValueError, match=words):
        Rule(**given_)
