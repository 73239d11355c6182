"""What was planned for the countryside and what was reached, as published: every source for itself, none averaged."""

from dataclasses import dataclass

import pandas as pd

from data import record
from data.grade import Grade

TOPICS: dict[str, tuple[str, ...]] = {
    "centres": ("service_centres", "villages_planned", "village_centres_planned"),
    "counties": ("counties_covered", "counties_planned", "county_units_covered", "county_delivery_centres"),
    "points": ("village_stations", "village_level_logistics_stations", "villages_in_post_express_cooperation"),
    "shares": (
        "share_villages_with_express",
        "share_townships_with_outlet",
        "share_villages_in_post_express_cooperation",
        "share_villages_without_ecommerce_station",
    ),
}
"""Metrics of the record: village centres of Rural Taobao, counties, village points of all networks, shares."""
_SCALE = {"10 thousand": 1e4}
_SAME = {"village_level_logistics_stations": "village_stations"}
"""One thing under two names."""
DECIMALS = 1
"""Of shares in per cent, as printed."""
DOUBLING = "service_centre_growth_factor_planned"
_WITHOUT = "share_villages_without_ecommerce_station"
WITH_SHOP = "share_villages_with_ecommerce_station"


@dataclass(frozen=True, slots=True)
class Said:
    """A figure that stands in the words of a row and not in its value.

    Attributes
    ----------
    row : str
        Beginning of the row's id.
    words : str
        What the row's note or title says.
    metric : str
    value : float
        In the unit of the metric.
    plan : bool
    at : str
        Day it belongs to, or is due.
    """

    row: str
    words: str
    metric: str
    value: float
    plan: bool
    at: str


_POST, _EXPRESS = "villages_in_post_express_cooperation", "share_villages_with_express"
SAID = (
    Said("facts:177:", "China Daily says 230,000", _POST, 230_000.0, False, "2022-04-30"),
    Said("rural:14:", "cooperation covers 75% of villages", f"share_{_POST}", 75.0, False, "2023-12-31"),
    Said("facts:176:", "cover all villages with delivery services by 2022", _EXPRESS, 100.0, True, "2022-12-31"),
)
_CONFLICTING = ("facts:177:",)
"""Rows against which something in words stands."""
_ANNOUNCED = {"2014-10 plan (3-5 years)": ("2014-10-31", "2017-10-31", "2019-10-31")}
"""When a plan was announced, and when it was due first and last; all others were announced in June 2018 for 2021."""
_THREE_YEARS = ("2018-06-30", "2021-06-30", "2021-12-31")
_BY_2022 = ("2019-05-31", "2022-01-01", "2022-12-31")
_REACHED_BY = {
    "counties_planned": "counties_covered",
    "villages_planned": "service_centres",
    "village_centres_planned": "service_centres",
    DOUBLING: "service_centres",
    "share_villages_with_express": "share_villages_with_express",
}
COLUMNS = (
    *("id", "topic", "metric", "network", "subject", "period", "at", "announced", "due", "value", "low", "high"),
    *("bound", "plan", "derived", "conflict", "evidence", "grade", "note", "source_title", "source_url"),
)


def figures() -> pd.DataFrame:
    """Every published figure of the countryside, plans among them, one row a source.

    Returns
    -------
    DataFrame
        `COLUMNS`: metric (that of the record, two names of one thing made one), at (day it belongs to, of a plan the
        last day it was due; no later than its source), announced and due (of plans: first day it was due), value with
        low and high (NaN where a side is open; counts, or per cent in topic "shares"), plan, derived (computed from a
        printed figure, or read from the words of a row) and conflict (another source says otherwise).
    """
    rows = record.load()
    topics = {metric: topic for topic, metrics in TOPICS.items() for metric in metrics}
    doubled = rows["metric"] == DOUBLING
    found = rows[rows["metric"].isin(topics) | doubled].reset_index(drop=True)
    scale = found["unit"].map(_SCALE).fillna(1.0)
    table = pd.DataFrame(
        {
            **{name: found[name] for name in ("id", "network", "subject", "period", "bound", "evidence", "note")},
            **{name: found[name] for name in ("source_title", "source_url")},
            "topic": found["metric"].map(topics).fillna("centres"),
            "metric": found["metric"].replace(_SAME),
            "at": _no_later_than_source(found),
            **{name: found[f"value{end}"] * scale for name, end in (("value", ""), ("low", "_low"), ("high", "_high"))},
            "plan": found["kind"] == "plan",
            "derived": False,
            "conflict": found["traps"].str.contains("conflict") | found["id"].str.startswith(_CONFLICTING),
            "grade": found["grade"].astype(str),
        }
    )
    table = _planned(_derived(pd.concat([table, _from_words(rows)], ignore_index=True)))
    return table[list(COLUMNS)].sort_values(["topic", "at", "id"], kind="stable", ignore_index=True)


def _no_later_than_source(rows: pd.DataFrame) -> pd.Series:
    dated = rows["source_date"].str.fullmatch(r"\d{4}-\d{2}(-\d{2})?")
    printed = pd.to_datetime(rows["source_date"].where(dated), format="ISO8601")
    latest = printed + pd.offsets.MonthEnd(0)
    return rows["at"].where(~(rows["at"] > latest), latest)


def _from_words(rows: pd.DataFrame) -> pd.DataFrame:
    """What stands in notes and titles, with the source of its row."""
    topics = {metric: topic for topic, metrics in TOPICS.items() for metric in metrics}
    out = []
    for said in SAID:
        row = rows[rows["id"].str.startswith(said.row)].iloc[0]
        kept = {name: row[name] for name in ("network", "subject", "evidence", "source_title", "source_url")}
        out.append(
            {
                **kept,
                **{"id": f"{row['id']}:words", "topic": topics[said.metric], "metric": said.metric},
                **{"period": said.at[:7], "at": pd.Timestamp(said.at), "value": said.value, "low": said.value},
                **{"high": said.value, "bound": "point", "plan": said.plan, "derived": True, "note": said.words},
                "conflict": row["id"].startswith(_CONFLICTING),
                "grade": str(Grade.ASSUMED if said.plan else Grade.REPORTED),
            }
        )
    return pd.DataFrame(out)


def _derived(table: pd.DataFrame) -> pd.DataFrame:
    """Double the centres of the plan's day, and villages with a shop from those without."""
    centres = table[(table["metric"] == "service_centres") & (table["at"] <= pd.Timestamp(_THREE_YEARS[0]))]
    before = float(centres.sort_values("at")["value"].iloc[-1])
    doubled, without = (table["metric"] == name for name in (DOUBLING, _WITHOUT))
    out = table.copy()
    for name in ("value", "low", "high"):
        out[name] = out[name].mask(doubled, out[name] * before).mask(without, (100.0 - out[name]).round(DECIMALS))
    out["derived"] |= doubled | without
    out.loc[without, "grade"] = str(Grade.ESTIMATED)
    return out.assign(metric=out["metric"].replace(_WITHOUT, WITH_SHOP))


def _planned(table: pd.DataFrame) -> pd.DataFrame:
    """When plans were announced and due."""
    days = [
        _ANNOUNCED.get(row.period, _BY_2022 if row.topic == "shares" else _THREE_YEARS) if row.plan else (None,) * 3
        for row in table.itertuples()
    ]
    when = pd.DataFrame(days, table.index, ["announced", "due", "last"]).apply(pd.to_datetime)
    return table.assign(
        announced=when["announced"], due=when["due"], at=table["at"].where(~table["plan"], when["last"])
    )


def ledger(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every plan with what was last published by the day it was due.

    Parameters
    ----------
    table : DataFrame, optional
        What `figures` returns.

    Returns
    -------
    DataFrame
        metric, topic, announced, due (first day), last (last day it was due), planned, reached and reached_at (the
        latest figure published of the same thing up to `last`, the largest where several stand for one day), part
        (reached over planned; a lower bound where `bound` is "lower"), bound, conflict, sources (joined titles). One
        row for a plan that several sources print.
    """
    rows = figures() if table is None else table
    out = []
    for (metric, planned), plan in rows[rows["plan"]].groupby(["metric", "value"], sort=False):
        last = plan["at"].max()
        same = rows[~rows["plan"] & (rows["metric"] == _REACHED_BY[str(metric)]) & (rows["at"] <= last)]
        best = same.sort_values(["at", "value"]).iloc[-1]
        first = plan.iloc[0]
        out.append(
            {
                **{"metric": str(metric), "topic": first["topic"], "announced": first["announced"]},
                **{"due": first["due"], "last": last, "planned": float(plan["value"].iloc[0])},
                **{"reached": float(best["value"]), "reached_at": best["at"], "part": best["value"] / planned},
                **{"bound": best["bound"], "conflict": bool(plan["conflict"].any())},
                "sources": " · ".join(dict.fromkeys(plan["source_title"])),
            }
        )
    return pd.DataFrame(out).sort_values(["topic", "announced", "planned"], kind="stable", ignore_index=True)
