"""Share of hand-overs and density of lockers: the market beside the published figures, conflicts shown."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.views import plain
from analysis.views.look import Look, View, percent
from data.cities import TIERS
from data.cities import cities as all_cities
from data.grade import Grade

SHARES = (
    "share_parcels_via_lockers",
    "share_of_last_mile_via_lockers",
    "share_parcels_via_lockers_target",
    "share_parcels_lockers",
)
"""Metrics of the record on the part of parcels that goes through lockers."""
COUNTS = ("locker_sets", "lockers_installed", "lockers_installed_forecast")
INDUSTRY = ("Smart lockers", "Industry (all operators)")
"""Whom a count of all sets in the country is of."""
LARGEST = "Hive Box"
ROW = 25
"""Pixels of a row."""
TEN_THOUSAND = 1e4
BOUND = {"lower": "≥ ", "upper": "≤ "}
SAME = "\u200b"
"""Keeps rows apart whose words are the same."""


def published_shares(record: pd.DataFrame) -> pd.DataFrame:
    """Rows of the record on the share of parcels through lockers, earliest first."""
    return record[record["metric"].isin(SHARES)].sort_values("end", kind="stable")


def published_counts(record: pd.DataFrame) -> pd.DataFrame:
    """Rows of the record on sets in the whole country, and the latest of the largest network, earliest first."""
    rows = record[record["metric"].isin(COUNTS)].sort_values("end", kind="stable")
    latest = rows[rows["subject"] == LARGEST].tail(1)
    return rows[rows["subject"].isin(INDUSTRY) | rows.index.isin(latest.index)]


def shares(
    tiers: pd.DataFrame,
    record: pd.DataFrame,
    look: Look,
    *,
    caption: str,
    grade: Grade,
    city: pd.DataFrame | None = None,
) -> View:
    """Part of the parcels handed over by lockers, by tier, and what was published of it.

    `tiers` has index tier and columns handed and lockers, parcels a day; `city` the same of a city chosen, by name.
    """
    rows = _tiers(tiers)
    whole = float(rows["lockers"].sum() / rows["handed"].sum())
    market = _named(rows["lockers"] / rows["handed"], None if city is None else city["lockers"] / city["handed"], look)
    market *= 100
    found = published_shares(record)
    official = found[(found["evidence"] == "A") & (found["kind"] == "stated")]
    target = found[found["kind"] == "plan"]
    weak = found[found["traps"].str.contains("conflict")]
    said = {
        "market": percent(whole),
        "official": look.join(_dated(row, look) for row in official.itertuples()),
        "target": look.join(_dated(row, look) for row in target.itertuples()),
        "weak": look.join(_range(row) for row in weak.itertuples()),
    }
    figure = _chart(market, whole * 100, found, look, factor=1.0, suffix="%", digits=1)
    table = _table(market, whole * 100, found, look, look.say("lockmap.share"), factor=1.0, digits=2)
    title = look.say("lockmap.share_title", **said)
    if city is not None:
        title = look.say("lockmap.share_city", where=str(city.index[0]), mine=percent(market.iloc[0] / 100), **said)
    items = look.join(f"{t} {v:.1f}%" for t, v in market.items())
    return View(figure, table, title, caption, look.say("lockmap.share_alt", items=items, **said), grade)


def density(
    tiers: pd.DataFrame,
    record: pd.DataFrame,
    look: Look,
    *,
    caption: str,
    grade: Grade,
    city: pd.DataFrame | None = None,
) -> View:
    """Sets per 10,000 people by tier, and what published counts come to.

    `tiers` has index tier and columns sets and people, `city` the same of a city chosen, by name; published counts are
    divided by the census of every city.
    """
    rows = _tiers(tiers)
    whole = float(rows["sets"].sum() / rows["people"].sum()) * TEN_THOUSAND
    market = _named(rows["sets"] / rows["people"], None if city is None else city["sets"] / city["people"], look)
    market *= TEN_THOUSAND
    found = published_counts(record)
    people = float(all_cities()["population_2020"].sum())
    factor = TEN_THOUSAND / people
    bureau = found[(found["evidence"] == "A") & (found["kind"] == "stated")].iloc[-1]
    forecast = found[found["kind"] == "forecast"].iloc[-1]
    said = {
        "market": f"{whole:.2f}",
        "bureau": f"{float(bureau['value']) * factor:.2f}",
        "counted": f"{float(bureau['value']):,.0f}",
        "forecast": f"{float(forecast['value']):,.0f}",
        "ahead": f"{float(forecast['value']) * factor:.2f}",
    }
    figure = _chart(market, whole, found, look, factor=factor, suffix="", digits=2)
    table = _table(market, whole, found, look, look.say("lockmap.per_10k"), factor=factor, digits=3)
    items = look.join(f"{t} {v:.2f}" for t, v in market.items())
    title = look.say("lockmap.density_title", **said)
    if city is not None:
        title = look.say("lockmap.density_city", where=str(city.index[0]), mine=f"{market.iloc[0]:.2f}", **said)
    return View(figure, table, title, caption, look.say("lockmap.density_alt", items=items, **said), grade)


def _tiers(table: pd.DataFrame) -> pd.DataFrame:
    return table.loc[[tier for tier in TIERS if tier in table.index]]


def _named(tiers: pd.Series, city: pd.Series | None, look: Look) -> pd.Series:
    """Values by the name shown: the city chosen on top, then tiers."""
    named = tiers.set_axis([look.term("tier", tier) for tier in tiers.index])
    return named if city is None else pd.concat([city, named])


def _value(row: Any) -> float:
    """Figure of a row, or the end that was printed."""
    ends = [v for v in (row.value, row.value_high, row.value_low) if np.isfinite(v)]
    return float(ends[0])


def _whose(row: Any, look: Look) -> str:
    """Place, where it is not the country; network, where it is not all of them."""
    place = [] if row.place == "China" else [look.place(row.place)]
    return look.join([*place, *([look.term("subject", row.subject)] if row.subject == LARGEST else [])])


def _dated(row: Any, look: Look) -> str:
    """Figure with where and when: 8.9% (Beijing, 2018)."""
    where = [] if row.place == "China" else [look.place(row.place)]
    return look.say("lockmap.dated", value=f"{_value(row):g}%", where=look.join([*where, str(row.end.year)]))


def _range(row: Any) -> str:
    if row.bound == "range":
        return f"{row.value_low:g}–{row.value_high:g}%"
    return f"{_value(row):g}%"


def _labels(found: pd.DataFrame, look: Look) -> list[str]:
    """Month, where, how far to trust it and whether it is a plan; told apart by invisible marks where alike."""
    return [
        look.say(
            "lockmap.published_row",
            when=f"{row.end:%Y-%m}",
            where=_whose(row, look),
            evidence=row.evidence,
            kind="" if row.kind == "stated" else look.term("kind", row.kind),
        ).strip()
        + SAME * i
        for i, row in enumerate(found.itertuples())
    ]


def _chart(
    market: pd.Series, whole: float, found: pd.DataFrame, look: Look, *, factor: float, suffix: str, digits: int
) -> dict[str, Any]:
    """Bars of the market above, published figures below: dots, or lines between the ends of a range."""
    ours = [*market.index, look.say("lockmap.whole")]
    values = [*market.tolist(), whole]
    theirs = _labels(found, look)
    ends = [
        (row.value_low * factor, row.value_high * factor) if row.bound == "range" else (_value(row) * factor,) * 2
        for row in found.itertuples()
    ]
    doubted = [bool(row.traps) and ("conflict" in row.traps or row.kind != "stated") for row in found.itertuples()]
    trusted = [look.theme.text if not doubt else look.theme.muted for doubt in doubted]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": ours,
        "x": plain.numbers(values),
        "marker": {"color": [look.theme.accent] * len(market) + [look.theme.colour("")]},
        "hovertemplate": f"%{{y}} <b>%{{x:.{digits}f}}{suffix}</b><extra></extra>",
    }
    lines = plain.interval([low for low, _ in ends], [high for _, high in ends], theirs, look.theme.muted, 5)
    dots = {
        "type": "scatter",
        "mode": "markers",
        "y": theirs,
        "x": plain.numbers([(low + high) / 2 if low == high else np.nan for low, high in ends]),
        "marker": {
            "size": 10,
            "symbol": ["circle-open" if doubt else "circle" for doubt in doubted],
            "color": trusted,
            "line": {"width": 2, "color": trusted},
        },
        "customdata": found["source_title"].str.slice(0, 70).tolist(),
        "hovertemplate": f"%{{y}} <b>%{{x:.{digits}f}}{suffix}</b><br>%{{customdata}}<extra></extra>",
    }
    texts = {label: f"{value:.{digits}f}{suffix}" for label, value in zip(ours, values, strict=True)}
    signs = [BOUND.get(bound, "") for bound in found["bound"]]
    for label, (low, high), sign in zip(theirs, ends, signs, strict=True):
        texts[label] = f"{sign}{low:.{digits}f}" + (suffix if low == high else f"–{high:.{digits}f}{suffix}")
    rows = {**plain.rows_axis(), "categoryarray": [*ours, *theirs], "categoryorder": "array"}
    return plain.figure(
        (bars, lines, dots),
        look,
        height=ROW * len(texts) + 34,
        right=86,
        x={"rangemode": "tozero", "ticksuffix": suffix, "nticks": 5},
        y=rows,
        annotations=plain.at_right(look, texts),
    )


def _table(
    market: pd.Series, whole: float, found: pd.DataFrame, look: Look, name: str, *, factor: float, digits: int
) -> pd.DataFrame:
    """Market first, then every published figure with its source."""
    values: Sequence[float] = [*market.tolist(), whole, *(_value(row) * factor for row in found.itertuples())]
    blank = [""] * (len(market) + 1)
    lows = [np.nan] * len(blank) + (found["value_low"] * factor).tolist()
    highs = [np.nan] * len(blank) + (found["value_high"] * factor).tolist()
    return pd.DataFrame(
        {
            look.say("lockmap.row"): [
                *market.index,
                look.say("lockmap.whole"),
                *_labels(found, look),
            ],
            name: np.round(values, digits),
            look.say("record.low"): np.round(lows, digits),
            look.say("record.high"): np.round(highs, digits),
            look.say("record.kind"): [*blank, *(look.term("kind", k) for k in found["kind"])],
            look.say("record.source"): [*blank, *found["source_title"]],
            look.say("record.note"): [*blank, *found["note"]],
            look.say("record.link"): [*blank, *found["source_url"]],
        }
    )
