"""A Spark cluster on this machine: `python -m data.engine.cluster start|stop|status|install [--workers N]`.

A master, workers and a server of Spark Connect, each a process of its own, from the jars that pyspark brings. They
listen on this machine alone, and whoever connects needs the token that is part of the address printed.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.request import urlopen

from data.engine.needs import ClusterError, install, lacking

HOST = "127.0.0.1"
START_SECONDS = 300.0
STOP_SECONDS = 20.0
STATE, LOGS, CONF = "cluster.json", "logs", "conf"
_CHILDREN: "dict[int, subprocess.Popen[bytes]]" = {}
"""Processes that this one started and has not seen end."""
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that was started.

    Attributes
    ----------
    address : str
        What `POSTHOUSE_ENGINE` is set to.
    workers : int
        0 where the server does the work itself.
    ui : str
        Address of the master's page on this machine; "" without one.
    processes : dict of int
        Number of each process by its name.
    """

    address: str
    workers: int
    ui: str
    processes: dict[str, int]


def folder() -> Path:
    """Where a cluster of this user keeps its state, logs and what it spills."""
    return Path(tempfile.gettempdir()) / f"posthouse-spark-{os.getuid()}"


def start(place: Path, *, workers: int = 2, cores: int = 1, memory: str = "1g") -> Cluster:
    """Start a cluster and wait until it answers.

    Parameters
    ----------
    place : Path
        Its folder; one cluster each.
    workers : int
        Worker processes; 0 for none, the server then works on `cores` threads itself.
    cores : int
        Tasks at a time, of each worker.
    memory : str
        Of each worker's executor, such as 1g.

    Raises
    ------
    ClusterError
        Something is lacking, one runs already, or it does not come up.
    """
    if lacking():
        raise ClusterError(f"Missing: {', '.join(lacking())}. Run: python -m data.engine.cluster install")
    if status(place) is not None:
        raise ClusterError(f"A cluster runs already in {place}: stop it first.")
    stop(place)  # what is left of one that lost a process, or that was killed while it started
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    (place / LOGS).mkdir()
    (place / CONF).mkdir()
    ports = dict(zip(("master", "ui", "connect"), _free_ports(3), strict=True))
    master = f"spark://{HOST}:{ports['master']}" if workers else f"local[{cores}]"
    token, inner = secrets.token_hex(16), secrets.token_hex(16)
    settings = _settings(place, ports["connect"], inner, workers=workers, cores=cores, memory=memory)
    (place / CONF / "spark-defaults.conf").write_text("\n".join(f"{k} {v}" for k, v in settings.items()), "utf-8")
    found = Cluster(
        address=f"sc://localhost:{ports['connect']}/;token={token}",
        workers=workers,
        ui=f"http://{HOST}:{ports['ui']}" if workers else "",
        processes={},
    )

    def spawn(name: str, command: Sequence[str], **more: str) -> None:
        found.processes[name] = _spawn(place, name, command, **more)
        _write(place, found)

    try:
        if workers:
            options = ["--host", HOST, "--port", str(ports["master"]), "--webui-port", str(ports["ui"])]
            spawn("master", ["spark-class", _MASTER, *options])
            _await(place, found, lambda: _listens(ports["master"]))
        for number in range(1, workers + 1):
            options = ["--host", HOST, "--webui-port", "0", "-c", str(cores), "-m", memory, master]
            spawn(f"worker-{number}", ["spark-class", _WORKER, *options])
        if workers:
            _await(place, found, lambda: _alive(ports["ui"]) == workers)
        command = ["spark-submit", "--class", _CONNECT, "--master", master]
        more = {"SPARK_CONNECT_AUTHENTICATE_TOKEN": token, "SPARK_DAEMON_MEMORY": settings["spark.driver.memory"]}
        spawn("connect", command, **more)
        _await(place, found, lambda: _listens(ports["connect"]))
    except BaseException:  # of Ctrl-C too: its processes are in groups of their own, which it does not reach
        _end(found.processes)
        (place / STATE).unlink(missing_ok=True)
        raise
    return found


def _write(place: Path, found: Cluster) -> None:
    """Keep what is known of a cluster where only its user can read it."""
    (place / STATE).touch(0o600)
    (place / STATE).write_text(json.dumps(asdict(found)), "utf-8")


def _read(place: Path) -> Cluster | None:
    try:
        return Cluster(**json.loads((place / STATE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _settings(place: Path, port: int, secret: str, *, workers: int, cores: int, memory: str) -> dict[str, str]:
    """Of every process: all on this machine, no job taken from a stranger, as many parts as pay here."""
    return {
        "spark.authenticate": "true",
        "spark.authenticate.secret": secret,
        "spark.master.rest.enabled": "false",
        "spark.connect.grpc.binding.address": HOST,
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.driver.memory": "1g" if workers else memory,
        "spark.executor.memory": memory,
        "spark.executor.cores": str(cores),
        "spark.ui.enabled": "false",
        "spark.local.dir": str(place / "local"),
        "spark.sql.warehouse.dir": str(place / "warehouse"),
        "spark.sql.shuffle.partitions": str(max(4, 4 * cores * max(workers, 1))),
        "spark.sql.files.maxPartitionBytes": "32m",
        "spark.sql.session.timeZone": "UTC",
    }


def _spawn(place: Path, name: str, command: Sequence[str], **more: str) -> int:
    """Begin a process of Spark in a group of its own, its log in the cluster's folder; its number."""
    import pyspark

    home = Path(pyspark.__file__).parent
    settings = {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_CONF_DIR": str(place / CONF),
        "SPARK_WORKER_DIR": str(place / "work"),
        "SPARK_LOCAL_DIRS": str(place / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
    }
    with (place / LOGS / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            [str(home / "bin" / command[0]), *command[1:]],
            cwd=place,
            env={**os.environ, **settings, **more},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _CHILDREN[child.pid] = child
    return child.pid


def _await(place: Path, found: Cluster, ready: Callable[[], bool]) -> None:
    """Wait for something, unless a process ends or the time is over."""
    until = time.monotonic() + START_SECONDS
    while not ready():
        ended = [name for name, pid in found.processes.items() if _CHILDREN[pid].poll() is not None]
        if ended or time.monotonic() > until:
            what = ", ".join(ended) or "the cluster"
            raise ClusterError(f"{what} did not come up: see the logs in {place / LOGS}.")
        time.sleep(0.1)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1.0).close()
    except OSError:
        return False
    return True


def _alive(port: int) -> int:
    """Workers that have come to the master."""
    try:
        with urlopen(f"http://{HOST}:{port}/json/", timeout=2.0) as page:
            return int(json.load(page).get("aliveworkers", 0))
    except (OSError, ValueError):
        return 0


def _free_ports(number: int) -> list[int]:
    with ExitStack() as probes:
        found = [probes.enter_context(socket.create_server((HOST, 0))) for _ in range(number)]
        return [probe.getsockname()[1] for probe in found]


def status(place: Path) -> Cluster | None:
    """The cluster of a folder while every process of it runs; None otherwise."""
    found = _read(place)
    whole = found is not None and "connect" in found.processes and all(map(_runs, found.processes.values()))
    return found if whole else None


def _runs(pid: int) -> bool:
    """Whether a process is there and is of Spark: its number may be another's by now."""
    if (child := _CHILDREN.get(pid)) is not None and child.poll() is None:  # its command is not there at once
        return True
    try:
        return b"org.apache.spark" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def stop(place: Path) -> bool:
    """End every process of the cluster of a folder and take the folder away; whether there was one."""
    found = _read(place)
    if found is None:
        return False
    _end({name: pid for name, pid in found.processes.items() if _runs(pid)})
    shutil.rmtree(place, ignore_errors=True)
    return True


def _end(processes: Mapping[str, int]) -> None:
    """Ask processes to end, the server first, and make those that do not."""
    for pid in reversed(list(processes.values())):
        _signal(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while any(map(_runs, processes.values())) and time.monotonic() < until:
        time.sleep(0.1)
    for pid in filter(_runs, processes.values()):
        _signal(pid, signal.SIGKILL)
    for pid in processes.values():
        child = _CHILDREN.pop(pid, None)
        if child is not None:
            child.wait()


def _signal(pid: int, kind: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, kind)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m data.engine.cluster", description=__doc__)
    parser.add_argument("what", choices=("start", "stop", "status", "install"))
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2; 0: the server works)")
    parser.add_argument("--cores", type=int, default=1, help="tasks at a time of each worker (default 1)")
    parser.add_argument("--memory", default="1g", help="memory of each worker (default 1g)")
    asked = parser.parse_args(argv)
    try:
        if asked.what in ("start", "install"):
            install()
        if asked.what == "start":
            start(folder(), workers=asked.workers, cores=asked.cores, memory=asked.memory)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    if asked.what == "stop":
        print("stopped" if stop(folder()) else "none was running")
        return 0
    found = status(folder())
    setting = found and f"workers: {found.workers}  {found.ui}\nPOSTHOUSE_ENGINE='{found.address}'"
    print(setting or "no cluster runs")
    return 0 if found is not None or asked.what == "install" else 1


if __name__ == "__main__":
    raise SystemExit(main())
