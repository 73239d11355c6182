"""A kept market goes by its name of today and the files of its version, whoever built it before under others."""

import pytest
from streamlit.testing.v1 import AppTest

from data.workspace import Part, Provenance, Workspace
from tests.small_volumes import volumes

ANN = "a" * 32
PAGE = """
import streamlit as st
from pages.ui import cached
market = cached.market()
st.text(market.name)
st.text(market.source)
"""
JULY = [("2026-07", "330100", "cainiao", 5.0), ("2026-07", "330100", "duoduo", 3.0)]


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return Workspace(tmp_path)


def said(**query):
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.session_state["owner.session"] = ANN
    for key, value in query.items():
        app.query_params[key] = value
    return [line.value for line in app.run().text]


def test_versions_of_the_same_rows_are_told_apart_by_their_files(workspace):
    first, second = (Part("volumes", volumes(JULY), provenance=Provenance(file=file)) for file in ("a.csv", "b.csv"))
    market = workspace.save(owner=ANN, parts=[first], name="South").market
    workspace.save(owner=ANN, parts=[second], market=market)
    assert said(market=market, data="1") == ["South", "a.csv"]
    assert said(market=market) == ["South", "b.csv"]
    workspace.rename(market, ANN, "North")
    assert said(market=market) == ["North", "b.csv"]
    assert said(market=market, data="1") == ["North", "a.csv"]
