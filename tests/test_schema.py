"""The contracts: whole, read-only, and open to a new column in one entry."""

import csv
import dataclasses
import io
import itertools

import pytest

from data import intake, schema
from data.contract import TYPES, Column, declare
from data.intake.headers import guess
from data.platforms import fold
from data.schema import DATASETS, template_csv
from data.text import has

COLUMNS = [(d, c) for d in DATASETS.values() for c in d.columns.values()]
IDS = [f"{d.name}.{c.name}" for d, c in COLUMNS]


@pytest.mark.parametrize(("dataset", "column"), COLUMNS, ids=IDS)
def test_column_is_whole(dataset, column):
    assert column.type in TYPES
    assert (column.low is None) == (column.high is None)
    assert len(column.examples) == 2
    assert not column.required or all(column.examples)
    assert not (column.required and column.default is not None)


@pytest.mark.parametrize("name", DATASETS)
def test_no_header_means_two_columns(name):
    pairs = itertools.combinations(DATASETS[name].columns.values(), 2)
    shared = {fold(h) for a, b in pairs for h in a.headers if fold(h) in {fold(other) for other in b.headers}}
    assert shared == set()


@pytest.mark.parametrize("name", DATASETS)
def test_declaration_cannot_be_changed(name):
    with pytest.raises(TypeError):
        DATASETS[name].columns["city"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        DATASETS[name].name = "x"


def test_canonical_columns():
    assert list(DATASETS["stations"].columns) == [
        "station_id", "platform", "format", "city", "lat", "lon", "opened", "closed", "cells",
    ]  # fmt: skip
    assert list(DATASETS["subsidies"].columns) == [
        "platform", "city", "start", "end", "subsidy_cny_per_parcel", "guarantee_cny_per_day", "fee_waiver_cny",
        "allocation",
    ]  # fmt: skip
    assert list(DATASETS["volumes"].columns) == ["month", "city", "platform", "parcels", "origin"]


@pytest.mark.parametrize("name", DATASETS)
def test_template_opens_in_excel_and_passes_its_own_check(name):
    raw = template_csv(name)
    assert raw.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert header == list(DATASETS[name].columns)
    assert len(rows) == 2
    found = intake.read(raw, name)
    assert found.problems.empty
    assert found.kept == 2
    assert found.mapping == dict(zip(header, header, strict=True))


@pytest.mark.parametrize("name", DATASETS)
def test_every_alias_is_recognised(name):
    dataset = DATASETS[name]
    for column in dataset.columns.values():
        for alias in column.headers:
            headers = [alias if head == column.name else head for head in dataset.columns]
            guesses, notes = guess(headers, dataset)
            assert {one.header: one.column for one in guesses}[alias] == column.name
            assert notes == []


def test_a_new_column_is_one_entry(monkeypatch):
    volumes = DATASETS["volumes"]
    returns = Column("returned", "integer", ("5", "6"), low=0, high=100, default=0, aliases="退件量")
    wider = declare("volumes", [*volumes.columns.values(), returns], key=volumes.key)
    monkeypatch.setitem(schema.DATASETS, "volumes", wider)
    found = intake.read(template_csv("volumes"), "volumes")
    assert found.table["returned"].to_list() == [5, 6]
    raw = "月份,城市,平台,件量,退件量\n2024-01,杭州,菜鸟,10,101\n2024-01,杭州,京东,10,\n".encode()
    found = intake.read(raw, "volumes")
    assert found.problems[["row", "column", "value", "code"]].to_numpy().tolist() == [
        [2, "退件量", "101", "out_of_range"]
    ]
    assert found.table["returned"].to_list() == [0]


def test_declare_refuses_unknown_types_and_keys():
    with pytest.raises(ValueError, match="colour"):
        declare("x", [Column("a", "colour", ("", ""))], key=("a",))
    with pytest.raises(ValueError, match="'b'"):
        declare("x", [Column("a", "text", ("", ""))], key=("b",))
    with pytest.raises(ValueError, match="'last'"):
        declare("x", [Column("a", "date", ("", ""))], key=("a",), spell=("a", "last"))


def test_spells_start_in_their_key():
    for dataset in DATASETS.values():
        assert set(dataset.spell[:1]) <= set(dataset.key)
    assert DATASETS["subsidies"].spell == ("start", "end")


@pytest.mark.parametrize(("dataset", "column"), COLUMNS, ids=IDS)
def test_column_is_described_in_the_catalogue(dataset, column):
    assert has(f"column.{dataset.name}.{column.name}")
    assert not column.unit or has(f"unit.{column.unit}")
