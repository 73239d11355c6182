"""The event loop that is woken once for many messages loses none, and rubbish is collected all the same."""

import asyncio
import gc
import threading
import time

import pytest
from streamlit import config

from pages.ui import wakes

THREADS, CALLS = 4, 400


@pytest.fixture
def collector():
    before = config.get_option("runner.postScriptGC")
    over = wakes.collect_apart()
    yield over
    over.set()
    config.set_option("runner.postScriptGC", before)


def calls_from_threads(pause):
    """How many of the calls of several threads a loop with nothing else to do has made."""
    loop, seen = wakes.Loop(), []

    async def wait():
        done = asyncio.Event()

        def call():
            seen.append(1)
            if len(seen) == THREADS * CALLS:
                done.set()

        def work():
            for _ in range(CALLS):
                loop.call_soon_threadsafe(call)
                time.sleep(pause)

        for _ in range(THREADS):
            threading.Thread(target=work, daemon=True).start()
        await asyncio.wait_for(done.wait(), 60)

    loop.run_until_complete(wait())
    loop.close()
    return len(seen)


@pytest.mark.parametrize("pause", [0.0, 0.0003])
def test_no_call_is_lost(pause):
    assert calls_from_threads(pause) == THREADS * CALLS


def test_calls_while_the_loop_is_busy_take_one_byte(monkeypatch):
    loop, seen, written = wakes.Loop(), [], []
    write = asyncio.SelectorEventLoop._write_to_self
    monkeypatch.setattr(asyncio.SelectorEventLoop, "_write_to_self", lambda self: (written.append(1), write(self)))

    def work():
        for _ in range(CALLS):
            loop.call_soon_threadsafe(seen.append, 1)

    def busy():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    async def wait():
        busy()
        while len(seen) < CALLS:
            await asyncio.sleep(0)

    loop.run_until_complete(wait())
    loop.close()
    assert len(written) == 1


def test_a_loop_that_sleeps_is_woken_each_time():
    loop = wakes.Loop()

    async def wait():
        for _ in range(20):
            found = loop.create_future()
            threading.Timer(0.002, loop.call_soon_threadsafe, (found.set_result, None)).start()
            await asyncio.wait_for(found, 5)

    loop.run_until_complete(wait())
    loop.close()


def test_rubbish_is_not_collected_after_runs(collector):
    assert config.get_option("runner.postScriptGC") is False


def test_rubbish_goes_while_things_are_made(monkeypatch):
    monkeypatch.setattr(wakes, "EVERY", 0.02)
    before, over = config.get_option("runner.postScriptGC"), wakes.collect_apart()
    made, gone = [], threading.Event()
    monkeypatch.setattr(gc, "collect", gone.set)
    while not gone.is_set() and len(made) < 2_000_000:
        made.append([made])
    over.set()
    config.set_option("runner.postScriptGC", before)
    assert gone.is_set()
