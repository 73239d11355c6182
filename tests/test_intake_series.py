"""What looks odd along the months: gaps, zeros, breaks, units, totals; and that nothing is said of a sound market."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.demo import load
from data.intake import grid, series
from data.intake.cross import FINDING
from data.intake.severity import SEVERITY
from data.record import national_monthly
from data.schema import DATASETS
from data.text import has, say
from tests.made_rows import line, months, volumes

VOLUMES = DATASETS["volumes"]
RUNS = 40
STEADY = [100_000 + 1_000 * (n % 7) for n in range(24)]
CODES = (
    *(
        "months_missing",
        "month_missing_everywhere",
        "zero_run",
        "level_break",
        "unit_jump",
        "unit_fall",
        "more_of_this",
    ),
    *("unit_of_months", "unit_of_column", "unit_of_column_maybe", "total_of_parts", "total_of_origins", "months_apart"),
)


def check(*lines):
    found = series.check(volumes([record for one in lines for record in one]), VOLUMES)
    assert tuple(found.columns) == FINDING
    return found


def said(found, *columns):
    return found[list(columns or ("row", "code", "value"))].to_numpy().tolist()


def changed(at, to):
    return [to if n in at else cell for n, cell in enumerate(STEADY)]


def times(at, factor):
    return [int(cell * factor) if n in at else cell for n, cell in enumerate(STEADY)]


def test_a_steady_series_and_a_growing_one_are_sound():
    growing = [int(3_000 * 1.25**n) for n in range(24)]
    assert check(line("2024-01", STEADY), line("2024-01", growing, platform="sto")).empty
    assert series.check(volumes([]), VOLUMES).empty


# gaps and zeros


SPARSE = st.lists(st.lists(st.booleans(), min_size=10, max_size=10), min_size=1, max_size=5)


@settings(max_examples=RUNS, deadline=None)
@given(SPARSE)
def test_missing_months_against_a_plain_search(held):
    names = ["jd", "sto", "mama", "tuxi", "yunda"]
    lines = [
        line("2024-01", [7 if one else None for one in some], platform=n) for some, n in zip(held, names, strict=False)
    ]
    if not any(lines):
        return
    found = check(*lines)
    text = months("2024-01", 10)
    whole = [n for n in range(10) if any(some[n] for some in held)]
    expected = []
    for some in held:
        inside = [n for n in whole if any(some[:n]) and any(some[n:]) and not some[n]]
        starts = [n for n in inside if whole[whole.index(n) - 1] not in inside]
        for start in starts:
            run = [n for n in inside if n >= start and all(m in inside for m in whole if start <= m <= n)]
            expected.append(text[start] if len(run) == 1 else f"{text[start]}..{text[run[-1]]}")
    assert sorted(found.loc[found["code"] == "months_missing", "value"]) == sorted(expected)


def test_zeros_between_months_with_parcels():
    found = check(line("2024-01", [0, *changed({5, 6, 9}, 0), 0]))
    assert said(found) == [[8, "zero_run", "2024-07..2024-08"], [12, "zero_run", "2024-11"]]
    assert check(line("2024-01", [30, 20, 0, 30, 20, 10])).empty


# levels and units


def test_a_level_that_moves_and_stays():
    found = check(line("2024-01", times(range(12, 24), 4)))
    assert said(found, "row", "code", "low", "other") == [[14, "level_break", "2025-01", "4.1"]]
    down = check(line("2024-01", times(range(12, 24), 0.25)))
    assert said(down, "row", "code", "low") == [[14, "level_break", "2025-01"]]


@pytest.mark.parametrize("cells", [
    times({12}, 4), times({12, 13}, 4), times({12, 13}, 0.2), times(range(12, 24), 2.5),
    [cell // 200 for cell in times(range(12, 24), 4)],
])  # fmt: skip
def test_a_season_a_smaller_move_and_a_small_series_are_no_break(cells):
    assert check(line("2024-01", cells)).empty


@pytest.mark.parametrize("factor", [1e-3, 1e-4, 1e3, 1e4, 1e8])
@pytest.mark.parametrize("at", [{0}, {5}, {5, 6}, {0, 1, 2, 3}, {20, 21, 22, 23}, {3, 4, 9}])
def test_a_unit_off_is_said_at_each_run(factor, at):
    found = check(line("2024-01", times(at, factor)), line("2024-01", STEADY, platform="sto"))
    if (factor, at) == (1e-3, {0}):  # a first month of a few days
        assert found.empty
        return
    code = "unit_jump" if factor > 1 else "unit_fall"
    firsts = [n for n in sorted(at) if n - 1 not in at]
    assert said(found, "row", "code") == [[n + 2, code] for n in firsts]
    assert set(found["other"]) == {f"{max(factor, 1 / factor):,.0f}"}
    text = months("2024-01", 24)
    if len(firsts) == 1:
        last = text[max(at)] if len(at) > 1 else ""
        assert found["low"].iloc[0] == "..".join(filter(None, (text[firsts[0]], last)))


def test_a_unit_off_in_one_source_of_orders_is_said_at_its_row():
    other = line("2024-01", STEADY, origin="JD")
    found = check(line("2024-01", times({5}, 1e-4), origin="Alibaba"), other)
    assert said(found, "row", "code") == [[7, "unit_fall"]]
    found = check(other, line("2024-01", times({5}, 1e-4), origin="Alibaba"))
    assert said(found, "row", "code") == [[31, "unit_fall"]]


@pytest.mark.parametrize("factor", [100, 1e6])
def test_other_powers_of_ten_are_no_unit(factor):
    assert check(line("2024-01", times({5}, factor))).empty


def test_a_month_in_which_most_series_are_off_is_said_once():
    cities = ["330100", "330700", "110000", "310000", "440100", "440300", "320100", "320500", "510100", "500000"]
    off = [line("2024-01", times({5}, 1e-4), city=city) for city in cities]
    found = check(*off)
    assert said(found, "row", "code", "low") == [[7, "unit_of_months", "2024-06"]]
    later = check(*(line("2024-01", times(range(14, 24), 1e4), city=city) for city in cities))
    assert said(later, "row", "code", "low") == [[16, "unit_of_months", "2025-03..2025-12"]]
    few = check(*off[:9], line("2024-01", STEADY, city=cities[9]))
    assert set(few["code"]) == {"unit_fall"}
    assert len(few) == 9


@settings(max_examples=RUNS, deadline=None)
@given(st.lists(st.integers(20_000, 55_000), min_size=3, max_size=30))
def test_moderate_movements_are_never_a_unit(cells):
    assert not set(check(line("2024-01", cells))["code"]) & {"unit_jump", "unit_fall", "level_break"}


# the whole column


def nation(factor, *, cities=None, platforms=("cainiao", "duoduo", "jd", "tuxi", "mama", "sto")):
    """Three months of the nation's parcels, divided among cities by people and among networks evenly."""
    from data.cities import cities as every

    people = every()["population_2020"]
    published = national_monthly().loc["2025-03":"2025-05"]
    return [
        (str(month), city, name, int(total * people[city] / people.sum() / len(platforms) * factor * (1 + rank / 50)))
        for month, total in published.items()
        for city in (cities or people.index)
        for rank, name in enumerate(platforms)
    ]


@pytest.mark.parametrize(("factor", "times"), [(1e-4, "10,000"), (1e-3, "1,000"), (1e4, "10,000"), (2e-4, "10,000")])
def test_a_whole_column_in_another_unit(factor, times):
    found = check(nation(factor))
    assert said(found, "code", "low", "other") == [["unit_of_column", "2025-05", times]]
    assert found["high"].to_list() == ["17,320,000,000"]  # State Post Bureau, May 2025: 173.2 hundred million


@pytest.mark.parametrize("factor", [1, 0.3, 3, 0.01])
def test_a_column_near_the_nation_is_sound(factor):
    assert check(nation(factor)).empty


def test_a_few_cities_are_only_said_when_they_cannot_be():
    two = ["330100", "330700"]
    assert said(check(nation(1e4, cities=two)), "code") == [["unit_of_column_maybe"]]
    assert said(check(nation(1e-4, cities=two)), "code") == [["unit_of_column_maybe"]]
    assert check(nation(15, cities=two)).empty
    assert check(nation(1e-4, cities=two, platforms=("jd",))).empty
    assert check(nation(1e-6, cities=two)).empty  # a sample: no unit is so far off
    assert SEVERITY["unit_of_column_maybe"] == "info"


# totals among parts


def parts(seed, names, **more):
    rng = np.random.default_rng(seed)
    cells = rng.integers(50_000, 150_000, (len(names), 6))
    return cells, [
        line("2024-01", row.tolist(), **{**more, key: name}) for row, (key, name) in zip(cells, names, strict=True)
    ]


def test_a_network_that_is_the_sum_of_the_others():
    cells, lines = parts(1, [("platform", name) for name in ("jd", "sto", "mama", "tuxi")])
    found = check(line("2024-01", cells.sum(axis=0).tolist(), platform="cainiao"), *lines)
    assert said(found, "row", "column", "code", "other") == [[2, "platform", "total_of_parts", "cainiao"]]
    assert check(*lines).empty
    few = [line("2024-01", [100] * 6, platform=name) for name in ("jd", "sto", "mama")]
    assert check(line("2024-01", [300] * 6, platform="cainiao"), *few).empty  # too small to tell
    assert check(line("2024-01", (cells.sum(axis=0) * 1.01).astype(int).tolist(), platform="cainiao"), *lines).empty


def test_a_city_that_is_the_sum_of_its_province():
    cells, lines = parts(2, [("city", name) for name in ("330200", "330300", "330400", "330500")])
    _, others = parts(3, [("city", name) for name in ("440100", "440300", "440400")])
    found = check(line("2024-01", cells.sum(axis=0).tolist(), city="330100"), *lines, *others)
    assert said(found, "row", "column", "code", "other") == [[2, "city", "total_of_parts", "330100"]]


def test_rows_without_an_origin_that_are_the_sum_of_those_with_one():
    cells, lines = parts(4, [("origin", name) for name in ("Alibaba", "JD", "other")])
    found = check(line("2024-01", cells.sum(axis=0).tolist()), *lines)
    assert said(found, "row", "column", "code") == [[2, "origin", "total_of_origins"]]
    assert check(line("2024-01", cells[0].tolist()), *lines).empty
    assert check(
        line("2024-01", cells[0].tolist()), lines[0], line("2024-01", [9] * 6, city="110000", origin="JD")
    ).empty


# the grid, limits, words


def test_rows_of_one_cell_add_up():
    made = grid.lay_out(volumes([("2024-01", "330100", "jd", n, "other") for n in (3, 4, 5)]))
    assert made.total.tolist() == [[12]]


def test_at_most_so_many_of_a_code_and_the_number_of_the_others():
    lines = [
        record
        for city in DEMO_CITIES
        for name in ("jd", "sto", "mama", "tuxi")
        for record in line("2009-01", [9, None, 9], city=city, platform=name)
    ]
    found = check(lines, line("2009-01", [9, 9, 9], platform="home"))
    assert found["code"].value_counts().to_dict() == {"months_missing": grid.MOST, "more_of_this": 1}
    rest = found[found["code"] == "more_of_this"].iloc[0]
    assert (rest["value"], rest["other"]) == (str(len(DEMO_CITIES) * 4 - grid.MOST), "months_missing")


DEMO_CITIES = load().volumes["city"].cat.categories.to_list()


def test_the_illustrative_market_holds_no_fault():
    frame = load().volumes
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False).add_column(0, "row", pa.array(range(2, len(frame) + 2)))
    table = table.set_column(1, "month", table["month"].cast(pa.date32()))
    assert set(series.check(table, VOLUMES)["code"]) <= {"level_break"}


@pytest.mark.parametrize("code", CODES)
def test_codes_have_words_and_spare_their_rows(code):
    assert SEVERITY[code] in ("warning", "info")
    for lang in ("en", "zh"):
        for key in (f"problem.{code}", f"fix.{code}"):
            assert has(key)
            assert "{" not in say(key, lang, **dict.fromkeys(("value", "low", "high", "other", "row"), "1"))


def key_of(record):
    return (*record[:3], record[4])


@settings(max_examples=RUNS, deadline=None)
@given(st.lists(st.tuples(
    st.sampled_from(months("2024-01", 14)), st.sampled_from(["330100", "330700", "110000"]),
    st.sampled_from(["jd", "sto", "mama"]), st.sampled_from([0, 1, 7, 10**4, 10**6, 10**8, 10**11]),
    st.sampled_from(["", "JD", "Alibaba"]),
), min_size=1, max_size=60, unique_by=key_of))  # fmt: skip
def test_any_rows_give_findings_of_rows_of_the_file(records):
    found = check(records)
    assert found["row"].between(2, len(records) + 1).all()
    assert found["row"].is_monotonic_increasing
    assert set(found["code"]) <= set(SEVERITY)
    shuffled = pd.Series(range(len(records))).sample(frac=1, random_state=1).tolist()
    again = check([records[place] for place in shuffled])
    assert sorted(again["code"]) == sorted(found["code"])
