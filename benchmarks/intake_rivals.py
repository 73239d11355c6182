"""The rivals of `benchmarks.intake`: pandas by hand, and pandas with pandera. They report the line of every fault."""

from collections.abc import Callable

PANDERA = "pandas with pandera, coerce and lazy, dirty"
KEY = ["月份", "城市", "平台", "订单来源"]


def pandas_by_hand(path: str, folder: str) -> Callable[[], object]:
    """Read as text, then one vectorised test a rule."""
    import pandas as pd

    from data.cities import names
    from data.platforms import names as networks

    def work() -> str:
        table = pd.read_csv(path, dtype=str)
        month = pd.to_datetime(table["月份"], format="%Y-%m", errors="coerce")
        city, network = table["城市"].map(names()), table["平台"].map(networks())
        parcels, price = (pd.to_numeric(table[name], errors="coerce") for name in ("件量", "单价"))
        faults = {
            "month": month.isna(),
            "city": city.isna(),
            "network": network.isna(),
            "not a number": parcels.isna(),
            "range": ~parcels.between(0, 1e11) & parcels.notna(),
            "whole": parcels % 1 != 0,
            "price": price.isna(),
            "duplicate": table.duplicated(KEY) & month.notna() & city.notna() & network.notna(),
        }
        found = pd.concat([pd.DataFrame({"line": bad[bad].index + 2, "fault": name}) for name, bad in faults.items()])
        good = ~pd.concat(faults, axis=1).any(axis=1)
        kept = pd.DataFrame({"month": month, "city": city, "platform": network, "parcels": parcels})[good]
        return f"{len(kept):,} kept, {found['fault'].value_counts().to_dict()}"

    return work


def pandera(path: str, folder: str) -> Callable[[], object]:
    """A schema that coerces types and reports lazily."""
    import pandas as pd
    import pandera.pandas as pa

    from data.cities import names
    from data.platforms import names as networks

    schema = pa.DataFrameSchema(
        {
            "月份": pa.Column("datetime64[ns]"),
            "城市": pa.Column(str, pa.Check.isin(list(names()))),
            "平台": pa.Column(str, pa.Check.isin(list(networks()))),
            "件量": pa.Column("int64", pa.Check.in_range(0, 10**11)),
            "订单来源": pa.Column(str, nullable=True),
            "单价": pa.Column(float),
        },
        coerce=True,
        unique=KEY,
    )

    def work() -> str:
        table = pd.read_csv(path, dtype=str)
        try:
            return f"{len(schema.validate(table, lazy=True)):,} kept"
        except pa.errors.SchemaErrors as error:
            return str(error.failure_cases["check"].astype(str).str.slice(0, 30).value_counts().head(8).to_dict())

    return work
