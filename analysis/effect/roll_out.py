"""A network's subsidies as a roll-out: cities that start to pay at different months against cities that never do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effect.design import Columns, Flags, Floats, Ints
from analysis.effect.errors import EffectError
from analysis.effect.fit import EffectFit, att
from analysis.share.absorb import group

MEASURES = ("log_share", "share", "log_volume", "answer")
LOGGED = ("log_share", "log_volume", "log_odds")
SUBSIDY = "subsidy_cny_per_parcel"


@dataclass(frozen=True, slots=True, eq=False)
class RollOut:
    """A balanced panel of cities around their first subsidy. Made by `frame`.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per city and month: city, month, outcome, cohort (first month with a subsidy, NaT for never), subsidy
        (CNY per parcel), share (of the volume, a fraction), weight (mean parcels a month of all networks), tier.
        Months follow each other without a gap.
    platform, measure : str
    window : (int, int)
        Months around the first subsidy that the effect is read in.
    months : (Timestamp, Timestamp)
        First and last month of the frame.
    kept : pandas.Series
        Cohort of each city kept.
    starts : pandas.Series
        First month with a subsidy of every city that has one, kept or not.
    dropped : pandas.Series
        Reason by city: "absent" (the network is never there), "no_before" (it pays from its first month), "early"
        (fewer than `least_before` months between the frame's start and the first subsidy), "late" (the network came
        after the frame's start), "gap" (a month without the network), "no_volume" (a month without parcels: of the
        network for a logarithm, of its rivals too for the odds, of anybody for the others).
    paid : pandas.DataFrame
        Index months since the first subsidy: mean subsidy (CNY per parcel) in treated cities kept, the part of them
        that pays, and their number.
    skipped : int
        Months of the panel left out because months are missing between them and the frame's.
    """

    frame: pd.DataFrame
    platform: str
    measure: str
    window: tuple[int, int]
    months: tuple[pd.Timestamp, pd.Timestamp]
    kept: pd.Series
    starts: pd.Series
    dropped: pd.Series
    paid: pd.DataFrame
    skipped: int

    @property
    def columns(self) -> Columns:
        """Names of the frame's columns, as every estimate of `analysis.effect` asks for them."""
        return Columns(outcome="outcome", unit="city", time="month", cohort="cohort")

    def att(self, *, control: str = "never", weight: str | None = None, level: float = 0.95) -> EffectFit:
        """Effect of having started to pay, within `window`."""
        return att(self.frame, **self.columns, control=control, weight=weight, level=level, window=self.window)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """One network by city and month: volume and subsidy (NaN where it is not); of all: volume and what it costs.

    Months are the longest run without a gap. `before` marks cities in which the network paid earlier, `skipped` counts
    the other months.
    """

    cities: pd.Index
    months: pd.Index
    own: Floats
    subsidy: Floats
    total: Floats
    cost: Floats
    tier: pd.Series
    before: Flags
    skipped: int

    @property
    def present(self) -> Flags:
        return np.isfinite(self.own)

    @property
    def entry(self) -> Ints:
        """First month of the network in each city, as a position; the number of months where it is never there."""
        return np.where(self.present.any(axis=1), self.present.argmax(axis=1), len(self.months))

    @property
    def start(self) -> Ints:
        """First month with a subsidy, as a position (0 when before); the number of months where there is none."""
        pays = self.subsidy > 0
        later = np.where(pays.any(axis=1), pays.argmax(axis=1), len(self.months))
        return np.where(self.before, 0, later)


def frame(
    panel: pd.DataFrame,
    platform: str,
    *,
    window: tuple[int, int] = (-12, 12),
    measure: str = "log_share",
    volume: str = "open_parcels",
    least_before: int = 6,
) -> RollOut:
    """Balanced panel of the cities in which the effect of one network's first subsidy can be read.

    Parameters
    ----------
    panel : pandas.DataFrame
        Columns month, city, platform, subsidy_cny_per_parcel, tier and `volume`.
    platform : str
    window : (int, int)
        Months before and after the first subsidy to read. The frame ends with the last city's window.
    measure : str
        "log_share" of all networks' volume, "share" (a fraction), "log_volume", "log_odds" (share over that of all
        rivals), or "answer": what the other networks pay, CNY per parcel of theirs, whose effect says how rivals
        answered.
    volume : str
        Parcels that are free to choose, by default.
    least_before : int
        Fewest months in the frame before a city's first subsidy.

    Notes
    -----
    A city counts from the month its network is there; earlier months are absence, not a share of zero. So the frame
    starts in the month that keeps the most cities that come to pay (the earliest such month): later, more cities have
    the network, but fewer still have their first subsidy ahead. Every city kept has the network in all its months.

    Treatment is the first payment. Spells end and start again, and rivals may answer: the estimate is of having
    started to pay (intention to treat), with all that followed, not of paying throughout. A first month may be paid in
    part only. Where the panel misses months, the longest run without a gap is used (the latest of equals): months
    since the first payment would not be counted right across a gap.
    """
    if measure not in {*MEASURES, *LOGGED} or not window[0] < 0 <= window[1]:
        raise ValueError(f"measure {measure!r}, window {window}: choose from {', '.join(MEASURES)} and span month 0")
    grid = _grid(panel, platform, volume)
    first, reasons = _choose(grid, least_before, measure)
    kept = reasons == ""
    last = _last(grid, kept, window)
    chosen = grid.start[kept]
    if not kept.any() or not (chosen <= last).any():
        raise EffectError("no_roll_out", f"no city starts to pay {platform} with {least_before} months before it")
    table = _table(grid, kept, slice(first, last + 1), measure)
    return RollOut(
        table,
        platform,
        measure,
        window,
        (grid.months[first], grid.months[last]),
        table.drop_duplicates("city").set_index("city")["cohort"],
        _dated(grid, grid.start < len(grid.months)).rename("start"),
        pd.Series(reasons[~kept], pd.Index(grid.cities[~kept], name="city"), name="reason"),
        _paid(grid.subsidy[kept, first : last + 1], chosen - first, window),
        grid.skipped,
    )


def _grid(panel: pd.DataFrame, platform: str, volume: str) -> _Grid:
    needed = ("month", "city", "platform", SUBSIDY, "tier", volume)
    missing = [column for column in needed if column not in panel]
    if missing:
        raise ValueError(f"the panel has no column {', '.join(missing)}: it has {', '.join(map(str, panel.columns))}")
    own = panel[panel["platform"] == platform]
    if own.empty:
        raise EffectError("no_roll_out", f"the panel has no rows of {platform}: choose another network")
    city, month = group(panel, "city"), group(panel, "month")
    shape = city.size, month.size
    cell = city.codes * month.size + month.codes
    total, cost = (
        np.bincount(cell, values, city.size * month.size).astype(np.float64).reshape(shape)
        for values in (panel[volume], panel[volume] * panel[SUBSIDY])
    )
    mine = (panel["platform"] == platform).to_numpy()
    place = city.codes[mine], month.codes[mine]
    cells = np.full((2, *shape), np.nan)
    cells[0][place], cells[1][place] = own[volume], own[SUBSIDY]
    tier = panel["tier"].iloc[np.unique(city.codes, return_index=True)[1]].set_axis(city.labels)
    run = _longest_run(pd.DatetimeIndex(month.labels))
    return _Grid(
        city.labels,
        month.labels[run],
        cells[0][:, run],
        cells[1][:, run],
        total[:, run],
        cost[:, run],
        tier,
        before=(cells[1][:, : run.start] > 0).any(axis=1),
        skipped=month.size - (run.stop - run.start),
    )


def _longest_run(months: pd.DatetimeIndex) -> slice:
    """Positions of the longest run of calendar months without a gap, the latest of equals."""
    steps = np.diff(months.year * 12 + months.month)
    edges = np.concatenate([[0], np.flatnonzero(steps != 1) + 1, [len(months)]])
    lengths = np.diff(edges)
    chosen = len(lengths) - 1 - int(lengths[::-1].argmax())
    return slice(int(edges[chosen]), int(edges[chosen + 1]))


def _choose(grid: _Grid, least_before: int, measure: str) -> tuple[int, np.ndarray]:
    """First month that keeps the most treated cities, and each city's reason to be left out ("" when kept)."""
    months = len(grid.months)
    if months < 2:
        raise EffectError("one_period", "no two months follow each other: an effect needs months before and after")
    tried = [_reasons(grid, first, months - 1, least_before, measure) for first in range(months - 1)]
    held = [int(((reasons == "") & (grid.start < months)).sum()) for reasons in tried]
    first = int(np.argmax(held))
    return first, tried[first]


def _reasons(grid: _Grid, first: int, last: int, least_before: int, measure: str) -> np.ndarray:
    span = slice(first, last + 1)
    present = grid.present[:, span]
    found = np.full(len(grid.cities), "", dtype=object)
    rules = {
        "no_volume": _without_volume(grid.own[:, span], grid.total[:, span], measure).any(axis=1),
        "gap": ~present.all(axis=1),
        "late": grid.entry > first,
        "early": grid.start < first + least_before,
        "no_before": grid.start == grid.entry,
        "absent": ~grid.present.any(axis=1),
    }
    for code, holds in rules.items():
        found[holds] = code
    return found


def _without_volume(own: Floats, total: Floats, measure: str) -> Flags:
    if measure == "log_odds":
        return (own <= 0) | (own >= total)
    return own <= 0 if measure in LOGGED else total <= 0


def _last(grid: _Grid, kept: Flags, window: tuple[int, int]) -> int:
    starts = grid.start[kept & (grid.start < len(grid.months))]
    return min(len(grid.months) - 1, int(starts.max(initial=0)) + window[1])


def _dated(grid: _Grid, cities: Flags) -> pd.Series:
    """First month with a subsidy of some cities, NaT for never."""
    dates = pd.DatetimeIndex(grid.months).append(pd.DatetimeIndex([pd.NaT]))
    return pd.Series(dates.take(grid.start[cities]), grid.cities[cities])


def _table(grid: _Grid, kept: Flags, span: slice, measure: str) -> pd.DataFrame:
    own, total = grid.own[kept, span], grid.total[kept, span]
    share = own / total
    outcome = _outcome(grid, kept, span, measure)
    times = grid.months[span]
    long = {"outcome": outcome, "subsidy": grid.subsidy[kept, span], "share": share}
    wide = {"cohort": _dated(grid, kept).array, "weight": total.mean(axis=1), "tier": grid.tier.array[kept]}
    every = np.repeat(np.arange(int(kept.sum())), len(times))
    return pd.DataFrame(
        {"city": grid.cities[kept].take(every), "month": np.tile(times, int(kept.sum()))}
        | {name: values.ravel() for name, values in long.items()}
        | {name: pd.Series(values).take(every).array for name, values in wide.items()}
    )


def _outcome(grid: _Grid, kept: Flags, span: slice, measure: str) -> Floats:
    own, total = grid.own[kept, span], grid.total[kept, span]
    if measure == "answer":
        paid = grid.cost[kept, span] - own * grid.subsidy[kept, span]
        return np.divide(paid, total - own, out=np.zeros_like(own), where=total > own)
    base = {"share": total, "log_share": total, "log_odds": total - own, "log_volume": np.ones_like(own)}[measure]
    return np.log(own / base) if measure in LOGGED else own / base


def _paid(subsidy: Floats, start: Ints, window: tuple[int, int]) -> pd.DataFrame:
    treated = start < subsidy.shape[1]
    relative = (np.arange(subsidy.shape[1]) - start[treated, None]).ravel()
    paid = pd.DataFrame({"subsidy": subsidy[treated].ravel(), "relative": relative})
    paid = paid[paid["relative"].between(*window)]
    found = paid.groupby(paid["relative"].rename("event"))["subsidy"]
    return pd.DataFrame(
        {"subsidy": found.mean(), "paying": found.agg(lambda s: (s > 0).mean()), "treated": found.size()}
    )
