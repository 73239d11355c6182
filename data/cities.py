"""Prefecture-level cities: codes, names in two languages, tier, region, position, population.

Tiers are dated: the list is that of the Rising Lab (Yicai), 2025. Positions are WGS-84 seats from GeoNames
(CC BY 4.0); populations are those of the 2020 census.
"""

from functools import cache
from pathlib import Path

import pandas as pd

from data.platforms import fold

FILES = Path(__file__).parent / "files"
TIERS = ("Tier 1", "New Tier 1", "Tier 2", "Tier 3", "Tier 4", "Tier 5")
REGIONS = ("East", "South", "Central", "North", "Northeast", "Southwest", "Northwest")


@cache
def _table() -> pd.DataFrame:
    text = {"adcode": str, "tier_list_year": "Int64", "population_2020": "int64"}
    table = pd.read_csv(FILES / "cities.csv", dtype=text).set_index("adcode")
    table["tier"] = pd.Categorical(table["tier"], TIERS, ordered=True)
    table["region"] = pd.Categorical(table["region"], REGIONS)
    return table


def cities() -> pd.DataFrame:
    """One row per city, index `adcode` (six-digit string).

    Columns: city_zh, city_full_zh, city_en, province_zh, province_en, region, tier, tier_rank, tier_list_year,
    lat, lon (degrees, WGS-84), population_2020 (people), population_note.
    """
    return _table().copy()


@cache
def names() -> dict[str, str]:
    """Every folded spelling of a city (code, Chinese short and full, English) that means one city alone."""
    table = _table()
    found: dict[str, set[str]] = {}
    for column in ("city_zh", "city_full_zh", "city_en"):
        for code, name in table[column].items():
            found.setdefault(fold(str(name)), set()).add(str(code))
    found |= {str(code): {str(code)} for code in table.index}
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def resolve(name: str) -> str | None:
    """Adcode of the city that `name` (code, Chinese or English) means, or None when unknown or ambiguous."""
    text = fold(name)
    return names().get(text) or names().get(text.removesuffix("city"))
