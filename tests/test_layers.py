"""House rules on the code itself: which way imports go, how long things are, and what starts up lean."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("data", "analysis", "analysis.views", "pages.ui", "pages", "app")
"""Lowest first: a module imports from its own room or a lower one."""
STREAMLIT = {"pages.ui", "pages", "app"}
SLOW = ("statsmodels", "scipy")
"""More than a second to import: only inside the functions that fit."""
FILE_LINES, PAGE_LINES, FUNCTION_LINES = 300, 80, 60
FOLDERS = ("data", "analysis", "pages", "tests", "benchmarks")
FILES = sorted(
    path for path in [ROOT / "app.py", *(p for f in FOLDERS for p in (ROOT / f).rglob("*.py"))] if path.is_file()
)
PRODUCT = [path for path in FILES if path.parts[len(ROOT.parts)] not in ("tests", "benchmarks")]
PAGES = sorted((ROOT / "pages").glob("*.py"))
START_UP = [ROOT / "app.py", *PAGES, *sorted((ROOT / "pages" / "ui").glob("*.py"))]


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str | None:
    return max((r for r in ROOMS if module == r or module.startswith(r + ".")), key=len, default=None)


def imported(path: Path) -> set[str]:
    """Dotted names of what a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    whole = function.end_lineno - function.lineno + 1
    first = function.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return whole - (first.end_lineno - first.lineno + 1 if documented else 0)


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def own_modules() -> list[str]:
    """Modules of this project that the app and its pages import when they start."""
    files = {name(path) for path in PRODUCT}
    modules = set()
    for wanted in {module for path in START_UP for module in top_level(path)}:
        if room(wanted) not in (None, "pages", "app"):
            known = [module for module in (wanted, wanted.rpartition(".")[0]) if module in files]
            assert known, f"{wanted} is imported but is not there"
            modules.add(known[0])
    return sorted(modules)


def top_level(path: Path) -> set[str]:
    """Dotted names of what a file imports as soon as it is itself imported."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", PRODUCT, ids=label)
def test_imports_go_down(path):
    here = room(name(path))
    for module in imported(path):
        there = room(module)
        assert there is None or ROOMS.index(there) <= ROOMS.index(here), f"{here} may not import {module}"


@pytest.mark.parametrize("path", PRODUCT, ids=label)
def test_streamlit_stays_in_the_pages(path):
    found = [module for module in imported(path) if module.split(".")[0] == "streamlit"]
    assert not found or room(name(path)) in STREAMLIT


@pytest.mark.parametrize("path", FILES, ids=label)
def test_files_and_functions_are_short(path):
    source = path.read_text("utf-8")
    assert len(source.splitlines()) < FILE_LINES
    functions = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert {f.name: body_lines(f) for f in functions if body_lines(f) > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_error_is_swallowed_whole(path):
    handlers = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ExceptHandler)]
    broad = [
        h.lineno for h in handlers if not h.type or {"Exception", "BaseException"} & {ast.unparse(t) for t in caught(h)}
    ]
    reraised = {h.lineno for h in handlers if isinstance(h.body[-1], ast.Raise) and h.body[-1].exc is None}
    assert set(broad) <= reraised


def caught(handler: ast.ExceptHandler) -> list[ast.expr]:
    return list(handler.type.elts) if isinstance(handler.type, ast.Tuple) else [handler.type]


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_check_is_switched_off(path):
    silent = "# " + "noqa", "type: " + "ignore", "pragma: " + "no cover", "TO" + "DO", "FIX" + "ME"
    assert [mark for mark in silent if mark in path.read_text("utf-8")] == []


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_pages_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= PAGE_LINES


def test_start_up_imports_no_fitting_library():
    modules = own_modules()
    load = f"for m in {modules}: importlib.import_module(m)"
    code = f"import importlib, sys\n{load}\nprint(*({{*sys.modules}} & {{*{SLOW}}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert modules
    assert done.stdout.split() == []


def test_caches_live_in_four_modules():
    caching = {label(path) for path in PRODUCT if "st.cache_" in path.read_text("utf-8")}
    assert caching == {"pages/ui/cached.py", "pages/ui/fits.py", "pages/ui/published.py", "pages/ui/scenarios.py"}
