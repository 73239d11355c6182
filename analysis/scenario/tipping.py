"""The smallest change of an input that turns the answer: the sign of a result, or which plan is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.scenario import MarketModel, Scenario
from analysis.scenario.tornado import Input, evaluate, inputs
from data.grade import Grade

STEPS = 2
"""Values tried on each side before the turn is pinned down."""
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
        Where it turns, and how far that is from the value in force.
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
        Smallest relative change first; inputs that turn nothing within what is possible are not listed.
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
    """Nearest turn of the sign of `gap` on either side of the value in force."""
    now = gap(item, item.at)
    ends = {end: gap(item, end) for end in (item.least, item.most)}
    if not now or all(value == now for value in ends.values()):
        return None
    turns = [turn for end in ends if (turn := _turn(item, gap, now, end)) is not None]
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


def _turn(item: Input, gap: Callable[[Input, float], float], now: float, end: float) -> float | None:
    """First value on the way to `end` at which the sign of `now` turns."""
    from scipy.optimize import brentq

    step = (end - item.at) / STEPS
    near = item.at
    for count in range(1, STEPS + 1 if step else 1):
        far = item.at + count * step
        if gap(item, far) * now < 0:
            return float(brentq(lambda value: gap(item, value), near, far, xtol=abs(end - item.at) * PRECISION))
        near = far
    return None
