"""The subsidy war: where it comes to rest, how it gets there, the margins it implies, who gains (`prisoners`)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.rivalry import Equilibrium, Game, credible, doubts, implied_margin, spend_at
from analysis.rivalry.game import Floats, parcels_at
from analysis.rivalry.margins import DELIVERY_FEE
from analysis.views import heat, plain
from analysis.views.base import LABEL_GAP
from analysis.views.look import Look, View
from analysis.views.rivalry_gains import players, prisoners
from data.grade import Grade, weakest
from data.platforms import OUTSIDE

__all__ = ["margins", "path", "prisoners", "several", "shown", "war"]

SEEN = 5e-4
"""CNY per parcel: smaller moves do not show in three decimals."""
REPEATS = 1e-6
"""CNY per parcel within which a round repeats an earlier one."""
STRONG = 0.02
"""CNY per parcel: smaller changes do not take the strongest colour."""
LINES = 6
"""Networks drawn round by round: those that move most."""
BEYOND, FEWEST, FEW = 2, 4, 9
"""Rounds drawn after the rest, fewest rounds drawn, and rounds up to which each has a tick."""
RIGHT = 150
"""Pixels for the names at the end of the lines."""
MARKS = {"only_a_limit": "≤ {}", "above_fee": "{} !", "no_best_answer": "×", "no_effect": "", "": "{}"}
"""How a cell of implied margins shows its doubt."""


def war(equilibrium: Equilibrium, game: Game, look: Look, *, caption: str, grade: Grade) -> View:
    """Subsidies now and at rest (or their range over the cycle), network by group; colour is the change."""
    rows = players(game)
    low, high = _range(equilibrium)
    moved = np.where(game.offered, (low + high) / 2 - game.subsidy, np.nan)[rows]
    text = _arrows(game, low, high)[rows]
    labels, groups = _labels(game, rows, look)
    figure = heat.table(
        pd.DataFrame(moved, labels, groups),
        look,
        text=pd.DataFrame(text, labels, groups),
        hover="%{y} · %{x} <b>%{text}</b>",
        both_ways=True,
        limit=max(float(np.nanmax(np.abs(moved), initial=0.0)), STRONG),
        size=12,
    )
    title = _war_finding(equilibrium, game, look)
    values = {"value": f"{equilibrium.residual:.3g}", "n": equilibrium.iterations}
    said = look.say(f"rivalry.residual_{equilibrium.status}", caption=caption, **values)
    items = look.join(
        f"{label} {a:.3f} → {b:.3f}"
        for label, a, b in zip(
            labels, _paid(game, game.subsidy)[rows], _paid(game, (low + high) / 2)[rows], strict=True
        )
    )
    alt = look.say("rivalry.alt_war", title=title, items=items)
    return View(figure, _war_table(equilibrium, game, look), title, said, alt, weakest(grade, Grade.MODELLED))


def shown(ends: Sequence[Equilibrium], rounds: Floats) -> Equilibrium:
    """The end that answers from the subsidies in force lead to; the first where they lead to none."""
    return next((end for end in ends if _reached(end, rounds)), ends[0])


def several(ends: Sequence[Equilibrium], rounds: Floats, look: Look, *, caption: str) -> str:
    """`caption`, with how many ends there are and which one is shown where there is more than one."""
    if len(ends) == 1:
        return caption
    reached = _reached(shown(ends, rounds), rounds)
    return look.say(f"rivalry.several_{'reached' if reached else 'lowest'}", caption=caption, n=len(ends))


def _reached(end: Equilibrium, rounds: Floats) -> bool:
    return end.status == "settled" and bool(np.abs(end.subsidy - rounds[-1]).max() < SEEN)


def _labels(game: Game, rows: list[int], look: Look) -> tuple[list[str], list[str]]:
    return [look.name(game.platforms[row]) for row in rows], [look.term("tier", group) for group in game.groups]


def _range(equilibrium: Equilibrium) -> tuple[Floats, Floats]:
    turns = np.stack(equilibrium.cycle or (equilibrium.subsidy,))
    return turns.min(axis=0), turns.max(axis=0)


def _paid(game: Game, subsidy: Floats) -> Floats:
    """Average subsidy of each network over its parcels, CNY per parcel."""
    parcels = parcels_at(game, subsidy)
    total = parcels.sum(axis=1)
    return np.divide((parcels * subsidy).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)


def _arrows(game: Game, low: Floats, high: Floats) -> npt.NDArray[np.object_]:
    out = np.full(low.shape, "", dtype=object)
    for at in zip(*np.nonzero(game.offered), strict=True):
        then = f"{low[at]:.3f}" if high[at] - low[at] < SEEN else f"{low[at]:.3f}–{high[at]:.3f}"
        now = f"{game.subsidy[at]:.3f}"
        out[at] = now if then == now else f"{now} → <b>{then}</b>"
    return out


def _war_finding(equilibrium: Equilibrium, game: Game, look: Look) -> str:
    rows = players(game)
    if not rows:
        return look.say("rivalry.war_nobody")
    if equilibrium.status == "unsettled":
        return look.say("rivalry.war_unsettled", n=equilibrium.iterations)
    turns = equilibrium.cycle or (equilibrium.subsidy,)
    paid = [_average(game, turn, rows) for turn in turns]
    now = _average(game, game.subsidy, rows)
    if equilibrium.status == "cycle":
        return look.say("rivalry.war_cycle", n=len(turns), low=f"{min(paid):.3f}", high=f"{max(paid):.3f}")
    if np.abs(equilibrium.subsidy - game.subsidy)[rows].max() < SEEN:
        return look.say("rivalry.war_same", now=f"{now:.3f}")
    change = spend_at(game, equilibrium.subsidy) - spend_at(game, game.subsidy)
    most = max(rows, key=lambda row: abs(change[row]))
    way, held = "up" if paid[0] >= now else "down", _held(game, look)
    return look.say(
        f"rivalry.war_{way}{'_held' if held else ''}",
        held=held,
        now=f"{now:.3f}",
        then=f"{paid[0]:.3f}",
        name=look.name(game.platforms[most]),
        change=look.money(float(change[most]), signed=True).replace("-", "−"),
    )


def _held(game: Game, look: Look) -> str:
    """Who keeps to the plan while others answer; empty when everyone answers."""
    still = [look.name(p) for p, plays in zip(game.platforms, game.plays, strict=True) if not plays and p != OUTSIDE]
    return look.say(f"rivalry.held_{'1' if len(still) == 1 else 'n'}", names=look.few(still)) if still else ""


def _average(game: Game, subsidy: Floats, rows: list[int]) -> float:
    parcels = parcels_at(game, subsidy)[rows]
    return float((parcels * subsidy[rows]).sum() / max(parcels.sum(), 1e-300))


def _war_table(equilibrium: Equilibrium, game: Game, look: Look) -> pd.DataFrame:
    low, high = _range(equilibrium)
    cells = [(row, group) for row in players(game) for group in range(len(game.groups)) if game.offered[row, group]]
    at = tuple(np.array(cells, dtype=np.int64).reshape(-1, 2).T)
    return pd.DataFrame(
        {
            look.say("market.network"): [look.name(game.platforms[row]) for row, _ in cells],
            look.say("tier.heading"): [look.term("tier", game.groups[group]) for _, group in cells],
            look.say("rivalry.now"): game.subsidy[at].round(4),
            look.say("rivalry.rest_low"): low[at].round(4),
            look.say("rivalry.rest_high"): high[at].round(4),
            look.say("rivalry.residual"): f"{equilibrium.residual:.0e}",
        }
    )


def path(rounds: Floats, game: Game, look: Look, *, caption: str, grade: Grade) -> View:
    """Average subsidy of each network after each round of answers; `rounds` is `analysis.rivalry.path`.

    What comes to rest is drawn a little beyond it.
    """
    paid = np.stack([_paid(game, subsidy) for subsidy in rounds])
    last = min(max(_rest(rounds) + BEYOND, FEWEST), len(rounds) - 1) if _settles(rounds) else len(rounds) - 1
    everyone, moved = players(game), np.abs(paid - paid[0]).max(axis=0)
    rows = sorted(everyone, key=lambda row: -moved[row])[:LINES]
    x, names = list(map(str, range(last + 1))), {game.platforms[row]: paid[: last + 1, row] for row in rows}
    traces = [
        plain.line(x, values, look.theme.colour(name), hover=f"{look.name(name)} <b>¥%{{y:.3f}}</b>")
        for name, values in names.items()
    ]
    top = max(float(paid[:, rows].max(initial=0.0)) * 1.1, SEEN)
    ends = {name: float(values[-1]) for name, values in names.items()}
    texts = {name: f"<b>¥{end:.3f}</b> {look.name(name)}" for name, end in ends.items()}
    length = _repeats(rounds)
    figure = plain.figure(
        traces,
        look,
        right=RIGHT,
        x={"type": "linear", "range": [0, last], **_whole(last), "title": {"text": look.say("rivalry.rounds")}},
        y={"tickprefix": "¥", "tickformat": f".{_digits(top)}f", "range": [0, top]},
        hovermode="x unified",
        shapes=_shade(look, last, length),
        annotations=plain.end_notes(look, ends, texts, top * LABEL_GAP),
    )
    title = _path_finding(rounds, length, look)
    items = look.join(f"{look.name(name)} ¥{values[0]:.3f} → ¥{values[-1]:.3f}" for name, values in names.items())
    table = pd.DataFrame({look.name(game.platforms[row]): paid[:, row].round(4) for row in everyone})
    table = table.rename_axis(look.say("rivalry.rounds"))
    alt = look.say("rivalry.alt_path", title=title, items=items)
    said = look.say("rivalry.path_most", caption=caption, n=LINES) if len(everyone) > LINES else caption
    return View(figure, table, title, said, alt, weakest(grade, Grade.MODELLED))


def _digits(top: float) -> int:
    """Decimals that tell the ticks from 0 to `top` apart: a tick is a fifth or a tenth of a round number."""
    return max(2, 1 - int(np.floor(np.log10(top))))


def _repeats(rounds: Floats) -> int:
    """Rounds after which subsidies were again what they are at the end; 0 when they rest or never repeat."""
    away = np.abs(rounds - rounds[-1]).max(axis=(1, 2))
    if len(rounds) < 3 or away[-2] < SEEN:
        return 0
    return next((back for back in range(2, len(rounds)) if away[-1 - back] < REPEATS), 0)


def _shade(look: Look, last: int, length: int) -> list[dict[str, object]]:
    """The last turn of a cycle."""
    if not length:
        return []
    area = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": last - length, "x1": last}
    return [{**area, "fillcolor": look.theme.accent, "opacity": 0.1, "line": {"width": 0}, "layer": "below"}]


def _path_finding(rounds: Floats, length: int, look: Look) -> str:
    if length:
        return look.say("rivalry.path_cycle", n=length)
    if not _settles(rounds):
        return look.say("rivalry.path_moving", n=len(rounds) - 1)
    rest = _rest(rounds)
    return look.say(
        "rivalry.path_rest_1" if rest == 1 else "rivalry.path_rest" if rest else "rivalry.path_still", n=rest
    )


def _settles(rounds: Floats) -> bool:
    """Whether the last round moved nothing that shows."""
    return len(rounds) < 2 or bool(np.abs(rounds[-2] - rounds[-1]).max() < SEEN)


def _rest(rounds: Floats) -> int:
    """First round from which nothing that shows is left to move."""
    away = np.abs(rounds - rounds[-1]).max(axis=(1, 2)) >= SEEN
    return int(np.nonzero(away)[0].max(initial=-1)) + 1


def _whole(last: int) -> dict[str, int]:
    """Ticks at whole rounds."""
    return {"dtick": 1, "tick0": 0} if last <= FEW else {"nticks": 8}


def margins(game: Game, look: Look, *, caption: str, grade: Grade, most: float = DELIVERY_FEE) -> View:
    """Margins that would make today's subsidies best answers, network by group, the doubtful ones marked."""
    margin, why = implied_margin(game), doubts(game, most=most)
    rows = players(game)
    labels, groups = _labels(game, rows, look)
    text = [[MARKS[str(why[r, g])].format(f"{margin[r, g]:.2f}") for g in range(len(groups))] for r in rows]
    shown = np.where(why == "no_best_answer", np.nan, margin)[rows]
    figure = heat.table(
        pd.DataFrame(shown, labels, groups),
        look,
        text=pd.DataFrame(text, labels, groups),
        hover="%{y} · %{x} <b>¥%{text}</b>",
        limit=most,
        size=12,
    )
    marks = np.argwhere(why[rows] == "no_best_answer").tolist()
    figure.layout.annotations = [plain.note(look, MARKS["no_best_answer"], x=g, y=r) for r, g in marks]
    offered = [(r, g) for r in rows for g in range(len(groups)) if game.offered[r, g]]
    table = pd.DataFrame(
        {
            look.say("market.network"): [look.name(game.platforms[r]) for r, _ in offered],
            look.say("tier.heading"): [groups[g] for _, g in offered],
            look.say("rivalry.now"): [round(float(game.subsidy[at]), 4) for at in offered],
            look.say("rivalry.margin"): [round(float(margin[at]), 4) for at in offered],
            look.say("rivalry.doubt"): [
                look.say(f"rivalry.doubt_{why[at]}", fee=f"{most:.2f}") if why[at] else "" for at in offered
            ],
        }
    )
    title = _margin_finding(margin[rows], why[rows], look, most)
    alt = look.say("rivalry.alt_margins", title=title)
    said = look.say("rivalry.margin_marks", caption=caption, fee=f"{most:.2f}")
    return View(figure, table, title, said, alt, weakest(grade, Grade.MODELLED))


def _margin_finding(margin: Floats, why: npt.NDArray[np.str_], look: Look, most: float) -> str:
    """What is paid above the floor is judged; networks that pay nothing only have a limit."""
    paying = np.isin(why, ["", "above_fee", "no_best_answer"])
    total, doubtful = int(paying.sum()), int((paying & (why != "")).sum())
    if not total:
        return look.say("rivalry.margins_nobody")
    if doubtful:
        key = "rivalry.margins_doubtful" if (why == "above_fee").any() else "rivalry.margins_captive"
        return look.say(key, n=doubtful, total=total, fee=f"{most:.2f}")
    found = margin[paying & credible(margin, most=most)]
    return look.say("rivalry.margins_fine", low=f"{found.min():.2f}", high=f"{found.max():.2f}", fee=f"{most:.2f}")
