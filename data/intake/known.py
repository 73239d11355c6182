"""Spellings that the typed scan of a large file expects beside those of its sample; none of them decides anything."""

import datetime as dt
from collections.abc import Collection, Mapping
from functools import lru_cache

from data import platforms
from data.cities import cities
from data.intake.names import find

_FORMS = (
    "{y}-{m:02d}",
    "{y}-{m}",
    "{y}/{m}",
    "{y}/{m:02d}",
    "{y}{m:02d}",
    "{y}.{m:02d}",
    "{y}年{m}月",
    "{y}年{m:02d}月",
)
_FIRST_DAYS = ("-01", "-1", "/1", "/01", "01", ".01", "1日", "01日")
_YEARS = range(2000, 2100)


def months(sample: Collection[str]) -> dict[str, object]:
    """Every month of the century in the forms that a sample of months is written in, and what it means."""
    forms = (*_FORMS, *(form + day for form, day in zip(_FORMS, _FIRST_DAYS, strict=True)))
    used = [form for form in forms if not _written(form).keys().isdisjoint(sample)]
    return {text: month for form in used for text, month in _written(form).items()}


@lru_cache(maxsize=32)
def _written(form: str) -> dict[str, dt.date]:
    return {form.format(y=year, m=month): dt.date(year, month, 1) for year in _YEARS for month in range(1, 13)}


def names(kind: str, *, but: Mapping[str, str]) -> dict[str, object]:
    """Names of all cities, networks or sources of orders in their usual spellings, but for those decided on."""
    return {text: key for text, key in _names(kind, tuple(platforms.PLATFORMS.values())).items() if text not in but}


@lru_cache(maxsize=16)
def _names(kind: str, networks: tuple[platforms.Platform, ...]) -> dict[str, str]:
    if kind == "city":
        table = cities()
        texts = [*table.index, *table["city_zh"], *table["city_full_zh"], *table["city_en"]]
    elif kind == "platform":
        texts = [text for network in networks for text in platforms.spellings(network)]
    else:
        texts = [*platforms.ORDER_SOURCES, platforms.OTHER_SOURCE] if kind == "origin" else list(platforms.FORMATS)
    found = {str(text): find(kind, str(text), guess=False) for text in texts}
    return {text: one.value for text, one in found.items() if one.value is not None and not one.code}
