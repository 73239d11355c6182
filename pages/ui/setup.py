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


class SetupError(RuntimeError):
    """A step failed. The message is one sentence for the person at the terminal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve (`[--port N]`) or test (`test [pytest options]`).

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
        return test(arguments[1:]) if arguments[:1] == ["test"] else serve(parse(arguments).port)
    except SetupError as error:
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
    return parser.parse_args(arguments)


def serve(port: int) -> int:
    """Everything that a first visit needs, then the server until it is stopped."""
    check_port(port)
    python = environment(ROOT)
    build(python, ROOT)
    return supervise([python, "-m", "pages.ui.server", "--port", str(port)])


def test(arguments: Sequence[str]) -> int:
    """Run pytest in the environment of the app, with a browser when one can be had."""
    python = environment(ROOT)
    build(python, ROOT)
    get_chromium(python)
    return supervise([python, "-m", "pytest", *arguments])


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that the pinned packages do not support."""
    if version < NEEDED:
        needed, found = (".".join(map(str, v)) for v in (NEEDED, version))
        raise SetupError(f"Posthouse needs Python {needed} or newer; this is Python {found}.")


def check_port(port: int) -> None:
    """Refuse a port where something listens already, or that this user may not open."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise SetupError(
                f"Port {port} of {HOST} cannot be used ({error}): stop what listens there, or pass another with --port."
            ) from None


def environment(root: Path) -> str:
    """Python with every pinned package: the active one when it has them, else `.venv`, made or renewed as needed.

    Parameters
    ----------
    root : Path
        Folder with `requirements.txt` (the lock) and `pyproject.toml` (the direct pins).

    Returns
    -------
    str
        Path of the interpreter.
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
        return all(metadata.version(name) == pin for name, pin in (entry.split("==") for entry in wanted))
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
    found = (
        re.search(r"^version(?:_info)? *= *(\d+)\.(\d+)", config.read_text("utf-8"), re.M) if config.is_file() else None
    )
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


def get_chromium(python: str) -> None:
    """Fetch Chromium when there is none; when that fails, say what to install and go on."""
    if find_chromium():
        return
    try:
        with step("Getting Chromium for the browser tests"):
            if debian_root():
                apt("chromium", "fonts-noto-cjk")
            else:
                run([python, "-m", "playwright", "install", "chromium"], remedy="Install Chromium or Chrome by hand.")
    except SetupError as error:
        print(f"The browser tests will not run. {error}", file=sys.stderr)


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
