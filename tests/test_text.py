"""The catalogue: complete in both languages, and every key that the code names is there."""

import ast
import re
import string
from pathlib import Path

import pytest

from data import text
from data.grade import Grade
from data.text import LANGUAGES, catalogue, say

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "analysis" / "views").rglob("*.py")]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def literal_keys(path: Path) -> set[str]:
    """Keys given as plain strings to `say` or `look.say`."""
    keys = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name == "say" and node.args and isinstance(node.args[0], ast.Constant):
                keys.add(node.args[0].value)
    return keys


@pytest.mark.parametrize("key", catalogue())
def test_entry_is_complete_in_both_languages(key):
    entry = catalogue()[key]
    assert set(entry) == set(LANGUAGES)
    assert all(entry[lang].strip() for lang in LANGUAGES)
    assert placeholders(entry["en"]) == placeholders(entry["zh"])


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_key_in_the_code_is_in_the_catalogue(path):
    assert literal_keys(path) - set(catalogue()) == set()


def test_code_names_many_keys():
    assert sum(len(literal_keys(path)) for path in SOURCES) > 100


@pytest.mark.parametrize("grade", Grade)
def test_every_grade_is_explained(grade):
    assert say(f"grade.{grade}_help", "zh") != say(f"grade.{grade}_help", "en")


def test_chinese_entries_are_chinese():
    """Names, formulas and bare placeholders may be the same; the bulk may not."""
    same = [key for key, entry in catalogue().items() if entry["en"] == entry["zh"]]
    assert len(same) < 0.05 * len(catalogue())
    chinese = [key for key, entry in catalogue().items() if re.search(r"[\u4e00-\u9fff]", entry["zh"])]
    assert len(chinese) > 0.93 * len(catalogue())


def test_a_new_text_is_one_entry(monkeypatch):
    monkeypatch.setattr(text, "catalogue", lambda: {"greeting.hello": {"en": "Hello {name}", "zh": "您好，{name}"}})
    assert text.say("greeting.hello", "zh", name="王") == "您好，王"


def test_unknown_key_is_an_error():
    with pytest.raises(KeyError, match=r"no\.such\.key"):
        say("no.such.key", "en")
