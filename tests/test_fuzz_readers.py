"""Readers of strangers' files, held to their law: a result or the house's own refusal, and the same again."""

import os
import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.damage import TOKENS, damaged
from tests.fuzzing import SLOW, outcome, readers

MANY = int(os.environ.get("POSTHOUSE_FUZZ", "1"))
"""Times as many files as in the suite."""
FILES = {
    name: (2 if name in SLOW else 4 if reader.words[:1] == ("problem.",) else 15) * MANY
    for name, reader in readers().items()
}
ONCE_FAULTS = {
    "board": (
        b'{"format": 1, "pins": [{"id": 1, "what": "view", "folds": []}]}',
        b'{"a":' * 5_000,
        b'{"format": 1, "pins": null}',
    ),
    "board part": (b"", b"\x1f\x8b\x08\0\0\0\0\0\0\xffxx", b"[" * 9_000),
    "scenario link": (b"n._d800_", b"n._110000_", b"l.duoduo.subsidy.0.05" + b".t3" * 5_000, b"~" * 16_000),
    "scenario file": (
        b"[" * 9_000,
        b'{"posthouse": "scenario", "format": 1e999}',
        b'{"format": ' + b"9" * 5_000 + b"}",
    ),
    "forecast": (b"{" * 9_000, b'{"posthouse": "forecast", "format": 1, "index": "M", "history": [[1, 2]]}'),
    "boundaries": (b"[" * 9_000, b'{"type": "FeatureCollection", "features": [{"properties": {}, "geometry": {}}]}'),
    "short link": (b"\0", b"a" * 9_000, "\u0661".encode(), b"abcd2345' OR 1=1 --"),
    "address": (b"nan", b"-inf", b"1e999", "１２".encode(), "²".encode(), b"~" * 9_000, b"%" * 999, b"330100-" * 999),
}
"""Files that a reader once broke down on, or might well have."""


@pytest.mark.parametrize("name", readers())
def test_what_it_takes_is_taken(name):
    reader = readers()[name]
    first = [outcome(reader, raw) for raw in reader.seeds]
    assert first == [outcome(reader, raw) for raw in reader.seeds]
    assert first[0].startswith("read")


@pytest.mark.parametrize("name", readers())
def test_damaged_files_are_read_or_refused_in_words(name):
    reader = readers()[name]
    for n in range(FILES[name]):
        raw = damaged(reader, random.Random(f"{name} {n} {MANY}"))
        assert outcome(reader, raw) == outcome(reader, raw), raw[:200]


@pytest.mark.parametrize(("name", "raw"), [(name, raw) for name, found in ONCE_FAULTS.items() for raw in found])
def test_what_was_a_fault_is_none(name, raw):
    assert outcome(readers()[name], raw)


TEXTS = [name for name in readers() if name not in SLOW and readers()[name].shape in ("text", "json")]


@pytest.mark.parametrize("name", TEXTS)
@seed(6)
@settings(max_examples=3 * MANY)
@given(st.lists(st.sampled_from([token[:200] for token in TOKENS]) | st.text(max_size=9).map(str.encode), max_size=6))
def test_any_texts(name, parts):
    assert outcome(readers()[name], b"".join(parts))
