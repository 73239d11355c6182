"""The same queries on a Spark cluster of two workers and on DuckDB: identical, cell by cell."""

import os
import threading
from contextlib import closing

import pytest

from data import duck
from data.engine import EngineError, answer, cluster, needs, opened, queries, run
from data.engine.made import make
from data.intake.watch import Cancelled, Watch
from tests import events_by_hand as hand
from tests.test_engine import WIDE

pytestmark = pytest.mark.long
ROWS = 20_000
SLOW = "SELECT sum(a.id * b.id % 7) FROM range(300000) a CROSS JOIN range(300000) b"

ZONED = """
SELECT t::TIMESTAMPTZ AS event_time, 'Wuhan' AS city, 'JD' AS network, k AS kind, p::DOUBLE AS parcel_id
FROM (VALUES ('2025-01-31 16:30:00.5+00', 'in', 123456789012), ('2025-01-31 15:30:00+00', 'out', 123456789012),
    ('2025-01-31 16:30:00+00', 'out', 'NaN'::DOUBLE), ('2025-01-31 16:30:00+00', 'out', NULL),
    ('1999-01-31 16:30:00+00', 'out', 7)) AS v (t, k, p)
"""


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A master, two workers and a server of Spark Connect on this machine."""
    if needs.lacking():
        missing = f"no {' and '.join(needs.lacking())}: python -m data.engine.cluster install"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    place = tmp_path_factory.mktemp("spark")
    yield cluster.start(place, workers=2, memory="512m")
    cluster.stop(place)


@pytest.fixture(scope="session")
def engines(spark):
    """DuckDB and Spark, both open."""
    both = [opened(""), opened(spark.address)]
    yield both
    for engine in both:
        engine.close()


def known(engines, folder):
    """Each engine with the parsed log of a folder, and the small tables that questions need."""
    found = []
    for engine in engines:
        log, _ = run.prepared(engine, str(folder))
        for name, table in hand.tables().items():
            engine.put(name, table)
        found.append((engine, log))
    return found


@pytest.fixture(scope="session")
def typed(engines, tmp_path_factory):
    """Made-up events in Parquet."""
    return known(engines, make(tmp_path_factory.mktemp("typed"), ROWS, months=14, faulty=50))


@pytest.fixture(scope="session")
def written(engines, typed, tmp_path_factory):
    """A few lines of CSV as people write them; the engines forget what they knew before."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "odd.csv").write_text(hand.ODD, "utf-8")
    return known(engines, folder)


def same(logs, name):
    duck, spark = (answer(engine, hand.QUESTIONS[name](log)) for engine, log in logs)
    assert len(duck)
    assert spark.schema == duck.schema
    assert spark.equals(duck)


@pytest.mark.parametrize("name", hand.QUESTIONS)
def test_both_engines_answer_the_same_cell_by_cell(typed, name):
    same(typed, name)


@pytest.mark.parametrize("name", ["written", "checks", "order", "waits", "squares"])
def test_both_engines_read_the_same_in_what_people_write(written, name):
    same(written, name)


def test_two_workers_are_there_and_nobody_else_is_let_in(spark):
    assert spark.workers == 2
    assert len(spark.processes) == 4
    with pytest.raises(EngineError):
        opened(spark.address.partition(";")[0])


def test_a_count_is_the_same(spark, tmp_path):
    make(tmp_path, 10_000, months=2)
    duck, spark = (run.count(str(tmp_path), setting) for setting in ("", spark.address))
    assert (duck.engine, spark.engine) == ("DuckDB", "Spark")
    assert spark.rows == duck.rows
    for name in ("panel", "hours", "waits", "checks", "volumes"):
        assert getattr(spark, name).equals(getattr(duck, name)), name


def test_a_long_query_is_given_up_or_stopped_and_the_server_stays(spark):
    with pytest.raises(EngineError, match="longer"):
        run.tried(spark.address, lambda engine: engine.sql(SLOW), seconds=2.0)
    watch = Watch()
    threading.Timer(1.5, watch.stop).start()
    with pytest.raises(Cancelled):
        run.tried(spark.address, lambda engine: engine.sql(SLOW), watch=watch)
    assert run.tried(spark.address, lambda engine: engine.sql("SELECT 1 AS n"))["n"].to_pylist() == [1]


def test_what_spark_refuses_is_said_in_words(spark, tmp_path):
    for work, code in (
        (lambda engine: engine.sql("SELECT nothing FROM nowhere"), "failed"),
        (lambda engine: engine.scan(str(tmp_path / "nowhere")), "no_events"),
    ):
        with pytest.raises(EngineError) as refused:
            run.tried(spark.address, work)
        assert refused.value.code == code


def test_a_damaged_file_is_refused_without_its_folder(spark, tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(EngineError) as refused:
        run.tried(spark.address, lambda engine: engine.scan(str(tmp_path)))
    assert refused.value.code == "failed"
    assert "x.parquet" in refused.value.values["why"]
    assert tmp_path.name not in str(refused.value)


def test_a_folder_of_csv_that_only_the_cluster_reaches_is_found_out(spark, tmp_path):
    (tmp_path / "odd.csv").write_text(hand.ODD, "utf-8")
    assert run.count(tmp_path.as_uri(), spark.address).rows == hand.ODD.count("\n") - 1


def test_moments_with_a_zone_and_numbers_with_a_fraction_are_told_alike(spark, tmp_path):
    with closing(duck.connect()) as con:
        con.execute(f"COPY ({ZONED}) TO '{tmp_path}/zoned.parquet'")
    first, second = (run.count(str(tmp_path), setting) for setting in ("", spark.address))
    assert {"time", "parcel", "backwards"} <= set(first.checks["fault"])
    for name in ("panel", "hours", "waits", "checks"):
        assert getattr(first, name).equals(getattr(second, name)), name


def test_decimals_and_wide_whole_numbers_are_read_as_duckdb_reads_them(spark, tmp_path):
    with closing(duck.connect()) as con:
        con.execute(f"COPY ({WIDE}) TO '{tmp_path}/wide.parquet'")
    first, second = (run.count(str(tmp_path), setting) for setting in ("", spark.address))
    for name in ("panel", "hours", "waits", "checks"):
        assert getattr(first, name).equals(getattr(second, name)), name
    with closing(opened(spark.address)) as engine, pytest.raises(EngineError) as refused:
        queries.raw({**engine.scan(str(tmp_path)), "kind": engine.scan(str(tmp_path))["other"]})
    assert refused.value.code == "odd_column"


def test_a_session_that_is_gone_is_begun_anew(spark):
    tries = []

    def work(engine):
        tries.append(engine)
        if len(tries) == 1:
            engine.session.client.release_session()
        return engine.sql("SELECT 1 AS n")["n"].to_pylist()

    assert run.tried(spark.address, work, pause=0.1) == [1]
    assert len(tries) == 2
