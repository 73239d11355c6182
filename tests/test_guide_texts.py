"""Documents: every link, anchor, picture, path and name in them is there."""

import re
from functools import cache
from pathlib import Path

import pytest

from analysis.views.guide.chapters import leads_to
from analysis.views.guide.render import render
from tests.browser import ROOT

DOCS = sorted((ROOT / "docs").rglob("*.md"))
TEXTS = [*DOCS, ROOT / "CHANGELOG.md", ROOT / "README.md"]
OUTSIDE = {"https://keepachangelog.com/en/1.1.0/", "https://docs.astral.sh/uv/"}
"""Addresses elsewhere that documents may name; nothing asks for them."""
LOCAL = re.compile(r"https?://(127\.0\.0\.1|localhost)\b")
FOLDERS = ("analysis/", "benchmarks/", "data/", "docs/", "pages/", "static/", "tests/", ".ci/", ".streamlit/")
MADE = (".streamlit/secrets.toml", "data/built", "data/built/")
"""Paths that come to be when the program is set up."""
CHECKED = (ROOT / "docs" / "contribute.md", ROOT / "docs" / "methods.md", ROOT / "docs" / "operate.md")
HELD = ROOT / "docs" / "contribute.md"
LARGEST = 150_000
DEFINED = re.compile(r"^ *(?:async def |def |class |(?=[A-Z_]+(?::[^=\n]+)? = ))(\w+)", re.MULTILINE)


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def body(path: Path):
    return render(path.read_text("utf-8"), link=lambda target: target)


@pytest.mark.parametrize("path", TEXTS, ids=label)
def test_every_link_leads_somewhere(path):
    for target in body(path).links:
        place, _, anchor = target.partition("#")
        if "://" in place:
            assert target in OUTSIDE or LOCAL.match(target), f"{target} is not on the list of addresses elsewhere"
            continue
        there = (path.parent / place).resolve() if place else path
        assert there.exists(), f"{target} is not there"
        assert not anchor or anchor in body(there).anchors, f"{label(there)} has no anchor {anchor}"


@pytest.mark.parametrize("path", TEXTS, ids=label)
def test_every_picture_is_there(path):
    for target in body(path).pictures:
        there = (path.parent / target).resolve()
        assert there.is_file(), f"{target} is not there"
        assert there.stat().st_size < LARGEST or there.parent == ROOT / "docs"


@pytest.mark.parametrize("path", DOCS, ids=label)
def test_the_guide_leads_where_the_text_leads(path):
    for target in body(path).links:
        there = (path.parent / target.partition("#")[0]).resolve()
        if "://" not in target and there.suffix == ".md" and there.is_relative_to(ROOT / "docs"):
            assert leads_to(target, path, "en"), f"{target} has no chapter in the guide"


@pytest.mark.parametrize("path", TEXTS, ids=label)
def test_headings_are_whole(path):
    heads = [one.heading for one in body(path).sections]
    assert heads[0].level == 1
    assert sum(head.level == 1 for head in heads) == 1
    assert all(head.text for head in heads)


@pytest.mark.parametrize("path", TEXTS, ids=label)
def test_no_figure_is_left_to_be_filled_in(path):
    assert not re.search(r"\bFIGURE(?:_\d+)?\b", path.read_text("utf-8"))


@pytest.mark.parametrize("path", CHECKED, ids=label)
def test_every_path_named_is_there(path):
    named = [one for one in quoted(path) if one.startswith(FOLDERS) and not re.search(r"[\s*<>{]", one)]
    assert named
    assert [one for one in named if one not in MADE and not (ROOT / one).exists()] == []


def test_every_name_in_the_steps_is_there():
    known = defined()
    names = [one.partition("(")[0] for one in quoted(HELD)]
    wanted = [one for one in names if re.fullmatch(r"[A-Z][A-Za-z]+|[A-Z_]{4,}|test_\w+|[a-z_]+\.[a-z_]+", one)]
    wanted = [one for one in wanted if not (ROOT / one).exists() and not re.search(r"\.(py|md|toml)$|^page\.", one)]
    assert len(wanted) > 10
    assert [one for one in wanted if one.rpartition(".")[2] not in known] == []


def quoted(path: Path) -> list[str]:
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", path.read_text("utf-8"))


@cache
def defined() -> frozenset[str]:
    """Names of functions, classes and constants of the whole tree."""
    files = [
        ROOT / "app.py",
        *(f for room in ("data", "analysis", "pages", "tests") for f in (ROOT / room).rglob("*.py")),
    ]
    return frozenset(name for file in files for name in DEFINED.findall(file.read_text("utf-8")))


def test_settings_that_the_operator_reads_of_are_all():
    """Each environment variable of the program has its row in the table."""
    named = set()
    for folder in ("data", "analysis", "pages"):
        for file in (ROOT / folder).rglob("*.py"):
            named |= set(re.findall(r"\bPOSTHOUSE_[A-Z_]+[A-Z]\b", file.read_text("utf-8")))
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "operate.md").read_text("utf-8"), re.MULTILINE)
    assert named <= set(rows)
