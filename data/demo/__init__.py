"""The illustrative market: built once from a stated model with known parameters, then read from files.

No public file splits parcels by network and city. This market is drawn, at full scale, from the assumptions in
`parameters` and `network_table`, and held to published figures by `anchors`.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from data import geo
from data.cities import TIERS
from data.demo import model as demo_model
from data.demo import table as demo_table
from data.demo import volumes as demo_volumes
from data.demo.grid import networks
from data.demo.network_table import NETWORKS
from data.demo.parameters import CITY_TASTE_SD, DENSITY_EFFECT, SEED, SHOCK_SD, SUBSIDY_EFFECT
from data.demo.parameters import Path as Knots
from data.grade import Grade
from data.markets import Market, make

__all__ = [
    *("DATASETS", "FOLDER", "SEED", "TRUE", "Truth"),
    *("assumptions", "build", "constants", "inputs", "load", "national_totals", "ready"),
]

ROOM = Path(__file__).resolve().parents[1]
FOLDER = ROOM / "built"
DATASETS = ("stations", "subsidies", "volumes", "panel")
NAME = "illustrative"
SOURCE = "market.source_demo"
LIBRARIES = ("numpy", "pandas", "pyarrow", "duckdb")
MANIFEST = "manifest.json"

assumptions = demo_table.assumptions
national_totals = demo_volumes.national_totals


@dataclass(frozen=True, slots=True)
class Truth:
    """True parameters that the share model is to recover.

    Attributes
    ----------
    subsidy : mapping of tier to float
        b, per CNY per parcel.
    density : mapping of tier to float
        d, per unit of ln(stations).
    allocation : mapping of network to knots
        Share of the owner's orders routed to the network, by month.
    city_taste_sd, shock_sd : float
        Standard deviations of u (city and network) and e (city, network and month).
    """

    subsidy: Mapping[str, float]
    density: Mapping[str, float]
    allocation: Mapping[str, Knots]
    city_taste_sd: float
    shock_sd: float


TRUE = Truth(
    subsidy=MappingProxyType(dict(zip(TIERS, SUBSIDY_EFFECT, strict=True))),
    density=MappingProxyType(dict(zip(TIERS, DENSITY_EFFECT, strict=True))),
    allocation=MappingProxyType({key: n.allocation for key, n in NETWORKS.items() if n.allocation}),
    city_taste_sd=CITY_TASTE_SD,
    shock_sd=SHOCK_SD,
)


def constants() -> pd.DataFrame:
    """Solved constants, the rest of the truth: columns kind ("tier" or "month"), at, platform, value.

    Values are attractions relative to home delivery; a network that is not on offer there has no row.
    """
    solved, keys = demo_model.constants(), networks()
    tiers = pd.DataFrame(solved.by_tier, index=pd.Index(TIERS, name="at"), columns=keys)
    months = pd.DataFrame(solved.trends, index=pd.Index(solved.knots, name="at"), columns=keys)
    parts = {"tier": tiers.where(tiers.ne(0) | (np.array(keys) == keys[-1])), "month": months}
    long = pd.concat({kind: part.stack().dropna() for kind, part in parts.items()}, names=["kind", "at", "platform"])
    return long.rename("value").reset_index()


def inputs() -> str:
    """Digest of the code, data files and libraries that the built files hang on."""
    modules = "markets", "platforms", "cities", "geo", "settlements", "places"
    code = sorted((ROOM / "demo").glob("*.py")) + [ROOM / f"{name}.py" for name in modules]
    tables = [ROOM / "files" / f"{name}.csv" for name in ("cities", "settlements", "counties")]
    files = [*tables, demo_volumes.RECORD, geo.FOLDER / "prefectures.geojson"]
    digest = hashlib.sha256(json.dumps(_versions()).encode())
    for path in (*code, *files):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    return {library: version(library) for library in LIBRARIES}


def ready(folder: Path | None = None) -> bool:
    """Whether the files are there and were built from the present code and inputs."""
    return _manifest(folder or FOLDER).get("inputs") == inputs()


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def build(folder: Path) -> None:
    """Draw the market and write its Parquet files and manifest; safe with several builders at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as name:
        made = Path(name)
        rows = _write(made)
        digest = hashlib.sha256()
        for dataset in DATASETS:
            digest.update(hashlib.sha256((made / f"{dataset}.parquet").read_bytes()).digest())
        manifest = {"seed": SEED, "inputs": inputs(), "version": digest.hexdigest()[:12], "rows": rows}
        text = json.dumps(manifest | {"versions": _versions()}, indent=1)
        (made / MANIFEST).write_text(text, encoding="utf-8")
        # the manifest moves last: until then readers see the old one and build for themselves
        for file in (*(f"{dataset}.parquet" for dataset in DATASETS), MANIFEST):
            os.replace(made / file, folder / file)


def _write(folder: Path) -> dict[str, int]:
    from data.demo import parcels as demo_parcels
    from data.demo import roll_out as demo_roll_out
    from data.demo import subsidies as demo_subsidies

    market = make(
        NAME,
        grade=Grade.MODELLED,
        version="",
        source=SOURCE,
        stations=demo_roll_out.stations(),
        subsidies=demo_subsidies.spells(),
        volumes=demo_parcels.volumes(),
    )
    rows: dict[str, int] = {}
    for dataset in DATASETS:
        table: pd.DataFrame = getattr(market, dataset)
        table.to_parquet(folder / f"{dataset}.parquet", engine="pyarrow", compression="zstd", index=False)
        rows[dataset] = len(table)
    return rows


def load(folder: Path | None = None) -> Market:
    """Read the illustrative market; it is built first when its files are missing or older than the code."""
    place = folder or FOLDER
    if not ready(place):
        build(place)
    tables = {dataset: pd.read_parquet(place / f"{dataset}.parquet", engine="pyarrow") for dataset in DATASETS}
    return Market(NAME, Grade.MODELLED, _manifest(place)["version"], SOURCE, **tables)
