"""From a bare machine to a running workbench: `python app.py`, and `python app.py test`.

Runs before anything is installed, so it uses the standard library alone and must parse on older Pythons too.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pages.ui.base_path import BaseError, cleaned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (3, 11)
HOST = "127.0.0.1"
PORT = 8501
GRACE = 10.0  # seconds
BUILD = "from data import demo; demo.load()"
APT = ("apt-get update", "apt-get install -y")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAMS = {"nginx": "nginx", "initdb": "postgresql", "openssl": "openssl", "java": "default-jre-headless"}
"""What tests start: Debian's packages."""
PLACES = ("/usr/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin")))  # of programs that are not in PATH there


class SetupError(RuntimeError):
    """A step failed. The message is one sentence for the person at the terminal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve (`[--port N] [--host H] [--base /path]`) or test (`test [pytest options]`).

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process by default.

    Returns
    -------
    int
        Exit code: 0 also after Ctrl-C, 1 when a step failed, pytest's own for tests.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        check_python(sys.version_info[:2])
        return test(arguments[1:]) if arguments[:1] == ["test"] else serve(parse(arguments))
    except (SetupError, BaseError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options of the serving command."""
    parser = argparse.ArgumentParser(
        prog="python app.py",
        description="Make the environment, build the illustrative market once, and serve Posthouse on this machine.",
        epilog="python app.py test [pytest options] runs the tests in the same environment.",
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"where to listen (default {PORT})")
    parser.add_argument("--host", default=HOST, help=f"address to listen on (default {HOST}: this machine alone)")
    parser.add_argument("--base", default="", help="path below which everything is served (default: none)")
    return parser.parse_args(arguments)


def serve(asked: argparse.Namespace) -> int:
    """Everything that a first visit needs, then the server until it is stopped."""
    check_port(asked.port, asked.host)
    cleaned(asked.base)
    python = environment(ROOT)
    build(python, ROOT)
    where = ["--port", str(asked.port), "--host", asked.host, *(["--base", asked.base] if asked.base else [])]
    return supervise([python, "-m", "pages.ui.server", *where])


def test(arguments: Sequence[str]) -> int:
    """Run pytest in the environment of the app, with a browser and what a team's server needs when they can be had."""
    python = environment(ROOT)
    build(python, ROOT)
    get_programs(python)
    return supervise([python, "-m", "pytest", *arguments])


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that the pinned packages do not support."""
    if version < NEEDED:
        needed, found = (".".join(map(str, v)) for v in (NEEDED, version))
        raise SetupError(f"Posthouse needs Python {needed} or newer; this is Python {found}.")


def check_port(port: int, host: str = HOST) -> None:
    """Refuse a port where something listens already, or that this user may not open."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise SetupError(
                f"Port {port} of {host} cannot be used ({error}): stop what listens there, or pass another with --port."
            ) from None


def environment(root: Path) -> str:
    """Path of a Python with every pinned package: the active one when it has them, else `.venv`, made or renewed.

    Parameters
    ----------
    root : Path
        Folder with `requirements.txt` (the lock) and `pyproject.toml` (the direct pins).
    """
    if satisfied(root):
        return sys.executable
    folder = root / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    marker = folder / ".posthouse"
    wanted = "{} {}.{}".format(hashlib.sha256((root / "requirements.txt").read_bytes()).hexdigest(), *sys.version_info)
    if python.exists() and marker.is_file() and marker.read_text("utf-8") == wanted:
        return str(python)
    install(root, folder, python)
    marker.write_text(wanted, "utf-8")
    return str(python)


def satisfied(root: Path) -> bool:
    """Whether the running Python already has the direct pins of `pyproject.toml`."""
    import tomllib
    from importlib import metadata

    wanted = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    try:
        pins = (entry.split("==") for entry in wanted)
        return all(metadata.version(name.partition("[")[0]) == pin for name, pin in pins)
    except metadata.PackageNotFoundError:
        return False


def install(root: Path, folder: Path, python: Path) -> None:
    """Make `folder` an environment and install the lock into it, with uv when there is one."""
    uv = shutil.which("uv")
    fresh = not same_python(folder)
    if uv:
        make = [uv, "venv", "-q", "--python", sys.executable, "--clear" if fresh else "--allow-existing", str(folder)]
        fill = [uv, "pip", "install", "-q", "--python", str(python)]
    else:
        make = [sys.executable, "-m", "venv", *(["--clear"] if fresh else []), str(folder)]
        fill = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
        get_ensurepip()
    with step("Making .venv"):
        run(make, remedy="Check that the folder can be written.")
    with step("Installing the pinned packages (once, about 1 GB)"):
        run([*fill, "-r", str(root / "requirements.txt")], remedy="Check the network, then run the same command again.")


def same_python(folder: Path) -> bool:
    """Whether `folder` holds an environment of this Python's minor version, so that it can be kept and renewed."""
    config = folder / "pyvenv.cfg"
    said = config.read_text("utf-8") if config.is_file() else ""
    found = re.search(r"^version(?:_info)? *= *(\d+)\.(\d+)", said, re.M)
    return found is not None and tuple(map(int, found.groups())) == sys.version_info[:2]


def get_ensurepip() -> None:
    """Debian keeps the installer of pip in a package of its own: fetch it as root, else say so."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    if not debian_root():
        raise SetupError(
            "This Python cannot make environments: install its venv package (apt-get install python3-venv)."
        )
    with step("Installing python3-venv"):
        apt("python3-venv")


def build(python: str, root: Path) -> None:
    """Draw the illustrative market unless it lies there already."""
    if any((root / "data" / "built").glob("*")):
        return
    with step("Building the illustrative market (once)"):
        run([python, "-c", BUILD], remedy="This is a fault of Posthouse: please report it.", cwd=root)


def find_chromium() -> str | None:
    """Path of an installed Chromium or Chrome (`CHROMIUM` in the environment comes first), or None."""
    named = os.environ.get("CHROMIUM")
    return next((path for path in map(shutil.which, [*([named] if named else []), *CHROMIUM]) if path), None)


def missing_programs() -> list[str]:
    """Debian packages of the programs that are not here."""
    places = os.pathsep.join([os.environ.get("PATH", ""), *PLACES])
    return [package for name, package in PROGRAMS.items() if not shutil.which(name, path=places)]


def get_programs(python: str) -> None:
    """Fetch Chromium and the programs of a team's server where they are missing, in one go."""
    programs = missing_programs()
    get_chromium(python, programs if debian_root() else ())
    if programs and not debian_root():
        print(f"Some tests of a team's server will not run: install {' '.join(programs)} by hand.", file=sys.stderr)


def get_chromium(python: str, others: Sequence[str] = ()) -> None:
    """Fetch Chromium when there is none, and other packages; when that fails, say what to install and go on."""
    packages = [*others] if find_chromium() else ["chromium", "fonts-noto-cjk", *others]
    if not packages:
        return
    try:
        with step("Getting the programs that the tests need"):
            if debian_root():
                apt(*packages)
            else:
                run([python, "-m", "playwright", "install", "chromium"], remedy="Install Chromium or Chrome by hand.")
    except SetupError as error:
        print(f"The tests that need them will not run. {error}", file=sys.stderr)


def debian_root() -> bool:
    """Whether this is Debian itself (Ubuntu ships Chromium as a snap only) and packages may be installed."""
    release = Path("/etc/os-release")
    plain = release.is_file() and re.search(r"^ID=\"?debian\"?$", release.read_text("utf-8"), re.M)
    return bool(plain) and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt(*packages: str) -> None:
    """Install Debian packages."""
    update, add = (command.split() for command in APT)
    remedy = f"Install them by hand: {' '.join(packages)}."
    run(update, remedy=remedy)
    run([*add, *packages], remedy=remedy)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is done now, and how long it took."""
    print(f"{what} ...", end=" ", flush=True)
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        print("stopped", flush=True)
        raise
    print(f"{time.perf_counter() - start:.1f} s", flush=True)


def run(command: Sequence[str], *, remedy: str, cwd: Path = ROOT) -> None:
    """Run a command quietly; its failure becomes one sentence with the command, its last complaint and a remedy."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, cwd=cwd, env=quiet, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SetupError(f"`{shlex.join(command)}` could not be started ({error}). {remedy}") from None
    if done.returncode:
        raise SetupError(f"`{shlex.join(command)}` failed: {complaint(done.stderr or done.stdout)}. {remedy}")


def complaint(output: str) -> str:
    """Last line of a command's output that names an error, else its last line, else nothing in particular."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(error|fatal|E)\b", line, re.I)]
    return [*(errors or lines or ["no message"])][-1].rstrip(".")


def supervise(command: Sequence[str]) -> int:
    """Run a child in this process group until it ends; Ctrl-C reaches it directly, termination is passed on."""
    child = subprocess.Popen(command, cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    except KeyboardInterrupt:
        code = interrupted(child)
    return code if code >= 0 else 128 - code


def interrupted(child: subprocess.Popen[bytes]) -> int:
    """Exit code of a child that was interrupted too, and is ended when it does not take the hint."""
    try:
        return child.wait(GRACE)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        child.terminate()
        return child.wait()
