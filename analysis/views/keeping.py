"""What today's market makes of plans that were saved earlier: which moved, by how much, and what moved them."""

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from analysis.scenario.rerun import Moved
from analysis.views.amounts import amount
from analysis.views.compare import describe
from analysis.views.look import Look
from analysis.views.tornado import named


def moved(found: Mapping[str, Moved], look: Look) -> tuple[str, pd.DataFrame]:
    """How many plans moved and mostly why, and one row a plan: result then, the parts of the move, result now.

    Parameters
    ----------
    found : mapping
        Name of each plan and what moved it, all of one measure.
    """
    reasons = Counter(reason for reason in map(_reason, found.values()) if reason)
    n = sum(reasons.values())
    split = sum(one.month_before is not None for one in found.values())
    still = "same" if split == len(found) else "same_of" if split else "unknown"
    key = still if not n else "one" if n == len(found) == 1 else "some"
    why = look.say(f"keep.mostly_{reasons.most_common(1)[0][0]}") if n else ""
    title = look.say(f"keep.moved_{key}", n=n, total=split, why=why)
    return title, pd.DataFrame([_row(name, one, look) for name, one in found.items()])


def _row(name: str, one: Moved, look: Look) -> dict[str, str]:
    values = {"then": one.before, **one.parts.to_dict(), "now": one.after}
    said = {look.say(f"keep.column_{key}"): amount(one.measure, value, look) for key, value in values.items()}
    month = look.say("unit.none") if one.month_before is None else look.month(one.month_before)
    return {
        look.say("keep.column_plan"): name,
        look.say("keep.column_month"): month,
        **said,
        look.say("keep.column_why"): _why(one, look),
    }


def _reason(one: Moved) -> str:
    """The largest part; empty where nothing moved."""
    sizes = one.parts.abs().fillna(0.0)
    return str(sizes.idxmax()) if sizes.max() > 0 else ""


def _why(one: Moved, look: Look) -> str:
    """Every part that moved the result, the largest first; then what the market no longer has."""
    sizes = one.parts.abs().fillna(0.0).sort_values(ascending=False, kind="stable")
    names = look.join(named(key, look) for key in one.changed)
    told = [look.say(f"keep.because_{part}", names=names) for part, size in sizes.items() if size > 0]
    told += [look.say("keep.because_not_kept")] if one.month_before is None else []
    told += [look.say("keep.left_out", lever=describe(lever, look)) for lever in one.left_out]
    return look.text(told) or look.say("keep.because_nothing")
