"""What a dataset promises: columns with types, units and limits, a key, and checks across columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

TYPES = ("text", "platform", "city", "format", "origin", "month", "date", "number", "integer", "fraction")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset.

    Attributes
    ----------
    name : str
        Canonical name, with its unit.
    type : str
        One of TYPES. platform, city, format and origin accept any known spelling; a fraction may be written "35%".
    examples : tuple of str
        Cells of the two example rows of the template.
    required : bool
        Must be in the file and never blank.
    unit : str
        Unit code ("" for none), words under `unit.<code>`.
    low, high : float or None
        Smallest and largest value allowed.
    outside : str
        Problem code of a value beyond them.
    default : float, str or None
        Value of a blank optional cell; None leaves it missing.
    aliases : str
        Other headers, a space between them; matched without case and punctuation.
    """

    name: str
    type: str
    examples: tuple[str, str]
    required: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    outside: str = "out_of_range"
    default: float | str | None = None
    aliases: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header the column goes by, its own name first."""
        return (self.name, *self.aliases.split())


@dataclass(frozen=True, slots=True)
class Rule:
    """A check over several columns of a row.

    Attributes
    ----------
    code, column : str
        The problem, and the column it is shown at.
    when : str
        SQL condition over column names.
    instead_of : tuple of str
        Columns whose own range problem this one replaces.
    """

    code: str
    column: str
    when: str
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset.

    Attributes
    ----------
    name : str
        Key in DATASETS.
    columns : mapping of str to Column
        Columns by name, in order; read-only.
    key : tuple of str
        Columns that together make a row unique.
    rules : tuple of Rule
        Checks across columns.
    spell : tuple of str
        Columns of the first and last day in force (blank: until the next one starts), of which the first is part of the
        key; rows that share the rest of the key should not overlap. Empty when rows are no spells.
    own : int
        Most columns of the user's own (numbers under a header that no column goes by) that are kept; 0 keeps none.
    reserved : tuple of str
        Names that such a column may not have.
    """

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    spell: tuple[str, str] | tuple[()] = ()
    own: int = 0
    reserved: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the required columns."""
        return tuple(column.name for column in self.columns.values() if column.required)


def declare(
    name: str,
    columns: Iterable[Column],
    *,
    key: tuple[str, ...],
    rules: tuple[Rule, ...] = (),
    spell: tuple[str, str] | tuple[()] = (),
    own: int = 0,
    reserved: tuple[str, ...] = (),
) -> Dataset:
    """Make a dataset of its columns in order.

    Raises
    ------
    ValueError
        A column has a type that is not in TYPES, or the key or the spell names no column.
    """
    by_name = {column.name: column for column in columns}
    strange = [column.type for column in by_name.values() if column.type not in TYPES]
    absent = [column for column in (*key, *spell) if column not in by_name]
    if strange or absent:
        raise ValueError(
            f"dataset {name}: types {strange} are not in {TYPES}, or columns {absent} of key or spell are not declared"
        )
    return Dataset(name, MappingProxyType(by_name), key, rules, spell, own, reserved)
