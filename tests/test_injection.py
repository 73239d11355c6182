"""Text of strangers in pages: shown letter by letter wherever it stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.untrusted import as_written, unlinked, unmarked, untagged
from tests.hostile import MARK, NAME, PAYLOADS, live, tagged

SENTENCES = ("{}", "“{}” is saved.", "**{}** leads by 3 points", "- {}", "{}: read", "See {} and {}")
PARTS = [*"[]()!<>`*_~$:\\/@#|&. \n", MARK, "http", "https://", "www.", "a@b.c", ":red[", "x"]
MARKUP = st.lists(st.sampled_from(PARTS), max_size=24).map("".join)


@pytest.mark.parametrize("payload", [*PAYLOADS, NAME])
def test_a_payload_is_one(payload):
    """The corpus is live where nothing is done about it, or is a formula of a spreadsheet."""
    assert live(payload) or tagged(payload) or payload.startswith(("=", "]"))


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("payload", [*PAYLOADS, NAME])
def test_no_payload_comes_alive(payload, sentence):
    assert live(sentence.replace("{}", unmarked(payload))) == []
    assert live(unlinked(sentence.replace("{}", payload))) == []
    assert tagged(sentence.replace("{}", untagged(payload))) == []


@given(MARKUP)
def test_nothing_at_all_comes_alive(text):
    assert live(unmarked(text)) == []
    assert live(unlinked(text)) == []
    assert tagged(untagged(text)) == []


@given(st.text(max_size=60))
def test_what_was_made_safe_is_read_as_it_was(text):
    plain = text.replace("\u2060", "")
    assert as_written(unmarked(plain)) == plain
    assert unmarked(plain).replace("\\", "").replace("\u2060", "") == plain.replace("\\", "")


@pytest.mark.parametrize(
    "sentence",
    [
        "Cainiao leads by 3.1 points (2026-08): 42.0%",
        "菜鸟驿站领先3.1个百分点：42.0%（2026年8月）",
        "a · b — c, ¥1.2 m",
        "**A**: 10:30:00",
    ],
)
def test_a_sentence_without_marks_stays_as_it_is(sentence):
    assert unlinked(sentence) == sentence
    assert untagged(sentence) == sentence


def test_an_address_is_parted_by_what_is_not_seen():
    assert re.sub("[\\\\\u2060]", "", unmarked("http://a.b www.c d@e.f")) == "http://a.b www.c d@e.f"
    assert live(
        f"http\\://{MARK}.example"
    )  # a backslash alone does not help: the page links it after the escape is gone
