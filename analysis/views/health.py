"""The market at a glance: which months hold which networks, and what is missing between them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.views import heat, plain
from analysis.views.look import Look, View, percent
from data.cities import cities
from data.intake.summary import Sign
from data.markets import Market
from data.platforms import PLATFORMS

ROW, HEAD = 24, 40
"""Pixels of a network's row, and of what stands around them."""
SEPARATE = 60
"""Up to so many months there is a gap between the cells."""


def strip(market: Market) -> pd.DataFrame:
    """Cities with parcels: networks x months from the first to the last, not a number where there is none.

    The market has a panel.
    """
    assert market.panel is not None
    rows = market.panel[market.panel["parcels"] > 0]
    found = rows.groupby(["platform", "month"], observed=True).size().unstack("month").astype("float64")
    months = pd.date_range(found.columns.min(), found.columns.max(), freq="MS", name="month")
    networks = [name for name in PLATFORMS if name in found.index]
    return found.reindex(index=networks, columns=months)


def missing(counts: pd.DataFrame) -> pd.Series:
    """Months without a parcel between the first and the last of each network of a `strip`."""
    there = counts.notna().to_numpy()
    inside = np.maximum.accumulate(there, axis=1) & np.maximum.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    return pd.Series((inside & ~there).sum(axis=1), counts.index)


def coverage(market: Market, look: Look) -> View:
    """Heat strip of the cities with parcels by month, one row a network; empty where a month holds none."""
    counts = strip(market)
    names = [look.name(str(name)) for name in counts.index]
    strong = {
        "type": "heatmap",
        "x": plain.dates(pd.DatetimeIndex(counts.columns)),
        "y": names,
        "z": [plain.numbers(row) for row in counts.to_numpy()],
        "zmin": 0,
        "zmax": float(np.nanmax(counts.to_numpy())),
        "colorscale": heat.steps(look.theme.sequential[1:]),
        "showscale": False,
        "xgap": 1 if counts.shape[1] <= SEPARATE else 0,
        "ygap": 2,
        "hoverongaps": False,
        "hovertemplate": f"%{{x|%Y-%m}} %{{y}} <b>{look.say('change.cell', n='%{z:,.0f}')}</b><extra></extra>",
    }
    figure = plain.figure(
        [strong],
        look,
        height=HEAD + ROW * len(names),
        x=plain.months_axis(counts.shape[1]),
        y=plain.rows_axis(),
    )
    said = _title(counts, market, look)
    now = look.join(look.pair(name, f"{n:,.0f}") for name, n in zip(names, counts.iloc[:, -1].fillna(0), strict=True))
    alt = look.say("change.alt_coverage", title=said, items=now)
    return View(figure, _table(counts, look), said, look.say("change.caption_coverage"), alt, market.grade)


def _title(counts: pd.DataFrame, market: Market, look: Look) -> str:
    assert market.panel is not None
    first, last = (look.month(counts.columns[place]) for place in (0, -1))
    gaps = missing(counts)
    if gaps.any():
        names = look.few([look.name(str(name)) for name in gaps.index[gaps > 0]])
        return look.say("change.coverage_gaps", n=int(gaps.sum()), names=names)
    return look.say("change.coverage_whole", months=counts.shape[1], networks=len(counts), first=first, last=last)


def _table(counts: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a network: first and last month, how many, how many are missing between, cities in the last."""
    there = counts.notna()
    heads = ("first_month", "last_month", "months", "missing", "cities")
    ends = [(row[row].index[0], row[row].index[-1]) for _, row in there.iterrows()]
    columns = (
        [look.month(first) for first, _ in ends],
        [look.month(last) for _, last in ends],
        there.sum(axis=1).to_numpy(),
        missing(counts).to_numpy(),
        [int(counts.at[name, last]) for name, (_, last) in zip(counts.index, ends, strict=True)],
    )
    return pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(name)) for name in counts.index],
            **{look.say(f"change.column_{head}"): column for head, column in zip(heads, columns, strict=True)},
        }
    )


def facts(signs: Sequence[Sign], look: Look) -> pd.DataFrame:
    """One row a sign of `data.intake.summary.health`: what is looked at, its value, and whether it is good."""
    heads = [look.say(f"health.{head}") for head in ("what", "value", "state")]
    rows = [
        (look.say(f"health.{sign.key}"), _fact(sign, look), look.say(f"health.state_{sign.state}")) for sign in signs
    ]
    return pd.DataFrame(rows, columns=heads)


def verdict(signs: Sequence[Sign], look: Look) -> str:
    """Which signs need a look, the worst first."""
    found = [sign for state in ("bad", "warn") for sign in signs if sign.state == state]
    if not found:
        return look.say("health.all_good", n=len(signs))
    items = [look.pair(look.say(f"health.{sign.key}"), _fact(sign, look)) for sign in found]
    return look.say("health.some_bad", items=look.join(items))


def _fact(sign: Sign, look: Look) -> str:
    if isinstance(sign.value, str):
        return look.month(pd.Timestamp(sign.value))
    if sign.key.endswith("_share"):
        return percent(sign.value)
    said = f"{sign.value:,.0f}"
    return look.say("health.of_cities", n=said, total=len(cities())) if sign.key == "cities" else said
