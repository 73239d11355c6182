"""Checks of an uploaded table, as SQL over text cells. Every problem keeps the file's row, column and value."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from data.contract import Column, Dataset
from data.intake import units
from data.intake.aside import aside_sql, is_total
from data.intake.cells import BAD, clean_sql, literal, number_sql, problem_code_sql, quote, value_sql
from data.intake.names import KINDS, MOST_GUESSES, beside, find

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROBLEM_COLUMNS = ("row", "column", "value", "code", "fix_code", "severity", "low", "high", "suggest", "other")
BY_NAME = (*KINDS, "date", "month")
"""Types that are read once for each distinct cell."""
PARSERS: dict[str, Callable[[str], str]] = {"number": number_sql}
"""SQL of the value of a clean cell in a column of the user's own."""
MOST_A_DAY = 300.0
"""CNY; a guarantee beyond it is rather one a month."""
NO_FACTORS: Mapping[str, float] = {}
NO_NAMES: Mapping[str, Mapping[str, str]] = {}
NO_HEADERS: Mapping[str, str] = {}


def trimmed(position: int) -> str:
    """SQL of the content of a cell of `raw` that may hold a number, NULL where it is blank."""
    return clean_sql(f"c{position}")


def look_up(con: "DuckDBPyConnection", column: Column, decisions: Mapping[str, str]) -> None:
    """Create table `names_<column>` (t, v, code, suggest, total) of the distinct cells of a column of `cells`."""
    t, table = quote("t_" + column.name), quote("names_" + column.name)
    total = is_total("t")
    distinct = f"SELECT {t} AS t FROM cells WHERE {t} IS NOT NULL GROUP BY {t} ORDER BY min(row)"
    if column.type in BAD:
        code = f"CASE WHEN v IS NULL THEN {problem_code_sql(column, 't')} ELSE '' END"
        source = f"(SELECT t, {value_sql(column, 't')} AS v FROM ({distinct}))"
        select = f"SELECT t, v, {code} AS code, '' AS suggest, {total} AS total FROM {source}"
        con.execute(f"CREATE TEMP TABLE {table} AS {select}")
        return
    guesses, rows = 0, []
    for (name,) in con.sql(distinct).fetchall():
        found = find(column.type, name, guess=guesses < MOST_GUESSES, decisions=decisions)
        guesses += bool(found.code)
        rows.append((name, found.value, found.code, found.suggest))
    con.register("found", pd.DataFrame(rows, columns=["t", "v", "code", "suggest"], dtype="str"))
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT *, (v IS NULL OR code <> '') AND {total} AS total FROM found")
    con.unregister("found")


def problem(code: str, *, column: str, value: str, when: str, source: str = "typed", **more: str) -> str:
    """Write the SELECT of problem rows; `more` gives SQL of low, high, suggest and other."""
    texts = ", ".join(
        f"{more.get(name, literal(''))}::VARCHAR AS {name}" for name in ("low", "high", "suggest", "other")
    )
    code_sql = more.get("code_sql", literal(code))
    shown = f'{literal(column)} AS "column", {value} AS value, {code_sql} AS code'
    return f"SELECT row, {shown}, {texts} FROM {source} WHERE {when}"


def column_checks(
    column: Column, position: int, header: str, spared: tuple[str, ...], factor: float | None
) -> list[str]:
    """Write the SELECTs of the problems of one column; its range is not reported where a `spared` condition holds."""
    t, v, raw = quote("t_" + column.name), quote(column.name), f"c{position}"
    missing = problem("blank_cell", column=header, value=f"coalesce({raw}, '')", when=f"{t} IS NULL")
    checks = [missing] if column.required else []
    if column.type in BY_NAME:
        source = f"typed JOIN {quote('names_' + column.name)} AS n ON {t} = n.t"
        found = {"code_sql": "n.code", "suggest": "n.suggest"}
        checks.append(problem("", column=header, value=raw, when="n.code <> ''", source=source, **found))
    elif column.type in BAD:
        when, code = f"{t} IS NOT NULL AND {v} IS NULL", problem_code_sql(column, t)
        checks.append(problem("", column=header, value=raw, when=when, code_sql=code))
    if column.type == "integer":
        checks.append(problem("not_whole", column=header, value=raw, when=f"{v} <> floor({v})"))
    if column.low is not None and column.high is not None:
        low, high = (literal(_plain(limit / (factor or 1.0))) for limit in (column.low, column.high))
        when = " AND NOT ".join([f"NOT {v} BETWEEN {column.low} AND {column.high}", *spared])
        checks.append(problem(column.outside, column=header, value=raw, when=when, low=low, high=high))
    monthly = monthly_sql(column, header, factor)
    return [*checks, problem("looks_monthly", column=header, value=raw, when=monthly)] if monthly else checks


def monthly_sql(column: Column, header: str, factor: float | None = None) -> str:
    """Condition: an amount a day is rather one a month; "" where the column or its header rules that out."""
    daily = re.search("[日天]|day|daily", header.lower())
    if column.unit != "cny_per_day" or factor is not None or daily or units.split(header)[1]:
        return ""
    return f"{quote(column.name)} > {MOST_A_DAY}"


def row_checks(dataset: Dataset, positions: Mapping[str, int], headers: Mapping[str, str]) -> list[str]:
    """Write the SELECTs of the problems of several cells of a row: the dataset's rules."""
    return [
        problem(rule.code, column=headers[rule.column], value=f"c{positions[rule.column]}", when=rule.when)
        for rule in dataset.rules
        if rule.column in positions
    ]


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def table_checks(
    dataset: Dataset,
    positions: Mapping[str, int],
    headers: Mapping[str, str],
    width: int,
    *,
    factors: Mapping[str, float] = NO_FACTORS,
) -> list[str]:
    """Write the SELECTs of the problems of each row of a table of `width` columns.

    Parameters
    ----------
    headers : mapping of str to str
        Column to its header in the file.
    factors : mapping of str to float
        As `make_tables` was given them.
    """
    spared: dict[str, tuple[str, ...]] = {}
    for rule in dataset.rules:
        for name in rule.instead_of:
            spared[name] = (*spared.get(name, ()), f"({rule.when})")
    is_aside = "aside IS NOT NULL"
    checks = [problem("", column="", value="aside.said", when=is_aside, source="joined", code_sql="aside.code")]
    checks.append(problem("too_many_cells", column="", value=f"c{width}", when=f"c{width} IS NOT NULL"))
    for name, position in positions.items():
        column = dataset.columns[name]
        checks += column_checks(column, position, headers[name], spared.get(name, ()), factors.get(name))
    return checks + row_checks(dataset, positions, headers)


def make_tables(
    con: "DuckDBPyConnection",
    dataset: Dataset,
    positions: Mapping[str, int],
    *,
    factors: Mapping[str, float] = NO_FACTORS,
    names: Mapping[str, Mapping[str, str]] = NO_NAMES,
    headers: Mapping[str, str] = NO_HEADERS,
    province: int | None = None,
) -> None:
    """Create `cells` (clean text), `joined` (values, and what sets a row aside), `typed` (rows of data) from `raw`.

    Parameters
    ----------
    positions : mapping of str to int
        Column to its place in the file.
    factors : mapping of str to float
        Column to what its numbers are multiplied by.
    names : mapping
        Column to the text written and the key it means, or "" to set its rows aside.
    headers : mapping of str to str
        Column to its header in the file, by which a header is known that stands there again.
    province : int, optional
        Place of a column of provinces, which tells cities of one name apart.
    """
    columns = {name: dataset.columns[name] for name in positions}
    texts = {name: clean_sql(f"c{place}", text=columns[name].type == "text") for name, place in positions.items()}
    for name, column in columns.items():
        if column.type == "city" and province is not None:
            texts[name] = beside(texts[name], clean_sql(f"c{province}"))
    listed = ", ".join(f"{text} AS {quote('t_' + name)}" for name, text in texts.items())
    con.execute(f"CREATE TEMP TABLE cells AS SELECT *, {listed} FROM raw")
    named = [name for name, column in columns.items() if column.type in BY_NAME]
    for name in named:
        look_up(con, columns[name], names.get(name, {}))
    values = {
        name: f"{quote('names_' + name)}.v"
        if name in named
        else value_sql(column, quote("t_" + name), factors.get(name, 1.0))
        for name, column in columns.items()
    }
    width = sum(name[:1] == "c" and name[1:].isdigit() for (name, *_) in con.sql("DESCRIBE raw").fetchall())
    totals = _totals(columns, positions)
    aside = aside_sql(dataset, positions, values=values, totals=totals, headers=headers, width=width)
    joins = " ".join(f"LEFT JOIN {quote('names_' + n)} ON {quote('t_' + n)} = {quote('names_' + n)}.t" for n in named)
    shown = ", ".join([*(f"{value} AS {quote(name)}" for name, value in values.items()), f"{aside} AS aside"])
    con.execute(f"CREATE TEMP TABLE joined AS SELECT cells.*, {shown} FROM cells {joins}")
    con.execute("CREATE TEMP VIEW typed AS SELECT * FROM joined WHERE aside IS NULL")


def _totals(columns: Mapping[str, Column], positions: Mapping[str, int]) -> list[str]:
    """Cells as written that make their rows sums: names, dates, texts, and the first of the row.

    A text that only holds such a word may be a name: it counts where a cell is blank that must not be.
    """
    blank = " OR ".join(f"{quote('t_' + name)} IS NULL" for name, column in columns.items() if column.required)
    flags = {positions[n]: f"{quote('names_' + n)}.total" for n, column in columns.items() if column.type in BY_NAME}
    flags |= {
        positions[n]: is_total(quote("t_" + n), blank=blank) for n, column in columns.items() if column.type == "text"
    }
    flags = {0: is_total(clean_sql("c0"), blank=blank)} | flags
    return [f"CASE WHEN {flag} THEN c{place} END" for place, flag in flags.items()]
