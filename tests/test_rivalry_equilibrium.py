"""Where the war comes to rest: laws, published games, an independent solver, budgets, several rests and none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq, root

from analysis.rivalry import equilibria, equilibrium, first_order, path, profit_at, spend_at
from tests.games import FEW, duel, games

ZERO = 1e-10
"""CNY per parcel: residual at which a war has settled."""
SOLVER = 1e-8
"""CNY per parcel: another solver, stopped by its own rule."""
GAIN = 1e-11
"""Part of profit: rounding of a sum, and subsidies settled to 1e-12."""
DIGITS = 5e-6
"""Half of the last published digit."""
DEEP = -100.0
"""CNY per parcel: a floor that never binds."""


@FEW
@given(games())
def test_nobody_gains_alone(game):
    rest = equilibrium(game)
    assert rest.status == "settled"
    assert rest.residual < ZERO
    short = first_order(game, rest.subsidy)[game.plays]
    floor = rest.floor[game.plays]
    assert (np.abs(short[~floor]) < ZERO).all()
    assert (short[floor] <= ZERO).all()
    for row in np.flatnonzero(game.plays):
        for group in range(len(game.groups)):
            for paid in np.linspace(0, game.margin[row, group], 41):
                other = rest.subsidy.copy()
                other[row, group] = paid
                assert profit_at(game, other)[row] <= rest.profit[row] * (1 + GAIN)


@FEW
@given(games())
def test_without_captives_and_budgets_there_is_one_rest(game):
    (rest,) = equilibria(game, starts=4)
    np.testing.assert_allclose(rest.subsidy, equilibrium(game).subsidy, atol=ZERO)


@pytest.mark.parametrize("networks", [2, 3, 5, 12])
def test_symmetric_game_has_the_published_margin(networks):
    # m - s = mu n / (n - 1) with mu = 1/b: Anderson, de Palma and Thisse (1992), Discrete Choice Theory of Product
    # Differentiation, MIT Press, chapter 7.
    game = replace(duel([1] * networks + [0], slope=8.0, margin=0.5), floor=DEEP)
    rest = equilibrium(game)
    np.testing.assert_allclose(0.5 - rest.subsidy[:-1], networks / (networks - 1) / 8.0, atol=ZERO)


@pytest.mark.parametrize("networks", [1, 2, 4])
def test_with_an_outside_option_the_implicit_solution_holds(networks):
    outside = 0.6
    game = duel([1 - outside] * networks + [outside], slope=12.0, margin=0.5)
    rest = equilibrium(game)

    def short(paid):
        pull = (1 - outside) * np.exp(12 * paid)
        share = pull / (outside + networks * pull)
        return 0.5 - paid - 1 / (12 * (1 - share))

    np.testing.assert_allclose(rest.subsidy[:-1], brentq(short, -1, 0.5, xtol=1e-15), atol=ZERO)
    assert rest.subsidy[-1] == 0


def test_published_duopoly():
    # Calvano, Calzolari, Denicolo and Pastorello (2020), American Economic Review 110(10): a = 2, a0 = 0, c = 1,
    # mu = 1/4, n = 2. Bertrand-Nash price 1.47293, printed by its replications (Epivent and Lambin, 2024). A price is
    # a negative subsidy, a cost a negative margin.
    game = duel([np.exp(8), np.exp(8), 1], slope=4.0, margin=-1.0, floor=DEEP)
    rest = equilibrium(game)
    np.testing.assert_allclose(-rest.subsidy[:2], 1.47293, atol=DIGITS)
    assert rest.residual < ZERO


@FEW
@given(games())
def test_another_solver_finds_the_same(game):
    game = replace(game, floor=DEEP)
    rest = equilibrium(game)
    rows = game.plays

    def short(moves):
        subsidy = game.subsidy.copy()
        subsidy[rows] = moves.reshape(subsidy[rows].shape)
        pull = game.share * np.exp(game.slope * (subsidy - game.subsidy))
        share = (pull / pull.sum(axis=0))[rows]
        return (game.slope * (1 - share) * (game.margin - subsidy)[rows] - 1).ravel()

    found = root(short, rest.subsidy[rows].ravel() - 0.02, method="hybr", tol=1e-13)
    assume(np.abs(found.fun).max() < ZERO)
    np.testing.assert_allclose(rest.subsidy[rows].ravel(), found.x, atol=SOLVER)


@FEW
@given(games(), st.floats(0.01, 0.5))
def test_everybody_pays_more_when_one_keeps_more(game, more):
    before = equilibrium(game).subsidy
    margin = game.margin.copy()
    margin[0] += more
    after = equilibrium(replace(game, margin=margin)).subsidy
    assert (after >= before - ZERO).all()
    paying = after[0] > 0
    assert (after[0, paying] > before[0, paying]).all()


@FEW
@given(games(captive=True), st.randoms(use_true_random=False))
def test_order_of_networks_changes_nothing_without_captives(game, random):
    game = replace(game, captive=np.zeros(game.share.shape))
    order = list(range(len(game.platforms)))
    random.shuffle(order)
    cells = ("share", "captive", "subsidy", "margin", "budget", "plays", "offered")
    shuffled = replace(
        game,
        platforms=tuple(game.platforms[i] for i in order),
        **{name: getattr(game, name)[order] for name in cells},
    )
    before, after = equilibrium(game), equilibrium(shuffled)
    np.testing.assert_allclose(after.subsidy, before.subsidy[order], atol=ZERO)
    np.testing.assert_allclose(after.profit, before.profit[order], rtol=SOLVER)


@FEW
@given(games(captive=True, budget=True))
def test_fen_and_thousands_scale(game):
    fen = replace(
        game,
        subsidy=game.subsidy * 100,
        margin=game.margin * 100,
        slope=game.slope / 100,
        budget=game.budget * 0.1,
        parcels=game.parcels / 1000,
        captive=game.captive / 1000,
    )
    cny, scaled = equilibrium(game, most=60), equilibrium(fen, most=60, tolerance=1e-10)
    assume(cny.status == scaled.status == "settled")
    np.testing.assert_allclose(scaled.subsidy / 100, cny.subsidy, atol=SOLVER)
    np.testing.assert_allclose(scaled.shares, cny.shares, atol=SOLVER)
    np.testing.assert_allclose(scaled.profit, cny.profit / 10, rtol=1e-6)


@FEW
@given(games(budget=True))
def test_budgets_of_all_hold_in_equilibrium(game):
    rest = equilibrium(game)
    assert rest.status == "settled"
    spent = spend_at(game, rest.subsidy)[game.plays]
    budget, multiplier = game.budget[game.plays], rest.multiplier[game.plays]
    assert (spent <= budget * (1 + SOLVER)).all()
    assert ((multiplier == 0) | (np.abs(spent / budget - 1) < SOLVER)).all()
    short = first_order(game, rest.subsidy, rest.multiplier)[game.plays]
    floor = rest.floor[game.plays]
    assert (np.abs(short[~floor]) < SOLVER).all()
    assert (short[floor] <= SOLVER).all()


def test_several_rests_are_all_shown():
    # Whoever fights, the other lives off its captive parcels.
    game = duel([0.020, 0.343, 0.637], slope=28.15, margin=[0.711, 0.552], captive=[1.945, 2.824])
    found = equilibria(game)
    assert [one.status for one in found] == ["settled", "settled"]
    low, high = (one.subsidy[:2, 0] for one in found)
    assert low[0] == high[1] == 0
    assert low[1] > 0.03
    assert high[0] > 0.15
    assert found == tuple(sorted(found, key=lambda one: one.subsidy.sum()))
    again = equilibria(game)
    assert [one.subsidy.tolist() for one in again] == [one.subsidy.tolist() for one in found]


def test_a_war_without_rest_is_shown_as_a_cycle():
    # Small network: gives up when the large one pays much. Large: pays less when the small gives up.
    game = duel([0.374, 0.138, 0.488], slope=31.9, margin=[0.251, 0.840], captive=[0.266, 0.198])
    (war,) = equilibria(game)
    assert war.status == "cycle"
    assert war.residual > 0.01
    assert len(war.cycle) == 2
    turns = [equilibrium(game, start=turn, most=1).subsidy for turn in war.cycle]
    np.testing.assert_allclose(turns, [war.cycle[1], war.cycle[0]], atol=1e-7)
    assert np.abs(war.cycle[0] - war.cycle[1]).max() > 0.01
    np.testing.assert_array_equal(war.subsidy, war.cycle[-1])


def test_too_few_rounds_are_unsettled():
    game = duel([0.5, 0.4, 0.1], slope=10.0, margin=0.9)
    assert equilibrium(game, most=2).status == "unsettled"
    assert equilibrium(game).status == "settled"


def test_half_steps_reach_the_same():
    game = duel([0.5, 0.4, 0.1], slope=10.0, margin=0.9)
    calm = equilibrium(game, damping=0.5)
    np.testing.assert_allclose(calm.subsidy, equilibrium(game).subsidy, atol=ZERO)
    assert calm.iterations > equilibrium(game).iterations


@FEW
@given(games(captive=True))
def test_when_nobody_plays_nothing_moves(game):
    still = replace(game, plays=np.zeros(len(game.platforms), dtype=bool))
    rest = equilibrium(still)
    assert (rest.subsidy == game.subsidy).all()
    assert (rest.shares == game.share).all()
    assert (rest.status, rest.residual, rest.floor.any()) == ("settled", 0, False)
    assert len(equilibria(still)) == 1
    assert (path(still, steps=3) == game.subsidy).all()


def test_the_path_starts_today_and_ends_at_rest():
    game = duel([0.5, 0.3, 0.2], slope=10.0, margin=[0.5, 0.6])
    rest = equilibrium(game).subsidy
    for sequential in (False, True):
        rounds = path(game, steps=60, sequential=sequential)
        assert rounds.shape == (61, 3, 1)
        assert (rounds[0] == game.subsidy).all()
        np.testing.assert_allclose(rounds[-1], rest, atol=ZERO)
    assert path(game, steps=1)[1, 1, 0] < path(game, steps=1, sequential=True)[1, 1, 0]


def test_a_start_may_be_given_and_is_not_written_to():
    game = duel([0.5, 0.3, 0.2], slope=10.0, margin=0.5)
    start = np.array([[0.2], [0.1], [0.0]])
    rest = equilibrium(game, start=start)
    assert start.ravel().tolist() == [0.2, 0.1, 0.0]
    np.testing.assert_allclose(rest.subsidy, equilibrium(game).subsidy, atol=ZERO)
