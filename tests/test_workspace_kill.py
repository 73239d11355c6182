"""Markets outlive the program: killed at any moment of a save, the workspace opens with the last complete version."""

import os
import random
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.workspace import Part, Version, Workspace
from data.workspace.packed import pack

KILLS = 200
LONGEST = 0.4  # seconds of a life, however busy the machine is
PATIENCE = 60.0  # seconds for a first version
SIZES = (9, 2_000, 130_000)  # rows: a page, a few, more than one row group
APPENDS = 4
"""Every fourth version is an append."""
CITIES = ("330100", "330700", "310000")
pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL")]


@pytest.fixture
def folder(tmp_path):
    """Memory where there is such a disk: what a program wrote outlives its death there too, and nobody waits."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as made:
        yield Path(made)


def volumes(n: int) -> pa.Table:
    """Rows of version `n`, unlike those of any other."""
    return part(n).table if n % APPENDS else pa.concat_tables([part(n - 1).table, part(n).table])


def part(n: int) -> Part:
    """What makes version `n` of the one before: other rows, or now and then a few more."""
    if n % APPENDS:
        return Part("volumes", months(np.arange(SIZES[n % len(SIZES)]), n))
    return Part("volumes", months(np.arange(200_000, 200_005), n), "append")


def months(rows: "np.ndarray", n: int) -> pa.Table:
    one = pa.array(np.zeros(len(rows), "int32"))
    return pa.table(
        {
            "month": pa.array(rows // 3 + 11_000, pa.int32()).cast(pa.date32()),
            "city": pa.DictionaryArray.from_arrays(pa.array(rows % 3, pa.int32()), pa.array(CITIES)),
            "platform": pa.DictionaryArray.from_arrays(one, pa.array(["cainiao"])),
            "parcels": pa.array(rows * 7.0 + n),
            "origin": pa.DictionaryArray.from_arrays(one, pa.array([""])),
        }
    )


def seconds_of_a_save(workspace: Workspace, market: str, number: int) -> float:
    start = time.monotonic()
    workspace.save(owner="ann", parts=[part(number)], market=market)
    return time.monotonic() - start


def run_and_kill(
    workspace: Workspace, market: str, number: int, life: float, pipe: tuple[int, int], begun: bool
) -> None:
    """Let a child save version after version from `number` on, each said once it is saved, and kill it.

    It lives for `life` seconds from its birth, or from its first version where it is to have `begun`: on a busy machine
    few get that far by themselves. Now and then it also saves the same rows, and
    others, as someone else's market and deletes that again.
    """
    said, told = pipe
    child = os.fork()
    if child == 0:
        try:
            while True:
                saved = workspace.save(owner="ann", parts=[part(number)], market=market)
                os.write(told, saved.number.to_bytes(4, "little"))
                if number % 5 == 0:
                    come_and_go(workspace, number)
                number += 1
        finally:
            os._exit(1)
    if begun:
        select.select([said], [], [], PATIENCE)
    time.sleep(life)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def come_and_go(workspace: Workspace, number: int) -> None:
    market = None
    for rows in (volumes(number), months(np.arange(9), -number)):
        market = workspace.save(owner="bob", parts=[Part("volumes", rows)], market=market, name="b").market
    workspace.delete(market, "bob")


def last_said(said: int, before: int) -> int:
    """Number of the last version said on the pipe."""
    try:
        return int.from_bytes(os.read(said, 1 << 20)[-4:], "little")
    except BlockingIOError:
        return before


def whole(found: Version) -> bool:
    """Whether a version holds the very rows that were saved."""
    wanted = pack(volumes(found.info.number)).digest
    return found.info.part("volumes").digest == pack(found.table("volumes")).digest == wanted


def test_killed_at_any_moment_the_workspace_opens_with_every_version_that_was_acknowledged(folder):
    workspace, moments = Workspace(folder), random.Random(6)
    market = workspace.save(owner="ann", parts=[Part("volumes", volumes(1))], name="m").market
    lives = min(LONGEST, 1.5 * max(seconds_of_a_save(workspace, market, number) for number in (2, 3, 4)))
    said, told = os.pipe()
    os.set_blocking(said, False)
    acknowledged = standing = 4
    for kill in range(KILLS):
        run_and_kill(workspace, market, standing + 1, moments.uniform(0, lives), (said, told), begun=kill % 4 == 0)
        acknowledged = last_said(said, acknowledged)
        found = workspace.version(market, owner="ann")
        assert acknowledged <= found.info.number <= max(acknowledged, standing) + 1
        standing = found.info.number
        assert whole(found)
    assert standing > KILLS // 10
    listed = [one.number for one in workspace.versions(market, "ann")]
    assert listed == list(range(1, standing + 1))
    assert all(whole(workspace.version(market, number, owner="ann")) for number in listed)
    os.close(said)
    os.close(told)


def test_killed_while_the_file_is_made_the_next_save_makes_it(folder):
    moments = random.Random(7)
    for n in range(20):
        workspace = Workspace(folder / str(n))
        child = os.fork()
        if child == 0:
            try:
                workspace.save(owner="ann", parts=[Part("volumes", volumes(1))], name="m")
            finally:
                os._exit(0)
        time.sleep(moments.uniform(0, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        before = workspace.markets("ann")
        workspace.save(owner="ann", parts=[Part("volumes", volumes(1))], name="n")
        assert len(workspace.markets("ann")) == len(before) + 1
        assert all(whole(workspace.version(one.id, owner="ann")) for one in workspace.markets("ann"))
