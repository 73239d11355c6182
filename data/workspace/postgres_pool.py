"""Connections to a database: few, kept for the next transaction, made anew with patience when the server is away."""

import os
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from data.workspace.base import WAIT_SECONDS
from data.workspace.postgres import Database
from data.workspace.refusal import WorkspaceError

if TYPE_CHECKING:
    from psycopg import Connection

MOST = 8
"""Connections of one program at a time; whoever comes next waits."""
PATIENCE_SECONDS = 4.0
"""For a server that does not answer, at the first time; then once at each call."""
REST_SECONDS = 1.0
"""After a failure, in which nobody tries."""
IDLE_SECONDS = 300.0
"""After which a connection that nobody used is closed, at the next use of another."""
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
_SETTINGS = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "client_encoding": "utf8",
    "application_name": "posthouse",
}
"""For libpq, unless the address says otherwise: a dead line is noticed within a minute (tcp_user_timeout in ms)."""


class Pool:
    """Connections to one database from one program.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.known: set[str] = set()
        """Schemas that are there."""
        self._room = threading.BoundedSemaphore(MOST)
        self._lock = threading.Lock()
        self._idle: list[tuple[float, Connection[Any]]] = []
        self._failed: float | None = None

    def take(self, begin: str) -> tuple["Connection[Any]", tuple[Any, ...]]:
        """A connection inside a transaction that `begin` opens, and the row that `begin` ends with.

        Raises
        ------
        WorkspaceError
            "busy" when all are in use for long, "away" when the server does not answer.
        psycopg.Error
            `begin` was refused.
        """
        if not self._room.acquire(timeout=WAIT_SECONDS):
            raise WorkspaceError("busy", path=self.database.name)
        try:
            return self._begun(begin)
        except BaseException:
            self._room.release()
            raise

    def give(self, connection: "Connection[Any]") -> None:
        """Take a connection back; one that is inside a transaction yet, or broken, is closed."""
        try:
            if connection.closed or connection.info.transaction_status != 0:
                connection.close()
            else:
                with self._lock:
                    self._idle.append((time.monotonic(), connection))
                    old = [one for one in self._idle if time.monotonic() - one[0] > IDLE_SECONDS]
                    self._idle = [one for one in self._idle if one not in old]
                for _, one in old:
                    one.close()
        finally:
            self._room.release()

    def close(self) -> None:
        """Close those that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, one in idle:
            one.close()

    def _begun(self, begin: str) -> tuple["Connection[Any]", tuple[Any, ...]]:
        """Open a transaction, on a new connection where the kept ones are dead, and with pauses where none is had."""
        import psycopg

        until, pauses = time.monotonic() + PATIENCE_SECONDS, iter(_PAUSES)
        self._rested()
        while True:
            try:
                return self._tried(begin)
            except psycopg.OperationalError as error:
                if not lost(error):
                    raise
                pause = next(pauses, _PAUSES[-1])
                if self._failed is not None or time.monotonic() + pause > until:
                    self._failed = time.monotonic()
                    raise WorkspaceError("away", path=self.database.name) from error
            time.sleep(pause)

    def _rested(self) -> None:
        """Refuse at once for a while after a failure, so that a page with many questions does not wait for each."""
        if self._failed is not None and time.monotonic() - self._failed < REST_SECONDS:
            raise WorkspaceError("away", path=self.database.name)

    def _tried(self, begin: str) -> tuple["Connection[Any]", tuple[Any, ...]]:
        import psycopg

        while kept := self._kept():
            try:
                return kept, _opened(kept, begin)
            except psycopg.OperationalError as error:
                kept.close()
                if not lost(error):
                    raise
            except BaseException:
                kept.close()
                raise
        made = self._made()
        try:
            answer = _opened(made, begin)
        except BaseException:
            made.close()
            raise
        self._failed = None
        return made, answer

    def _kept(self) -> "Connection[Any] | None":
        with self._lock:
            return self._idle.pop()[1] if self._idle else None

    def _made(self) -> "Connection[Any]":
        """A new connection; an address that cannot be read is not shown."""
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        try:
            given = conninfo_to_dict(self.database.url)
        except psycopg.ProgrammingError:
            given = None
        if not given:
            raise WorkspaceError("away", path=self.database.name)
        asked: dict[str, Any] = _SETTINGS | given
        return psycopg.Connection.connect(**asked, autocommit=True, prepare_threshold=None)


def _opened(connection: "Connection[Any]", begin: str) -> tuple[Any, ...]:
    """Last row that the statements of `begin` answer."""
    answer = connection.execute(begin)
    while answer.nextset():
        pass
    return answer.fetchone() or () if answer.description else ()


def lost(error: Exception) -> bool:
    """Whether the server is away, or going, rather than refusing a statement."""
    state = getattr(error, "sqlstate", None)
    return not state or state.startswith(("08", "57P", "53300"))


@cache
def _pool(url: str, process: int) -> Pool:
    return Pool(Database(url))


def pool(database: Database) -> Pool:
    """The connections of this program; a child that was forked has its own."""
    return _pool(database.url, os.getpid())
