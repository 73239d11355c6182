"""The five figures at the top of the overview."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.market import hhi, year_on_year
from analysis.summary import contested, network_shares, row_shares
from analysis.views.look import Look, View, percent
from data.grade import Grade, weakest
from data.record import DEFINITION_BREAK


@dataclass(frozen=True, slots=True)
class Kpi:
    """One headline figure.

    Attributes
    ----------
    label, value : str
    delta : str or None
        Change on the same month a year before; None when there is no such month.
    good : bool or None
        Whether up is good; None when up is neither good nor bad.
    trend : list of float
        The figure over time, oldest first.
    grade : Grade
    versus : str
        What the change is on, or which period the figure is of.
    """

    label: str
    value: str
    delta: str | None
    good: bool | None
    trend: list[float]
    grade: Grade
    versus: str


TITLED = 3
"""Figures of a row that its title names."""


def row_view(figures: Sequence[Kpi], look: Look, *, caption: str) -> View:
    """A row of headline figures (one or more) as one view: the first are its finding, all of them its table."""
    heads = [look.say(f"pinned.{name}") for name in ("figure", "value", "change", "versus")]
    rows = [(one.label, one.value, one.delta or "", one.versus if one.delta else "") for one in figures]
    table = pd.DataFrame(rows, columns=heads)
    table[look.say("grade.heading")] = [look.say(f"grade.{one.grade}") for one in figures]
    title = look.join(f"{one.label} {one.value}" for one in figures[:TITLED])
    alt = look.join(look.pair(one.label, one.value) for one in figures)
    return View({}, table, title, caption, alt, weakest(*(one.grade for one in figures)))


def headline(volumes: pd.DataFrame, stations: pd.Series, price: pd.Series, look: Look, grade: Grade) -> list[Kpi]:
    """Parcels, stations, leader, concentration (all of `grade`) and the published revenue per parcel.

    `volumes` has one row a month up to the month chosen and one column a network; `stations` and `price` (CNY) are
    indexed by month. Prices on either side of the wider definition of 2024 are never compared.
    """
    shares = row_shares(volumes)
    total = volumes.sum(axis=1).astype(float)
    leader = str(contested(shares).iloc[-1].idxmax())
    networks = network_shares(volumes)
    points = pd.Series(hhi(networks), index=networks.index, dtype=float).reindex(volumes.index)
    price = price[price.index <= volumes.index[-1]]
    if len(price) and price.index[-1] >= DEFINITION_BREAK:
        price = price[price.index >= DEFINITION_BREAK]
    year = look.say("kpi.versus")
    kpis = [
        Kpi(look.say("kpi.parcels"), look.count(total.iloc[-1]), _growth(total), True, total.tolist(), grade, year),
        Kpi(
            look.say("kpi.leader", name=look.name(leader)),
            percent(float(shares[leader].iloc[-1])),
            _change(shares[leader] * 100, look, "unit.points_signed", 1),
            None,
            (shares[leader] * 100).tolist(),
            grade,
            year,
        ),
        Kpi(
            look.say("kpi.hhi"),
            f"{points.iloc[-1]:,.0f}" if points.notna().iloc[-1] else "–",
            _change(points, look, "unit.plain_signed", 0),
            None,
            points.dropna().tolist(),
            grade,
            year,
        ),
    ]
    if stations.sum() > 0:
        counted = look.count(stations.iloc[-1])
        label = look.say("kpi.stations")
        kpis.insert(1, Kpi(label, counted, _growth(stations), True, stations.tolist(), grade, year))
    return [*kpis, *([_price(price, look)] if len(price) else [])]


def _price(price: pd.Series, look: Look) -> Kpi:
    """Revenue per parcel of the nation, whatever the filter."""
    delta = _change(price, look, "unit.cny_signed", 2)
    when = look.say("kpi.price_versus")
    value = f"¥{price.iloc[-1]:.2f}"
    return Kpi(look.say("kpi.price"), value, delta, True, price.tolist(), Grade.REPORTED, when)


def _growth(series: pd.Series) -> str | None:
    change = float(year_on_year(series).iloc[-1])
    return f"{change * 100:+.1f}%" if np.isfinite(change) else None


def _change(series: pd.Series, look: Look, key: str, digits: int) -> str | None:
    change = float(year_on_year(series, points=True).iloc[-1])
    return look.say(key, value=f"{change:+,.{digits}f}") if np.isfinite(change) else None
