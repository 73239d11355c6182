"""Where the answer turns, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.scenario.tipping import Tip
from analysis.views import amounts
from analysis.views.look import Look
from analysis.views.tornado import named, number, valued
from data.grade import Grade, weakest

OWN_WORDS = ("total_profit", "profit")
"""Measures whose turn has a plain word: the plan pays or does not."""


@dataclass(frozen=True, slots=True)
class Tips:
    """Tipping points of one scenario, said.

    Attributes
    ----------
    title : str
        The finding.
    sentences : tuple of str
        One a tip, nearest first.
    table : pd.DataFrame
    grade : Grade
    """

    title: str
    sentences: tuple[str, ...]
    table: pd.DataFrame
    grade: Grade


def tips(found: Sequence[Tip], look: Look, *, measure: str, grade: Grade = Grade.MODELLED) -> Tips:
    """Tips of `analysis.scenario.tipping.tipping` as sentences and a table."""
    said = [sentence(tip, look, measure) for tip in found]
    title = _finding(found, said, look)
    heads = tuple(words[0].upper() + words[1:] for words in said)
    return Tips(title, heads, _table(found, look, measure), weakest(grade, *(tip.grade for tip in found)))


def _finding(found: Sequence[Tip], said: Sequence[str], look: Look) -> str:
    """How many inputs turn the answer within what is thought likely, and the nearest of them."""
    near = [(tip.key, words) for tip, words in zip(found, said, strict=True) if tip.within]
    count = len({key for key, _words in near})
    if near:
        return look.say("explain.tips_1" if count == 1 else "explain.tips", n=count, tip=near[0][1])
    return look.say("explain.tips_safe", tip=said[0]) if said else look.say("explain.tips_none")


def sentence(tip: Tip, look: Look, measure: str) -> str:
    """The plan stops paying when the margin falls below 0.21 CNY per parcel (assumed 0.3)."""
    move = "falls" if tip.change < 0 else "rises"
    when = look.say(
        f"explain.{move}{'_assumed' if tip.grade is Grade.ASSUMED else ''}",
        name=amounts.inside(named(tip.key, look)),
        value=valued(tip.unit, number(tip.unit, tip.value), look),
        default=number(tip.unit, tip.default),
    )
    if tip.other:
        return look.say("explain.overtaken" if tip.flips == "down" else "explain.overtakes", other=tip.other, when=when)
    if measure in OWN_WORDS:
        return look.say(f"explain.turns_{measure}_{tip.flips}", when=when)
    return look.say(f"explain.turns_{tip.flips}", measure=amounts.inside(amounts.name(measure, look)), when=when)


def _table(found: Sequence[Tip], look: Look, measure: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            look.say("explain.input"): [named(tip.key, look) for tip in found],
            look.say("explain.now"): [valued(tip.unit, number(tip.unit, tip.default), look) for tip in found],
            look.say("explain.turn"): [valued(tip.unit, number(tip.unit, tip.value), look) for tip in found],
            look.say("explain.answer"): [_outcome(tip, look, measure) for tip in found],
            look.say("explain.change"): [_relative(tip.relative) for tip in found],
            look.say("explain.plausible"): [
                look.say("explain.inside" if tip.within else "explain.outside") for tip in found
            ],
            look.say("grade.heading"): [look.term("grade", tip.grade) for tip in found],
        }
    )


def _outcome(tip: Tip, look: Look, measure: str) -> str:
    """What the sentence says of the turn, without its condition."""
    if tip.other:
        return look.say(f"explain.outcome_overtake{'n' if tip.flips == 'down' else 's'}", other=tip.other)
    return look.say(f"explain.outcome_{f'{measure}_' if measure in OWN_WORDS else ''}{tip.flips}")


def _relative(change: float) -> str:
    """Signed change of an input in per cent of its value; a dash where that is zero."""
    return "–" if abs(change) == float("inf") else f"{change * 100:+.0f}%".replace("-", "−")
