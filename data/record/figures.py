"""How the rows of each file of the record become figures: one function a file."""

import re
from functools import cache

import pandas as pd

from data import cities
from data.record.layout import CHINA, EVIDENCE, INDUSTRY, bounds, growth, kinds, part
from data.record.periods import basis_of, parse

VOLUME, MONEY, PERCENT = "100 million parcels", "100 million CNY", "percent"
COMPANY_EVIDENCE = EVIDENCE | {"high": "B"}
_FLOW = r"^(?:parcels|RMB)(?:/(?:year|quarter|month))?$"


@cache
def _city_name(printed: str) -> str:
    code = cities.resolve(re.sub(r"\(.*\)$", "", printed))
    return f"{printed} {cities.cities().at[code, 'city_en']}" if code else printed


def facts(raw: pd.DataFrame) -> pd.DataFrame:
    """Single facts; a point printed with two ends is read as a range."""
    low, high = raw["value_low"], raw["value_high"]
    bound = raw["bound"].mask(low != high, "range")
    kind = kinds(raw["kind"]).mask((raw["kind"] != "stated") & raw["metric"].str.endswith("_forecast"), "forecast")
    flow = raw["unit"].str.contains(_FLOW)
    basis = pd.Series([basis_of(*parse(p)) for p in raw["period"]], index=raw.index).where(flow, "level")
    ranged = bound == "range"
    return part(
        raw,
        raw["metric"],
        low.where(~ranged, ""),
        raw["unit"],
        subject=raw["platform"],
        place=raw["place"],
        basis=basis,
        bound=bound,
        kind=kind,
        evidence=raw["grade"],
        low=low.where(ranged, ""),
        high=high.where(ranged, ""),
    )


def annual(raw: pd.DataFrame) -> pd.DataFrame:
    """National years; growth in rows of its own."""
    basis = raw["year"].str.len().eq(4).map({True: "year", False: "ytd"})
    return pd.concat(
        [part(raw, raw["metric"], raw["value"], raw["unit"], basis=basis), growth(raw, raw["metric"], basis=basis)]
    )


def best(raw: pd.DataFrame) -> pd.DataFrame:
    """National months with gaps filled; half-widths beyond rounding (0.05) become ranges."""
    volume, revenue = kinds(raw["volume_method"]), kinds(raw["revenue_method"])
    both = volume.where(volume == "derived", revenue)
    value, error = pd.to_numeric(raw["volume_100m"]), pd.to_numeric(raw["volume_approx_abs_error"])
    wide = error > 0.05 + 1e-9  # up to 0.05 is the rounding of the print itself
    low, high = (value - error).round(4).astype(str), (value + error).round(4).astype(str)
    together = raw["period"].str.contains("..", regex=False)
    common = {"basis": together.map({True: "months_together", False: "month_filled"})}
    return pd.concat(
        [
            part(
                raw,
                "express_volume",
                raw["volume_100m"],
                VOLUME,
                kind=volume,
                bound=wide.map({True: "range", False: "point"}),
                low=low.where(wide, ""),
                high=high.where(wide, ""),
                **common,
            ),
            part(raw, "express_revenue", raw["revenue_100m_cny"], MONEY, kind=revenue, **common),
            part(raw, "revenue_per_parcel", raw["revenue_per_parcel_cny"], "CNY per parcel", kind=both, **common),
            part(raw, "express_volume_2024_basis", raw["volume_100m_2024_basis"], VOLUME, kind="derived", **common),
        ]
    )


def reported(raw: pd.DataFrame) -> pd.DataFrame:
    """National months and year-to-date totals as printed."""
    kind = raw["note"].str.contains("pre-release").map({True: "derived", False: "stated"})
    common = {"basis": raw["basis"], "kind": kind}
    return pd.concat(
        [
            part(raw, "express_volume", raw["volume_100m"], VOLUME, **common),
            part(raw, "express_revenue", raw["revenue_100m_cny"], MONEY, **common),
            growth(raw, "express_volume", "volume_yoy_pct", **common),
            growth(raw, "express_revenue", "revenue_yoy_pct", **common),
        ]
    )


def province(raw: pd.DataFrame) -> pd.DataFrame:
    """Provinces, in 100 millions whatever unit was printed."""
    rank = raw["metric"].str.startswith("rank")
    place = raw["province"].replace("全国 National", CHINA)
    unit = raw["metric"].map({"express_volume": VOLUME, "express_revenue": MONEY, "rank_by_volume": "rank"})
    value = raw["value_in_100m"].where(~rank, raw["value"])
    common = {"place": place, "basis": raw["basis"]}
    kind = kinds(raw["value_type"]).mask(rank, "rank")
    return pd.concat(
        [part(raw, raw["metric"], value, unit, **{**common, "kind": kind}), growth(raw, raw["metric"], **common)]
    )


def city(raw: pd.DataFrame) -> pd.DataFrame:
    """Leading cities: rank, volume, share of the leading fifteen."""
    common = {"place": raw["city"].map(_city_name), "basis": raw["basis"]}
    together = raw["unit"].str.startswith("percent")
    return pd.concat(
        [
            part(raw, "rank_by_volume", raw["rank"], "rank", **{**common, "kind": "rank", "bound": "point"}),
            part(raw, "express_volume", raw["volume_100m"].mask(together, ""), VOLUME, **common),
            part(raw, "share_of_national_volume", raw["express_volume"].where(together, ""), PERCENT, **common),
            growth(raw, "express_volume", **common),
        ]
    )


def company(raw: pd.DataFrame) -> pd.DataFrame:
    """Companies; guidance (382-387) is a plan with a range."""
    ends = raw["value"].str.extract(r"^(\d+)-(\d+)$").fillna("")
    ranged = ends[0] != ""
    common = {
        "subject": raw["company"],
        "basis": raw["basis"].str.replace(" ", "_"),
        "evidence": raw["confidence"].map(COMPANY_EVIDENCE),
    }
    bound = bounds(raw["value_type"] + " " + raw["note"]).mask(ranged, "range")
    value = raw["value"].mask(ranged, "")
    return pd.concat(
        [
            part(raw, raw["metric"], value, raw["unit"], **{**common, "bound": bound, "low": ends[0], "high": ends[1]}),
            growth(raw, raw["metric"], **common),
        ]
    )


def share(raw: pd.DataFrame) -> pd.DataFrame:
    """Company volume over national volume of the same period."""
    common = {
        "subject": raw["company"],
        "basis": raw["basis"],
        "kind": "derived",
        "evidence": raw["confidence"].map(COMPANY_EVIDENCE),
    }
    return part(raw, "market_share_volume_derived", raw["share_pct"], PERCENT, **common)


def cr8(raw: pd.DataFrame) -> pd.DataFrame:
    """Brand concentration, old index and new definition apart; cumulative from January."""
    names = {
        "brand concentration CR8 (old single index)": "cr8_old_index",
        "CR8 by volume (new definition)": "cr8_by_volume",
        "CR8 by revenue (new definition)": "cr8_by_revenue",
    }
    kind = raw["note"].str.startswith("derived").map({True: "derived", False: "stated"})
    return part(raw, raw["index"].map(names), raw["value"], "index points", basis="ytd", kind=kind)


def split(raw: pd.DataFrame) -> pd.DataFrame:
    """East, Central, West and intra-city, inter-city, international."""
    basis = [basis_of(*parse(p)) for p in raw["period"]]
    return part(
        raw, raw["metric"] + "_by_" + raw["dimension"], raw["value"], raw["unit"], subject=raw["category"], basis=basis
    )


def rural(raw: pd.DataFrame) -> pd.DataFrame:
    """Rural parcels and networks."""
    subject = raw["metric"].str.startswith("china_post").map({True: "China Post", False: INDUSTRY})
    level = raw["metric"].str.contains("per_day|stations|share_of_daily")
    basis = pd.Series([basis_of(*parse(p)) for p in raw["period"]], index=raw.index).mask(level, "level")
    common = {"subject": subject, "basis": basis}
    return pd.concat(
        [part(raw, raw["metric"], raw["value"], raw["unit"], **common), growth(raw, raw["metric"], **common)]
    )


def peak(raw: pd.DataFrame) -> pd.DataFrame:
    """Record days."""
    metric = "peak_day_" + raw["what"].str.replace(" ", "_")
    return pd.concat(
        [part(raw, metric, raw["value"], raw["unit"], basis="peak_day"), growth(raw, metric, basis="peak_day")]
    )


def milestone(raw: pd.DataFrame) -> pd.DataFrame:
    """Days on which a year's running total passed a threshold."""
    return part(raw, "cumulative_in_year", raw["cumulative_in_year"], raw["unit"], basis="ytd")
