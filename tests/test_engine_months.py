"""A log that begins or ends within a month: which months it has a part of, and what is drawn and kept of them."""

import pandas as pd
import pytest

from analysis.views import events as views
from data.engine import count

HEAD = "time,city,network,kind,parcel"


def log(folder, *days):
    """What is counted of a log with three parcels on each of these days."""
    rows = [f"{day} 10:00:00,330100,cainiao,collected,{n}{day}" for day in days for n in range(3)]
    (folder / "log.csv").write_text("\n".join((HEAD, *rows)), "utf-8")
    return count(str(folder / "log.csv"))


@pytest.mark.parametrize(
    ("days", "cut", "whole"),
    [
        (("2025-01-01", "2025-02-14", "2025-03-31"), (), 9),
        (("2025-01-01", "2025-02-14", "2025-03-30"), ("2025-03",), 6),
        (("2025-01-02", "2025-02-14", "2025-03-31"), ("2025-01",), 6),
        (("2025-01-02", "2025-02-14", "2025-03-30"), ("2025-01", "2025-03"), 3),
        (("2024-02-01", "2024-02-29"), (), 6),
        (("2025-06-03", "2025-06-20"), ("2025-06",), 6),
        (("2025-06-03", "2025-07-20"), ("2025-06", "2025-07"), 6),
    ],
)
def test_months_that_are_not_whole_are_known(tmp_path, days, cut, whole):
    found = log(tmp_path, *days)
    assert found.span == (pd.Timestamp(days[0]), pd.Timestamp(days[-1]))
    assert found.cut == tuple(map(pd.Timestamp, cut))
    assert found.whole["parcels"].sum() == whole
    assert found.volumes["parcels"].sum() == 3 * len(days)


def test_events_that_do_not_count_do_not_make_the_log_longer(tmp_path):
    rows = ["2025-01-01 10:00:00,330100,cainiao,collected,1", "2025-01-31 10:00:00,330100,cainiao,collected,2"]
    (tmp_path / "log.csv").write_text("\n".join((HEAD, *rows, "2025-03-05 10:00:00,,cainiao,collected,3")), "utf-8")
    found = count(str(tmp_path / "log.csv"))
    assert found.span == (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-01-31"))
    assert found.cut == ()


def test_a_log_in_which_nothing_counts_has_no_days(tmp_path):
    (tmp_path / "log.csv").write_text("\n".join((HEAD, "2025-03-05 10:00:00,,cainiao,collected,3")), "utf-8")
    found = count(str(tmp_path / "log.csv"))
    assert found.span == found.cut == ()
    assert found.whole.empty


def test_lines_are_of_whole_months_and_the_table_has_all(tmp_path, look):
    found = log(tmp_path, "2025-01-01", "2025-02-14", "2025-03-30")
    view = views.months(found, look)
    assert [list(line.y) for line in view.figure.data] == [[3, 3]]
    assert len(view.table) == 3
    assert view.title == look.say(
        "events.finding_whole", parcels=look.count(6), n=2, name=look.name("cainiao"), share="100.0%"
    )
    assert views.cut(found, look) in view.caption
    assert look.month(pd.Timestamp("2025-03-01")) in view.caption


def test_without_a_whole_month_all_are_drawn(tmp_path, look):
    found = log(tmp_path, "2025-06-03", "2025-07-20")
    view = views.months(found, look)
    assert [list(line.y) for line in view.figure.data] == [[3, 3]]
    assert len(view.table) == 2
    assert views.cut(found, look) in view.caption
    assert "2025-06-03" in view.caption


def test_whole_months_without_a_parcel_are_no_reason_to_draw_nothing(tmp_path, look):
    found = log(tmp_path, "2025-06-03", "2025-08-20")
    view = views.months(found, look)
    assert [list(line.y) for line in view.figure.data] == [[3, 0, 3]]
    assert len(found.whole) == len(found.volumes)
    assert views.cut(found, look) in view.caption


def test_a_whole_month_at_an_end_in_which_nothing_was_collected_is_drawn_as_nothing(tmp_path, look):
    days = ["2025-01-15 10:00:00,330100,cainiao,collected,1", "2025-02-10 10:00:00,330100,cainiao,arrived,2"]
    days += ["2025-03-10 10:00:00,330100,cainiao,collected,2", "2025-04-30 10:00:00,330100,cainiao,collected,3"]
    (tmp_path / "log.csv").write_text("\n".join((HEAD, *days)), "utf-8")
    view = views.months(count(str(tmp_path / "log.csv")), look)
    assert [list(line.y) for line in view.figure.data] == [[0, 1, 1]]
    assert list(view.table.sum(axis=1)) == [1, 0, 1, 1]


def test_one_whole_month_is_told_as_one(tmp_path, look):
    view = views.months(log(tmp_path, "2025-01-01", "2025-02-14"), look)
    wanted = look.say("events.finding_whole_1", parcels=look.count(3), name=look.name("cainiao"), share="100.0%")
    assert view.title == wanted


def test_a_log_of_whole_months_alone_is_told_without_a_word_on_parts(tmp_path, look):
    found = log(tmp_path, "2025-01-01", "2025-01-31")
    view = views.months(found, look)
    assert views.cut(found, look) == ""
    assert view.title == look.say(
        "events.finding_months_1", parcels=look.count(6), name=look.name("cainiao"), share="100.0%"
    )
    assert "part" not in view.caption
