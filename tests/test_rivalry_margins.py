"""Implied margins: a simulated war gives its own back, and those that cannot be believed say why."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from analysis.rivalry import best_response, credible, doubts, equilibrium, implied_margin, shares_at
from tests.games import FEW, duel, games

SAME = 1e-9
"""CNY per parcel: margins of a war settled to 1e-12."""


def fought(game):
    rest = equilibrium(game)
    return replace(game, share=rest.shares, subsidy=rest.subsidy), rest


@FEW
@given(games())
def test_a_war_gives_its_margins_back(game):
    after, rest = fought(game)
    margin = implied_margin(after)
    paying = game.plays[:, None] & ~rest.floor
    np.testing.assert_allclose(margin[paying], game.margin[paying], atol=SAME)
    assert (margin[rest.floor] >= game.margin[rest.floor] - SAME).all()


@FEW
@given(games(captive=True))
def test_also_with_captive_parcels(game):
    after, rest = fought(game)
    if rest.status != "settled":
        return
    margin, why = implied_margin(after), doubts(after, most=np.inf)
    paying = game.plays[:, None] & ~rest.floor
    np.testing.assert_allclose(margin[paying], game.margin[paying], atol=SAME)
    assert (margin[rest.floor] >= game.margin[rest.floor] - SAME).all()
    assert (why[paying] == "").all()
    assert (why[rest.floor] == "only_a_limit").all()


@FEW
@given(games(captive=True))
def test_at_the_floor_the_margin_is_the_largest_that_keeps_it(game):
    game = replace(game, subsidy=np.zeros(game.share.shape))
    margin = implied_margin(game)
    for scale, stays in ((1 - 1e-6, True), (1 + 1e-6, False)):
        tried = replace(game, margin=margin * scale)
        best = np.stack([best_response(tried, row, game.subsidy) for row in range(len(game.platforms))])
        assert ((best == 0) == stays).all()


@FEW
@given(games(captive=True))
def test_today_is_at_rest_under_its_own_margins(game):
    paid = np.where(game.share > 0.3, 0.0, game.subsidy)
    game = replace(game, subsidy=paid)
    if (doubts(game, most=np.inf) == "no_best_answer").any():
        return
    own = replace(game, margin=implied_margin(game))
    rest = equilibrium(own)
    assert (rest.status, rest.iterations) == ("settled", 1)
    np.testing.assert_allclose(rest.subsidy, game.subsidy, atol=SAME)


def test_published_duopoly_gives_its_cost_back():
    # Prices and costs of test_published_duopoly in test_rivalry_equilibrium.py: c = 1 at p = 1.47293.
    game = duel([np.exp(8), np.exp(8), 1], slope=4.0, margin=-1.0, floor=-100.0)
    paid = np.array([[-1.47293], [-1.47293], [0]])
    margin = implied_margin(replace(game, share=shares_at(game, paid), subsidy=paid))
    np.testing.assert_allclose(-margin[:2], 1, atol=5e-5)


def test_by_hand():
    # 0.10 + 1 / (10 x (1 - 0.5)) = 0.30.
    game = replace(duel([0.5, 0.3, 0.2]), subsidy=np.full((3, 1), 0.1))
    assert implied_margin(game)[0, 0] == pytest.approx(0.30, abs=1e-12)


def test_doubts_say_why():
    game = duel([0.95, 0.04, 0.01], slope=10.0, captive=[0.0, 0.5])
    game = replace(game, subsidy=np.array([[0.1], [0.08], [0.0]]), offered=np.array([[True], [True], [True]]))
    assert implied_margin(game)[0, 0] == pytest.approx(2.1)
    # The second wins so little beside its captive parcels that paying nothing always earns more.
    assert doubts(game).ravel().tolist() == ["above_fee", "no_best_answer", "only_a_limit"]
    assert doubts(game, most=3.0).ravel()[0] == ""
    absent = replace(game, share=np.array([[0.95], [0.05], [0.0]]), offered=np.array([[True], [True], [False]]))
    assert doubts(absent)[2, 0] == "no_effect"
    assert np.isnan(implied_margin(absent)[2, 0])


def test_credible_is_between_nothing_and_the_delivery_fee():
    assert credible(np.array([-0.1, 0.0, 0.3, 1.28, 1.3, np.nan])).tolist() == [False, True, True, True, False, False]
    assert credible(np.array([1.3]), most=2.0).all()
