"""Files and steps of `benchmarks.intake`. A step imports what it needs and returns the work that is timed."""

from collections.abc import Callable
from pathlib import Path

Work = Callable[[], object]
STEPS = (
    ("bare typed scan (DuckDB), every column", "scan", "clean"),
    ("bare CSV to Parquet (DuckDB)", "parquet", "clean"),
    ("read, clean", "read", "clean"),
    ("read, 0.1 % of the rows wrong, the line of each", "read", "dirty"),
    ("read, GB18030", "read", "gb18030"),
    ("of which decoding alone", "decode", "gb18030"),
    ("save as a version", "save", "clean"),
    ("open that version again and count by month and network", "reopen", "clean"),
    ("pandas, vectorised by hand, dirty", "pandas_by_hand", "dirty"),
)
"""Title, function here or in `intake_rivals`, file."""
FAULTS = ("not a number", "negative", "unknown city", "no network", "no such month")
EVERY = 1_000
"""One row in so many is wrong."""
TYPES = {
    "月份": "DATE",
    "城市": "VARCHAR",
    "平台": "VARCHAR",
    "件量": "BIGINT",
    "订单来源": "VARCHAR",
    "单价": "DOUBLE",
}


def make(folder: Path, rows: int) -> dict[str, Path]:
    """Write the clean file, the dirty one and one in GB18030: whole series of months, in random order."""
    import duckdb
    import numpy as np
    import pyarrow as pa

    from data.cities import cities
    from data.platforms import PLATFORMS

    names = cities()["city_full_zh"].tolist()
    networks = [platform.zh for platform in PLATFORMS.values()]
    sources = ["Alibaba", "Pinduoduo", "JD", "other", None]
    series = len(names) * len(networks) * len(sources)
    months = [f"{2000 + month // 12}-{month % 12 + 1:02d}" for month in range(-(-rows // series))]
    draw = np.random.default_rng(7)
    codes = np.unravel_index(draw.permutation(rows), (len(months), len(names), len(networks), len(sources)))
    level = draw.lognormal(10, 1, series)[np.ravel_multi_index(codes[1:], (len(names), len(networks), len(sources)))]
    count = np.maximum(level * 1.003 ** codes[0] * draw.lognormal(0, 0.05, rows), 100).astype("int64")

    def named(place: int, words: list[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes[place].astype(np.int32)), pa.array(words))

    parts = [named(place, words) for place, words in enumerate((months, names, networks, sources))]
    parcels, price = pa.array(count), pa.array(np.round(0.8 + codes[1] / 1_000, 3))
    table = pa.table(dict(zip(TYPES, (*parts[:3], parcels, parts[3], price), strict=True)))
    files = {kind: folder / f"{kind}.csv" for kind in ("clean", "dirty", "gb18030")}
    with duckdb.connect() as con:
        con.register("made", table)
        con.execute(f"COPY (SELECT * FROM made) TO '{files['clean']}' (HEADER)")
        wrong = "CASE WHEN row % {every} = {at} THEN {value} ELSE {cell} END AS {cell}"
        at = [500, 1_500, 2_500, 3_500, 4_500]
        cells = [
            wrong.format(every=5 * EVERY, at=at[4], value="'2024-13'", cell="月份"),
            wrong.format(every=5 * EVERY, at=at[2], value="'杭洲市'", cell="城市"),
            wrong.format(every=5 * EVERY, at=at[3], value="''", cell="平台"),
            f"CASE row % {5 * EVERY} WHEN {at[0]} THEN '约五百' WHEN {at[1]} THEN '-7' ELSE 件量::VARCHAR END AS 件量",
            "订单来源",
            "单价",
        ]
        source = "(SELECT row_number() OVER () AS row, * FROM made)"
        con.execute(f"COPY (SELECT {', '.join(cells)} FROM {source}) TO '{files['dirty']}' (HEADER)")
    with open(files["clean"], encoding="utf-8") as text, open(files["gb18030"], "w", encoding="gb18030") as out:
        while piece := text.read(2**22):
            out.write(piece)
    return files


def files(rows: str, folder: str) -> Work:
    """Write the files, in a process that the others do not inherit memory from."""
    return lambda: make(Path(folder), int(rows)) and ""


def part(path: Path, rows: int) -> Path:
    """First rows of a file, header included, beside it."""
    target = path.with_name(f"part-{path.name}")
    with path.open("rb") as file, target.open("wb") as out:
        out.writelines(line for line, _ in zip(file, range(rows + 1), strict=False))
    return target


def _source(path: str) -> str:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    return f"read_csv('{path}', header=true, auto_detect=false, delim=',', dateformat='%Y-%m', columns={{{columns}}})"


def scan(path: str, folder: str) -> Work:
    """Every column typed, and a sum by month that needs each of them."""
    import duckdb

    query = (
        "SELECT 月份, count(*), count(城市), count(平台), sum(件量), count(订单来源), sum(单价) "
        f"FROM {_source(path)} GROUP BY 1"
    )
    return lambda: f"{len(duckdb.sql(query).fetchall()):,} months"


def parquet(path: str, folder: str) -> Work:
    """To a Parquet file."""
    import duckdb

    query = f"COPY (FROM {_source(path)}) TO '{folder}/bare.parquet' (FORMAT parquet)"
    return lambda: duckdb.execute(query) and ""


def read(path: str, folder: str) -> Work:
    """The product's own reading and checking."""
    import duckdb
    import pyarrow

    from data import intake

    assert duckdb
    assert pyarrow
    small = part(Path(path), 20)  # a server has read a file before
    intake.read(small, "volumes")

    def work() -> str:
        found = intake.read(Path(path), "volumes")
        counts = found.problems["code"].value_counts().to_dict()
        return f"{found.kept:,} kept, {counts}"

    return work


def decode(path: str, folder: str) -> Work:
    """Opening alone: to UTF-8 on the disk."""
    from data import intake

    return lambda: intake.open_file(Path(path), folder=Path(folder)).sheets[0].encoding


def save(path: str, folder: str) -> Work:
    """A version of a market in the workspace."""
    from data import intake
    from data.workspace import Part, Workspace

    found = intake.read(Path(path), "volumes")
    workspace = Workspace(Path(folder) / "workspace")
    part = Part("volumes", found.rows_of, "replace", found.set_aside)
    return lambda: f"version {workspace.save(owner='me', parts=[part], name='big').number}"


def reopen(path: str, folder: str) -> Work:
    """The same version, as the pages read it."""
    from pyarrow import compute

    from data.workspace import Workspace

    assert compute
    workspace = Workspace(Path(folder) / "workspace")

    def work() -> str:
        market = workspace.markets("me")[0].id
        table = workspace.version(market, owner="me").table("volumes")
        assert table is not None
        return f"{table.group_by(['month', 'platform']).aggregate([('parcels', 'sum')]).num_rows:,} groups"

    return work
