"""PostgreSQL that goes away in the middle of saves, and comes back."""

import random
import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks.faults_disk import told
from benchmarks.faults_journal import Journal, Outcome, one
from data.workspace import Database, WorkspaceError
from tests.made_workspace import STORES, holds, save
from tests.postgres import serving

PATIENCE = 60.0
"""Seconds in which a server that is back must be found."""


def away(tries: int) -> Outcome:
    """Stop the server at once (SIGQUIT, as a crash) while someone saves; start it again, and look for every save."""
    dice, said = random.Random(6), Counter[str]()
    with serving() as server, tempfile.TemporaryDirectory() as made:
        place, journal = server.database(), Journal(Path(made) / "journal")
        for store in STORES:
            journal.ids[store] = save(place, store, 1)
            journal.note(store, journal.ids[store], 1)
        for attempt in range(tries):
            over = threading.Event()
            saving = threading.Thread(target=_saves, args=(place, journal, attempt, over, said))
            saving.start()
            time.sleep(dice.uniform(0.1, 0.8))
            server.stop(signal.SIGQUIT)
            time.sleep(0.2)
            over.set()
            saving.join()
            server.start()
        back = _answers(place, journal)
        lost = sum(not holds(place, *line) for line in journal.lines())
        return Outcome(
            "PostgreSQL away", tries, len(journal.lines()), lost, f"{told(said)}; read {back:.1f} s after it was back"
        )


def _answers(place: Database, journal: Journal) -> float:
    """Seconds until the first save can be read: a server that was away is asked again after a pause that grows."""
    start = time.perf_counter()
    while True:
        try:
            holds(place, *journal.lines()[0])
        except WorkspaceError as error:
            if error.code != "away" or time.perf_counter() - start > PATIENCE:
                raise
            time.sleep(0.1)
        else:
            return time.perf_counter() - start


def _saves(place: Database, journal: Journal, seed: int, over: threading.Event, said: Counter[str]) -> None:
    dice, n = random.Random(seed), journal.next_number()
    while not over.is_set():
        n += 1
        said[one(place, journal, dice.choice(STORES), n) or "saved"] += 1
