"""Opening and reading the files dropped, one after another: small ones at once, long ones as a job."""

from typing import cast

import pandas as pd

from data import intake, platforms
from data.intake import adapters, crs
from data.intake.found import Intake
from data.intake.headers import dataset_of
from data.intake.names import KINDS
from data.intake.remember import header_key
from data.intake.sheet import Opened, Sheet
from data.intake.watch import Watch
from data.schema import DATASETS
from data.workspace import WorkspaceError
from pages.ui import jobs, markets
from pages.ui.intake_state import Choices, Table, Upload, networks, parts, put, tables, uploads, wanted
from pages.ui.jobs import Error
from pages.ui.owner import owner

LIKELY = 0.5
"""Score from which a sheet among others is taken for a dataset."""


def advance(*, known: pd.DataFrame | None) -> bool:
    """Begin what is to be done next; whether a job is under way now. Small work is done at once.

    Parameters
    ----------
    known : DataFrame or None
        station_id, lat and lon of stations already held.
    """
    while jobs.current() is None:
        upload = next((one for one in uploads() if one.opened is None and one.refused is None), None)
        table = next((one for one in wanted() if not (one.found or one.refused or one.lacks)), None)
        if upload is not None:
            _open(upload)
        elif table is not None:
            _read(table, known)
        else:
            return False
    return True


def _open(upload: Upload) -> None:
    folder, encoding, row = parts(upload), upload.encoding or None, upload.header_row or None
    folder.mkdir(exist_ok=True)

    def work(watch: Watch) -> Opened:
        return intake.open_file(
            upload.path, name=upload.name, folder=folder, encoding=encoding, header_row=row, watch=watch
        )

    def then(found: object) -> None:
        if isinstance(found, Opened):
            upload.opened = found
            _list(upload, found)
        else:
            upload.refused = cast(Error, found)

    jobs.start(upload.name, work, then, size=upload.size)


def _list(upload: Upload, opened: Opened) -> None:
    """Tables of a file that was opened; what was decided about one of the same name stays."""
    before = {table.sheet.name: table for table in tables() if table.upload is upload}
    made = []
    for place, sheet in enumerate(opened.sheets):
        key, old = f"{upload.id}-{place}", before.get(sheet.name)
        choices, likely = _guess(upload, sheet)
        if old and old.sheet.header == sheet.header:
            choices = old.choices
        made.append(Table(key, upload, sheet, choices, old.wanted if old else likely))
    if made and not any(table.wanted for table in made):
        made[0].wanted = True
    put(upload, made)


def _guess(upload: Upload, sheet: Sheet) -> tuple[Choices, bool]:
    """What the headers say a table is, and whether that is likely."""
    headers = list(sheet.header)
    adapter = adapters.detect(headers)
    if adapter:
        kind = adapters.ADAPTERS[adapter]
        return Choices(kind.dataset, adapter=adapter, crs=kind.crs), True
    dataset, score = dataset_of(headers)[0]
    return Choices(dataset, crs=crs.hint(headers, upload.name) or crs.CRS[0]), score >= LIKELY


def _read(table: Table, known: pd.DataFrame | None) -> None:
    c, opened, sheet = table.choices, table.upload.opened, table.sheet
    assert opened is not None
    remembered, names = _remembered(table), _names(table)
    known_networks = (*platforms.added(), *networks())

    def work(watch: Watch) -> Intake:
        with platforms.using(known_networks):
            return intake.read(
                opened,
                c.dataset,
                sheet=sheet.name,
                adapter=c.adapter,
                options=c.options,
                crs=c.crs,
                mapping=c.mapping,
                units=c.units,
                names=names,
                edits=c.edits,
                add_up=c.add_up,
                fill_down=c.fill_down,
                remembered=remembered,
                known=known,
                watch=watch,
            )

    def then(found: object) -> None:
        if isinstance(found, Intake):
            table.found = found
        else:
            table.refused = cast(Error, found)

    jobs.start(opened.name, work, then, size=sheet.path.stat().st_size)


def _remembered(table: Table) -> dict[str, str]:
    """What the reader decided about these headers before; nothing when it cannot be read."""
    try:
        found = markets.workspace().recall(owner(), table.choices.dataset, header_key(table.sheet.header))
    except WorkspaceError:
        return {}
    return dict(found or {})


def _names(table: Table) -> dict[str, dict[str, str]]:
    """Names as decided here, over what was decided for earlier files."""
    columns = [c.name for c in DATASETS[table.choices.dataset].columns.values() if c.type in KINDS]
    try:
        kept = {column: dict(markets.workspace().recall_names(owner(), column)) for column in columns}
    except WorkspaceError:
        kept = {}
    table.recalled = {column: of for column, of in kept.items() if of}
    here = table.choices.names
    return {column: {**kept.get(column, {}), **here.get(column, {})} for column in {*kept, *here}}
