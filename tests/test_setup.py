"""The two commands: what they check, what they install, and how they fail."""

import signal
import subprocess
import sys

import pytest

from pages.ui import setup
from tests.browser import ROOT, free_port, interrupt, running, wait_for

NOWHERE = "http://127.0.0.1:9/simple"
"""A package index that refuses connections."""
OLD_PYTHONS = [(3, 10), (3, 9), (2, 7)]


def project(folder, *pins):
    """Make a folder that needs `pins` and nothing else."""
    dependencies = ", ".join(f'"{pin}"' for pin in pins)
    (folder / "pyproject.toml").write_text(f"[project]\ndependencies = [{dependencies}]\n", "utf-8")
    (folder / "requirements.txt").write_text("\n".join(pins) + "\n", "utf-8")
    return folder


@pytest.mark.parametrize("version", OLD_PYTHONS)
def test_an_old_python_is_named(version):
    with pytest.raises(
        setup.SetupError, match=r"needs Python 3\.11 or newer; this is Python {}\.{}\.$".format(*version)
    ):
        setup.check_python(version)


def test_this_python_will_do():
    setup.check_python(sys.version_info[:2])


def test_a_taken_port_stops_before_anything_is_installed(url, monkeypatch, capsys):
    monkeypatch.setattr(setup, "environment", lambda root: pytest.fail("went on to install"))
    assert setup.main(["--port", url.rpartition(":")[2]]) == 1
    assert "pass another with --port" in capsys.readouterr().err


def test_a_base_that_cannot_be_stops_before_anything_is_installed(monkeypatch, capsys):
    monkeypatch.setattr(setup, "environment", lambda root: pytest.fail("went on to install"))
    assert setup.main(["--port", str(free_port()), "--base", "a b"]) == 1
    assert capsys.readouterr().err == "--base 'a b': only letters, digits, - . _ ~ between slashes\n"


def test_the_programs_of_tests_are_only_added(monkeypatch):
    asked = []
    monkeypatch.setattr(setup, "run", lambda command, **more: asked.append(" ".join(command)))
    monkeypatch.setattr(setup, "find_chromium", lambda: sys.executable)
    monkeypatch.setattr(setup, "debian_root", lambda: True)
    monkeypatch.setattr(setup.shutil, "which", lambda name, path=None: None if name == "java" else "/usr/bin/true")
    setup.get_programs(sys.executable)
    assert asked == ["apt-get update", "apt-get install -y default-jre-headless"]


@pytest.mark.parametrize("port", [-1, 70_000])
def test_an_impossible_port_is_refused(port):
    with pytest.raises(setup.SetupError, match=f"Port {port} "):
        setup.check_port(port)


def test_an_active_environment_is_used_as_it_is(tmp_path):
    assert setup.environment(project(tmp_path, f"pytest=={pytest.__version__}")) == sys.executable
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("pin", ["pytest==0.0.1", "posthouse-no-such-package==1.0"])
def test_another_version_or_none_does_not_satisfy(tmp_path, pin):
    assert not setup.satisfied(project(tmp_path, pin))


@pytest.mark.parametrize("uv", [True, False], ids=["uv", "pip"])
def test_no_network_is_one_sentence(tmp_path, monkeypatch, capsys, uv):
    if uv and not setup.shutil.which("uv"):
        pytest.skip("uv is not installed")
    root = project(tmp_path, "posthouse-no-such-package==1.0")
    for name, value in {
        "PIP_INDEX_URL": NOWHERE,
        "UV_DEFAULT_INDEX": NOWHERE,
        "PIP_RETRIES": "0",
        "UV_HTTP_RETRIES": "0",
    }.items():
        monkeypatch.setenv(name, value)
    if not uv:
        monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    with pytest.raises(setup.SetupError, match="Check the network, then run the same command again") as caught:
        setup.environment(root)
    assert "install" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Making .venv" in capsys.readouterr().out
    assert not (root / ".venv" / ".posthouse").exists()


def test_a_finished_environment_is_not_touched_until_the_lock_changes(tmp_path, monkeypatch):
    root = project(tmp_path, "posthouse-no-such-package==1.0")
    made = []

    def make(root, folder, python):
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        made.append(folder)

    monkeypatch.setattr(setup, "install", make)
    first = setup.environment(root)
    assert setup.environment(root) == first
    assert len(made) == 1
    (root / "requirements.txt").write_text("posthouse-no-such-package==2.0\n", "utf-8")
    assert setup.environment(root) == first
    assert len(made) == 2


@pytest.mark.parametrize(
    ("config", "kept"),
    [("version = {}.{}.1", True), ("version_info = {}.{}.1", True), ("version = 3.1.1", False), ("", False)],
)
def test_only_an_environment_of_this_python_is_renewed(tmp_path, config, kept):
    (tmp_path / "pyvenv.cfg").write_text(config.format(*sys.version_info), "utf-8")
    assert setup.same_python(tmp_path) is kept


def test_a_failing_command_gives_its_complaint_and_the_remedy():
    code = "import sys; print('noise'); sys.exit('ERROR: the disk is full.')"
    with pytest.raises(setup.SetupError, match=r"failed: ERROR: the disk is full\. Free some space\.$"):
        setup.run([sys.executable, "-c", code], remedy="Free some space.")


def test_a_missing_command_gives_the_remedy():
    with pytest.raises(setup.SetupError, match=r"could not be started .* Install it\.$"):
        setup.run(["posthouse-no-such-command"], remedy="Install it.")


def test_what_is_built_is_not_built_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        setup, "BUILD", "import pathlib; p = pathlib.Path('data/built'); p.mkdir(parents=True); (p / 'market').touch()"
    )
    for _ in range(2):
        setup.build(sys.executable, tmp_path)
    assert capsys.readouterr().out.count("Building") == 1
    assert (tmp_path / "data" / "built" / "market").exists()


def test_without_chromium_it_says_what_to_install_and_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(setup, "find_chromium", lambda: None)
    monkeypatch.setattr(setup, "debian_root", lambda: True)
    monkeypatch.setattr(setup, "APT", ("posthouse-no-such-apt update", "posthouse-no-such-apt install"))
    setup.get_chromium(sys.executable)
    assert "Install them by hand: chromium fonts-noto-cjk." in capsys.readouterr().err


def test_the_named_chromium_comes_first(monkeypatch):
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert setup.find_chromium() == sys.executable


@pytest.mark.parametrize(
    ("code", "wanted"), [("raise SystemExit(3)", 3), (f"import os; os.kill(os.getpid(), {signal.SIGTERM})", 143)]
)
def test_the_exit_code_is_the_childs(code, wanted):
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert setup.supervise([sys.executable, "-c", code]) == wanted
    finally:
        signal.signal(signal.SIGTERM, before)


def test_one_command_serves_and_ctrl_c_ends_it_quietly():
    port = free_port()
    with running("app.py", "--port", str(port)) as process:
        wait_for(f"http://127.0.0.1:{port}")
        assert interrupt(process) == 0
        assert f"Posthouse is at http://127.0.0.1:{port}" in process.stdout.read()
        assert process.stderr.read() == ""


def test_one_command_tests():
    done = subprocess.run(
        [sys.executable, "app.py", "test", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "pytest" in done.stdout + done.stderr


def test_the_lock_pins_everything_and_names_no_other_index():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert all(line[0].isalnum() and "==" in line for line in lines)
    assert not any("/" in line or "@" in line for line in lines)
