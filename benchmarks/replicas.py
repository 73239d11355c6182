"""One replica against two, behind nginx with the configuration of `docs/deploy/nginx.conf`.

    python -m benchmarks.replicas [--readers N] [--seconds S] [--cores C]

`--cores` gives each server so much of the machine and no more, as a machine of its own would. `behind_nginx(n)` starts
as many servers that share one workspace, and nginx in front of them.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser import ROOT, free_port, wait_for

CONFIG = ROOT / "docs" / "deploy" / "nginx.conf"
WARM_UP = 10.0
"""Seconds in which caches are filled that only the first moves pay for."""
READY = 180.0
"""Seconds until a replica must be ready."""
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/posthouse.conf;
}}
"""
"""What Debian's own nginx.conf does around a file of conf.d, for a user that is not root."""


@dataclass(slots=True)
class Behind:
    """Servers behind nginx.

    Attributes
    ----------
    url : str
        Of nginx, with the base path.
    ports : tuple of int
        Of the replicas.
    folder : Path
        With the workspace that they share and the log of each.
    processes : list of Popen
        The replicas, in the order of `ports`.
    """

    url: str
    ports: tuple[int, ...]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def pids(self) -> list[int]:
        """Process ids of the replicas."""
        return [process.pid for process in self.processes]

    def direct(self, n: int) -> str:
        """Address of one replica itself."""
        return f"http://127.0.0.1:{self.ports[n]}"

    def kill(self, n: int) -> None:
        """End a replica as a power cut would."""
        self.processes[n].kill()
        self.processes[n].wait(10)


def nginx() -> str | None:
    """Path of nginx, or None."""
    return shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))


def configured(ports: tuple[int, ...], port: int) -> str:
    """`docs/deploy/nginx.conf` with these replicas, on this port of this machine, without a certificate."""
    text = CONFIG.read_text("utf-8")
    options = re.search(r"^ *server 127\.0\.0\.1:\d+ (.*);$", text, re.M)
    assert options is not None
    servers = [f"    server 127.0.0.1:{one} {options[1]};\n" for one in ports]
    first, *others = re.findall(r"^ *server 127\.0\.0\.1:.*\n", text, re.M)
    for other in others:
        text = text.replace(other, "")
    text = text.replace(first, "".join(servers)).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    text = re.sub(r"^ *(?:ssl_certificate|ssl_certificate_key|add_header Strict)[^;]*;\n", "", text, flags=re.M)
    return text.replace("posthouse.example.org", "_")


@contextmanager
def behind_nginx(n: int, *, base: str = "", environment: Mapping[str, str] | None = None) -> Iterator[Behind]:
    """As many replicas that share one workspace, ready, behind nginx with sticky sessions.

    Parameters
    ----------
    n : int
    base : str
        Path below which they serve.
    environment : mapping of str to str, optional
        Further environment variables of the replicas.

    Raises
    ------
    FileNotFoundError
        There is no nginx.
    """
    program = nginx()
    if program is None:
        raise FileNotFoundError("nginx")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        ports, port = tuple(free_port() for _ in range(n)), free_port()
        (folder / "posthouse.conf").write_text(configured(ports, port), "utf-8")
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder), "utf-8")
        made = Behind(f"http://127.0.0.1:{port}{base}", ports, folder)
        variables = {**os.environ, "POSTHOUSE_WORKSPACE": str(folder / "workspace"), **(environment or {})}
        for number, one in enumerate(ports):
            command = [sys.executable, "-m", "pages.ui.server", "--port", str(one), *(["--base", base] if base else [])]
            made.processes.append(stack.enter_context(_running(command, folder / f"replica-{number}.log", variables)))
        front = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        stack.enter_context(_running(front, folder / "front.log", variables))
        for number in range(n):
            _wait_ready(f"{made.direct(number)}{base}")
        wait_for(made.url)
        yield made


@contextmanager
def _running(command: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_ready(url: str) -> None:
    """Wait until a replica says that it is ready."""
    import urllib.error
    import urllib.request

    end = time.monotonic() + READY
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url + "/readyz", timeout=5):
                return
        except OSError:  # not listening yet, or 503
            time.sleep(0.1)
    raise TimeoutError(f"{url} was not ready within {READY:.0f} s")


def main() -> int:
    """Saturate one server, then one and two replicas behind nginx, and print what each gets done."""
    from benchmarks.load import said_errors
    from benchmarks.load_limits import MOVING, SATURATED
    from benchmarks.load_runs import HEAD, HEAD_SERVER, Outcome, line, load, table
    from benchmarks.load_server import one, several

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=SATURATED, help="of each server, who move on at each result")
    parser.add_argument("--cores", type=float, help="of each server, at most")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--page", default="scenario")
    asked = parser.parse_args()
    found: dict[str, Outcome] = {}
    servers = (("no nginx", 1, one(cores=asked.cores)), ("1 replica", 1, several(1, cores=asked.cores)))
    for name, many, serving in (*servers, ("2 replicas", 2, several(2, cores=asked.cores))):
        with serving as watched:
            load(watched, many, WARM_UP, every=0.0, page=asked.page)
            found[name] = load(watched, many * asked.readers, asked.seconds, every=MOVING, page=asked.page)
    table(("servers", *HEAD, *HEAD_SERVER))
    for name, outcome in found.items():
        line((name, *outcome.row()))
    first, both = found["no nginx"].rate, found["2 replicas"].rate
    print(f"\ntwo replicas do {both / first:.2f} times what one server does, on {os.cpu_count()} cores;")
    print(f"nginx in front of one leaves {found['1 replica'].rate / first:.0%} of it")
    for outcome in found.values():
        said_errors(outcome)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
