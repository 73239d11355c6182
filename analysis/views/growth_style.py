"""How a curve is drawn and named wherever it appears, and how labels of time and growth are written."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.growth import CURVES
from analysis.views import amounts, plain
from analysis.views.look import Look
from analysis.views.reading import minus

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

NAIVE = "seasonal naive"
"""The yardstick of every back-test."""
COLOURS = {
    "light": ("#c3410f", "#0b7285", "#5a2b78", "#8a6a08", "#a3195b"),
    "dark": ("#f0892f", "#54e3ee", "#c58ae8", "#f3dc7a", "#ff8fc0"),
}
DASHES = ("dot", "dash", "dashdot", "longdash")
"""Four dashes on five colours: no two of twenty curves look the same, and neighbours differ in both."""
ROOM = 0.06
"""Room above and below the lines, as a part of what they span."""
WIDTHS = {True: 2.8, False: 1.4}


def style(key: str, look: Look, *, chosen: bool) -> dict[str, Any]:
    """Line of a curve: the chosen one strong in the accent, the others thin, each with its own colour and dash."""
    if chosen:
        return {"color": look.theme.accent, "width": WIDTHS[True], "dash": "solid"}
    place = list(CURVES).index(key)
    palette = COLOURS[look.theme.mode]
    return {"color": palette[place % len(palette)], "width": WIDTHS[False], "dash": DASHES[place % len(DASHES)]}


def curve_name(key: str, look: Look) -> str:
    """Name of a curve or method."""
    return look.term("curve", key)


def short_name(key: str, look: Look) -> str:
    """Name of a curve for a legend."""
    short = f"{key}_short"
    found = look.term("curve", short)
    return curve_name(key, look) if found == short else found


def places(index: pd.Index) -> list[Any]:
    """Labels for the axis of a chart: periods as their first day, dates as days, numbers as they are."""
    if isinstance(index, pd.PeriodIndex | pd.DatetimeIndex):
        dates = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index.tz_localize(None)
        return plain.dates(dates)
    return index.tolist()


def value_axis(look: Look, paths: Iterable[pd.Series]) -> dict[str, Any]:
    """Vertical axis that holds all paths with some room, ticks in the words of the language."""
    values = np.concatenate([np.asarray(path, dtype=np.float64) for path in paths])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = ROOM * max(high - low, 1e-9 * abs(high), 1e-12)
    bottom, top = max(low - room, 0.0) if low >= 0 else low - room, high + room
    return {"range": [bottom, top], **amounts.ticks(bottom, top, look)}


def yearly(index: pd.Index) -> bool:
    """Whether labels are years, as periods or as dates that share their month."""
    if isinstance(index, pd.PeriodIndex):
        return index.freqstr.startswith("Y")
    return isinstance(index, pd.DatetimeIndex) and len(index) > 1 and index.is_unique and index.month.nunique() == 1


def when(moment: object, look: Look, among: pd.Index | None = None) -> str:
    """A period, a date or a number as the reader writes it: Aug 2029, or 2029 `among` years."""
    years = isinstance(moment, pd.Period) and moment.freqstr.startswith("Y")
    if isinstance(moment, pd.Period | pd.Timestamp) and (years or (among is not None and yearly(among))):
        return look.say("trial.year", year=moment.year)
    if isinstance(moment, pd.Period | pd.Timestamp):
        return look.month(moment)
    return look.say("unit.none") if moment is None else f"{moment:.6g}"


def time_axis(index: pd.Index) -> dict[str, Any]:
    """Horizontal axis of a few labels in figures, which every language reads."""
    dated = isinstance(index, pd.PeriodIndex | pd.DatetimeIndex)
    return {"type": "date", "tickformat": "%Y-%m", "hoverformat": "%Y-%m", "nticks": 8} if dated else {"nticks": 8}


def legend() -> dict[str, Any]:
    """Legend above a chart, as short as its words."""
    return {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "entrywidth": 0, "font": {"size": 12}}


def rounded(value: float, look: Look, figures: int = 3) -> str:
    """A number ahead in three figures: more would be false precision."""
    return look.short(float(f"{value:.{figures}g}")).replace("-", "−")


def signed_percent(share: float, digits: int = 1) -> str:
    """A change given as a fraction, in per cent with its sign."""
    if not np.isfinite(share):
        return "–"
    said = minus(round(100 * share, digits) + 0.0, digits)
    return f"+{said}%" if round(100 * share, digits) > 0 else f"{said}%"


def tight(text: str) -> str:
    """Numbers in per cent without a blank before the sign, as everywhere."""
    return text.replace(" %", "%")


def signed(points: float) -> str:
    """A change in percentage points with its sign."""
    said = minus(round(points, 1) + 0.0, 1)
    return f"+{said}" if round(points, 1) > 0 else said


def ahead_of(backtest: "Backtest", steps: int, look: Look) -> str:
    """So many steps of a back-test, in their unit."""
    return steps_ahead(steps, backtest.period, look, years=yearly(backtest.origins))


def steps_ahead(steps: int, period: int, look: Look, *, years: bool = False) -> str:
    """So many months, quarters, half-years, `years` or steps."""
    return look.say(f"trial.ahead_{_season(period, years)}{'_one' if steps == 1 else ''}", n=steps)


def steps_head(period: int, look: Look, *, years: bool = False) -> str:
    """Months, quarters, half-years, `years` or steps ahead, as the name of an axis."""
    return look.say(f"trial.steps_{_season(period, years)}")


def _season(period: int, years: bool) -> int | str:
    return period if period in (12, 4, 2) else "years" if years else 1


def tested_until(index: pd.Index, backtest: "Backtest | None") -> Any:
    """Last label ahead that was back-tested; None where all of `index` was, or nothing settles anything."""
    if backtest is None or backtest.reason == "too_short" or backtest.horizon >= len(index):
        return None
    return index[backtest.horizon - 1]


def dashed(table: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Columns of numbers with gaps as text, a dash in each gap."""
    gaps = [name for name, kind in table.dtypes.items() if kind == np.float64 and table[name].isna().any()]
    return table.assign(**{str(name): [_written(value, look) for value in table[name]] for name in gaps})


def _written(value: float, look: Look) -> str:
    return f"{value:.15g}".replace("-", "−") if np.isfinite(value) else look.say("unit.none")


def half_width(rows: pd.DataFrame, prefix: str = "") -> float:
    """Half the width of the 95 % bands over the forecast, on average."""
    width = rows[f"{prefix}high_95"] - rows[f"{prefix}low_95"]
    return float((width / 2 / rows["median"].abs()).mean())
