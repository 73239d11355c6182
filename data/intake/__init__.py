"""Intake: from a user's file to a typed table, or to the list of cells to mend."""

from data.intake.containers import Readable, open_file
from data.intake.found import Guess, Intake
from data.intake.reading import read
from data.intake.refusal import IntakeError
from data.intake.sheet import Opened, Sheet
from data.intake.summary import problems_csv, set_aside_csv, values
from data.intake.watch import Cancelled, Watch

__all__ = [
    "Cancelled",
    "Guess",
    "Intake",
    "IntakeError",
    "Opened",
    "Readable",
    "Sheet",
    "Watch",
    "open_file",
    "problems_csv",
    "read",
    "set_aside_csv",
    "values",
]
