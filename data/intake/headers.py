"""Which column of a dataset each header of a file means."""

import difflib

from data.contract import Dataset
from data.intake.checks import PROBLEM_COLUMNS
from data.platforms import fold

Note = dict[str, object]
"""A row of PROBLEM_COLUMNS."""


def unique(written: tuple[str, ...]) -> list[str]:
    """Make headers unique and not blank: a blank one is "#3", a repeated one "city #5" (by position)."""
    headers: list[str] = []
    for position, name in enumerate(written, 1):
        plain = name.strip()
        headers.append(f"{plain} #{position}".strip() if not plain or plain in headers else plain)
    return headers


def match(
    headers: list[str], dataset: Dataset, mapping: dict[str, str], header_row: int
) -> tuple[dict[str, str], list[Note]]:
    """Find the column of each header, and what is to say about the header row.

    Returns
    -------
    dict, list of dict
        Header to column; problems (rows of PROBLEM_COLUMNS) of the header row.

    Raises
    ------
    ValueError
        `mapping` names a header the file lacks, a column the dataset lacks, or one column twice.
    """
    absent = [header for header in mapping if header not in headers]
    if absent:
        raise ValueError(f"the file has no header {absent[0]!r}; its headers are {headers}")
    unknown = [name for name in mapping.values() if name and name not in dataset.columns]
    if unknown:
        raise ValueError(f"{dataset.name} has no column {unknown[0]!r}; it has {list(dataset.columns)}")
    if len({name for name in mapping.values() if name}) < sum(map(bool, mapping.values())):
        raise ValueError(f"two headers of the mapping mean one column: {mapping}")
    by_name = {fold(header): column.name for column in dataset.columns.values() for header in column.headers}
    by_name |= {fold(name): name for name in dataset.columns}
    found = {header: name for header, name in mapping.items() if name}
    notes = []
    for header in headers:
        name = by_name.get(fold(header.split(" #")[0])) if header not in mapping else None
        if name and name not in found.values():
            found[header] = name
        elif header not in found and header not in mapping:
            notes.append(_note("duplicate_header" if name else "unknown_column", header_row, header, other=name or ""))
    spare = [str(note["column"]) for note in notes]
    for name in dataset.required:
        if name not in found.values():
            near = difflib.get_close_matches(name, spare, n=3, cutoff=0.4)
            notes.append(_note("missing_column", header_row, name, suggest=", ".join(near)))
    return {header: found[header] for header in headers if header in found}, notes


def _note(code: str, row: int, column: str, **more: str) -> Note:
    return dict.fromkeys(PROBLEM_COLUMNS, "") | {"row": row, "column": column, "code": code, **more}
