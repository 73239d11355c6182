"""Parquet and JSON as UTF-8 text on disk, by DuckDB."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data import duck
from data.intake.cells import literal, quote
from data.intake.limits import LARGEST_FILE, MOST_COLUMNS, MOST_ROWS
from data.intake.lines import scan
from data.intake.loader import ALONE
from data.intake.plain import Options, sheet_of
from data.intake.refusal import IntakeError
from data.intake.sheet import Sheet
from data.intake.watch import Cancelled

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST_JSON = 200_000_000
"""Bytes of a JSON file, which is one value and is read whole ("too_large")."""
_FLOATS = ("FLOAT", "DOUBLE")
_SIZES = {"VARCHAR": "strlen", "BLOB": "octet_length"}
"""Bytes of a cell, by the types that have much text."""
_MOMENT = "TIMESTAMP WITH TIME ZONE"
_DAY = 86_400_000_000
"""Microseconds."""
_CHINA = 8 * 3_600_000_000
"""Microseconds by which the clocks of China, which has one zone, are ahead of UTC."""
_LISTS = ("features", "elements", "pois", "data", "rows", "records", "results")
"""Where JSON of maps and portals holds its records."""
_PAIRS = r"\[\s*(-?[0-9][0-9.eE+-]*)\s*,\s*(-?[0-9][0-9.eE+-]*)"
"""Positions in the coordinates of a geometry: longitude, latitude."""


def open_parquet(path: Path, options: Options) -> Sheet:
    """Open a Parquet file: record n + 1 is its row n.

    Raises
    ------
    IntakeError
        It is damaged, or has too many rows or columns, or too much text.
    """
    target = options.free()
    file = f"read_parquet({literal(str(path))}, {ALONE})"
    with connection("broken_parquet", path, options) as con:
        columns = [(str(name), str(kind)) for name, kind, *_ in con.sql(f"DESCRIBE SELECT * FROM {file}").fetchall()]
        sizes = " + ".join(f"coalesce({_SIZES[kind]}({quote(name)}), 0)" for name, kind in columns if kind in _SIZES)
        rows, size = con.sql(f"SELECT count(*), sum({sizes or 0}) FROM {file}").fetchall()[0]
        if (size or 0) > LARGEST_FILE:
            raise IntakeError("bomb", size=f"{path.stat().st_size / 1e6:,.1f}", limit=f"{LARGEST_FILE / 1e6:,.0f}")
        cells = {name: _text(quote(name), kind) for name, kind in columns}
        cells |= {name: f"make_timestamp(epoch_us({quote(name)}))::VARCHAR" for name in _days(con, file, columns)}
        _copy(con, file, cells, target, rows)
    return sheet_of(target, "parquet", options)


def open_json(path: Path, options: Options) -> Sheet:
    """Open GeoJSON, JSON of OpenStreetMap's Overpass, or a list of objects: a record for each, its properties as text.

    A position becomes @lon and @lat: of a point, or the middle of the box around another geometry.

    Raises
    ------
    IntakeError
        It is damaged, too large, or holds no list of objects.
    """
    size = path.stat().st_size
    if size > LARGEST_JSON:
        raise IntakeError("too_large", size=f"{size / 1e6:,.0f}", limit=f"{LARGEST_JSON / 1e6:,.0f}")
    target = options.free()
    with path.open("rb") as file:
        marked = file.read(len(BOM_UTF8)) == BOM_UTF8
    if marked:
        plain = target.with_suffix(".json")
        plain.write_bytes(path.read_bytes()[len(BOM_UTF8) :])
        path = plain
    with connection("broken_json", path, options) as con:
        con.execute(
            f"CREATE TEMP TABLE whole AS SELECT json FROM read_json_objects({literal(str(path))}, "
            f"format='unstructured', compression='none', {ALONE}, maximum_object_size={size + 1})"
        )
        lists = " ".join(
            f"WHEN json_type(json->'{name}') = 'ARRAY' THEN json_extract(json, '$.{name}[*]')" for name in _LISTS
        )
        con.execute(
            "CREATE TEMP TABLE items AS SELECT item FROM (SELECT unnest(CASE WHEN json_type(json) = 'ARRAY' "
            f"THEN json_extract(json, '$[*]') {lists} ELSE [json] END) AS item FROM whole) "
            "WHERE json_type(item) = 'OBJECT'"
        )
        _copy_items(con, target)
    return sheet_of(target, "geojson", options)


def _copy_items(con: "DuckDBPyConnection", target: Path) -> None:
    properties = (
        "CASE WHEN item->>'type' = 'Feature' OR json_type(item->'properties') = 'OBJECT' THEN item->'properties' "
        "WHEN item->>'type' IN ('node', 'way', 'relation') THEN coalesce(item->'tags', '{}') ELSE item END"
    )
    pairs = f"regexp_extract_all(item->>'geometry', {literal(_PAIRS)}, "
    con.execute(
        "CREATE TEMP TABLE cells AS SELECT row_number() OVER () AS n, item, "
        f"from_json({properties}, '\"MAP(VARCHAR,VARCHAR)\"') AS properties, "
        f"{pairs}1)::DOUBLE[] AS lons, {pairs}2)::DOUBLE[] AS lats FROM items"
    )
    keys = "SELECT n, unnest(map_keys(properties)) AS key FROM cells"
    names = [name for (name,) in con.sql(f"SELECT key FROM ({keys}) GROUP BY key ORDER BY min(n), key").fetchall()]
    cells = {name: f"properties[{literal(name)}]" for name in names if name}
    for name, text in _places().items():
        (filled,) = con.sql(f"SELECT count({text}) FROM cells").fetchall()[0]
        if filled:
            cells[name] = f"({text})::VARCHAR"
    (rows,) = con.sql("SELECT count(*) FROM cells").fetchall()[0]
    if not cells:
        raise IntakeError("no_table")
    _copy(con, "cells", cells, target, rows)


def _places() -> dict[str, str]:
    """SQL of what an item says beside its properties, or in them under another name."""
    elements = "item->>'type' IN ('node', 'way', 'relation')"
    written = "coalesce(properties['@id'], CASE WHEN item->>'type' = 'Feature' THEN item->>'id' END)"
    found = {
        "@type": f"CASE WHEN {elements} THEN item->>'type' ELSE "
        f"coalesce(properties['@type'], nullif(regexp_extract({written}, '^(node|way|relation)/', 1), '')) END",
        "@id": f"CASE WHEN {elements} THEN item->>'id' ELSE regexp_replace({written}, '^(node|way|relation)/', '') END",
    }
    for name, many, one in (("@lat", "lats", "lat"), ("@lon", "lons", "lon")):
        said = (f"item->>'{one}'", f"item->'center'->>'{one}'")
        box = (f"item->'bounds'->>'min{one}'", f"item->'bounds'->>'max{one}'")
        low, high = (f"try_cast({side} AS DOUBLE)" for side in box)
        inner = ", ".join([*(f"try_cast({text} AS DOUBLE)" for text in said), f"({low} + {high}) / 2"])
        middle = f"(list_min({many}) + list_max({many})) / 2"
        own = f"CASE WHEN {elements} THEN coalesce({inner}) END, try_cast(properties['{name}'] AS DOUBLE)"
        found[name] = f"coalesce({middle}, {own})"
    return found


def _copy(con: "DuckDBPyConnection", source: str, cells: dict[str, str], target: Path, rows: int) -> None:
    """Write SQL of texts as CSV under their names; a lone blank cell is quoted, as an empty line would be no record."""
    if len(cells) > MOST_COLUMNS:
        raise IntakeError("too_many_columns", columns=f"{len(cells):,}", limit=f"{MOST_COLUMNS:,}")
    if rows > MOST_ROWS:
        raise IntakeError("too_many_rows", rows=f"{rows:,}", most=f"{MOST_ROWS:,}")
    texts = [f"coalesce({cell}, '')" if len(cells) == 1 else cell for cell in cells.values()]
    columns = ", ".join(f"{text} AS {quote(name or ' ')}" for name, text in zip(cells, texts, strict=True))
    con.execute(f"COPY (SELECT {columns} FROM {source}) TO {literal(str(target))} (FORMAT csv, HEADER)")
    if scan(target).zeros:
        raise IntakeError("binary")


def _days(con: "DuckDBPyConnection", file: str, columns: list[tuple[str, str]]) -> list[str]:
    """Columns of moments that are days: each of them is midnight in UTC."""
    names = [name for name, kind in columns if kind == _MOMENT]
    listed = ", ".join(f"bool_and(epoch_us({quote(name)}) % {_DAY} = 0)" for name in names)
    found = con.sql(f"SELECT {listed} FROM {file}").fetchall()[0] if names else ()
    return [name for name, days in zip(names, found, strict=True) if days]


def _text(cell: str, kind: str) -> str:
    """SQL of a cell as text: whole numbers without a point, moments as China's clocks show them, bytes as UTF-8."""
    if kind == "BLOB":
        return f"coalesce(TRY(decode({cell})), {cell}::VARCHAR)"
    if kind == _MOMENT:
        return f"make_timestamp(epoch_us({cell}) + {_CHINA})::VARCHAR"
    if kind not in _FLOATS:
        return f"{cell}::VARCHAR"
    whole = f"{cell} = trunc({cell}) AND abs({cell}) < 1e16"
    return f"CASE WHEN isnan({cell}) THEN NULL WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"


@contextmanager
def connection(code: str, path: Path, options: Options) -> "Iterator[DuckDBPyConnection]":
    """Connect to a database in memory which reaches a file and the folder of texts alone.

    Its errors become `code`; stopping the watch stops its query.
    """
    import duckdb

    with duck.connect(options.folder / "spill") as con:
        con.execute(f"SET allowed_paths = [{literal(str(path))}]")
        con.execute(f"SET allowed_directories = [{literal(str(options.folder))}]")
        con.execute("SET enable_external_access = false")
        stop = con.interrupt
        if options.watch:
            options.watch.on_stop.append(stop)
        try:
            yield con
        except duckdb.InterruptException as error:
            raise Cancelled from error
        except duckdb.Error as error:
            raise IntakeError(duck.lacks(error) or code) from error
        finally:
            if options.watch:
                options.watch.on_stop.remove(stop)
