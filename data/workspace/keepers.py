"""What one place keeps of one kind: a file of the folder, or a schema of the database."""

from pathlib import Path

from data.workspace.base import Base, Keeper
from data.workspace.postgres import Database, Place
from data.workspace.postgres_schema import Schema


def keeper(place: Place, file: str, schema: str, format: int, *, index: str = "") -> Keeper:
    """Tables of a kind in a place.

    Parameters
    ----------
    file : str
        Name of the SQLite file; without its ending, that of the schema of a database.
    schema : str
        Statements that make the tables, for both.
    format : int
        Version of the schema, raised whenever a table is added: older files and schemas then get what they lack.
    index : str
        Statements for the file alone.
    """
    if isinstance(place, Database):
        return Schema(place, file.partition(".")[0], schema, format)
    return Base(place / file, schema + index, format)


class Room:
    """What is kept of one kind.

    Parameters
    ----------
    keeper : Keeper
    """

    def __init__(self, keeper: Keeper) -> None:
        self._base = keeper

    @property
    def keeper(self) -> Keeper:
        """The tables."""
        return self._base

    @property
    def path(self) -> Path | None:
        """The file, made when something is first kept; None in a database."""
        return self._base.path

    @property
    def where(self) -> str:
        """Where it is kept, in words: the file, or host and database."""
        return self._base.where

    def exists(self) -> bool:
        """Whether anything was ever kept.

        Raises
        ------
        WorkspaceError
            "cannot_read" when the folder does not let itself be looked into, "away".
        """
        return self._base.exists()
