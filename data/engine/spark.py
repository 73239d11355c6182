"""Spark as an engine, through Spark Connect: queries go out, small tables come back as Arrow."""

import socket
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from data.engine.base import INSTANT, NUMBER, RAW, TEXT, TIME, WHOLE, csv, decimal
from data.engine.refusal import Broken, EngineError, Stopped

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession

PORT = 15002
REACHED_SECONDS = 3.0
"""In which something must answer at the address."""
_TYPES = {
    "string": TEXT,
    "double": NUMBER,
    "float": NUMBER,
    "date": TIME,
    "timestamp_ntz": TIME,
    "timestamp": INSTANT,
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), WHOLE),
}
_AS = {TEXT: "string", WHOLE: "bigint", NUMBER: "double"}
_GONE = ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA")
_BROKEN = ("UNAVAILABLE", "SESSION_CLOSED", "SESSION_NOT_FOUND", "SESSION_CHANGED", "INVALID_HANDLE")
_STOPPED = ("OPERATION_CANCELED", "OPERATION_ABANDONED", "cancelled")


class Spark:
    """A session on a server of Spark Connect.

    Parameters
    ----------
    address : str
        sc://host:port, with options such as ;token=... after a further slash.

    Raises
    ------
    EngineError
        "not_installed" without pyspark, "away" where nothing answers.
    """

    name = "Spark"
    dialect = "pyspark"

    def __init__(self, address: str) -> None:
        reach(address)
        self.tag = f"posthouse-{uuid.uuid4().hex}"
        self.session = _session(address)
        self.session.addTag(self.tag)
        self.stopped = False

    def scan(self, where: str) -> dict[str, str]:
        """See `Engine.scan`."""
        if csv(where):
            return self._scan(where, text=True)
        try:
            return self._scan(where, text=False)
        except EngineError as error:
            if error.code != "no_events":
                raise
            return self._scan(where, text=True)  # into a folder that this machine does not reach `csv` cannot look

    def _scan(self, where: str, *, text: bool) -> dict[str, str]:
        from pyspark.sql.connect.functions import expr

        with self._told(where):
            table = self._table(where, text=text)
            kinds = dict(table.dtypes)
            turned = {name: decimal(kind) for name, kind in kinds.items() if decimal(kind)}
            cells = {name: "`" + name.replace("`", "``") + "`" for name in turned}
            casts = {name: expr(f"CAST({cells[name]} AS {_AS[kind]})") for name, kind in turned.items()}
            (table.withColumns(casts) if casts else table).createOrReplaceTempView(RAW)
            return {name: turned.get(name) or _TYPES.get(kind, kind.upper()) for name, kind in kinds.items()}

    def _table(self, where: str, *, text: bool) -> "DataFrame":
        reader = self.session.read.option("recursiveFileLookup", True)
        if not text:
            return reader.option("pathGlobFilter", "*.parquet").parquet(where)
        return reader.option("pathGlobFilter", "*.csv*").option("header", True).option("escape", '"').csv(where)

    def put(self, name: str, table: "pa.Table") -> None:
        """See `Engine.put`."""
        with self._told():
            self.session.createDataFrame(table).createOrReplaceTempView(name)

    def sql(self, text: str) -> "pa.Table":
        """See `Engine.sql`."""
        with self._told():
            return self.session.sql(text).toArrow()

    def stop(self) -> None:
        """See `Engine.stop`."""
        from grpc import RpcError
        from pyspark.errors import PySparkException

        self.stopped = True
        try:
            self.session.interruptTag(self.tag)
        except (PySparkException, RpcError, ValueError):
            return  # what cannot be reached need not be stopped

    def close(self) -> None:
        """See `Engine.close`."""
        from grpc import RpcError
        from pyspark.errors import PySparkException

        try:
            self.session.stop()
        except (PySparkException, RpcError, ValueError):
            return  # nobody is there to take leave of

    @contextmanager
    def _told(self, where: str = "") -> Iterator[None]:
        """Say what Spark says in our words."""
        from grpc import RpcError
        from pyspark.errors import PySparkException

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                warnings.filterwarnings("ignore", ".RETRIES_EXCEEDED.*")  # an error follows, which is told
                yield
        except (PySparkException, RpcError, ValueError) as error:
            said = str(error)
            if self.stopped or any(mark in said for mark in _STOPPED):
                raise Stopped from error
            if isinstance(error, RpcError) or any(mark in said for mark in _BROKEN):
                raise Broken from error
            if any(mark in said for mark in _GONE):
                raise EngineError("no_events", where=where) from error
            if where and "Permission denied" in said:
                raise EngineError("not_permitted", where=where) from error
            raise EngineError("failed", why=said.strip().partition("\n")[0]) from error


def reach(address: str) -> None:
    """Look whether anything answers at an address, before Spark waits for it for minutes.

    Raises
    ------
    EngineError
        "away" where nothing does, "strange_engine" for what is no address.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host, port = None, PORT
    if not host:
        raise EngineError("strange_engine", setting=address)
    try:
        socket.create_connection((host, port), REACHED_SECONDS).close()
    except OSError as error:
        raise EngineError("away", address=shown(address)) from error


def shown(address: str) -> str:
    """An address without its options, which may hold a token."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or PORT}"


def _session(address: str) -> "SparkSession":
    """A session of its own, whose answers are the same everywhere: UTC, and an error for what cannot be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which nothing here gives to Spark
            from grpc import RpcError
            from pyspark.errors import PySparkException
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise EngineError("not_installed", package="pyspark") from error
    try:
        session = SparkSession.builder.remote(address).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=2, initial_backoff=200, max_backoff=1000)])
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.ansi.enabled", "true")
    except (PySparkException, RpcError) as error:
        if "UNAUTHENTICATED" in str(error):
            raise EngineError("failed", why=f"{shown(address)}: UNAUTHENTICATED") from error
        raise EngineError("away", address=shown(address)) from error
    return session
