"""What is read of a sheet and how: what its headers mean, their units, and what the reader of the file decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from data.contract import Dataset
from data.intake import adapters, units
from data.intake.adapters import ADAPTERS, Adapter
from data.intake.checks import PROBLEM_COLUMNS, make_tables
from data.intake.found import Guess
from data.intake.headers import Note, guess, province, unique
from data.intake.shape import shape_note
from data.intake.sheet import Sheet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SPILL = "spill"
"""Folder for what DuckDB cannot hold in memory."""
Edits = Mapping[tuple[int, str], str]
"""Row and header of a cell to the text that replaces it."""
NameChoices = Mapping[str, Mapping[str, str]]
"""Column to the text written and the key it means; "" sets its rows aside."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader of a file decided about it; every part may be left out.

    Attributes
    ----------
    mapping : mapping of str to str
        File header to column, over what the headers say; "" leaves a header out.
    names : mapping
        Column to the text written and the key it means; "" sets its rows aside.
    units : mapping of str to str
        Column to the unit its cells are in, over what its header says.
    edits : mapping
        Row and header of a cell to the text that replaces it.
    remembered : mapping of str to str
        File header to column, from an earlier file of the same headers.
    crs : str
        Coordinates of the file.
    known : DataFrame or None
        station_id, lat, lon (degrees, WGS-84) of stations held already.
    adapter : str
        Key of ADAPTERS, where the file is of another kind than a dataset.
    options : mapping of str to str
        What such a file does not say.
    add_up : bool
        Whether rows of one key are added up: days of a month, districts of a city.
    fill_down : tuple of str
        Headers under which a blank cell means what stands above it.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    names: NameChoices = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    edits: Edits = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    crs: str = "WGS-84"
    known: pd.DataFrame | None = None
    adapter: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    add_up: bool = False
    fill_down: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read of a sheet, and how.

    Attributes
    ----------
    dataset : Dataset
    sheet : Sheet
    headers : list of str
        Unique, in file order.
    guesses : tuple of Guess
    notes : list of dict
        Problems of the header row.
    choices : Choices
    folder : Path
        For files on the way.
    adapter : Adapter or None
        How rows of another kind of file are brought into `headers`.
    """

    dataset: Dataset
    sheet: Sheet
    headers: list[str]
    guesses: tuple[Guess, ...]
    notes: list[Note]
    choices: Choices
    folder: Path
    adapter: Adapter | None = None

    @property
    def positions(self) -> dict[str, int]:
        """Column to its place in the file, in the order of the dataset."""
        found = {one.column: place for place, one in enumerate(self.guesses)}
        return {name: found[name] for name in self.dataset.columns if name in found}

    @property
    def factors(self) -> dict[str, float]:
        """Column to what its cells are multiplied by."""
        return {one.column: one.factor for one in self.guesses if one.column and one.factor != 1.0}

    @property
    def written(self) -> dict[str, str]:
        """Column to its header."""
        return {name: self.headers[place] for name, place in self.positions.items()}

    @property
    def province(self) -> int | None:
        """Place of a column of provinces."""
        header = province(self.headers) if self.adapter is None else None
        return None if header is None else self.headers.index(header)

    def make_tables(self, con: "DuckDBPyConnection") -> None:
        """Create the tables of `checks.make_tables` from `raw`."""
        make_tables(
            con,
            self.dataset,
            self.positions,
            factors=self.factors,
            names=self.choices.names,
            headers=self.written,
            province=self.province,
        )

    @property
    def fatal(self) -> bool:
        """Whether a column that must be there is not."""
        return any(note["code"] == "missing_column" for note in self.notes)


def plan(sheet: Sheet, dataset: Dataset, choices: Choices, folder: Path) -> Plan:
    """Find what the headers of a sheet mean.

    Raises
    ------
    ValueError
        A choice names what the file or the dataset has not.
    """
    if choices.adapter:
        adapter = ADAPTERS[choices.adapter]
        return Plan(dataset, sheet, list(adapter.columns), adapters.guesses(adapter), [], choices, folder, adapter)
    headers = unique(sheet.header)
    below = [[*record, *[""] * len(headers)][: len(headers)] for record in sheet.first[sheet.header_row :]]
    guesses, notes = guess(
        headers,
        dataset,
        given=choices.mapping,
        remembered=choices.remembered,
        header_row=sheet.header_row,
        sample=pd.DataFrame(below, columns=headers, dtype="str"),
    )
    odd = shape_note(sheet.header) if any(note["code"] == "missing_column" for note in notes) else ""
    if odd:
        notes.insert(0, dict.fromkeys(PROBLEM_COLUMNS, "") | {"row": sheet.header_row, "code": odd})
    declared = units.from_preamble(sheet.first[: sheet.header_row - 1])
    if declared:
        above = tuple(_as_declared(one, dataset, declared) for one in guesses)
        changed = [one for one, plain in zip(above, guesses, strict=True) if one != plain]
        notes += [_above(one, sheet.header_row) for one in changed if one.column not in choices.units]
        guesses = above
    absent = [h for h in (*(header for _, header in choices.edits), *choices.fill_down) if h not in headers]
    if absent:
        raise ValueError(f"the file has no header {absent[0]!r} to edit; its headers are {headers}")
    if choices.units:
        guesses = tuple(_in_unit(one, dataset, choices.units) for one in guesses)
    return Plan(dataset, sheet, headers, guesses, notes, choices, folder)


def _as_declared(one: Guess, dataset: Dataset, unit: str) -> Guess:
    """A header without a unit, in the one that stands above the table where it is one of its column."""
    factor = units.factor(unit, dataset.columns[one.column]) if one.column and not one.unit else None
    return one if factor in (None, 1.0) else replace(one, unit=unit, factor=factor)


def _above(one: Guess, row: int) -> Note:
    said = {"row": row, "column": one.header, "code": "unit_above", "value": one.unit, "other": f"{one.factor:.6g}"}
    return dict.fromkeys(PROBLEM_COLUMNS, "") | said


def _in_unit(one: Guess, dataset: Dataset, chosen: Mapping[str, str]) -> Guess:
    """A header whose unit was decided on."""
    if one.column not in chosen:
        return one
    unit = chosen[one.column]
    factor = units.factor(unit, dataset.columns[one.column]) if unit else 1.0
    if factor is None:
        raise ValueError(f"{unit!r} is no unit of {one.column}")
    return replace(one, unit=unit, factor=factor)
