"""Tables of one kind in a schema of a database: one writer at a time, readers see what was there when they began.

A writer holds the one row of `kept` from the first statement of its transaction to the last, so that others wait.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.workspace import rights
from data.workspace.base import TABLE, WAIT_SECONDS
from data.workspace.postgres import Database
from data.workspace.postgres_pool import Pool, lost, pool
from data.workspace.postgres_rows import Opened
from data.workspace.postgres_sql import tables
from data.workspace.refusal import WorkspaceError
from data.workspace.underway import WRITES

if TYPE_CHECKING:
    import psycopg

STATEMENT_SECONDS = 120
IDLE_SECONDS = 1800
"""Between two statements, in which a large market is packed; a dead line is noticed by its keep-alives before."""
_LIMITS = """
SET LOCAL statement_timeout = '{statement}s'; SET LOCAL lock_timeout = '{wait}ms';
SET LOCAL idle_in_transaction_session_timeout = '{idle}s';
SET LOCAL tcp_keepalives_idle = 30; SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3;
SET LOCAL search_path = {schema}, pg_catalog;
"""
_READ = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_LIMITS} SELECT format, '' FROM kept"
_KEPT = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
"""What was acknowledged outlives a crash of the server, whatever its settings say; stricter ones stay."""
_WRITE = f"BEGIN; {_LIMITS} {_KEPT}; UPDATE kept SET writes = writes + 1 RETURNING format, pg_current_xact_id()::text"
_ALONE = """
BEGIN; SELECT pg_advisory_xact_lock(hashtext('{schema}'));
SELECT to_regclass('{schema}.kept') IS NOT NULL, current_setting('server_encoding')
"""
_FORMAT = "SELECT format FROM {schema}.kept FOR UPDATE"
_MAKE = """
CREATE SCHEMA IF NOT EXISTS {schema};
SET LOCAL search_path = {schema}, pg_catalog;
SET LOCAL client_min_messages = warning;
CREATE TABLE IF NOT EXISTS kept (one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one), format INTEGER, writes BIGINT);
{tables}
INSERT INTO kept (format, writes) VALUES ({format}, 0) ON CONFLICT (one) DO UPDATE SET format = excluded.format;
COMMIT
"""
_IDENTITIES = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = ? AND is_identity = 'YES'
"""
_CODES = {"42501": "no_rights", "25006": "no_rights", "55P03": "busy", "57014": "busy", "40": "busy"}
_CODES |= {"53": "full", "22": "not_kept"}
"""By the start of what PostgreSQL calls SQLSTATE; anything else is no fault of the server."""
_MISSING = ("42P01", "3F000")
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = '{number}'::xid8::xid"
_UNDER_WAY = "in progress"
_OVER = {"committed": True, "aborted": False}
_AGAIN, _AGAIN_SECONDS = 20, 0.2
"""How often, and how long apart, it is asked whether a transaction was kept whose answer was lost."""


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema.

    Attributes
    ----------
    database : Database
    name : str
        What it keeps: "boards" for the schema `posthouse_boards`.
    schema : str
        Statements that make its tables.
    format : int
        Version of the schema; one of a later version is refused.
    more : str
        Statements for tables that are no part of the contents.
    """

    database: Database
    name: str
    schema: str
    format: int
    more: str = ""

    @property
    def path(self) -> Path | None:
        """No file."""
        return None

    @property
    def where(self) -> str:
        """Host and database."""
        return self.database.name

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, in the order in which they are made."""
        return tuple(TABLE.findall(self.schema))

    @property
    def _within(self) -> str:
        return f"posthouse_{self.name}"

    def exists(self) -> bool:
        """Whether anything was ever kept.

        Raises
        ------
        WorkspaceError
            "away" when the server does not answer.
        """
        known = pool(self.database).known
        if self.name not in known and self._ask(f"SELECT to_regclass('{self._within}.kept') IS NOT NULL")[0]:
            known.add(self.name)
        return self.name in known

    def stamp(self) -> tuple[object, ...] | None:
        """How often something was written: no write leaves it as it was; None before the first."""
        return tuple(self._ask(f"SELECT writes FROM {self._within}.kept")) if self.exists() else None

    @contextmanager
    def open(self, *, write: bool = False) -> Iterator[Opened]:
        """Connection inside one transaction, which is undone when anything fails."""
        if write:
            rights.need("save")
        with WRITES.one() if write else nullcontext(), self._turn(write) as opened:
            yield opened

    @contextmanager
    def _turn(self, write: bool) -> Iterator[Opened]:
        import psycopg

        lines, connection = pool(self.database), None
        try:
            connection, number = self._begun(lines, write)
            yield Opened(connection, self.where)
            self._commit(connection, number)
        except psycopg.Error as error:
            raise WorkspaceError(_code(error), path=self.where) from error
        finally:
            if connection is not None:
                _undo(connection)
                lines.give(connection)

    def wipe(self) -> None:
        """Do nothing: the server gives the room of deleted rows to others when it cleans up (VACUUM)."""

    @staticmethod
    def each(base: Opened, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a table as they come, a few at a time."""
        return base.each(table)

    def settle(self, base: Opened) -> None:
        """Go on counting after rows that brought their numbers."""
        for table, column in base.execute(_IDENTITIES, (self._within,)).fetchall():
            counter = f"pg_get_serial_sequence('{self._within}.{table}', '{column}')"
            base.execute(f"SELECT setval({counter}, coalesce(max({column}), 0) + 1, false) FROM {table}")

    def _begun(self, lines: Pool, write: bool) -> tuple["psycopg.Connection[Any]", str]:
        """Connection inside a transaction, and its number where it writes; what is missing is made first."""
        import psycopg

        limits = {"statement": STATEMENT_SECONDS, "wait": int(WAIT_SECONDS * 1000), "idle": IDLE_SECONDS}
        begin = (_WRITE if write else _READ).format(schema=self._within, **limits)
        for made in (False, True):
            try:
                connection, row = lines.take(begin)
            except psycopg.ProgrammingError as error:
                if made or error.sqlstate not in _MISSING:
                    raise
            else:
                if row and row[0] == self.format:
                    lines.known.add(self.name)
                    return connection, row[1]
                _undo(connection)
                lines.give(connection)
                if row and row[0] > self.format:
                    raise WorkspaceError("newer", path=self.where)
            self._make(lines)
        raise WorkspaceError("strange", path=self.where)

    def _make(self, lines: Pool) -> None:
        """Make the tables that are not there, while no other program does and nobody writes."""
        connection, (there, letters) = lines.take(_ALONE.format(schema=self._within))
        try:
            if letters != "UTF8":
                raise WorkspaceError("strange", path=self.where)
            found = connection.execute(_FORMAT.format(schema=self._within).encode()).fetchone() if there else None
            if found is None or found[0] < self.format:
                made = tables(self.schema + self.more)
                connection.execute(_MAKE.format(schema=self._within, tables=made, format=self.format).encode())
        finally:
            _undo(connection)
            lines.give(connection)

    def _ask(self, statements: str) -> tuple[Any, ...]:
        """Last row that statements answer which need no more of a transaction."""
        import psycopg

        lines = pool(self.database)
        try:
            connection, row = lines.take(statements)
        except psycopg.Error as error:
            raise WorkspaceError(_code(error), path=self.where) from error
        _undo(connection)
        lines.give(connection)
        return row

    def _commit(self, connection: "psycopg.Connection[Any]", number: str) -> None:
        """Keep what was written; where the line breaks meanwhile, the server is asked whether it has."""
        import psycopg

        try:
            said = connection.execute("COMMIT").statusmessage
        except psycopg.OperationalError as error:
            if not (number and lost(error) and self._was_kept(number)):
                raise
        else:
            if said != "COMMIT":
                raise WorkspaceError("not_kept", path=self.where)

    def _was_kept(self, number: str) -> bool:
        """Whether a transaction was kept; one that goes on for long is ended.

        Raises
        ------
        WorkspaceError
            "unsure" when the server does not say.
        """
        try:
            state = self._state(number)
            if state == _UNDER_WAY:
                self._ask(_END.format(number=number))
                state = self._state(number)
        except WorkspaceError as error:
            raise WorkspaceError("unsure", path=self.where) from error
        if state not in _OVER:
            raise WorkspaceError("unsure", path=self.where)
        return _OVER[state]

    def _state(self, number: str) -> str:
        """What became of a transaction, once it is over or was asked for long."""
        state = _UNDER_WAY
        for turn in range(_AGAIN):
            if turn:
                time.sleep(_AGAIN_SECONDS)
            state = str(self._ask(f"SELECT pg_xact_status('{number}'::xid8)")[0])
            if state != _UNDER_WAY:
                break
        return state


def _undo(connection: "psycopg.Connection[Any]") -> None:
    """Undo what was not kept; a connection that cannot is closed, and the server undoes it."""
    import psycopg
    from psycopg.pq import TransactionStatus

    status = connection.info.transaction_status
    try:
        if status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            connection.rollback()
        elif status != TransactionStatus.IDLE:
            connection.close()
    except psycopg.Error:
        connection.close()


def _code(error: "psycopg.Error") -> str:
    import psycopg

    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and lost(error):
        return "away"
    if isinstance(error, psycopg.DataError):
        return "not_kept"
    state = error.sqlstate or ""
    return next((code for start, code in _CODES.items() if state.startswith(start)), "strange")
