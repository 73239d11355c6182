"""Pictures of the subsidy war hold the numbers of the game, and their titles are its findings."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.rivalry import equilibrium, implied_margin, path, profit_at, spend_at
from analysis.views import rivalry
from data.grade import Grade
from tests.games import duel

SAID = {"caption": "c", "grade": Grade.ASSUMED}
NAMES = ("cainiao", "duoduo", "home")
DIGITS = 1e-4
"""Numbers are sent to the browser with four decimals."""


def war_game(**changed):
    game = duel([0.3, 0.3, 0.4], slope=12.0, margin=[0.30, 0.45])
    return replace(game, platforms=NAMES, subsidy=np.array([[0.05], [0.06], [0.0]]), **changed)


def circling():
    game = duel([0.374, 0.138, 0.488], slope=31.9, margin=[0.251, 0.840], captive=[0.266, 0.198])
    return replace(game, platforms=NAMES)


def test_war_sets_today_against_the_rest(look):
    game = war_game()
    rest = equilibrium(game)
    view = rivalry.war(rest, game, look, **SAID)
    drawn = view.figure.data[0]
    np.testing.assert_allclose(drawn.z, (rest.subsidy - game.subsidy)[:2])
    assert list(drawn.y) == [look.name("cainiao"), look.name("duoduo")]
    assert drawn.text[0][0] == f"0.050 → <b>{rest.subsidy[0, 0]:.3f}</b>"
    bill = spend_at(game, rest.subsidy) - spend_at(game, game.subsidy)
    assert bill.argmax() == 1
    assert look.name("duoduo") in view.title
    assert look.money(float(bill[1]), signed=True) in view.title
    assert view.caption == look.say("rivalry.residual_settled", caption="c")
    assert float(view.table[look.say("rivalry.residual")].iloc[0]) == pytest.approx(rest.residual, rel=0.5)
    assert view.grade is Grade.ASSUMED
    np.testing.assert_allclose(view.table.iloc[:, 3], rest.subsidy[:2, 0], atol=DIGITS)


def test_war_finding_says_which_way(look):
    low, high = war_game(margin=np.array([[0.1], [0.1], [0]])), war_game()
    for game, key in ((low, "war_down"), (high, "war_up")):
        rest = equilibrium(game)
        title = rivalry.war(rest, game, look, **SAID).title
        words = look.say(f"rivalry.{key}", now="|", then="|", name="|", change="|").split("|")
        assert all(word in title for word in words)


def test_small_changes_stay_pale(look):
    game = war_game()
    rest = equilibrium(game)
    settled = replace(game, share=rest.shares, subsidy=rest.subsidy)
    for played, top in ((settled, rivalry.STRONG), (game, np.abs(rest.subsidy - game.subsidy).max())):
        assert rivalry.war(equilibrium(played), played, look, **SAID).figure.data[0].zmax == pytest.approx(top)


def test_ticks_of_small_subsidies_are_told_apart(look):
    small = replace(war_game(), subsidy=np.array([[0.004], [0.006], [0.0]]))
    for game, form in ((small, ".4f"), (war_game(), ".3f")):
        axis = rivalry.path(np.stack([game.subsidy] * 2), game, look, **SAID).figure["layout"]["yaxis"]
        top = axis["range"][1]
        assert axis["tickformat"] == form
        assert len({f"{tick:{form}}" for tick in np.linspace(0, top, 7)}) == 7


def test_at_rest_nobody_moves(look):
    game = war_game()
    rest = equilibrium(game)
    settled = replace(game, share=rest.shares, subsidy=rest.subsidy)
    view = rivalry.war(equilibrium(settled), settled, look, **SAID)
    assert view.title.startswith(look.say("rivalry.war_same", now="|").split("|")[0])
    assert view.figure.data[0].text[0][0] == f"{rest.subsidy[0, 0]:.3f}"
    still = rivalry.path(path(settled, steps=5), settled, look, **SAID)
    assert still.title == look.say("rivalry.path_still")


def test_a_cycle_is_called_one_everywhere(look):
    game = circling()
    war = equilibrium(game)
    view = rivalry.war(war, game, look, **SAID)
    turns = np.stack(war.cycle)
    paid = view.figure.data[0].text[1][0]
    assert f"{turns[:, 1].min():.3f}–{turns[:, 1].max():.3f}" in paid
    assert f"{len(war.cycle)}" in view.title
    words = look.say("rivalry.war_cycle", n=len(war.cycle), low="|", high="|").split("|")
    assert all(word in view.title for word in words)
    assert view.caption == look.say(
        "rivalry.residual_cycle", caption="c", value=f"{war.residual:.3g}", n=war.iterations
    )
    rounds = rivalry.path(path(game, steps=20, sequential=True), game, look, **SAID)
    assert rounds.title == look.say("rivalry.path_cycle", n=2)
    (shade,) = rounds.figure["layout"]["shapes"]
    assert (shade["x0"], shade["x1"]) == (18, 20)
    gains = rivalry.prisoners(war, game, look, **SAID)
    then = np.mean([profit_at(game, turn) for turn in war.cycle], axis=0)[:2]
    np.testing.assert_allclose(gains.table.iloc[:, 1], then.round(0))


def test_what_has_not_settled_is_not_called_rest(look):
    game = war_game()
    war = equilibrium(game, most=1)
    view = rivalry.war(war, game, look, **SAID)
    assert view.title == look.say("rivalry.war_unsettled", n=1)
    assert look.say("rivalry.residual_unsettled", caption="c", value=f"{war.residual:.3g}", n=1) == view.caption


def test_nobody_plays(look):
    game = war_game(plays=np.zeros(3, dtype=bool))
    war = equilibrium(game)
    assert rivalry.war(war, game, look, **SAID).title == look.say("rivalry.war_nobody")
    assert rivalry.prisoners(war, game, look, **SAID).title == look.say("rivalry.prisoners_nothing")
    assert rivalry.margins(game, look, **SAID).title == look.say("rivalry.margins_nobody")
    assert rivalry.path(path(game, steps=3), game, look, **SAID).figure["data"] == []


def test_path_draws_every_round(look):
    game = war_game()
    rounds = path(game, steps=30, sequential=True)
    view = rivalry.path(rounds, game, look, **SAID)
    drawn = view.figure["data"][1]["y"]
    np.testing.assert_allclose(drawn, rounds[: len(drawn), 0, 0], atol=DIGITS)
    rest = int(np.argmax(np.abs(rounds - rounds[-1]).max(axis=(1, 2)) < rivalry.SEEN))
    assert 1 < rest < 15
    assert view.title == look.say("rivalry.path_rest", n=rest)
    assert rivalry.path(rounds[:2], game, look, **SAID).title == look.say("rivalry.path_moving", n=1)
    assert len(view.table) == 31
    assert [trace["line"]["color"] for trace in view.figure["data"]] == [
        look.theme.colour(name) for name in ("duoduo", "cainiao")
    ]
    assert view.caption == "c"


def test_path_draws_the_six_that_move_most(look):
    names = ("cainiao", "duoduo", "jd", "tuxi", "mama", "sto", "yunda", "jt")
    game = duel([1] * 8 + [8], slope=12.0, margin=np.linspace(0.1, 0.4, 8))
    game = replace(game, platforms=(*names, "home"))
    view = rivalry.path(path(game, steps=10), game, look, **SAID)
    assert len(view.figure["data"]) == len(view.figure["layout"]["annotations"]) == rivalry.LINES == 6
    assert view.caption == look.say("rivalry.path_most", caption="c", n=6)
    assert list(view.table.columns) == [look.name(name) for name in names]


def test_margins_mark_what_cannot_be_believed(look):
    game = duel([0.95, 0.04, 0.005, 0.005], slope=10.0, captive=[0.0, 0.5, 0.0])
    paid = np.array([[0.1], [0.08], [0.0], [0.0]])
    game = replace(game, platforms=("cainiao", "duoduo", "jd", "home"), subsidy=paid)
    view = rivalry.margins(game, look, **SAID)
    margin = implied_margin(game)
    drawn = view.figure.data[0]
    assert [row[0] for row in drawn.text] == ["2.10 !", "×", f"≤ {margin[2, 0]:.2f}"]
    assert np.isnan(drawn.z[1][0])
    assert drawn.z[0][0] == pytest.approx(2.1)
    assert [note.text for note in view.figure.layout.annotations] == ["×"]
    assert view.title == look.say("rivalry.margins_doubtful", n=2, total=2, fee="1.28")
    reasons = [look.say(f"rivalry.doubt_{why}", fee="1.28") for why in ("above_fee", "no_best_answer", "only_a_limit")]
    assert view.table.iloc[:, 4].to_list() == reasons
    generous = rivalry.margins(game, look, most=3.0, **SAID)
    assert generous.title == look.say("rivalry.margins_captive", n=1, total=2, fee="3.00")


def test_margins_that_can_be_believed(look):
    game = war_game()
    margin = implied_margin(game)[:2]
    said = {"low": f"{margin.min():.2f}", "high": f"{margin.max():.2f}", "fee": "1.28"}
    view = rivalry.margins(game, look, **SAID)
    assert view.title == look.say("rivalry.margins_fine", **said)
    assert "" in view.table.iloc[:, 4].to_list()


def test_prisoners_compare_with_peace(look):
    # Two networks share a market without an outside option: paying only hands the margin over.
    game = replace(duel([0.5, 0.5, 0], slope=12.0, margin=0.4), platforms=NAMES)
    rest = equilibrium(game)
    view = rivalry.prisoners(rest, game, look, **SAID)
    peace, then = profit_at(game, np.zeros((3, 1)))[:2], rest.profit[:2]
    now, drawn = view.figure["data"]
    assert now["x"] == [0, 0]
    np.testing.assert_allclose(drawn["x"], then - peace, atol=DIGITS)
    np.testing.assert_allclose(view.table.iloc[:, 2], peace, atol=0.5)
    assert view.title == look.say("rivalry.prisoners_all", amount=look.money(float((peace - then).sum())))


def test_who_keeps_to_the_plan_is_named_and_not_counted_among_all(look):
    game = war_game(plays=np.array([True, False, False]), margin=np.array([[0.5], [0.5], [0.0]]))
    view = rivalry.war(equilibrium(game), game, look, **SAID)
    assert look.say("rivalry.held_1", names=look.name("duoduo")) in view.title
    free = rivalry.war(equilibrium(war_game()), war_game(), look, **SAID).title
    assert look.say("rivalry.held_1", names=look.name("duoduo")) not in free


def test_the_end_that_answers_reach_is_shown_and_others_are_said(look):
    game = war_game()
    rest = equilibrium(game)
    other = replace(rest, subsidy=rest.subsidy + 0.1)
    rounds = path(game, steps=30, sequential=True)
    assert rivalry.shown((other, rest), rounds) is rest
    assert rivalry.shown((other,), rounds) is other
    assert rivalry.several((rest,), rounds, look, caption="c") == "c"
    said = rivalry.several((other, rest), rounds, look, caption="c")
    assert said == look.say("rivalry.several_reached", caption="c", n=2)
    far = replace(rest, subsidy=rest.subsidy + 0.2)
    assert rivalry.several((other, far), rounds, look, caption="c") == look.say(
        "rivalry.several_lowest", caption="c", n=2
    )


def test_rounds_are_drawn_little_beyond_their_rest(look):
    game = war_game()
    rounds = path(game, steps=30, sequential=True)
    view = rivalry.path(rounds, game, look, **SAID)
    rest = int(np.argmax(np.abs(rounds - rounds[-1]).max(axis=(1, 2)) < rivalry.SEEN))
    assert f"{rest}" in view.title
    last = max(rest + rivalry.BEYOND, rivalry.FEWEST)
    assert view.figure["layout"]["xaxis"]["range"] == [0, last]
    assert all(len(line["x"]) == last + 1 for line in view.figure["data"])


def test_some_gain_by_the_war(look):
    rest = equilibrium(game := war_game(margin=np.array([[0.1], [0.9], [0.0]])))
    view = rivalry.prisoners(rest, game, look, **SAID)
    gains = rest.profit - profit_at(game, np.zeros((3, 1)))
    assert gains[1] > 0 > gains[0]
    assert view.figure["data"][1]["y"] == [look.name("duoduo"), look.name("cainiao")]
    assert view.caption == look.say("rivalry.gains", caption="c", then=look.say("rivalry.then_settled"))
    amount = look.money(float(gains[:2].sum()), signed=True).replace("-", "−")
    assert view.title == look.say("rivalry.prisoners_one", names=look.name("duoduo"), n=1, amount=amount)
    both = equilibrium(alone := war_game(margin=np.array([[0.4], [0.4], [0.0]]), share=np.array([[0.1], [0.1], [0.8]])))
    title = rivalry.prisoners(both, alone, look, **SAID).title
    total = float((both.profit - profit_at(alone, np.zeros((3, 1))))[:2].sum())
    assert title == look.say("rivalry.prisoners_none", amount=look.money(total))
