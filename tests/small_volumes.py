"""Small canonical tables for tests of the workspace."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from data.workspace.merge import canonical

KEY = pa.dictionary(pa.int32(), pa.string())


def volumes(rows: list[tuple]) -> pa.Table:
    """Volumes of rows of month (2026-07), city, network, parcels and, if any, origin."""
    month, city, platform, parcels, origin = zip(*((*row, "")[:5] for row in rows), strict=True)
    return pa.table(
        {
            "month": pa.array([date.fromisoformat(f"{one}-01") for one in month]),
            "city": pa.array(city).dictionary_encode(),
            "platform": pa.array(platform).dictionary_encode(),
            "parcels": pa.array(parcels, pa.float64()),
            "origin": pa.array(origin).dictionary_encode(),
        }
    )


def subsidies() -> pa.Table:
    """One subsidy that is still in force."""
    return pa.table(
        {
            "platform": pa.array(["duoduo"]).dictionary_encode(),
            "city": pa.array(["330100"]).dictionary_encode(),
            "start": pa.array([date(2026, 7, 1)]),
            "end": pa.array([None], pa.date32()),
            "subsidy_cny_per_parcel": pa.array([0.1]),
            "guarantee_cny_per_day": pa.array([0.0]),
            "fee_waiver_cny": pa.array([0.0]),
            "allocation": pa.array([None], pa.float64()),
        }
    )


def stations(ids: Sequence[str]) -> pa.Table:
    """Stations in Hangzhou under the given names."""
    n = len(ids)
    rows = {"station_id": ids, "platform": ["cainiao"] * n, "format": ["station"] * n, "city": ["330100"] * n}
    rows |= {"lat": [30 + place / 7000 for place in range(n)], "lon": [120.123456789] * n}
    rows |= {"opened": [date(2024, 3, 1)] * n, "closed": pa.nulls(n, pa.date32()), "cells": pa.nulls(n, pa.float64())}
    return canonical(pa.table(rows), "stations")
