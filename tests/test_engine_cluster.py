"""A cluster that half runs, or is stopped while it starts, leaves no process behind. No Spark is started."""

import subprocess
import sys

import pytest

from data.engine import cluster
from data.engine.cluster import ClusterError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)", "org.apache.spark"]


@pytest.fixture
def spawned(monkeypatch):
    """Processes that sleep in the place of Spark's."""
    made = []

    def spawn(place, name, command, **more):
        child = subprocess.Popen(SLEEP, start_new_session=True)
        cluster._CHILDREN[child.pid] = child
        made.append(child)
        return child.pid

    monkeypatch.setattr(cluster, "_spawn", spawn)
    monkeypatch.setattr(cluster, "lacking", list)
    monkeypatch.setattr(cluster, "_listens", lambda port: True)
    monkeypatch.setattr(cluster, "_alive", lambda port: 1)
    yield made
    for child in made:
        child.kill()
        child.wait()


def test_what_is_left_of_a_cluster_is_ended_before_another_starts(spawned, tmp_path):
    cluster.start(tmp_path, workers=1)
    spawned[1].kill()
    spawned[1].wait()
    assert cluster.status(tmp_path) is None
    found = cluster.start(tmp_path, workers=1)
    assert all(child.poll() is not None for child in spawned[:3])
    assert [child.pid for child in spawned[3:]] == list(found.processes.values())
    assert cluster.stop(tmp_path)
    assert all(child.poll() is not None for child in spawned)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ClusterError])
def test_a_start_that_is_cut_off_leaves_nothing_running(spawned, tmp_path, monkeypatch, error):
    def wait(place, found, ready):
        assert cluster._read(place) == found
        if len(found.processes) == 3:
            raise error

    monkeypatch.setattr(cluster, "_await", wait)
    with pytest.raises(error):
        cluster.start(tmp_path, workers=1)
    assert len(spawned) == 3
    assert all(child.poll() is not None for child in spawned)
    assert not (tmp_path / cluster.STATE).exists()
    assert (tmp_path / cluster.LOGS).is_dir()


def test_a_start_that_was_killed_is_no_cluster_and_is_cleared_away(spawned, tmp_path, monkeypatch):
    cluster.start(tmp_path, workers=1)
    half = cluster._read(tmp_path)
    del half.processes["connect"]
    cluster._write(tmp_path, half)
    assert cluster.status(tmp_path) is None
    cluster.start(tmp_path, workers=1)
    assert all(child.poll() is not None for child in spawned[:2])
    assert (tmp_path / cluster.STATE).stat().st_mode & 0o077 == 0
    cluster.stop(tmp_path)
