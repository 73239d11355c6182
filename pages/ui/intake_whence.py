"""Where the rows of a version came from."""

from data.intake.found import Intake
from data.workspace import Provenance
from pages.ui.intake_state import FORGOTTEN, Choices, Table


def provenance(table: Table, found: Intake) -> Provenance:
    """Where the rows came from and what was decided on the way."""
    upload, choices = table.upload, table.choices
    read = {guess.column: guess.unit for guess in found.guesses if guess.column and guess.unit}
    return Provenance(
        file=upload.name,
        digest=upload.opened.digest if upload.opened else found.digest,
        size=upload.size,
        sheet=found.sheet,
        encoding=found.encoding,
        adapter=found.adapter,
        crs=found.crs if "lat" in found.rows_of.column_names else "",
        mapping=found.mapping,
        units={**read, **choices.units},
        names=_meant(choices),
        edits=len(choices.edits),
        rows=found.rows,
        kept=found.kept,
        aside=found.rows - found.kept,
    )


def _meant(choices: Choices) -> dict[str, dict[str, str]]:
    """Names as decided, without those taken back."""
    return {column: {t: key for t, key in of.items() if key != FORGOTTEN} for column, of in choices.names.items()}
