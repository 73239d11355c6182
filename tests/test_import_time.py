"""What may be imported when: nothing heavy before the server listens, nothing that fits before somebody asks for it."""

import re
import subprocess
import sys

import pytest

from data import boundaries
from pages.ui import outlines
from tests.browser import ROOT
from tests.test_layers import own_modules

HEAVY = {"pandas", "numpy", "pydeck", "duckdb", "pyarrow", "scipy", "statsmodels", "ibis", "sqlglot"} | {
    "psycopg",
    "authlib",
    "httpx",
    "prometheus_client",
    "h3ronpy",
    "pptx",
    "xlsxwriter",
    "python_calamine",
    "choreographer",
    "markdown_it",
    "latex2mathml",
}
"""Libraries that take long to load, or that only some readers ever need; not Plotly, which Streamlit itself loads."""
EVERYWHERE = HEAVY - {"pandas", "numpy", "pydeck", "pyarrow"}
"""Those that no page needs before something on it is asked for."""
LINE = re.compile(r"import time:\s+\d+ \|\s+\d+ \|\s+(\S+)")


def imported(code: str) -> set[str]:
    """Top-level packages that a new interpreter imports for some code, as it tells itself."""
    code += "\nimport os\nos._exit(0)"  # what is loaded to tidy up at the end is no matter
    command = [sys.executable, "-X", "importtime", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {found[1].partition(".")[0] for line in done.stderr.splitlines() if (found := LINE.match(line))}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import pages.ui.setup", id="python app.py, before it starts the server"),
        pytest.param("import pages.ui.server", id="the server, before it listens"),
    ],
)
def test_nothing_heavy_before_the_server_listens(code):
    assert imported(code) & HEAVY == set()


def test_outlines_know_their_levels_without_the_module_that_checks_them():
    assert outlines.LEVELS == boundaries.LEVELS


def test_pages_bring_only_what_draws():
    code = f"import importlib\nfor name in {own_modules()}: importlib.import_module(name)"
    assert imported(code) & EVERYWHERE == set()
