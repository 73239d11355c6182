"""Who gains by the subsidy war: profits now and at rest against none of those that play paying anything."""

import numpy as np
import pandas as pd

from analysis.rivalry import Equilibrium, Game, profit_at
from analysis.views import plain
from analysis.views.look import Look, View
from analysis.views.theme import fade
from data.grade import Grade, weakest

RIGHT = 130
"""Pixels for the amounts at the end of the rows."""


def players(game: Game) -> list[int]:
    """Rows of the networks that answer somewhere."""
    return [row for row in range(len(game.platforms)) if game.plays[row] and game.offered[row].any()]


def prisoners(equilibrium: Equilibrium, game: Game, look: Look, *, caption: str, grade: Grade) -> View:
    """What the war brings each network a month, now and at rest, against none of those that play paying anything."""
    rows = players(game)
    peace = profit_at(game, np.where(game.plays[:, None] & game.offered, game.floor, game.subsidy))
    turns = equilibrium.cycle or (equilibrium.subsidy,)
    then = np.mean([profit_at(game, turn) for turn in turns], axis=0)
    profits = np.stack([profit_at(game, game.subsidy), then, peace])[:, rows]
    gains = pd.DataFrame(
        {"now": profits[0] - profits[2], "then": profits[1] - profits[2]}, [game.platforms[r] for r in rows]
    )
    gains = gains.sort_values("then", ascending=False, kind="stable")
    labels = [look.name(str(name)) for name in gains.index]
    colours = [look.theme.colour(str(name)) for name in gains.index]
    figure = plain.figure(
        [
            _bars(gains["now"], labels, [fade(colour, 0.45) for colour in colours], look, "rivalry.profit_now"),
            _bars(gains["then"], labels, colours, look, f"rivalry.profit_{equilibrium.status}"),
        ],
        look,
        height=46 * max(len(labels), 2) + 20,
        right=RIGHT,
        x={"visible": False},
        y=plain.rows_axis(),
        bargap=0.3,
        barmode="group",
        shapes=[plain.rule(look, x=0)],
        annotations=plain.at_right(
            look, {label: _signed(v, look) for label, v in zip(labels, gains["then"], strict=True)}
        ),
    )
    title = _prisoner_finding(gains["then"], look)
    items = look.join(f"{label} {_signed(value, look)}" for label, value in zip(labels, gains["then"], strict=True))
    alt = look.say("rivalry.alt_prisoners", title=title, items=items)
    table = pd.DataFrame(
        profits.T.round(0),
        pd.Index([look.name(game.platforms[r]) for r in rows], name=look.say("market.network")),
        [
            look.say(key)
            for key in ("rivalry.profit_now", f"rivalry.profit_{equilibrium.status}", "rivalry.profit_peace")
        ],
    )
    said = look.say("rivalry.gains", caption=caption, then=look.say(f"rivalry.then_{equilibrium.status}"))
    return View(figure, table, title, said, alt, weakest(grade, Grade.MODELLED))


def _bars(values: pd.Series, labels: list[str], colours: list[str], look: Look, name: str) -> plain.Trace:
    return {
        "type": "bar",
        "orientation": "h",
        "x": plain.numbers(values),
        "y": labels,
        "name": look.say(name),
        "marker": {"color": colours},
        "customdata": [_signed(value, look) for value in values],
        "hovertemplate": f"%{{y}} · {look.say(name)} <b>%{{customdata}}</b><extra></extra>",
    }


def _signed(value: float, look: Look) -> str:
    return look.money(value, signed=True).replace("-", "−")


def _prisoner_finding(gains: pd.Series, look: Look) -> str:
    if gains.empty or gains.abs().max() < 1:
        return look.say("rivalry.prisoners_nothing")
    winners = [look.name(str(name)) for name in gains.index[gains > 0]]
    total = float(gains.sum())
    if 0 < len(winners) < len(gains):
        said = {"names": look.few(winners), "n": len(gains) - len(winners), "amount": _signed(total, look)}
        return look.say("rivalry.prisoners_one" if said["n"] == 1 else "rivalry.prisoners_some", **said)
    return look.say("rivalry.prisoners_none" if winners else "rivalry.prisoners_all", amount=look.money(abs(total)))
