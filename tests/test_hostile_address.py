"""Addresses that nobody's page wrote: every entry of every page filled with junk, and the page stays up, in words."""

import random
import re
from pathlib import Path

import pytest

from tests.hostile import NAME, alive
from tests.test_pages import PAGES, ROOT, start

JUNK = (
    *(
        "",
        " ",
        "nan",
        "-inf",
        "1e999",
        "9" * 400,
        "-1",
        "0",
        "１２",
        "²",
        "٣",
        "1_000",
        "true",
        "null",
        "None",
        "[]",
        "{}",
    ),
    *(
        "~",
        "~~~",
        "%",
        "%7E%25%00",
        "a~b~c",
        "@",
        "market.total@Tier 3@@",
        "\x00",
        "\x1b[31m",
        "\u202e\u2066x",
        "\ufffd\ufffe",
    ),
    *(
        "../../etc/passwd",
        "<script>window.zqx=1</script>",
        "' OR 1=1 --",
        "{0}{a!r}",
        "%s%n",
        NAME,
        "x" * 10_000,
        "菜" * 3_000,
    ),
    *("330100~44~51-510100", "0001-01", "9999-12", "2024-13", "2024-01-01T00:00", "30.27,120.15,s~999,999,z~,,~1,2,3"),
    *(
        "n._d800_~l.duoduo.subsidy.9e9",
        "l." * 3_000,
        "abcd2345",
        "a" * 13,
        "0" * 32,
        "local",
        "session",
        "all",
        "#1",
        "#999",
    ),
)
NAMES = {
    "plan",
    "saved",
    "market",
    "data",
    "board",
    "at",
    "link",
    "area",
    "city",
    "cat_sites",
    "cat_shut",
    "show",
    "beside",
    "names",
}
ROOMS = (
    ("map", {"room": "rural"}),
    ("growth", {"topic": "ledger"}),
    ("share", {"view": "moves"}),
    ("scenario", {"section": "compare"}),
)
"""Beside the pages as they open: rooms that read entries of their own and calculate little."""


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))


def entries() -> list[str]:
    """Names of all entries of addresses that the code asks for by name."""
    asked = re.compile(
        r"(?:state|query_params|inputs)\.\w+\((?:look, )?\"(\w+)\"|^[A-Z_, ]*ENTRY[A-Z_, ]* = \"(\w+)\"", re.M
    )
    texts = [path.read_text("utf-8") for path in sorted(Path(ROOT / "pages").rglob("*.py"))]
    found = {name for text in texts for pair in asked.findall(text) for name in pair if name}
    return sorted((found | NAMES) - {"lang", "sign_in"})


def test_many_entries_are_known():
    assert len(entries()) > 60


@pytest.mark.parametrize(("page", "fixed"), [*((page, {}) for page in PAGES), *ROOMS], ids=str)
def test_junk_in_every_entry_leaves_the_page_up(page, fixed):
    draw = random.Random(f"{page} {fixed}")
    query = {name: draw.choice(JUNK) for name in entries()} | fixed | {"lang": draw.choice(("en", "zh", "xx", ""))}
    query.pop("link" if draw.random() < 0.5 else "show")
    app = start(page, **query)
    assert not app.exception, (query, app.exception)
    assert app.title
    assert alive(app) == []
