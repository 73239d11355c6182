"""What a Spark cluster on this machine needs: Java from Debian, pyspark as pinned in `requirements-spark.txt`."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

JAVA = "default-jre-headless"
REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements-spark.txt"
_PIP = ("-m", "pip", "install", "-q", "--disable-pip-version-check")


class ClusterError(RuntimeError):
    """The cluster could not be started; the message says why and what to do."""


def lacking() -> list[str]:
    """What must be installed before a cluster can be started."""
    return [
        *([] if shutil.which("java") else ["Java"]),
        *([] if importlib.util.find_spec("pyspark") and importlib.util.find_spec("grpc") else ["pyspark"]),
    ]


def install() -> None:
    """Fetch what is lacking; pyspark goes into the Python that runs this.

    Raises
    ------
    ClusterError
        When that fails, or this user may not install Java.
    """
    missing = lacking()
    if "Java" in missing:
        if os.geteuid() or not shutil.which("apt-get"):
            raise ClusterError(f"Spark needs Java 17 or newer: install it (Debian: apt-get install {JAVA}).")
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", JAVA])
    if "pyspark" in missing:
        uv = shutil.which("uv")
        pip = [uv, "pip", "install", "-q", "--python", sys.executable] if uv else [sys.executable, *_PIP]
        _run([*pip, "-r", str(REQUIREMENTS)])


def _run(command: Sequence[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise ClusterError(f"{' '.join(command)} failed: {said[-1]}")
