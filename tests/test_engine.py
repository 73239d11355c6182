"""Parcel events on DuckDB: every query against the same worked out in pandas, faults, names, and what adds up."""

from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from data import duck as data_duck
from data.engine import EngineError, answer, opened, places, queries, run, schema
from data.engine.base import NUMBER, RAW, TEXT, WHOLE, decimal
from data.engine.made import make
from data.engine.panel import added, frame, volumes
from data.intake import adapters
from data.text import LANGUAGES, catalogue
from tests import events_by_hand as hand

ROWS = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("events"), ROWS, months=14, faulty=50)


@pytest.fixture(scope="module")
def asked(folder):
    """Answer of a question of the set."""
    engine = opened("")
    log, _ = run.prepared(engine, str(folder))
    for name, table in hand.tables().items():
        engine.put(name, table)
    yield lambda name: answer(engine, hand.QUESTIONS[name](log)).to_pandas()
    engine.close()


@pytest.fixture(scope="module")
def log(folder):
    parts = [pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))]
    return hand.parsed(pd.concat(parts, ignore_index=True))


@pytest.fixture
def odd(tmp_path):
    (tmp_path / "odd.csv").write_text(hand.ODD, "utf-8")
    return tmp_path


def same(found, wanted, **options):
    pd.testing.assert_frame_equal(found, wanted[list(found)], check_dtype=False, **options)


def test_made_events_are_the_same_every_time_and_have_their_faults(folder, log, tmp_path):
    again = make(tmp_path, ROWS, months=14, faulty=50)
    parts = [pd.read_parquet(one) for one in (folder / "events-00000.parquet", again / "events-00000.parquet")]
    pd.testing.assert_frame_equal(*parts)
    assert len(log) == ROWS
    assert log.loc[log["kind"] == "arrived", "month"].nunique() >= 14
    assert 0.005 < 1 - log["good"].mean() < 0.02


def test_panel(asked, log):
    same(asked("panel"), hand.panel(log))


def test_hours_of_the_week(asked, log):
    same(asked("hours"), hand.hours(log))


def test_waits_are_exact_percentiles(asked, log):
    same(asked("waits"), hand.waits(log))


def test_shares_and_their_change_in_a_year(asked, log):
    found = asked("shares")
    same(found, hand.shares(log), check_exact=True)
    assert found["change"].notna().sum() > 100
    sums = found.groupby(["city", "month"])["share"].sum()
    np.testing.assert_allclose(sums[sums > 0], 1.0)


def test_checks_count_every_fault(asked, log):
    found = asked("checks").iloc[0]
    assert found["rows"] == ROWS
    assert found["n_time"] == log["time"].isna().sum()
    assert found["n_city"] == (log["city"] == "").sum()
    assert found["n_kind"] == (log["kind"] == "lost").sum()
    assert found["n_parcel"] == log["parcel"].isna().sum()
    assert found["n_place"] == (log["lon"] == 0).sum()
    days = log.loc[log["good"], "time"].dt.strftime("%Y%m%d").astype(int)
    assert (found["first"], found["last"]) == (days.min(), days.max())
    least = log.loc[log["kind"] == "lost", "parcel"].min()
    assert found["like_kind"] == str(int(least))


def test_order_finds_repeats_and_journeys_that_run_backwards(asked, log):
    rows = log[log["good"] & log["parcel"].notna() & (log["kind"] != "returned")]
    several = rows.groupby(["parcel", "kind"]).size()
    found = asked("order").iloc[0]
    assert found["n_repeated"] == (several - 1).sum()
    assert found["n_repeated"] > 5
    assert found["n_backwards"] == 0


def test_parcels_within_reach_of_a_network(asked, log):
    same(asked("reach_of_parcels"), hand.reach(log, hand.stations()))


def test_people_within_reach_are_some_of_all(asked):
    found = asked("reach_of_people")
    assert (found["within"] <= found["all"]).all()
    assert found["network"].nunique() == 3


def test_every_parcel_lies_in_the_nearest_hexagon(asked, log):
    cells, rows = asked("hexagons"), hand.located(log)
    assert cells["parcels"].sum() == len(rows)
    centres = places.centre(cells.drop_duplicates(["a", "b"]), km=hand.HEXAGON)
    assert ((centres["a"] + centres["b"]) % 2 == 0).all() or set(centres["a"] % 2) == {0, 1}
    lon, lat = (rows[name].to_numpy()[:300, None] for name in ("lon", "lat"))
    stretch = np.cos(np.radians(places.MIDDLE))
    away = np.hypot((lon - centres["lon"].to_numpy()) * stretch, lat - centres["lat"].to_numpy()) * places.KM_PER_DEGREE
    assert away.min(axis=1).max() <= hand.HEXAGON / 3**0.5 + 1e-9


def test_parts_of_a_log_add_up_to_the_whole(folder, asked, tmp_path):
    whole = pd.read_parquet(folder / "events-00000.parquet")
    panels = []
    for number, half in enumerate((whole[::2], whole[1::2])):
        place = tmp_path / str(number)
        place.mkdir()
        half.to_parquet(place / "part.parquet")
        panels.append(run.count(str(place)).panel)
    same(added(panels), frame(answer_table(asked("panel"))))


def answer_table(table):
    import pyarrow as pa

    return pa.Table.from_pandas(table, preserve_index=False)


# what people write


def test_times_names_and_kinds_are_read_as_people_write_them(odd):
    found = run.count(str(odd))
    assert found.rows == 22
    rows = found.panel.set_index(["city", "network", "month"])[hand.KINDS]
    assert rows.loc[("330100", "cainiao", pd.Timestamp("2025-01-01")), "arrived"].sum() == 1
    assert rows.loc[("330100", "cainiao", pd.Timestamp("2025-02-01")), "collected"].sum() == 7
    assert rows.loc[("Atlantis", "Beeline", pd.Timestamp("2025-02-01")), "returned"].sum() == 1
    faults = found.checks.set_index("fault")["events"].to_dict()
    assert faults == {
        "time": 6,
        "city": 1,
        "network": 1,
        "kind": 1,
        "parcel": 1,
        "place": 2,
        "repeated": 2,
        "backwards": 1,
        "strange_city": 1,
        "strange_network": 1,
    }
    assert found.checks.set_index("fault").loc["kind", "like"] == "B1"


def test_a_parcel_is_followed_under_names_written_differently(odd):
    waits = run.count(str(odd)).waits.set_index("network")
    assert waits.loc["cainiao", "parcels"] == 2
    assert waits.loc["cainiao", ["p50", "p90"]].tolist() == [120, 480]
    assert "duoduo" not in waits.index  # B6 arrived under two names: the least stands, from the first arrival


def test_numbers_of_parcels_that_became_fractions_are_whole_again(tmp_path):
    table = {"event_time": pd.to_datetime(["2025-01-31 16:30"] * 3), "city": "杭州", "platform": "JD"}
    rows = pd.DataFrame({**table, "kind": ["in", "out", "out"], "parcel": [123456789012.0, 123456789012.0, np.nan]})
    rows.to_parquet(tmp_path / "one.parquet")
    found = run.count(str(tmp_path))
    assert found.waits["parcels"].tolist() == [1]
    assert found.checks.set_index("fault")["events"].to_dict() == {"parcel": 1, "place": 3}


def test_moments_with_a_zone_are_told_by_the_clock_in_china(tmp_path):
    times = pd.to_datetime(["2025-01-31 16:30:00"], utc=True)
    pd.DataFrame({"event_time": times, "city": ["杭州"], "platform": ["JD"]}).to_parquet(tmp_path / "one.parquet")
    found = run.count(str(tmp_path))
    assert found.panel["month"].tolist() == [pd.Timestamp("2025-02-01")]
    assert found.hours[["day", "hour"]].to_numpy().tolist() == [[5, 0]]


def test_volumes_take_what_was_collected_or_else_what_arrived(odd):
    panel = run.count(str(odd)).panel
    assert volumes(panel)["parcels"].sum() == panel["collected"].sum()
    only = panel.assign(collected=0)
    assert volumes(only)["parcels"].sum() == panel["arrived"].sum()
    assert list(volumes(panel)) == ["month", "city", "platform", "parcels", "origin"]


def test_text_says_the_same_as_types(tmp_path):
    typed, text = (run.count(str(make(tmp_path / name, 4_000, months=2, text=name == "csv"))) for name in ("p", "csv"))
    for name in ("panel", "hours", "rows"):
        first, second = getattr(typed, name), getattr(text, name)
        assert first == second if name == "rows" else first.equals(second), name
    assert typed.checks["fault"].tolist() == text.checks["fault"].tolist()


# columns


def test_a_log_without_what_is_required_is_refused():
    with pytest.raises(EngineError, match="network") as refused:
        schema.matched(["event_time", "city", "weight"])
    assert refused.value.code == "no_columns"


def test_headers_of_the_intake_are_understood_here_too():
    meant = {"event_time": "time", "place": "city", "network": "network", "source": "origin"}
    base = {"event_time": "event_time", "place": "city", "network": "network"}
    for column, others in adapters._ALIASES.items():
        for header in others.split():
            headers = [*{**base, column: header}.values()]
            assert schema.matched(headers)[meant[column]] == header


WIDE = """
SELECT TIMESTAMP '2025-02-03 10:00:00' AS event_time, 330100::DECIMAL(6, 0) AS city, 'JD' AS network,
    n::UBIGINT + 18446744073709551000 AS parcel_id, k AS kind,
    120.15::DECIMAL(12, 8) AS lon, 30.27::DECIMAL(9, 6) AS lat, [1] AS other
FROM range(3) AS r (n), (VALUES ('arrived'), ('collected')) AS t (k)
"""


def test_decimals_and_wide_whole_numbers_are_read(tmp_path):
    with closing(data_duck.connect()) as con:
        con.execute(f"COPY ({WIDE}) TO '{tmp_path}/wide.parquet'")
    found = run.count(str(tmp_path))
    assert found.checks.empty
    assert found.panel[["city", "collected"]].to_numpy().tolist() == [["330100", 3]]
    assert found.waits["parcels"].tolist() == [3]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("DECIMAL(18,0)", WHOLE), ("decimal(19,0)", TEXT), ("decimal(9,6)", NUMBER), ("DOUBLE", ""), ("decimal", "")],
)
def test_types_of_decimals(kind, wanted):
    assert decimal(kind) == wanted


def test_a_column_that_is_read_and_has_another_type_is_refused_by_name():
    base = {"event_time": "timestamp", "city": "string", "network": "string"}
    with pytest.raises(EngineError) as refused:
        queries.raw({**base, "Parcel ID": "INTEGER[]"})
    assert refused.value.code == "odd_column"
    assert refused.value.values == {"name": "Parcel ID", "kind": "INTEGER[]"}
    assert queries.raw({**base, "station_id": "UUID"}).columns == tuple(base)


def test_columns_of_types_that_mean_nothing_here_are_left_out():
    table = queries.raw({"event_time": "timestamp", "extra": "", "city": "string", "network": "string"})
    assert table.columns == ("event_time", "city", "network")
    assert table.get_name() == RAW


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_and_problem_has_words(lang):
    from data.engine.panel import FAULTS
    from data.engine.refusal import MESSAGES

    faults = [*FAULTS, "strange_city", "strange_network"]
    wanted = [f"events.{part}_{fault}" for fault in faults for part in ("fault", "so")]
    wanted += [f"events.problem_{code}" for code in MESSAGES] + [f"events.step_{step}" for step in run.STEPS]
    assert [key for key in wanted if not catalogue().get(key, {}).get(lang)] == []
