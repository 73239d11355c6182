"""The market at a glance: which months hold which networks, and what is missing between them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.views import heat, plain
from analysis.views.look import Look, View, percent
from data.cities import cities
from data.intake.summary import Sign, gaps, limits
from data.markets import Market
from data.platforms import PLATFORMS

ROW, HEAD = 24, 64
"""Pixels of a network's row, and of what stands around them."""
SEPARATE = 60
"""Up to so many months there is a gap between the cells."""
STATES = ("bad", "warn", "good")
"""The worst first."""


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
    holes = gaps(market).reindex(counts.index, fill_value=0)
    said = _title(counts, holes, look)
    now = look.join(look.pair(name, f"{n:,.0f}") for name, n in zip(names, counts.iloc[:, -1].fillna(0), strict=True))
    alt = look.say("change.alt_coverage", title=said, items=now)
    return View(figure, _table(counts, holes, look), said, look.say("change.caption_coverage"), alt, market.grade)


def _title(counts: pd.DataFrame, holes: pd.DataFrame, look: Look) -> str:
    first, last = (look.month(counts.columns[place]) for place in (0, -1))
    if holes["months"].any():
        names = look.few([look.name(str(name)) for name in holes.index[holes["months"] > 0]])
        months, series = (f"{int(holes[column].sum()):,}" for column in ("months", "series"))
        return look.say("change.coverage_gaps", n=months, series=series, names=names)
    return look.say("change.coverage_whole", months=counts.shape[1], networks=len(counts), first=first, last=last)


def _table(counts: pd.DataFrame, holes: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a network: first and last month, how many, how many its cities lack between, cities in the last."""
    there = counts.notna()
    heads = ("first_month", "last_month", "months", "missing", "cities")
    ends = [(row[row].index[0], row[row].index[-1]) for _, row in there.iterrows()]
    columns = (
        [look.month(first) for first, _ in ends],
        [look.month(last) for _, last in ends],
        there.sum(axis=1).to_numpy(),
        holes["months"].to_numpy(),
        [int(counts.at[name, last]) for name, (_, last) in zip(counts.index, ends, strict=True)],
    )
    return pd.DataFrame(
        {
            look.say("market.network"): [look.name(str(name)) for name in counts.index],
            **{look.say(f"change.column_{head}"): column for head, column in zip(heads, columns, strict=True)},
        }
    )


def facts(signs: Sequence[Sign], look: Look) -> pd.DataFrame:
    """One row a sign of `data.intake.summary.health`, the worst first: value, whether it is good, what is asked."""
    heads = [look.say(f"health.{head}") for head in ("what", "value", "state", "limit")]
    rows = [
        (look.say(f"health.{sign.key}"), _fact(sign, look), look.say(f"health.state_{sign.state}"), _limit(sign, look))
        for sign in _ordered(signs)
    ]
    return pd.DataFrame(rows, columns=heads)


def verdict(signs: Sequence[Sign], look: Look) -> str:
    """How many signs need a look, and the worst of them."""
    shown = _ordered(signs)
    found = [sign for sign in shown if sign.state != "good"]
    if not found:
        return look.say("health.all_good", n=len(shown))
    first = look.pair(look.say(f"health.{found[0].key}"), _fact(found[0], look))
    return look.say("health.some_bad", n=len(found), total=len(shown), first=first)


def _ordered(signs: Sequence[Sign]) -> list[Sign]:
    """The worst first; the latest month alone says how old the data are."""
    return sorted((sign for sign in signs if sign.key != "months_old"), key=lambda sign: STATES.index(sign.state))


def _limit(sign: Sign, look: Look) -> str:
    """From what on a sign is good, and why that is asked."""
    key = "months_old" if sign.key == "last_month" else sign.key
    good, warn = (percent(n, 0) if key.endswith("_share") else f"{n:,.0f}" for n in limits(key))
    return look.say(f"health.limit_{key}", good=good, warn=warn)


def _fact(sign: Sign, look: Look) -> str:
    if isinstance(sign.value, str):
        return look.month(pd.Timestamp(sign.value))
    if sign.key.endswith("_share"):
        return percent(sign.value)
    said = f"{sign.value:,.0f}"
    return look.say("health.of_cities", n=said, total=len(cities())) if sign.key == "cities" else said
