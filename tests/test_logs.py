"""The log: lines of JSON that name nobody, and errors that a reader sees by their reference alone."""

import json
import logging
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.text import LANGUAGES, say
from pages.ui import logs
from tests.browser import free_port, running, settle, wait_for

FAILING = """
import streamlit as st
import warnings
from pages.ui import guard
guard.via_app.__globals__["st"].session_state["_page"] = "map"

@st.fragment
def part():
    if st.button("fragment"):
        raise KeyError("name@example.org in /home/someone/secret.csv")

st.title("Failing")
part()
if st.button("break"):
    warnings.warn("of /home/someone/secret.csv")
    raise ValueError("name@example.org in /home/someone/secret.csv")
"""
SERVE = """
import sys
from pathlib import Path
from pages.ui import server
server.HEAVY = ()
sys.exit(server.serve(Path({script!r}), {port}, fill=lambda: None))
"""
PERSONAL = ("name@example.org", "someone", "secret", "127.0.0.1")


@pytest.fixture
def lines(monkeypatch, capsys):
    """Give lines that were written as JSON; logging is as it was afterwards."""
    monkeypatch.setenv("POSTHOUSE_LOG", "json")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(logs.threading, "excepthook", logs.threading.excepthook)
    monkeypatch.setattr(logs.config, "set_option", lambda name, value: None)
    monkeypatch.setattr(logs.logger, "update_formatter", lambda: None)
    before = logging.getLogRecordFactory()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logging.setLogRecordFactory(before)
    logging.captureWarnings(False)
    streamlit = logging.getLogger("streamlit.error_util")
    for old in list(streamlit.filters):
        streamlit.removeFilter(old)
    own = logging.getLogger(logs.NAME)
    for handler in list(own.handlers):
        own.removeHandler(handler)
    own.propagate = True


def test_an_event_is_one_object(lines):
    logs.begin()
    logs.event("run", page="map", seconds=0.25, code="", session="ab12")
    (line,) = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {"level": "info", "event": "run", "page": "map", "seconds": 0.25, "session": "ab12"}


def test_nothing_else_can_be_said(lines):
    logs.begin()
    with pytest.raises(ValueError, match="file"):
        logs.event("run", file="secret.csv")


def test_what_libraries_say_keeps_its_wording_and_loses_what_is_filled_in(lines):
    logs.begin()
    handler = logging.StreamHandler()
    library = logging.getLogger("a.library")
    library.addHandler(handler)
    library.propagate = False
    library.warning("Rejecting connection: origin=%s, host=%s", "https://name@example.org", "someone")
    library.warning("cannot open '/home/someone/secret.csv'")
    try:
        Path("/home/someone/secret.csv").read_text("utf-8")
    except OSError:
        library.exception("It failed\nfor name@example.org")
    library.removeHandler(handler)
    first, second, third = lines()
    assert first["said"] == "Rejecting connection: origin=%s, host=%s"
    assert second["said"] == ""
    assert (third["said"], third["code"]) == ("It failed", "FileNotFoundError")
    assert third["where"][0].startswith("tests/test_logs.py:")
    assert not any(word in json.dumps([first, second, third]) for word in PERSONAL)


def test_plain_lines_are_for_people(monkeypatch, capsys):
    monkeypatch.delenv("POSTHOUSE_LOG", raising=False)
    logs.begin()
    logs.event("run", page="map")
    logs.event("error", level=logging.ERROR, code="ValueError", reference="AB12")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.endswith("ERROR error code=ValueError reference=AB12\n")


def test_a_session_is_told_from_others_and_no_more():
    assert logs.short("one") == logs.short("one") != logs.short("two")
    assert re.fullmatch("[0-9a-f]{12}", logs.short("one"))
    assert "one" not in logs.short("one")


def test_an_error_has_a_reference_a_class_and_places(lines):
    logs.begin()
    counted = []
    try:
        Path("/nowhere/secret").read_text("utf-8")
    except OSError as error:
        reference = logs.failed(error, count=counted.append)
    (line,) = lines()
    assert counted == ["FileNotFoundError"]
    assert re.fullmatch("[0-9A-F]{8}", reference)
    assert (line["reference"], line["code"], line["level"]) == (reference, "FileNotFoundError", "error")
    assert line["where"][0].startswith("tests/test_logs.py:")
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_reader_is_told_what_to_do(lang):
    assert "AB12" in say("served.reference", lang, reference="AB12")
    assert say("served.failed", lang)


@pytest.mark.browser
def test_a_reader_sees_the_reference_that_the_log_has_and_nothing_else(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_LOG", "json")
    script, log, port = tmp_path / "page.py", tmp_path / "log", free_port()
    script.write_text(FAILING, "utf-8")
    (tmp_path / "static").mkdir()
    url = f"http://127.0.0.1:{port}"
    with running("-c", SERVE.format(script=str(script), port=port), log=log):
        wait_for(url)
        opened = browser.new_page()
        opened.goto(f"{url}/?name=name@example.org")
        settle(opened)
        shown = []
        for name in ("break", "fragment"):
            opened.get_by_role("button", name=name).click()
            told = opened.get_by_test_id("stException").first
            told.wait_for()
            expect(told).not_to_have_text(shown[-1] if shown else "")
            shown.append(told.inner_text())
        opened.close()
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    errors = [line for line in lines if line["event"] == "error"]
    assert [line["code"] for line in errors] == ["ValueError", "KeyError"]
    for text, line in zip(shown, errors, strict=True):
        assert say("served.failed", "en") in text
        assert line["reference"] in text
        assert "Error" not in text
        assert "Traceback" not in text
        assert not any(word in text for word in PERSONAL)
    assert len({line["session"] for line in errors}) == 1
    assert lines[0]["event"] == "started"
    assert [line["kind"] for line in lines if line["event"] == "run"][:1] == ["page"]
    assert not any(word in log.read_text("utf-8") for word in PERSONAL)
