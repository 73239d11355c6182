"""The files of the record: the header and the allowed cells of each, and the function that reads its figures."""

from pathlib import Path

from data.record import figures
from data.record.layout import EVIDENCE, Layout

FOLDER = Path(__file__).resolve().parents[1] / "files" / "record"
SOURCE = ("source_title", "source_url", "source_published", "source_kind", "confidence", "note")
_CONFIDENCE = {"confidence": frozenset(EVIDENCE)}
_BASIS = {
    "basis": frozenset({"month", "ytd", "quarter", "half", "year", "period", "guidance", "day average", "peak day"})
}
FILES: dict[str, Layout] = {
    "facts": Layout(
        figures.facts,
        (
            "metric",
            "platform",
            "place",
            "period",
            "value_low",
            "value_high",
            "bound",
            "kind",
            "unit",
            "grade",
            "source_title",
            "source_url",
            "source_date",
            "note",
        ),
        ("value_low", "value_high"),
        ("metric", "platform", "place", "period", "unit", "source_title"),
        {
            "bound": frozenset({"point", "lower", "upper", "range"}),
            "kind": frozenset({"stated", "plan or forecast"}),
            "grade": frozenset("ABCD"),
        },
        "",
    ),
    "national_annual": Layout(
        figures.annual,
        ("year", "metric", "value", "unit", "yoy_pct", "vintage", "value_type", "derivation", *SOURCE),
        ("value", "yoy_pct"),
        words=_CONFIDENCE,
        period="year",
    ),
    "national_monthly_best": Layout(
        figures.best,
        (
            "period",
            "volume_100m",
            "volume_method",
            "volume_approx_abs_error",
            "revenue_100m_cny",
            "revenue_method",
            "revenue_per_parcel_cny",
            "volume_100m_2024_basis",
            *SOURCE,
        ),
        (
            "volume_100m",
            "volume_approx_abs_error",
            "revenue_100m_cny",
            "revenue_per_parcel_cny",
            "volume_100m_2024_basis",
        ),
        words=_CONFIDENCE,
    ),
    "national_monthly_reported": Layout(
        figures.reported,
        ("period", "basis", "volume_100m", "volume_yoy_pct", "revenue_100m_cny", "revenue_yoy_pct", *SOURCE),
        ("volume_100m", "volume_yoy_pct", "revenue_100m_cny", "revenue_yoy_pct"),
        words=_CONFIDENCE | _BASIS,
    ),
    "by_province": Layout(
        figures.province,
        (
            "period",
            "basis",
            "province",
            "metric",
            "value",
            "unit",
            "yoy_pct",
            "value_type",
            "derivation",
            "value_in_100m",
            *SOURCE,
        ),
        ("value", "yoy_pct", "value_in_100m"),
        words=_CONFIDENCE | _BASIS,
    ),
    "by_city": Layout(
        figures.city,
        ("period", "basis", "rank", "city", "express_volume", "unit", "yoy_pct", "value_type", "volume_100m", *SOURCE),
        ("rank", "express_volume", "yoy_pct", "volume_100m"),
        words=_CONFIDENCE | _BASIS,
    ),
    "by_company": Layout(
        figures.company,
        ("period", "basis", "company", "metric", "value", "unit", "yoy_pct", "value_type", "derivation", *SOURCE),
        ("yoy_pct",),
        words=_CONFIDENCE | _BASIS,
    ),
    "company_share_derived": Layout(
        figures.share,
        (
            "period",
            "basis",
            "company",
            "company_volume_100m",
            "national_volume_100m",
            "share_pct",
            "company_value_type",
            *SOURCE,
        ),
        ("company_volume_100m", "national_volume_100m", "share_pct"),
        words=_CONFIDENCE | _BASIS,
    ),
    "cr8": Layout(figures.cr8, ("period", "index", "value", *SOURCE), ("value",), words=_CONFIDENCE),
    "region_and_distance_split": Layout(
        figures.split,
        ("period", "dimension", "category", "metric", "value", "unit", "value_type", *SOURCE),
        ("value",),
        words=_CONFIDENCE,
    ),
    "rural": Layout(
        figures.rural,
        ("period", "metric", "value", "unit", "yoy_pct", "value_type", *SOURCE),
        ("value", "yoy_pct"),
        words=_CONFIDENCE,
    ),
    "peak_days": Layout(
        figures.peak,
        ("day", "what", "value", "unit", "yoy_pct", *SOURCE),
        ("value", "yoy_pct"),
        words=_CONFIDENCE,
        period="day",
    ),
    "milestones": Layout(
        figures.milestone,
        ("date", "cumulative_in_year", "unit", *SOURCE),
        ("cumulative_in_year",),
        words=_CONFIDENCE,
        period="date",
    ),
}
