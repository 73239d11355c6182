"""A database that goes away and comes back, clients that are killed, and several programs at once."""

import signal
import subprocess
import sys
import time

import psycopg
import pytest

from data.text import LANGUAGES, say
from data.workspace import Boards, Ledger, Links, Part, Shelf, Workspace, WorkspaceError, postgres_pool, postgres_schema
from data.workspace.postgres_pool import pool
from data.workspace.postgres_schema import Schema
from tests.browser import ROOT
from tests.small_volumes import volumes

PATIENCE = 60
ROWS = [("2026-07", "330100", "cainiao", 5.0), ("2026-07", "330100", "duoduo", 3.0)]
START = """
import sys
from data.workspace import Database, Part, Shelf, Workspace
from tests.small_volumes import volumes
place, owner = Database(sys.argv[1]), sys.argv[2]
def rows(n):
    return [Part("volumes", volumes([("2026-07", "330100", "cainiao", float(n))]))]
"""
SAVE = f"""{START}
for n in range(5):
    market = Workspace(place).save(owner=owner, parts=rows(n), name=owner).market
    plan = Shelf(place).save("{{}}", owner=owner, name="plan", market="m", data_version="v").id
    print(market, plan, flush=True)
"""
HOLD = f"""{START}
with Workspace(place).keeper.open(write=True) as base:
    base.execute("DELETE FROM holding")
    base.execute("UPDATE market SET name = 'half'")
    print("held", flush=True)
    sys.stdin.read()
"""


def start(code, database, *arguments, **more):
    command = [sys.executable, "-c", code, database.url, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **more)


def refused(call):
    with pytest.raises(WorkspaceError) as error:
        call()
    return error.value.code


def test_programs_save_at_once_and_lose_nothing(postgres):
    database = postgres.database()
    running = [start(SAVE, database, owner) for owner in ("ann", "bob")]
    said = [program.communicate(timeout=PATIENCE)[0].split() for program in running]
    assert [program.returncode for program in running] == [0, 0]
    for owner, ids in zip(("ann", "bob"), said, strict=True):
        assert sorted(one.id for one in Workspace(database).markets(owner)) == sorted(ids[::2])
        plans = Shelf(database).saved(owner)
        assert sorted(one.id for one in plans) == sorted(ids[1::2])
        assert {one.name for one in plans} == {"plan", *(f"plan ({n})" for n in range(2, 6))}


def test_a_killed_client_leaves_nothing_half_written_and_nobody_waiting(postgres):
    kept = Workspace(postgres.database())
    first = kept.save(owner="ann", parts=[Part("volumes", volumes(ROWS))], name="whole")
    with start(HOLD, kept.keeper.database, "ann", stdin=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait(PATIENCE)
        begun = time.monotonic()
        second = kept.save(owner="ann", parts=[Part("volumes", volumes(ROWS[:1]))], market=first.market)
    assert time.monotonic() - begun < 10
    assert (second.name, second.number) == ("whole", 2)
    assert kept.versions(first.market, "ann")[0] == first
    assert kept.version(first.market, 1, owner="ann").table("volumes").num_rows == 2


def test_away_is_said_in_words_and_over_once_it_is_back(postgres, monkeypatch):
    database = postgres.database()
    stores = [Workspace(database), Shelf(database), Ledger(database), Boards(database), Links(database)]
    id = stores[-1].make("map", "q", owner="ann")
    monkeypatch.setattr(postgres_pool, "PATIENCE_SECONDS", 2.0)
    monkeypatch.setattr(postgres_pool, "REST_SECONDS", 0.0)
    postgres.stop()
    try:
        begun = time.monotonic()
        reads = (lambda: stores[0].markets("ann"), lambda: stores[1].saved("ann"), lambda: stores[2].list("ann"))
        more = (
            lambda: stores[3].boards("ann"),
            lambda: stores[4].open(id),
            lambda: stores[4].make("map", "x", owner="a"),
        )
        assert [refused(call) for call in (*reads, *more)] == ["away"] * 6
        assert time.monotonic() - begun < 8, "only the first one waits"
    finally:
        postgres.start()
    assert stores[-1].open(id).query == "q"
    stores[-1].make("map", "x", owner="ann")
    assert [one.query for one in stores[-1].links("ann")] == ["x", "q"]


def test_whoever_asks_while_it_starts_again_waits_and_sees_nothing(postgres):
    import threading

    kept = Links(postgres.database())
    kept.make("map", "q", owner="ann")
    postgres.stop()
    later = threading.Timer(0.4, postgres.start)
    later.start()
    try:
        assert len(kept.links("ann")) == 1
    finally:
        later.join()


def test_after_a_failure_nobody_tries_for_a_moment(postgres, monkeypatch):
    kept = Links(postgres.database())
    kept.make("map", "q", owner="ann")
    tried = []
    monkeypatch.setattr(postgres_pool, "REST_SECONDS", 60.0)
    with monkeypatch.context() as patch:
        patch.setattr(postgres_pool, "PATIENCE_SECONDS", 0.0)
        pool(kept.keeper.database).close()
        patch.setattr(postgres_pool.Pool, "_made", lambda self: tried.append(1) or lost())
        assert [refused(lambda: kept.links("ann")) for _ in range(4)] == ["away"] * 4
    assert len(tried) == 1
    monkeypatch.setattr(postgres_pool, "REST_SECONDS", 0.0)
    assert len(kept.links("ann")) == 1


def lost():
    raise psycopg.OperationalError("gone")


@pytest.mark.parametrize("kept", [True, False])
def test_an_answer_that_is_lost_at_the_end_is_asked_for_again(postgres, monkeypatch, kept):
    links = Links(postgres.database())
    links.make("map", "before", owner="ann")
    execute = psycopg.Connection.execute

    def cut(self, query, *more, **options):
        if query != "COMMIT":
            return execute(self, query, *more, **options)
        if kept:
            execute(self, query)
        self.close()
        return lost()

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", cut)
        if kept:
            id = links.make("map", "q", owner="ann")
        else:
            assert refused(lambda: links.make("map", "q", owner="ann")) == "away"
    assert [one.query for one in links.links("ann")] == (["q", "before"] if kept else ["before"])
    assert not kept or links.open(id).query == "q"


def cut_at_the_end(monkeypatch, links, then):
    """Lose the answer to the next COMMIT, `then` do something; the save that met with it."""
    execute = psycopg.Connection.execute

    def cut(self, query, *more, **options):
        if query != "COMMIT":
            return execute(self, query, *more, **options)
        then(self)
        return lost()

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", cut)
        return refused(lambda: links.make("map", "q", owner="ann"))


def test_a_save_that_goes_on_without_a_line_is_ended_before_it_is_called_lost(postgres, monkeypatch):
    links = Links(postgres.database())
    links.make("map", "before", owner="ann")
    monkeypatch.setattr(postgres_schema, "_AGAIN_SECONDS", 0.02)
    held = []
    assert cut_at_the_end(monkeypatch, links, held.append) == "away"
    with pytest.raises(psycopg.OperationalError):
        held[0].execute("COMMIT")
    assert [one.query for one in links.links("ann")] == ["before"]


@pytest.mark.parametrize("state", ["away", "forgotten"])
def test_a_save_of_which_the_server_says_nothing_is_neither_kept_nor_lost(postgres, monkeypatch, state):
    links = Links(postgres.database())
    links.make("map", "before", owner="ann")
    if state == "away":
        monkeypatch.setattr(postgres_pool, "PATIENCE_SECONDS", 0.2)
        monkeypatch.setattr(postgres_pool, "REST_SECONDS", 0.0)
    else:
        monkeypatch.setattr(Schema, "_state", lambda self, number: "None")
    try:
        then = (lambda _: postgres.stop()) if state == "away" else (lambda line: line.close())
        assert cut_at_the_end(monkeypatch, links, then) == "unsure"
    finally:
        if state == "away":
            postgres.start()
    assert [one.query for one in links.links("ann")] == ["before"]


def test_a_line_that_breaks_in_the_middle_undoes_all(postgres):
    links = Links(postgres.database())
    links.make("map", "before", owner="ann")

    def broken():
        with links.keeper.open(write=True) as base:
            base.execute("DELETE FROM link")
            number = base.execute("SELECT pg_backend_pid()").fetchone()[0]
            postgres.run(f"SELECT pg_terminate_backend({number})")
            base.execute("SELECT 1")

    assert refused(broken) == "away"
    assert [one.query for one in links.links("ann")] == ["before"]


@pytest.mark.parametrize("code", ["away", "unsure", "no_rights", "strange", "not_empty", "copy_differs"])
def test_words_name_the_place(code):
    error = WorkspaceError(code, path="db/kept")
    assert "db/kept" in str(error)
    assert all("db/kept" in say(f"keep.workspace_{code}", lang, **error.values) for lang in LANGUAGES)
