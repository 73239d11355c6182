"""A real PostgreSQL server in a temporary folder, and workspaces on both kinds of places."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from data.workspace import Database, Place
from data.workspace.postgres_pool import pool
from tests.browser import REQUIRED, free_port

ROLE, PASSWORD = "posthouse", "s3cret/w0rd"
NO_SERVER = "No PostgreSQL. Debian: apt-get install -y postgresql. Elsewhere: put initdb and postgres into PATH."
PATIENCE = 60
NOBODY = 65534
"""Whom root runs the server as."""
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    "log_statement": "none",
}
files_only = pytest.mark.parametrize("place", ["files"], indirect=True)
"""Mark of a test that looks at the files themselves."""


@dataclass(slots=True)
class Server:
    """A server whose data are gone with its folder."""

    folder: Path
    port: int
    running: subprocess.Popen[bytes] | None = None
    numbers: Iterator[int] = field(default_factory=count)
    made: list[Database] = field(default_factory=list)

    def start(self) -> None:
        """Serve, once it answers."""
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen([*as_owner(self.folder), *command, *options], stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        ask = [program("pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        while subprocess.run(ask, check=False).returncode:
            assert time.monotonic() < until, (self.folder / "log").read_text()
            assert self.running.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Close every connection and leave: a fast shutdown."""
        if self.running is not None:
            self.running.send_signal(how)
            self.running.wait(PATIENCE)
            self.running = None

    def url(self, base: str, *, user: str = ROLE, password: str = PASSWORD) -> str:
        """Address of a database, whose password is written as addresses take it."""
        return f"postgresql://{user}:{password.replace('/', '%2F')}@127.0.0.1:{self.port}/{base}"

    def database(self) -> Database:
        """The database of most tests, emptied."""
        if not self.made:
            return self.another()
        name = self.made[0].url.rpartition("/")[2]
        for (schema,) in self.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'posthouse_%'", name):
            self.run(f"DROP SCHEMA {schema} CASCADE", name)
        pool(self.made[0]).known.clear()
        return self.made[0]

    def another(self, **options: str) -> Database:
        """A new, empty database."""
        name = f"w{next(self.numbers)}"
        extra = " ".join(f"{key} {value}" for key, value in ({"OWNER": ROLE} | options).items())
        self.run(f"CREATE DATABASE {name} {extra}")
        self.made.append(Database(self.url(name)))
        return self.made[-1]

    def run(self, statement: str, base: str = "postgres") -> list[tuple[object, ...]]:
        """Answer to a statement of the administrator."""
        import psycopg

        address = f"postgresql:///{base}?host={self.folder}&port={self.port}&user=admin"
        with psycopg.connect(address, autocommit=True) as line:
            answer = line.execute(statement.encode())
            return answer.fetchall() if answer.description else []

    def close(self) -> None:
        """Close what this program holds open."""
        for database in self.made:
            pool(database).close()


def program(name: str) -> str:
    """Path of a program of PostgreSQL."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))
    if found is None:
        if REQUIRED:
            pytest.fail(NO_SERVER)
        pytest.skip(NO_SERVER)
    return found


def as_owner(folder: Path) -> list[str]:
    """Words before a command that root may not run itself: it runs as the owner of the folder."""
    if os.geteuid() != 0:
        return []
    owner = folder.stat()
    return ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]


@contextmanager
def serving() -> Iterator[Server]:
    """A server of its own, which is gone afterwards."""
    initdb = program("initdb")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has at most 107 letters
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    server = Server(folder, free_port())
    try:
        words = ["-U", "admin", "-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256", "-N"]
        command = [*as_owner(folder), initdb, "-D", str(folder / "data"), *words]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        server.start()
        server.run(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        yield server
    finally:
        server.close()
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server for the tests of this worker; without the program they are skipped, or fail where CI=true."""
    with serving() as server:
        yield server


@pytest.fixture(params=("files", "postgres"))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of each kind in turn."""
    if request.param == "files":
        return tmp_path / "kept"
    return request.getfixturevalue("postgres").database()
