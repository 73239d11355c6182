"""A market with a network of its own: a part of the illustrative one, where NewCo runs every other place of STO."""

from collections.abc import Iterator
from functools import cache

import pandas as pd
import pyarrow as pa

from data import demo, networks
from data.grade import Grade
from data.intake.canonical import complete
from data.markets import Market, make
from data.schema import DATASETS
from data.workspace import Part, Provenance

NEWCO = networks.make("NewCo", zh="新驿", owner="ByteDance", aliases=("新驿站",))
SINCE = "2025-01-01"
FILE = "广州_2026.csv"


@cache
def with_newco(*, cities: int = 60, version: str = "someone-0123456789ab") -> Market:
    """Stations, subsidies and volumes since `SINCE` of `cities` cities, all tiers among them."""
    whole = demo.load()
    codes = sorted(whole.panel["city"].astype(str).unique())[:: 337 // cities][:cities]
    theirs = set(codes[::2])
    tables = {}
    for dataset in ("stations", "subsidies", "volumes"):
        rows = getattr(whole, dataset)
        rows = rows[rows["city"].isin(codes)]
        rows = rows[rows["month"] >= SINCE] if "month" in rows else rows
        platform = rows["platform"].astype(str)
        moved = (platform == "sto") & rows["city"].isin(theirs)
        tables[dataset] = rows.assign(platform=platform.mask(moved, NEWCO.key), city=rows["city"].astype(str))
    return make("yours", grade=Grade.REPORTED, version=version, source="a.csv", networks=(NEWCO,), **tables)


def parts(*datasets: str, since: str = "") -> Iterator[Part]:
    """Datasets of that market, to be saved in a workspace."""
    for dataset in datasets:
        rows = getattr(with_newco(), dataset)
        rows = rows[rows["month"] >= since] if since else rows
        kept = pd.DataFrame({name: rows[name] for name in DATASETS[dataset].columns if name in rows})
        table = pa.Table.from_pandas(kept.reset_index(drop=True).reset_index(names="row"), preserve_index=False)
        yield Part(dataset, complete(table, DATASETS[dataset]), provenance=Provenance(file=FILE))
