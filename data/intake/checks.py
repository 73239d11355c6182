"""Checks of an uploaded table, as SQL over text cells. Every problem keeps the file's row, column and value."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from data.contract import Column, Dataset
from data.intake.names import FINDERS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOTALS = ("合计", "总计", "小计", "汇总", "总和", "全国", "total", "totals", "grand total", "sum", "national")
SEVERITY = {
    "totals_row": "warning",
    "unknown_column": "info",
    "duplicate_header": "warning",
    "unknown_origin": "warning",
    "overlapping_spell": "warning",
    "own_column": "info",
    "own_not_a_number": "warning",
    "own_name_taken": "warning",
    "too_many_own": "warning",
}
"""Severity of a problem where it is not "error"."""
PROBLEM_COLUMNS = ("row", "column", "value", "code", "fix_code", "severity", "low", "high", "suggest", "other")
_FULL, _HALF = "０１２３４５６７８９，．－／：％＋", "0123456789,.-/:%+"
_SPACES = " \t\u00a0\u3000\ufeff"
_THOUSANDS = r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"
_DATE = r"^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月)?(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
_YEARS = "BETWEEN DATE '2000-01-01' AND DATE '2099-12-31'"
_MOST_GUESSES = 200


def quote(name: str) -> str:
    """Name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(position: int) -> str:
    """SQL of the text of a cell of `raw`, NULL where it is blank."""
    return f"nullif(trim(c{position}, {literal(_SPACES)}), '')"


def _half_width(t: str) -> str:
    return f"translate({t}, {literal(_FULL)}, {literal(_HALF)})"


def _number(t: str) -> str:
    half = _half_width(t)
    whole = f"CASE WHEN regexp_full_match({half}, {literal(_THOUSANDS)}) THEN replace({half}, ',', '') ELSE {half} END"
    parsed = f"coalesce(try_cast({t} AS DOUBLE), try_cast({whole} AS DOUBLE))"  # the second only where the first failed
    return f"CASE WHEN isfinite({parsed}) THEN {parsed} END"


def _fraction(t: str) -> str:
    percent = f"try_cast(rtrim({_half_width(t)}, '% ') AS DOUBLE) / 100"
    return f"CASE WHEN {t} SIMILAR TO '.*[%％]' THEN {percent} ELSE {_number(t)} END"


def _date(t: str, *, month: bool = False) -> str:
    compact = f"regexp_replace({_half_width(t)}, '^(\\d{{4}})(\\d{{2}})(\\d{{2}})?$', '\\1-\\2-\\3')"
    iso = f"regexp_replace({compact}, {literal(_DATE)}, '\\1-\\2-\\3')"
    whole = f"CASE WHEN {iso} LIKE '%-' THEN {iso} || '1' ELSE {iso} END" if month else iso
    day = f"try_cast({whole} AS DATE)"
    found = f"date_trunc('month', {day})::DATE" if month else day
    return f"CASE WHEN {day} {_YEARS} THEN {found} END"


PARSERS: dict[str, Callable[[str], str]] = {
    "text": lambda t: t,
    "number": _number,
    "integer": _number,
    "fraction": _fraction,
    "date": _date,
    "month": lambda t: _date(t, month=True),
}
"""SQL that turns a cell into its value, NULL when it cannot. Types absent here are looked up by name."""
BAD = {
    "number": "not_a_number",
    "integer": "not_a_number",
    "fraction": "not_a_number",
    "date": "bad_date",
    "month": "bad_month",
}
BY_NAME = (*FINDERS, "date", "month")
"""Types that are read once for each distinct cell."""


def look_up(con: "DuckDBPyConnection", column: Column) -> None:
    """Create table `names_<column>` (t, v, code, suggest, total) of the distinct cells of a column of `cells`."""
    t, table = quote("t_" + column.name), quote("names_" + column.name)
    distinct = f"SELECT {t} AS t FROM cells WHERE {t} IS NOT NULL GROUP BY {t} ORDER BY min(row)"
    if column.type in BAD:
        value = PARSERS[column.type]("t")
        select = f"SELECT t, {value} AS v, '' AS code, '' AS suggest, {_is_total('t')} AS total FROM ({distinct})"
        con.execute(f"CREATE TEMP TABLE {table} AS {select}")
        return
    guesses, rows = 0, []
    for (name,) in con.sql(distinct).fetchall():
        found = FINDERS[column.type](name, guesses < _MOST_GUESSES)
        guesses += bool(found[1])
        rows.append((name, *found))
    con.register("found", pd.DataFrame(rows, columns=["t", "v", "code", "suggest"], dtype="str"))
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT *, {_is_total('t')} AS total FROM found")
    con.unregister("found")


def _is_total(t: str) -> str:
    return f"lower({t}) IN ({', '.join(map(literal, TOTALS))})"


def problem(code: str, *, column: str, value: str, when: str, source: str = "typed", **more: str) -> str:
    """Write the SELECT of problem rows; `more` gives SQL of low, high, suggest and other."""
    texts = ", ".join(
        f"{more.get(name, literal(''))}::VARCHAR AS {name}" for name in ("low", "high", "suggest", "other")
    )
    code_sql = more.get("code_sql", literal(code))
    shown = f'{literal(column)} AS "column", {value} AS value, {code_sql} AS code'
    return f"SELECT row, {shown}, {texts} FROM {source} WHERE {when}"


def column_checks(column: Column, position: int, header: str, spared: tuple[str, ...]) -> list[str]:
    """Write the SELECTs of the problems of one column; its range is not reported where a `spared` condition holds."""
    t, v, raw = quote("t_" + column.name), quote(column.name), f"c{position}"
    checks = [problem("blank_cell", column=header, value="''", when=f"{t} IS NULL")] if column.required else []
    if column.type in FINDERS:
        source = f"typed JOIN {quote('names_' + column.name)} AS n ON {t} = n.t"
        found = {"code_sql": "n.code", "suggest": "n.suggest"}
        checks.append(problem("", column=header, value=raw, when="n.code <> ''", source=source, **found))
    if column.type in BAD:
        checks.append(problem(BAD[column.type], column=header, value=raw, when=f"{t} IS NOT NULL AND {v} IS NULL"))
    if column.type == "integer":
        checks.append(problem("not_whole", column=header, value=raw, when=f"{v} <> floor({v})"))
    if column.low is not None and column.high is not None:
        limits = {"low": literal(_plain(column.low)), "high": literal(_plain(column.high))}
        when = " AND NOT ".join([f"NOT {v} BETWEEN {column.low} AND {column.high}", *spared])
        checks.append(problem(column.outside, column=header, value=raw, when=when, **limits))
    return checks


def row_checks(dataset: Dataset, positions: Mapping[str, int], headers: Mapping[str, str]) -> list[str]:
    """Write the SELECTs of the problems that concern several columns: the dataset's rules and repeated keys."""
    checks = [
        problem(rule.code, column=headers[rule.column], value=f"c{positions[rule.column]}", when=rule.when)
        for rule in dataset.rules
        if rule.column in positions
    ]
    key = [name for name in dataset.key if name in positions]
    filled = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key if dataset.columns[name].required)
    part = ", ".join(_identity(dataset.columns[name]) for name in key)
    firsts = f"(SELECT *, min(row) OVER (PARTITION BY {part}) AS first FROM typed WHERE {filled})"
    shown = " || ' + ' || ".join(f"coalesce(c{positions[name]}, '')" for name in key)
    column = " + ".join(headers[name] for name in key)
    checks.append(
        problem("duplicate_row", column=column, value=shown, when="row <> first", source=firsts, other="first")
    )
    return [*checks, *_spell_checks(dataset, positions, headers)]


def _identity(column: Column) -> str:
    """What tells rows apart; orders of two shops of one owner are two rows."""
    return f"lower({quote('t_' + column.name)})" if column.type == "origin" else quote(column.name)


def _spell_checks(dataset: Dataset, positions: Mapping[str, int], headers: Mapping[str, str]) -> list[str]:
    """Spells that start before an earlier one has ended; a blank end is no overlap, as the next start ends it."""
    if not dataset.spell or not set(dataset.spell) <= set(positions):
        return []
    first, last = dataset.spell
    start, end, written = quote(first), quote(last), quote("t_" + last)
    others = [quote(name) for name in dataset.key if name != first]
    whole = " AND ".join(f"{name} IS NOT NULL" for name in (*others, start))
    sane = f"({written} IS NULL OR {end} >= {start})"
    earlier = (
        f"PARTITION BY {', '.join(others)} ORDER BY {start} "
        "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP"
    )
    spells = (
        f"(SELECT *, max({end}) OVER ({earlier}) AS held, max_by(row, {end}) OVER ({earlier}) AS holder "
        f"FROM typed WHERE {whole} AND {sane})"
    )
    when = f"held >= {start}"
    value = f"c{positions[first]}"
    return [problem("overlapping_spell", column=headers[first], value=value, when=when, source=spells, other="holder")]


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def table_checks(dataset: Dataset, positions: Mapping[str, int], headers: Mapping[str, str], width: int) -> list[str]:
    """Write the SELECTs of every problem of the rows of a table of `width` columns."""
    spared: dict[str, tuple[str, ...]] = {}
    for rule in dataset.rules:
        for name in rule.instead_of:
            spared[name] = (*spared.get(name, ()), f"({rule.when})")
    checks = [problem("totals_row", column="", value="total", when="total IS NOT NULL", source="joined")]
    checks.append(problem("too_many_cells", column="", value=f"c{width}", when=f"c{width} IS NOT NULL", source="cells"))
    for name, position in positions.items():
        checks += column_checks(dataset.columns[name], position, headers[name], spared.get(name, ()))
    return checks + row_checks(dataset, positions, headers)


def make_tables(con: "DuckDBPyConnection", dataset: Dataset, positions: Mapping[str, int]) -> None:
    """Create `cells` (trimmed text), `joined` (values, and the word that makes a row a total), `typed` (no totals)."""
    types = {name: dataset.columns[name].type for name in positions}
    texts = [f"{trimmed(p)} AS {quote('t_' + name)}" for name, p in positions.items()]
    con.execute(f"CREATE TEMP TABLE cells AS SELECT *, {', '.join(texts)} FROM raw")
    named = [name for name in positions if types[name] in BY_NAME]
    for name in named:
        look_up(con, dataset.columns[name])
    values = [
        f"{quote('names_' + n)}.v AS {quote(n)}"
        if n in named
        else f"{PARSERS[types[n]](quote('t_' + n))} AS {quote(n)}"
        for n in positions
    ]
    totals = [f"CASE WHEN {quote('names_' + n)}.total THEN c{positions[n]} END" for n in named]
    totals += [
        f"CASE WHEN {_is_total(quote('t_' + n))} THEN c{positions[n]} END" for n in positions if types[n] == "text"
    ]
    joins = " ".join(f"LEFT JOIN {quote('names_' + n)} ON {quote('t_' + n)} = {quote('names_' + n)}.t" for n in named)
    columns = ", ".join([*values, f"coalesce({', '.join(totals)}, NULL) AS total"])
    con.execute(f"CREATE TEMP TABLE joined AS SELECT cells.*, {columns} FROM cells {joins}")
    con.execute("CREATE TEMP VIEW typed AS SELECT * FROM joined WHERE total IS NULL")
