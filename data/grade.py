"""Evidence grade: how far a number can be trusted. Part of every result object."""

from enum import StrEnum


class Grade(StrEnum):
    """Where a number comes from, strongest first."""

    REPORTED = "reported"
    """Printed in the record or in an uploaded file."""
    ESTIMATED = "estimated"
    """A fit to reported numbers, with its interval."""
    MODELLED = "modelled"
    """Simulated from a stated model."""
    ASSUMED = "assumed"
    """A slider, a default, a figure nobody published."""


ORDER = tuple(Grade)


def weakest(*grades: Grade) -> Grade:
    """Grade of a number made from several: the weakest of them."""
    return max(grades, key=ORDER.index)
