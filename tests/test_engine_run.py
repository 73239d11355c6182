"""Counting events: tried again when a connection breaks, given up when it takes too long, stopped when told to."""

import threading
import time

import duckdb
import pytest

from data.engine import EngineError, run
from data.engine.duck import Duck
from data.engine.made import make
from data.engine.refusal import Broken, Stopped
from data.intake.watch import Cancelled, Watch

LONG = "SELECT count(*) FROM range(10000000000) WHERE range % 7 = 3"


class Flaky(Duck):
    """Breaks off as often as told."""

    name = "Flaky"
    left = 0

    def sql(self, text):
        if Flaky.left:
            Flaky.left -= 1
            raise Broken
        return super().sql(text)


@pytest.fixture
def flaky(monkeypatch):
    monkeypatch.setattr(run, "opened", lambda setting: Flaky())
    yield Flaky
    Flaky.left = 0


def one(engine):
    return engine.sql("SELECT 1 AS n")["n"][0].as_py()


def test_a_broken_connection_is_tried_again(flaky):
    flaky.left = 2
    assert run.tried("sc://there:1", one, pause=0.01) == 1


def test_one_that_breaks_every_time_is_given_up_with_its_address_but_no_token(flaky):
    flaky.left = 99
    with pytest.raises(EngineError) as lost:
        run.tried("sc://there:1/;token=secret", one, tries=3, pause=0.01)
    assert lost.value.code == "lost"
    assert lost.value.values == {"address": "sc://there:1", "tries": "3"}


def test_pauses_double(flaky, monkeypatch):
    pauses = []
    monkeypatch.setattr(run, "_rest", lambda seconds, watch: pauses.append(seconds))
    flaky.left = 3
    assert run.tried("", one, pause=1.0) == 1
    assert pauses == [1.0, 2.0, 4.0]


def test_a_pause_ends_when_the_count_is_stopped(flaky):
    flaky.left = 99
    watch = Watch()
    threading.Timer(0.1, watch.stop).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        run.tried("", one, watch=watch, pause=20.0)
    assert time.monotonic() - start < 5


def test_a_query_that_takes_too_long_is_interrupted():
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"0\.3 s"):
        run.tried("", lambda engine: engine.sql(LONG), seconds=0.3)
    assert time.monotonic() - start < 10


def test_a_query_is_interrupted_when_its_watch_is_stopped():
    watch = Watch()
    threading.Timer(0.2, watch.stop).start()
    with pytest.raises(Cancelled):
        run.tried("", lambda engine: engine.sql(LONG), watch=watch)
    assert watch.on_stop == []


def test_nothing_answers_at_the_address():
    for setting in ("sc://127.0.0.1:1", "sc://127.0.0.1:1/;token=x"):
        with pytest.raises(EngineError) as away:
            run.opened(setting)
        assert away.value.code == "away"
        assert run.ready("anywhere", setting).code == "away"


@pytest.mark.parametrize("setting", ["spark://host:7077", "presto", "sc://"])
def test_a_setting_that_is_no_engine(setting):
    with pytest.raises(EngineError) as strange:
        run.opened(setting)
    assert strange.value.code == "strange_engine"


def test_no_events(tmp_path):
    assert run.ready(str(tmp_path / "nowhere")).code == "no_events"
    for where in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(EngineError) as missing:
            run.count(str(where))
        assert missing.value.code == "no_events"


def test_files_that_are_no_events_are_refused_in_words_without_their_folder(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(EngineError) as refused:
        run.count(str(tmp_path))
    assert refused.value.code == "failed"
    assert "'x.parquet'" in refused.value.values["why"]
    assert tmp_path.name not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("cannot read file:///srv/secret/x.parquet. Stop", "cannot read x.parquet. Stop"),
        ('at "/srv/secret place/x.parquet"', 'at "x.parquet"'),
        ("at s3a://secret/2025/x.csv?key=secret now", "at x.csv now"),
        ("sc://host:1/;token=secret is away", " is away"),
        (r"at C:\secret\x.csv", "at x.csv"),
    ],
)
def test_what_an_engine_says_is_told_without_folders_and_tokens(said, told):
    assert EngineError("failed", why=said).values["why"] == told


@pytest.mark.parametrize("setting", ["sx://host/;token=secret", "http://me:secret@host/x?secret=1"])
def test_a_setting_is_told_without_what_is_secret_in_it(setting):
    with pytest.raises(EngineError) as strange:
        run.opened(setting)
    assert "secret" not in str(strange.value)
    assert "host" in str(strange.value)


class Refusing:
    """A connection that refuses everything with one error."""

    def __init__(self, error):
        self.error = error

    def execute(self, text):
        raise self.error

    def register(self, name, table):
        raise self.error


def refusing(error):
    engine = Duck()
    engine.con = Refusing(error)
    return engine


def test_an_interruption_is_one_whatever_it_interrupts():
    engine = refusing(duckdb.InterruptException("INTERRUPT Error: Interrupted!"))
    for work in (lambda: engine.scan("x.parquet"), lambda: engine.put("x", None)):
        with pytest.raises(Stopped):
            work()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (duckdb.IOException('IO Error: No files found that match the pattern "x"'), "no_events"),
        (duckdb.IOException('IO Error: Cannot open file "/a/x": Permission denied'), "not_permitted"),
        (duckdb.IOException("IO Error: Could not read from file"), "failed"),
    ],
)
def test_what_cannot_be_read_is_told_from_what_is_not_there(error, code):
    with pytest.raises(EngineError) as refused:
        refusing(error).scan("/a/x.parquet")
    assert refused.value.code == code
    with pytest.raises(EngineError, match="refused"):
        refusing(error).put("x", None)


def test_a_count_says_what_it_does(tmp_path):
    make(tmp_path, 2_000, months=1)
    said = []

    class Told(Watch):
        def report(self, stage, done=0, total=0):
            said.append(stage)

    counted = run.count(str(tmp_path), watch=Told())
    assert tuple(said) == run.STEPS
    assert counted.rows == 2_000
    assert counted.engine == "DuckDB"


def test_patterns_and_single_files_are_events_too(tmp_path):
    make(tmp_path, 2_000, months=1)
    for where in (tmp_path / "events-*.parquet", tmp_path / "events-00000.parquet"):
        assert run.ready(str(where)) is None
        assert run.count(str(where)).rows == 2_000
