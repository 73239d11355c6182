"""`.ci/audit`: green for what the program is made of, and red for each thing that it looks for."""

import io
import json
import subprocess
import sys
from email.message import Message
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from packaging.requirements import Requirement

from tests.browser import ROOT

PATH = ROOT / ".ci" / "audit"


@pytest.fixture(scope="module")
def audit():
    loader = SourceFileLoader("audit", str(PATH))
    spec = spec_from_loader("audit", loader)
    made = module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(made)
    finally:
        sys.dont_write_bytecode = before
    return made


def test_it_is_green():
    done = subprocess.run([sys.executable, str(PATH)], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("streamlit>=1.67", "not one exact version"),
        ("streamlit==1.*", "not one exact version"),
        ("streamlit", "not one exact version"),
        ("x @ https://example.invalid/x.whl", "not one exact version"),
        ("-e ./here", "no requirement"),
        ("a==1\na==2", "pinned twice"),
    ],
)
def test_lines_that_are_no_pins(audit, tmp_path, line, said):
    path = tmp_path / "requirements.txt"
    path.write_text(line + "\n", "utf-8")
    assert [wrong for wrong in audit.read(path)[1] if said in wrong]


def test_a_lock_that_lacks_or_differs(audit):
    asked = [Requirement("streamlit==1.67.0"), Requirement("plotly==7.1.0")]
    lock = {"streamlit": Requirement("streamlit==1.66.0")}
    assert len(list(audit.unlocked(asked, lock))) == 2
    wrong = list(audit.unpinned([Requirement("pytest==9.2.0")], {}))
    assert any("pluggy" in one and "pytest needs" in one for one in wrong)
    assert any("not installed" in one for one in audit.unpinned([Requirement("no-such-package==1")], {}))


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-3-Clause", True),
        ("LGPL-3.0-only", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0", False),
        ("", False),
        ("LicenseRef-Proprietary", False),
    ],
)
def test_licences(audit, monkeypatch, expression, good):
    about = Message()
    about["License-Expression"] = expression
    monkeypatch.setattr(audit.metadata, "metadata", lambda name: about)
    assert (list(audit.licences(["x"])) == []) is good


def test_pins_with_known_faults(audit):
    listed = {"Starlette": [{"id": "CVE-1", "affected": "<0.49.1", "what": "a fault"}]}
    assert list(audit.faults({"starlette": Requirement("starlette==1.0.0")}, listed)) == []
    (said,) = audit.faults({"starlette": Requirement("starlette==0.49.0")}, listed)
    assert "CVE-1" in said


def test_pins_of_the_other_files_are_looked_up_too(audit, tmp_path, monkeypatch):
    for name, text in {
        "pyproject.toml": "[project]\ndependencies = []\n",
        audit.LOCK: "",
        audit.ADVISORIES: '[[advisories.pyspark]]\nid = "CVE-2"\naffected = "<9"\nwhat = "a fault"\n',
        "requirements-spark.txt": "pyspark==4.3.0\npy4j>=1\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    inexact, faulty = audit.audit(tmp_path)
    assert "py4j>=1 is not one exact version" in inexact
    assert "CVE-2" in faulty


def test_what_spark_needs_beyond_the_lock_is_pinned(audit):
    pins, wrong = audit.read(ROOT / "requirements-spark.txt")
    assert wrong == []
    assert {"pyspark", "py4j", "grpcio"} <= set(pins)


def test_what_the_index_says(audit):
    withdrawn = {"id": "X", "withdrawn": "2024"}
    answers = {"a": {"info": {"yanked": True, "yanked_reason": "broken"}, "vulnerabilities": []}}
    answers["b"] = {"info": {}, "vulnerabilities": [{"id": "PYSEC-1", "fixed_in": ["2"]}, withdrawn]}
    lock = {name: Requirement(f"{name}==1") for name in answers}
    said = list(audit.published(lock, lambda address: answers[address.split("/")[-3]]))
    assert said == ["a==1: yanked (broken)", "b==1: PYSEC-1, mended in 2"]

    def nobody(address):
        raise OSError("no network")

    assert len(list(audit.published(lock, nobody))) == 1


def test_it_asks_for_json(audit, monkeypatch):
    answer = json.dumps({"a": 1}).encode()
    monkeypatch.setattr(audit.urllib.request, "urlopen", lambda address, timeout: io.BytesIO(answer))
    assert audit.ask("https://example.invalid/x") == {"a": 1}
