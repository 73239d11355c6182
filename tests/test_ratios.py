"""The ratios that are kept: how they are read, compared and written, and that each has a benchmark that answers."""

import ast
import json
import subprocess
import tomllib

import pytest

from benchmarks import __main__ as command
from benchmarks.ratios import FILE, Kept, better_of, kept, rewritten, shown
from tests.browser import ROOT

KEPT = {one.key: one for one in kept()}
SPEED = Kept("made.speed", "theirs over ours", 10.0, "more", 2.0, "python -m made", quick=True)
COST = Kept("made.cost", "ours over a scan", 2.0, "less", 1.5, "python -m made", quick=True)


@pytest.mark.parametrize(
    ("one", "value", "said"),
    [
        (SPEED, 10.5, "as found"),
        (SPEED, 30.0, "better"),
        (SPEED, 6.0, "worse"),
        (SPEED, 4.9, "regression"),
        (COST, 2.0, "as found"),
        (COST, 1.5, "better"),
        (COST, 2.9, "worse"),
        (COST, 3.1, "regression"),
        (COST, None, "not measured"),
        (COST, float("nan"), "not measured"),
    ],
)
def test_worse_by_more_than_the_factor_is_a_regression(one, value, said):
    assert one.verdict(value) == said


def test_the_limit_is_the_last_value_that_passes():
    for one in (SPEED, COST):
        assert one.verdict(one.limit) == "worse"
        assert one.verdict(one.limit * (0.99 if one.better == "more" else 1.01)) == "regression"


def test_the_better_of_two_counts():
    assert better_of(SPEED, [4.0, 9.0]) == 9.0
    assert better_of(COST, [4.0, 9.0]) == 4.0
    assert better_of(COST, [float("nan")]) is None


@pytest.mark.parametrize("key", KEPT)
def test_each_is_stated_whole(key):
    one = KEPT[key]
    assert one.found > 0
    assert one.factor > 1
    assert one.better in ("more", "less")
    assert one.command.startswith("python -m benchmarks")
    assert one.name == one.name.strip()


@pytest.mark.parametrize("module", sorted({one.module for one in KEPT.values()}))
def test_each_module_answers(module):
    tree = ast.parse((ROOT / "benchmarks" / f"{module}.py").read_text("utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "ratios"]
    assert [ast.unparse(node.args) for node in found] == ["*, quick: bool"]


def test_every_benchmark_of_two_ways_is_kept():
    modules = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "def ratios(" in path.read_text("utf-8")}
    assert modules == {one.module for one in KEPT.values()}


def test_new_values_change_their_lines_alone():
    text = FILE.read_text("utf-8")
    key = next(iter(KEPT))
    written = rewritten(text, {key: 123.456})
    changed = [(a, b) for a, b in zip(text.splitlines(), written.splitlines(), strict=True) if a != b]
    assert changed == [(f"found = {shown(KEPT[key].found)}", "found = 123")]
    tomllib.loads(written)


@pytest.fixture
def answers(monkeypatch):
    """Modules that answer what they are told to, one answer a time; gives what they were asked."""
    asked, told = [], {}

    def run(line, **settings):
        if line[0] == "git":
            return subprocess.CompletedProcess(line, 0, "abc123\n", "")
        asked.append(line)
        said = told[line[line.index("--one") + 1]].pop(0)
        return subprocess.CompletedProcess(line, 0 if said else 1, f"{json.dumps(said)}\n", "no such thing\n")

    monkeypatch.setattr(command.subprocess, "run", run)
    monkeypatch.setattr(command, "kept", lambda: (SPEED, COST))
    return told, asked


def test_a_good_run_is_written_with_machine_versions_and_commit(answers, tmp_path, capsys):
    answers[0]["made"] = [{"speed": 11.0, "cost": 2.0}]
    assert command.main(["--quick", "--write", str(tmp_path / "table.md")]) == 0
    said = (tmp_path / "table.md").read_text("utf-8")
    assert said in capsys.readouterr().out
    for word in (
        "Machine: ",
        "cores",
        "Python 3.",
        "streamlit 1.",
        "Commit: abc123",
        "| as found | `python -m made` |",
    ):
        assert word in said
    assert len(answers[1]) == 1


def test_a_regression_is_measured_again_and_fails(answers, capsys):
    low = {"speed": 3.0, "cost": 2.0}
    answers[0]["made"] = [low, {"speed": 4.0, "cost": 2.1}, low, low, {"speed": 9.0, "cost": 2.0}]
    assert command.main(["--quick"]) == 1
    assert "made.speed is 4: it may not pass 5" in capsys.readouterr().err


def test_a_bad_moment_is_forgiven(answers):
    answers[0]["made"] = [{"speed": 3.0, "cost": 2.0}, {"speed": 9.0, "cost": 9.0}]
    assert command.main(["--quick"]) == 0


def test_a_benchmark_that_breaks_down_fails_the_quick_run(answers, capsys):
    answers[0]["made"] = [{}] * command.ROUNDS
    assert command.main(["--quick"]) == 1
    said = capsys.readouterr().err
    assert "made broke down: no such thing" in said
    assert "made.cost was not measured" in said
