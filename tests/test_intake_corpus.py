"""A corpus of malformed and odd files: each ends in its correct table or its clear finding, never otherwise."""

import re
import string

import pytest

from data import intake
from data.intake import IntakeError, checking
from data.text import LANGUAGES, catalogue, say
from tests.odd_books import BOOKS
from tests.odd_cells import CELLS
from tests.odd_files import findings, told
from tests.odd_layouts import LAYOUTS
from tests.odd_rows import ROWWISE
from tests.odd_texts import TEXTS

CORPUS = [*TEXTS, *LAYOUTS, *CELLS, *BOOKS, *ROWWISE]
MIXED = next(entry for entry in TEXTS if entry.id == "mixed line ends")
GARBLED = re.compile("\ufffd|锟斤拷|烫烫|屯屯|[\ue000-\uf8ff]|[\u0080-\u009f]|[ÃÂæåçèéäï¿½»][\u0080-\u00ff]")
"""What a text looks like that was decoded wrongly: replaced, doubly encoded, or UTF-8 read as Latin-1."""


def _id(entry):
    return re.sub(r"[^\w .,()%-]", "_", entry.id)[:60]


def _read(entry):
    """The intake, or the refusal; nothing else may be raised."""
    try:
        return intake.read(entry.make(), entry.dataset, name=entry.name, **entry.options)
    except IntakeError as error:
        return error


def _filled(key, **values):
    """Whether an entry is there in both languages, and the values fill every placeholder of it."""
    for lang in LANGUAGES:
        names = {name for _, name, _, _ in string.Formatter().parse(catalogue()[key][lang]) if name is not None}
        assert names <= set(values), (key, lang, names - set(values))
        assert say(key, lang, **values).strip()
    return True


def _texts(found):
    """Every cell and header that is shown."""
    frames = [found.preview, found.set_aside, found.problems[["column", "value", "suggest", "other"]], found.table]
    cells = [str(cell) for frame in frames for name in frame for cell in (name, *frame[name].dropna().unique())]
    return [*cells, *(text for guess in found.guesses for text in (guess.header, guess.unit)), *found.names["written"]]


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: _id(entry))
def test_an_odd_file_becomes_its_table_or_its_finding(entry):
    found = _read(entry)
    if isinstance(found, IntakeError):
        assert (entry.rows, entry.found) == (None, (found.code,))
        assert _filled(f"problem.{found.code}", **found.values, shown="")
        assert _filled(f"fix.{found.code}", **found.values, shown="")
        return
    assert (told(found, entry.columns), findings(found)) == (entry.rows, entry.found)
    assert re.fullmatch(r"[^/\\\n\u202e]{0,120}", found.name)
    assert (found.kept == len(found.table)) == (not {"orders_summed", "rows_added_up"} & set(found.problems["code"]))
    assert found.kept + len(found.set_aside) == found.rows
    for problem in found.problems.to_dict("records"):
        assert _filled(f"problem.{problem['code']}", **intake.values(problem))
        assert _filled(f"fix.{problem['fix_code']}", **intake.values(problem))
    assert not [text for text in _texts(found) if GARBLED.search(text)]


@pytest.mark.parametrize("entry", [*ROWWISE[::3], *CELLS[::16], *LAYOUTS[::6], MIXED], ids=lambda entry: _id(entry))
def test_large_files_end_as_small_ones_do(entry, monkeypatch):
    monkeypatch.setattr(checking, "FROM_BYTES", 0)
    if entry.rows is not None:
        found = _read(entry)
        assert (told(found, entry.columns), findings(found)) == (entry.rows, entry.found)
        assert found.kept + len(found.set_aside) == found.rows


def test_the_corpus_is_as_wide_as_it_says():
    assert len(CORPUS) >= 130
    assert len({entry.id for entry in CORPUS}) == len(CORPUS)
