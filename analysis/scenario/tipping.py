"""The smallest change of an input that turns the answer: the sign of a result, or which plan is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.scenario import MarketModel, Scenario
from analysis.scenario.tornado import Input, evaluate, inputs
from data.grade import Grade

PRECISION = 1e-7
"""Of a tipping value, as a part of the distance searched."""


@dataclass(frozen=True, slots=True)
class Tip:
    """Value of one input at which the answer turns.

    Attributes
    ----------
    key, kind, unit : str
        As in `analysis.scenario.tornado.Input`.
    default : float
        Value in force.
    value, change : float
        The nearest place found where it turns, and how far that is from the value in force.
    relative : float
        Change as a part of the value in force; infinite where that is 0.
    flips : str
        "down": what was positive turns negative. "up": what was negative turns positive.
    other : str
        Name of the scenario that overtakes or is overtaken; empty where the sign of the measure turns.
    within : bool
        Whether the value lies inside the input's stated range (95 % for fitted effects).
    grade : Grade
        Of the input.
    """

    key: str
    kind: str
    unit: str
    default: float
    value: float
    change: float
    relative: float
    flips: str
    other: str
    within: bool
    grade: Grade


def tipping(
    scenario: Scenario,
    model: MarketModel,
    *,
    platform: str,
    measure: str = "total_profit",
    against: Sequence[Scenario] = (),
    tier: str = "all",
) -> tuple[Tip, ...]:
    """Inputs whose change alone turns the sign of `measure`, or the ranking against other scenarios.

    A changed input holds for the other scenario too, unless that one has a value of its own for it.

    Returns
    -------
    tuple of Tip
        Smallest relative change first; inputs for which no turn is found within what is possible are not listed.
    """
    options = {"platform": platform, "measure": measure, "tier": tier}
    own = evaluate(scenario, model, **options)
    gaps: dict[str, Callable[[Input, float], float]] = {"": own}
    for other in against:
        gaps[other.name] = _gap(own, other, model, options)
    found = [tip for item in inputs(scenario, model) for name, gap in gaps.items() if (tip := _tip(item, gap, name))]
    return tuple(sorted(found, key=lambda tip: abs(tip.relative)))


def _gap(
    own: Callable[[Input, float], float], other: Scenario, model: MarketModel, options: dict[str, str]
) -> Callable[[Input, float], float]:
    """Lead of the scenario over `other` with an input at another value."""
    theirs = {item.key: item.at for item in inputs(other, model)}
    rival = evaluate(other, model, **options)
    return lambda item, value: (
        own(item, value) - rival(item, value if theirs[item.key] == item.at else theirs[item.key])
    )


def _tip(item: Input, gap: Callable[[Input, float], float], other: str) -> Tip | None:
    """Nearest turn found of the sign of `gap` on either side of the value in force."""
    now = gap(item, item.at)
    ends = {end: gap(item, end) for end in (item.least, item.most)}
    if not now or all(value == now for value in ends.values()):
        return None
    turns = [turn for end in ends if (turn := first_turn(item, gap, now, end)) is not None]
    if not turns:
        return None
    value = min(turns, key=lambda turn: abs(turn - item.at))
    change = value - item.at
    return Tip(
        key=item.key,
        kind=item.kind,
        unit=item.unit,
        default=item.at,
        value=value,
        change=change,
        relative=change / abs(item.at) if item.at else float("inf"),
        flips="down" if now > 0 else "up",
        other=other,
        within=item.low <= value <= item.high,
        grade=item.grade,
    )


def first_turn(item: Input, gap: Callable[[Input, float], float], now: float, end: float) -> float | None:
    """Nearest value found on the way to `end` at which the sign of `now` turns.

    Looked for half way, at the end, and where the parabola through these bends back; a turn and a turn back that none
    of the three sees go unnoticed.
    """
    from scipy.optimize import brentq

    if end == item.at:
        return None
    seen = [(part, gap(item, item.at + part * (end - item.at))) for part in (0.5, 1.0)]
    if (part := _bend(now, *(value for _part, value in seen))) is not None:
        seen = sorted([*seen, (part, gap(item, item.at + part * (end - item.at)))])
    near = item.at
    for part, value in seen:
        far = item.at + part * (end - item.at)
        if value * now < 0:
            return float(brentq(lambda value: gap(item, value), near, far, xtol=abs(end - item.at) * PRECISION))
        near = far
    return None


def _bend(now: float, middle: float, last: float) -> float | None:
    """Part of the way at which the parabola through three results comes nearest to zero from `now`, if on the way."""
    curve, slope = 2 * (now - 2 * middle + last), 4 * middle - 3 * now - last
    part = -slope / (2 * curve) if curve * now > 0 else 0.0
    return part if 0 < part < 1 else None
