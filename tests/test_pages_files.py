"""Files of other kinds on the Data page: logs of parcels, workbooks, archives, hostile headers."""

import datetime as dt
import io
import zipfile

import pandas as pd
import pytest
import xlsxwriter

from data.text import say
from pages.ui import jobs
from tests.test_pages import start
from tests.test_pages_data import BAD, GOOD, HEAD, step, volumes
from tests.uploads import drop


def test_a_map_export_asks_for_what_it_does_not_say():
    head = "@type,@id,@lat,@lon,name,amenity,brand"
    rows = ["node,1,30.2741,120.1551,,parcel_locker,丰巢", "node,2,30.2841,120.1651,菜鸟驿站,post_office,"]
    app = drop(start("data"), {"lockers.csv": "\n".join((head, *rows)).encode()})
    assert not app.exception
    assert say("data.option_needed", "en") in [info.value for info in app.info]
    app.date_input[0].set_value(dt.date(2024, 5, 1))
    app.button(key="read_with").click().run()
    assert not app.exception
    app.button(key="session_only").click().run()
    stations = app.session_state["intake.market"].stations
    assert stations["platform"].tolist() == ["hivebox", "cainiao"]
    assert set(stations["opened"]) == {pd.Timestamp("2024-05-01")}


def test_a_log_of_parcels_is_counted_by_month():
    rows = [f"2025-03-{day:02d} 10:00:00,杭州,菜鸟驿站" for day in range(1, 11)]
    app = drop(start("data"), {"log.csv": "\n".join(("event_time,place,network", *rows)).encode()})
    assert not app.exception
    said = [h.value for h in app.header]
    assert any("10 of 10" in heading and "1 rows" in heading for heading in said)
    assert say("data.take_all", "en", kept=1) in said
    app.button(key="session_only").click().run()
    volumes_of = app.session_state["intake.market"].volumes
    assert volumes_of[["platform", "parcels"]].to_numpy().tolist() == [["cainiao", 10]]


def test_a_workbook_gives_each_of_its_sheets():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        for name, rows in (
            ("件量", [HEAD.split(","), *(row.split(",") for row in GOOD)]),
            ("说明", [["制表人", "张三"]]),
        ):
            sheet = made.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    app = drop(start("data"), {"book.xlsx": book.getvalue()})
    assert not app.exception
    app.button(key="session_only").click().run()
    assert len(app.session_state["intake.market"].volumes) == len(GOOD)


def test_a_file_inside_an_archive_is_read():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/volumes.csv", volumes(*GOOD))
    app = drop(start("data"), {"mine.zip": packed.getvalue()})
    assert not app.exception
    app.button(key="session_only").click().run()
    assert len(app.session_state["intake.market"].volumes) == len(GOOD)


@pytest.mark.parametrize("header", ["row", "posthouse.problem", "![x](http://evil.invalid/x.png)", "=1+1", "A" * 300])
def test_a_hostile_header_is_only_a_header(header):
    rows = (f"{GOOD[0]},x", f"{BAD[0]},x")
    app = drop(start("data"), {"volumes.csv": volumes(*rows, head=f"{HEAD},{header}")})
    assert not app.exception
    for name in ("columns", "mend"):
        step(app, name)
        assert not app.exception, name


def test_a_long_read_is_a_job_whose_result_lands_on_the_page(monkeypatch):
    monkeypatch.setattr(jobs, "SMALL", 0)
    app = drop(start("data"), {"volumes.csv": volumes(*GOOD)})
    for _ in range(600):
        if "jobs.job" not in app.session_state:
            break
        app.session_state["jobs.job"].wait(0.1)
        app.run()
    assert not app.exception
    assert app.button(key="save")


def test_a_stopped_read_says_so_and_can_be_read_again(monkeypatch):
    monkeypatch.setattr(jobs, "SMALL", 0)
    app = drop(start("data"), {"volumes.csv": volumes(*GOOD)})
    job = app.session_state["jobs.job"]
    job.watch.stop()
    assert job.wait(60)
    app.run()
    assert not app.error
    assert say("data.stopped", "en") in [info.value for info in app.info]
    monkeypatch.undo()
    next(b for b in app.button if b.label == say("data.read_again", "en")).click().run()
    assert not app.error
    assert app.button(key="save")


def test_a_file_of_two_encodings_is_refused_and_another_encoding_can_be_named():
    mixed = volumes(*GOOD, encoding="utf-8") + b"\n" + GOOD[0].replace("-01", "-03").encode("gb18030")
    app = drop(start("data"), {"volumes.csv": mixed * 3})
    assert len(app.error) == 1
    before = app.error[0].value
    box = next(box for box in app.selectbox if box.key.startswith("other_"))
    box.set_value("gb18030").run()
    assert not app.exception
    assert [error.value for error in app.error] != [before]


def test_rows_of_two_files_are_not_counted_twice():
    app = drop(start("data"), {"a.csv": volumes(*GOOD), "b.csv": volumes(GOOD[0].replace("120000", "1"))})
    app.button(key="session_only").click().run()
    assert app.error
    assert "intake.market" not in app.session_state
    app.button(key="save").click().run()
    assert app.error
    app.selectbox(key="conflict.en").set_value("old").run()
    app.button(key="save").click().run()
    assert not app.error
    assert app.query_params["market"]


def test_what_is_not_saved_stays_on_the_page():
    lade = (
        "order_id,city,courier_id,lng,lat,accept_time,delivery_time\n1,杭州,7,120.1,30.2,09-14 08:00:00,09-14 10:00:00"
    )
    app = drop(start("data"), {"a.csv": volumes(*GOOD), "log.csv": lade.encode(), "junk.csv": b"\x00\x01" * 500})
    assert say("data.not_taken", "en", names=r"log\.csv") in [caption.value for caption in app.caption]
    app.button(key="save").click().run()
    app.button_group(key="tab.en.data").set_value("upload").run()
    assert not app.exception
    said = " ".join([*(h.value for h in app.header), *(e.value for e in app.error)])
    assert r"log\.csv" in said
    assert r"junk\.csv" in said
    assert r"a\.csv" not in said


def test_a_save_cannot_be_stopped_half_way(monkeypatch):
    app = drop(start("data"), {"volumes.csv": volumes(*GOOD)})
    monkeypatch.setattr(jobs, "SMALL", 0)
    app.button(key="save").click().run()
    assert "cancel" not in {button.key for button in app.button}
    for _ in range(600):
        if "jobs.job" not in app.session_state:
            break
        assert all(b.disabled for b in app.button if b.key and b.key.startswith("remove_"))
        app.session_state["jobs.job"].wait(0.1)
        app.run()
    assert not app.exception
    assert app.query_params["market"]
