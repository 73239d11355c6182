"""Colours and words of the national measures: one scale over all months, so that a played map can be compared."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.views import amounts
from analysis.views.heat import two_sided
from analysis.views.look import Look, percent
from analysis.views.nation_values import Floats, Frames
from analysis.views.theme import rgb
from data.cities import cities
from data.platforms import OUTSIDE

FULL_LEAD = 0.25
"""Lead over the second (share) at which a leader's colour is at full strength."""
SIGNED = ("growth", "income_per_station", "net_per_10k")
"""Measures with a zero that matters: falls and losses in one colour, rises and gains in the other."""
FRACTIONS = ("leader", "network_share", "growth")
FULL = {False: 0.98, True: 0.9}
"""Part of the values within the strongest colours of a scale from low to high, and of one around zero."""
MOST_GROWTH = 1.0
"""Growth of the strongest colour at most: what doubles is as strong as what grows tenfold."""
ROUND = (1, 2, 3, 4, 6, 8, 10)
"""First digits of the ends of a scale around zero, so that their halves are round too."""
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Scale:
    """Colours from `low` to `high`, in the unit of the values, evenly spaced."""

    low: float
    high: float
    colours: tuple[str, ...]
    open_low: bool = False
    open_high: bool = False

    def paint(self, values: Floats) -> Floats:
        """Red, green and blue (0-255) of values, in a last axis."""
        place = np.clip((values - self.low) / (self.high - self.low), 0, 1) * (len(self.colours) - 1)
        return _between(np.array([rgb(colour)[:3] for colour in self.colours], dtype=np.float64), place)


def _between(stops: Floats, place: Floats) -> Floats:
    at = np.nan_to_num(place)
    return np.stack([np.interp(at, np.arange(len(stops)), channel) for channel in stops.T], axis=-1)


def scale(frames: Frames, look: Look) -> Scale:
    """Scale of a measure that is no leader, over all its months; growth and income have zero in the middle."""
    found = frames.values[np.isfinite(frames.values)].astype(np.float64)
    least, most = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    if frames.measure in SIGNED:
        limit = float(np.quantile(np.abs(found), FULL[True])) if len(found) else 0.0
        limit = rounded(min(limit, MOST_GROWTH) if frames.measure == "growth" else limit)
        colours = tuple(colour for _, colour in two_sided(look))
        return Scale(-limit, limit, colours, least < -limit, most > limit)
    low = float(np.quantile(found, 1 - FULL[False])) if frames.measure == "hhi" and len(found) else 0.0
    high = float(np.quantile(found, FULL[False])) if len(found) else 0.0
    high = high if high > low else most if most > low else low + 1.0
    return Scale(low, high, look.theme.sequential, least < low, most > high)


def rounded(limit: float) -> float:
    """The next round number; one for nothing."""
    if limit <= 0:
        return 1.0
    ten = 10 ** float(np.floor(np.log10(limit)))
    return next(ten * step for step in ROUND if ten * step >= limit * (1 - 1e-9))


def paint(frames: Frames, look: Look, *, on: Scale | None = None) -> Pixels:
    """Colour of every place in every month, (m, n, 3) red, green, blue; the neutral one where there is no value.

    A leader has its network's colour, the paler the smaller its lead; the rest is on one scale: `on`, or that of all
    months of the frames.
    """
    missing = ~np.isfinite(frames.values)
    if frames.lead is not None:
        found = _leaders(frames, look)
    else:
        found = (on or scale(frames, look)).paint(frames.values.astype(np.float64))
    found[missing] = rgb(look.theme.grid)[:3]
    return np.rint(found).astype(np.uint8)


def strength(lead: Floats) -> Floats:
    """How much of the leader's colour a lead (fraction of all parcels) has over the page's: a third to all."""
    return np.clip((lead + FULL_LEAD / 2) / (1.5 * FULL_LEAD), 0, 1)


def _leaders(frames: Frames, look: Look) -> Floats:
    assert frames.lead is not None
    full = np.array([rgb(look.theme.colour(key))[:3] for key in frames.networks], dtype=np.float64)
    ground = np.array(rgb(look.theme.surface)[:3], dtype=np.float64)
    part = strength(np.nan_to_num(frames.lead).astype(np.float64))[..., None]
    return ground + part * (full[np.nan_to_num(frames.values).astype(np.intp)] - ground)


def legend(frames: Frames, look: Look, *, on: Scale | None = None) -> tuple[tuple[str, str], ...]:
    """Colours of the map and what they mean: networks that lead anywhere, or round values; then where nothing is known.

    Home delivery leads nowhere: where no network hands over a parcel there is none in the lead, which comes last. Hex
    colours, words in the reader's language.
    """
    missing = ((look.theme.grid, look.say("nation.no_data")),) if not np.isfinite(frames.values).all() else ()
    if frames.lead is not None:
        found = frames.values[np.isfinite(frames.values)].astype(np.intp)
        counts = np.bincount(found, minlength=len(frames.networks))
        order = [frames.networks[i] for i in np.argsort(-counts, kind="stable") if counts[i]]
        order.sort(key=lambda key: key == OUTSIDE)
        names = tuple((look.theme.colour(key), leader_name(key, look)) for key in order)
        return names + missing
    shown = on or scale(frames, look)
    marks = ticks(shown, frames.measure, look)
    colours = np.rint(shown.paint(np.array(marks["tickvals"]) / unit(frames.measure))).astype(np.uint8)
    return (*zip(hexes(colours), marks["ticktext"], strict=True), *missing)


def hexes(colours: Pixels) -> list[str]:
    """Colours (n, 3) as #rrggbb."""
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colours.tolist()]


def unit(measure: str) -> float:
    """What values are multiplied by to be shown: fractions as per cent."""
    return 100.0 if measure in FRACTIONS else 1.0


def ticks(shown: Scale, measure: str, look: Look) -> dict[str, Any]:
    """Round values of a scale with their words (`tickvals` in the unit shown, `ticktext`)."""
    by, suffix = unit(measure), "%" if measure in FRACTIONS else ""
    if measure in SIGNED:
        values = [shown.high * by * part for part in (-1.0, -0.5, 0.0, 0.5, 1.0)]
        texts = [
            f"{sign}{look.short(abs(v))}{suffix}" for sign, v in zip(("−", "−", "", "+", "+"), values, strict=True)
        ]
    else:
        found = amounts.ticks(shown.low * by, shown.high * by, look, suffix=suffix)
        values, texts = [float(v) for v in found["tickvals"]], [str(text) for text in found["ticktext"]]
    if shown.open_low and values[0] <= shown.low * by * (1 + 1e-9):
        texts[0] = f"≤ {texts[0]}"
    if shown.open_high and values[-1] >= shown.high * by * (1 - 1e-9):
        texts[-1] = f"≥ {texts[-1]}"
    return {"tickvals": values, "ticktext": texts}


def leader_name(key: str, look: Look) -> str:
    """What a leader is called; home delivery stands for no network at all."""
    return look.say("nation.no_network") if key == OUTSIDE else look.name(key)


def names(frames: Frames, look: Look) -> list[str]:
    """Names of the places in the reader's language, (n,); the code itself where nobody knows it."""
    known = place_names(look)
    return [known.get(code, code) for code in frames.cities]


def place_names(look: Look) -> dict[str, str]:
    """Names of prefectures and provinces by adcode; provinces short."""
    table = cities()
    found = {str(code): str(name) for code, name in table[f"city_{look.lang}"].items()}
    column = table[f"province_{look.lang}"].str.replace("(?:省|市|(?:壮族|回族|维吾尔)?自治区)$", "", regex=True)
    provinces = {f"{code[:2]}0000": str(name) for code, name in zip(table.index, column, strict=True)}
    return provinces | found


def words(frames: Frames, look: Look, *, month: pd.Timestamp | None = None) -> list[str]:
    """What a hover says of each place in a month, the last by default: its value with unit, or that there is none."""
    at = -1 if month is None else frames.months.get_loc(month)
    values, none = frames.values[at], look.say("nation.no_data")
    if frames.lead is None or frames.share is None:
        return [said(float(v), frames.measure, look) if np.isfinite(v) else none for v in values]
    lead, share = frames.lead[at], frames.share[at]
    called = [leader_name(key, look) for key in frames.networks]
    alone = frames.networks.index(OUTSIDE) if OUTSIDE in frames.networks else -1
    return [
        none
        if np.isnan(v)
        else called[alone]
        if int(v) == alone
        else look.say("nation.leads", name=called[int(v)], share=percent(s), lead=f"{100 * d:.1f}")
        for v, s, d in zip(values.tolist(), share.tolist(), lead.tolist(), strict=True)
    ]


def said(value: float, measure: str, look: Look) -> str:
    """A value with its unit."""
    if measure == "network_share":
        return percent(value)
    if measure == "growth":
        return f"{100 * value:+,.1f}%".replace("-", "−")
    if measure == "income_per_station":
        return look.say("nation.a_month", amount=look.money(value).replace("-", "−"))
    if measure == "subsidy":
        return look.say("unit.cny_per_parcel_value", value=f"{value:.3g}")
    return f"{value:,.2f}" if measure.endswith("per_10k") else f"{value:,.0f}"
