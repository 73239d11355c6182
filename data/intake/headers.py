"""Which column of a dataset each header of a file means."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from data.contract import Column, Dataset
from data.intake import units
from data.intake.canonical import ROW
from data.intake.checks import PROBLEM_COLUMNS
from data.intake.found import Guess
from data.intake.likeness import ALONE, SURE, bare, folded, offers, without_place
from data.intake.spelling import fold
from data.schema import DATASETS

Note = dict[str, object]
"""A row of PROBLEM_COLUMNS."""
MOST_COMPARED = 200
"""Unknown headers that are compared; a file with more is no table of ours."""
_PROVINCES = "省 省份 省区 省名 省级 所属省份 所在省份 省份名称 province provincename prov"
"""Headers of a column of provinces."""
_TAKEN = (ROW, "#spelt", "#first")
"""Names under which reading keeps columns of its own."""
_KEPT_TEXT = re.compile("^'(?='*[=+@\t\r\n\\-＝＋－＠])")
"""Apostrophe that keeps Excel from running a text."""
_UNUSED = {"none": "unknown_column", "province": "province_column"}


def unique(written: tuple[str, ...]) -> list[str]:
    """Make headers unique and not blank: a blank one is "#3", a repeated one "city #5" (by position).

    "row" counts as repeated, as it names the numbers of the rows. An apostrophe that keeps a text goes.
    """
    headers: dict[str, None] = {}
    for position, name in enumerate(written, 1):
        plain = _KEPT_TEXT.sub("", name.strip())
        while plain in ("", *_TAKEN) or plain in headers:
            plain = f"{plain} #{position}".strip()
        headers[plain] = None
    return list(headers)


def guess(
    headers: list[str],
    dataset: Dataset,
    *,
    given: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    header_row: int = 1,
    sample: pd.DataFrame | None = None,
) -> tuple[tuple[Guess, ...], list[Note]]:
    """Find the column of each header, and what is to say about the header row.

    What is given, remembered, a name or an alias is used, in this order; what is only alike is offered.

    Parameters
    ----------
    headers : list of str
        As written, made unique by `unique`.
    dataset : Dataset
    given : mapping of str to str, optional
        Header to column as the user says; "" leaves a header out.
    remembered : mapping of str to str, optional
        The same from an earlier file; headers and columns that are not here count for nothing.
    header_row : int
        Record number of the header.
    sample : DataFrame, optional
        Some rows as text under the headers, by which cells of a known kind are told.

    Returns
    -------
    tuple of Guess, list of dict
        One guess a header in file order; problems (rows of PROBLEM_COLUMNS) of the header row.

    Raises
    ------
    ValueError
        `given` names a header the file lacks, a column the dataset lacks, or one column twice.
    """
    given = dict(given or {})
    _check(headers, dataset, given)
    earlier = _earlier(headers, dataset, remembered or {})
    sure = _all_sure(headers, dataset, given, earlier)
    first = _first(headers, sure)
    spare = [column for column in dataset.columns.values() if column.name not in first]
    strange = [header for header in headers if sure[header].why == "none"][:MOST_COMPARED]
    offered = offers(strange, spare, sample)
    guesses, notes = [], []
    for header in headers:
        one = sure[header]
        again = bool(one.column) and first[one.column] != header
        if again:
            notes.append(_note("duplicate_header", header_row, header, other=one.column))
        elif one.why in _UNUSED:
            notes.append(_note(_UNUSED[one.why], header_row, header))
        elif one.column:
            notes += _unit_notes(one, dataset.columns[one.column], header_row)
        guesses.append(Guess(header, "", 0.0, "none") if again else offered.get(header, one))
    missing = [name for name in dataset.required if name not in first]
    return tuple(guesses), notes + [_missing(name, guesses, header_row) for name in missing]


def dataset_of(headers: list[str]) -> list[tuple[str, float]]:
    """Say which dataset a file with these headers is: keys of DATASETS with a score of 0 to 1, the best first.

    The score is the part of the required columns that are there, and for a fifth that of the headers that are used.
    """
    scores = []
    for name, dataset in DATASETS.items():
        used = {one.column for one in _all_sure(headers, dataset, {}, {}).values() if one.column}
        required = len(used & set(dataset.required)) / len(dataset.required)
        scores.append((name, 0.8 * required + 0.2 * len(used) / max(len(headers), 1)))
    return sorted(scores, key=lambda score: -score[1])


def province(headers: list[str]) -> str | None:
    """Header of the column of provinces, which settles cities that share a name; None when there is none."""
    return next((header for header in headers if _is_province(header)), None)


def _is_province(header: str) -> bool:
    return fold(without_place(header)) in _PROVINCES.split()


def _check(headers: list[str], dataset: Dataset, given: Mapping[str, str]) -> None:
    absent = [header for header in given if header not in headers]
    if absent:
        raise ValueError(f"the file has no header {absent[0]!r}; its headers are {headers}")
    unknown = [name for name in given.values() if name and name not in dataset.columns]
    if unknown:
        raise ValueError(f"{dataset.name} has no column {unknown[0]!r}; it has {list(dataset.columns)}")
    if len({name for name in given.values() if name}) < sum(map(bool, given.values())):
        raise ValueError(f"two headers of the mapping mean one column: {given}")


def _earlier(headers: list[str], dataset: Dataset, remembered: Mapping[str, str]) -> dict[str, str]:
    """What is remembered of these headers, written as they may be."""
    known = {fold(header): name for header, name in remembered.items() if not name or name in dataset.columns}
    exact = {header: remembered[header] for header in headers if remembered.get(header) in ("", *dataset.columns)}
    return {header: known[fold(header)] for header in headers if fold(header) in known} | exact


def _all_sure(
    headers: list[str], dataset: Dataset, given: Mapping[str, str], earlier: Mapping[str, str]
) -> dict[str, Guess]:
    """Guess of each header, used where it is given, remembered, known, or the only one of its kind."""
    known = {fold(header): column.name for column in dataset.columns.values() for header in column.headers}
    known |= {fold(name): name for name in dataset.columns}  # a column's own name comes before aliases of others
    sure = {header: _sure(header, dataset, known, (("given", given), ("remembered", earlier))) for header in headers}
    taken = {one.column for one in sure.values()}
    for name in dataset.columns.keys() - taken:
        alone = [h for h in headers if sure[h].why == "none" and bare(h) in folded(ALONE.get(name, ""))]
        if len(alone) == 1:
            unit = units.split(without_place(alone[0]))[1]
            sure[alone[0]] = replace(_used(alone[0], dataset, name, "alias", unit), confidence=SURE)
    return sure


def _sure(
    header: str, dataset: Dataset, known: Mapping[str, str], decided: tuple[tuple[str, Mapping[str, str]], ...]
) -> Guess:
    """Guess of a header that is decided or known; otherwise one that says "none"."""
    base, unit = units.split(without_place(header))
    for why, said in decided:
        if header in said:
            return _used(header, dataset, said[header], why, unit)
    whole, part = known.get(fold(without_place(header))), known.get(fold(base))
    if whole and fold(without_place(header)) == fold(whole):
        return _used(header, dataset, whole, "name", unit if part == whole else "")
    if part and whole in (part, None):
        return _used(header, dataset, part, "unit" if unit else "alias", unit)
    if whole:
        return _used(header, dataset, whole, "alias", "")
    return Guess(header, "", 1.0, "province") if _is_province(header) else Guess(header, "", 0.0, "none")


def _used(header: str, dataset: Dataset, name: str, why: str, unit: str) -> Guess:
    if not name or dataset.columns[name].type not in units.NUMBERS:
        return Guess(header, name, 1.0, why)
    return Guess(header, name, 1.0, why, unit=unit, factor=units.factor(unit, dataset.columns[name]) or 1.0)


def _first(headers: list[str], sure: Mapping[str, Guess]) -> dict[str, str]:
    """Column to the header it is read from: one that is given, else one that is remembered, else the first."""
    order = {"given": 0, "remembered": 1}
    named = sorted((h for h in headers if sure[h].column), key=lambda h: order.get(sure[h].why, 2))
    first: dict[str, str] = {}
    for header in named:
        first.setdefault(sure[header].column, header)
    return first


def _unit_notes(one: Guess, column: Column, row: int) -> list[Note]:
    code = units.note(one.unit, column) if one.unit else ""
    return [_note(code, row, one.header, value=one.unit, other=f"{one.factor:.6g}")] if code else []


def _missing(name: str, guesses: list[Guess], row: int) -> Note:
    near = [one.header for one in guesses if one.suggest == name]
    return _note("missing_column", row, name, suggest=", ".join(near))


def _note(code: str, row: int, column: str, **more: str) -> Note:
    return dict.fromkeys(PROBLEM_COLUMNS, "") | {"row": row, "column": column, "code": code, **more}
