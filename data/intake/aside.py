"""Rows of a table that are no data, as SQL over text cells: totals, notes, and headers that stand there again."""

from collections.abc import Mapping

from data.contract import Dataset
from data.intake import units
from data.intake.cells import literal, quote

TOTALS = ("合计", "总计", "小计", "累计", "汇总", "总和", "grand total", "subtotal", "totals?")
"""Words at the start or end of a cell that make its row a sum of others."""
ALONE = ("全国", "sum", "national")
"""Those that do as a whole cell."""
_WORD = rf"(?:{'|'.join(TOTALS)})\s*[:：]?\s*(?:[(（\[].*[)）\]])?$"
_ONLY = rf"^{_WORD}|^(?:{'|'.join(ALONE)})$"
_TOTAL = rf"^(?:{'|'.join(TOTALS)})\s*(?:[\s:：(（\[].*)?$|^(?:.*[\s\p{{Han}}])?{_WORD}|{_ONLY}"
_NOTE = (
    r"^(?:制表|填表|填报|审核|复核|统计|负责|联系|经办)(?:人|单位|部门|日期|时间|电话|方式|员|者)?\s*[:：]"
    r"|^(?:(?:数据|资料)?来源|(?:计量)?单位|口径|(?:打印|导出|更新|生成|截止)(?:日期|时间))\s*[:：]"
    r"|^(?:备注|说明|附注|注释?|notes?|remarks?)\s*\d*\s*(?:[:：].*)?$"
    r"|^(?:source|units?|prepared by|(?:updated|exported|generated)(?: on| at)?)\s*[:：]|^[※*]"
)
_SENTENCE = r"[：:，。；;（(※*、]|.{8}"
"""What a cell that stands alone in its row has, if it is a note and not a value."""


def is_total(text: str, *, blank: str = "true") -> str:
    """Condition: a clean cell says that its row is a sum.

    Parameters
    ----------
    text : str
    blank : str
        Condition under which a word that is not the whole cell counts: "Total Fitness" is a name.
    """
    said = f"regexp_matches(lower({text}), {literal(_TOTAL)})"
    only = f"regexp_matches(lower({text}), {literal(_ONLY)})"
    return said if blank == "true" else f"({only} OR ({said} AND ({blank})))"


def aside_sql(
    dataset: Dataset,
    positions: Mapping[str, int],
    *,
    values: Mapping[str, str],
    totals: list[str],
    headers: Mapping[str, str],
    width: int,
) -> str:
    """Write a struct of `code` and `said`, the cell that tells, of a row of `cells` that is no data; NULL for others.

    Parameters
    ----------
    values : mapping of str to str
        Column to the SQL of its value.
    totals : list of str
        SQL of cells as written, NULL where they do not make the row a sum.
    headers : mapping of str to str
        Column to its header in the file, where that is known.
    width : int
        Number of cells of a row, c0, c1...
    """
    texts = [f"nullif(trim(c{place}), '')" for place in range(width)]
    first, others = f"coalesce({', '.join(texts)}, NULL)", f"coalesce({', '.join(texts[1:])}, NULL)"
    total = f"coalesce({', '.join(totals)}, NULL)"
    again = " AND ".join(_is_header(name, dataset, headers.get(name, name)) for name in positions)
    blank = " OR ".join(f"{quote('t_' + name)} IS NULL" for name in positions if dataset.columns[name].required)
    value = next((values[name] for name, place in positions.items() if place == 0), "NULL")
    alone = f"{others} IS NULL AND {value} IS NULL AND regexp_matches(c0, {literal(_SENTENCE)})"
    note = f"({blank}) AND (regexp_matches(lower({first}), {literal(_NOTE)}) OR ({alone}))"
    cases = (("header_again", again, first), ("totals_row", f"{total} IS NOT NULL", total), ("footer", note, first))
    whens = " ".join(f"WHEN {when} THEN {{code: '{code}', said: {said}}}" for code, when, said in cases)
    return f"CASE {whens} END"


def _is_header(name: str, dataset: Dataset, header: str) -> str:
    """Condition: a cell holds a header of its own column, or nothing where it may."""
    column = dataset.columns[name]
    known = {text.lower() for text in (*column.headers, header, units.split(header)[0])}
    cell = quote("t_" + name)
    listed = ", ".join(map(literal, sorted(known)))
    plain = rf"regexp_replace(lower({cell}), '\s*[(（\[].*$', '')"
    same = f"(lower({cell}) IN ({listed}) OR {plain} IN ({listed}))"
    return f"coalesce({same}, false)" if column.required else f"coalesce({same}, true)"
