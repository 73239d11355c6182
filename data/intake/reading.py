"""From a file to a typed table and the list of cells to mend. DuckDB reads it; names are looked up once each.

The contracts are `data.schema`'s own: pandera's lazy coercion reports wrong rows once a cell fails to convert, and is
some hundred times slower (`benchmarks/intake.py`).
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from data import duck, memory
from data.contract import Dataset
from data.intake import crs as coordinates
from data.intake.adapters import ADAPTERS
from data.intake.checking import check
from data.intake.containers import Readable, digest, open_file
from data.intake.found import Intake
from data.intake.planning import SPILL, Choices, Edits, NameChoices, plan
from data.intake.refusal import IntakeError
from data.intake.sheet import Opened, Sheet
from data.intake.watch import Cancelled, Watch
from data.schema import DATASETS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def read(
    source: bytes | Path | Readable | Opened,
    dataset: str | Dataset,
    *,
    name: str = "",
    sheet: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
    mapping: Mapping[str, str] | None = None,
    names: NameChoices | None = None,
    units: Mapping[str, str] | None = None,
    edits: Edits | None = None,
    remembered: Mapping[str, str] | None = None,
    crs: str = "",
    known: pd.DataFrame | None = None,
    adapter: str = "",
    options: Mapping[str, str] | None = None,
    add_up: bool = False,
    fill_down: Sequence[str] = (),
    watch: Watch | None = None,
) -> Intake:
    """Read and check one table of a file.

    Parameters
    ----------
    source : bytes, Path, file-like or Opened
        The file, or what `open_file` made of it.
    dataset : str or Dataset
        Key of DATASETS, or a dataset that is no part of a market.
    name : str
        File name, for the provenance.
    sheet : str, optional
        Table of a workbook or archive; its first without.
    encoding, header_row : optional
        When the detected one is wrong.
    mapping, names, units, edits, remembered, known, adapter, options, add_up, fill_down : optional
        See `Choices`.
    crs : str
        One of `crs.CRS`; that of the kind of file by default, WGS-84 of a dataset as it is.
    watch : Watch, optional
        Told of the progress; stops the work.

    Raises
    ------
    IntakeError
        The file is no table.
    Cancelled
        `watch` was stopped.
    ValueError
        The arguments are wrong.
    """
    if isinstance(dataset, str) and dataset not in DATASETS:
        raise ValueError(f"unknown dataset {dataset!r}; use one of {', '.join(DATASETS)}")
    wanted = DATASETS[dataset] if isinstance(dataset, str) else dataset
    if crs not in ("", *coordinates.CRS):
        raise ValueError(f"coordinates in {crs!r} are not read; use one of {', '.join(coordinates.CRS)}")
    if adapter and (adapter not in ADAPTERS or ADAPTERS[adapter].dataset != wanted.name):
        raise ValueError(f"{adapter!r} is no kind of file that becomes {wanted.name}; use one of {', '.join(ADAPTERS)}")
    crs = crs or (ADAPTERS[adapter].crs if adapter else coordinates.CRS[0])
    choices = Choices(
        mapping=mapping or {},
        names=names or {},
        units=units or {},
        edits=edits or {},
        remembered=remembered or {},
        crs=crs,
        known=known,
        adapter=adapter,
        options=options or {},
        add_up=add_up,
        fill_down=tuple(fill_down),
    )
    watch = watch or Watch()
    with tempfile.TemporaryDirectory() as made, ThreadPoolExecutor(1) as beside:
        folder = Path(made)
        if isinstance(source, Opened):
            return _checked(source, sheet, wanted, choices, folder, watch)
        opened = open_file(
            source,
            name=name,
            folder=folder,
            encoding=encoding,
            header_row=header_row,
            watch=watch,
            hashed=not isinstance(source, Path),
        )
        hashed = beside.submit(digest, source, watch) if isinstance(source, Path) else None
        found = _checked(opened, sheet, wanted, choices, folder, watch)
        return replace(found, digest=hashed.result()) if hashed else found


def _checked(
    opened: Opened, sheet: str | None, dataset: Dataset, choices: Choices, folder: Path, watch: Watch
) -> Intake:
    chosen = _pick(opened, sheet)
    if memory.scarce(chosen.path.stat().st_size):
        raise IntakeError("no_memory")
    with _connection(folder, watch) as con:
        return check(con, plan(chosen, dataset, choices, folder), opened, watch)


def _pick(opened: Opened, sheet: str | None) -> Sheet:
    names = [one.name for one in opened.sheets]
    if sheet is not None and sheet not in names:
        raise ValueError(f"the file has no table {sheet!r}; it has {names}")
    return opened.sheets[names.index(sheet) if sheet is not None else 0]


@contextmanager
def _connection(folder: Path, watch: Watch) -> "Iterator[DuckDBPyConnection]":
    """DuckDB in memory, which spills beside the file; a query that is stopped ends as `Cancelled`."""
    import duckdb

    con = duck.connect(folder / SPILL)
    watch.on_stop.append(con.interrupt)
    try:
        yield con
    except duckdb.InterruptException as error:
        raise Cancelled from error
    except duckdb.Error as error:
        lacks = duck.lacks(error)
        if not lacks:
            raise
        raise IntakeError(lacks) from error
    finally:
        watch.on_stop.clear()
        con.close()
