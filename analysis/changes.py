"""What a new version moved: each headline number split into restated data, new data and the model, which add up.

The earlier version is turned into the later one in three steps, in this order; another order would give other parts,
the same sum. Restated: rows whose keys both versions hold take their later values, and rows that are gone leave. New:
rows with keys of the later version alone come in - months, cities, networks, stations. Model: the effects are those
fitted to the later version, where those of the earlier one stood so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from analysis.changes_figures import (
    LEAST_SHARE,
    UNITS,
    Key,
    figures,
    grades,
    headline,
    index,
    intervals,
    last_month,
    ordered,
    pick,
)
from analysis.changes_rows import overlap
from data.grade import Grade, weakest
from data.markets import Market
from data.platforms import using

if TYPE_CHECKING:
    from analysis.share import ShareFit

__all__ = ["AT", "PARTS", "UNITS", "Changes", "compare", "headline"]

PARTS = ("restated", "new", "model")
"""In the order in which they are changed."""
AT = ("latest", "same")
"""Latest month of each version; one month that both hold."""
Fits: TypeAlias = "tuple[ShareFit | None, ShareFit | None]"
Stages: TypeAlias = "Sequence[tuple[Market, ShareFit | None]]"


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Months, cities and networks that one version holds and the other does not, as keys in order."""

    months: tuple[pd.Timestamp, ...]
    cities: tuple[str, ...]
    networks: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.months or self.cities or self.networks)


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What a new version moved; made by `compare`.

    Attributes
    ----------
    latest, same : DataFrame
        Index (figure, of). before, after: the figure in the two versions, in the latest month of each, or in one month
        that both hold; restated, new, model: parts of the move, before + restated + new + model = after; low, high:
        95 % interval of the later figure where it is estimated; unit; grade; state: "" where all is known,
        "not_before" or "not_after" where a version lacks the figure, "no_overlap" where the versions share no row of
        the month (parts are not numbers then).
    month_before, month_after, month_same : pandas.Timestamp or None
        Latest month of each version, and the month of `same`.
    rows : DataFrame
        Index dataset; added, changed, gone, same: rows by key.
    months : DataFrame
        The same for the volumes; index month.
    came, left : Members
        What only the later version holds, and only the earlier one.
    refitted : bool or None
        Whether the share model gives other subsidy effects; None when it was not fitted to both.
    """

    latest: pd.DataFrame
    same: pd.DataFrame
    month_before: pd.Timestamp | None
    month_after: pd.Timestamp | None
    month_same: pd.Timestamp | None
    rows: pd.DataFrame
    months: pd.DataFrame
    came: Members
    left: Members
    refitted: bool | None

    def at(self, which: str) -> pd.DataFrame:
        """`latest` or `same`."""
        if which not in AT:
            raise ValueError(f"{which!r} is not a way to compare: choose from {', '.join(AT)}")
        return self.latest if which == "latest" else self.same


def compare(
    before: Market,
    after: Market,
    *,
    fits: Fits = (None, None),
    month: pd.Timestamp | None = None,
) -> Changes:
    """Split the movement of every headline number between two versions of a market.

    Parameters
    ----------
    before, after : Market
    fits : tuple of ShareFit or None
        Share model fitted to each version, for the responses by tier; they are left out where it has none.
    month : pandas.Timestamp, optional
        First day of the month of `same`; the latest of which both versions hold a row by default.

    Raises
    ------
    ValueError
        The versions hold no row of `month` in common.
    """
    with using(tuple(dict.fromkeys((*after.networks, *before.networks)))):
        return _compare(before, after, fits, month)


def _compare(before: Market, after: Market, fits: Fits, month: pd.Timestamp | None) -> Changes:
    shared = overlap(before, after)
    common = shared.common
    old, new = fits
    ends = last_month(before), last_month(common), last_month(after)
    if month is not None and month not in _held(shared.months):
        raise ValueError(f"the versions share no row of {month:%Y-%m}: choose a month of which both hold one")
    same = ends[1] if month is None else month
    grade = weakest(before.grade, after.grade)
    stages = ((before, old), (common, old), (after, old), (after, new))
    return Changes(
        latest=_table(stages, (*ends, ends[-1]), grade),
        same=_table(stages, (same,) * 4, grade),
        month_before=ends[0],
        month_after=ends[2],
        month_same=same,
        rows=shared.rows,
        months=shared.months,
        came=_members(after, before),
        left=_members(before, after),
        refitted=_refitted(old, new),
    )


def _held(months: pd.DataFrame) -> pd.Index:
    """Months of which both versions hold a row."""
    return months.index[(months[["changed", "same"]].sum(axis=1) > 0).to_numpy()]


def _table(stages: Stages, months: Sequence[pd.Timestamp | None], grade: Grade) -> pd.DataFrame:
    steps = [figures(market, month, fit) for (market, fit), month in zip(stages, months, strict=True)]
    first, last = steps[0], steps[-1]
    keys = ordered({key for step in (first, last) for key, value in step.items() if _is_headline(key, value)})
    values = np.array([pick(_whole(step, first, last), keys) for step in steps])
    parts = np.diff(values, axis=0)
    known = [bool(np.isfinite(part).all()) for part in parts.T]
    return pd.DataFrame(
        {
            "before": values[0],
            **dict(zip(PARTS, parts, strict=True)),
            "after": values[-1],
            **intervals(stages[-1][0], months[-1], stages[-1][1], keys),
            "unit": [UNITS[figure] for figure, _ in keys],
            "grade": grades(keys, grade),
            "state": [_state(key, first, last, whole) for key, whole in zip(keys, known, strict=True)],
        },
        index(keys),
    )


def _is_headline(key: Key, value: float) -> bool:
    return key[0] != "share" or value >= LEAST_SHARE


def _whole(found: dict[Key, float], first: dict[Key, float], last: dict[Key, float]) -> dict[Key, float]:
    """Where a version has shares at all, a network that it lacks has none."""
    if not any(figure == "share" for figure, _ in found):
        return found
    return {key: 0.0 for known in (first, last) for key in known if key[0] == "share"} | found


def _state(key: Key, first: dict[Key, float], last: dict[Key, float], whole: bool) -> str:
    if key not in first:
        return "not_before"
    if key not in last:
        return "not_after"
    return "" if whole else "no_overlap"


def _members(market: Market, other: Market) -> Members:
    networks = _only(market, other, "platform")
    return Members(
        months=tuple(sorted(map(pd.Timestamp, _only(market, other, "month")))),
        cities=tuple(sorted(_only(market, other, "city"))),
        networks=tuple(key for _, key in ordered({("share", name) for name in networks})),
    )


def _only(market: Market, other: Market, column: str) -> set[str]:
    """Values of a column of the volumes that `other` does not hold."""
    mine, theirs = (set() if m.volumes is None else set(m.volumes[column].unique()) for m in (market, other))
    return mine - theirs


def _refitted(old: "ShareFit | None", new: "ShareFit | None") -> bool | None:
    if old is None or new is None:
        return None
    return not old.params.equals(new.params)
